"""The threads, their spines, and the authors of whom none is taken."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, SmallInteger, Table, Text, UniqueConstraint

from digest.model import Summary, Thread
from digest.store.tables.types import Document, Id, Instant, metadata, newsletter_id

thread = Table(
    "thread",
    metadata,
    Column("id", Id, primary_key=True),
    newsletter_id(),
    Column("key", Text, nullable=False),
    Column("document", Document(Thread), nullable=False),
    Column("standing", Text, nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("headline", Text, nullable=False),  # found in the thread's words
    Column("title", Text, nullable=False),  # set by hand, like the next two
    Column("subject", Text, nullable=False),
    Column("preheader", Text, nullable=False),
    Column("rank", Integer),  # the editor's order among the pinned, the least first; None comes after all
    Column("nominated_by", Id),  # the reader who proposed it
    Column("written", Document(Summary)),  # what a model made of it, so that a proof and its issue say the same
    Column("written_for", Text),  # of which text, by which model
    Column("gone_at", Instant),  # since when we know that its author deleted it
    UniqueConstraint("newsletter_id", "key"),
)

# Where each thread stands, without the way over its document.
Index("thread_place", *(thread.c[name] for name in ("newsletter_id", "id", "key", "standing", "imported_at", "rank")))

# What of a document is asked for all the time. A thread without a spine (from before there were any) gets one when asked.
spine = Table(
    "spine",
    metadata,
    Column("thread_id", Id, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("handle", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("posts", Integer, nullable=False),
    Column("letters", Integer, nullable=False),
    Column("words", Integer, nullable=False),
    Column("spaced", SmallInteger, nullable=False),
    Column("truncated", SmallInteger, nullable=False),
)

# Apart from the spines, which are read by the thousand and so must stay small.
wording = Table(
    "wording",
    metadata,
    Column("thread_id", Id, primary_key=True, autoincrement=False),
    Column("words", Text, nullable=False),  # each word of the thread once, folded, each after a space
)

blocked = Table(
    "blocked",
    metadata,
    newsletter_id(primary_key=True),
    Column("said", Text, primary_key=True),  # the handle, address or name that the editor gave
    Column("at", Instant, nullable=False),
)
