"""One wish, answered in one transaction: who asked, what was changed, the evidence of both, the notes that go out for it.

An act is remembered by its mail, so that whoever brings the same mail again changes nothing. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, insert, or_, select

from digest.errors import NotFound
from digest.model import Author, Letter, State, Subscriber
from digest.store import letterbox, people, proofs
from digest.store.engine import Database
from digest.store.people import Event, Evidence, Newcomer, Returned
from digest.store.spines import writers
from digest.store.subscribers import forget, keyed
from digest.store.tables import NEWSLETTER, act, asking, bounce, delivery, erased, favourite, issue, rating


class Acts:
    def __init__(self, database: Database, *, secret: bytes) -> None:
        self._database = database
        self._secret = secret

    @contextmanager
    def together(self, *, now: datetime) -> Iterator[Sitting]:
        """A transaction for several wishes: durable, all of them, when the block ends."""
        with self._database.write() as connection:
            people.one_at_a_time(connection)
            sitting = Sitting(connection, secret=self._secret, now=now)
            yield sitting
        if sitting.forgot:
            self._database.scrub()


class Sitting:
    """Wishes that are answered one after the other in one transaction. A wish that fails is undone, and only that."""

    def __init__(self, connection: Connection, *, secret: bytes, now: datetime) -> None:
        self._connection = connection
        self._secret = secret
        self._now = now
        self.forgot = False

    @contextmanager
    def begin(self, *, digest: bytes, message_id: str, sender: str) -> Iterator[Act]:
        """`digest` is that of the mail, b"" for what came by no mail and may come again; `sender` goes with `message_id`,
        since a Message-ID alone could be copied by another. Two who bring the same mail at once queue here."""
        who = keyed(self._secret, "sender", sender)
        with _undone_alone(self._connection):
            under_way = Act(self._connection, secret=self._secret, now=self._now)
            under_way.earlier = _earlier(self._connection, digest, message_id, who) if digest else ""
            yield under_way
            if digest and not under_way.earlier:
                row = {"newsletter_id": NEWSLETTER, "digest": digest, "message_id": message_id, "who": who}
                self._connection.execute(_DONE, row | {"at": self._now, "what": under_way.what})
        self.forgot = self.forgot or under_way.forgot


@contextmanager
def _undone_alone(connection: Connection) -> Iterator[None]:
    """A part of a transaction. By hand: SQLAlchemy compiles its own savepoints anew each time, a tenth of all the work."""
    connection.exec_driver_sql("SAVEPOINT wish")
    try:
        yield
    except BaseException:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT wish")
        raise
    connection.exec_driver_sql("RELEASE SAVEPOINT wish")


class Act:
    """A wish being answered. `earlier` says what was done when the same mail came before, "" when it is new; `what` is
    what is done now."""

    def __init__(self, connection: Connection, *, secret: bytes, now: datetime) -> None:
        self._connection = connection
        self._secret = secret
        self.now = now
        self.earlier = ""
        self.what = "nothing"
        self.forgot = False

    # ── people ────────────────────────────────────────────────────────────────────────────────────

    def find(self, key: str) -> Subscriber | None:
        return people.find(self._connection, key)

    def get(self, id: int) -> Subscriber | None:
        return people.get(self._connection, id)

    def add(self, newcomer: Newcomer) -> Subscriber:
        """Someone new. A promise to forget them stands until they confirm."""
        people.add(self._connection, [newcomer], self.now)
        return people.known(self._connection, newcomer.key)

    def change(self, reader: Subscriber, values: Mapping[str, object]) -> Subscriber:
        """Set columns of their row by their names, and return them as they are now."""
        people.change(self._connection, reader.id, values)
        changed = self.get(reader.id)
        if changed is None:
            raise NotFound("is not on the list any more", where=reader.email)
        return changed

    def witness(self, reader: Subscriber, what: str, *, how: str, evidence: Evidence | None = None) -> None:
        people.witness(self._connection, reader.id, Event(at=self.now, what=what, how=how, evidence=evidence))

    def history(self, reader: Subscriber) -> list[Event]:
        return list(people.events(self._connection, reader.id))

    def forget(self, reader: Subscriber, *, key: str) -> None:
        forget(self._connection, reader, digest=keyed(self._secret, "erased", key))
        self.forgot = True

    def welcome_back(self, key: str) -> None:
        """They came by their own wish, so what kept an import from bringing them back is not needed any more."""
        digest = keyed(self._secret, "erased", key)
        self._connection.execute(delete(erased).where(erased.c.digest == digest))

    # ── notes, and who may still be written to ────────────────────────────────────────────────────

    def post(self, kind: str, letter: Letter) -> None:
        letterbox.post(self._connection, kind, letter, now=self.now)

    def count(self, kind: str, *, since: datetime, email: str = "", domain: str = "", network: str = "") -> int:
        """How often we wrote since then because somebody asked: to this address, to this domain, from this network; or
        in all."""
        wanted: list[ColumnElement[bool]] = [asking.c.kind == kind, asking.c.at > since]
        if email:
            wanted.append(asking.c.who == self._who(email))
        if domain:
            wanted.append(asking.c.domain == domain)
        if network:
            wanted.append(asking.c.network == network)
        query = select(func.count()).select_from(asking).where(asking.c.newsletter_id == NEWSLETTER, *wanted)
        return self._connection.scalar(query) or 0

    def note_asking(self, kind: str, *, email: str, network: str) -> None:
        row = {"newsletter_id": NEWSLETTER, "at": self.now, "kind": kind, "who": self._who(email)}
        place = {"domain": email.rpartition("@")[2], "network": network}
        self._connection.execute(insert(asking).values(row | place))

    def once(self, what: str) -> bool:
        """True the first time that this is asked."""
        digest = keyed(self._secret, "once", what)
        if self._connection.scalar(select(act.c.digest).where(act.c.digest == digest)) is not None:
            return False
        row = {"newsletter_id": NEWSLETTER, "digest": digest, "message_id": "", "who": b"", "at": self.now}
        self._connection.execute(insert(act).values(row | {"what": what}))
        return True

    def instruct(self, proof: int, *, word: str, number: int | None, subject: str) -> bool:
        """The editor's word on a proof, for the clock to obey. False when it waits for none."""
        return proofs.answer(self._connection, proof, word=word, number=number, subject=subject, now=self.now)

    def set_aside(self, raw: bytes, *, why: str) -> None:
        """Keep a mail for a person to look at."""
        letterbox.set_aside(self._connection, raw, why=why, now=self.now)

    def _who(self, email: str) -> bytes:
        return keyed(self._secret, "asking", email.casefold())

    # ── what came back ────────────────────────────────────────────────────────────────────────────

    def returned(self, reader: Subscriber, *, issue: int, kind: str, status: str, said: str) -> bool:
        """Write down that a letter came back; False when that was known."""
        return people.returned(self._connection, reader, issue=issue, kind=kind, status=status, said=said, now=self.now)

    def strike(self, reader: Subscriber, *, issue: int, how: str) -> None:
        """A letter of this issue found no mailbox: see `people.strike`."""
        people.strike(self._connection, reader, issue=issue, how=how, now=self.now)

    def returned_by(self, domain: str, *, issue: int, kind: str) -> int:
        """How many readers of a domain an issue came back from."""
        there = (bounce.c.issue == issue, bounce.c.kind == kind, bounce.c.domain == domain)
        return self._connection.scalar(select(func.count()).select_from(bounce).where(*there)) or 0

    def bounces(self, reader: Subscriber) -> list[Returned]:
        return people.bounces(self._connection, reader.id)

    def rate(self, id: int, *, issue: int, good: bool) -> None:
        """A reader's word on an issue; a later one stands for the earlier."""
        self._connection.execute(delete(rating).where(rating.c.subscriber_id == id, rating.c.issue == issue))
        row = {"subscriber_id": id, "issue": issue, "good": int(good), "at": self.now}
        self._connection.execute(insert(rating).values(row))

    def ratings(self, id: int) -> list[tuple[int, bool]]:
        query = select(rating.c.issue, rating.c.good).where(rating.c.subscriber_id == id).order_by(rating.c.issue)
        return [(row.issue, bool(row.good)) for row in self._connection.execute(query)]

    def authors(self) -> list[Author]:
        """Everybody of whom a thread lies on the shelf, or was sent."""
        return writers(self._connection)

    def favourites(self, id: int) -> list[str]:
        return people.favourites(self._connection, id)

    def follow(self, id: int, said: str) -> None:
        self._connection.execute(insert(favourite).values(subscriber_id=id, said=said, at=self.now))

    def unfollow(self, id: int, said: str) -> None:
        self._connection.execute(delete(favourite).where(favourite.c.subscriber_id == id, favourite.c.said == said))

    def got(self, id: int) -> list[tuple[int, State]]:
        """The issues that were for a reader, and where each letter stands."""
        joined = delivery.join(issue, issue.c.id == delivery.c.issue_id)
        query = select(issue.c.number, delivery.c.state).select_from(joined).where(delivery.c.subscriber_id == id)
        return [(row.number, State(row.state)) for row in self._connection.execute(query.order_by(issue.c.number))]


_OURS = act.c.newsletter_id == NEWSLETTER
_SAME = act.c.digest == bindparam("digest")
_BY_BYTES = select(act.c.what).where(_OURS, _SAME)
_BY_NAME = select(act.c.what).where(
    _OURS, or_(_SAME, and_(act.c.message_id == bindparam("message_id"), act.c.who == bindparam("who")))
)
_DONE = insert(act)


def _earlier(connection: Connection, digest: bytes, message_id: str, who: bytes) -> str:
    """The same mail, by its bytes; or as another road brought it, by its Message-ID and sender."""
    if message_id:
        found = connection.scalars(_BY_NAME, {"digest": digest, "message_id": message_id, "who": who}).first()
    else:
        found = connection.scalars(_BY_BYTES, {"digest": digest}).first()
    return found or ""
