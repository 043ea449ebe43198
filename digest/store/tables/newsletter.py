"""The newsletter itself: its secret, and where its clock stands."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, Table, Text

from digest.store.tables.types import Instant, metadata

newsletter = Table(
    "newsletter",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("schedule", Text),  # the line and zone that the slots up to `checked_at` were read by
    Column("checked_at", Instant),  # every slot up to here was looked at
    Column("home", Text),  # the very database that it was last at work in: a copy's is another
    Column("stopped", Text),  # why nothing leaves by itself until a person says `digest resume`
    Column("moved_to", Text),  # where `digest move` carried this store, which then is only a memory
)
