"""The shelf seen from outside: thousands of threads, none opened. It says what stands there; what is good, the desk says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Text, cast, exists, func, literal, select, text, tuple_

from digest.model import Author, Shelved, Standing
from digest.spine import EDITION, Girth, Sieve, Spine, Topic
from digest.store.engine import Database
from digest.store.shelving import bind, opened, shelved
from digest.store.tables import NEWSLETTER, Instant, issue, rating, spine, thread, wording

_BOUND = 200  # threads that get their spines in one transaction
_PLACE = (thread.c.id, thread.c.key, thread.c.standing, thread.c.imported_at, thread.c.rank, thread.c.gone_at)
_NAMED = [spine.c[name] for name in ("title", "name", "handle", "url", "source", "date", "lang")]
_COUNTED = [spine.c[name] for name in ("posts", "letters", "words", "spaced", "truncated", "warned", "flaws")]
_FACTS = (*_PLACE, *_NAMED, *_COUNTED, spine.c.engagement, spine.c.related, cast(spine.c.warnings, Text))

# Ranking means opening the words of each thread: of more than a thousand, the newest thousand are ranked.
_FTS5 = text(
    "SELECT rowid FROM (SELECT rowid, bm25(finding, 10.0, 5.0, 1.0) AS badness FROM finding WHERE finding MATCH :match"
    " ORDER BY rowid DESC LIMIT 1000) ORDER BY badness, rowid DESC LIMIT :most"
)
_TSVECTOR = text(
    "SELECT thread_id FROM (SELECT thread_id, found FROM wording WHERE found @@ to_tsquery('simple', :match)"
    " ORDER BY thread_id DESC LIMIT 1000) AS newest"
    " ORDER BY ts_rank('{0.1, 0.2, 0.5, 1}', found, to_tsquery('simple', :match), 1) DESC, thread_id DESC LIMIT :most"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A thread that went out, when, and what readers said: how many liked it, and how many did not."""

    spine: Spine
    at: datetime
    good: int
    bad: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What a search found: the best of them first, and how many there are in all."""

    best: Sequence[Spine]
    count: int


class Spines:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._bound = False

    def count(self) -> int:
        """How many threads there are on the shelf, wherever they stand."""
        with self._database.read() as connection:
            query = select(func.count()).select_from(thread).where(thread.c.newsletter_id == NEWSLETTER)
            return int(connection.scalar(query) or 0)

    def stamp(self) -> tuple[int, int, int]:
        """Another value once anything of the shelf or the row of issues has changed. No thread is read for it."""
        touched = select(func.count(), func.coalesce(func.sum(thread.c.touched), 0))
        newest = select(func.coalesce(func.max(issue.c.number), 0)).where(issue.c.newsletter_id == NEWSLETTER)
        with self._database.read() as connection:
            count, total = connection.execute(touched.where(thread.c.newsletter_id == NEWSLETTER)).one()
            return int(count), int(total), int(connection.scalar(newest) or 0)

    def all(self, *, newest: int | None = None) -> Sequence[Spine]:
        """The whole shelf in the order of arrival, or the `newest` so many of it."""
        query = _closed().order_by(thread.c.id.desc()).limit(newest)
        return self._seen(query)[::-1]

    def pinned(self) -> Sequence[Spine]:
        """In the order in which they were pinned; the editor's own order is their rank."""
        return self._seen(_closed().where(thread.c.standing == Standing.PINNED).order_by(thread.c.id))

    def waiting(self, sieve: Sieve, *, after: Spine | None, at_most: int) -> Sequence[Spine]:
        """Those that wait and pass the sieve, the oldest import first, going on `after` one that was seen."""
        line = thread.c.imported_at, thread.c.id
        query = _closed().where(thread.c.standing == Standing.WAITING, *_passing(sieve)).order_by(*line).limit(at_most)
        if after:
            query = query.where(tuple_(*line) > tuple_(literal(after.imported_at, Instant), literal(after.id)))
        return self._seen(query)

    def authors(self) -> Sequence[Author]:
        """Everybody who wrote one of these threads, each name, handle and address once."""
        self._bind()
        with self._database.read() as connection:
            return writers(connection)

    def topics(self, ids: Sequence[int]) -> Mapping[int, Topic]:
        """What these threads are about."""
        self._bind()
        query = select(wording.c.thread_id, wording.c.topic).where(wording.c.thread_id.in_(ids))
        with self._database.read() as connection:
            return {row.thread_id: row.topic for row in connection.execute(query)}

    def take(self, ids: Sequence[int]) -> Sequence[Shelved]:
        """These threads, in this order; what left the shelf meanwhile is missing."""
        with self._database.read() as connection:
            found = {row.id: shelved(row) for row in connection.execute(opened().where(thread.c.id.in_(ids)))}
        return [found[id] for id in ids if id in found]

    def sent(self) -> Sequence[Sent]:
        """What went out, newest first."""
        said = [func.coalesce(func.sum(column), 0) for column in (rating.c.good, 1 - rating.c.good)]
        good, bad = (select(column).where(rating.c.issue == issue.c.number).scalar_subquery() for column in said)
        query = select(issue.c.thread_id, issue.c.created_at, good.label("good"), bad.label("bad"))
        with self._database.read() as connection:
            issues = connection.execute(
                query.where(issue.c.newsletter_id == NEWSLETTER).order_by(issue.c.number.desc())
            )
            rows = issues.all()
        held = {one.id: one for one in self._seen(_closed().where(thread.c.id.in_([row.thread_id for row in rows])))}
        return [
            Sent(spine=held[row.thread_id], at=row.created_at, good=int(row.good), bad=int(row.bad))
            for row in rows
            if row.thread_id in held
        ]

    def search(self, words: str, *, at_most: int) -> Hits:
        """The threads in whose title, author or posts every one of the words begins a word, the best first: a word in the
        title counts most, then one in the author's name. Case and accents do not count."""
        from digest.binding import folded  # noqa: PLC0415 - only a search needs it

        asked = folded(words)
        if not asked:
            return Hits(best=(), count=0)
        self._bind()
        with self._database.read() as connection:
            ids, count = (_by_fts5 if self._database.path else _by_tsvector)(connection, asked, at_most)
            found = {row.id: _spine(row) for row in connection.execute(_closed().where(thread.c.id.in_(ids)))}
        return Hits(best=[found[id] for id in ids if id in found], count=count)

    def _seen(self, query: Select[Any]) -> list[Spine]:
        self._bind()
        with self._database.read() as connection:
            return [_spine(row) for row in connection.execute(query)]

    def _bind(self) -> None:
        """Give a spine to each thread that has none of this edition: it lies here from before there were any. Asked once
        in the life of a process, since whatever comes in later brings its own."""
        while not self._bound:
            bare = ~exists().where(spine.c.thread_id == thread.c.id, spine.c.edition == EDITION)
            with self._database.write() as connection:
                some = opened().where(bare).order_by(thread.c.id).limit(_BOUND).with_for_update()
                found = [shelved(row) for row in connection.execute(some)]
                bind(connection, found)
            self._bound = not found


# ── how they are asked for ────────────────────────────────────────────────────────────────────────


def writers(connection: Connection) -> list[Author]:
    """Within a transaction: who wrote the threads that have a spine."""
    rows = connection.execute(select(spine.c.name, spine.c.handle, spine.c.url).distinct())
    return [Author(name=row.name, handle=row.handle, url=row.url) for row in rows]


def _closed() -> Select[Any]:
    joined = select(*_FACTS).join_from(thread, spine, spine.c.thread_id == thread.c.id)
    return joined.where(thread.c.newsletter_id == NEWSLETTER)


def _passing(sieve: Sieve) -> list[ColumnElement[bool]]:
    facts = spine.c
    asked = [facts.posts >= sieve.least_posts, facts.words >= sieve.least_words]
    asked += [] if sieve.truncated else [facts.truncated == 0]
    asked += [] if sieve.warned else [facts.warned == 0]
    asked += [facts.lang.in_(["", *sieve.languages])] if sieve.languages else []
    asked += [facts.who.in_(sieve.by)] if sieve.by is not None else []
    asked += [facts.who.not_in(sieve.not_by)] if sieve.not_by else []
    return [*asked, thread.c.id.not_in(sieve.without)] if sieve.without else asked


def _by_fts5(connection: Connection, asked: Sequence[str], at_most: int) -> tuple[list[int], int]:
    """https://sqlite.org/fts5.html: the lower the rank, the better."""
    match = {"match": " ".join(f'"{word}"*' for word in asked)}
    count = connection.scalar(text("SELECT count(*) FROM finding WHERE finding MATCH :match"), match)
    return list(connection.scalars(_FTS5, {**match, "most": at_most})), int(count or 0)


def _by_tsvector(connection: Connection, asked: Sequence[str], at_most: int) -> tuple[list[int], int]:
    """https://www.postgresql.org/docs/current/textsearch-controls.html: the higher the rank, the better."""
    match = {"match": " & ".join(f"{word}:*" for word in asked)}
    query = text("SELECT count(*) FROM wording WHERE found @@ to_tsquery('simple', :match)")
    return list(connection.scalars(_TSVECTOR, {**match, "most": at_most})), int(connection.scalar(query, match) or 0)


def _spine(row: Row[Any]) -> Spine:
    """Taken apart by place, not by name: there may be ten thousand."""
    id, key, standing, imported_at, rank, gone_at, title, name, handle, url, source, date, lang, *rest = tuple(row)
    posts, letters, words, spaced, truncated, warned, flaws, engagement, related, warnings = rest
    return Spine(
        id=id,
        key=key,
        title=title,
        author=Author(name=name, handle=handle, url=url),
        girth=Girth(posts=posts, letters=letters, words=words, spaced=bool(spaced), truncated=bool(truncated)),
        standing=Standing(standing),
        imported_at=imported_at,
        rank=rank,
        gone=gone_at is not None,
        source=source,
        lang=lang,
        warned=bool(warned),
        flaws=flaws,
        engagement=engagement,
        date=date,
        related=related,
        warnings=() if warnings == "[]" else tuple(json.loads(warnings)),
    )
