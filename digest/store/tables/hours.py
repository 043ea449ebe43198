"""The slots of the clock and what was decided at each, the proofs that the editor answered, and who is on watch."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from digest.store.tables.types import Id, Instant, metadata, newsletter_id

# One row for each slot that came, whoever woke first: its local wall clock is its name.
slot = Table(
    "slot",
    metadata,
    Column("newsletter_id", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("issue", Integer),
    Column("why", Text, nullable=False, server_default=""),
    Column("changed_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# What the editor was shown for a slot, and what she said to it. Its id is in the token of the letter that showed it.
proof = Table(
    "proof",
    metadata,
    Column("id", Id, primary_key=True),
    newsletter_id(),
    Column("slot", Text, nullable=False),
    Column("thread_id", Id, nullable=False),
    Column("why", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("word", Text, nullable=False, server_default=""),
    Column("number", Integer),
    Column("subject", Text, nullable=False, server_default=""),
    Column("made_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Index("proof_slot", "newsletter_id", "slot"),
    sqlite_autoincrement=True,
)
