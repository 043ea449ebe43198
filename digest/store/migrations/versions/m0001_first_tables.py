"""The first tables, and the newsletter's one row with the secret that its tokens are made with."""

import secrets

import sqlalchemy as sa
from alembic import op

from digest.store.tables import NEWSLETTER

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
STATES = ("pending", "claimed", "sending", "accepted", "refused", "doubtful", "uncertain", "expired", "withdrawn")


def upgrade() -> None:
    newsletter = op.create_table(
        "newsletter",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("secret", sa.LargeBinary, nullable=False),
    )
    _desk()
    _people()
    _deliveries()
    op.execute(newsletter.insert().values(id=NEWSLETTER, secret=secrets.token_bytes(32)))


def _newsletter_id() -> sa.Column[int]:
    return sa.Column("newsletter_id", sa.Integer, sa.ForeignKey("newsletter.id"), nullable=False)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _desk() -> None:
    op.create_table(
        "thread",
        sa.Column("id", ID, primary_key=True),
        _newsletter_id(),
        *_texts("key"),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        *_texts("standing"),
        sa.Column("imported_at", sa.BigInteger, nullable=False),
        *_texts("headline", "title", "subject", "preheader"),
        sa.UniqueConstraint("newsletter_id", "key"),
    )
    op.create_table(
        "issue",
        sa.Column("id", ID, primary_key=True),
        _newsletter_id(),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("thread_id", ID, sa.ForeignKey("thread.id"), nullable=False),
        sa.Column("slot", sa.Text),
        sa.Column("page", sa.JSON, nullable=False),
        sa.Column("letterhead", sa.JSON, nullable=False),
        *_texts("reason"),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("newsletter_id", "number"),
        sa.UniqueConstraint("newsletter_id", "thread_id"),
        sa.UniqueConstraint("newsletter_id", "slot"),
    )


def _people() -> None:
    op.create_table(
        "subscriber",
        sa.Column("id", ID, primary_key=True),
        _newsletter_id(),
        *_texts("key", "email", "name", "source", "membership"),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("joined_at", sa.BigInteger, nullable=False),
        sa.Column("consented_at", sa.BigInteger),
        sa.UniqueConstraint("newsletter_id", "key"),
        sqlite_autoincrement=True,
    )
    op.create_index("subscriber_membership", "subscriber", ["newsletter_id", "membership", "id"])
    op.create_table(
        "event",
        sa.Column("id", ID, primary_key=True),
        sa.Column("subscriber_id", ID, sa.ForeignKey("subscriber.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        *_texts("what", "how"),
    )
    op.create_index("event_subscriber", "event", ["subscriber_id"])
    op.create_table(
        "erased",
        sa.Column("newsletter_id", sa.Integer, sa.ForeignKey("newsletter.id"), primary_key=True),
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sqlite_with_rowid=False,
    )


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("issue_id", ID, primary_key=True, autoincrement=False),
        sa.Column("subscriber_id", ID, primary_key=True, autoincrement=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        *(
            sa.Column(name, sa.SmallInteger, nullable=False, server_default="0")
            for name in ("attempts", "doubts", "crashes")
        ),
        *(sa.Column(name, sa.BigInteger) for name in ("due_at", "lease_until", "settled_at")),
        sa.Column("phase", sa.Text),
        sa.Column("code", sa.SmallInteger),
        sa.Column("enhanced", sa.Text),
        sa.Column("reply", sa.Text),
        sqlite_with_rowid=False,
    )
    _partial_index("delivery_due", "issue_id", "due_at", "subscriber_id", where="due_at IS NOT NULL")
    _partial_index("delivery_lease", "lease_until", where="lease_until IS NOT NULL")
    op.create_table(
        "tally",
        sa.Column("issue_id", ID, primary_key=True, autoincrement=False),
        *(
            sa.Column(state, sa.Integer, sa.CheckConstraint(f"{state} >= 0"), nullable=False, server_default="0")
            for state in STATES
        ),
    )


def _partial_index(name: str, *columns: str, where: str) -> None:
    op.create_index(name, "delivery", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
