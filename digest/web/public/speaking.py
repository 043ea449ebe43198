"""Pages as answers: each with the headers that keep it private, unframed and without script."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digest import archiving
from digest.desk.archive.catalogue import Catalogue
from digest.desk.site import Sheet
from digest.web.public.pieces import Public

_ALWAYS = {"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
_PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class Speaker:
    """Says pages in the site's own look; knows where the site begins, and what its archive holds now."""

    def __init__(self, pieces: Public) -> None:
        self.pieces = pieces
        self.prefix = urlsplit(pieces.press.site.base_url).path.rstrip("/")
        self._lock = threading.Lock()
        self._known: tuple[tuple[int, int], Catalogue] = ((0, 0), Catalogue(()))

    def link(self, name: str) -> str:
        return f"{self.prefix}/{name}"

    def catalogue(self) -> Catalogue:
        """The archive as it is now: read again only when something came or went."""
        edition = self.pieces.press.archive.edition()
        with self._lock:
            if self._known[0] != edition:
                self._known = (edition, archiving.catalogue(self.pieces.press))
            return self._known[1]

    def form(self, template: str, values: Mapping[str, object], *, status: int = 200) -> Response:
        """A page that is nobody else's business: not kept, not indexed."""
        press = self.pieces.press
        lang = press.typesetter.speaks(press.site.lang)
        page = press.typesetter.set(template, {"nowhere": True, **values}, site=press.site, lang=lang, link=self.link)
        return _answer(page, _PRIVATE, status=status)

    def word(
        self,
        page: str,
        *,
        status: int = 200,
        action: str = "",
        other: str = "",
        write: bool = False,
        offer: bool = False,
    ) -> Response:
        """One thing said. `action` is where its button leads (POST), `other` its further link; `write` gives the
        address to write to, `offer` the sign-up form."""
        values = {"page": page, "action": action, "other": other, "write": write, "offer": offer}
        return self.form("word", values, status=status)

    def open(self, page: Sheet, request: Request) -> Response:
        """A page for everybody: a browser keeps it and asks each time whether it still stands, so that a withdrawn one
        is gone at once."""
        return self.lasting(_answer(page, {}), request)

    def lasting(self, response: Response, request: Request) -> Response:
        tag = f'"{sha256(bytes(response.body)).hexdigest()[:24]}"'
        response.headers.update({"ETag": tag, "Cache-Control": "no-cache"})
        if not self.pieces.press.site.listed:
            response.headers["X-Robots-Tag"] = "noindex"
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={"ETag": tag, "Cache-Control": "no-cache"})
        return response


def _answer(page: Sheet, headers: Mapping[str, str], *, status: int = 200) -> Response:
    whole = {**_ALWAYS, "Content-Security-Policy": page.policy, **headers}
    return HTMLResponse(page.html, status_code=status, headers=whole)


def speaker(request: Request) -> Speaker:
    found: Speaker = request.app.state.speaker
    return found
