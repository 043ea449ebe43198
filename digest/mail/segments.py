"""A text that differs by reader in a few places, encoded for mail once, so that filling it in is joining bytes.

What comes out is its own relaxed DKIM form (RFC 6376, 3.4.4), and no line of it is over 76 characters or begins with
a dot or "From ". It knows two encodings and nothing of letters.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

_ESCAPES = [f"={byte:02X}" for byte in range(256)]
_TO_ESCAPE = re.compile("[^\n -<>-~]+")  # of a text whose letters are its bytes
_TRAILING_SPACE = re.compile(" $", re.MULTILINE)
# 73 characters leave room for a soft break and for an escaped first letter; an escape is never cut in two.
_LINE = re.compile(r".{1,73}(?<!=)(?<!=.)")
_BAD_START = re.compile(r"^(?:\.|F(?=rom ))", re.MULTILINE)
_SOFT_BREAK = b"=\r\n"


class Field(NamedTuple):
    """What stands in the places of a mark: `form`, in which NULs stand for a word of as many plain letters; or, where it
    is "", any word."""

    mark: str
    form: str = ""


class Segments(Protocol):
    """An encoded text. `encoding` is its Content-Transfer-Encoding; `parts` are its pieces, empty where a reader's words
    come, and the others are the same for everybody; the first is one of these. `fill` puts in what is missing.

    A word of letters and digits alone, or of what else stands for itself in both encodings, is given as it is; any other as
    it is `spelled` here.
    """

    encoding: str
    parts: list[bytes]

    def fill(self, copy: list[bytes], words: Mapping[str, bytes], *, at: int = 0) -> None:
        """Complete a copy of `parts`, which begins there `at`, with the words by their marks."""
        ...

    def spelled(self, word: str) -> bytes: ...


def encode(text: str, *, fields: Sequence[Field]) -> Segments:
    """`text`, its lines ending in \\n, ready to be filled in wherever the mark of one of `fields` (at least one) stands in it.

    Quoted-printable, or base64 where that is shorter.
    """
    known = {field.mark: field for field in fields}
    pieces = re.split("(" + "|".join(map(re.escape, known)) + ")", text)
    shape = Base64 if len(base64_lines(_crlf(text))) < len(quoted(text)) else Quoted
    return shape(pieces[::2], fields=[known[mark] for mark in pieces[1::2]])


def quoted(text: str) -> bytes:
    """`text` in quoted-printable (RFC 2045, 6.7) with lines ending in CRLF."""
    return _wrapped(_escaped(text))


def _escaped(text: str) -> str:
    # Of two spaces the second is escaped, since a run of them would not be its own relaxed form.
    escaped = _TO_ESCAPE.sub(_escapes, text.encode().decode("latin-1"))
    return _TRAILING_SPACE.sub("=20", escaped.replace("  ", " =20"))


def _escapes(run: re.Match[str]) -> str:
    return "".join(map(_ESCAPES.__getitem__, run[0].encode("latin-1")))


def _wrapped(escaped: str) -> bytes:
    wrapped = "\n".join("=\n".join(_LINE.findall(line)) for line in escaped.split("\n"))
    return _BAD_START.sub(lambda bad: f"={ord(bad[0]):02X}", wrapped).replace("\n", "\r\n").encode("ascii")


def _framed(form: str) -> tuple[bytes, bytes, int]:
    """A form in quoted-printable: what stands before and after its word, and how many letters of that still fit on the
    line, 0 for all. No letter of a word changes where its lines end, so this is the same for everybody."""
    match re.split(b"(\0+)", _wrapped(_escaped(form).replace("=00", "\0"))):
        case [before, _, after]:
            return before, after, 0
        case [before, start, _, _, after]:
            return before, after, len(start)
    return b"", b"", 0


class Quoted:
    """Every field has quoted-printable lines of its own, with a soft break before and after, so that no word can
    disturb what stands around it."""

    encoding = "quoted-printable"

    def __init__(self, pieces: Sequence[str], *, fields: Sequence[Field]) -> None:
        self.parts = [quoted(pieces[0])]
        self._places: list[tuple[int, str]] = []
        self._cut: list[tuple[int, str, int]] = []
        for field, piece in zip(fields, pieces[1:], strict=True):
            before, after, cut = _framed(field.form)
            self.parts[-1] += _SOFT_BREAK + before
            place = len(self.parts)
            if cut:
                self._cut.append((place, field.mark, cut))
            else:
                self._places.append((place, field.mark))
            self.parts += [b"", after + _SOFT_BREAK + quoted(piece)]

    def fill(self, copy: list[bytes], words: Mapping[str, bytes], *, at: int = 0) -> None:
        for place, mark in self._places:
            copy[at + place] = words[mark]
        for place, mark, cut in self._cut:
            copy[at + place] = words[mark][:cut] + _SOFT_BREAK + words[mark][cut:]

    spelled = staticmethod(quoted)


class _Phase(NamedTuple):
    """A piece as it is encoded when its first `len(head)` bytes are needed to complete a group of three before it."""

    head: bytes
    middle: bytes
    tail: bytes


class Base64:
    """Base64 hides where a byte begins, so each piece is kept in the three ways that the length of the value before
    it can shift it. Only the value, with the odd bytes around it, is encoded for each reader."""

    encoding = "base64"

    def __init__(self, pieces: Sequence[str], *, fields: Sequence[Field]) -> None:
        first, *after = map(_crlf, pieces)
        if after:
            _, lead, self._loose = _phase(first, 0)
        else:
            lead, self._loose = base64_lines(first), b""
        self._rest = tuple(
            (field.mark, *_around(field.form), tuple(_phase(piece, shift) for shift in range(3)))
            for field, piece in zip(fields, after, strict=True)
        )
        self.parts = [lead, *(b"" for _ in after), b""]

    def fill(self, copy: list[bytes], words: Mapping[str, bytes], *, at: int = 0) -> None:
        loose = self._loose
        for place, (mark, before, after, phases) in enumerate(self._rest, at + 1):
            loose += before + words[mark] + after
            phase = phases[-len(loose) % 3]
            loose += phase.head
            whole = len(loose) - len(loose) % 3  # All of it, unless the piece was too short to complete the group.
            copy[place] = base64_lines(loose[:whole]) + phase.middle
            loose = loose[whole:] + phase.tail
        copy[at + len(self._rest) + 1] = base64_lines(loose)

    def spelled(self, word: str) -> bytes:
        return _crlf(word)


def _around(form: str) -> tuple[bytes, bytes]:
    """What stands before and after the word of a form."""
    before, _, after = form.partition("\0")
    return _crlf(before), _crlf(after.lstrip("\0"))


def _phase(piece: bytes, shift: int) -> _Phase:
    end = max(shift, len(piece) - (len(piece) - shift) % 3)
    return _Phase(piece[:shift], base64_lines(piece[shift:end]), piece[end:])


def base64_lines(raw: bytes) -> bytes:
    """`raw` in base64 (RFC 2045, 6.8), every line of 76 characters or fewer ended by CRLF."""
    return b"".join(b2a_base64(raw[at : at + 57], newline=False) + b"\r\n" for at in range(0, len(raw), 57))


def _crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()
