"""How a thread lies on the shelf: its row, and beside it what can be seen of it closed. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select

from digest.model import Shelved, Standing, Thread
from digest.spine import EDITION
from digest.store.tables import NEWSLETTER, spine, thread, wording


def opened() -> Select[*tuple[object, ...]]:
    """Every thread of the shelf, for `shelved`."""
    return select(*(column for column in thread.c if column is not thread.c.touched)).where(
        thread.c.newsletter_id == NEWSLETTER
    )


def shelved(row: Row[*tuple[Any, ...]]) -> Shelved:
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


def bind(connection: Connection, threads: Sequence[Shelved]) -> None:
    """New spines for these threads, whose rows are held by this transaction."""
    if threads:
        unbind(connection, [one.id for one in threads])
        connection.execute(insert(spine), [_facts(one) for one in threads])
        connection.execute(insert(wording), [_words(one) for one in threads])


def unbind(connection: Connection, ids: Sequence[int]) -> None:
    for table in (spine, wording):
        connection.execute(delete(table).where(table.c.thread_id.in_(ids)))


def _facts(of: Shelved) -> dict[str, object]:
    from digest.binding import spine  # noqa: PLC0415 - it knows 25 languages, and most commands bring in no thread

    seen = spine(of)
    counts = {name: int(value) for name, value in asdict(seen.girth).items()}
    named = {"name": seen.author.name, "handle": seen.author.handle, "url": seen.author.url, "who": seen.who}
    kept = ("title", "source", "date", "lang", "flaws", "engagement", "related")
    plain = {name: getattr(seen, name) for name in kept}
    said = {"warned": int(seen.warned), "warnings": list(seen.warnings), "edition": EDITION}
    return {"thread_id": of.id, **named, **counts, **plain, **said}


def _words(of: Shelved) -> dict[str, object]:
    from digest.binding import sought, topic  # noqa: PLC0415

    return {"thread_id": of.id, **asdict(sought(of)), "topic": topic(of.thread)}
