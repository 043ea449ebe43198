"""The studio's window: its page and that page's files, there before anything else is loaded, a web framework included. What
the page asks for then is answered by the app behind it, which is waited for."""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64encode
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from digest.errors import DigestError
from digest.web.studio.guard import POLICY, guarded

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_PAGE = re.compile(r"/|/(threads|issues)/\d+|/file")
_SHEET = re.compile(r'<link rel="stylesheet" href="/studio/([\w.-]+)">')
_FILE = re.compile(r"/studio/([\w.-]+\.(?:css|js|svg))")


class Behind(Protocol):
    """What is behind the window: the answers, and who looks out for saves while the block runs."""

    @property
    def answers(self) -> ASGIApp: ...

    def watching(self) -> AbstractAsyncContextManager[None]: ...


def studio(files: Path, *, opening: asyncio.Future[Behind], asked: asyncio.Event) -> ASGIApp:
    """The app, for a server on the loopback. `files` is the folder of the studio's own pages; `opening` brings the rest, and
    `asked` is set when a page first asks for something that only the rest can answer."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in {"GET", "HEAD"} and (found := _found(files, scope["path"])):
            await _send(found, send)
            return
        asked.set()
        try:
            behind = await asyncio.shield(opening)
        except DigestError as error:  # the command line says it too, and ends
            said = {"what": error.what, "where": error.where, "then": error.then}
            await _send(_Answer(json.dumps(said).encode(), kind="application/json", status=422), send)
        else:
            await behind.answers(scope, receive, send)

    return guarded(answer)


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    kind: str
    status: int = 200
    policy: str = ""


def _found(files: Path, path: str) -> _Answer | None:
    """What of the window stands at this path, as it lies there: an editor of the studio itself sees a save, too. It is read
    at once: a few kilobytes that the system has in memory take less time than handing them to a thread."""
    if _PAGE.fullmatch(path):
        return _page(files)
    named = _FILE.fullmatch(path)  # a name has no slash in it, so there is no way out of the folder
    if not named or not (files / named[1]).is_file():
        return None
    return _Answer((files / named[1]).read_bytes(), kind=f"{guess_type(named[1])[0]}; charset=utf-8")


def _page(files: Path) -> _Answer:
    """The page with its style sheets in it, so that this one answer is enough to paint the window."""
    hashes: list[str] = []

    def sheet(link: re.Match[str]) -> str:
        css = (files / link[1]).read_text(encoding="utf-8")
        hashes.append(b64encode(sha256(css.encode()).digest()).decode())
        return f"<style>{css}</style>"

    html = _SHEET.sub(sheet, (files / "studio.html").read_text(encoding="utf-8"))
    own = " ".join(f"'sha256-{one}'" for one in hashes)
    policy = POLICY.replace("style-src 'self'", f"style-src {own}")
    return _Answer(html.encode(), kind="text/html; charset=utf-8", policy=policy)


async def _send(answer: _Answer, send: Send) -> None:
    headers = {"content-type": answer.kind, "content-length": str(len(answer.body))}
    headers |= {"content-security-policy": answer.policy} if answer.policy else {}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": answer.body})
