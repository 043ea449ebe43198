"""The studio's window: its page and that page's files, there before anything else is loaded. What the page asks for then is
answered by the app behind it, which is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from mimetypes import guess_type
from pathlib import Path
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.web.studio.guard import Guard
from digest.web.studio.live import Live


class Behind(Protocol):
    """What is behind the window: the answers, and who looks out for saves while the block runs."""

    @property
    def answers(self) -> ASGIApp: ...

    def watching(self) -> AbstractAsyncContextManager[None]: ...


def studio(files: Path, *, live: Live, opening: asyncio.Future[Behind]) -> Starlette:
    """The app, for a server on the loopback. `files` is the folder of the studio's own pages; `opening` brings the rest.
    `live.end()` lets go of the pages that listen when the server stops."""
    window = Window(files)

    async def behind(scope: Scope, receive: Receive, send: Send) -> None:
        await (await asyncio.shield(opening)).answers(scope, receive, send)

    async def events(_: Request) -> Response:
        return StreamingResponse(live.events(), media_type="text/event-stream")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(_watch(opening))
        yield
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    pages = ("/", "/threads/{key:int}", "/issues/{key:int}", "/file")
    return Starlette(
        routes=[
            *(Route(path, window.page) for path in pages),
            Route("/studio/{name}", window.file),
            Route("/live", events),
            Mount("", app=behind),
        ],
        middleware=[Middleware(Guard)],
        lifespan=lifespan,
    )


class Window:
    """Its files, read as they lie there: an editor of the studio itself sees a save, too."""

    def __init__(self, files: Path) -> None:
        self._files = files

    async def page(self, _: Request) -> Response:
        return _file(self._files / "studio.html")

    async def file(self, request: Request) -> Response:
        """One of the studio's own files. A name has no slash in it, so there is no way out of the folder."""
        path = self._files / request.path_params["name"]
        if path.suffix not in {".css", ".js", ".svg"} or not path.is_file():
            raise HTTPException(404)
        return _file(path)


def _file(path: Path) -> Response:
    """At once: a few kilobytes that the system has in memory take less time than handing them to a thread."""
    return Response(path.read_bytes(), media_type=guess_type(path.name)[0])


async def _watch(opening: asyncio.Future[Behind]) -> None:
    async with (await asyncio.shield(opening)).watching():
        await asyncio.Event().wait()
