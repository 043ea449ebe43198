"""The readers, and the evidence of what they asked for."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from digest.store.tables.types import Id, Instant, metadata, newsletter_id

# An id is never used twice (AUTOINCREMENT), also after an erasure: old tokens and deliveries hold it.
subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Id, primary_key=True),
    newsletter_id(),
    Column("key", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("membership", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("consented_at", Instant),
    Column("kind", Text, nullable=False, server_default="full"),  # which kind of digest they get
    Column("asked", Integer, nullable=False, server_default="0"),  # how often we asked "is it you?"
    Column("asked_at", Instant),
    Column("paused_until", Instant),  # by their own wish; None while a bounce pauses them
    Column("struck", Integer),  # the number of the last issue that came back hard
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
    Column("evidence", JSON),  # channel, Message-ID, address of the asking machine, version of the words
    Index("event_subscriber", "subscriber_id"),
)

erased = Table(
    "erased",
    metadata,
    Column("newsletter_id", Integer, ForeignKey("newsletter.id"), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)

# One row for each answer of the outside world to a letter, so that a bounce that comes twice counts once.
bounce = Table(
    "bounce",
    metadata,
    Column("subscriber_id", Id, primary_key=True, autoincrement=False),
    Column("issue", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),  # hard, soft, ours, complaint
    Column("at", Instant, nullable=False),
    Column("domain", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("said", Text, nullable=False),
    Index("bounce_domain", "issue", "domain", "kind"),
)

# Whose threads a reader wants, as they named the author; who is meant by it is found out each time.
favourite = Table(
    "favourite",
    metadata,
    Column("subscriber_id", Id, primary_key=True, autoincrement=False),
    Column("said", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)

rating = Table(
    "rating",
    metadata,
    Column("subscriber_id", Id, primary_key=True, autoincrement=False),
    Column("issue", Integer, primary_key=True, autoincrement=False),
    Column("good", SmallInteger, nullable=False),
    Column("at", Instant, nullable=False),
)
