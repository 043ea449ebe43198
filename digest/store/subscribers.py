"""The people: who reads, who left, and the evidence of both. Whoever left is revived by nothing but their own wish.

`key` is the address in the one form that tells two readers apart; the caller makes it, always in the same way.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, Update, delete, func, insert, literal, select, update

from digest.errors import NotFound
from digest.model import Membership, Subscriber
from digest.store.engine import Database
from digest.store.tables import NEWSLETTER, Instant, delivery, erased, event, issue, newsletter, subscriber

BATCH = 500  # rows of an import in one transaction, and of a list in one page
Answer = Literal["added", "already", "left", "bounced", "complained", "erased"]
_GONE: dict[str, Answer] = {
    Membership.LEFT: "left",
    Membership.BOUNCED: "bounced",
    Membership.COMPLAINED: "complained",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Someone who may become a subscriber, as a form or a line of a list names them."""

    email: str
    key: str
    name: str = ""
    source: str = ""
    membership: Membership = Membership.ACTIVE
    consented_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A piece of evidence: `what` happened ("added", "left", "rejoined") and `how` we know."""

    at: datetime
    what: str
    how: str


class Subscribers:
    def __init__(self, database: Database, *, secret: bytes) -> None:
        self._database = database
        self._secret = secret

    # ── coming ────────────────────────────────────────────────────────────────────────────────────

    def add(self, newcomer: Newcomer, *, now: datetime) -> tuple[Subscriber | None, Answer]:
        """The subscriber with this key, made if there was none, and which it was. Nobody is revived or changed.

        The subscriber is None when that person was erased: only `rejoin` can bring them back.
        """
        with self._database.write() as connection:
            (answer,) = self._take_in(connection, [newcomer], now)
            return _find(connection, newcomer.key), answer

    def import_many(self, newcomers: Iterable[Newcomer], *, now: datetime) -> Counter[Answer]:
        """Add a whole list, however long, a batch a transaction. Doing it again changes nothing."""
        answers = Counter[Answer]()
        rows = iter(newcomers)
        while batch := list(islice(rows, BATCH)):
            with self._database.write() as connection:
                answers.update(self._take_in(connection, batch, now))
        return answers

    def rejoin(self, newcomer: Newcomer, *, now: datetime, how: str) -> Subscriber:
        """They asked for it themselves, so they are active, whatever stood before; `how` is the evidence.

        Coming back raises their epoch, so that no link in an older letter can undo it.
        """
        with self._database.write() as connection:
            connection.execute(delete(erased).where(erased.c.digest == self._digest(newcomer.key)))
            self._take_in(connection, [newcomer], now)
            found = _known(connection, newcomer.key)
            if found.membership is not Membership.ACTIVE:
                _move(connection, found, Membership.ACTIVE, epoch=found.epoch + 1, consented_at=now)
                _witness(connection, found.id, Event(at=now, what="rejoined", how=how))
            return _known(connection, newcomer.key)

    # ── looking ───────────────────────────────────────────────────────────────────────────────────

    def get(self, id: int) -> Subscriber | None:
        with self._database.read() as connection:
            row = connection.execute(_people().where(subscriber.c.id == id)).one_or_none()
        return _subscriber(row) if row else None

    def find(self, key: str) -> Subscriber | None:
        with self._database.read() as connection:
            return _find(connection, key)

    def all(self, membership: Membership | None = None) -> Iterator[Subscriber]:
        """Everyone, or those who stand as `membership`, in the order of joining; a page at a time."""
        query = _people().order_by(subscriber.c.id).limit(BATCH)
        if membership is not None:
            query = query.where(subscriber.c.membership == membership)
        last = 0
        while page := self._page(query.where(subscriber.c.id > last)):
            yield from page
            last = page[-1].id

    def count(self, membership: Membership) -> int:
        """How many stand as `membership`."""
        query = select(func.count()).where(_ours(), subscriber.c.membership == membership)
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def history(self, id: int) -> Sequence[Event]:
        """What happened to a subscriber, oldest first."""
        query = select(event.c.at, event.c.what, event.c.how).where(event.c.subscriber_id == id).order_by(event.c.id)
        with self._database.read() as connection:
            return [Event(at=row.at, what=row.what, how=row.how) for row in connection.execute(query)]

    def _page(self, query: Select[*tuple[object, ...]]) -> list[Subscriber]:
        with self._database.read() as connection:
            return [_subscriber(row) for row in connection.execute(query)]

    # ── going ─────────────────────────────────────────────────────────────────────────────────────

    def remove(self, key: str, *, now: datetime, how: str = "") -> Subscriber:
        """They leave, at once: a letter that has not started yet will not go. Doing it again changes nothing."""
        with self._database.write() as connection:
            found = _known(connection, key)
            if found.membership is not Membership.LEFT:
                _move(connection, found, Membership.LEFT)
                _witness(connection, found.id, Event(at=now, what="left", how=how))
            return _known(connection, key)

    def depart(self, key: str, membership: Membership, *, now: datetime, how: str = "") -> bool:
        """Someone else's list says that they are gone. True when that took off one who was here."""
        with self._database.write() as connection:
            found = _known(connection, key) if _find(connection, key) else None
            if found is None or found.membership in _GONE:
                return False
            _move(connection, found, membership)
            _witness(connection, found.id, Event(at=now, what=str(membership), how=how))
        return True

    def erase(self, key: str) -> None:
        """Forget a person. A keyed hash of their key stays, so that no import brings them back; so do their
        deliveries, as numbers without an address. On SQLite the bytes are gone from the disk, too."""
        with self._database.write() as connection:
            found = _known(connection, key)
            connection.execute(delete(event).where(event.c.subscriber_id == found.id))
            connection.execute(_silence(found.id))
            connection.execute(delete(subscriber).where(subscriber.c.id == found.id))
            connection.execute(insert(erased).values(newsletter_id=NEWSLETTER, digest=self._digest(key)))
        self._database.scrub()

    # ── within a transaction ──────────────────────────────────────────────────────────────────────

    def _take_in(self, connection: Connection, batch: Sequence[Newcomer], now: datetime) -> list[Answer]:
        """Insert whoever is new, and say for each what became of them."""
        _one_at_a_time(connection)
        known = self._standing_of(connection, [newcomer.key for newcomer in batch])
        fresh: dict[str, Newcomer] = {}
        answers: list[Answer] = []
        for newcomer in batch:
            answer: Answer = "already" if newcomer.key in fresh else known.get(newcomer.key, "added")
            if answer == "added":
                fresh[newcomer.key] = newcomer
            answers.append(answer)
        if fresh:
            _insert(connection, list(fresh.values()), now)
        return answers

    def _standing_of(self, connection: Connection, keys: Sequence[str]) -> dict[str, Answer]:
        """What to answer for each key that we know, or have promised to forget."""
        of_digest = {self._digest(key): key for key in keys}
        forgotten = connection.scalars(select(erased.c.digest).where(erased.c.digest.in_(of_digest)))
        present = connection.execute(
            select(subscriber.c.key, subscriber.c.membership).where(_ours(), subscriber.c.key.in_(keys))
        )
        answers: dict[str, Answer] = {of_digest[digest]: "erased" for digest in forgotten}
        return answers | {key: _GONE.get(membership, "already") for key, membership in present}

    def _digest(self, key: str) -> bytes:
        return hmac.digest(self._secret, b"erased\0" + key.encode(), "sha256")


def _ours() -> ColumnElement[bool]:
    return subscriber.c.newsletter_id == NEWSLETTER


def _people() -> Select[*tuple[object, ...]]:
    return select(*subscriber.c).where(_ours())


def _subscriber(row: Row[*tuple[object, ...]]) -> Subscriber:
    return Subscriber(
        id=row.id,
        email=row.email,
        membership=Membership(row.membership),
        name=row.name,
        source=row.source,
        consented_at=row.consented_at,
        epoch=row.epoch,
    )


def _find(connection: Connection, key: str) -> Subscriber | None:
    row = connection.execute(_people().where(subscriber.c.key == key)).one_or_none()
    return _subscriber(row) if row else None


def _known(connection: Connection, key: str) -> Subscriber:
    found = _find(connection, key)
    if found is None:
        raise NotFound("is not on the list", where=key, then="See `digest subscribers list`.")
    return found


def _one_at_a_time(connection: Connection) -> None:
    """Two who add the same person queue here, so the second finds them. SQLite queues all writers anyway."""
    connection.execute(select(newsletter.c.id).where(newsletter.c.id == NEWSLETTER).with_for_update())


def _insert(connection: Connection, newcomers: Sequence[Newcomer], now: datetime) -> None:
    connection.execute(insert(subscriber), [_row(newcomer, now) for newcomer in newcomers])
    added = select(subscriber.c.id, literal(now, Instant), literal("added"), subscriber.c.source).where(
        _ours(), subscriber.c.key.in_([newcomer.key for newcomer in newcomers])
    )
    connection.execute(insert(event).from_select(["subscriber_id", "at", "what", "how"], added))


def _row(newcomer: Newcomer, now: datetime) -> dict[str, object]:
    return {
        "newsletter_id": NEWSLETTER,
        "key": newcomer.key,
        "email": newcomer.email,
        "name": newcomer.name,
        "source": newcomer.source,
        "membership": newcomer.membership,
        "epoch": 0,
        "joined_at": now,
        "consented_at": newcomer.consented_at,
    }


def _move(
    connection: Connection,
    found: Subscriber,
    membership: Membership,
    *,
    epoch: int | None = None,
    consented_at: datetime | None = None,
) -> None:
    values = {
        "membership": membership,
        "epoch": found.epoch if epoch is None else epoch,
        "consented_at": consented_at or found.consented_at,
    }
    connection.execute(update(subscriber).where(subscriber.c.id == found.id).values(values))


def _witness(connection: Connection, id: int, seen: Event) -> None:
    connection.execute(insert(event).values(subscriber_id=id, at=seen.at, what=seen.what, how=seen.how))


def _silence(id: int) -> Update:
    """A server likes to repeat the address in its answer. By primary key, an issue at a time: no table is scanned."""
    return (
        update(delivery)
        .where(delivery.c.issue_id.in_(select(issue.c.id)), delivery.c.subscriber_id == id)
        .values(reply=None)
    )
