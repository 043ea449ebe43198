"""The studio's addresses: its page, what the page shows, and the files to take away. What it changes is in `changes`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from digest.desk import picker
from digest.errors import DigestError, NotFound
from digest.model import Standing
from digest.web.studio import clients, facts
from digest.web.studio.changes import Changes
from digest.web.studio.guard import Guard
from digest.web.studio.handed import Handed
from digest.web.studio.live import Live, watching
from digest.web.studio.proofs import Proof, Proofs

_KINDS = {"html": "text/html", "txt": "text/plain", "mjml": "text/plain", "eml": "message/rfc822"}
_KINDS |= {"pdf": "application/pdf", "png": "image/png"}


def studio(handed: Handed, *, live: Live) -> Starlette:
    """The app, for a server on the loopback. `live.end()` lets go of the pages that listen when the server stops."""
    proofs = Proofs(handed)
    shown, changes = Shown(handed, proofs, live), Changes(handed, proofs)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with watching(handed, proofs, live):
            yield

    pages = ("/", "/threads/{key:int}", "/issues/{key:int}", "/file")
    return Starlette(
        routes=[
            *(Route(path, shown.page) for path in pages),
            Route("/studio/{name}", shown.file),
            Route("/api/shelf", shown.shelf),
            Route("/api/proofs/{key}", shown.proof),
            Route("/api/findings/{key}", shown.findings),
            Route("/frame/{key}", shown.frame),
            Route("/copies/{key}.{kind}", shown.copy),
            Route("/live", shown.events),
            *changes.routes(),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers={DigestError: _refused},
        lifespan=lifespan,
    )


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, DigestError)  # noqa: S101 - Starlette calls this for nothing else
    return JSONResponse(facts.fault(error), status_code=404 if isinstance(error, NotFound) else 422)


class Shown:
    """What the page asks for."""

    def __init__(self, handed: Handed, proofs: Proofs, live: Live) -> None:
        self._handed, self._proofs, self._live = handed, proofs, live

    async def page(self, _: Request) -> Response:
        return FileResponse(self._handed.files / "studio.html")

    async def file(self, request: Request) -> Response:
        """One of the studio's own files. A name has no slash in it, so there is no way out of the folder."""
        path = self._handed.files / request.path_params["name"]
        if path.suffix not in {".css", ".js", ".svg"} or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path)

    async def shelf(self, _: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self._shelf))

    def _shelf(self) -> dict[str, object]:
        store, (name, best, reason) = self._handed.store, self._next()
        threads = store.library.shelf()
        titles = {one.id: one.title for one in threads}
        issues = [
            {"number": number, "title": titles.get(thread, ""), "date": f"{at:%Y-%m-%d}"}
            for number, thread, at in store.issues.listed()
        ]
        return {
            "name": name,
            "next": best and {"id": best, "reason": reason},
            "none": "" if best else reason,
            "threads": [facts.row(one) for one in threads if one.standing is not Standing.PUBLISHED],
            "issues": issues,
            "file": self._handed.given is not None,
        }

    def _next(self) -> tuple[str, int | None, str]:
        """The digest's name, the thread that is next and why; while the settings are wrong, what is wrong with them."""
        try:
            choice = self._proofs.choice()
            best = choice.best.shelved.id if choice.best else None
            return self._handed.desk("").masthead.name, best, picker.reason(choice)
        except DigestError as error:
            return "", None, str(error)

    async def findings(self, request: Request) -> Response:
        found = await run_in_threadpool(self._proofs.findings, await self._made(request))
        return JSONResponse([facts.finding(one) for one in found])

    async def proof(self, request: Request) -> Response:
        made = await self._made(request)
        said = facts.proof(made)
        if made.issue:
            said["delivered"] = facts.delivered(
                await run_in_threadpool(self._handed.store.ledger.tally, made.issue.number)
            )
        return JSONResponse(said)

    async def frame(self, request: Request) -> Response:
        made, view = await self._made(request), _view(request)
        headers = {"Content-Security-Policy": clients.policy(view)}
        return HTMLResponse(await run_in_threadpool(clients.seen, made.page.html, view), headers=headers)

    async def copy(self, request: Request) -> Response:
        """A file to take away. It is never shown in place, since it is not ours to run."""
        made, kind = await self._made(request), request.path_params["kind"]
        data = await run_in_threadpool(self._data, made, kind)
        headers = {
            "Content-Disposition": f'attachment; filename="digest-{made.key}.{kind}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return Response(data, media_type=_KINDS[kind], headers=headers)

    def _data(self, made: Proof, kind: str) -> bytes:
        page = made.page
        texts = {"html": page.html, "txt": page.text, "mjml": page.mjml}
        if kind in texts:
            return texts[kind].encode()
        if kind == "eml":
            return made.letter
        if kind not in self._handed.copies:
            raise NotFound("there is no such kind of copy", where=kind)
        return self._handed.copies[kind](page)

    async def events(self, _: Request) -> Response:
        return StreamingResponse(self._live.events(), media_type="text/event-stream")

    async def _made(self, request: Request) -> Proof:
        return await run_in_threadpool(self._proofs.of, request.path_params["key"])


def _view(request: Request) -> clients.View:
    """The switches; a word that none of them knows is the first one."""
    asked = request.query_params
    return clients.View(
        light=clients.LIGHTS.get(asked.get("light", ""), "light"),
        client=clients.CLIENTS.get(asked.get("client", ""), "modern"),
        images=asked.get("images") != "off",
    )
