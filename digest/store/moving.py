"""Carries a whole SQLite store to an empty PostgreSQL: every row under its own number, in one transaction, and proven the
same before it counts. A move that is broken off leaves the target as empty as it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Executable,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    cast,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.types import JSON, TypeEngine

from digest.errors import StoreError, UsageError
from digest.store.bulk import parameters, rows
from digest.store.engine import Database
from digest.store.tables import delivery, issue, metadata, newsletter, picture, raw, revision, step, subscriber, thread

Heard = Callable[[str, int], None]
BATCH = 5000  # rows at a time
FEW = 8  # of those that may hold megabytes
_HEAVY = (thread, issue, raw, revision, picture)


def move(source: Database, target: Database, *, heard: Heard) -> None:
    """Move all of `source` to `target`, which has our tables and nothing in them, and leave a mark on `source` that
    says where it went. `heard` gets each table with its number of rows.

    Nobody can write to `source` meanwhile. Raises UsageError for a target that is not empty, StoreError when a
    database fails or the two are not the same at the end.
    """
    with source.write() as old, target.write() as new:  # the target's end comes first: the mark is only set after it
        _refuse_unless_empty(old, new, name=target.name)
        new.execute(delete(newsletter))
        for table in metadata.sorted_tables:
            heard(table.name, _copy(old, new, table))
        _go_on_counting(old, new)
        _prove(old, new, name=target.name)
        # Not a copy, since the old file opens no more: it is at home wherever it wakes up next.
        new.execute(update(newsletter).values(home=None))
        new.execute(text("ANALYZE"))
        old.execute(update(newsletter).values(moved_to=target.name))


def _refuse_unless_empty(old: Connection, new: Connection, *, name: str) -> None:
    """Two who move at once queue for the newsletter's row; the second finds what the first one brought."""
    secret = new.scalar(select(newsletter.c.secret).with_for_update())
    if secret == old.scalar(select(newsletter.c.secret)):
        raise UsageError("holds this very store already", where=name, then="Set DATABASE_URL to it.")
    if any(new.execute(select(table).limit(1)).first() for table in (thread, issue, subscriber)):
        raise UsageError("is not empty", where=name, then="Make a new database for it with `createdb`.")


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────


def _copy(old: Connection, new: Connection, table: Table) -> int:
    shape = {column.name: _bare(column.type) for column in table.columns}
    plain = Table(table.name, MetaData(), *(Column(name, kind) for name, kind in shape.items()))
    given = rows(shape)
    into = insert(table).from_select(
        list(shape), select(*(cast(given.c[c.name], _cell(c.type)) for c in table.columns))
    )
    size = FEW if table in _HEAVY else BATCH
    copied = 0
    for batch in old.execute(select(plain), execution_options={"yield_per": size}).partitions():
        new.execute(into, parameters([tuple(row) for row in batch], shape))
        copied += len(batch)
    return copied


def _bare(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """As it lies in the file: an instant is a number, a document a text."""
    cell = _cell(kind)
    return Text() if isinstance(cell, JSON) else cell


def _cell(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def _go_on_counting(old: Connection, new: Connection) -> None:
    """New rows get new numbers; also not those of readers who were erased, since old letters hold them."""
    highest: dict[str, int] = dict(old.execute(text("SELECT name, seq FROM sqlite_sequence")).all())
    for table in metadata.sorted_tables:
        id = table.c.get("id")
        if id is not None:
            last = max(highest.get(table.name, 0), new.scalar(select(func.max(id))) or 0)
            new.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), max(last, 1), last > 0)))


# ── proof ─────────────────────────────────────────────────────────────────────────────────────────


def _prove(old: Connection, new: Connection, *, name: str) -> None:
    """Every table has as many rows, every state of every issue as many letters, and the secret is the same."""
    for what, question in _questions():
        if _answers(old, question) != _answers(new, question):
            raise StoreError(f"{what} did not arrive whole, so nothing was kept there", where=name, then="Try again.")


def _questions() -> Sequence[tuple[str, Executable]]:
    letters = select(delivery.c.issue_id, delivery.c.state, func.count()).group_by(
        delivery.c.issue_id, delivery.c.state
    )
    sums = [func.sum(column) for column in step.c if column.name not in ("id", "issue_id")]
    return [
        *((table.name, select(func.count()).select_from(table)) for table in metadata.sorted_tables),
        ("the letters by state", letters),
        ("the tally", select(step.c.issue_id, *sums).group_by(step.c.issue_id)),
        ("the secret", select(newsletter.c.secret)),
    ]


def _answers(connection: Connection, question: Executable) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in connection.execute(question))
