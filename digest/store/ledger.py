"""Who is owed a letter, who has it, and what the server said. The database's rows are the queue, the lock and the memory.

Every step of a delivery raises its `version`, and only who saw the last one may take the next: a sender that hangs and
wakes up finds its rows moved on, so nothing it says of them counts. The ledger sends nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Executable,
    Row,
    Select,
    func,
    literal,
    select,
    tuple_,
    type_coerce,
    update,
)

from digest.errors import NotFound
from digest.model import Membership, Outcome, Recipient, State, Tally
from digest.store import counters, moves
from digest.store.bulk import parameters
from digest.store.counters import Steps, steps
from digest.store.engine import Database
from digest.store.policy import UNTRIED, Policy, fate
from digest.store.tables import NEWSLETTER, delivery, issue, milliseconds, subscriber
from digest.text import one_line

__all__ = ["Claim", "Delivery", "Ledger", "Policy"]

Key = tuple[int, int, int]  # issue, subscriber, version: `moves.KEYS`
Place = tuple[int, int]  # in the row of what is due: its instant in milliseconds, its subscriber
_START: Place = (-1, 0)
FOLD = 500  # claims after which an issue's steps are folded
PAGE = 1000  # deliveries read at once for a list
REPLY_LIMIT = 500  # characters of a server's answer that are kept


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Claim:
    """A letter in our hand: nobody else may send it while `version` stands. `attempts` counts the earlier tries.

    Like a cloakroom ticket, it equals nothing but itself: comparing values for every letter would cost its time.
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


class Ledger:
    """The ledger of one newsletter. Every method is one transaction, durable when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._dialect = database.engine.dialect
        self._moves = moves.moves(self._dialect)
        self._rows: dict[int, int] = {}  # an issue's number to its row, which never changes
        self._in_hand: dict[Claim, int] = {}  # what `keep` holds on to, with its version now
        self._reached: dict[int, Place] = {}  # how far our claims came in an issue
        self._unfolded = 0

    # ── a letter's way out ────────────────────────────────────────────────────────────────────────

    def claim(self, number: int, *, limit: int, now: datetime, policy: Policy) -> Sequence[Claim]:
        """Take up to `limit` letters of an issue that are due, earliest first; none means that nothing is due now.

        They are ours for `policy.lease`. Letters to readers who left meanwhile become WITHDRAWN on the way.
        """

        def step(connection: Connection) -> Sequence[Claim]:
            id = self._id(connection, number)
            while due := self._next_due(connection, id, now, limit):
                active = [row for row in due if row.membership == Membership.ACTIVE]
                gone = [row for row in due if row.membership != Membership.ACTIVE]
                self._move(connection, self._moves.take, _keys(id, active), {"lease_until": now + policy.lease})
                withdrawn = self._move(connection, self._moves.withdraw, _keys(id, gone), {"now": now})
                counters.bump(connection, _taken(id, active) + _given_up(gone, withdrawn))
                if active:
                    return [_claim(number, row) for row in active]
            return []

        claims = self._database.insist(step)
        self._in_hand |= {claim: claim.version for claim in claims}
        return claims

    def turn(
        self, *, settled: Sequence[tuple[Claim, Outcome]], starting: Sequence[Claim], now: datetime, policy: Policy
    ) -> frozenset[Claim]:
        """Write down the answers to what was sent, and mark as SENDING what is about to go, in one commit.

        Returns which of `starting` may go: not those whose reader has left (they become WITHDRAWN), nor those that
        another sender took over. The answer to a letter that was taken over is not ours to write any more.
        """

        def step(connection: Connection) -> frozenset[Claim]:
            answered = self._settle(connection, settled, now, policy)
            held = self._held(connection, starting)
            started = self._move(connection, self._moves.start, held, {"lease_until": now + policy.lease})
            away = {(issue_id, subscriber_id) for issue_id, subscriber_id, _ in started}
            left = self._move(
                connection, self._moves.withdraw, [key for key in held if key[:2] not in away], {"now": now}
            )
            claimed = steps(State.CLAIMED, started) + steps(State.CLAIMED, left)
            counters.bump(connection, steps(State.SENDING, answered) + claimed)
            return frozenset(claim for claim, key in zip(starting, held, strict=True) if key[:2] in away)

        going = self._database.insist(step)
        self._let_go([*(claim for claim, _ in settled), *(claim for claim in starting if claim not in going)])
        self._in_hand |= {claim: claim.version + 1 for claim in going}
        return going

    def keep(self, *, now: datetime, policy: Policy) -> None:
        """We are alive: what this ledger claimed and did not settle stays ours for another `policy.lease`."""
        in_hand = self._in_hand.copy()

        def step(connection: Connection) -> None:
            keys = sorted((self._id(connection, c.issue), c.recipient.id, version) for c, version in in_hand.items())
            self._move(connection, self._moves.keep, keys, {"lease_until": now + policy.lease})

        self._database.insist(step)

    def release(self, claims: Sequence[Claim], *, now: datetime) -> None:
        """Give back what was claimed and never started: it is due at once, for whoever asks."""

        def step(connection: Connection) -> None:
            back = self._move(connection, self._moves.release, self._held(connection, claims), {"now": now})
            counters.bump(connection, steps(State.CLAIMED, back))

        self._database.insist(step)
        self._let_go(claims)

    def recover(self, *, now: datetime, policy: Policy, alone: bool) -> Tally:
        """Take over what senders left as they died, and say where those letters now stand.

        `alone`: no other sender can be alive (`Store.sole_sender`), so all that is in hand is left over; else only
        what has outlived its lease. What had not started waits again; what was under way may have arrived. To be
        called while we send nothing ourselves: what a failed run of ours still had in hand is left over like others'.
        """
        silent = delivery.c.lease_until.is_not(None) if alone else delivery.c.lease_until <= now
        self._in_hand.clear()
        self._reached.clear()

        def step(connection: Connection) -> Tally:
            waiting = _keyed(connection.execute(moves.left_over(silent, State.CLAIMED)))
            under_way = _keyed(connection.execute(moves.left_over(silent, State.SENDING)))
            back = self._move(connection, self._moves.release, waiting, {"now": now})
            doubted = self._move(connection, moves.doubt(self._dialect, now=now, policy=policy), under_way, {})
            counters.bump(connection, steps(State.CLAIMED, back) + steps(State.SENDING, doubted))
            return Tally(counts=dict(Counter(State(row.state) for row in [*back, *doubted])))

        return self._database.insist(step)

    def give_up(self, number: int, *, now: datetime) -> None:
        """What an issue still owes is not sent any more: a person decided so. What may have arrived stays in doubt."""

        def step(connection: Connection) -> None:
            waiting = delivery.c.issue_id == self._id(connection, number), delivery.c.due_at.is_not(None)
            for before, after in ((State.PENDING, State.EXPIRED), (State.DOUBTFUL, State.UNCERTAIN)):
                end = {"state": int(after), "due_at": None, "settled_at": now, "reply": "given up by hand"}
                ending = update(delivery).where(*waiting, delivery.c.state == before)
                ended = ending.values({**end, "version": delivery.c.version + 1}).returning(
                    delivery.c.issue_id, delivery.c.subscriber_id, delivery.c.state
                )
                counters.bump(connection, steps(before, connection.execute(ended).all()))

        self._database.insist(step)

    # ── what the ledger says ──────────────────────────────────────────────────────────────────────

    def tally(self, number: int) -> Tally:
        """How many letters of an issue are in each state: one row, however long the list."""
        with self._database.read() as connection:
            return counters.read(connection, self._id(connection, number))

    def next_due(self, number: int) -> datetime | None:
        """When the earliest waiting letter of an issue is due; None when none waits."""
        with self._database.read() as connection:
            id = self._id(connection, number)
            due = delivery.c.due_at
            query = select(func.min(due)).where(delivery.c.issue_id == id, due.is_not(None))
            earliest: datetime | None = connection.execute(query).scalar_one()
        return earliest

    def untried(self, number: int) -> bool:
        """Whether an issue owes a letter that was never tried."""
        with self._database.read() as connection:
            waiting = delivery.c.issue_id == self._id(connection, number), delivery.c.due_at.is_not(None)
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
        with self._database.read() as connection:
            query = _lines(self._id(connection, number)).where(delivery.c.subscriber_id > after)
            rows = connection.execute(query if state is None else query.where(delivery.c.state == int(state)))
            return [_delivery(row) for row in rows]

    # ── within a transaction ──────────────────────────────────────────────────────────────────────

    def _next_due(self, connection: Connection, id: int, now: datetime, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
        """From where the last claim ended, since the way there is paved with what is no more due; on PostgreSQL an old
        snapshot (a backup) keeps it all lying there. Then once more from the start."""
        self._fold_at_times(connection, id)
        place = self._reached.get(id, _START)
        due = connection.execute(_due(id, now, limit, after=place)).all()
        if not due and place != _START:
            due = connection.execute(_due(id, now, limit, after=_START)).all()
        self._reached[id] = max(((row.due, row.subscriber_id) for row in due), default=_START)
        return due

    def _fold_at_times(self, connection: Connection, id: int) -> None:
        self._unfolded += 1
        if self._unfolded >= FOLD:
            self._unfolded = 0
            counters.fold(connection, id)

    def _let_go(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            self._in_hand.pop(claim, None)

    def _id(self, connection: Connection, number: int) -> int:
        if number not in self._rows:
            query = select(issue.c.id).where(issue.c.newsletter_id == NEWSLETTER, issue.c.number == number)
            found = connection.scalar(query)
            if found is None:
                raise NotFound("there is no such issue", where=str(number), then="See `digest issues` for the numbers.")
            self._rows[number] = found
        return self._rows[number]

    def _held(self, connection: Connection, claims: Sequence[Claim], *, started: int = 0) -> list[Key]:
        """The rows of `claims` as they are while ours; starting one is a step further."""
        return [(self._id(connection, c.issue), c.recipient.id, c.version + started) for c in claims]

    def _move(
        self, connection: Connection, move: Executable, keys: Sequence[Key], more: Mapping[str, datetime]
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """Make a move with the rows that still are at these versions, and return what it returns of them."""
        if not keys:
            return []
        moved = connection.execute(move, parameters(keys, moves.KEYS, self._dialect) | dict(more))
        return moved.all() if moved.returns_rows else []

    def _settle(
        self, connection: Connection, settled: Sequence[tuple[Claim, Outcome]], now: datetime, policy: Policy
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        if not settled:
            return []
        keys = self._held(connection, [claim for claim, _ in settled], started=1)
        rows = [(*key, *_answer(*pair, now, policy)) for key, pair in zip(keys, settled, strict=True)]
        return connection.execute(self._moves.settle, parameters(rows, moves.SETTLED, self._dialect)).all()


def _due(id: int, now: datetime, limit: int, *, after: Place) -> Select[*tuple[Any, ...]]:
    """The letters of an issue that wait after this place, with what addressing them needs. On PostgreSQL they are
    locked, and those that another sender is just claiming are passed over; on SQLite the transaction is the lock.

    Readers are joined to the chosen few: joined before, a small estimate made PostgreSQL sort all that is due.
    """
    d, s = delivery.c, subscriber.c
    due, beyond = type_coerce(d.due_at, BigInteger), tuple_(*(literal(part, BigInteger) for part in after))
    chosen = (
        select(due.label("due"), d.subscriber_id, d.state, d.version, d.attempts, d.doubts)
        .where(d.issue_id == id, d.due_at <= now, tuple_(due, d.subscriber_id) > beyond)
        .order_by(d.due_at, d.subscriber_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .subquery()
    )
    readers = chosen.outerjoin(subscriber, s.id == chosen.c.subscriber_id)
    return select(*chosen.c, s.email, s.epoch, s.membership).select_from(readers)


def _keys(id: int, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Key]:
    return [(id, row.subscriber_id, row.version) for row in rows]


def _keyed(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[Key]:
    return [(issue_id, subscriber_id, version) for issue_id, subscriber_id, version in rows]


def _taken(id: int, rows: Sequence[Row[*tuple[Any, ...]]]) -> Steps:
    return Counter((id, row.state, int(State.CLAIMED)) for row in rows)


def _given_up(gone: Sequence[Row[*tuple[Any, ...]]], withdrawn: Sequence[Row[*tuple[Any, ...]]]) -> Steps:
    """Of those who seemed gone only the `withdrawn`: on PostgreSQL one may have come back since we looked."""
    before = {row.subscriber_id: row.state for row in gone}
    return Counter((issue_id, before[id], state) for issue_id, id, state in withdrawn)


def _claim(number: int, row: Row[*tuple[Any, ...]]) -> Claim:
    _, id, state, version, attempts, doubts, email, epoch, _ = row
    return Claim(
        issue=number,
        recipient=Recipient(id=id, email=email, epoch=epoch),
        attempts=attempts,
        doubts=doubts,
        doubtful=state == State.DOUBTFUL,
        version=version + 1,
    )


def _answer(claim: Claim, outcome: Outcome, now: datetime, policy: Policy) -> tuple[object, ...]:
    """What an outcome makes of a letter, in the order of `moves.ANSWER`."""
    attempts = claim.attempts + (outcome.phase not in UNTRIED)
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
        one_line(outcome.reply)[:REPLY_LIMIT],
    )


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
