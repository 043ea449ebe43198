"""Story two: a stranger becomes a subscriber, and may leave. So far by the editor's hand and by CSV lists."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from digest.errors import InputError, NotFound
from digest.mail import addresses
from digest.model import Membership, Subscriber
from digest.store import Store
from digest.store.subscribers import Answer, Event, Newcomer
from digest.text import one_line

COLUMNS = ("email", "name", "state", "source", "consented_at")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run (OWASP, CSV injection)
_LIST_CAP = 200_000_000


# ── one reader ────────────────────────────────────────────────────────────────────────────────────


def add(address: str, *, store: Store, name: str, source: str, now: datetime) -> Answer:
    """Add who asked for it. Says what happened: "added", "already" there, or "left" before (and stays away)."""
    email = addresses.parse(address)
    newcomer = Newcomer(email=email, key=_key(email), name=one_line(name), source=source, consented_at=now)
    return store.subscribers.add(newcomer, now=now)[1]


def rejoin(address: str, *, store: Store, now: datetime, how: str) -> Subscriber:
    """Bring back who asked for it, whatever stood before; links in their older letters stop working."""
    email = addresses.parse(address)
    return store.subscribers.rejoin(Newcomer(email=email, key=_key(email), source=how), now=now, how=how)


def _key(email: str) -> str:
    """What tells two readers apart. Local parts may differ by case (RFC 5321, 2.4), yet no provider lets them."""
    return email.casefold()


def remove(address: str, *, store: Store, now: datetime) -> Subscriber:
    return store.subscribers.remove(_key(_known(address, store=store).email), now=now, how="by hand")


def show(address: str, *, store: Store) -> tuple[Subscriber, Sequence[Event]]:
    reader = _known(address, store=store)
    return reader, store.subscribers.history(reader.id)


def erase(address: str, *, store: Store) -> None:
    store.subscribers.erase(_key(_known(address, store=store).email))


def _known(address: str, *, store: Store) -> Subscriber:
    reader = store.subscribers.find(_key(addresses.parse(address)))
    if reader is None:
        raise NotFound("is not on the list", where=address, then="`digest subscribers list` shows who is.")
    return reader


# ── lists ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A line of a list that could not be taken, and why. `line` counts from 1, the heading included."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did: every line is in one of the four."""

    added: int
    already: int
    kept_away: int
    bad: tuple[Bad, ...]


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
    """Take the good lines of a CSV list, name the bad ones. Idempotent; who left, bounced or complained stays away."""
    bad: list[Bad] = []
    rows = _good_rows(text, source=source, now=now, bad=bad)
    answers = store.subscribers.import_many(rows, now=now)
    added, already = answers.pop("added", 0), answers.pop("already", 0)
    return Imported(added=added, already=already, kept_away=answers.total(), bad=tuple(bad))


def _good_rows(text: str, *, source: str, now: datetime, bad: list[Bad]) -> Iterator[Newcomer]:
    lines = csv.reader(io.StringIO(text, newline=""), dialect=_dialect(text))
    heading = [cell.strip().lower() for cell in next(lines)]
    if "email" not in heading:
        raise InputError(
            "has no column named email", where=source, then=f"Its first line should be: {','.join(COLUMNS)}"
        )
    while True:
        try:
            cells = next(lines, None)
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield _row(dict(zip(heading, cells, strict=False)), source=source, now=now)
        except (InputError, csv.Error) as wrong:
            bad.append(Bad(line=lines.line_num, reason=str(wrong)))


def _dialect(text: str) -> type[csv.Dialect]:
    """Comma, or what spreadsheets of other countries write instead."""
    heading = text.split("\n", 1)[0]

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
        key=_key(email),
        name=one_line(_plain(cells.get("name", ""))),
        source=one_line(_plain(cells.get("source", ""))) or source,
        membership=Membership(state),
        consented_at=_instant(cells.get("consented_at", "")),
    )


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
