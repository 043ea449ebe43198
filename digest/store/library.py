"""The shelf of threads: what came in, where it stands, and the editor's own words for it. It reads no thread itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, select, text, update

from digest.errors import NotFound
from digest.model import Original, ProofState, Shelved, Sight, Standing, Summary, Thread
from digest.store import originals, pictures
from digest.store.engine import Database
from digest.store.follows import sight
from digest.store.people import one_at_a_time
from digest.store.shelving import bind, opened, shelved, unbind
from digest.store.tables import NEWSLETTER, issue, proof, thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A thread that came in. `refreshed` when the shelf had it already, and then what `changes` that brought, in
    sentences; `declined` says why it was left as it was."""

    shelved: Shelved
    refreshed: bool
    declined: str = ""
    changes: tuple[str, ...] = ()


_NOWHERE = Original()


class Library:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        found: Thread,
        *,
        raw: bytes,
        now: datetime,
        headline: str = "",
        standing: Standing = Standing.WAITING,
        nominated_by: int | None = None,
        original: Original = _NOWHERE,
        changes: Sequence[str] = (),
        follow: int | None = None,
    ) -> Arrival:
        """Put a thread on the shelf. One with the same key is refreshed: it keeps its number, standing and wording.

        `headline` is what its own words call it, kept so that the shelf can be shown without finding it again.
        `standing` is that of a new one, `nominated_by` the reader who proposed it.
        `raw` is what it was read from, kept so that a better reader can read it again; `original` says where it lies.
        Where there are `changes`, in sentences, the thread as it was is kept beside the new one.
        `follow` is the author who was looked at when it was found: that it was, is noted with it or not at all.
        """
        content: dict[str, object] = {"document": found, "headline": headline}
        if original.sight in (Sight.SAME, Sight.EDITED):
            content["gone_at"] = None
        with self._database.write() as connection:
            if follow is not None:
                one_at_a_time(connection)
            before = connection.execute(opened().where(thread.c.key == found.key)).one_or_none()
            if follow is not None:
                sight(connection, {found.key: "known" if before else "brought"}, id=follow, now=now)
            if before:
                if changes:
                    originals.supersede(connection, before.id, before.document, changes=changes, now=now)
                connection.execute(update(thread).where(thread.c.id == before.id).values(content))
            else:
                first = {"standing": standing, "imported_at": now, "nominated_by": nominated_by}
                _insert(connection, found, content | first)
            after = shelved(connection.execute(opened().where(thread.c.key == found.key)).one())
            originals.keep(connection, after.id, original, data=raw, now=now)
            bind(connection, [after])
        return Arrival(shelved=after, refreshed=before is not None, changes=tuple(changes))

    def get(self, id: int) -> Shelved | None:
        return self._one(opened().where(thread.c.id == id))

    def find(self, key: str) -> Shelved | None:
        """The thread with this key, whatever it was imported from."""
        return self._one(opened().where(thread.c.key == key))

    def own(self, key: str) -> Thread | None:
        """The thread with this key as it came, under its own title."""
        with self._database.read() as connection:
            found: Thread | None = connection.scalar(select(thread.c.document).where(_key(key)))
        return found

    def shelf(self, standing: Standing | None = None) -> Sequence[Shelved]:
        """The whole shelf, or what stands there as `standing`, in the order of arrival."""
        query = opened().order_by(thread.c.id)
        with self._database.read() as connection:
            rows = connection.execute(query if standing is None else query.where(thread.c.standing == standing))
            return [shelved(row) for row in rows]

    def set_standing(self, id: int, standing: Standing) -> None:
        """Where it stands from now on. Who is pinned comes after those that are pinned already."""
        if standing is not Standing.PINNED:
            return self._change(id, {"standing": standing, "rank": None})
        last = select(func.coalesce(func.max(thread.c.rank), 0)).where(_pinned(), thread.c.id != id)
        return self._change(id, {"standing": standing, "rank": last.correlate(None).scalar_subquery() + 1})

    def arrange(self, ids: Sequence[int]) -> None:
        """Put the pinned into the order of `ids`; one that was pinned meanwhile stays behind them, in its old order."""
        with self._database.write() as connection:
            query = select(thread.c.id).where(_pinned()).order_by(thread.c.rank.is_(None), thread.c.rank, thread.c.id)
            pinned = list(connection.scalars(query))
            named = [id for id in dict.fromkeys(ids) if id in pinned]
            for rank, id in enumerate([*named, *(id for id in pinned if id not in named)], start=1):
                connection.execute(update(thread).where(thread.c.id == id).values(rank=rank))

    def remove(self, ids: Sequence[int]) -> frozenset[int]:
        """Off the shelf for good, with their originals and pictures, and with what the editor was to see of them: which did
        go. One that was sent stays: its issue stands on it."""
        sent = select(issue.c.thread_id).where(issue.c.thread_id == thread.c.id).exists()
        gone = set[int]()
        with self._database.write() as connection:
            pictures.hold(connection)  # before the threads' rows, as everybody does who brings or drops a picture
            for id in ids:
                theirs = proof.c.newsletter_id == NEWSLETTER, proof.c.thread_id == id
                connection.execute(update(proof).where(*theirs).values(state=ProofState.CLOSED))
                ours = thread.c.newsletter_id == NEWSLETTER, thread.c.id == id
                if connection.execute(delete(thread).where(*ours, ~sent)).rowcount:
                    unbind(connection, [id])
                    originals.forget(connection, id)
                    pictures.forget(connection, id)
                    gone.add(id)
            if self._database.path:  # else the words of what is gone would lie in the index until its next tidying
                connection.execute(text("INSERT INTO finding (finding) VALUES ('optimize')"))
        return frozenset(gone)

    def set_title(self, id: int, *, title: str = "", subject: str = "", preheader: str = "") -> None:
        """The editor's own words, which stay when the thread is imported again. An empty one gives the choice back."""
        with self._database.write() as connection:
            _change(connection, id, {"title": title, "subject": subject, "preheader": preheader})
            bind(connection, [shelved(connection.execute(opened().where(thread.c.id == id)).one())])

    def written(self, key: str, *, of: str) -> Summary | None:
        """The summary that a model wrote of this thread, as long as it is `of` the same text and model."""
        query = select(thread.c.written).where(_key(key), thread.c.written_for == of)
        with self._database.read() as connection:
            found: Summary | None = connection.scalar(query)
        return found

    def keep_written(self, key: str, summary: Summary, *, of: str) -> None:
        """For a thread that is on the shelf; for another, nothing happens."""
        with self._database.write() as connection:
            connection.execute(update(thread).where(_key(key)).values(written=summary, written_for=of))

    def _one(self, query: Select[*tuple[object, ...]]) -> Shelved | None:
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return shelved(row) if row else None

    def _change(self, id: int, values: Mapping[str, object]) -> None:
        with self._database.write() as connection:
            _change(connection, id, values)


def _change(connection: Connection, id: int, values: Mapping[str, object]) -> None:
    change = update(thread).where(thread.c.newsletter_id == NEWSLETTER, thread.c.id == id).values(values)
    if connection.execute(change).rowcount == 0:
        raise _missing(id)


def _key(key: str) -> ColumnElement[bool]:
    return and_(thread.c.newsletter_id == NEWSLETTER, thread.c.key == key)


def _pinned() -> ColumnElement[bool]:
    return and_(thread.c.newsletter_id == NEWSLETTER, thread.c.standing == Standing.PINNED)


def _insert(connection: Connection, found: Thread, content: dict[str, object]) -> None:
    words = {"title": "", "subject": "", "preheader": ""}
    place = {"newsletter_id": NEWSLETTER, "key": found.key}
    connection.execute(thread.insert().values(place | words | content))


def _missing(id: int) -> NotFound:
    return NotFound("there is no such thread on the shelf", where=str(id), then="See `digest threads` for the numbers.")
