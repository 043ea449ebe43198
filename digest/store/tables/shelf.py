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

# An author whose new threads come to the shelf by themselves, and what their server said at the last look.
follow = Table(
    "follow",
    metadata,
    Column("id", Id, primary_key=True),
    newsletter_id(),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("handle", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("at_least", Integer, nullable=False),  # posts
    Column("since", Instant, nullable=False),  # what began before is not brought
    Column("seen_until", Instant, nullable=False),  # what was written up to here needs no further look
    Column("etag", Text, nullable=False),
    Column("modified", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("lease_until", Instant),  # in somebody's hand until then
    Column("version", Integer, nullable=False),
    Column("looked_at", Instant),  # the last look that worked
    Column("failures", Integer, nullable=False),  # since then
    Column("failing_since", Instant),
    Column("trouble", Text, nullable=False),
    Column("told_at", Instant),  # when the editor heard of this trouble
    UniqueConstraint("newsletter_id", "address"),
    sqlite_autoincrement=True,
)

# What became of each thread that a look found, so that none comes twice, or comes back. It outlives shelf and follow.
sighting = Table(
    "sighting",
    metadata,
    newsletter_id(primary_key=True),
    Column("key", Text, primary_key=True),
    Column("follow_id", Id, nullable=False),
    Column("what", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("sighting_follow", "follow_id", "what"),
)

blocked = Table(
    "blocked",
    metadata,
    newsletter_id(primary_key=True),
    Column("said", Text, primary_key=True),  # the handle, address or name that the editor gave
    Column("at", Instant, nullable=False),
)
