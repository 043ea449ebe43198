"""A CSV list as its lines: the names of its columns, and each line's cells or why it has none. Knows nothing of readers."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from digest.errors import InputError

_MANY = 20  # lines that one cell may run over: the reason that somebody gave for leaving


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """How a list is written; its columns by the name that we read (small, with underscores) and as they are written;
    its text line by line, of which the first is number `start`; and how many cells a line `must` have at least: with 0 it may
    end anywhere, else its cells must lie under their columns."""

    dialect: type[csv.Dialect]
    columns: Sequence[tuple[str, str]]
    text: Sequence[str]
    start: int
    must: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line's number, counted from 1 with the heading, and its cells with the names of their columns."""

    number: int
    cells: Sequence[tuple[str, str]] | InputError


def read(text: str, *, source: str, names: Sequence[str], needed: Callable[[str], bool], then: str) -> Sheet:
    """Raises InputError when no column has one of these `names` and the first line is no bare address. A `needed` column
    is one of which each line must have a cell, though it may be empty."""
    text_lines = re.split(r"\r\n|\r|\n", text)  # others, like U+2028, stand unquoted within a cell
    dialect = _dialect(text_lines[0])
    titles = [cell.strip() for cell in _cells(text_lines[0], dialect)]
    columns = [(re.sub(r"[\s_-]+", "_", title.casefold()), title) for title in titles]
    start = 1
    if not {name for name, _title in columns}.isdisjoint(names):
        text_lines, start = text_lines[1:], 2
    elif len(titles) == 1 and "@" in titles[0]:
        columns = [(names[0], names[0])]
    else:
        found = f"it has {', '.join(titles)}" if len(titles) < 20 else "its first line is no heading"
        raise InputError(f"has no column named email; {found}", where=source, then=then)
    must = max((at for at, (name, _title) in enumerate(columns, start=1) if needed(name)), default=0)
    return Sheet(dialect=dialect, columns=columns, text=text_lines, start=start, must=must)


def lines(sheet: Sheet) -> Iterator[Line]:
    """A line is a reader: an unclosed quote spoils its own line and not the rest of the list."""
    at = 0
    while at < len(sheet.text):
        taken = 1
        if sheet.text[at].strip(" \t,;"):
            try:
                cells, taken = _row(sheet, at)
                yield Line(number=sheet.start + at, cells=_named(cells, sheet))
            except InputError as wrong:
                yield Line(number=sheet.start + at, cells=wrong)
        at += taken


def _row(sheet: Sheet, at: int) -> tuple[list[str], int]:
    """The cells that begin at this line, and over how many lines they run. No line that may be a reader's is swallowed."""
    try:
        return _cells(sheet.text[at], sheet.dialect), 1
    except InputError:
        for end in range(at + 1, min(at + _MANY, len(sheet.text))):
            if "@" in sheet.text[end]:
                break
            try:
                return _cells("\n".join(sheet.text[at : end + 1]), sheet.dialect), end + 1 - at
            except InputError:
                continue
        raise


def _named(cells: Sequence[str], sheet: Sheet) -> list[tuple[str, str]]:
    if len(cells) < sheet.must:
        title = sheet.columns[sheet.must - 1][1]
        raise InputError(f"the line ends before its column {title}", then="Complete it; the cell may be empty.")
    if sheet.must and any(cell.strip() for cell in cells[len(sheet.columns) :]):
        raise InputError("the line has more cells than there are columns", then="Quote the cell that holds a comma.")
    return [(name, cell) for (name, _title), cell in zip(sheet.columns, cells, strict=False)]


def _cells(line: str, dialect: type[csv.Dialect]) -> list[str]:
    try:
        return next(csv.reader([line], dialect=dialect, strict=True), [])
    except csv.Error as wrong:
        raise InputError("a quote is opened and not closed on this line", then="Double it, or close it.") from wrong


def _dialect(heading: str) -> type[csv.Dialect]:
    """Comma, or what spreadsheets of other countries write instead."""

    class Found(csv.excel):
        delimiter = max(",;\t", key=heading.count)

    return Found
