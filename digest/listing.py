"""The list of readers as a CSV file that a person keeps: taken in line by line, and given out again. Nobody is revived by it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from digest import spreadsheet, standing
from digest.errors import InputError
from digest.mail import addresses
from digest.model import Membership
from digest.spreadsheet import Line, Sheet
from digest.store import Store
from digest.store.people import Newcomer
from digest.text import one_line

COLUMNS = ("email", "name", "state", "source", "consented_at")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run (OWASP, CSV injection)
# Their names in the lists of others, the first that is there being read. An “Address” may be one on paper.
_NAMES = {
    "email": ("email", "email_address", "e_mail", "e_mail_address", "subscriber", "address"),
    "name": ("name", "first_name", "firstname", "fname"),
    "last_name": ("last_name", "lastname", "lname"),
    "source": ("source",),
    "consented_at": ("consented_at", "confirm_time", "optin_time"),
}
_LISTMONK = {"uuid", "attributes", "status"}
_LIST_CAP = 200_000_000
_CLOCKS_DIFFER = timedelta(days=1)  # a date without a zone may be tomorrow's elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A line of a list that could not be taken, and why. `line` counts from 1, the heading included."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did: every line is in one of the seven. `added` are readers from now on, `unconfirmed` never said yes
    and get none, `gone` were strangers whom the list says not to write to. `unread` are the columns that nobody here
    knows, `doubt` is what such a list cannot tell."""

    added: int
    unconfirmed: int
    already: int
    taken_off: int
    gone: int
    kept_away: int
    bad: tuple[Bad, ...]
    unread: tuple[str, ...]
    doubt: str


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
    and a line that says so of somebody takes them off. A list of bare addresses needs no heading.

    Raises InputError, and takes nobody, when a status is not understood. Who is gone is written down before anybody
    else comes in, so that somebody who stands twice in a list is at no moment written to.
    """
    then = f"Its first line should be: {','.join(COLUMNS)}"
    page = spreadsheet.read(text, source=source, names=_NAMES["email"], needed=standing.tells, then=then)
    bad: list[Bad] = []
    gone: list[Newcomer] = []
    waiting: list[Newcomer] = []
    for row in _rows(_with(page, {*standing.GONE, Membership.PENDING}, source=source), source=source, now=now, bad=bad):
        (waiting if row.membership is Membership.PENDING else gone).append(row)
    people = store.subscribers
    left = people.import_many(gone, now=now)
    taken_off = sum(people.depart(row.key, row.membership, now=now, how=source) for row in gone)
    reading = _with(page, {Membership.ACTIVE, Membership.PAUSED}, source=source)
    came = people.import_many(_rows(reading, source=source, now=now, bad=bad), now=now)
    asked = people.import_many(waiting, now=now)
    every = left + came + asked
    return Imported(
        added=came["added"],
        unconfirmed=asked["added"],
        already=every["already"] - taken_off,
        taken_off=taken_off,
        gone=left["added"],
        kept_away=every.total() - every["added"] - every["already"],
        bad=tuple(sorted(bad, key=lambda one: one.line)),
        unread=_unread(page),
        doubt=_doubt(page),
    )


def _unread(page: Sheet) -> tuple[str, ...]:
    names = {name for name, _title in page.columns}
    email = next(name for name in _NAMES["email"] if name in names)
    read = {email}.union(*(theirs for ours, theirs in _NAMES.items() if ours != "email"))
    return tuple(title for name, title in page.columns if title and name not in read and not standing.tells(name))


def _doubt(page: Sheet) -> str:
    """Its export writes “enabled” of those, too, who left a list (knadh/listmonk, issue 2855)."""
    names = {name for name, _title in page.columns}
    if not names >= _LISTMONK or "subscription_status" in names:
        return ""
    return (
        "This looks like an export of listmonk, which does not say who left a list: “enabled” is written of them, too. "
        "Export the list by its status, ?subscription_status=confirmed, and import no other."
    )


def _with(page: Sheet, wanted: set[Membership], *, source: str) -> Iterator[tuple[Line, Membership]]:
    """The lines of those who stand so; those that cannot be read come with the active."""
    for line in spreadsheet.lines(page):
        if isinstance(line.cells, InputError):
            stands = Membership.ACTIVE
        else:
            try:
                stands = standing.read(line.cells)
            except InputError as wrong:
                then = "Nobody was taken. Correct it, or give the column another name if it says something else."
                raise InputError(wrong.what, where=f"{source}, line {line.number}", then=then) from wrong
        if stands in wanted:
            yield line, stands


def _rows(
    lines: Iterable[tuple[Line, Membership]], *, source: str, now: datetime, bad: list[Bad]
) -> Iterator[Newcomer]:
    for line, stands in lines:
        try:
            if isinstance(line.cells, InputError):
                raise line.cells
            yield _row(dict(line.cells), stands, source=source, now=now)
        except InputError as wrong:
            bad.append(Bad(line=line.number, reason=str(wrong)))


def _row(cells: dict[str, str], stands: Membership, *, source: str, now: datetime) -> Newcomer:
    def one(ours: str) -> str:
        return next((cells[name].strip() for name in _NAMES[ours] if cells.get(name, "").strip()), "")

    email = addresses.parse(_plain(next((cells[name] for name in _NAMES["email"] if name in cells), "")))
    try:
        consented_at = _consent(one("consented_at"), now=now)
    except InputError:
        if stands not in standing.GONE:
            raise
        consented_at = None  # a wish to leave is not lost for a date that cannot be read
    return Newcomer(
        email=email,
        key=addresses.key(email),
        name=_full(one_line(_plain(one("name"))), one_line(_plain(one("last_name")))),
        source=one_line(_plain(one("source"))) or source,
        membership=stands,
        consented_at=consented_at,
    )


def _full(name: str, last: str) -> str:
    return name if name.endswith(last) else f"{name} {last}".strip()


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
