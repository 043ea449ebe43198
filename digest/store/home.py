"""Where this store is at home, and whether it was told to stand still. A copy that wakes up elsewhere must not send what
its original may have sent long ago.
"""

from __future__ import annotations

from sqlalchemy import Connection, Update, func, select, text, update

from digest.store.engine import Database
from digest.store.tables import NEWSLETTER, newsletter

MOVED = "this store was last at work as another file or database: it is a copy, or was moved"


class Home:
    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(self) -> str:
        """To be asked before anything leaves by itself: why it must not, "" when it may.

        A store that finds itself in another place than last time stops: it may be a copy from before letters went out.
        """
        here = self._here()

        def step(connection: Connection) -> str:
            row = connection.execute(select(*newsletter.c).where(newsletter.c.id == NEWSLETTER).with_for_update()).one()
            why = row.stopped or (MOVED if row.home not in (None, here) else "")
            if row.home != here:
                connection.execute(_newsletter().values(home=here, stopped=why or None))
            return why

        return self._database.insist(step)

    def stop(self, why: str) -> None:
        """Nothing leaves by itself any more, until `resume`."""
        self._database.insist(lambda connection: connection.execute(_newsletter().values(stopped=why)))

    def resume(self) -> None:
        self._database.insist(lambda connection: connection.execute(_newsletter().values(stopped=None)))

    def stopped(self) -> str:
        """Why nothing leaves by itself, "" when nothing stands in the way."""
        with self._database.read() as connection:
            why: str | None = connection.scalar(select(newsletter.c.stopped).where(newsletter.c.id == NEWSLETTER))
        return why or ""

    def _here(self) -> str:
        """What a copy does not share: the file's number on its disk; the cluster's and the database's on PostgreSQL."""
        if self._database.path:
            return f"file {self._database.path.stat().st_ino}"
        with self._database.read() as connection:
            cluster = connection.scalar(text("SELECT system_identifier FROM pg_control_system()"))
            database = connection.scalar(
                text("SELECT oid FROM pg_database WHERE datname = :name"),
                {"name": connection.scalar(select(func.current_database()))},
            )
        return f"cluster {cluster}, database {database}"


def _newsletter() -> Update:
    return update(newsletter).where(newsletter.c.id == NEWSLETTER)
