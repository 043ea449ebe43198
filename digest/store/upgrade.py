"""Brings a database to the shape that this program knows: once, and safely when several processes start together."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from digest.errors import StoreError
from digest.store.engine import Database
from digest.store.migrations import HEAD

_LOCK = 0x64696765  # "dige": the advisory lock on PostgreSQL that a migration holds


def upgrade(database: Database) -> None:
    """Run the steps that are missing, all in one transaction. Raises StoreError for a newer store than this program."""
    with database.read() as connection:
        if _version(connection, database) == HEAD:
            return
    database.keep_a_write_ahead_log()
    with database.write() as connection:
        _wait_for_others(connection)
        if _version(connection, database) != HEAD:  # nobody did it while we waited
            _run(connection)


def _version(connection: Connection, database: Database) -> str | None:
    """The store's step, or None before the first."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if version and version > HEAD:
        raise StoreError(
            f"was made by a newer version of this program (its shape is {version}, ours {HEAD})",
            where=database.name,
            then="Upgrade: pip install -U thread-digest.",
        )
    return version


def _wait_for_others(connection: Connection) -> None:
    """On SQLite the transaction itself, begun as a writer's, is the lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _run(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  it takes 0.4 s to load, and hardly any start needs it
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    command.upgrade(config, "head")
