"""The shelf of threads: what came in, where it stands, and the editor's own words for it. It reads no thread itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    and_,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)

from digest.errors import NotFound
from digest.model import Author, Original, ProofState, Shelved, Sight, Standing, Summary, Thread
from digest.spine import Girth, Spine, folded, girth, sought
from digest.store import originals
from digest.store.engine import Database
from digest.store.follows import sight
from digest.store.people import one_at_a_time
from digest.store.tables import NEWSLETTER, issue, proof, rating, spine, thread, wording

SHELFFUL = 500  # threads opened by one question


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A thread that came in. `refreshed` when the shelf had it already, and then what `changes` that brought, in
    sentences; `declined` says why it was left as it was."""

    shelved: Shelved
    refreshed: bool
    declined: str = ""
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A thread that went out, when, and what readers said: how many liked it, and how many did not."""

    thread: Thread
    at: datetime
    good: int
    bad: int


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
            before = connection.execute(_shelf().where(thread.c.key == found.key)).one_or_none()
            if follow is not None:
                sight(connection, {found.key: "known" if before else "brought"}, id=follow, now=now)
            if before:
                if changes:
                    originals.supersede(connection, before.id, before.document, changes=changes, now=now)
                connection.execute(update(thread).where(thread.c.id == before.id).values(content))
            else:
                first = {"standing": standing, "imported_at": now, "nominated_by": nominated_by}
                _insert(connection, found, content | first)
            after = _shelved(connection.execute(_shelf().where(thread.c.key == found.key)).one())
            originals.keep(connection, after.id, original, data=raw, now=now)
            _write_spine(connection, after)
        return Arrival(shelved=after, refreshed=before is not None, changes=tuple(changes))

    def get(self, id: int) -> Shelved | None:
        return self._one(_shelf().where(thread.c.id == id))

    def find(self, key: str) -> Shelved | None:
        """The thread with this key, whatever it was imported from."""
        return self._one(_shelf().where(thread.c.key == key))

    def own(self, key: str) -> Thread | None:
        """The thread with this key as it came, under its own title."""
        with self._database.read() as connection:
            found: Thread | None = connection.scalar(select(thread.c.document).where(_key(key)))
        return found

    def shelf(self, standing: Standing | None = None) -> Sequence[Shelved]:
        """The whole shelf, or what stands there as `standing`, in the order of arrival."""
        query = _shelf().order_by(thread.c.id)
        with self._database.read() as connection:
            rows = connection.execute(query if standing is None else query.where(thread.c.standing == standing))
            return [_shelved(row) for row in rows]

    def spines(self) -> Sequence[Spine]:
        """The whole shelf in the order of arrival, no thread opened."""
        self._bind()
        columns = (thread.c.id, thread.c.key, thread.c.standing, thread.c.imported_at, thread.c.rank)
        query = select(*columns, *spine.c).join_from(thread, spine, spine.c.thread_id == thread.c.id)
        with self._database.read() as connection:
            rows = connection.execute(query.where(thread.c.newsletter_id == NEWSLETTER).order_by(thread.c.id))
            return [_spine(row) for row in rows]

    def take(self, ids: Sequence[int]) -> Sequence[Shelved]:
        """These threads, in this order; what left the shelf meanwhile is missing."""
        with self._database.read() as connection:
            found = {row.id: _shelved(row) for row in connection.execute(_shelf().where(thread.c.id.in_(ids)))}
        return [found[id] for id in ids if id in found]

    def authors(self) -> list[Author]:
        """Everybody of whom a thread lies here, or was sent, each once."""
        columns = (spine.c.name, spine.c.handle, spine.c.url)
        query = select(*columns).join_from(spine, thread, spine.c.thread_id == thread.c.id).distinct()
        with self._database.read() as connection:
            rows = connection.execute(query.where(thread.c.newsletter_id == NEWSLETTER).order_by(*columns))
            return [Author(name=row.name, handle=row.handle, url=row.url) for row in rows]

    def search(self, words: str) -> Sequence[Shelved]:
        """The threads in whose title, author or posts every one of the words begins a word, in the order of arrival.
        Case and accents do not count."""
        self._bind()
        place = func.instr if self._database.path else func.strpos
        having = (place(wording.c.words, f" {word}") > 0 for word in folded(words))
        query = select(wording.c.thread_id).where(*having).order_by(wording.c.thread_id)
        with self._database.read() as connection:
            ids = list(connection.scalars(query))
        return [one for start in range(0, len(ids), SHELFFUL) for one in self.take(ids[start : start + SHELFFUL])]

    def _bind(self) -> None:
        """Give a spine to each thread that has none: it lies here from before there were any."""
        bare = select(thread.c.id).where(
            thread.c.newsletter_id == NEWSLETTER, thread.c.id.not_in(select(spine.c.thread_id))
        )
        with self._database.read() as connection:
            ids = list(connection.scalars(bare))
        for id in ids:
            self._rebind(id)

    def _rebind(self, id: int) -> None:
        """A new spine, by one at a time: the thread's row is the lock."""
        with self._database.write() as connection:
            if row := connection.execute(_shelf().where(thread.c.id == id).with_for_update()).one_or_none():
                _write_spine(connection, _shelved(row))

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

    def fingerprint(self) -> int:
        """Differs, in this process, once anything of the shelf or the row of issues does."""
        plain = [cast(column, Text) if column is thread.c.document else column for column in thread.c]
        with self._database.read() as connection:
            rows = connection.execute(select(*plain).where(thread.c.newsletter_id == NEWSLETTER).order_by(thread.c.id))
            newest = connection.scalar(select(func.max(issue.c.number)).where(issue.c.newsletter_id == NEWSLETTER))
            return hash((newest, *(tuple(row) for row in rows)))

    def remove(self, ids: Sequence[int]) -> None:
        """Off the shelf for good, with what the editor was to see of them. One that was sent stays: its issue stands on it."""
        sent = select(issue.c.thread_id).where(issue.c.thread_id == thread.c.id).exists()
        with self._database.write() as connection:
            for id in ids:
                theirs = proof.c.newsletter_id == NEWSLETTER, proof.c.thread_id == id
                connection.execute(update(proof).where(*theirs).values(state=ProofState.CLOSED))
                ours = thread.c.newsletter_id == NEWSLETTER, thread.c.id == id
                if connection.execute(delete(thread).where(*ours, ~sent)).rowcount:
                    _unbind(connection, id)
                    originals.forget(connection, id)

    def set_title(self, id: int, *, title: str = "", subject: str = "", preheader: str = "") -> None:
        """The editor's own words, which stay when the thread is imported again. An empty one gives the choice back."""
        self._change(id, {"title": title, "subject": subject, "preheader": preheader})
        self._rebind(id)

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

    def published(self) -> Sequence[Sent]:
        """What went out, newest first."""
        rated = [func.coalesce(func.sum(column), 0) for column in (rating.c.good, 1 - rating.c.good)]
        good, bad = (select(column).where(rating.c.issue == issue.c.number).scalar_subquery() for column in rated)
        query = (
            _shelf()
            .add_columns(issue.c.created_at, good.label("good"), bad.label("bad"))
            .join(issue, issue.c.thread_id == thread.c.id)
            .order_by(issue.c.number.desc())
        )
        with self._database.read() as connection:
            rows = connection.execute(query)
            return [Sent(thread=_shelved(r).thread, at=r.created_at, good=int(r.good), bad=int(r.bad)) for r in rows]

    def _one(self, query: Select[*tuple[object, ...]]) -> Shelved | None:
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return _shelved(row) if row else None

    def _change(self, id: int, values: Mapping[str, object]) -> None:
        change = update(thread).where(thread.c.newsletter_id == NEWSLETTER, thread.c.id == id).values(values)
        with self._database.write() as connection:
            if connection.execute(change).rowcount == 0:
                raise _missing(id)


def _key(key: str) -> ColumnElement[bool]:
    return and_(thread.c.newsletter_id == NEWSLETTER, thread.c.key == key)


def _shelf() -> Select[*tuple[object, ...]]:
    return select(*thread.c).where(thread.c.newsletter_id == NEWSLETTER)


def _pinned() -> ColumnElement[bool]:
    return and_(thread.c.newsletter_id == NEWSLETTER, thread.c.standing == Standing.PINNED)


def _insert(connection: Connection, found: Thread, content: dict[str, object]) -> None:
    words = {"title": "", "subject": "", "preheader": ""}
    place = {"newsletter_id": NEWSLETTER, "key": found.key}
    connection.execute(thread.insert().values(place | words | content))


def _write_spine(connection: Connection, of: Shelved) -> None:
    author = of.thread.author
    counts = {name: int(value) for name, value in asdict(girth(of.thread)).items()}
    named = {"name": author.name, "handle": author.handle, "url": author.url}
    words = sought(replace(of.thread, title=f"{of.thread.title} {of.headline}"))
    _unbind(connection, of.id)
    connection.execute(insert(spine).values(thread_id=of.id, **named, **counts))
    connection.execute(insert(wording).values(thread_id=of.id, words=words))


def _unbind(connection: Connection, id: int) -> None:
    for table in (spine, wording):
        connection.execute(delete(table).where(table.c.thread_id == id))


def _spine(row: Row[*tuple[Any, ...]]) -> Spine:
    id, key, standing, imported_at, rank, _, name, handle, url, posts, letters, words, spaced, truncated = row
    return Spine(
        id=id,
        key=key,
        author=Author(name=name, handle=handle, url=url),
        girth=Girth(posts=posts, letters=letters, words=words, spaced=bool(spaced), truncated=bool(truncated)),
        standing=Standing(standing),
        imported_at=imported_at,
        rank=rank,
    )


def _shelved(row: Row[*tuple[object, ...]]) -> Shelved:
    found: Thread = replace(row.document, key=row.key)  # a step of the schema may have changed it
    return Shelved(
        id=row.id,
        thread=replace(found, title=row.title) if row.title else found,
        standing=Standing(row.standing),
        imported_at=row.imported_at,
        headline=row.headline,
        subject=row.subject,
        preheader=row.preheader,
        rank=row.rank,
        gone_at=row.gone_at,
    )


def _missing(id: int) -> NotFound:
    return NotFound("there is no such thread on the shelf", where=str(id), then="See `digest threads` for the numbers.")
