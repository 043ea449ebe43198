"""What the house remembers: threads and issues, people, and who got what. The database is the only truth; no other file is.

It never sends, renders or decides what to publish.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from digest.store import sender, tables
from digest.store.engine import Database, connect
from digest.store.issues import Issues
from digest.store.ledger import Ledger
from digest.store.library import Library
from digest.store.subscribers import Subscribers
from digest.store.upgrade import upgrade

__all__ = ["Store", "open_store"]


class Store:
    """An open store and its four shelves."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.library = Library(database)
        self.issues = Issues(database)
        self.subscribers = Subscribers(database, secret=self.secret())
        self.ledger = Ledger(database)

    @property
    def place(self) -> str:
        """Where it is, for people: a path or a server, never a password."""
        return str(self._database.path or self._database.engine.url.render_as_string(hide_password=True))

    def secret(self) -> bytes:
        """32 random bytes, made once with the store: what tokens are signed with."""
        with self._database.read() as connection:
            query = select(tables.newsletter.c.secret).where(tables.newsletter.c.id == tables.NEWSLETTER)
            secret: bytes = connection.execute(query).scalar_one()
        return secret

    @contextmanager
    def sole_sender(self) -> Iterator[bool]:
        """Be the only sender. Yields whether we are alone: True on SQLite, where a second one gets a StoreError that
        names the first; False on PostgreSQL, where senders share the work and leases keep them apart."""
        if self._database.path is None:
            yield False
        else:
            with sender.sole_sender(self._database.path):
                yield True

    def close(self) -> None:
        self._database.engine.dispose()


def open_store(url: str) -> Store:
    """The store at `url` (`sqlite:///path`, `postgresql://…`), made and brought up to date as needed. Raises StoreError."""
    database = connect(url)
    try:
        upgrade(database)
        return Store(database)
    except BaseException:
        database.engine.dispose()
        raise
