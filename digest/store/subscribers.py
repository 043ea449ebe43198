"""The people: who reads, who left, and the evidence of both. Whoever left is revived by nothing but their own wish.

`key` is the address in the one form that tells two readers apart; the caller makes it, always in the same way.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Literal

from sqlalchemy import Connection, Select, Update, delete, func, insert, select, update

from digest.model import Membership, Subscriber
from digest.store import originals, people
from digest.store.engine import Database
from digest.store.people import Event, Evidence, Newcomer, Returned
from digest.store.tables import NEWSLETTER, bounce, delivery, erased, event, favourite, issue, note, rating, subscriber

__all__ = ["Answer", "Event", "Evidence", "Newcomer", "Returned", "Subscribers"]

BATCH = 500  # rows of an import in one transaction, and of a list in one page
Answer = Literal["added", "already", "left", "bounced", "complained", "suppressed", "erased"]
_GONE: dict[str, Answer] = {
    Membership.LEFT: "left",
    Membership.BOUNCED: "bounced",
    Membership.COMPLAINED: "complained",
    Membership.SUPPRESSED: "suppressed",
}
# What no more counts once somebody is active again.
NO_PAUSE: dict[str, object] = {"paused_until": None, "struck": None}


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
            return people.find(connection, newcomer.key), answer

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
            found = people.known(connection, newcomer.key)
            if found.membership is not Membership.ACTIVE:
                back = {"membership": Membership.ACTIVE, "epoch": found.epoch + 1, "consented_at": now}
                people.change(connection, found.id, back | NO_PAUSE)
                people.witness(connection, found.id, Event(at=now, what="rejoined", how=how))
            return people.known(connection, newcomer.key)

    # ── looking ───────────────────────────────────────────────────────────────────────────────────

    def get(self, id: int) -> Subscriber | None:
        with self._database.read() as connection:
            return people.get(connection, id)

    def find(self, key: str) -> Subscriber | None:
        with self._database.read() as connection:
            return people.find(connection, key)

    def all(self, membership: Membership | None = None) -> Iterator[Subscriber]:
        """Everyone, or those who stand as `membership`, in the order of joining; a page at a time."""
        query = people.people().order_by(subscriber.c.id).limit(BATCH)
        if membership is not None:
            query = query.where(subscriber.c.membership == membership)
        last = 0
        while page := self._page(query.where(subscriber.c.id > last)):
            yield from page
            last = page[-1].id

    def count(self, membership: Membership) -> int:
        """How many stand as `membership`."""
        query = select(func.count()).where(people.ours(), subscriber.c.membership == membership)
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def history(self, id: int) -> Sequence[Event]:
        """What happened to a subscriber, oldest first."""
        with self._database.read() as connection:
            return people.events(connection, id)

    def bounces(self, id: int) -> Sequence[Returned]:
        """What came back from a reader, oldest issue first."""
        with self._database.read() as connection:
            return people.bounces(connection, id)

    def favourites(self) -> Sequence[tuple[str, int]]:
        """The authors whom readers follow, as they named them, each with how many do who get issues, or have paused them."""
        reading = subscriber.c.membership.in_((Membership.ACTIVE, Membership.PAUSED))
        joined = favourite.join(subscriber, subscriber.c.id == favourite.c.subscriber_id)
        query = select(favourite.c.said, func.count()).select_from(joined).where(people.ours(), reading)
        with self._database.read() as connection:
            rows = connection.execute(query.group_by(favourite.c.said).order_by(favourite.c.said))
            return [(said, count) for said, count in rows]

    def favourites_of(self, id: int) -> Sequence[str]:
        """Whom a reader follows, as they named them."""
        with self._database.read() as connection:
            return people.favourites(connection, id)

    def wake(self, *, now: datetime) -> None:
        """Whose pause is over gets issues again."""
        with self._database.write() as connection:
            people.wake(connection, now)

    def _page(self, query: Select[*tuple[object, ...]]) -> list[Subscriber]:
        with self._database.read() as connection:
            return [people.read(row) for row in connection.execute(query)]

    # ── going ─────────────────────────────────────────────────────────────────────────────────────

    def remove(self, key: str, *, now: datetime, how: str = "") -> Subscriber:
        """They leave, at once: a letter that has not started yet will not go. Doing it again changes nothing."""
        with self._database.write() as connection:
            found = people.known(connection, key)
            if found.membership is not Membership.LEFT:
                people.change(connection, found.id, {"membership": Membership.LEFT})
                people.witness(connection, found.id, Event(at=now, what="left", how=how))
            return people.known(connection, key)

    def suppress(self, newcomer: Newcomer, *, now: datetime, how: str) -> Subscriber:
        """Never write to this address, whoever gives it to us, known before or not."""
        with self._database.write() as connection:
            if people.find(connection, newcomer.key) is None:
                people.add(connection, [newcomer], now)
            found = people.known(connection, newcomer.key)
            if found.membership is not Membership.SUPPRESSED:
                people.change(connection, found.id, {"membership": Membership.SUPPRESSED})
                people.witness(connection, found.id, Event(at=now, what="suppressed", how=how))
            return people.known(connection, newcomer.key)

    def depart(self, key: str, membership: Membership, *, now: datetime, how: str = "") -> bool:
        """Someone else's list says that they are gone. True when that took off one who was here."""
        with self._database.write() as connection:
            found = people.known(connection, key) if people.find(connection, key) else None
            if found is None or found.membership in _GONE:
                return False
            people.change(connection, found.id, {"membership": membership})
            people.witness(connection, found.id, Event(at=now, what=str(membership), how=how))
        return True

    def erase(self, key: str) -> None:
        """Forget a person. A keyed hash of their key stays, so that no import brings them back; so do their
        deliveries, as numbers without an address. On SQLite the bytes are gone from the disk, too."""
        with self._database.write() as connection:
            forget(connection, people.known(connection, key), digest=keyed(self._secret, "erased", key))
        self._database.scrub()

    # ── within a transaction ──────────────────────────────────────────────────────────────────────

    def _take_in(self, connection: Connection, batch: Sequence[Newcomer], now: datetime) -> list[Answer]:
        """Insert whoever is new, and say for each what became of them."""
        people.one_at_a_time(connection)
        known = self._standing_of(connection, [newcomer.key for newcomer in batch])
        fresh: dict[str, Newcomer] = {}
        answers: list[Answer] = []
        for newcomer in batch:
            answer: Answer = "already" if newcomer.key in fresh else known.get(newcomer.key, "added")
            if answer == "added":
                fresh[newcomer.key] = newcomer
            answers.append(answer)
        if fresh:
            people.add(connection, list(fresh.values()), now)
        return answers

    def _standing_of(self, connection: Connection, keys: Sequence[str]) -> dict[str, Answer]:
        """What to answer for each key that we know, or have promised to forget."""
        of_digest = {self._digest(key): key for key in keys}
        forgotten = connection.scalars(select(erased.c.digest).where(erased.c.digest.in_(of_digest)))
        present = connection.execute(
            select(subscriber.c.key, subscriber.c.membership).where(people.ours(), subscriber.c.key.in_(keys))
        )
        answers: dict[str, Answer] = {of_digest[digest]: "erased" for digest in forgotten}
        return answers | {key: _GONE.get(membership, "already") for key, membership in present}

    def _digest(self, key: str) -> bytes:
        return keyed(self._secret, "erased", key)


def keyed(secret: bytes, purpose: str, text: str) -> bytes:
    """A digest of `text` that tells nothing to whoever lacks the secret, and nothing about another purpose's."""
    return hmac.digest(secret, f"{purpose}\0{text}".encode(), "sha256")


def forget(connection: Connection, found: Subscriber, *, digest: bytes) -> None:
    """All that we know of a reader, but a keyed digest of their key and the numbers of their deliveries."""
    for table in (event, bounce, rating, favourite):
        connection.execute(delete(table).where(table.c.subscriber_id == found.id))
    connection.execute(delete(note).where(note.c.recipient == found.email))
    connection.execute(_silence(found.id))
    originals.forget_proposer(connection, found.id)
    connection.execute(delete(subscriber).where(subscriber.c.id == found.id))
    connection.execute(delete(erased).where(erased.c.digest == digest))
    connection.execute(insert(erased).values(newsletter_id=NEWSLETTER, digest=digest))


def _silence(id: int) -> Update:
    """A server likes to repeat the address in its answer. By primary key, an issue at a time: no table is scanned."""
    return (
        update(delivery)
        .where(delivery.c.issue_id.in_(select(issue.c.id)), delivery.c.subscriber_id == id)
        .values(reply=None)
    )
