"""The pictures of whatever thread is at hand: of one on the shelf from the store, of one that is read where it lies from
memory. Asks the web only where it was told to."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from digest import illustrating
from digest.illustrating import Album, Illustrated
from digest.model import Page, Shelved, Thread

if TYPE_CHECKING:
    from digest.sources.beside import Beside
    from digest.sources.darkroom import Print
    from digest.sources.web import Web
    from digest.store import Store


class Gallery:
    """`store` and `web` are opened when first needed; `fetches` says whether anybody wants pictures at all. Several threads
    may use one: they take turns on the web."""

    def __init__(
        self, *, store: Callable[[], Store], web: Callable[[], Web], now: Callable[[], datetime], fetches: bool
    ) -> None:
        self._store, self._web, self._now, self._fetches = store, web, now, fetches
        self._lock = Lock()
        self._loose: dict[str, Print] = {}
        self._seen: list[Thread] = []  # threads whose pictures are among them
        self._beside: Beside | None = None
        self._offline = True

    def collect(
        self, shelved: Shelved, *, beside: Beside | None = None, offline: bool = False, again: bool = False
    ) -> Illustrated:
        """Have the pictures of a thread on the shelf brought in, as far as they can be had: first from what came along."""
        if not self._fetches:
            return Illustrated(named=0, kept=0)
        with self._lock:
            web = None if offline else self._web()
            return illustrating.illustrate(
                shelved, store=self._store(), web=web, now=self._now(), beside=beside, again=again
            )

    def lay_out(self, *, beside: Beside | None, offline: bool) -> None:
        """Where the pictures of a thread are that is not on the shelf, should anybody want to see them."""
        self._beside, self._offline = beside, offline

    def album(self, shelved: Shelved) -> Album:
        """What a page of the thread may show, as it is kept."""
        if shelved.id:
            return illustrating.album(shelved, store=self._store())
        if self._fetches and shelved.thread not in self._seen:
            with self._lock:
                web = None if self._offline else self._web()
                self._loose |= illustrating.glance(shelved.thread, beside=self._beside, web=web)
                self._seen.append(shelved.thread)
        return {still: print_.picture for still, print_ in self._loose.items()}

    def fresh_album(self, shelved: Shelved) -> Album:
        """The same for a page that goes out: what is not kept yet is asked for once more."""
        if shelved.id:
            self.collect(shelved)
        return self.album(shelved)

    def data(self, page: Page) -> dict[str, bytes]:
        """The bytes of the pictures that go along with the page, by their digests."""
        digests = {shown.picture.digest for shown in page.pictures if shown.enclosed}
        return {digest: data for digest in digests if (data := self._bytes(digest))}

    def hung(self, page: Page) -> Page:
        """The page to be looked at anywhere: its pictures are in it."""
        html = page.html
        for shown in page.pictures:
            if data := self._bytes(shown.picture.digest):
                inside = f"data:image/{shown.picture.kind};base64,{b64encode(data).decode()}"
                html = html.replace(f'src="{shown.src}"', f'src="{inside}"')
        return replace(page, html=html)

    def _bytes(self, digest: str) -> bytes:
        for print_ in self._loose.values():
            if print_.picture.digest == digest:
                return print_.data
        found = self._store().pictures.data(digest)
        return found[1] if found else b""
