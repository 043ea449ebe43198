"""Letters that are owed: claimed ahead of need, made many at once, and who hears what became of each. They decide nothing."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from digest.errors import DigestError, InputError, MailError
from digest.model import Letter, Outcome, Recipient
from digest.store.ledger import Claim

CORES = os.cpu_count() or 1
Claiming = Callable[[], Awaitable[Sequence[Claim]]]  # the next batch that is due; an empty one when nothing is


class Press(Protocol):
    """Makes an issue's letter for one reader, the same bytes each time; several threads may ask at once."""

    @property
    def slow(self) -> bool:
        """Whether a letter takes so long to make that other hands should, which need none on the program meanwhile."""
        ...

    def address(self, recipient: Recipient) -> Letter: ...


class Run(Protocol):
    """What an errand asks, and whom it tells."""

    def may_go(self) -> bool: ...

    def answered(self, errand: Errand, outcome: Outcome) -> None: ...

    def troubled(self, errand: Errand, trouble: MailError) -> None: ...


class Errand:
    """One letter that is owed, and its consignor."""

    __slots__ = ("claim", "held", "letter", "outcome", "run", "written")

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.letter: Letter | None = None  # made ahead, with others
        self.run: Run
        self.outcome: Outcome
        self.held = False  # its answer would not survive us, so it takes up its place until the next turn
        self.written: Callable[[], None] = _nothing_to_free

    def may_go(self) -> bool:
        return self.run.may_go()

    def freed(self) -> None:
        """Its place is free again. Nothing leads from here to the connection any more: a circle would lie in memory until
        Python looks for such, which it seldom does here."""
        written, self.written = self.written, _nothing_to_free
        written()

    def answered(self, answer: Outcome | MailError, written: Callable[[], None]) -> None:
        self.written = written
        if isinstance(answer, MailError):
            self.run.troubled(self, answer)
        elif answer.phase == "mail" and answer.verdict == "permanent" and answer.code:
            self.run.troubled(self, _does_not_want_us(answer))
        else:
            self.run.answered(self, answer)


def _nothing_to_free() -> None:
    """No connection took it."""


def _does_not_want_us(answer: Outcome) -> MailError:
    """A "never" to MAIL is said to our sender or our login, and no word about the reader: it would be said to all."""
    return MailError(
        f"the server does not take mail from us: {answer.code} {answer.reply}",
        then="Check DIGEST_FROM and the SMTP_ settings (a login?); nobody was refused for it.",
    )


class Owed:
    """The errands in hand, and the next batch of them on its way."""

    def __init__(self, claim: Claiming, *, ring: Callable[[], None]) -> None:
        self._claim, self._ring = claim, ring
        self._errands: deque[Errand] = deque()
        self._ahead = self._fetch_ahead()

    def take(self, room: int) -> list[Errand]:
        """Up to `room` of them; none while the next batch is still on its way, which rings when it is there."""
        if not self._errands and self._ahead.done() and not self.dry:
            self._errands.extend(self._ahead.result())
            self._ahead = self._fetch_ahead()
        return [self._errands.popleft() for _ in range(min(room, len(self._errands)))]

    @property
    def dry(self) -> bool:
        """Nothing is due now."""
        return not self._errands and self._ahead.done() and not self._ahead.result()

    def look_again(self) -> None:
        """Something may be due again."""
        self._ahead = self._fetch_ahead()

    async def left_over(self) -> Sequence[Claim]:
        with suppress(DigestError):  # it was raised by whoever asked for that batch
            self._errands.extend(await self._ahead)
        return [errand.claim for errand in self._errands]

    def _fetch_ahead(self) -> asyncio.Task[list[Errand]]:
        task = asyncio.create_task(self._batch())
        task.add_done_callback(lambda _: self._ring())
        return task

    async def _batch(self) -> list[Errand]:
        return [Errand(claim) for claim in await self._claim()]


async def make(errands: Sequence[Errand], *, press: Press) -> None:
    """Make the letters of `errands` on all cores, if that takes long."""
    if press.slow:
        shares = [errands[core::CORES] for core in range(min(CORES, len(errands)))]
        await asyncio.gather(*(asyncio.to_thread(address, share, press=press) for share in shares))


def address(errands: Iterable[Errand], *, press: Press) -> None:
    """Make the letters of `errands` that are not made yet."""
    for errand in errands:
        if not errand.letter:
            with suppress(InputError):  # it is raised again when the letter's turn comes
                errand.letter = press.address(errand.claim.recipient)
