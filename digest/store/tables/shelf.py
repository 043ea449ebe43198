"""The threads, their spines, and the authors of whom none is taken."""

from __future__ import annotations

from secrets import randbits

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from digest.model import Summary, Thread
from digest.store.tables.types import Document, Id, Instant, metadata, newsletter_id


def _touched() -> int:
    """Another number after each change of a row; a million of them add up to what an integer holds."""
    return randbits(40)


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
    Column("touched", BigInteger, nullable=False, default=_touched, onupdate=_touched, server_default="0"),
    UniqueConstraint("newsletter_id", "key"),
)

# Where each thread stands, without the way over its document: by number, and in the order of arrival.
_PLACE = ("key", "rank", "gone_at")
Index("thread_place", *(thread.c[name] for name in ("newsletter_id", "id", "standing", "imported_at", *_PLACE)))
Index("thread_touched", thread.c.newsletter_id, thread.c.touched)
Index("thread_line", *(thread.c[name] for name in ("newsletter_id", "standing", "imported_at", "id", *_PLACE)))

# What of a document is asked for all the time. A thread without a spine of this edition gets one when the shelf is asked.
spine = Table(
    "spine",
    metadata,
    Column("thread_id", Id, primary_key=True, autoincrement=False),
    Column("edition", SmallInteger, nullable=False),
    Column("title", Text, nullable=False),  # what it is called in a list
    Column("name", Text, nullable=False),
    Column("handle", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("who", Text, nullable=False),  # the author, as the same one is known again
    Column("source", Text, nullable=False),
    Column("date", Text, nullable=False),  # for people
    Column("lang", Text, nullable=False),  # a primary tag, or ""
    Column("posts", Integer, nullable=False),
    Column("letters", Integer, nullable=False),
    Column("words", Integer, nullable=False),
    Column("spaced", SmallInteger, nullable=False),
    Column("truncated", SmallInteger, nullable=False),
    Column("warned", SmallInteger, nullable=False),
    Column("flaws", SmallInteger, nullable=False),
    Column("engagement", BigInteger),
    Column("related", Integer, nullable=False),
    Column("warnings", JSON, nullable=False),
)

# Apart from the spines, which are read by the hundred and so must stay small. `title`, `author` and `posts` are words to
# be found by; the engine's own full-text index hangs on them (see the migration).
wording = Table(
    "wording",
    metadata,
    Column("thread_id", Id, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("posts", Text, nullable=False),
    Column("topic", JSON, nullable=False),  # how often each word that can carry a topic stands in it
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
