"""Careful hands for strangers' JSON: each getter gives something empty where the shape is not what it should be.

It knows how JSON comes (bare, behind a JavaScript assignment, one document a line), and no service's shape.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from digest.errors import InputError

Json = dict[str, object]
_ASSIGNED = re.compile(r"\s*(?:(?:var|let|const)\s+)?[A-Za-z_$][\w.$\[\]\"']{0,200}\s*=\s*(?=[\[{])")
_LIKELY = re.compile(r"\s*(?:\{\s*(?:\"|\})|\[\s*(?:[\[{]|\]\s*\Z))")
# Half of a pair is no character (RFC 8259, 8.2), and no text of PostgreSQL holds a NUL: nothing downstairs could keep them.
_ESCAPES = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<unfit>\\u(?:[dD][89a-fA-F][0-9a-fA-F]{2}|0000))"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_X_DATE = re.compile(r"\w{3} (\w{3}) (\d{1,2}) (\d{2}):(\d{2}):(\d{2}) ([+-]\d{4}) (\d{4})")


def parse(text: str, *, ref: str) -> object:
    """The JSON document in `text`, or None when it is something else.

    Raises InputError when it began as JSON and broke off, is broken inside, or nested beyond reason.
    """
    assigned = _ASSIGNED.match(text)
    body = text[assigned.end() :].rstrip().removesuffix(";") if assigned else text
    if not _LIKELY.match(body):
        return None
    body = _sound(body)
    try:
        return json.loads(body)
    except RecursionError as error:
        raise InputError("its JSON is nested deeper than anything real", where=ref, then=_AGAIN) from error
    except json.JSONDecodeError as error:
        return _mended(body, error, ref=ref)
    except ValueError as error:  # a number of more digits than Python reads
        raise InputError(f"its JSON cannot be read ({error})", where=ref, then=_AGAIN) from error


_AGAIN = "Save or download it again."


def _sound(body: str) -> str:
    """JSON without escapes that stand for no character, the sign for a lost one in their place."""
    if not any(mark in body for mark in ("\\ud", "\\uD", "\\u0000")):
        return body
    return _ESCAPES.sub(lambda escape: "\\ufffd" if escape["unfit"] else escape[0], body)


def _mended(body: str, error: json.JSONDecodeError, *, ref: str) -> object:
    """Documents one a line (JSON Lines), as some tools save them; else the reason why this is no JSON."""
    if error.msg == "Extra data" and body[: error.pos].count("\n"):
        try:
            return [json.loads(line) for line in body.splitlines() if line.strip()]
        except ValueError:
            pass
    # What ends in the middle of a value was cut; what goes on after the fault is broken, or is prose with a bracket.
    if error.pos >= len(body.rstrip()) - 1 or error.msg.startswith("Unterminated string"):
        what = f"its JSON breaks off after {len(body):,} characters"
    elif body.lstrip()[:1] == "[" and '"' not in body[:40]:
        return None
    else:
        what = f"its JSON is broken in line {error.lineno}"
    raise InputError(what, where=ref, then=_AGAIN) from error


def at(value: object, *path: str | int) -> object:
    """What lies at `path` inside `value`; None where the way ends."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def word(value: object, *path: str | int) -> str:
    """The text or whole number there, as text; "" for anything else."""
    found = at(value, *path)
    return str(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else ""


def engagement(thing: Json, *names: str) -> int | None:
    """What these counters say together, None when there is none of them."""
    return sum(number(thing, name) for name in names) if any(name in thing for name in names) else None


def number(value: object, *path: str | int) -> int:
    """The number there, also when it is written as text; 0 for anything else."""
    found = at(value, *path)
    if isinstance(found, (int, float)) and abs(found) < 1e15:
        return int(found)
    return int(found) if isinstance(found, str) and re.fullmatch(r"-?\d{1,15}", found) else 0


def things(value: object, *path: str | int) -> list[object]:
    """The list there; [] for anything else."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def objects(value: object, *path: str | int) -> list[Json]:
    """The JSON objects in the list there."""
    return [item for item in things(value, *path) if isinstance(item, dict)]


def object_at(value: object, *path: str | int) -> Json:
    """The JSON object there; {} for anything else."""
    found = at(value, *path)
    return found if isinstance(found, dict) else {}


def walk(value: object) -> Iterator[Json]:
    """Every JSON object in `value`, the outer before the inner, in reading order. Not recursive: depth costs nothing."""
    waiting: list[object] = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting += reversed(list(found.values()))
        elif isinstance(found, list):
            waiting += reversed(found)


def moment(said: str) -> datetime | None:
    """An instant as services write it: ISO 8601, RFC 2822, or X's "Wed Feb 28 21:07:33 +0000 2018"."""
    said = said.strip()
    try:
        if found := _X_DATE.fullmatch(said):
            month, day, hour, minute, second, zone, year = found.groups()
            said = f"{year}-{_MONTHS.index(month) + 1:02}-{int(day):02}T{hour}:{minute}:{second}{zone}"
        parsed = datetime.fromisoformat(said) if said[:4].isdecimal() else parsedate_to_datetime(said)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def commonest(words: Iterable[str]) -> str:
    """The word that most of them are; "" when all are empty."""
    counted = Counter(word for word in words if word).most_common(1)
    return counted[0][0] if counted else ""
