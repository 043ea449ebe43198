"""Who is owed a letter, who has it, and what the server said. The database's rows are the queue, the lock and the memory.

Every step of a delivery raises its `version`, and only who saw the last one may take the next: a sender that hangs and
wakes up finds its rows moved on, so nothing it says of them counts. The ledger sends nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, func, select
from sqlalchemy.engine.interfaces import DBAPICursor

from digest.errors import NotFound
from digest.model import Kind, Membership, Outcome, Recipient, State, Tally
from digest.store import counters, moves, people
from digest.store.counters import Counters, Step
from digest.store.engine import Database
from digest.store.notes import Notes
from digest.store.policy import UNTRIED, Policy, fate, fate_of_a_crash
from digest.store.script import Line
from digest.store.tables import NEWSLETTER, delivery, issue, milliseconds, subscriber
from digest.store.together import Together
from digest.text import one_line

__all__ = ["Claim", "Delivery", "Ledger", "Policy"]

Key = tuple[int, int, int]  # issue, subscriber, version: `moves.KEYS`
Place = tuple[int, int]  # in the row of what is due: its instant in milliseconds, its subscriber
_START: Place = (-1, 0)
# As the driver gives them: a plain number hashes four times as fast as a State.
PENDING, CLAIMED, SENDING, ACCEPTED = map(int, (State.PENDING, State.CLAIMED, State.SENDING, State.ACCEPTED))
DOUBTFUL, WITHDRAWN, EXPIRED = map(int, (State.DOUBTFUL, State.WITHDRAWN, State.EXPIRED))
UNCERTAIN = int(State.UNCERTAIN)
STATE = 3  # its place in a line of what is left over, released, doubted or settled: after the key
FOLD = 100  # claims after which an issue's steps are folded: a fold of four thousand took 5 MB
PAGE = 1000  # deliveries read at once for a list
REPLY_LIMIT = 500  # characters of a server's answer that are kept


@dataclass(slots=True, kw_only=True, eq=False)
class Claim:
    """A letter in our hand: nobody else may send it while `version` stands. `attempts` counts the earlier tries.

    Like a cloakroom ticket, it equals nothing but itself: comparing values for every letter would cost its time, as
    freezing it would. Nobody changes one.
    """

    issue: int
    recipient: Recipient
    attempts: int
    doubts: int
    doubtful: bool
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One line of the report. `email` is "" for an erased reader, `code` 0 while no server has answered."""

    subscriber_id: int
    email: str
    state: State
    attempts: int
    due_at: datetime | None
    settled_at: datetime | None
    phase: str
    code: int
    enhanced: str
    reply: str


class Due(NamedTuple):
    """A line of `moves.due`."""

    due: int
    subscriber_id: int
    state: int
    version: int
    attempts: int
    doubts: int
    email: str
    epoch: int
    kind: Kind
    membership: str


class Ledger:
    """The ledger of one newsletter. Every method is one transaction, durable when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database
        dialect = database.engine.dialect
        self._moves, self._due, self._counters = moves.moves(dialect), moves.due(dialect), Counters(dialect)
        self._together = None if self.local else Together(dialect)
        self._give_up = moves.give_up(dialect)
        self._try_again = moves.try_again(dialect)
        self._left_over = {alone: moves.left_over(dialect, alone=alone) for alone in (True, False)}
        self._rows: dict[int, int] = {}  # an issue's number to its row, which never changes
        self._in_hand: dict[Claim, int] = {}  # what `keep` holds on to, with its version now
        self._picked: set[tuple[int, int]] = set()  # issue and reader of claims that lie here alone
        self._notes = Notes(database.path) if database.path else None
        self._noted: dict[Claim, Line] = {}  # answers that stand in the notes, as they will be settled
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
                    return [_claim(number, line) for line in due if line.membership == Membership.ACTIVE]
            return []

        claims = self._database.insist_by_hand(step)
        self._picked |= {(id, claim.recipient.id) for claim in claims}
        return claims

    def note(self, claim: Claim, outcome: Outcome, *, now: datetime, policy: Policy) -> bool:
        """Take an answer down where this program's death cannot undo it, long before `turn` settles it.

        False where only the ledger itself will do: on a server, since another machine may have to take over, and when
        the disk took no note.
        """
        if not self._notes:
            return False
        line = self._answer(claim, outcome, now, policy)
        if noted := self._notes.add(line):
            self._noted[claim] = line
        return noted

    def turn_page(self) -> None:
        """All that was noted until now is `settled` in the next turn: what is noted while it runs is not."""
        if self._notes:
            self._notes.turn_page()

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
            taken += [(key[0], _waited(held[key]), SENDING) for key in started]
            if len(started) < len(held):
                left = held.keys() - set(started)
                withdrawn = self._moves.withdraw.move(cursor, sorted(left), {"now": milliseconds(now)})
                taken += [(key[0], _waited(held[key]), WITHDRAWN) for key in withdrawn]
            self._counters.bump(cursor, taken)
            return frozenset(held[key] for key in started)

        going = self._database.insist_by_hand(step)
        if self._notes:
            self._notes.written_down()
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
        if self._notes and not self._noted:
            self._notes.clear()
        if self.local:
            return self._picked.difference_update((self._id(claim.issue), claim.recipient.id) for claim in claims)
        held = [(*key, _waited(claim)) for claim, key in zip(claims, self._held(claims), strict=True)]

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
        noted = list(self._notes.left_behind()) if self._notes and alone else []

        def step(cursor: DBAPICursor) -> Tally:
            settled = self._settle(cursor, noted)
            found = self._left_over[alone].run(cursor, at)
            back = self._moves.release.move(cursor, [_untouched(line) for line in found if line[STATE] == CLAIMED], at)
            under_way = [_doubted(line, now, policy) for line in found if line[STATE] == SENDING]
            doubted = self._moves.doubt.move(cursor, under_way, at)
            taken = [(line[0], CLAIMED, line[STATE]) for line in back]
            self._counters.bump(cursor, [*settled, *taken, *((line[0], SENDING, line[STATE]) for line in doubted)])
            return Tally(counts=dict(Counter(State(line[STATE]) for line in (*back, *doubted))))

        tally = self._database.insist_by_hand(step)
        if self._notes and alone:
            self._notes.clear()
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

    # ── what the ledger says ──────────────────────────────────────────────────────────────────────

    def tally(self, number: int) -> Tally:
        """How many letters of an issue are in each state: one row, however long the list."""
        id = self._id(number)
        return self._database.insist_on_reading(lambda connection: counters.read(connection, id))

    def next_due(self, number: int) -> datetime | None:
        """When the earliest waiting letter of an issue is due; None when none waits."""
        due = delivery.c.due_at
        query = select(func.min(due)).where(delivery.c.issue_id == self._id(number), due.is_not(None))
        earliest: datetime | None = self._database.insist_on_reading(lambda c: c.execute(query).scalar_one())
        return earliest

    def untried(self, number: int) -> bool:
        """Whether an issue owes a letter that was never tried."""
        id = self._id(number)
        with self._database.read() as connection:
            waiting = delivery.c.issue_id == id, delivery.c.due_at.is_not(None)
            first = connection.scalar(
                select(delivery.c.subscriber_id).where(*waiting, delivery.c.attempts == 0).limit(1)
            )
        return first is not None

    def deliveries(self, number: int, state: State | None = None) -> Iterator[Delivery]:
        """Every delivery of an issue, or those in `state`, in the order of joining; a page at a time."""
        last = 0
        while page := self._page(number, state, after=last):
            yield from page
            last = page[-1].subscriber_id

    def _page(self, number: int, state: State | None, *, after: int) -> list[Delivery]:
        id = self._id(number)
        with self._database.read() as connection:
            query = _lines(id).where(delivery.c.subscriber_id > after)
            rows = connection.execute(query if state is None else query.where(delivery.c.state == int(state)))
            return [_delivery(row) for row in rows]

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
            claims = [_claim(number, line) for line in taken if line.membership == Membership.ACTIVE]
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

    def _id(self, number: int) -> int:
        if number not in self._rows:
            query = select(issue.c.id).where(issue.c.newsletter_id == NEWSLETTER, issue.c.number == number)
            found = self._database.insist_on_reading(lambda connection: connection.scalar(query))
            if found is None:
                raise NotFound("there is no such issue", where=str(number), then="See `digest issues` for the numbers.")
            self._rows[number] = found
        return self._rows[number]

    def _held(self, claims: Iterable[Claim]) -> list[Key]:
        """The rows of `claims` as they are while ours, and not started."""
        return [(self._id(c.issue), c.recipient.id, c.version) for c in claims]

    def _answer(self, claim: Claim, outcome: Outcome, now: datetime, policy: Policy) -> Line:
        key = (self._id(claim.issue), claim.recipient.id, claim.version + 1)
        return (*key, *_answer(claim, outcome, now, policy))


def _waited(claim: Claim) -> int:
    """In which state a row was before it was claimed."""
    return DOUBTFUL if claim.doubtful else PENDING


def _untouched(line: Line) -> Line:
    """Of what was left over, one that had not started: it waits as before."""
    *key, _, doubts, crashes = line
    return (*key, DOUBTFUL if doubts + crashes else PENDING)


def _doubted(line: Line, now: datetime, policy: Policy) -> Line:
    *key, _, doubts, crashes = line
    end = fate_of_a_crash(crashes=crashes, doubts=doubts, now=now, policy=policy)
    return (*key, int(end.state), milliseconds(end.due_at) if end.due_at else None)


def _claim(number: int, line: Due) -> Claim:
    return Claim(
        issue=number,
        recipient=Recipient(line.subscriber_id, line.email, line.epoch, line.kind),
        attempts=line.attempts,
        doubts=line.doubts,
        doubtful=line.state == DOUBTFUL,
        version=line.version,
    )


def _answer(claim: Claim, outcome: Outcome, now: datetime, policy: Policy) -> tuple[object, ...]:
    """What an outcome makes of a letter, in the order of `moves.SETTLED`."""
    attempts = claim.attempts + (outcome.phase not in UNTRIED)
    if outcome.verdict == "accepted":  # as nearly all are
        said = (outcome.phase, outcome.code, outcome.enhanced, _kept(outcome.reply))
        return (ACCEPTED, attempts, claim.doubts, None, milliseconds(now), *said)
    end = fate(outcome, attempts=attempts, doubts=claim.doubts, doubtful=claim.doubtful, now=now, policy=policy)
    return (
        int(end.state),
        attempts,
        end.doubts,
        milliseconds(end.due_at) if end.due_at else None,
        None if end.due_at else milliseconds(now),
        outcome.phase,
        outcome.code,
        outcome.enhanced,
        _kept(outcome.reply),
    )


def _kept(reply: str) -> str:
    plain = reply.isascii() and reply.isprintable() and "  " not in reply
    return (reply if plain else one_line(reply))[:REPLY_LIMIT]


def _lines(id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(*delivery.c, subscriber.c.email)
        .select_from(delivery.outerjoin(subscriber, subscriber.c.id == delivery.c.subscriber_id))
        .where(delivery.c.issue_id == id)
        .order_by(delivery.c.subscriber_id)
        .limit(PAGE)
    )


def _delivery(row: Row[*tuple[Any, ...]]) -> Delivery:
    return Delivery(
        subscriber_id=row.subscriber_id,
        email=row.email or "",
        state=State(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        settled_at=row.settled_at,
        phase=row.phase or "",
        code=row.code or 0,
        enhanced=row.enhanced or "",
        reply=row.reply or "",
    )
