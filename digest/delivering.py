"""Carries what an issue still owes: claims from the ledger, letters from the press, answers back into the ledger.

The rule it keeps: a delivery is written down as SENDING, durably, before its first byte may leave, and settled after
the answer. It decides nothing else; what an answer means is the ledger's business.
"""

from __future__ import annotations

import asyncio
import gc
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from digest.errands import Errand, Owed, Press, address, make
from digest.errors import InputError, MailError
from digest.model import Issue, Outbox, Outcome
from digest.pacing import AHEAD, BATCH, Pace, Pen
from digest.store.ledger import Claim, Ledger, Policy

SHARE = 0.1  # seconds for which one of several machines claims at once: the less, the more even is the end of a list
TOGETHER = (
    8  # letters that are made at once: one by one, between others' writes, each takes twice as long; but the wire waits
)


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
        with _no_searching_for_cycles():
            await run.turns()
    finally:
        left_over = await run.end()
    await asyncio.to_thread(round_.ledger.release, left_over, now=round_.now())
    if run.trouble:
        raise run.trouble


@contextmanager
def _no_searching_for_cycles() -> Iterator[None]:
    """Letters make none. Python's search for such, among all that a program has loaded, took a fifth of a letter's time."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


class _Run:
    """Turn after turn: what was answered is settled, what is next is started, in one commit, while letters go on.

    It is one coroutine with lists: a task and three futures for each letter took a third of the letter's time.
    """

    def __init__(self, round_: Round) -> None:
        self._round = round_
        self._word = asyncio.Event()
        self._pen = Pen(local=round_.ledger.local)
        self._pace = Pace(haste=round_.policy.doubt == "retry")
        self._owed = Owed(self._claim, ring=self._word.set)
        self._answered: list[Errand] = []  # and not in the ledger yet
        self._answered_at = round_.now()  # the first of those
        self._held = 0  # of those, how many take up their places in the outbox until then
        self._heard: list[Errand] = []  # answered just now, and not even noted
        self._started: deque[Errand] = deque()  # they may go, as soon as the outbox has room
        self._under_way = 0
        self._bug: Exception | None = None
        self._called_back = False  # a letter came back untried, and is due again
        self._ended = False
        self._ours: bool | None = None  # whether what is in hand still is: not looked at yet in this round of the loop
        self.trouble: MailError | None = None

    async def turns(self) -> None:
        """Until nothing is under way any more, and nothing is left to start or nothing more may be."""
        while True:
            if self._bug:
                raise self._bug
            if self._stopping:
                self._recall()
            starting = [] if self._stopping else self._owed.take(self._room)
            if starting or self._ripe:
                await self._turn(starting)
            elif not self._under_way and not self._answered and (self._stopping or self._owed.dry):
                if self._stopping or not self._called_back:
                    return
                self._called_back = False
                self._owed.look_again()
            else:
                self._word.clear()
                await self._word.wait()

    async def _claim(self) -> Sequence[Claim]:
        r = self._round
        limit = BATCH if r.ledger.local else min(BATCH, max(r.outbox.capacity, self._pace.within(SHARE)))
        return await self._pen.do(lambda: r.ledger.claim(r.issue.number, limit=limit, now=r.now(), policy=r.policy))

    async def end(self) -> Sequence[Claim]:
        """Nothing more leaves, and nothing is written into the ledger any more. Returns what was claimed and never started."""
        self._ended = True
        for errand in self._answered:
            errand.freed()
        left_over = await self._owed.left_over()
        self._pen.lay_down()
        return left_over

    @property
    def _stopping(self) -> bool:
        return self.trouble is not None or self._round.stop.is_set()

    @property
    def _room(self) -> int:
        """How many to start in a turn, which also frees the places that are held; none while those that were started
        before suffice for now."""
        free, ahead = self._round.outbox.capacity - self._under_way + self._held, self._pace.ahead
        return max(0, free + ahead - len(self._started)) if len(self._started) <= free + self._pace.low else 0

    @property
    def _ripe(self) -> bool:
        """Answers wait for the ledger, and it is time: somebody waits for that, or it was long enough."""
        return bool(self._answered) and (self._held > 0 or not self._under_way or self._pace.overdue)

    async def _turn(self, starting: Sequence[Errand]) -> None:
        r = self._round
        answered = self._answered[:]  # they stay there until they are written down: who ends has to tell them all
        settled = [(errand.claim, errand.outcome) for errand in answered if errand.held]
        claims = [errand.claim for errand in starting]
        r.ledger.turn_page()
        with self._pace.turn(answers=len(answered)):
            # A few at a time, not a batch at once: a server on this machine would stand still for as long as that takes.
            making = asyncio.create_task(make(starting, press=r.press))
            going = await self._pen.do(
                lambda: r.ledger.turn(settled=settled, starting=claims, now=r.now(), policy=r.policy)
            )
            await making
        del self._answered[: len(answered)]
        for errand in answered:
            if errand.held:
                self._held -= 1
                self._free(errand)
        if self._answered:
            self._wait_for_more()
        # Of the others the reader left meanwhile, or another worker took them over.
        self._started.extend(errand for errand in starting if errand.claim in going)
        self._feed()

    def _feed(self) -> None:
        """Give the outbox what may go, as far as it has room."""
        room = 0 if self._stopping else self._round.outbox.capacity - self._under_way
        for _ in range(min(room, len(self._started))):
            if not self._started[0].letter:
                self._make_ready()
            self._send(self._started.popleft())

    def _make_ready(self) -> None:
        address(islice(self._started, TOGETHER), press=self._round.press)

    def _recall(self) -> None:
        """What was started and did not get to the outbox yet is owed as before."""
        while self._started:
            self._under_way += 1
            self.answered(self._started.popleft(), _RECALLED)

    def _send(self, errand: Errand) -> None:
        self._under_way += 1
        errand.run = self
        try:
            letter = errand.letter or self._round.press.address(errand.claim.recipient)
        except InputError as unaddressable:
            outcome = Outcome(verdict="permanent", phase="address", reply=str(unaddressable))
            return self.answered(errand, outcome)
        return self._round.outbox.post(letter, errand)

    def _hear(self) -> None:
        """All that was answered in one round of the event loop: to note and to replace many at once takes each of
        them half as long as one by one, since the processor has only so much in mind."""
        try:
            if self._ended:
                return self._hear_last()
            with self._round.outbox.together():
                self._note()
                self._feed()
            self._make_ready()  # behind what was written, while that is read
        except Exception as bug:  # nobody waits for this call: `turns` raises it where it is heard
            self._bug = bug
            self._word.set()
        return None

    def _note(self) -> None:
        """Who was answered frees a place as soon as that survives us: at once, or else with the next turn."""
        heard, self._heard = self._heard, []
        if not heard:
            return
        if not self._answered:
            self._wait_for_more()
        self._answered += heard
        noted = self._keep(heard)
        for errand in heard:
            if noted:
                self._free(errand)
            else:
                errand.held = True
                self._held += 1
        if not noted or not self._under_way or len(self._started) <= self._pace.low:
            self._word.set()

    def _keep(self, heard: Sequence[Errand]) -> bool:
        r = self._round
        answers = [(errand.claim, errand.outcome) for errand in heard]
        return r.ledger.note(answers, now=self._answered_at, policy=r.policy)

    def _hear_last(self) -> None:
        """After the end connections break by our own hand: only what was accepted says anything of a letter."""
        heard, self._heard = self._heard, []
        self._keep([errand for errand in heard if errand.outcome.verdict == "accepted"])
        for errand in heard:
            errand.freed()

    def _free(self, errand: Errand) -> None:
        """Its answer survives us: its place in the outbox is free."""
        self._under_way -= 1
        self._round.heard(errand.claim, errand.outcome)
        errand.freed()

    def _wait_for_more(self) -> None:
        """The first answer since the last turn waits for the next no longer than `AHEAD`."""
        self._answered_at = self._round.now()
        asyncio.get_running_loop().call_later(AHEAD, self._word.set)

    # ── what an errand asks and tells ─────────────────────────────────────────────────────────────

    def may_go(self) -> bool:
        """Not after the end; nor when we were held up for so long that another worker may have taken it over, which is
        looked at once in a round of the event loop: two looks for each letter took a thirtieth of its time."""
        if self._ours is None:
            self._ours = self._round.ledger.ours(now=self._round.now())
            asyncio.get_running_loop().call_soon(self._look_again)
        return self._ours and not self._ended

    def _look_again(self) -> None:
        self._ours = None

    def answered(self, errand: Errand, outcome: Outcome) -> None:
        """Not looked at before all that comes with it: see `_hear`."""
        errand.outcome = outcome
        self._called_back |= outcome.phase == "connect"
        if not self._heard:
            asyncio.get_running_loop().call_soon(self._hear)
        self._heard.append(errand)

    def troubled(self, errand: Errand, trouble: MailError) -> None:
        """The server's trouble, not this letter's: the others finish theirs, then we stop."""
        self.trouble = self.trouble or trouble
        self.answered(errand, Outcome(verdict="temporary", phase="connect", reply=str(trouble)))


_RECALLED = Outcome(verdict="temporary", phase="connect", reply="it was called back before it left")
