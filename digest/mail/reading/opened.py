"""A mail opened: its header fields and parts, in bounded time and memory whatever somebody sent. It judges nothing.

Not `email.parser`: that one recurses with the nesting and parses headers of any size (a thousand parts in each other
raise RecursionError, a From of 100 KB costs 38 s). Here every loop has a bound, and what is over it is not read.
"""

from __future__ import annotations

import binascii
import html
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header

from digest.mail.reading.letters import letters
from digest.text import clean

READ_LIMIT = 512 * 1024  # bytes of a mail that are looked at
HEAD_LIMIT = 128 * 1024
FIELD_LIMIT = 4096
FIELD_COUNT = 500
_DEPTH = 8
_PARTS = 100
_TEXT_LIMIT = 64 * 1024

_TOKEN = re.compile(r"[^\s;\"()<>@,]{1,80}")
_TRANSPARENT = re.compile(rb"[^A-Za-z0-9+/=]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part, or the whole mail: fields as (lower-case name, unfolded value) in their order, then what follows them.

    `body` is still encoded; `parts` are those of a multipart, or the one mail inside a message/rfc822.
    """

    fields: tuple[tuple[str, str], ...]
    body: bytes = b""
    parts: tuple[Part, ...] = ()

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.fields if known == name]

    def get(self, name: str) -> str:
        """The first, topmost one, or ""."""
        return next((value for known, value in self.fields if known == name), "")

    @property
    def kind(self) -> str:
        """The media type, "text/plain" where none or nonsense is given (RFC 2045, 5.2)."""
        found = _TOKEN.match(self.get("content-type").strip())
        return found[0].lower() if found and "/" in found[0] else "text/plain"

    def parameter(self, name: str, *, of: str = "content-type") -> str:
        """A parameter of Content-Type or another structured field, without its quotes."""
        pattern = rf";\s{{0,20}}{re.escape(name)}\s{{0,9}}=\s{{0,9}}(?:\"([^\"]{{0,500}})\"?|([^\s;\"]{{1,500}}))"
        found = re.search(pattern, self.get(of), re.IGNORECASE)
        return (found[1] or found[2] or "") if found else ""

    def walk(self) -> Iterator[Part]:
        """This part and all inside it, outermost first."""
        yield self
        for part in self.parts:
            yield from part.walk()


def open_mail(raw: bytes, *, limit: int = READ_LIMIT) -> Part:
    """The first `limit` bytes of a mail, taken apart. Never raises."""
    return _opened(raw[:limit].replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b" \n"), depth=0, room=[_PARTS])


def _opened(data: bytes, *, depth: int, room: list[int]) -> Part:
    room[0] -= 1
    head, body = _halves(data)
    part = Part(fields=tuple(_fields(head)), body=body)
    if depth >= _DEPTH:
        return part
    return Part(fields=part.fields, body=body, parts=tuple(_inside(part, depth=depth + 1, room=room)))


def _halves(data: bytes) -> tuple[bytes, bytes]:
    if data.startswith(b"\n"):
        return b"", data[1:]
    head, _, body = data.partition(b"\n\n")
    return head[:HEAD_LIMIT], body


def _fields(head: bytes) -> Iterator[tuple[str, str]]:
    """Unfolded (RFC 5322, 2.2.3), the first 500, each cut at 4 KB; a line that is no field ends nothing."""
    lines = letters(head).replace("\0", "").split("\n")
    name, value, count = "", "", 0
    for line in [*lines, "-"]:
        if line[:1] in {" ", "\t"}:
            value = value if len(value) > FIELD_LIMIT else f"{value} {line.strip()[:FIELD_LIMIT]}"
            continue
        if name:
            yield name, value.strip()[:FIELD_LIMIT]
            count += 1
        if count >= FIELD_COUNT:
            return
        before, colon, value = line[:FIELD_LIMIT].partition(":")
        name = before.strip().lower() if colon and " " not in before.strip() else ""


def _inside(part: Part, *, depth: int, room: list[int]) -> Iterator[Part]:
    pieces: list[bytes] = []
    if part.kind.startswith("multipart/"):
        pieces = _pieces(part.body, boundary=part.parameter("boundary"))
    elif part.kind in {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"}:
        pieces = [_decoded(part)]
    for piece in pieces:
        if room[0] <= 0:
            return
        yield _opened(piece, depth=depth, room=room)


def _pieces(body: bytes, *, boundary: str) -> list[bytes]:
    """What stands between the boundary lines (RFC 2046, 5.1.1); the closing one may be missing."""
    if not boundary:
        return []
    mark = b"--" + boundary.strip().encode("utf-8", errors="replace")
    found = (b"\n" + body).split(b"\n" + mark)[1 : _PARTS + 1]
    pieces = []
    for piece in found:
        if piece.startswith(b"--"):
            break
        pieces.append(piece.partition(b"\n")[2])
    return pieces


def _decoded(part: Part) -> bytes:
    match part.get("content-transfer-encoding").strip().lower():
        case "base64":
            return _base64(part.body)
        case "quoted-printable":
            return quopri.decodestring(part.body)
    return part.body


def _base64(body: bytes) -> bytes:
    """As much as is there: letters that do not belong are skipped, a cut end is left off."""
    letters = _TRANSPARENT.sub(b"", body).partition(b"=")[0]
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def text_of(part: Part) -> str:
    """The first 64 KB of a part's text, in whatever character set; HTML becomes lines. Cleaned of what no eye may meet."""
    data = _decoded(part)[: _TEXT_LIMIT * 2]
    text = letters(data, charset=part.parameter("charset"))[:_TEXT_LIMIT]
    if part.kind == "text/html":
        text = _lines_of(text)
    return clean(text)


def content(part: Part) -> bytes:
    """A part's own bytes, decoded."""
    return _decoded(part)


_WORD = re.compile(r"=\?[^?\s]{1,60}\?[bqBQ]\?[^?\s]{0,800}\?=")


def words(value: str) -> str:
    """A header value with its encoded words (RFC 2047) as letters, on one line."""
    if not _WORD.search(value):
        return " ".join(clean(value).split())
    try:
        found = decode_header(value)
    except (HeaderParseError, ValueError):
        return " ".join(clean(value).split())
    pieces = (piece if isinstance(piece, str) else letters(piece, charset=charset or "") for piece, charset in found)
    return " ".join(clean("".join(pieces)).split())


_HIDDEN = re.compile(r"<(/?)(head|style|script|title)\b[^<>]{0,2000}>|<!--|-->", re.IGNORECASE)
_QUOTE = re.compile(
    r"<blockquote\b|<div[^<>]{0,300}(?:gmail_quote|moz-cite-prefix|yahoo_quoted|divRplyFwdMsg|appendonsend|protonmail_quote)",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br\b[^<>]{0,200}>|</(?:p|div|tr|li|h[1-6]|table|pre)\s{0,9}>|<hr\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,4000}>")
QUOTED_FROM_HERE = "-----Original Message-----"


def _lines_of(markup: str) -> str:
    """HTML as plain lines. Where somebody's quoted words begin, stands the line that Outlook writes there."""
    flat = " ".join(_shown(markup).split())
    marked = _QUOTE.sub(lambda found: f"\n{QUOTED_FROM_HERE}\n{found[0]}", flat)
    text = html.unescape(_TAG.sub("", _BREAK.sub("\n", marked)))
    return "\n".join(line.strip() for line in text.split("\n"))


def _shown(markup: str) -> str:
    """Without heads, scripts and comments; in one pass, since a pattern from "<" to ">" goes back and forth for ever."""
    pieces, until, at = [], "", 0
    for mark in _HIDDEN.finditer(markup):
        opens = "-->" if mark[0] == "<!--" else f"/{mark[2].lower()}" if mark[2] and not mark[1] else ""
        closes = "-->" if mark[0] == "-->" else f"/{mark[2].lower()}" if mark[1] else ""
        if not until and opens:
            pieces.append(markup[at : mark.start()])
            until = opens
        elif until and closes == until:
            at, until = mark.end(), ""
    return " ".join([*pieces, "" if until else markup[at:]])
