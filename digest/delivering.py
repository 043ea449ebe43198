"""Carries what an issue still owes: claims from the ledger, letters from the press, answers back into the ledger.

The rule it keeps: a delivery is written down as SENDING, durably, before its first byte may leave, and settled after
the answer. It decides nothing else; what an answer means is the ledger's business.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from digest.errors import DigestError, InputError, MailError
from digest.model import Issue, Letter, Outbox, Outcome, Recipient
from digest.store.ledger import Claim, Ledger, Policy

BATCH = 256  # claims fetched at once, one batch ahead of need; a dead worker holds two until their lease ends
CORES = os.cpu_count() or 1
SLOW = 0.02  # seconds for a turn, from which on the wire must not wait for the disk

T = TypeVar("T")


class Press(Protocol):
    """Makes an issue's letter for one reader, the same bytes each time; several threads may ask at once."""

    @property
    def signs(self) -> bool:
        """Whether it signs letters: that takes long, and needs no hand on the rest of the program meanwhile."""
        ...

    def address(self, recipient: Recipient) -> Letter: ...


Heard = Callable[[Claim, Outcome], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one run of `carry` needs: where claims come from, who makes and carries letters, what time it is."""

    issue: Issue
    ledger: Ledger
    press: Press
    outbox: Outbox
    policy: Policy
    now: Callable[[], datetime]
    heard: Heard
    stop: asyncio.Event


async def carry(round_: Round) -> None:
    """Carry until nothing is due or `stop` is set; a letter in flight is always finished.

    Raises MailError when the server as a whole cannot be spoken to (nobody is marked as failed for it), StoreError
    when the ledger cannot be written (then nothing more leaves). Either way the store says what is still owed.
    """
    run = _Run(round_)
    try:
        await run.turns()
    finally:
        left_over = await run.end()
    await asyncio.to_thread(round_.ledger.release, left_over, now=round_.now())
    if run.trouble:
        raise run.trouble


class _Run:
    """Turn after turn: what was answered is settled, what there is room for is started, in one commit; then it goes.

    It is one coroutine with lists: a task and three futures for each letter took a third of the letter's time.
    """

    def __init__(self, round_: Round) -> None:
        self._round = round_
        self._word = asyncio.Event()
        self._pen = _Pen(local=round_.ledger.local)
        self._owed = _Owed(round_, self._pen, self._word.set)
        self._answered: list[_Errand] = []
        self._under_way = 0
        self._called_back = False  # a letter came back untried, and is due again
        self._ended = False
        self.trouble: MailError | None = None

    async def turns(self) -> None:
        """Until nothing is under way any more, and nothing is left to start or nothing more may be."""
        while True:
            starting = [] if self._stopping else self._owed.take(self._room)
            if starting or self._answered:
                await self._turn(starting)
            elif not self._under_way and (self._stopping or self._owed.dry):
                if self._stopping or not self._called_back:
                    return
                self._called_back = False
                self._owed.look_again()
            else:
                self._word.clear()
                await self._word.wait()

    async def end(self) -> Sequence[Claim]:
        """Nothing more leaves, and nothing is written down any more. Returns what was claimed and never started."""
        self._ended = True
        for errand in self._answered:
            errand.written()
        return await self._owed.left_over()

    @property
    def _stopping(self) -> bool:
        return self.trouble is not None or self._round.stop.is_set()

    @property
    def _room(self) -> int:
        """How many may start in this turn: it also frees the places of those that were answered."""
        return self._round.outbox.capacity - self._under_way + len(self._answered)

    async def _turn(self, starting: Sequence[_Errand]) -> None:
        r = self._round
        answered = self._answered[:]  # they stay there until they are written down: who ends has to tell them all
        settled = [(errand.claim, errand.outcome) for errand in answered]
        claims = [errand.claim for errand in starting]
        going = await self._pen.do(
            lambda: r.ledger.turn(settled=settled, starting=claims, now=r.now(), policy=r.policy)
        )
        del self._answered[: len(answered)]
        self._under_way -= len(answered)
        for errand in answered:
            r.heard(errand.claim, errand.outcome)
            errand.written()
        for errand in starting:
            if errand.claim in going:  # else the reader left meanwhile, or another worker took it over
                self._send(errand)

    def _send(self, errand: _Errand) -> None:
        self._under_way += 1
        errand.run = self
        try:
            letter = errand.letter or self._round.press.address(errand.claim.recipient)
        except InputError as unaddressable:
            outcome = Outcome(verdict="permanent", phase="address", reply=str(unaddressable))
            return self.answered(errand, outcome)
        return self._round.outbox.post(letter, errand)

    # ── what an errand asks and tells ─────────────────────────────────────────────────────────────

    def may_go(self) -> bool:
        """Not after the end; nor when we were held up for so long that another worker may have taken it over."""
        return not self._ended and self._round.ledger.ours(now=self._round.now())

    def answered(self, errand: _Errand, outcome: Outcome) -> None:
        errand.outcome = outcome
        self._called_back |= outcome.phase == "connect"
        self._answered.append(errand)
        self._word.set()
        if self._ended:
            asyncio.get_running_loop().call_soon(errand.written)

    def troubled(self, errand: _Errand, trouble: MailError) -> None:
        """The server's trouble, not this letter's: the others finish theirs, then we stop."""
        self.trouble = self.trouble or trouble
        self.answered(errand, Outcome(verdict="temporary", phase="connect", reply=str(trouble)))


class _Errand:
    """One letter that is owed, and its consignor."""

    __slots__ = ("claim", "letter", "outcome", "run", "written")

    def __init__(self, claim: Claim, letter: Letter | None) -> None:
        self.claim = claim
        self.letter = letter  # made ahead, where letters are signed
        self.run: _Run
        self.outcome: Outcome
        self.written: Callable[[], None] = _nothing_to_free

    def may_go(self) -> bool:
        return self.run.may_go()

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


class _Owed:
    """The errands in hand, and the next batch of them on its way: claimed, and signed where letters are signed."""

    def __init__(self, round_: Round, pen: _Pen, ring: Callable[[], None]) -> None:
        self._round, self._pen, self._ring = round_, pen, ring
        self._errands: deque[_Errand] = deque()
        self._ahead = self._fetch_ahead()

    def take(self, room: int) -> list[_Errand]:
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

    def _fetch_ahead(self) -> asyncio.Task[list[_Errand]]:
        task = asyncio.create_task(self._batch())
        task.add_done_callback(lambda _: self._ring())
        return task

    async def _batch(self) -> list[_Errand]:
        r = self._round
        claims = await self._pen.do(lambda: r.ledger.claim(r.issue.number, limit=BATCH, now=r.now(), policy=r.policy))
        errands = [_Errand(claim, None) for claim in claims]
        if r.press.signs:
            await asyncio.gather(*(asyncio.to_thread(self._sign, errands[core::CORES]) for core in range(CORES)))
        return errands

    def _sign(self, errands: Sequence[_Errand]) -> None:
        for errand in errands:
            with suppress(InputError):  # it is raised again when the letter's turn comes
                errand.letter = self._round.press.address(errand.claim.recipient)


class _Pen:
    """Writes in the ledger: right here while that is quick, since handing a turn to a thread and back takes as long as
    SQLite needs for it (measured); in a thread while it is not, so that the wire does not wait for the disk."""

    def __init__(self, *, local: bool) -> None:
        self._local = self._quick = local

    async def do(self, work: Callable[[], T]) -> T:
        clock = asyncio.get_running_loop().time
        began = clock()
        done = work() if self._quick else await asyncio.to_thread(work)
        self._quick = self._local and clock() - began < SLOW
        return done
