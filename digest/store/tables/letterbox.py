"""Mail that came in, and single letters that go out: what was done already, what is still to be sent, what nobody could read."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, SmallInteger, Table, Text

from digest.store.tables.types import Id, Instant, metadata, newsletter_id

# What a mail or link asked for and what was done: whoever brings the same mail again changes nothing. And what is told only
# once: an alarm, a mailbox that cannot be read.
act = Table(
    "act",
    metadata,
    newsletter_id(),
    Column("digest", LargeBinary, primary_key=True),  # SHA-256 of the mail, or keyed, of what is told
    Column("message_id", Text, nullable=False),
    Column("who", LargeBinary, nullable=False),  # the sender's keyed digest
    Column("at", Instant, nullable=False),
    Column("what", Text, nullable=False),
    Index("act_message", "message_id"),
)

# A letter that belongs to no issue, kept in the transaction of the act that caused it and sent after it.
note = Table(
    "note",
    metadata,
    Column("id", Id, primary_key=True),
    newsletter_id(),
    Column("kind", Text, nullable=False),  # confirm, welcome, reply, proof, report …
    Column("sender", Text, nullable=False),  # of the envelope
    Column("recipient", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("state", SmallInteger, nullable=False),  # as a delivery's; an accepted note is deleted
    Column("version", Integer, nullable=False, server_default="0"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("doubts", SmallInteger, nullable=False, server_default="0"),
    Column("made_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("lease_until", Instant),
    Column("settled_at", Instant),
    Column("reply", Text),
    Index("note_due", "due_at"),
    sqlite_autoincrement=True,
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Id, primary_key=True),
    newsletter_id(),
    Column("at", Instant, nullable=False),
    Column("why", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

# Who asked to be written to, and when: what the caps count. No address is kept, only its keyed digest.
asking = Table(
    "asking",
    metadata,
    Column("id", Id, primary_key=True),
    newsletter_id(),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),  # confirm, answer, word
    Column("who", LargeBinary, nullable=False),
    Column("domain", Text, nullable=False),
    Column("network", Text, nullable=False),
    Index("asking_at", "at"),
)
