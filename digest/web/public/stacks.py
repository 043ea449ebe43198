"""The archive as pages of the app: what `archiving` makes, with what a browser needs to know of it."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from digest import archiving
from digest.web.public.forms import stamp
from digest.web.public.speaking import Speaker, speaker

_NUMBERS = 2**31
_KEPT = {
    "Cache-Control": "public, max-age=2592000, immutable",  # thirty days: longer than an issue is read
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


def index(request: Request) -> Response:
    """The first page. Its form bears the time, so it is a new one each time."""
    say = speaker(request)
    shown = stamp(say.pieces.key, now=say.pieces.now())
    response = say.open(archiving.index(say.pieces.press, say.catalogue(), link=say.link, stamp=shown), request)
    response.headers["Cache-Control"] = "no-store"
    return response


def issue(request: Request) -> Response:
    say, number = _open(request), request.path_params["number"]
    of = say.catalogue()
    found = of.get(number)
    page = archiving.issue(say.pieces.press, of, found, link=say.link) if found else None
    if page is None:
        if number < _NUMBERS and say.pieces.press.archive.is_withdrawn(number):
            return say.word("withdrawn", status=410, other=say.link(""))
        raise HTTPException(404)
    return say.open(page, request)


def author(request: Request) -> Response:
    say = _open(request)
    writer = say.catalogue().writer(request.path_params["slug"])
    if writer is None:
        raise HTTPException(404)
    return say.open(archiving.author(say.pieces.press, writer, link=say.link), request)


def latest(request: Request) -> Response:
    say = _open(request)
    newest = say.catalogue().newest
    if newest is None:
        raise HTTPException(404)
    return RedirectResponse(say.link(f"issues/{newest.number}"), status_code=302, headers={"Cache-Control": "no-cache"})


def feed(request: Request) -> Response:
    say = _open(request)
    text = archiving.feed(say.pieces.press, say.catalogue(), link=say.link)
    return say.lasting(Response(text, media_type="application/atom+xml"), request)


def picture(request: Request) -> Response:
    """A picture of ours. Its name is made of its bytes, so it never changes and may be kept; but not for ever, since an
    author's wish should reach whoever keeps it."""
    say, name = _open(request), request.path_params["name"]
    found = say.pieces.press.pictures.data(name.partition(".")[0])
    if found is None or found[0].name != name:
        raise HTTPException(404)
    headers = {**_KEPT, "ETag": f'"{found[0].digest}"'}
    if not say.pieces.press.site.listed:
        headers["X-Robots-Tag"] = "noindex"
    if f'"{found[0].digest}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(found[1], media_type=f"image/{found[0].kind}", headers=headers)


def _open(request: Request) -> Speaker:
    say = speaker(request)
    if not say.pieces.press.site.archive:
        raise HTTPException(404)
    return say
