"""What each thread was read from, where that lies, what came of looking there again, and how it read before."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.types import JSON

from digest.model import Thread
from digest.store.tables.types import Document, Id, Instant, metadata

# The bytes, once for all threads that were read from the same. Apart from everything else, since they are read by one
# command alone. No foreign keys: a digest without its bytes says that they are not kept.
raw = Table(
    "raw",
    metadata,
    Column("digest", LargeBinary, primary_key=True),  # SHA-256 of the bytes as they came
    Column("size", Integer, nullable=False),  # how many those were
    Column("data", LargeBinary, nullable=False),  # compressed (zlib)
)

origin = Table(
    "origin",
    metadata,
    Column("thread_id", Id, primary_key=True, autoincrement=False),
    Column("ref", Text, nullable=False),  # what was named: a file, an address
    Column("address", Text, nullable=False),  # where it can be looked at again, "" where it cannot
    Column("etag", Text, nullable=False),
    Column("modified", Text, nullable=False),
    Column("raw", LargeBinary),  # its digest; None for what was too large to keep
    Column("read_at", Instant, nullable=False),
    Column("looked_at", Instant),
    Column("sight", Text, nullable=False),
    Column("said", Text, nullable=False),
)
Index("origin_raw", origin.c.raw)

# A thread as it was until it changed, and what changed then.
revision = Table(
    "revision",
    metadata,
    Column("id", Id, primary_key=True),
    Column("thread_id", Id, nullable=False),
    Column("until", Instant, nullable=False),
    Column("document", Document(Thread), nullable=False),
    Column("changes", JSON, nullable=False),  # sentences
    Index("revision_thread", "thread_id"),
)
