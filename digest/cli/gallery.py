"""The pictures of whatever thread is at hand: of one on the shelf from the store, of one that is read where it lies from
memory. Asks the web only where it was told to."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from digest import illustrating
from digest.illustrating import Album, Illustrated
from digest.model import Page, Shelved

if TYPE_CHECKING:
    from digest.sources.web import Web
    from digest.store import Store


class Gallery:
    """`store` and `web` are opened when first needed; `fetches` says whether anybody wants pictures at all."""

    def __init__(
        self, *, store: Callable[[], Store], web: Callable[[], Web], now: Callable[[], datetime], fetches: bool
    ) -> None:
        self._store, self._web, self._now, self._fetches = store, web, now, fetches

    def collect(self, shelved: Shelved, *, offline: bool = False, again: bool = False) -> Illustrated:
        """Have the pictures of a thread on the shelf brought in, as far as they can be had."""
        if not self._fetches:
            return Illustrated(named=0, kept=0)
        web = None if offline else self._web()
        return illustrating.illustrate(shelved, store=self._store(), web=web, now=self._now(), again=again)

    def album(self, shelved: Shelved) -> Album:
        """What a page of the thread may show, as it is kept."""
        return illustrating.album(shelved, store=self._store()) if shelved.id else {}

    def fresh_album(self, shelved: Shelved) -> Album:
        """The same for a page that goes out: what is not kept yet is asked for once more."""
        if shelved.id:
            self.collect(shelved)
        return self.album(shelved)

    def data(self, page: Page) -> dict[str, bytes]:
        """The bytes of the pictures that go along with the page, by their digests."""
        along = [shown for shown in page.pictures if shown.enclosed]
        return illustrating.enclosed(along, store=self._store()) if along else {}

    def hung(self, page: Page) -> Page:
        """The page to be looked at anywhere: its pictures are in it."""
        html = page.html
        for shown in page.pictures:
            if data := self._bytes(shown.picture.digest):
                inside = f"data:image/{shown.picture.kind};base64,{b64encode(data).decode()}"
                html = html.replace(f'src="{shown.src}"', f'src="{inside}"')
        return replace(page, html=html)

    def _bytes(self, digest: str) -> bytes:
        found = self._store().pictures.data(digest)
        return found[1] if found else b""
