"""Statements in the driver's own words, for what the ledger does a thousand times a second.

SQLAlchemy writes them, once, from the same tables for both engines. To execute one through it costs some 60 µs each time,
by hand 8 (measured). A `Script` is one statement, a `Bulk` one that moves many rows.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from operator import itemgetter
from typing import Any, Protocol, cast

from sqlalchemy import ColumnElement, Dialect, FromClause, Table, Text, bindparam, func, select
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.dml import Update

from digest.store.bulk import Shape, literals, rows

Given = Mapping[str, Any]  # parameters by name, as the driver takes them: instants in milliseconds
Line = tuple[Any, ...]
Told = Mapping[Line, Sequence[int]]  # what is told of rows, but for one column of their key; and what that is in each
Columns = Mapping[str, ColumnElement[Any]]
NOTHING: Given = {}


class Script:
    """One statement. What it was written with is kept, the rest of its parameters is given each time.

    SQLAlchemy writes it when it is first needed: every command opens the store, and few of them send letters.
    """

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        self._statement, self._dialect = statement, dialect

    @cached_property
    def _compiled(self) -> Any:
        return self._statement.compile(dialect=self._dialect)

    @cached_property
    def text(self) -> str:
        return str(self._compiled.string)

    @cached_property
    def kept(self) -> Given:
        """What the statement was written with."""
        given: Given = self._compiled.params
        return given

    @cached_property
    def order(self) -> Sequence[str]:
        """Its parameters as they stand; empty where the driver takes them by name."""
        return self._compiled.positiontup or ()

    def run(self, cursor: DBAPICursor, given: Given = NOTHING) -> list[Line]:
        """Do it, and return the rows that it returns."""
        every = {**self.kept, **given}
        cursor.execute(self.text, [every[name] for name in self.order] if self.order else every)
        return list(cursor.fetchall()) if cursor.description else []


class InOne:
    """For SQLite: a query whose lines come as one text. The driver takes its hands off Python for each row that it steps
    to, and waits there for whoever works meanwhile; to read that text takes no longer than to build the rows."""

    def __init__(self, columns: Iterable[ColumnElement[Any]], source: FromClause, dialect: Dialect) -> None:
        lines = func.json_group_array(func.json_array(*columns))
        self._script = Script(select(lines).select_from(source), dialect)

    def run(self, cursor: DBAPICursor, given: Given = NOTHING) -> list[Line]:
        ((lines,),) = self._script.run(cursor, given)
        return list(map(tuple, json.loads(lines)))


class Bulk(Protocol):
    """An update of many rows, each found by its key and version."""

    def move(self, cursor: DBAPICursor, told: Told, given: Given = NOTHING) -> Told:
        """Do it with what is `told` of rows; returns that of the rows that were as it says."""
        ...


def folded(lines: Iterable[Line], *, place: int = 1) -> Told:
    """Whole lines as a `Bulk` wants them; in each, what stands at `place` is the row's own."""
    same: dict[Line, list[int]] = defaultdict(list)
    for line in lines:
        same[line[:place] + line[place + 1 :]].append(line[place])
    return same


def unfolded(told: Told, *, place: int = 1) -> list[Line]:
    """The other way round."""
    return [(*what[:place], own, *what[place:]) for what, each in told.items() for own in each]


def bulk(shape: Shape, dialect: Dialect, *, write: Callable[[Columns], Update], among: ColumnElement[int]) -> Bulk:
    """`shape` is what is told of each row, its table's primary key first; `write` makes the update out of that.
    `among` is the column of the key by which rows differ of which all else that is told is the same: `Told`."""
    if dialect.name == "postgresql":
        columns = rows(shape).c
        return _AtOnce(shape, write({name: columns[name] for name in shape}), dialect, among=among)
    return _Alike(shape, dialect, write=write, among=among)


class _AtOnce:
    """For a database server: all rows in one statement, and so in one round trip."""

    def __init__(self, shape: Shape, update: Update, dialect: Dialect, *, among: ColumnElement[int]) -> None:
        key = tuple(cast(Table, update.table).primary_key)
        self._shape, self._key, self._place = shape, len(key), list(shape).index(str(among.key))
        self._script = Script(update.returning(*key), dialect)

    def move(self, cursor: DBAPICursor, told: Told, given: Given = NOTHING) -> Told:
        if not told:
            return {}
        every = sorted(unfolded(told, place=self._place))  # who locks rows in one order waits for nobody in a circle
        moved = set(self._script.run(cursor, {**literals(every, self._shape), **given}))
        return folded([line for line in every if line[: self._key] in moved], place=self._place)


class _Alike:
    """For SQLite: rows of which the same is told are one statement, which has its hands off Python meanwhile. Of the rest
    each is a statement: reading whole rows out of one parameter (json_each) took twice as long."""

    def __init__(
        self, shape: Shape, dialect: Dialect, *, write: Callable[[Columns], Update], among: ColumnElement[int]
    ) -> None:
        name = str(among.key)
        told = {each: bindparam(f"row_{each}", type_=kind) for each, kind in shape.items()}
        alike = {each: column for each, column in told.items() if each != name}
        one_of = select(func.json_each(bindparam(f"row_{name}", type_=Text())).table_valued("value").c.value)
        order = (*alike, name)
        self._one = _Told(write(told), order, dialect)
        self._many = _Told(write(alike).where(among.in_(one_of)), order, dialect)

    def move(self, cursor: DBAPICursor, told: Told, given: Given = NOTHING) -> Told:
        alone = {what: which for what, which in told.items() if len(which) == 1}
        moved = {**self._each(cursor, alone, given)} if alone else {}
        for what, which in told.items():
            if len(which) > 1:
                moved |= self._together(cursor, what, which, given)
        return moved

    def _together(self, cursor: DBAPICursor, what: Line, which: Sequence[int], given: Given) -> Told:
        among = str(list(which))  # which happens to be JSON
        work = partial(cursor.execute, self._many.text, self._many.filled(given)(what, among))
        whole = {what: which}
        return whole if _all_moved(cursor, work, len(which)) else self._one_by_one(cursor, whole, given)

    def _each(self, cursor: DBAPICursor, alone: Told, given: Given) -> Told:
        filled = self._one.filled(given)
        every = [filled(what, own) for what, (own,) in alone.items()]
        work = partial(cursor.executemany, self._one.text, every)
        return alone if _all_moved(cursor, work, len(alone)) else self._one_by_one(cursor, alone, given)

    def _one_by_one(self, cursor: DBAPICursor, told: Told, given: Given) -> Told:
        moved, filled = defaultdict[Line, list[int]](list), self._one.filled(given)
        for what, which in told.items():
            for own in which:
                cursor.execute(self._one.text, filled(what, own))
                if cursor.rowcount:
                    moved[what].append(own)
        return moved


class _Told:
    """An update and the order in which the driver wants what is told of a row, its own last, and what is the same for all
    of them."""

    def __init__(self, update: Update, names: Sequence[str], dialect: Dialect) -> None:
        self._script = Script(update, dialect)
        self._told = {f"row_{name}": place for place, name in enumerate(names)}

    @property
    def text(self) -> str:
        return self._script.text

    @cached_property
    def _rest(self) -> Sequence[str]:
        return [name for name in self._script.order if name not in self._told]

    @cached_property
    def _pick(self) -> Callable[[Line], Line]:
        places = self._told | {name: len(self._told) + place for place, name in enumerate(self._rest)}
        return itemgetter(*(places[name] for name in self._script.order))

    def filled(self, given: Given) -> Callable[[Line, object], Line]:
        """What makes the driver's parameters out of what is told and the row's own."""
        every, pick = {**self._script.kept, **given}, self._pick
        rest = tuple(every[name] for name in self._rest)
        return lambda what, own: pick((*what, own, *rest))


def _all_moved(cursor: DBAPICursor, work: Callable[[], object], count: int) -> bool:
    """Nearly always every row is as it was told; only else need anybody know which were. Undone if not all moved."""
    cursor.execute("SAVEPOINT bulk", ())
    work()
    whole: bool = cursor.rowcount == count
    if not whole:
        cursor.execute("ROLLBACK TO bulk", ())
    cursor.execute("RELEASE bulk", ())
    return whole
