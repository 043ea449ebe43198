"""What is behind the studio's window, put together from the settings as they stand at each moment."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from digest import publishing
from digest.cli import copies
from digest.cli.drafts import WIDTH, send_test
from digest.cli.house import House, nonce, now
from digest.cli.shelf import read_thread
from digest.desk.shipped import shipped
from digest.drafting import Desk
from digest.errors import SettingsError
from digest.model import Issue, Letterhead, Outcome, Page, Recipient, Shelved

if TYPE_CHECKING:
    from digest.desk.picker import Pick, Weights
    from digest.web.studio import Behind, Live
    from digest.web.studio.handed import Handed, Watched


class Bench:
    """The house behind the studio, furnished anew whenever settings or templates are saved; the store stays open."""

    def __init__(self, house: House, *, given: str = "") -> None:
        """`given` is the file that the command line named."""
        self._house = house
        self._given = given
        self._own = house.settings.digest_templates

    def open(self, live: Live) -> Behind:
        """All that the window does not need, which takes most of the time: the store, the desk, the checks."""
        from digest.web.studio.app import Studio

        return Studio(self._handed(), live=live)

    def _handed(self) -> Handed:
        from digest.web.studio.handed import Handed

        return Handed(
            store=self._house.store,
            weights=self._weights,
            choose=self._choose,
            desk=self._desk,
            head=self._head,
            letter=self._letter,
            filled=self._filled,
            send_test=self._send_test,
            copies={"pdf": _pdf, "png": _png},
            given=self._read_given if self._given else None,
            watched=self._watched,
            renew=self._renew,
            now=now,
            nonce=nonce,
        )

    def _weights(self) -> Weights:
        return self._house.weights()

    def _choose(self, weights: Weights) -> Pick:
        return publishing.choose(self._house.store, now=now(), weights=weights)

    def _desk(self, why: str) -> Desk:
        return self._house.desk(why=why)

    def _head(self) -> Letterhead:
        return self._house.postroom.draft_letterhead()

    def _letter(self, issue: Issue) -> bytes:
        return self._house.postroom.draft_press(issue).address(Recipient(id=1, email="reader@example.org")).data

    def _filled(self, page: Page) -> Page:
        return self._house.filled(page)

    async def _send_test(self, shelved: Shelved, to: str) -> Outcome:
        from digest.mail import addresses

        (outcome,) = await send_test(self._house, shelved, to=[addresses.parse(to)])
        return outcome

    def _read_given(self) -> Shelved:
        return read_thread(self._house, self._given)

    def _renew(self) -> None:
        fresh = House(env_file=self._house.env_file)
        fresh.store = self._house.store
        self._house = fresh

    def _watched(self) -> Watched:
        """While the settings are wrong, the owner's templates are where they were."""
        from digest.web.studio.handed import Watched

        with suppress(SettingsError):
            self._own = self._house.settings.digest_templates
        trees = [shipped(), *([self._own] if self._own and self._own.is_dir() else [])]
        files = [self._house.env_file, *([Path(self._given)] if self._given else [])]
        return Watched(trees=_resolved(trees), files=_resolved(files))


def _resolved(paths: list[Path]) -> tuple[Path, ...]:
    return tuple(path.resolve() for path in paths)


def _pdf(page: Page) -> bytes:
    return copies.to_pdf(page.html, title=page.headline.title)


def _png(page: Page) -> bytes:
    return copies.to_png(page.html, width=WIDTH)
