"""The authors who are followed, whose turn it is to look at them, and what became of each thread that was found. A follow is
a row, taken for a while in a transaction: of all who wake up on however many machines, one looks. It asks no server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, insert, select, update

from digest.model import Author
from digest.store.engine import Database
from digest.store.people import one_at_a_time
from digest.store.tables import NEWSLETTER, sighting
from digest.store.tables import follow as table

LEASE = timedelta(minutes=15)  # longer than any look; who died in the middle is waited for as long
BATCH = 500
Fate = Literal["brought", "known", "before", "short"]
"""What became of a thread: it came to the shelf, was there already, is from before the follow, or had too few posts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """An author who is followed. `since`: what began before is not brought; `seen_until`: what was written up to here needs
    no further look. `etag` and `modified` are the server's words for the last answer.

    `looked_at` is the last look that worked; since then there were `failures`, the first one at `failing_since`, the last
    with this `trouble`, of which the editor heard at `told_at`. `brought` counts the threads. `version` tells whether
    somebody else took it in hand meanwhile.
    """

    id: int
    kind: str
    address: str
    author: Author
    at_least: int
    since: datetime
    seen_until: datetime
    due_at: datetime
    etag: str = ""
    modified: str = ""
    version: int = 0
    looked_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    trouble: str = ""
    told_at: datetime | None = None
    brought: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What became of a thread, and when it was last looked at."""

    what: Fate
    at: datetime


class Follows:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ── who is followed ───────────────────────────────────────────────────────────────────────────

    def add(
        self, *, kind: str, address: str, author: Author, at_least: int, since: datetime, now: datetime
    ) -> tuple[Follow, bool]:
        """Follow from now on, and whether that is new. Who is followed already gets the new `at_least`, an earlier `since`
        if it is one, and a fresh look: what stood in the way may be over."""
        who = {"name": author.name, "handle": author.handle, "url": author.url}
        fresh = {"at_least": at_least, "due_at": now, "failures": 0, "failing_since": None, "trouble": ""}
        fresh |= {"told_at": None, "etag": "", "modified": ""}
        with self._database.write() as connection:
            one_at_a_time(connection)
            before = connection.execute(_follows().where(table.c.address == address)).one_or_none()
            if before:
                back = (
                    min(since, before.since),
                    min(since, before.seen_until) if since < before.since else before.seen_until,
                )
                values = {**who, **fresh, "since": back[0], "seen_until": back[1]}
                connection.execute(update(table).where(table.c.id == before.id).values(values))
            else:
                place = {"newsletter_id": NEWSLETTER, "kind": kind, "address": address, "version": 0}
                values = {**who, **fresh, "since": since, "seen_until": since}
                connection.execute(insert(table).values({**place, **values}))
            row = connection.execute(_follows().where(table.c.address == address)).one()
            return _follow(row), before is None

    def remove(self, id: int) -> bool:
        """What it brought stays, and what it found is not forgotten. False when it was gone already."""
        with self._database.write() as connection:
            return connection.execute(delete(table).where(_ours(), table.c.id == id)).rowcount > 0

    def all(self) -> Sequence[Follow]:
        """Everyone, in the order of following."""
        with self._database.read() as connection:
            return [_follow(row) for row in connection.execute(_follows().order_by(table.c.id))]

    # ── a look ────────────────────────────────────────────────────────────────────────────────────

    def take(self, *, now: datetime, id: int | None = None) -> Follow | None:
        """The follow that is due longest, ours for a quarter of an hour; None when none is due, or others have it.

        With an `id` that one, due or not.
        """
        mine = table.c.due_at <= now if id is None else table.c.id == id

        def step(connection: Connection) -> Follow | None:
            free = and_(_ours(), mine, (table.c.lease_until.is_(None)) | (table.c.lease_until <= now))
            due = select(table.c.id).where(free).order_by(table.c.due_at, table.c.id).limit(1)
            found = connection.scalar(due.with_for_update(skip_locked=True))
            if found is None:
                return None
            taken = {"lease_until": now + LEASE, "version": table.c.version + 1}
            connection.execute(update(table).where(table.c.id == found).values(taken))
            return _follow(connection.execute(_follows().where(table.c.id == found)).one())

        return self._database.insist(step)

    def settle(self, held: Follow) -> bool:
        """Write down how a look went, and let go. False when somebody else took it over, or it was unfollowed, meanwhile."""
        told = {
            "name": held.author.name,
            "handle": held.author.handle,
            "url": held.author.url,
            "seen_until": held.seen_until,
            "due_at": held.due_at,
            "etag": held.etag,
            "modified": held.modified,
            "looked_at": held.looked_at,
            "failures": held.failures,
            "failing_since": held.failing_since,
            "trouble": held.trouble,
            "told_at": held.told_at,
        }
        change = update(table).where(_ours(), table.c.id == held.id, table.c.version == held.version)

        def step(connection: Connection) -> bool:
            return connection.execute(change.values({**told, "lease_until": None})).rowcount == 1

        return self._database.insist(step)

    def told(self, id: int, *, now: datetime) -> None:
        """The editor has heard of its trouble."""
        with self._database.write() as connection:
            connection.execute(update(table).where(_ours(), table.c.id == id).values(told_at=now))

    # ── what was found ────────────────────────────────────────────────────────────────────────────

    def sightings(self, keys: Iterable[str]) -> Mapping[str, Sighting]:
        """What became of those threads that were found before."""
        with self._database.read() as connection:
            rows = [
                row for some in _batches(keys) for row in connection.execute(_seen().where(sighting.c.key.in_(some)))
            ]
        return {row.key: Sighting(what=row.what, at=row.at) for row in rows}

    def note(self, id: int, fates: Mapping[str, Fate], *, now: datetime) -> None:
        """Write down what became of these threads; what came to the shelf once counts as that."""
        if not fates:
            return
        with self._database.write() as connection:
            one_at_a_time(connection)
            for some in _batches(fates):
                sight(connection, {key: fates[key] for key in some}, id=id, now=now)


def sight(connection: Connection, fates: Mapping[str, Fate], *, id: int, now: datetime) -> None:
    """Within a transaction that queues at the newsletter's row: what became of some threads. Of those that were found
    before only the time of this look is noted."""
    known = set(connection.scalars(_seen().where(sighting.c.key.in_(fates))))
    again = sighting.c.newsletter_id == NEWSLETTER, sighting.c.key.in_(known)
    connection.execute(update(sighting).where(*again).values(at=now))
    first = {"newsletter_id": NEWSLETTER, "follow_id": id, "at": now}
    if rows := [{**first, "key": key, "what": what} for key, what in fates.items() if key not in known]:
        connection.execute(insert(sighting), rows)


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(keys)
    while some := list(islice(rest, BATCH)):
        yield some


def _seen() -> Select[*tuple[object, ...]]:
    return select(sighting.c.key, sighting.c.what, sighting.c.at).where(sighting.c.newsletter_id == NEWSLETTER)


def _ours() -> ColumnElement[bool]:
    return table.c.newsletter_id == NEWSLETTER


def _follows() -> Select[*tuple[object, ...]]:
    brought = (
        select(func.count())
        .where(sighting.c.follow_id == table.c.id, sighting.c.what == "brought")
        .scalar_subquery()
        .label("brought")
    )
    return select(*table.c, brought).where(_ours())


def _follow(row: Row[*tuple[object, ...]]) -> Follow:
    return Follow(
        id=row.id,
        kind=row.kind,
        address=row.address,
        author=Author(name=row.name, handle=row.handle, url=row.url),
        at_least=row.at_least,
        since=row.since,
        seen_until=row.seen_until,
        due_at=row.due_at,
        etag=row.etag,
        modified=row.modified,
        version=row.version,
        looked_at=row.looked_at,
        failures=row.failures,
        failing_since=row.failing_since,
        trouble=row.trouble,
        told_at=row.told_at,
        brought=row.brought,
    )
