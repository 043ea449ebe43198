"""The ledger's two steps where many senders share a server: a claim, and a turn, each one statement.

A turn's is a transaction by itself. As five (begin, two or three moves, the tally's step, commit) it took five round
trips, and each is waited for by every letter whose answer it holds. It does not know what an answer means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Dialect,
    FromClause,
    Integer,
    Select,
    SmallInteger,
    bindparam,
    case,
    cast,
    false,
    func,
    insert,
    literal_column,
    select,
    union_all,
    update,
)
from sqlalchemy.engine.interfaces import DBAPICursor

from digest.model import Membership, State
from digest.store.bulk import literals, rows
from digest.store.moves import KEYS, LEASE, NEXT, NOW, OUT_OF_HAND, SETTLED, chosen, match
from digest.store.script import Given, Line, Script
from digest.store.tables import delivery, step, subscriber

_ISSUE = bindparam("id", type_=BigInteger())
_ANSWERS, _STARTING = "answers", "starting"


class Together:
    """For PostgreSQL alone."""

    def __init__(self, dialect: Dialect) -> None:
        self._claim, self._turn = Script(_claim(), dialect), Script(_turn(), dialect)

    def claim(self, cursor: DBAPICursor, given: Given) -> list[Line]:
        """Take up to `limit` letters of the issue `id` that are due `now`, after the place (`after`, `beyond`), and withdraw
        those of them whose reader left. Returns a line as `moves.due` does for each, earliest first: its state as it was, its
        version as it is."""
        return sorted(self._claim.run(cursor, given))  # by their first two: no two are the same reader's

    def turn(
        self, cursor: DBAPICursor, *, settled: Sequence[Line], starting: Sequence[Line], given: Given
    ) -> list[Line]:
        """Write `settled` down, a line of `moves.SETTLED` each; start those of `starting`, a line of `moves.KEYS` each, whose
        reader is still active, and withdraw the others. Returns the issue and the reader of what may go."""
        told = {**literals(settled, SETTLED, called=_ANSWERS), **literals(starting, KEYS, called=_STARTING)}
        return self._turn.run(cursor, {**told, **given})


def _claim() -> Select[*tuple[Any, ...]]:
    due, s, d = chosen().cte("chosen"), subscriber.c, delivery.c
    readers = due.outerjoin(subscriber, s.id == due.c.subscriber_id)
    known = select(*due.c, s.email, s.epoch, s.kind, s.membership, _active()).select_from(readers).cte("known")
    there = d.issue_id == _ISSUE, d.subscriber_id == known.c.subscriber_id  # locked, so no version need be asked for
    taken = (
        update(delivery)
        .where(*there)
        .values(**_if(known, State.CLAIMED, lease=LEASE), due_at=None)
        .returning(known, d.issue_id, d.state.label("after"), d.version.label("stands"))
        .cte("taken")
    )
    t = taken.c
    line = (t.due, t.subscriber_id, t.email, t.epoch, t.kind, t.membership, t.state, t.stands, t.attempts, t.doubts)
    steps = select(t.issue_id, t.state.label("before"), t.after).subquery("steps")
    return select(*line).add_cte(_counted(steps))


def _turn() -> Select[*tuple[Any, ...]]:
    d, told, asked = delivery.c, rows(SETTLED, called=_ANSWERS), rows(KEYS, called=_STARTING)
    answers = {name: told.c[name] for name in SETTLED if name not in KEYS}
    ended = (
        update(delivery)
        .where(match(dict(told.c.items())))
        .values({**OUT_OF_HAND, **answers})
        .returning(d.issue_id, _is(State.SENDING).label("before"), d.state.label("after"))
        .cte("ended")
    )
    readers = asked.outerjoin(subscriber, subscriber.c.id == asked.c.subscriber_id)
    known = select(*asked.c, _active()).select_from(readers).cte("known")
    started = (
        update(delivery)
        .where(match(dict(known.c.items())))
        .values(**_if(known, State.SENDING, lease=d.lease_until), attempts=d.attempts + cast(known.c.active, Integer))
        .returning(d.issue_id, d.subscriber_id, d.state.label("after"), known.c.active)
        .cte("started")
    )
    begun = select(started.c.issue_id, _is(State.CLAIMED).label("before"), started.c.after)
    steps = union_all(select(*ended.c), begun).subquery("steps")
    going = select(started.c.issue_id, started.c.subscriber_id).where(started.c.active)
    return going.add_cte(_counted(steps))


def _active() -> ColumnElement[bool]:
    """Whether a reader who is joined in is one: False for an erased one, too."""
    return func.coalesce(subscriber.c.membership == Membership.ACTIVE.value, false()).label("active")


def _is(state: State) -> ColumnElement[int]:
    """In the statement's own text: the driver takes a microsecond for a parameter, and these would be forty."""
    return literal_column(str(int(state)), SmallInteger)


def _if(known: CTE, state: State, *, lease: ColumnElement[int]) -> Mapping[str, object]:
    """The next `state` where the reader is active, else WITHDRAWN."""
    active = known.c.active
    return {
        "state": case((active, _is(state)), else_=_is(State.WITHDRAWN)),
        "lease_until": case((active, lease), else_=None),
        "settled_at": case((active, delivery.c.settled_at), else_=NOW),
        **NEXT,
    }


def _counted(steps: FromClause) -> CTE:
    """The tally's part: what came to each state less what left it, a row for each issue."""
    deltas = {
        state.name.lower(): func.count().filter(steps.c.after == _is(state))
        - func.count().filter(steps.c.before == _is(state))
        for state in State
    }
    sums = select(steps.c.issue_id, *deltas.values()).group_by(steps.c.issue_id)
    return insert(step).from_select(["issue_id", *deltas], sums).cte("counted")
