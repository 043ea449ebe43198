"""What the studio's page shows, and the files to take away. What it changes is in `changes`, its own files in `window`."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from digest.desk import picker
from digest.errors import DigestError, NotFound
from digest.model import Standing
from digest.web.studio import clients, facts
from digest.web.studio.changes import Changes
from digest.web.studio.handed import Handed
from digest.web.studio.live import Live
from digest.web.studio.proofs import Proof, Proofs
from digest.web.studio.watching import watching

_WORDS, _FINDS = 200, 1_000  # characters of a search, threads that it finds
_KINDS = {"html": "text/html", "txt": "text/plain", "mjml": "text/plain", "eml": "message/rfc822"}
_KINDS |= {"pdf": "application/pdf", "png": "image/png"}


class Studio:
    """What is behind the window, put together from what it is handed."""

    def __init__(self, handed: Handed, *, live: Live) -> None:
        self._handed, self._live, self._proofs = handed, live, Proofs(handed)
        shown, changes = Shown(handed, self._proofs), Changes(handed, self._proofs)
        self.answers = Starlette(
            routes=[
                Route("/live", self._events),
                Route("/api/shelf", shown.shelf),
                Route("/api/found", shown.found),
                Route("/api/proofs/{key}", shown.proof),
                Route("/api/letters/{key}", shown.letter),
                Route("/api/findings/{key}", shown.findings),
                Route("/frame/{key}", shown.frame),
                Route("/copies/{key}.{kind}", shown.copy),
                *changes.routes(),
            ],
            exception_handlers={DigestError: _refused},
        )

    async def _events(self, _: Request) -> Response:
        return StreamingResponse(self._live.events(), media_type="text/event-stream")

    def watching(self) -> AbstractAsyncContextManager[None]:
        return watching(self._handed, self._proofs, self._live)


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, DigestError)  # noqa: S101 - Starlette calls this for nothing else
    return JSONResponse(facts.fault(error), status_code=404 if isinstance(error, NotFound) else 422)


class Shown:
    """What the page asks for."""

    def __init__(self, handed: Handed, proofs: Proofs) -> None:
        self._handed, self._proofs = handed, proofs

    async def shelf(self, _: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self._shelf))

    def _shelf(self) -> dict[str, object]:
        store, (name, best, reason) = self._handed.store, self._next()
        threads = store.spines.all()
        titles = {one.id: one.title for one in threads}
        issues = [
            {"number": number, "thread": thread, "title": titles.get(thread, ""), "date": f"{at:%Y-%m-%d}"}
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

    async def found(self, request: Request) -> Response:
        """The numbers of the threads that hold all these words, anywhere in their posts too."""
        words = request.query_params.get("words", "")[:_WORDS]
        hits = await run_in_threadpool(self._handed.store.spines.search, words, at_most=_FINDS)
        return JSONResponse([one.id for one in hits.best])

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
        if made.issue.number:
            said["delivered"] = facts.delivered(
                await run_in_threadpool(self._handed.store.ledger.tally, made.issue.number)
            )
        return JSONResponse(said)

    async def letter(self, request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(facts.letter, await self._made(request)))

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
            return made.letter()
        if kind not in self._handed.copies:
            raise NotFound("there is no such kind of copy", where=kind)
        return self._handed.copies[kind](page)

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
