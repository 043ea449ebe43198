"""What an editor may change from the studio: where a thread stands, its words, the order of the queue; and a test mail."""

from __future__ import annotations

import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from digest import shelving
from digest.errors import InputError, UsageError
from digest.model import Shelved, Standing
from digest.text import one_line
from digest.web.studio.handed import Handed
from digest.web.studio.proofs import Proofs

_LONGEST = 500  # characters of a title or subject; a page bounds them further
_BODY = 100_000  # bytes of a request; an order of some thousand threads
_VERDICTS = {"accepted": "accepted", "temporary": "not now", "permanent": "refused", "ambiguous": "in doubt"}


class Changes:
    """Each takes JSON, and answers in it."""

    def __init__(self, handed: Handed, proofs: Proofs) -> None:
        self._handed, self._proofs = handed, proofs

    def routes(self) -> list[Route]:
        return [
            Route("/api/threads/{key}/standing", self.standing, methods=["POST"]),
            Route("/api/threads/{key}/words", self.words, methods=["POST"]),
            Route("/api/order", self.order, methods=["POST"]),
            Route("/api/proofs/{key}/test", self.test, methods=["POST"]),
        ]

    async def standing(self, request: Request) -> Response:
        """{"standing": "pinned" | "held" | "waiting"}"""
        asked = (await _asked(request)).get("standing")
        if asked not in {Standing.PINNED, Standing.HELD, Standing.WAITING}:
            raise InputError("a thread can be pinned, held or waiting", where=repr(asked))
        await run_in_threadpool(self._put, request.path_params["key"], Standing(str(asked)))
        return JSONResponse({})

    def _put(self, key: str, standing: Standing) -> None:
        store = self._handed.store
        shelving.put(shelving.find(key, store=store), standing, store=store)

    async def words(self, request: Request) -> Response:
        """{"title", "subject", "preheader"}: an empty one gives the choice back."""
        asked = await _asked(request)
        title, subject, preheader = (
            one_line(str(asked.get(name, "")))[:_LONGEST] for name in ("title", "subject", "preheader")
        )
        found = await run_in_threadpool(self._unsent, request.path_params["key"])
        await run_in_threadpool(
            self._handed.store.library.set_title, found.id, title=title, subject=subject, preheader=preheader
        )
        return JSONResponse({})

    def _unsent(self, key: str) -> Shelved:
        found = shelving.find(key, store=self._handed.store)
        if found.standing is Standing.PUBLISHED:
            raise UsageError(f"thread {found.id} was already sent, and what was sent stays as it is")
        return found

    async def order(self, request: Request) -> Response:
        """{"threads": [3, 1, 2]}: the pinned, in the order in which they shall go out."""
        asked = (await _asked(request)).get("threads")
        if not isinstance(asked, list) or not all(isinstance(id, int) for id in asked):
            raise InputError("an order is a list of numbers", where=repr(asked)[:80])
        await run_in_threadpool(self._handed.store.library.arrange, asked)
        return JSONResponse({})

    async def test(self, request: Request) -> Response:
        """{"to": "me@example.org"}: a marked test mail, and what the server said to it."""
        to = str((await _asked(request)).get("to", "")).strip()
        shelved = await run_in_threadpool(self._shelved, request.path_params["key"])
        outcome = await self._handed.send_test(shelved, to)
        reply = f"{outcome.code or ''} {outcome.reply}".strip()
        return JSONResponse({"verdict": _VERDICTS[outcome.verdict], "reply": reply})

    def _shelved(self, key: str) -> Shelved:
        return self._proofs.given() if key == "file" else shelving.find(key, store=self._handed.store)


async def _asked(request: Request) -> dict[str, object]:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _BODY:
            raise InputError(f"more than {_BODY:,} bytes of JSON", where="the request")
    return _object(body)


def _object(body: bytes) -> dict[str, object]:
    try:
        asked = json.loads(body)
    except ValueError as error:
        raise InputError(f"is not JSON ({error})", where="the request") from error
    if not isinstance(asked, dict):
        raise InputError("is not an object", where="the request")
    return asked
