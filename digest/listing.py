"""The list of readers as a CSV file that a person keeps: taken in line by line, and given out again. Nobody is revived by it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from digest.errors import InputError
from digest.mail import addresses
from digest.model import Membership
from digest.store import Store
from digest.store.people import Newcomer
from digest.text import one_line

COLUMNS = ("email", "name", "state", "source", "consented_at")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run (OWASP, CSV injection)
_COLUMN_NAMES = {"e-mail": "email", "email address": "email", "e-mail address": "email", "address": "email"}
_GONE = frozenset({Membership.LEFT, Membership.BOUNCED, Membership.COMPLAINED, Membership.SUPPRESSED})
_LIST_CAP = 200_000_000
_CLOCKS_DIFFER = timedelta(days=1)  # a date without a zone may be tomorrow's elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A line of a list that could not be taken, and why. `line` counts from 1, the heading included."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did: every line is in one of the five. `unread` are the columns that nobody here knows."""

    added: int
    already: int
    taken_off: int
    kept_away: int
    bad: tuple[Bad, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """How a list is written, the names of its columns, and its lines by their number."""

    dialect: type[csv.Dialect]
    heading: Sequence[str]
    lines: Iterator[tuple[int, str]]


def read_list(ref: str, *, stdin: BinaryIO) -> str:
    """The text of a CSV file, or of standard input for "-"."""
    then = "Give a CSV file with a column `email`."
    try:
        data = stdin.read(_LIST_CAP + 1) if ref == "-" else Path(ref).read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as trouble:
        raise InputError(f"cannot be read ({trouble.strerror})", where=ref, then=then) from trouble
    except UnicodeDecodeError as trouble:
        raise InputError("is not UTF-8 text", where=ref, then="Save it as CSV in UTF-8.") from trouble
    if "\0" in text or not text.strip():
        raise InputError("is empty" if not text.strip() else "is no text file", where=ref, then=then)
    return text


def import_list(text: str, *, store: Store, source: str, now: datetime) -> Imported:
    """Take the good lines of a CSV list, name the bad ones. Idempotent; who left, bounced or complained stays away,
    and a line that says so of somebody takes them off. A list of bare addresses needs no heading."""
    sheet = _sheet(text, source=source)
    bad: list[Bad] = []
    gone: list[Newcomer] = []
    answers = store.subscribers.import_many(_good_rows(sheet, source=source, now=now, bad=bad, gone=gone), now=now)
    taken_off = sum(store.subscribers.depart(row.key, row.membership, now=now, how=source) for row in gone)
    added, already = answers.pop("added", 0), answers.pop("already", 0)
    return Imported(
        added=added,
        already=already - taken_off,
        taken_off=taken_off,
        kept_away=answers.total(),
        bad=tuple(bad),
        unread=tuple(name for name in sheet.heading if name and name not in COLUMNS),
    )


def _sheet(text: str, *, source: str) -> _Sheet:
    lines = text.splitlines()
    dialect = _dialect(lines[0])
    cells = [cell.strip().lower() for cell in _cells(lines[0], dialect)]
    heading = [_COLUMN_NAMES.get(cell, cell) for cell in cells]
    numbered = iter(enumerate(lines, start=1))
    if "email" in heading:
        next(numbered)
    elif len(cells) == 1 and "@" in cells[0]:
        heading = ["email"]
    else:
        found = f"it has {', '.join(heading)}" if len(heading) < 20 else "its first line is no heading"
        then = f"Its first line should be: {','.join(COLUMNS)}"
        raise InputError(f"has no column named email; {found}", where=source, then=then)
    return _Sheet(dialect=dialect, heading=heading, lines=numbered)


def _good_rows(
    sheet: _Sheet, *, source: str, now: datetime, bad: list[Bad], gone: list[Newcomer]
) -> Iterator[Newcomer]:
    """A line is a reader: an unclosed quote spoils its own line and not the rest of the file."""
    for number, line in sheet.lines:
        try:
            if line.strip(" \t,;"):
                row = _row(dict(zip(sheet.heading, _cells(line, sheet.dialect), strict=False)), source=source, now=now)
                if row.membership in _GONE:
                    gone.append(row)
                yield row
        except InputError as wrong:
            bad.append(Bad(line=number, reason=str(wrong)))


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


def _row(cells: dict[str, str], *, source: str, now: datetime) -> Newcomer:
    state = cells.get("state", "").strip().lower() or Membership.ACTIVE
    if state not in set(Membership):
        raise InputError(f"“{state}” is no state", then=f"Use one of {', '.join(Membership)}.")
    email = addresses.parse(_plain(cells.get("email", "")))
    return Newcomer(
        email=email,
        key=addresses.key(email),
        name=one_line(_plain(cells.get("name", ""))),
        source=one_line(_plain(cells.get("source", ""))) or source,
        membership=Membership(state),
        consented_at=_consent(cells.get("consented_at", ""), now=now),
    )


def _consent(text: str, *, now: datetime) -> datetime | None:
    at = _instant(text)
    if at and at > now + _CLOCKS_DIFFER:
        raise InputError(f"“{text.strip()}” lies in the future, and nobody can have agreed then", then="Correct it.")
    return at


def _instant(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as wrong:
        raise InputError(
            f"“{text.strip()}” is no date", then="Write 2026-11-22 or 2026-11-22T09:00:00+00:00."
        ) from wrong
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def export_list(store: Store) -> Iterator[str]:
    """The list as lines of CSV, the heading first. `import_list` reads it back; a spreadsheet runs nothing in it."""
    yield _line(COLUMNS)
    for reader in store.subscribers.all():
        consented = reader.consented_at.isoformat() if reader.consented_at else ""
        yield _line((_safe(reader.email), _safe(reader.name), reader.membership, _safe(reader.source), consented))


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _plain(cell: str) -> str:
    """Undo `_safe`: an apostrophe before a formula sign was put there by an export."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
