"""What the house remembers: threads and issues, people, and who got what. The database is the only truth; beside
it lie at most answers that are on their way into it.

It never sends, renders or decides what to publish.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from digest.errors import StoreError, UsageError
from digest.store import moving, sender, tables
from digest.store.acts import Acts
from digest.store.archive import Archive
from digest.store.authors import Authors
from digest.store.backup import backup
from digest.store.engine import Database, connect, is_made
from digest.store.follows import Follows
from digest.store.home import Home
from digest.store.issues import Issues
from digest.store.ledger import Ledger
from digest.store.letterbox import Letterbox
from digest.store.library import Library
from digest.store.mailbox import Mailbox
from digest.store.originals import Originals
from digest.store.pictures import Pictures
from digest.store.proofs import Proofs
from digest.store.reports import Reports
from digest.store.slots import Slots
from digest.store.spines import Spines
from digest.store.subscribers import Subscribers
from digest.store.upgrade import upgrade

__all__ = ["Store", "is_made", "open_store"]


class Store:
    """An open store and its shelves."""

    def __init__(self, database: Database) -> None:
        self._database = database
        secret = self.secret()
        self.library = Library(database)
        self.originals = Originals(database)
        self.pictures = Pictures(database)
        self.spines = Spines(database)
        self.authors = Authors(database)
        self.follows = Follows(database)
        self.issues = Issues(database)
        self.subscribers = Subscribers(database, secret=secret)
        self.ledger = Ledger(database, secret=secret)
        self.archive = Archive(database)
        self.letterbox = Letterbox(database)
        self.mailbox = Mailbox(database, secret=secret)
        self.acts = Acts(database, secret=secret)
        self.slots = Slots(database)
        self.proofs = Proofs(database)
        self.reports = Reports(database)
        self.home = Home(database)

    @property
    def place(self) -> str:
        """Where it is, for people: a path or a server, never a password."""
        return self._database.name

    def secret(self) -> bytes:
        """32 random bytes, made once with the store: what tokens are signed with."""
        with self._database.read() as connection:
            query = select(tables.newsletter.c.secret).where(tables.newsletter.c.id == tables.NEWSLETTER)
            secret: bytes = connection.execute(query).scalar_one()
        return secret

    @property
    def shared(self) -> bool:
        """Whether several machines can work on it at once."""
        return self._database.path is None

    def time(self, here: datetime) -> datetime:
        """The time that all who share this store go by, in UTC: the database's. `here` is this machine's, which counts
        where nobody shares it."""
        if not self.shared:
            return here
        with self._database.read() as connection:
            there: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return there.astimezone(UTC)

    def pulse(self) -> object:
        """Another value after anybody wrote, and sometimes without; cheap enough to be asked for all the time."""
        return self._database.pulse()

    @contextmanager
    def sole_sender(self, called: str = "digest send") -> Iterator[bool]:
        """Be the only sender, `called` so. Yields whether we are alone: True on SQLite, where a second one gets a
        StoreError that names the first; False on PostgreSQL, where senders share the work and leases keep them apart."""
        path = self._database.path
        if path is None:
            yield False
        else:
            with sender.sole_sender(path, called=called):
                yield True

    def backup(self, target: Path, *, now: datetime) -> int:
        """A consistent copy in a new file, whoever is at work on the store; its size in bytes. The copy sends nothing by
        itself until `home.resume`. Raises UsageError for a `target` that exists and on PostgreSQL, StoreError."""
        path = self._database.path
        if path is None:
            raise UsageError(
                "PostgreSQL makes its own backups",
                where=self.place,
                then=f"Run: pg_dump --format=custom --file={target} DATABASE_URL",
            )
        return backup(path, target, now=now)

    def move_to(self, url: str, *, heard: moving.Heard) -> None:
        """Carry everything to the empty PostgreSQL at `url`; this store then refuses to be opened and says where it
        went. `heard` gets each table with its number of rows. To be called by the sole sender alone.

        Raises UsageError when it is not from SQLite to PostgreSQL, or the target holds something; StoreError when a
        database fails: then the target is empty, and this store as it was.
        """
        if self.shared:
            raise UsageError("is on PostgreSQL already", where=self.place, then="`pg_dump` and `pg_restore` move that.")
        target = open_store(url)
        try:
            if not target.shared:
                raise UsageError(
                    "a move goes from SQLite to PostgreSQL", where=target.place, then="Name postgresql://…"
                )
            self.home.enter()  # a copy that never worked here is found out now: in the new place it could not be
            moving.move(self._database, target._database, heard=heard)
        finally:
            target.close()

    def close(self) -> None:
        self._database.close()


def open_store(url: str) -> Store:
    """The store at `url` (`sqlite:///path`, `postgresql://…`), made and brought up to date as needed. Raises StoreError."""
    database = connect(url)
    try:
        upgrade(database)
        _refuse_moved(database)
        return Store(database)
    except BaseException:
        database.engine.dispose()
        raise


def _refuse_moved(database: Database) -> None:
    with database.read() as connection:
        moved_to = connection.scalar(select(tables.newsletter.c.moved_to))
    if moved_to:
        raise StoreError(f"was moved to {moved_to}", where=database.name, then="Set DATABASE_URL to that.")
