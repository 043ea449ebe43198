"""The rows of readers: found, added, moved and witnessed within a transaction that another module holds open.

A reader's `key` is the address in the one form that tells two readers apart; the caller makes it, always in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, insert, literal, or_, select, update

from digest.errors import NotFound
from digest.model import Membership, State, Subscriber
from digest.store.tables import NEWSLETTER, Instant, bounce, delivery, event, favourite, issue, newsletter, subscriber

Evidence = Mapping[str, str | int]
# RFC 3463, 3.2 and 3.3, and RFC 7505: there is no such mailbox, and there will be none.
NO_SUCH_MAILBOX = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4")


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
    """A piece of evidence: `what` happened ("added", "left", "rejoined") and `how` we know. `evidence` holds what a
    court would ask for: the channel, the Message-ID, the address of the machine, the version of our words."""

    at: datetime
    what: str
    how: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A letter that came back, or a complaint about it. `issue` is 0 for a letter that belonged to none."""

    issue: int
    kind: str
    at: datetime
    status: str
    said: str


def ours() -> ColumnElement[bool]:
    return subscriber.c.newsletter_id == NEWSLETTER


def people() -> Select[*tuple[object, ...]]:
    return select(*subscriber.c).where(ours())


# Written once: to write such a statement takes as long as to execute it, and bounces come by the thousand.
_BY_ID = people().where(subscriber.c.id == bindparam("reader"))
_BY_KEY = people().where(subscriber.c.key == bindparam("reader"))
_KNOWN = select(bounce.c.at).where(
    bounce.c.subscriber_id == bindparam("subscriber_id"),
    bounce.c.issue == bindparam("issue"),
    bounce.c.kind == bindparam("kind"),
)
_CAME_BACK, _SEEN = insert(bounce), insert(event)


def read(row: Row[*tuple[object, ...]]) -> Subscriber:
    return Subscriber(
        id=row.id,
        email=row.email,
        membership=Membership(row.membership),
        name=row.name,
        source=row.source,
        consented_at=row.consented_at,
        epoch=row.epoch,
        kind=row.kind,
        asked=row.asked,
        asked_at=row.asked_at,
        paused_until=row.paused_until,
        struck=row.struck,
    )


def find(connection: Connection, key: str) -> Subscriber | None:
    row = connection.execute(_BY_KEY, {"reader": key}).one_or_none()
    return read(row) if row else None


def get(connection: Connection, id: int) -> Subscriber | None:
    row = connection.execute(_BY_ID, {"reader": id}).one_or_none()
    return read(row) if row else None


def known(connection: Connection, key: str) -> Subscriber:
    """Raises NotFound for a stranger."""
    found = find(connection, key)
    if found is None:
        raise NotFound("is not on the list", where=key, then="See `digest subscribers list`.")
    return found


def one_at_a_time(connection: Connection) -> None:
    """Two who add the same person queue here, so the second finds them. SQLite queues all writers anyway."""
    connection.execute(select(newsletter.c.id).where(newsletter.c.id == NEWSLETTER).with_for_update())


def add(connection: Connection, newcomers: Sequence[Newcomer], now: datetime) -> None:
    """Rows for people who have none, each with the event that says where they came from."""
    connection.execute(insert(subscriber), [_row(newcomer, now) for newcomer in newcomers])
    added = select(subscriber.c.id, literal(now, Instant), literal("added"), subscriber.c.source).where(
        ours(), subscriber.c.key.in_([newcomer.key for newcomer in newcomers])
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


def change(connection: Connection, id: int, values: Mapping[str, object]) -> None:
    """Set columns of a reader's row by their names."""
    connection.execute(update(subscriber).where(subscriber.c.id == id).values(values))


def witness(connection: Connection, id: int, seen: Event) -> None:
    row = {"subscriber_id": id, "at": seen.at, "what": seen.what, "how": seen.how, "evidence": seen.evidence}
    connection.execute(_SEEN, row)


def events(connection: Connection, id: int) -> Sequence[Event]:
    """What happened to a reader, oldest first."""
    columns = (event.c.at, event.c.what, event.c.how, event.c.evidence)
    rows = connection.execute(select(*columns).where(event.c.subscriber_id == id).order_by(event.c.id))
    return [Event(at=row.at, what=row.what, how=row.how, evidence=row.evidence) for row in rows]


def favourites(connection: Connection, id: int) -> list[str]:
    """Whom a reader follows, as they named them."""
    query = select(favourite.c.said).where(favourite.c.subscriber_id == id).order_by(favourite.c.said)
    return list(connection.scalars(query))


def wake(connection: Connection, now: datetime, *, issue: int | None = None) -> None:
    """Whose pause is over gets issues again. With an `issue` that is just being made, so does whoever an older issue
    came back from: it is the probe. Whoever got an issue since that one did not come back has nothing on them any more.
    """
    over = subscriber.c.paused_until <= now
    if issue is not None:
        over = or_(over, and_(subscriber.c.paused_until.is_(None), subscriber.c.struck < issue))
        forgiven = (ours(), subscriber.c.membership == Membership.ACTIVE, subscriber.c.struck < issue - 1)
        connection.execute(update(subscriber).where(*forgiven).values(struck=None))
    paused = (ours(), subscriber.c.membership == Membership.PAUSED, over)
    resumed = select(subscriber.c.id, literal(now, Instant), literal("resumed"), literal("by itself")).where(*paused)
    connection.execute(insert(event).from_select(["subscriber_id", "at", "what", "how"], resumed))
    connection.execute(update(subscriber).where(*paused).values(membership=Membership.ACTIVE, paused_until=None))


# ── what came back ────────────────────────────────────────────────────────────────────────────────


def returned(
    connection: Connection, reader: Subscriber, *, issue: int, kind: str, status: str, said: str, now: datetime
) -> bool:
    """Write down that a letter came back; False when that was known."""
    here = {"subscriber_id": reader.id, "issue": issue, "kind": kind}
    if connection.execute(_KNOWN, here).one_or_none():
        return False
    told = {"at": now, "status": status, "said": said[:500], "domain": reader.email.rpartition("@")[2]}
    connection.execute(_CAME_BACK, here | told)
    return True


def strike(connection: Connection, reader: Subscriber, *, issue: int, how: str, now: datetime) -> None:
    """No mailbox was found for a letter of this issue. The first time pauses a reader, and the next issue goes out as a
    probe; when that comes back too, their place is gone. A letter of an older issue than the last that came back says
    nothing new."""
    reading = reader.membership in (Membership.ACTIVE, Membership.PAUSED)
    if not reading or (reader.struck is not None and issue <= reader.struck):
        return
    standing = Membership.PAUSED if reader.struck is None else Membership.BOUNCED
    change(connection, reader.id, {"membership": standing, "struck": issue})
    witness(connection, reader.id, Event(at=now, what="bounced", how=how))


def bounces(connection: Connection, id: int) -> list[Returned]:
    """What came back from a reader, oldest issue first."""
    query = select(bounce).where(bounce.c.subscriber_id == id).order_by(bounce.c.issue, bounce.c.at)
    return [
        Returned(issue=row.issue, kind=row.kind, at=row.at, status=row.status, said=row.said)
        for row in connection.execute(query)
    ]


def strike_refused(connection: Connection, number: int, *, now: datetime) -> int:
    """What a server said at once, as what it says in a letter: how many readers an issue came back from in this way."""
    refused = (
        select(subscriber, delivery.c.enhanced, delivery.c.reply)
        .join(delivery, delivery.c.subscriber_id == subscriber.c.id)
        .join(issue, issue.c.id == delivery.c.issue_id)
        .where(ours(), issue.c.number == number, delivery.c.state == int(State.REFUSED))
        .where(delivery.c.enhanced.in_(NO_SUCH_MAILBOX))
    )
    count = 0
    for row in connection.execute(refused).all():
        reader, said = read(row), row.reply or ""
        if returned(connection, reader, issue=number, kind="hard", status=row.enhanced, said=said, now=now):
            strike(connection, reader, issue=number, how=f"issue {number}: {row.enhanced} {said}".strip(), now=now)
            count += 1
    return count
