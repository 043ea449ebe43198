"""The issues, and the letters that each owes."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, SmallInteger, Table, Text, UniqueConstraint

from digest.model import Letterhead, Page, State
from digest.store.tables.types import Document, Id, Instant, metadata, newsletter_id

issue = Table(
    "issue",
    metadata,
    Column("id", Id, primary_key=True),
    newsletter_id(),
    Column("number", Integer, nullable=False),
    Column("thread_id", Id, ForeignKey("thread.id"), nullable=False),
    Column("slot", Text),
    Column("page", Document(Page), nullable=False),
    Column("short", Document(Page)),  # the summary alone, for those who want no more
    Column("letterhead", Document(Letterhead), nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("reported_at", Instant),  # when the editor was told what became of it
    Column("withdrawn_at", Instant),  # since when the archive shows it no more
    Column("held_at", Instant),  # since when it is kept back: its author took the thread back before a letter left
    UniqueConstraint("newsletter_id", "number"),
    UniqueConstraint("newsletter_id", "thread_id"),
    UniqueConstraint("newsletter_id", "slot"),
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
