"""Who is owed a letter, who has it, and what the server said. The database's rows are the queue, the lock and the memory.

Every step of a delivery raises its `version`, and only who saw the last one may take the next: a sender that hangs and
wakes up finds its rows moved on, so nothing it says of them counts. The ledger sends nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy.engine.interfaces import DBAPICursor

from digest.model import Outcome, State, Tally
from digest.store import moves, people
from digest.store.alone import Alone
from digest.store.books import Books, Delivery
from digest.store.claims import (
    CLAIMED,
    DOUBTFUL,
    EXPIRED,
    FOUND,
    PENDING,
    SENDING,
    START,
    UNCERTAIN,
    Claim,
    Place,
    alike,
    answers,
    claimed,
    doubted,
    place,
    steps,
    untouched,
)
from digest.store.counters import Counters
from digest.store.engine import Database
from digest.store.journal import Journal
from digest.store.policy import Policy
from digest.store.script import Line, Told, folded, unfolded
from digest.store.tables import milliseconds
from digest.store.together import Together

__all__ = ["Claim", "Delivery", "Ledger", "Policy"]

Version = tuple[int, int]  # of an issue's rows: what is told of them where nothing but a key is
FOLD = 100  # claims after which an issue's steps are folded: a fold of four thousand took 5 MB


class Ledger(Books):
    """The ledger of one newsletter, to be written. Every method is one transaction, durable when it returns."""

    def __init__(self, database: Database, *, secret: bytes) -> None:
        super().__init__(database)
        dialect = database.engine.dialect
        self._moves, self._counters = moves.moves(dialect), Counters(dialect)
        self._alone = Alone(dialect, moves=self._moves, counters=self._counters)
        self._together = None if self.local else Together(dialect)
        self._give_up = moves.give_up(dialect)
        self._try_again = moves.try_again(dialect)
        self._left_over = {alone: moves.left_over(dialect, alone=alone) for alone in (True, False)}
        self._in_hand = defaultdict[Version, set[int]](set)  # the readers of what `keep` holds on to
        self._journal = Journal(database.path, secret=secret) if database.path else None
        self._noted = defaultdict[Line, list[int]](list)  # answers that stand in the journal, on its open page
        self._to_settle = defaultdict[Line, list[int]](list)  # those on the page before
        self._ours_until: datetime | None = None  # the earliest end of a lease of ours
        self._reached: dict[int, Place] = {}  # how far our claims came in an issue, where many share a server
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

        def step(cursor: DBAPICursor) -> list[Claim]:
            if self._time_to_fold():
                self._counters.fold(cursor, id)
            return self._alone.claim(cursor, id, limit=limit, now=milliseconds(now))

        claims = self._database.insist_by_hand(step)
        self._alone.pick(claims)
        return claims

    def note(self, heard: Sequence[tuple[Claim, Outcome]], *, now: datetime, policy: Policy) -> bool:
        """Take answers down, all in one write, where this program's death cannot undo them. They need not be told to
        `turn` any more: the first one after the next `turn_page` settles them.

        False where only the ledger itself will do: on a server, since another machine may have to take over, and when
        the disk did not take all of it.
        """
        if not self._journal:
            return False
        told = answers(heard, now=now, policy=policy)
        if noted := self._journal.add(told.items()):
            _add(told.items(), self._noted)
        return noted

    def turn_page(self) -> None:
        """All that was noted until now is settled in the next turn: what is noted while it runs is not."""
        if self._journal:
            self._journal.turn_page()
            _add(self._noted.items(), self._to_settle)  # to what is there still, should the last turn have failed
            self._noted.clear()

    def turn(
        self,
        *,
        settled: Sequence[tuple[Claim, Outcome]],
        starting: Sequence[Claim],
        now: datetime,
        policy: Policy,
    ) -> frozenset[Claim]:
        """Write down the answers to what was sent, the `settled` ones and those that were noted before the page was
        turned, and mark as SENDING what is about to go, in one commit.

        Returns which of `starting` may go: not those whose reader has left (they become WITHDRAWN), nor those that
        another sender took over. The answer to a letter that was taken over is not ours to write any more.
        """
        if self._together:
            return self._turn_together(self._together, settled, starting, now, policy)
        _add(answers(settled, now=now, policy=policy).items(), self._to_settle)
        given = {"now": milliseconds(now), "lease_until": milliseconds(now + policy.lease)}

        def step(cursor: DBAPICursor) -> list[Claim]:
            self._renew(cursor, now, policy)
            return self._alone.turn(cursor, settled=self._to_settle, starting=starting, given=given)

        going = self._database.insist_by_hand(step)
        if self._journal:
            self._journal.written_down()
        self._let_go(self._to_settle)
        self._to_settle.clear()
        self._hold(going, now=now, policy=policy, started=True)
        self._alone.put_back(starting)
        return frozenset(going)

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
        if self._journal and not (self._noted or self._to_settle):
            self._journal.clear()
        if self.local:
            return self._alone.put_back(claims)
        held = {
            (past.issue_id, past.version, past.state): [claim.recipient.id for claim in same]
            for past, same in alike(claims).items()
        }

        def step(cursor: DBAPICursor) -> None:
            back = self._moves.release.move(cursor, held, {"now": milliseconds(now)})
            self._counters.bump(cursor, steps(CLAIMED, back))

        self._database.insist_by_hand(step)
        return self._let_go(held)

    def recover(self, *, now: datetime, policy: Policy, alone: bool) -> Tally:
        """Take over what senders left as they died, and say where those letters now stand.

        `alone`: no other sender can be alive (`Store.sole_sender`), so all that is in hand is left over; else only
        what has outlived its lease. What had not started waits again; what was under way may have arrived. To be
        called while we send nothing ourselves: what a failed run of ours still had in hand is left over like others'.
        """
        self._in_hand.clear()
        self._alone.forget()
        self._reached.clear()
        self._noted.clear()
        self._to_settle.clear()
        self._ours_until = None
        at = {"now": milliseconds(now)}
        noted = defaultdict[Line, list[int]](list)
        if self._journal and alone:
            _add(self._journal.left_behind(), noted)

        def step(cursor: DBAPICursor) -> Tally:
            settled = steps(SENDING, self._moves.settle.move(cursor, noted))
            found = self._left_over[alone].run(cursor, at)
            untried = folded(untouched(line) for line in found if line[FOUND] == CLAIMED)
            under_way = folded(doubted(line, now, policy) for line in found if line[FOUND] == SENDING)
            back = steps(CLAIMED, self._moves.release.move(cursor, untried, at))
            in_doubt = steps(SENDING, self._moves.doubt.move(cursor, under_way, at))
            self._counters.bump(cursor, [*settled, *back, *in_doubt])
            counts = Counter[State]()
            for (_, _, state), times in (*back, *in_doubt):
                counts[State(state)] += times
            return Tally(counts=dict(counts))

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
                self._counters.bump(cursor, [((id, before, after), cursor.rowcount)])

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
                self._counters.bump(cursor, [((id, before, DOUBTFUL), cursor.rowcount)])
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
        """From where the last claim ended, since an old snapshot (a backup) keeps all that is no more due lying on the way
        there. Then once more from the start."""
        id = self._id(number)
        asked = {"id": id, "limit": limit, "now": milliseconds(now), "lease_until": milliseconds(now + policy.lease)}
        if self._time_to_fold():
            self._database.insist_by_hand(lambda cursor: self._counters.fold(cursor, id))
        while True:
            after, beyond = reached = self._reached.get(id, START)
            claim = partial(together.claim, given={**asked, "after": after, "beyond": beyond})
            # Not at once: a plan for any limit at all would read a tenth of what is due, and claims are ahead of need.
            taken = self._database.insist_by_hand(claim)
            self._reached[id] = place(taken)
            claims = claimed(id, taken)
            if claims or not (taken or reached > START):
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
        asked = [(c.past.issue_id, c.recipient.id, c.past.version) for c in starting]
        told = answers(settled, now=now, policy=policy)
        turn = partial(together.turn, settled=unfolded(told), starting=asked, given={"now": milliseconds(now)})
        may = set(self._database.insist_at_once(turn))
        going = [claim for key, claim in zip(asked, starting, strict=True) if key[:2] in may]
        self._hold(going, now=now, policy=policy, started=True)  # first: their leases are no younger than they were
        self._let_go(told)
        self._let_go(folded(asked))
        return frozenset(going)

    # ── within a transaction ──────────────────────────────────────────────────────────────────────

    def _time_to_fold(self) -> bool:
        self._unfolded = (self._unfolded + 1) % FOLD
        return self._unfolded == 0

    def _renew(self, cursor: DBAPICursor, now: datetime, policy: Policy) -> None:
        """A lease that is half over, since nobody called `keep`, is renewed before anything is started under it."""
        if self._ours_until and now > self._ours_until - policy.lease / 2:
            self._keep(cursor, now, policy)

    def _keep(self, cursor: DBAPICursor, now: datetime, policy: Policy) -> None:
        held = {version: list(readers) for version, readers in self._in_hand.copy().items() if readers}
        self._moves.keep.move(cursor, held, {"lease_until": milliseconds(now + policy.lease)})
        self._ours_until = now + policy.lease

    def _hold(self, claims: Sequence[Claim], *, now: datetime, policy: Policy, started: bool = False) -> None:
        if not any(self._in_hand.values()):
            self._ours_until = now + policy.lease
        for past, same in alike(claims).items():
            held = self._in_hand[past.issue_id, past.version + started]
            held.update([claim.recipient.id for claim in same])

    def _let_go(self, told: Told) -> None:
        """What was told of rows begins with their issue and version."""
        for what, readers in told.items():
            self._in_hand[what[0], what[1]].difference_update(readers)


def _add(told: Iterable[tuple[Line, Sequence[int]]], to: dict[Line, list[int]]) -> None:
    for what, readers in told:
        to[what] += readers
