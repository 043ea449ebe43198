"""Many senders at once: counters that nobody waits for, and a mark on a store that was moved."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
STATES = ("pending", "claimed", "sending", "accepted", "refused", "doubtful", "uncertain", "expired", "withdrawn")


def upgrade() -> None:
    op.add_column("newsletter", sa.Column("moved_to", sa.Text))
    op.create_table(
        "step",
        sa.Column("id", ID, primary_key=True),
        sa.Column("issue_id", ID, nullable=False),
        *(sa.Column(state, sa.Integer, nullable=False, server_default="0") for state in STATES),
    )
    op.create_index("step_issue", "step", ["issue_id"])
    columns = ", ".join(("issue_id", *STATES))
    op.execute(f"INSERT INTO step ({columns}) SELECT {columns} FROM tally")  # noqa: S608  our own names
    op.drop_table("tally")
