"""The app: its addresses, and one friendly page for whatever goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from digest.errors import DigestError
from digest.web.public import links, stacks
from digest.web.public.pieces import Public
from digest.web.public.preferences import Preferences
from digest.web.public.signup import Signup
from digest.web.public.speaking import Speaker, speaker

log = logging.getLogger(__name__)
_BOTH = ["GET", "POST"]
_WORDS = {404: "missing", 405: "method", 413: "large"}


def app(pieces: Public, *, extra: Sequence[BaseRoute] = ()) -> Starlette:
    """The public pages, at the root and at the path of the site's address: a proxy may cut that off or not. `extra`
    routes go before ours."""
    routes = [*extra, *_routes()]
    say = Speaker(pieces)
    handlers = {HTTPException: _refused, DigestError: _failed, Exception: _broken}
    whole = [Mount(say.prefix, routes=routes), *routes] if say.prefix else routes
    made = Starlette(routes=whole, exception_handlers=handlers)  # type: ignore[arg-type] # as its documentation has it
    made.router.redirect_slashes = False
    made.state.speaker = say
    return made


def _routes() -> list[BaseRoute]:
    acts = [Route(f"/{act.path}/{{token}}", partial(links.page, act=act), methods=_BOTH) for act in links.ACTS]
    return [
        Route("/", stacks.index),
        Route("/subscribe", Signup().page, methods=_BOTH),
        Route("/manage/{token}", Preferences().page, methods=_BOTH),
        *acts,
        Route("/latest", stacks.latest),
        Route("/feed.xml", stacks.feed),
        Route("/issues/{number:int}", stacks.issue),
        Route("/issues/{number:int}/", stacks.issue),
        Route("/pictures/{name}", stacks.picture),
        Route("/authors/{slug}", stacks.author),
        Route("/authors/{slug}/", stacks.author),
    ]


# ── what goes wrong ───────────────────────────────────────────────────────────────────────────────


def _refused(request: Request, error: HTTPException) -> Response:
    allowed = dict(error.headers or {})
    if error.status_code == 405 and request.method == "OPTIONS":
        return Response(status_code=204, headers=allowed)
    say, page = speaker(request), _WORDS.get(error.status_code, "missing")
    response = say.word(page, status=error.status_code, other=say.link(""))
    response.headers.update(allowed)
    return response


def _failed(request: Request, error: DigestError) -> Response:
    """The house could not do it now. The reason is for the log, and says nothing of who asked."""
    log.error("a public page failed: %s", error)
    response = speaker(request).word("sorry", status=503, write=True)
    response.headers["Retry-After"] = "120"
    return response


def _broken(request: Request, error: Exception) -> Response:
    """A mistake of this program. The server logs it."""
    return speaker(request).word("sorry", status=500, write=True)
