"""The pictures of the threads, and which thread shows which."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, SmallInteger, Table, Text

from digest.store.tables.types import Id, Instant, metadata

# Pictures are kept whole, in a table of their own that no list of threads ever touches.
picture = Table(
    "picture",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

# Which picture a thread shows for what it names: an address, or a path beside it. No digest: it could not be had so far.
illustration = Table(
    "illustration",
    metadata,
    Column("thread_id", Id, primary_key=True, autoincrement=False),
    Column("still", Text, primary_key=True),
    Column("digest", Text),
    Column("why", Text, nullable=False),  # there is none
    Column("lasting", SmallInteger, nullable=False),  # asking again will not help
    Column("at", Instant, nullable=False),
)
Index("illustration_digest", illustration.c.digest)
