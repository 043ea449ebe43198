"""The steps that a delivery can take, each an update of many rows. They are matched by primary key and version.

No state stands beside the key in a WHERE: the version implies it, and PostgreSQL would take the partial index for it
and wade through that index's dead entries while an old snapshot is open (measured: twice as slow).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    Integer,
    Select,
    SmallInteger,
    Text,
    and_,
    bindparam,
    exists,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.sql.dml import Update

from digest.model import Membership, State
from digest.store.bulk import Shape
from digest.store.script import Bulk, Columns, InOne, Script, bulk
from digest.store.tables import delivery, subscriber

KEYS: Shape = {"issue_id": BigInteger(), "subscriber_id": BigInteger(), "version": Integer()}
# What is told of a row beside its key is written into it. Instants are milliseconds, as `Instant` keeps them.
RELEASED: Shape = {**KEYS, "state": SmallInteger()}
DOUBTED: Shape = {**KEYS, "state": SmallInteger(), "due_at": BigInteger()}
SETTLED: Shape = {
    **KEYS,
    "state": SmallInteger(),
    "attempts": Integer(),
    "doubts": SmallInteger(),
    "due_at": BigInteger(),
    "settled_at": BigInteger(),
    "phase": Text(),
    "code": SmallInteger(),
    "enhanced": Text(),
    "reply": Text(),
}
NOW, LEASE = bindparam("now", type_=BigInteger()), bindparam("lease_until", type_=BigInteger())
NEXT = {"version": delivery.c.version + 1}
OUT_OF_HAND = {"lease_until": None, **NEXT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """`start`: its bytes may leave now, if the reader is still active; `lease_until` then it is ours. `settle`: the server
    answered. `release`: back, untried. `withdraw`: the reader is gone. `keep`: we are alive and still have it. `doubt`:
    its sender died while it was under way. Parameters: `now`, `lease_until`."""

    start: Bulk
    settle: Bulk
    release: Bulk
    withdraw: Bulk
    keep: Bulk
    doubt: Bulk


def moves(dialect: Dialect) -> Moves:
    def move(values: Mapping[str, object], *only: ColumnElement[bool], shape: Shape = KEYS) -> Bulk:
        def write(told: Columns) -> Update:
            told_too = {name: column for name, column in told.items() if name not in KEYS}
            return update(delivery).where(match(told), *only).values({**values, **told_too})

        return bulk(shape, dialect, write=write, among=delivery.c.subscriber_id)

    tried = {"state": int(State.SENDING), "attempts": delivery.c.attempts + 1}
    return Moves(
        start=move({**tried, "due_at": None, "lease_until": LEASE, **NEXT}, _active()),
        settle=move(OUT_OF_HAND, shape=SETTLED),
        release=move({"due_at": NOW, **OUT_OF_HAND}, shape=RELEASED),
        withdraw=move({"state": int(State.WITHDRAWN), "due_at": None, "settled_at": NOW, **OUT_OF_HAND}, ~_active()),
        keep=move({"lease_until": LEASE}),
        doubt=move({"crashes": delivery.c.crashes + 1, "settled_at": NOW, **OUT_OF_HAND}, shape=DOUBTED),
    )


def due(dialect: Dialect) -> InOne:
    """On SQLite, up to `limit` letters of the issue `id` that are due `now`, after the place (`after`, `beyond`), with what
    addressing them needs and how they stand (`claims.claimed` reads it). The transaction is their lock."""
    s, first = subscriber.c, chosen().subquery()
    due, subscriber_id, *past = first.c
    readers = first.outerjoin(subscriber, s.id == subscriber_id)
    return InOne((due, subscriber_id, s.email, s.epoch, s.kind, s.membership, *past), readers, dialect)


def chosen() -> Select[*tuple[object, ...]]:
    """The rows of `due`, locked where there are locks: those that another sender is just claiming are passed over. Readers
    are joined to these few: joined before, a small estimate made PostgreSQL sort all that is due."""
    d = delivery.c
    since = type_coerce(d.due_at, BigInteger)
    place = tuple_(bindparam("after", type_=BigInteger()), bindparam("beyond", type_=BigInteger()))
    return (
        select(since.label("due"), d.subscriber_id, d.state, d.version, d.attempts, d.doubts)
        .where(d.issue_id == bindparam("id", type_=BigInteger()), since <= NOW, tuple_(since, d.subscriber_id) > place)
        .order_by(d.due_at, d.subscriber_id)
        .limit(bindparam("limit", type_=Integer()))
        .with_for_update(skip_locked=True)
    )


def left_over(dialect: Dialect, *, alone: bool) -> Script:
    """The letters that a sender had who has fallen silent; all that any sender has when nobody else can be alive.

    One that hung in the middle of a transaction still locks its rows: those are left for the next time, when the server
    has thrown it out.
    """
    d = delivery.c
    silent = d.lease_until.is_not(None) if alone else type_coerce(d.lease_until, BigInteger) <= NOW
    query = select(d.issue_id, d.subscriber_id, d.version, d.state, d.doubts, d.crashes).where(silent)
    return Script(query.with_for_update(skip_locked=True), dialect)


def give_up(dialect: Dialect) -> Script:
    """All letters of the issue `id` that wait in the state `before` end in the state `after`, by a person's hand."""
    waiting = (
        delivery.c.issue_id == bindparam("id", type_=BigInteger()),
        delivery.c.due_at.is_not(None),
        delivery.c.state == bindparam("before", type_=SmallInteger()),
    )
    after = bindparam("after", type_=SmallInteger())
    end = {"state": after, "due_at": None, "settled_at": NOW, "reply": "given up by hand", **NEXT}
    return Script(update(delivery).where(*waiting).values(end), dialect)


def try_again(dialect: Dialect) -> Script:
    """All letters of the issue `id` that wait for a person in the state `before` are due, still in doubt."""
    held = (
        delivery.c.issue_id == bindparam("id", type_=BigInteger()),
        delivery.c.due_at.is_(None),
        delivery.c.lease_until.is_(None),
        delivery.c.state == bindparam("before", type_=SmallInteger()),
    )
    again = {"state": int(State.DOUBTFUL), "due_at": NOW, "settled_at": None, **NEXT}
    return Script(update(delivery).where(*held).values(again), dialect)


def match(told: Columns) -> ColumnElement[bool]:
    return and_(*(delivery.c[name] == told[name] for name in KEYS if name in told))


def _active() -> ColumnElement[bool]:
    active = subscriber.c.membership == Membership.ACTIVE.value
    return exists().where(subscriber.c.id == delivery.c.subscriber_id, active)
