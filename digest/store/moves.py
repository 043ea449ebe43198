"""The steps that a delivery can take, as statements over many rows at once. Each matches its rows by primary key and version.

No state stands beside the key in a WHERE: the version implies it, and PostgreSQL would take the partial index for it
and wade through that index's dead entries while an old snapshot is open (measured: twice as slow).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    FromClause,
    Integer,
    Select,
    SmallInteger,
    Text,
    and_,
    bindparam,
    case,
    exists,
    literal,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate, Update

from digest.model import Membership, State
from digest.store.bulk import Shape, rows
from digest.store.policy import Policy
from digest.store.tables import Instant, delivery, subscriber

KEYS: Shape = {"issue_id": BigInteger(), "subscriber_id": BigInteger(), "version": Integer()}
ANSWER: Shape = {
    "state": SmallInteger(),
    "attempts": Integer(),
    "doubts": SmallInteger(),
    "due_at": BigInteger(),  # milliseconds, as `Instant` keeps them
    "settled_at": BigInteger(),
    "phase": Text(),
    "code": SmallInteger(),
    "enhanced": Text(),
    "reply": Text(),
}
SETTLED: Shape = {**KEYS, **ANSWER}

_Moved = ReturningUpdate[Any]
_KEY_AND_STATE = (delivery.c.issue_id, delivery.c.subscriber_id, delivery.c.state)
_NEXT = {"version": delivery.c.version + 1}
_OUT_OF_HAND = {"lease_until": None, **_NEXT}
_WAITING_AGAIN = case((delivery.c.doubts + delivery.c.crashes > 0, int(State.DOUBTFUL)), else_=int(State.PENDING))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """`take`: into our hand. `start`: its bytes may leave now, if the reader is still active. `settle`: the server
    answered. `release`: back, untried. `withdraw`: the reader is gone. `keep`: we are alive and still have it.
    Parameters: the rows, `now`, `lease_until`."""

    take: Update
    start: _Moved
    settle: _Moved
    release: _Moved
    withdraw: _Moved
    keep: Update


def moves(dialect: Dialect) -> Moves:
    keys, answers = rows(KEYS, dialect), rows(SETTLED, dialect)
    now, lease_until = bindparam("now", type_=Instant), bindparam("lease_until", type_=Instant)
    mine = update(delivery).where(_match(keys))
    started = {"state": int(State.SENDING), "attempts": delivery.c.attempts + 1, "lease_until": lease_until, **_NEXT}
    withdrawn = {"state": int(State.WITHDRAWN), "due_at": None, "settled_at": now, **_OUT_OF_HAND}
    settled = {name: answers.c[name] for name in ANSWER}
    return Moves(
        take=mine.values({"state": int(State.CLAIMED), "due_at": None, "lease_until": lease_until, **_NEXT}),
        start=mine.where(_active()).values(started).returning(*_KEY_AND_STATE),
        settle=update(delivery).where(_match(answers)).values(settled | _OUT_OF_HAND).returning(*_KEY_AND_STATE),
        release=mine.values({"state": _WAITING_AGAIN, "due_at": now, **_OUT_OF_HAND}).returning(*_KEY_AND_STATE),
        withdraw=mine.where(~_active()).values(withdrawn).returning(*_KEY_AND_STATE),
        keep=mine.values({"lease_until": lease_until}),
    )


def left_over(silent: ColumnElement[bool], state: State) -> Select[*tuple[Any, ...]]:
    """The letters in this state whose sender has fallen silent. One that hung in the middle of a transaction still locks
    its rows: those are left for the next time, when the server has thrown it out."""
    keys = select(*(delivery.c[name] for name in KEYS)).where(silent, delivery.c.state == state)
    return keys.with_for_update(skip_locked=True)


def doubt(dialect: Dialect, *, now: datetime, policy: Policy) -> _Moved:
    """What was under way when its sender died may have arrived: due at once, or held, or given up after too many."""
    last = delivery.c.crashes + 1 >= policy.crashes
    again = literal(now if policy.doubt == "retry" else None, Instant)
    doubted = {
        "crashes": delivery.c.crashes + 1,
        "state": case((last, int(State.UNCERTAIN)), else_=int(State.DOUBTFUL)),
        "due_at": case((last, literal(None, Instant)), else_=again),
        "settled_at": now,
        **_OUT_OF_HAND,
    }
    return update(delivery).where(_match(rows(KEYS, dialect))).values(doubted).returning(*_KEY_AND_STATE)


def _match(wanted: FromClause) -> ColumnElement[bool]:
    return and_(*(delivery.c[name] == wanted.c[name] for name in KEYS))


def _active() -> ColumnElement[bool]:
    return exists().where(subscriber.c.id == delivery.c.subscriber_id, subscriber.c.membership == Membership.ACTIVE)
