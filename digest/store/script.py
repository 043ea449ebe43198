"""Statements in the driver's own words, for what the ledger does a thousand times a second.

SQLAlchemy writes them, once, from the same tables for both engines. To execute one through it costs some 60 µs each time,
by hand 8 (measured). A `Script` is one statement, a `Bulk` one that moves many rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Protocol, cast

from sqlalchemy import ColumnElement, Dialect, Table, bindparam
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.dml import Update

from digest.store.bulk import Shape, literals, rows

Given = Mapping[str, Any]  # parameters by name, as the driver takes them: instants in milliseconds
Line = tuple[Any, ...]
Columns = Mapping[str, ColumnElement[Any]]
NOTHING: Given = {}


class Script:
    """One statement. What it was written with is kept, the rest of its parameters is given each time."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.text: str = compiled.string
        self.kept: Given = compiled.params
        self.order: Sequence[str] = compiled.positiontup or ()  # empty where the driver takes parameters by name

    def run(self, cursor: DBAPICursor, given: Given = NOTHING) -> list[Line]:
        """Do it, and return the rows that it returns."""
        every = {**self.kept, **given}
        cursor.execute(self.text, [every[name] for name in self.order] if self.order else every)
        return list(cursor.fetchall()) if cursor.description else []


class Bulk(Protocol):
    """An update of many rows, each found by its key and version."""

    def move(self, cursor: DBAPICursor, lines: Sequence[Line], given: Given = NOTHING) -> Sequence[Line]:
        """Do it with what `lines` tell of each row; returns the lines whose rows were as they say."""
        ...


def bulk(shape: Shape, dialect: Dialect, *, write: Callable[[Columns], Update]) -> Bulk:
    """`shape` is what is told of each row, its table's primary key first; `write` makes the update out of that."""
    if dialect.name == "postgresql":
        columns = rows(shape).c
        return _AtOnce(shape, write({name: columns[name] for name in shape}), dialect)
    return _OneByOne(
        shape, write({name: bindparam(f"row_{name}", type_=kind) for name, kind in shape.items()}), dialect
    )


class _AtOnce:
    """For a database server: all rows in one statement, and so in one round trip."""

    def __init__(self, shape: Shape, update: Update, dialect: Dialect) -> None:
        key = tuple(cast(Table, update.table).primary_key)
        self._shape, self._key = shape, len(key)
        self._script = Script(update.returning(*key), dialect)

    def move(self, cursor: DBAPICursor, lines: Sequence[Line], given: Given = NOTHING) -> Sequence[Line]:
        if not lines:
            return []
        moved = set(self._script.run(cursor, {**literals(lines, self._shape), **given}))
        return [line for line in lines if line[: self._key] in moved]


class _OneByOne:
    """For SQLite, where no round trip is to be saved: reading all rows out of one parameter (json_each) took twice as
    long as the statement once for each row."""

    def __init__(self, shape: Shape, update: Update, dialect: Dialect) -> None:
        self._script = Script(update, dialect)
        told = {f"row_{name}": place for place, name in enumerate(shape)}
        self._rest = [name for name in self._script.order if name not in told]
        rest = {name: len(told) + place for place, name in enumerate(self._rest)}
        self._pick = itemgetter(*({**told, **rest}[name] for name in self._script.order))

    def move(self, cursor: DBAPICursor, lines: Sequence[Line], given: Given = NOTHING) -> Sequence[Line]:
        text, pick, every = self._script.text, self._pick, {**self._script.kept, **given}
        rest = [every[name] for name in self._rest]
        told = [pick((*line, *rest)) for line in lines]
        if len(told) > 1 and self._all_moved(cursor, told):
            return lines
        moved = []
        for line, one in zip(lines, told, strict=True):
            cursor.execute(text, one)
            if cursor.rowcount:
                moved.append(line)
        return moved

    def _all_moved(self, cursor: DBAPICursor, told: Sequence[Line]) -> bool:
        """Nearly always every row is as it was told; only else need anybody know which were. Undone if not all moved."""
        cursor.execute("SAVEPOINT bulk", ())
        cursor.executemany(self._script.text, told)
        whole = cursor.rowcount == len(told)
        if not whole:
            cursor.execute("ROLLBACK TO bulk", ())
        cursor.execute("RELEASE bulk", ())
        return whole
