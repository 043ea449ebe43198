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
from typing import Protocol

from digest.errors import DigestError, InputError, MailError
from digest.model import Issue, Letter, Outbox, Outcome, Recipient
from digest.store.ledger import Claim, Ledger, Policy

BATCH = 256  # claims fetched at once, one batch ahead of need; a dead worker holds two until their lease ends
CORES = os.cpu_count() or 1


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
    books, troubles = _Books(round_), list[MailError]()
    try:
        async with asyncio.TaskGroup() as group:
            owed = _Owed(round_, group)
            group.create_task(books.keep())
            carriers = [
                group.create_task(_carrier(round_, owed, books, troubles)) for _ in range(round_.outbox.capacity)
            ]
            await asyncio.wait(carriers)
            books.finish()
            left_over = await owed.left_over()
    except* DigestError as several:
        raise several.exceptions[0] from None
    await asyncio.to_thread(round_.ledger.release, left_over, now=round_.now())
    if troubles:
        raise troubles[0]


async def _carrier(round_: Round, owed: _Owed, books: _Books, troubles: list[MailError]) -> None:
    while not (troubles or round_.stop.is_set()) and (claim := await owed.next()):
        if not await books.start(claim):
            continue  # the reader left meanwhile, or another worker took it over
        try:
            async with round_.outbox.carry(owed.letter(claim)) as outcome:
                _refuse_to_go_on(outcome)
                await books.settle(claim, outcome)
        except MailError as trouble:  # the server's, not this letter's: the others finish theirs, then we stop
            troubles.append(trouble)
            await books.settle(claim, Outcome(verdict="temporary", phase="connect", reply=str(trouble)))
        except InputError as unaddressable:
            await books.settle(claim, Outcome(verdict="permanent", phase="address", reply=str(unaddressable)))


def _refuse_to_go_on(outcome: Outcome) -> None:
    """A "never" to MAIL is said to our sender or our login, and no word about the reader: it would be said to all."""
    if outcome.phase == "mail" and outcome.verdict == "permanent" and outcome.code:
        raise MailError(
            f"the server does not take mail from us: {outcome.code} {outcome.reply}",
            then="Check DIGEST_FROM and the SMTP_ settings (a login?); nobody was refused for it.",
        )


class _Owed:
    """The claims in hand, and the next batch of them on its way: claimed, and signed where letters are signed."""

    def __init__(self, round_: Round, group: asyncio.TaskGroup) -> None:
        self._round, self._group = round_, group
        self._claims: deque[Claim] = deque()
        self._signed: dict[Claim, Letter] = {}
        self._refilling = asyncio.Lock()
        self._ahead = group.create_task(self._batch())

    async def next(self) -> Claim | None:
        """A letter to carry; None when nothing is due now."""
        if not self._claims:
            async with self._refilling:
                await self._refill()
        return self._claims.popleft() if self._claims else None

    def letter(self, claim: Claim) -> Letter:
        """Raises InputError for a reader to whom none can be addressed."""
        return self._signed.pop(claim, None) or self._round.press.address(claim.recipient)

    async def left_over(self) -> Sequence[Claim]:
        """What was claimed and never started."""
        return [*self._claims, *await self._ahead]

    async def _refill(self) -> None:
        if not self._claims and (batch := await self._ahead):
            self._claims.extend(batch)
            self._ahead = self._group.create_task(self._batch())

    async def _batch(self) -> Sequence[Claim]:
        claims = await asyncio.to_thread(self._fetch)
        if self._round.press.signs:
            await asyncio.gather(*(asyncio.to_thread(self._sign, claims[core::CORES]) for core in range(CORES)))
        return claims

    def _fetch(self) -> Sequence[Claim]:
        r = self._round
        return r.ledger.claim(r.issue.number, limit=BATCH, now=r.now(), policy=r.policy)

    def _sign(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            with suppress(InputError):  # it is raised again when the letter's turn comes
                self._signed[claim] = self._round.press.address(claim.recipient)


class _Books:
    """The ledger's pen: one commit a turn, for all that finished and all that wants to start meanwhile."""

    def __init__(self, round_: Round) -> None:
        self._round = round_
        self._settled: list[tuple[Claim, Outcome]] = []
        self._starting: list[Claim] = []
        self._waiting: list[tuple[Claim, asyncio.Future[bool]]] = []
        self._work = asyncio.Event()
        self._finished = False

    async def start(self, claim: Claim) -> bool:
        """True once SENDING is durable; False when this letter must not go."""
        self._starting.append(claim)
        return await self._turned(claim)

    async def settle(self, claim: Claim, outcome: Outcome) -> None:
        """Returns once it is durable."""
        self._settled.append((claim, outcome))
        await self._turned(claim)
        self._round.heard(claim, outcome)

    async def _turned(self, claim: Claim) -> bool:
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((claim, answer))
        self._work.set()
        return await answer

    async def keep(self) -> None:
        """Turn after turn, until `finish` was called and the last answer is written."""
        while not self._finished:
            await self._work.wait()
            self._work.clear()
            await self._turn()

    def finish(self) -> None:
        self._finished = True
        self._work.set()

    async def _turn(self) -> None:
        settled, starting, waiting = self._settled, self._starting, self._waiting
        self._settled, self._starting, self._waiting = [], [], []
        going = await asyncio.to_thread(self._write, settled, starting) if waiting else ()
        for claim, answer in waiting:
            answer.set_result(claim in going)

    def _write(self, settled: Sequence[tuple[Claim, Outcome]], starting: Sequence[Claim]) -> frozenset[Claim]:
        r = self._round
        return r.ledger.turn(settled=settled, starting=starting, now=r.now(), policy=r.policy)
