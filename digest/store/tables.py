"""What the store remembers, as tables. The migrations make them; nothing here touches a database.

Every row belongs to a newsletter, by its own key or through its issue or subscriber. Instants are whole
milliseconds since 1970 in UTC: one form on both engines, small, and with no zone to be wrong about.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

from digest.model import Letterhead, Page, State, Thread

NEWSLETTER = 1  # the one newsletter that a store holds today; the first migration makes its row
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as milliseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else milliseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + value * _MILLISECOND


def milliseconds(at: datetime) -> int:
    """As `Instant` keeps it. A naive datetime is a mistake, and raises TypeError."""
    return (at - _EPOCH) // _MILLISECOND


class Document(TypeDecorator[Any]):
    """One of the model's values, whole, as JSON."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: type) -> None:
        super().__init__()
        self.kind = kind  # SQLAlchemy's cache tells two of these types apart by it
        self._adapter: TypeAdapter[object] = TypeAdapter(kind)

    def process_bind_param(self, value: object, dialect: Dialect) -> object:
        return self._adapter.dump_python(value, mode="json")

    def process_result_value(self, value: object, dialect: Dialect) -> object:
        return self._adapter.validate_python(value)


Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER key
metadata = MetaData()


def _newsletter() -> Column[int]:
    return Column("newsletter_id", Integer, ForeignKey("newsletter.id"), nullable=False)


newsletter = Table(
    "newsletter",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("moved_to", Text),  # where `digest move` carried this store, which then is only a memory
)

thread = Table(
    "thread",
    metadata,
    Column("id", Id, primary_key=True),
    _newsletter(),
    Column("key", Text, nullable=False),
    Column("document", Document(Thread), nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("standing", Text, nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("headline", Text, nullable=False),  # found in the thread's words
    Column("title", Text, nullable=False),  # set by hand, like the next two
    Column("subject", Text, nullable=False),
    Column("preheader", Text, nullable=False),
    UniqueConstraint("newsletter_id", "key"),
)

issue = Table(
    "issue",
    metadata,
    Column("id", Id, primary_key=True),
    _newsletter(),
    Column("number", Integer, nullable=False),
    Column("thread_id", Id, ForeignKey("thread.id"), nullable=False),
    Column("slot", Text),
    Column("page", Document(Page), nullable=False),
    Column("letterhead", Document(Letterhead), nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("newsletter_id", "number"),
    UniqueConstraint("newsletter_id", "thread_id"),
    UniqueConstraint("newsletter_id", "slot"),
)

# An id is never used twice (AUTOINCREMENT), also after an erasure: old tokens and deliveries hold it.
subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Id, primary_key=True),
    _newsletter(),
    Column("key", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("membership", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("consented_at", Instant),
    UniqueConstraint("newsletter_id", "key"),
    Index("subscriber_membership", "newsletter_id", "membership", "id"),
    sqlite_autoincrement=True,
)

event = Table(
    "event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscriber_id", Id, ForeignKey("subscriber.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("what", Text, nullable=False),
    Column("how", Text, nullable=False),
    Index("event_subscriber", "subscriber_id"),
)

erased = Table(
    "erased",
    metadata,
    Column("newsletter_id", Integer, ForeignKey("newsletter.id"), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)

# No foreign keys: they would make a fan-out on PostgreSQL three times as slow, and an erased reader's
# deliveries stay, without an address. `due_at` is set while a letter waits, `lease_until` while someone has it
# in hand, so that the two partial indexes hold just the rows that are still owed.
delivery = Table(
    "delivery",
    metadata,
    Column("issue_id", Id, primary_key=True, autoincrement=False),
    Column("subscriber_id", Id, primary_key=True, autoincrement=False),
    Column("state", SmallInteger, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("doubts", SmallInteger, nullable=False, server_default="0"),
    Column("crashes", SmallInteger, nullable=False, server_default="0"),
    Column("due_at", Instant),
    Column("lease_until", Instant),
    Column("settled_at", Instant),
    Column("phase", Text),
    Column("code", SmallInteger),
    Column("enhanced", Text),
    Column("reply", Text),
    sqlite_with_rowid=False,
)
Index(
    "delivery_due",
    delivery.c.issue_id,
    delivery.c.due_at,
    delivery.c.subscriber_id,
    sqlite_where=delivery.c.due_at.is_not(None),
    postgresql_where=delivery.c.due_at.is_not(None),
)
Index(
    "delivery_lease",
    delivery.c.lease_until,
    sqlite_where=delivery.c.lease_until.is_not(None),
    postgresql_where=delivery.c.lease_until.is_not(None),
)

# How many letters of an issue came to each state, less those that left it: a row for each commit that moved some. Their
# sum is the tally. One counter that all senders bump would make them wait for each other's commits.
step = Table(
    "step",
    metadata,
    Column("id", Id, primary_key=True),
    Column("issue_id", Id, nullable=False),
    *(Column(state.name.lower(), Integer, nullable=False, server_default="0") for state in State),
    Index("step_issue", "issue_id"),
)
