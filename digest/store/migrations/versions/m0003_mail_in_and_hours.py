"""Mail that comes in, what readers wish, the slots of the clock, and the editor's hand on both."""

import hashlib
import zlib

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _newsletter()
    _shelf()
    _originals()
    _pictures()
    _follows()
    _people()
    _letterbox()
    _hours()


def _newsletter() -> None:
    op.add_column("newsletter", sa.Column("schedule", sa.Text))
    op.add_column("newsletter", sa.Column("checked_at", sa.BigInteger))
    op.add_column("newsletter", sa.Column("home", sa.Text))
    op.add_column("newsletter", sa.Column("stopped", sa.Text))


def _shelf() -> None:
    op.add_column("issue", sa.Column("short", sa.JSON))
    op.add_column("thread", sa.Column("rank", sa.Integer))
    op.add_column("thread", sa.Column("nominated_by", ID))
    op.add_column("thread", sa.Column("written", sa.JSON))
    op.add_column("thread", sa.Column("written_for", sa.Text))
    op.add_column("thread", sa.Column("gone_at", sa.BigInteger))
    op.add_column("issue", sa.Column("withdrawn_at", sa.BigInteger))
    op.add_column("issue", sa.Column("held_at", sa.BigInteger))
    op.add_column("issue", sa.Column("reported_at", sa.BigInteger))
    op.execute("UPDATE issue SET reported_at = created_at")  # nobody wants a report on years that are gone
    # A thread of X is the same one wherever it was saved. Where no number was known, the key is a hash of 32 digits.
    op.execute(
        "UPDATE thread SET key = 'x:' || substr(key, 14) WHERE key LIKE 'threadreader:%' AND length(key) < 13 + 32"
    )
    op.add_column("thread", sa.Column("touched", sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "spine",
        sa.Column("thread_id", ID, primary_key=True, autoincrement=False),
        sa.Column("edition", sa.SmallInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("title", "name", "handle", "url", "who", "source")),
        sa.Column("date", sa.Text, nullable=False),
        sa.Column("lang", sa.Text, nullable=False),
        sa.Column("posts", sa.Integer, nullable=False),
        sa.Column("letters", sa.Integer, nullable=False),
        sa.Column("words", sa.Integer, nullable=False),
        sa.Column("spaced", sa.SmallInteger, nullable=False),
        sa.Column("truncated", sa.SmallInteger, nullable=False),
        sa.Column("warned", sa.SmallInteger, nullable=False),
        sa.Column("flaws", sa.SmallInteger, nullable=False),
        sa.Column("engagement", sa.BigInteger),
        sa.Column("related", sa.Integer, nullable=False),
        sa.Column("warnings", sa.JSON, nullable=False),
    )
    op.create_table(
        "wording",
        sa.Column("thread_id", ID, primary_key=True, autoincrement=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("posts", sa.Text, nullable=False),
        sa.Column("topic", sa.JSON, nullable=False),
    )
    place = ("key", "rank", "gone_at")
    op.create_index("thread_place", "thread", ["newsletter_id", "id", "standing", "imported_at", *place])
    op.create_index("thread_line", "thread", ["newsletter_id", "standing", "imported_at", "id", *place])
    op.create_index("thread_touched", "thread", ["newsletter_id", "touched"])
    for statement in _FULL_TEXT[op.get_context().dialect.name]:
        op.execute(statement)
    op.create_table(
        "blocked",
        _newsletter_id(primary_key=True),
        sa.Column("said", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _originals() -> None:
    op.create_table(
        "raw",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "origin",
        sa.Column("thread_id", ID, primary_key=True, autoincrement=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("modified", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("read_at", sa.BigInteger, nullable=False),
        sa.Column("looked_at", sa.BigInteger),
        sa.Column("sight", sa.Text, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
    )
    op.create_index("origin_raw", "origin", ["raw"])
    op.create_table(
        "revision",
        sa.Column("id", ID, primary_key=True),
        sa.Column("thread_id", ID, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("changes", sa.JSON, nullable=False),
    )
    op.create_index("revision_thread", "revision", ["thread_id"])
    _move_the_raw_input()
    op.drop_column("thread", "raw")


def _move_the_raw_input() -> None:
    """From the threads' own rows to a table apart, one at a time: each may hold megabytes."""
    thread, raw, origin = (
        sa.table("thread", *map(sa.column, ("id", "raw", "imported_at"))),
        sa.table("raw", *map(sa.column, ("digest", "size", "data"))),
        sa.table("origin", *map(sa.column, (*_EMPTY, "thread_id", "raw", "read_at"))),
    )
    connection, seen = op.get_bind(), set()
    for id in list(connection.scalars(sa.select(thread.c.id))):
        row = connection.execute(sa.select(thread).where(thread.c.id == id)).one()
        data = zlib.decompress(row.raw) if row.raw else b""
        digest = hashlib.sha256(data).digest()
        if digest not in seen:
            seen.add(digest)
            connection.execute(raw.insert().values(digest=digest, size=len(data), data=row.raw or zlib.compress(b"")))
        place = {"thread_id": id, "raw": digest, "read_at": row.imported_at}
        connection.execute(origin.insert().values(dict.fromkeys(_EMPTY, "") | place))


_EMPTY = ("ref", "address", "etag", "modified", "sight", "said")


def _pictures() -> None:
    op.create_table(
        "picture",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "illustration",
        sa.Column("thread_id", ID, primary_key=True, autoincrement=False),
        sa.Column("still", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("lasting", sa.SmallInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("illustration_digest", "illustration", ["digest"])


def _follows() -> None:
    op.create_table(
        "follow",
        sa.Column("id", ID, primary_key=True),
        _newsletter_id(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("handle", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("at_least", sa.Integer, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("seen_until", sa.BigInteger, nullable=False),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("modified", sa.Text, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("looked_at", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failing_since", sa.BigInteger),
        sa.Column("trouble", sa.Text, nullable=False),
        sa.Column("told_at", sa.BigInteger),
        sa.UniqueConstraint("newsletter_id", "address"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sighting",
        _newsletter_id(primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("follow_id", ID, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("sighting_follow", "sighting", ["follow_id", "what"])


# Each engine keeps a full-text index on the wording by itself. The words are folded already: neither has to know a language.
_FULL_TEXT = {
    "postgresql": (
        """ALTER TABLE wording ADD COLUMN found tsvector GENERATED ALWAYS AS (
            setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', author), 'B')
            || to_tsvector('simple', posts)) STORED""",
        "CREATE INDEX wording_found ON wording USING gin (found)",
    ),
    "sqlite": (
        """CREATE VIRTUAL TABLE finding USING fts5(
            title, author, posts, content='wording', content_rowid='thread_id', detail='column',
            tokenize="unicode61 categories 'L* M* N* Co'")""",
        """CREATE TRIGGER wording_kept AFTER INSERT ON wording BEGIN
            INSERT INTO finding (rowid, title, author, posts) VALUES (new.thread_id, new.title, new.author, new.posts);
            END""",
        """CREATE TRIGGER wording_gone AFTER DELETE ON wording BEGIN
            INSERT INTO finding (finding, rowid, title, author, posts)
            VALUES ('delete', old.thread_id, old.title, old.author, old.posts);
            END""",
    ),
}


def _people() -> None:
    for column in (
        sa.Column("kind", sa.Text, nullable=False, server_default="full"),
        sa.Column("asked", sa.Integer, nullable=False, server_default="0"),
        sa.Column("asked_at", sa.BigInteger),
        sa.Column("paused_until", sa.BigInteger),
        sa.Column("struck", sa.Integer),
    ):
        op.add_column("subscriber", column)
    op.add_column("event", sa.Column("evidence", sa.JSON))
    op.create_table(
        "bounce",
        sa.Column("subscriber_id", ID, primary_key=True, autoincrement=False),
        sa.Column("issue", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
    )
    op.create_index("bounce_domain", "bounce", ["issue", "domain", "kind"])
    op.create_table(
        "rating",
        sa.Column("subscriber_id", ID, primary_key=True, autoincrement=False),
        sa.Column("issue", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("good", sa.SmallInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "favourite",
        sa.Column("subscriber_id", ID, primary_key=True, autoincrement=False),
        sa.Column("said", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _letterbox() -> None:
    op.create_table(
        "act",
        _newsletter_id(),
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("who", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
    )
    op.create_index("act_message", "act", ["message_id"])
    op.create_table(
        "note",
        sa.Column("id", ID, primary_key=True),
        _newsletter_id(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("doubts", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("settled_at", sa.BigInteger),
        sa.Column("reply", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("note_due", "note", ["due_at"])
    op.create_table(
        "quarantine",
        sa.Column("id", ID, primary_key=True),
        _newsletter_id(),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "asking",
        sa.Column("id", ID, primary_key=True),
        _newsletter_id(),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("who", sa.LargeBinary, nullable=False),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("network", sa.Text, nullable=False),
    )
    op.create_index("asking_at", "asking", ["at"])


def _hours() -> None:
    op.create_table(
        "slot",
        sa.Column("newsletter_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("issue", sa.Integer),
        sa.Column("why", sa.Text, nullable=False, server_default=""),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "proof",
        sa.Column("id", ID, primary_key=True),
        _newsletter_id(),
        sa.Column("slot", sa.Text, nullable=False),
        sa.Column("thread_id", ID, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("word", sa.Text, nullable=False, server_default=""),
        sa.Column("number", sa.Integer),
        sa.Column("subject", sa.Text, nullable=False, server_default=""),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("answered_at", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_index("proof_slot", "proof", ["newsletter_id", "slot"])


def _newsletter_id(*, primary_key: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey("newsletter.id")
    return sa.Column("newsletter_id", sa.Integer, key, nullable=False, primary_key=primary_key)
