"""A text that differs by reader in a few places, encoded for mail once, so that filling it in is joining bytes.

What comes out is its own relaxed DKIM form (RFC 6376, 3.4.4), and no line of it is over 76 characters or begins with
a dot or "From ". It knows two encodings and nothing of letters.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

_ESCAPES = {byte: f"={byte:02X}" for byte in range(256) if not (32 <= byte <= 126 or byte == ord("\n"))}
_ESCAPES[ord("=")] = "=3D"
_TRAILING_SPACE = re.compile(" $", re.MULTILINE)
# 73 characters leave room for a soft break and for an escaped first letter; an escape is never cut in two.
_LINE = re.compile(r".{1,73}(?<!=)(?<!=.)")
_BAD_START = re.compile(r"^(?:\.|F(?=rom ))", re.MULTILINE)
_PLAIN = re.compile(r"(?!\.|From )[!-<>-~]{1,73}")
_SOFT_BREAK = b"=\r\n"


class Segments(Protocol):
    """An encoded text. `encoding` is its Content-Transfer-Encoding; `lead` is what comes before the first field, the
    same for everybody; `fill` gives the rest, with each field's value in all of its places."""

    encoding: str
    lead: bytes

    def fill(self, values: Mapping[str, str]) -> list[bytes]: ...


def encode(text: str, *, fields: Sequence[str]) -> Segments:
    """`text`, its lines ending in \\n, ready to be filled in wherever one of `fields` (at least one) stands in it.

    Quoted-printable, or base64 where that is shorter.
    """
    pieces = re.split("(" + "|".join(map(re.escape, fields)) + ")", text)
    shape = Base64 if len(base64_lines(_crlf(text))) < len(quoted(text)) else Quoted
    return shape(pieces[::2], fields=pieces[1::2])


def quoted(text: str) -> bytes:
    """`text` in quoted-printable (RFC 2045, 6.7) with lines ending in CRLF."""
    if _PLAIN.fullmatch(text):  # As nearly every value is, and they are what each letter waits for.
        return text.encode("ascii")
    # Of two spaces the second is escaped, since a run of them would not be its own relaxed form.
    escaped = text.encode().decode("latin-1").translate(_ESCAPES).replace("  ", " =20")
    lines = _TRAILING_SPACE.sub("=20", escaped).split("\n")
    wrapped = "\n".join("=\n".join(_LINE.findall(line)) for line in lines)
    return _BAD_START.sub(lambda bad: f"={ord(bad[0]):02X}", wrapped).replace("\n", "\r\n").encode("ascii")


@lru_cache(maxsize=16)
def _on_lines_of_its_own(value: str) -> bytes:
    """A field's value as `Quoted` puts it; a letter asks for the same in its text and in its HTML."""
    return quoted(value) + _SOFT_BREAK


class Quoted:
    """Every field has quoted-printable lines of its own, with a soft break before and after, so that no value can
    disturb what stands around it."""

    encoding = "quoted-printable"

    def __init__(self, pieces: Sequence[str], *, fields: Sequence[str]) -> None:
        *broken, last = map(quoted, pieces)
        self.lead, *after = [*(piece + _SOFT_BREAK for piece in broken), last]
        self._rest = [part for piece in after for part in (b"", piece)]
        self._places = {field: [2 * n for n, name in enumerate(fields) if name == field] for field in fields}

    def fill(self, values: Mapping[str, str]) -> list[bytes]:
        filled = self._rest.copy()
        for field, places in self._places.items():
            value = _on_lines_of_its_own(values[field])
            for place in places:
                filled[place] = value
        return filled


class _Phase(NamedTuple):
    """A piece as it is encoded when its first `len(head)` bytes are needed to complete a group of three before it."""

    head: bytes
    middle: bytes
    tail: bytes


class Base64:
    """Base64 hides where a byte begins, so each piece is kept in the three ways that the length of the value before
    it can shift it. Only the value, with the odd bytes around it, is encoded for each reader."""

    encoding = "base64"

    def __init__(self, pieces: Sequence[str], *, fields: Sequence[str]) -> None:
        first, *after = map(_crlf, pieces)
        if after:
            _, self.lead, self._loose = _phase(first, 0)
        else:
            self.lead, self._loose = base64_lines(first), b""
        self._rest = tuple(
            (field, tuple(_phase(piece, shift) for shift in range(3)))
            for field, piece in zip(fields, after, strict=True)
        )

    def fill(self, values: Mapping[str, str]) -> list[bytes]:
        ready = {field: _crlf(value) for field, value in values.items()}
        filled, loose = [], self._loose
        for field, phases in self._rest:
            loose += ready[field]
            phase = phases[-len(loose) % 3]
            loose += phase.head
            whole = len(loose) - len(loose) % 3  # All of it, unless the piece was too short to complete the group.
            filled.append(base64_lines(loose[:whole]) + phase.middle)
            loose = loose[whole:] + phase.tail
        return [*filled, base64_lines(loose)]


def _phase(piece: bytes, shift: int) -> _Phase:
    end = max(shift, len(piece) - (len(piece) - shift) % 3)
    return _Phase(piece[:shift], base64_lines(piece[shift:end]), piece[end:])


def base64_lines(raw: bytes) -> bytes:
    """`raw` in base64 (RFC 2045, 6.8), every line of 76 characters or fewer ended by CRLF."""
    return b"".join(b2a_base64(raw[at : at + 57], newline=False) + b"\r\n" for at in range(0, len(raw), 57))


def _crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()
