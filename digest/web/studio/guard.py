"""The studio's door: this machine only, by its own name, and changes only from its own pages.

A page on the web can make a browser talk to 127.0.0.1, under a name of its own too (DNS rebinding), so neither the address
nor the port is any protection.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAMES = ("127.0.0.1", "localhost", "[::1]")
_SAFE = ("GET", "HEAD")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Refuses what the studio's own pages would not ask, and puts the house rules on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = refused(scope["method"], Headers(scope=scope), port=scope["server"][1])
        if refusal:
            await PlainTextResponse(refusal, status_code=403)(scope, receive, send)
        else:
            await self._app(scope, receive, _with_rules(send))


def refused(method: str, headers: Mapping[str, str], *, port: int) -> str:
    """Why a request may not be answered; "" when it may. `headers` by their names in lower case.

    Origin and Fetch Metadata: https://www.w3.org/TR/fetch-metadata/. Browsers send Origin with every POST; what sends
    none is no page of ours.
    """
    host = headers.get("host", "")
    if host not in {f"{name}:{port}" for name in NAMES}:
        return f"The studio answers at 127.0.0.1:{port} only, and not as {host or 'nobody'}."
    foreign = headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
    if method in _SAFE:
        # A link on another page may lead here, but no other page may build these answers into itself.
        embedded = headers.get("sec-fetch-mode") != "navigate" or headers.get("sec-fetch-dest") != "document"
        return "Another site asked for this." if foreign and embedded else ""
    if foreign or headers.get("origin") != f"http://{host}":
        return "Only the studio's own page may change anything here."
    kind = headers.get("content-type", "").partition(";")[0]
    return "" if kind == "application/json" else "A change is asked for in JSON."


def _with_rules(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
