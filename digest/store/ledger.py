"""Who is owed a letter, who has it, and what the server said. The database's rows are the queue, the lock and the memory.

Every step of a delivery raises its `version`, and only who saw the last one may take the next: a sender that hangs and
wakes up finds its rows moved on, so nothing it says of them counts. The ledger sends nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy.engine.interfaces import DBAPICursor

from digest.model import Membership, Outcome, State, Tally
from digest.store import moves, people
from digest.store.books import Books, Delivery
from digest.store.claims import (
    CLAIMED,
    DOUBTFUL,
    EXPIRED,
    PENDING,
    SENDING,
    STATE,
    UNCERTAIN,
    WITHDRAWN,
    Claim,
    Due,
    answered,
    claimed,
    doubted,
    untouched,
    waited,
)
from digest.store.counters import Counters, Step
from digest.store.engine import Database
from digest.store.journal import Journal
from digest.store.policy import Policy
from digest.store.script import Line
from digest.store.tables import milliseconds
from digest.store.together import Together

__all__ = ["Claim", "Delivery", "Ledger", "Policy"]

Key = tuple[int, int, int]  # issue, subscriber, version: `moves.KEYS`
Place = tuple[int, int]  # in the row of what is due: its instant in milliseconds, its subscriber
_START: Place = (-1, 0)
FOLD = 100  # claims after which an issue's steps are folded: a fold of four thousand took 5 MB


class Ledger(Books):
    """The ledger of one newsletter, to be written. Every method is one transaction, durable when it returns."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        dialect = database.engine.dialect
        self._moves, self._due, self._counters = moves.moves(dialect), moves.due(dialect), Counters(dialect)
        self._together = None if self.local else Together(dialect)
        self._give_up = moves.give_up(dialect)
        self._try_again = moves.try_again(dialect)
        self._left_over = {alone: moves.left_over(dialect, alone=alone) for alone in (True, False)}
        self._in_hand: dict[Claim, int] = {}  # what `keep` holds on to, with its version now
        self._picked: set[tuple[int, int]] = set()  # issue and reader of claims that lie here alone
        self._journal = Journal(database.path) if database.path else None
        self._noted: dict[Claim, Line] = {}  # answers that stand in the journal, as they will be settled
        self._ours_until: datetime | None = None  # the earliest end of a lease of ours
        self._reached: dict[int, Place] = {}  # how far our claims came in an issue
        self._unfolded = 0

    # ── a letter's way out ────────────────────────────────────────────────────────────────────────

    def claim(self, number: int, *, limit: int, now: datetime, policy: Policy) -> Sequence[Claim]:
        """Take up to `limit` letters of an issue that are due, earliest first; none means that nothing is due now.

        They are ours for `policy.lease`. Letters to readers who left meanwhile become WITHDRAWN on the way. Where one
        machine sends alone, a claim is nothing but a note of its own: the row moves when the letter starts.
        """
        if self._together:
            return self._claim_together(self._together, number, limit=limit, now=now, policy=policy)
        id = self._id(number)

        def step(cursor: DBAPICursor) -> Sequence[Claim]:
            while due := self._next_due(cursor, id, now, limit):
                gone = [line for line in due if line.membership != Membership.ACTIVE]
                keys = [(id, line.subscriber_id, line.version) for line in gone]
                self._moves.withdraw.move(cursor, keys, {"now": milliseconds(now)})
                self._counters.bump(cursor, [(id, line.state, WITHDRAWN) for line in gone])
                if len(gone) < len(due):
                    return [claimed(number, line) for line in due if line.membership == Membership.ACTIVE]
            return []

        claims = self._database.insist_by_hand(step)
        self._picked |= {(id, claim.recipient.id) for claim in claims}
        return claims

    def note(self, answers: Sequence[tuple[Claim, Outcome]], *, now: datetime, policy: Policy) -> bool:
        """Take answers down, all in one write, where this program's death cannot undo them, long before `turn` settles
        them.

        False where only the ledger itself will do: on a server, since another machine may have to take over, and when
        the disk did not take all of it.
        """
        if not self._journal:
            return False
        lines = {claim: self._answer(claim, outcome, now, policy) for claim, outcome in answers}
        if noted := self._journal.add(lines.values()):
            self._noted |= lines
        return noted

    def turn_page(self) -> None:
        """All that was noted until now is `settled` in the next turn: what is noted while it runs is not."""
        if self._journal:
            self._journal.turn_page()

    def turn(
        self,
        *,
        settled: Sequence[tuple[Claim, Outcome]],
        starting: Sequence[Claim],
        now: datetime,
        policy: Policy,
    ) -> frozenset[Claim]:
        """Write down the answers to what was sent, and mark as SENDING what is about to go, in one commit.

        Returns which of `starting` may go: not those whose reader has left (they become WITHDRAWN), nor those that
        another sender took over. The answer to a letter that was taken over is not ours to write any more.
        """
        if self._together:
            return self._turn_together(self._together, settled, starting, now, policy)
        answers = [
            self._noted.pop(claim) if claim in self._noted else self._answer(claim, outcome, now, policy)
            for claim, outcome in settled
        ]
        held = dict(zip(self._held(starting), starting, strict=True))
        lease = {"lease_until": milliseconds(now + policy.lease)}

        def step(cursor: DBAPICursor) -> frozenset[Claim]:
            self._renew(cursor, now, policy)
            taken = self._settle(cursor, answers)
            started = self._moves.start.move(cursor, list(held), lease)
            taken += [(key[0], waited(held[key]), SENDING) for key in started]
            if len(started) < len(held):
                left = held.keys() - set(started)
                withdrawn = self._moves.withdraw.move(cursor, sorted(left), {"now": milliseconds(now)})
                taken += [(key[0], waited(held[key]), WITHDRAWN) for key in withdrawn]
            self._counters.bump(cursor, taken)
            return frozenset(held[key] for key in started)

        going = self._database.insist_by_hand(step)
        if self._journal:
            self._journal.written_down()
        self._let_go([*(claim for claim, _ in settled), *(claim for claim in starting if claim not in going)])
        self._hold(going, now=now, policy=policy, started=True)
        self._picked.difference_update((key[0], key[1]) for key in held)
        return going

    @property
    def local(self) -> bool:
        """Whether it is a file of this machine, and no server has to be waited for."""
        return self._database.path is not None

    def ours(self, *, now: datetime) -> bool:
        """Whether no other sender can have taken over by `now` what we have in hand. When we were held up for longer
        than a lease (asleep, stopped) it is no more certain, until a turn or `keep` has looked."""
        return self._ours_until is None or now < self._ours_until

    def keep(self, *, now: datetime, policy: Policy) -> None:
        """We are alive: what this ledger claimed and did not settle stays ours for another `policy.lease`."""
        self._database.insist_by_hand(lambda cursor: self._keep(cursor, now, policy))

    def release(self, claims: Sequence[Claim], *, now: datetime) -> None:
        """Give back what was claimed and never started: it is due at once, for whoever asks."""
        if self._journal and not self._noted:
            self._journal.clear()
        if self.local:
            return self._picked.difference_update((self._id(claim.issue), claim.recipient.id) for claim in claims)
        held = [(*key, waited(claim)) for claim, key in zip(claims, self._held(claims), strict=True)]

        def step(cursor: DBAPICursor) -> None:
            back = self._moves.release.move(cursor, held, {"now": milliseconds(now)})
            self._counters.bump(cursor, [(line[0], CLAIMED, line[STATE]) for line in back])

        self._database.insist_by_hand(step)
        return self._let_go(claims)

    def recover(self, *, now: datetime, policy: Policy, alone: bool) -> Tally:
        """Take over what senders left as they died, and say where those letters now stand.

        `alone`: no other sender can be alive (`Store.sole_sender`), so all that is in hand is left over; else only
        what has outlived its lease. What had not started waits again; what was under way may have arrived. To be
        called while we send nothing ourselves: what a failed run of ours still had in hand is left over like others'.
        """
        self._in_hand.clear()
        self._picked.clear()
        self._reached.clear()
        self._noted.clear()
        self._ours_until = None
        at = {"now": milliseconds(now)}
        noted = list(self._journal.left_behind()) if self._journal and alone else []

        def step(cursor: DBAPICursor) -> Tally:
            settled = self._settle(cursor, noted)
            found = self._left_over[alone].run(cursor, at)
            back = self._moves.release.move(cursor, [untouched(line) for line in found if line[STATE] == CLAIMED], at)
            under_way = [doubted(line, now, policy) for line in found if line[STATE] == SENDING]
            in_doubt = self._moves.doubt.move(cursor, under_way, at)
            taken = [(line[0], CLAIMED, line[STATE]) for line in back]
            self._counters.bump(cursor, [*settled, *taken, *((line[0], SENDING, line[STATE]) for line in in_doubt)])
            return Tally(counts=dict(Counter(State(line[STATE]) for line in (*back, *in_doubt))))

        tally = self._database.insist_by_hand(step)
        if self._journal and alone:
            self._journal.clear()
        return tally

    def give_up(self, number: int, *, now: datetime) -> None:
        """What an issue still owes is not sent any more: a person decided so. What may have arrived stays in doubt."""

        id = self._id(number)

        def step(cursor: DBAPICursor) -> None:
            for before, after in ((PENDING, EXPIRED), (DOUBTFUL, UNCERTAIN)):
                given = {"id": id, "now": milliseconds(now), "before": before, "after": after}
                self._give_up.run(cursor, given)
                self._counters.bump(cursor, Counter({(id, before, after): cursor.rowcount}))

        self._database.insist_by_hand(step)

    def try_again(self, number: int, *, now: datetime) -> int:
        """Letters that may have arrived, and that nobody sends any more, are due once more: a person decided so. Says
        how many."""
        id = self._id(number)

        def step(cursor: DBAPICursor) -> int:
            count = 0
            for before in (DOUBTFUL, UNCERTAIN):
                self._try_again.run(cursor, {"id": id, "now": milliseconds(now), "before": before})
                count += cursor.rowcount
                self._counters.bump(cursor, Counter({(id, before, DOUBTFUL): cursor.rowcount}))
            return count

        return self._database.insist_by_hand(step)

    def blame(self, number: int, *, now: datetime) -> int:
        """Whose letter was refused because there is no such mailbox counts as if it had come back: how many are new."""
        with self._database.write() as connection:
            return people.strike_refused(connection, number, now=now)

    # ── where many share a server ─────────────────────────────────────────────────────────────────

    def _claim_together(
        self, together: Together, number: int, *, limit: int, now: datetime, policy: Policy
    ) -> Sequence[Claim]:
        """From where the last claim ended, and once more from the start: see `_next_due`."""
        id = self._id(number)
        asked = {"id": id, "limit": limit, "now": milliseconds(now), "lease_until": milliseconds(now + policy.lease)}
        if self._time_to_fold():
            self._database.insist_by_hand(lambda cursor: self._counters.fold(cursor, id))
        while True:
            after, beyond = place = self._reached.get(id, _START)
            claim = partial(together.claim, given={**asked, "after": after, "beyond": beyond})
            # Not at once: a plan for any limit at all would read a tenth of what is due, and claims are ahead of need.
            lines = self._database.insist_by_hand(claim)
            taken = [Due._make(line) for line in lines]
            self._reached[id] = max(((line.due, line.subscriber_id) for line in taken), default=_START)
            claims = [claimed(number, line) for line in taken if line.membership == Membership.ACTIVE]
            if claims or not (taken or place > _START):
                self._hold(claims, now=now, policy=policy)
                return claims

    def _turn_together(
        self,
        together: Together,
        settled: Sequence[tuple[Claim, Outcome]],
        starting: Sequence[Claim],
        now: datetime,
        policy: Policy,
    ) -> frozenset[Claim]:
        if self._ours_until and now > self._ours_until - policy.lease / 2:
            self.keep(now=now, policy=policy)
        asked = self._held(starting)
        answers = [self._answer(claim, outcome, now, policy) for claim, outcome in settled]
        turn = partial(together.turn, settled=answers, starting=asked, given={"now": milliseconds(now)})
        started = self._database.insist_at_once(turn)
        may = set(started)
        going = frozenset(claim for key, claim in zip(asked, starting, strict=True) if key[:2] in may)
        self._let_go([*(claim for claim, _ in settled), *(claim for claim in starting if claim not in going)])
        self._hold(going, now=now, policy=policy, started=True)
        return going

    # ── within a transaction ──────────────────────────────────────────────────────────────────────

    def _settle(self, cursor: DBAPICursor, answers: Sequence[Line]) -> list[Step]:
        return [(line[0], SENDING, line[STATE]) for line in self._moves.settle.move(cursor, answers)]

    def _next_due(self, cursor: DBAPICursor, id: int, now: datetime, limit: int) -> Sequence[Due]:
        """From where the last claim ended, since the way there is paved with what is no more due; on PostgreSQL an old
        snapshot (a backup) keeps it all lying there. Then once more from the start."""
        if self._time_to_fold():
            self._counters.fold(cursor, id)
        asked = {"id": id, "now": milliseconds(now)}
        place = self._reached.get(id, _START)
        for (after, beyond), more in {place: 0, _START: len(self._picked)}.items():
            lines = self._due.run(cursor, {**asked, "limit": limit + more, "after": after, "beyond": beyond})
            due = [line for line in map(Due._make, lines) if (id, line.subscriber_id) not in self._picked][:limit]
            if due:
                break
        self._reached[id] = max(((line.due, line.subscriber_id) for line in due), default=_START)
        return due

    def _time_to_fold(self) -> bool:
        self._unfolded = (self._unfolded + 1) % FOLD
        return self._unfolded == 0

    def _renew(self, cursor: DBAPICursor, now: datetime, policy: Policy) -> None:
        """A lease that is half over, since nobody called `keep`, is renewed before anything is started under it."""
        if self._ours_until and now > self._ours_until - policy.lease / 2:
            self._keep(cursor, now, policy)

    def _keep(self, cursor: DBAPICursor, now: datetime, policy: Policy) -> None:
        held = self._in_hand.copy()
        keys = sorted((self._id(claim.issue), claim.recipient.id, version) for claim, version in held.items())
        self._moves.keep.move(cursor, keys, {"lease_until": milliseconds(now + policy.lease)})
        self._ours_until = now + policy.lease

    def _hold(self, claims: Collection[Claim], *, now: datetime, policy: Policy, started: bool = False) -> None:
        if not self._in_hand:
            self._ours_until = now + policy.lease
        self._in_hand |= {claim: claim.version + started for claim in claims}

    def _let_go(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            self._in_hand.pop(claim, None)

    def _held(self, claims: Iterable[Claim]) -> list[Key]:
        """The rows of `claims` as they are while ours, and not started."""
        return [(self._id(c.issue), c.recipient.id, c.version) for c in claims]

    def _answer(self, claim: Claim, outcome: Outcome, now: datetime, policy: Policy) -> Line:
        key = (self._id(claim.issue), claim.recipient.id, claim.version + 1)
        return (*key, *answered(claim, outcome, now, policy))
