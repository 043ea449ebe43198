"""The authors who are not to be let in, as the editor named them. Who is meant by a name is known elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from digest.store.engine import Database
from digest.store.tables import NEWSLETTER
from digest.store.tables import blocked as table

_OURS = table.c.newsletter_id == NEWSLETTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """An author by the handle, address or name that was given, and since when."""

    said: str
    at: datetime


class Authors:
    def __init__(self, database: Database) -> None:
        self._database = database

    def block(self, said: str, *, now: datetime) -> None:
        """From now on. Who is blocked already stays so since then."""
        with self._database.write() as connection:
            if connection.execute(select(table.c.said).where(_OURS, table.c.said == said)).one_or_none() is None:
                connection.execute(insert(table).values(newsletter_id=NEWSLETTER, said=said, at=now))

    def unblock(self, said: str) -> bool:
        """False when nobody was blocked by this name."""
        with self._database.write() as connection:
            return connection.execute(delete(table).where(_OURS, table.c.said == said)).rowcount > 0

    def blocked(self) -> Sequence[Blocked]:
        """In the order of the alphabet."""
        query = select(table.c.said, table.c.at).where(_OURS).order_by(table.c.said)
        with self._database.read() as connection:
            return [Blocked(said=row.said, at=row.at) for row in connection.execute(query)]
