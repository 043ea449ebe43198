"""What is known of the mailbox that readers write to: since when it could not be read, and when the editor heard of that.
It reads no mail.

It is remembered among the acts, as what was done once is: it outlives a restart, and needs no table of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from digest.store.engine import Database
from digest.store.letterbox import REPLY_LIMIT
from digest.store.people import one_at_a_time
from digest.store.subscribers import keyed
from digest.store.tables import NEWSLETTER, act
from digest.text import one_line

Fact = Literal["unread", "told"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Since when it could not be read, and why not at the last try."""

    since: datetime
    why: str


class Mailbox:
    def __init__(self, database: Database, *, secret: bytes) -> None:
        self._database = database
        self._secret = secret

    def unread(self) -> Unread | None:
        """None while it is read."""
        with self._database.read() as connection:
            row = connection.execute(select(act.c.at, act.c.what).where(self._is("unread"))).one_or_none()
        return Unread(since=row.at, why=row.what) if row else None

    def failed(self, why: str, *, now: datetime) -> None:
        """It could not be read, again or for the first time."""
        said = one_line(why)[:REPLY_LIMIT]

        def step(connection: Connection) -> None:
            one_at_a_time(connection)
            if connection.execute(update(act).where(self._is("unread")).values(what=said)).rowcount == 0:
                self._note(connection, "unread", said, now=now)

        self._database.insist(step)

    def opened(self) -> None:
        """It was read: whatever comes next is a new trouble."""
        if self.unread():
            both = act.c.digest.in_([self._digest("unread"), self._digest("told")])
            self._database.insist(lambda connection: connection.execute(delete(act).where(both)))

    def ask_to_tell(self, *, now: datetime, after: timedelta, again: timedelta) -> bool:
        """Whether the editor is to hear of it now, which then counts as told: not before it has lasted for so long, and
        not sooner than so long after the last time."""

        def step(connection: Connection) -> bool:
            one_at_a_time(connection)
            since = connection.scalar(select(act.c.at).where(self._is("unread")))
            told = connection.scalar(select(act.c.at).where(self._is("told")))
            if since is None or now - since < after or (told and now - told < again):
                return False
            connection.execute(delete(act).where(self._is("told")))
            self._note(connection, "told", "told the editor that the mailbox cannot be read", now=now)
            return True

        return self._database.insist(step)

    def _note(self, connection: Connection, fact: Fact, what: str, *, now: datetime) -> None:
        row = {"newsletter_id": NEWSLETTER, "digest": self._digest(fact), "message_id": "", "who": b"", "at": now}
        connection.execute(insert(act).values(row | {"what": what}))

    def _is(self, fact: Fact) -> ColumnElement[bool]:
        return act.c.digest == self._digest(fact)

    def _digest(self, fact: Fact) -> bytes:
        return keyed(self._secret, "mailbox", fact)
