"""The studio's door: this machine only, by its own name, and changes only from its own pages.

A page on the web can make a browser talk to 127.0.0.1, under a name of its own too (DNS rebinding), so neither the address
nor the port is any protection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAMES = ("127.0.0.1", "localhost", "[::1]")
_SAFE = ("GET", "HEAD")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_RULES = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_HEADERS = {name.lower().encode(): value.encode() for name, value in _RULES.items()}


def guarded(app: ASGIApp) -> ASGIApp:
    """Refuses what the studio's own pages would not ask, and puts the house rules on every answer."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(
                scope["type"]
            )  # so ASGI has it of what an app does not speak: lifespan, websocket
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
        if refusal := refused(scope["method"], headers, port=scope["server"][1]):
            plain = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 403, "headers": plain})
            await send({"type": "http.response.body", "body": refusal.encode()})
        else:
            await app(scope, receive, _with_rules(send))

    return answer


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
            own = dict(message["headers"])
            message = {
                **message,
                "headers": [*message["headers"], *((k, v) for k, v in _HEADERS.items() if k not in own)],
            }
        await send(message)

    return sending
