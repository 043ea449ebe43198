"""The words of SMTP: replies read out of bytes, commands made from letters, what an answer means. No sockets, no waiting."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from digest.model import Letter, Outcome, Verdict
from digest.text import one_line, shorten

LINE_LIMIT = 4096  # octets; RFC 5321, 4.5.3.1.5 allows 512, some servers put more into EHLO
LINES_LIMIT = 1000
DOT = b".\r\n"
REPLY_LIMIT = 200  # characters of a reply that are kept
_USUAL = 800  # octets of replies that come at once to a letter's end and the next one's beginning
_ORDINARY = re.compile(r"[2-5][0-9]{2} [ -~]{0,200}")
_ENHANCED = re.compile(r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}")


class Garbled(Exception):
    """The other side said what is not SMTP, or what cannot be said now. Stays inside the room."""


# ── replies ───────────────────────────────────────────────────────────────────────────────────────


class Reply(NamedTuple):
    """One answer: its code (200 to 599) and the text of its lines."""

    code: int
    lines: tuple[str, ...]

    @property
    def positive(self) -> bool:
        return self.code < 300


class ReplyReader:
    """Cuts a stream of bytes into replies, in whatever pieces it comes. Keeps no more than one unfinished reply."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[str] = []
        self._code = 0

    @property
    def empty(self) -> bool:
        """Nothing was heard past the last whole reply."""
        return not self._rest and not self._lines

    def replies(self, data: bytes) -> Iterable[Reply]:
        """The replies that `data` completes. `Garbled` when it cannot be one, is too long or has too many lines; where
        it cannot be told at once, whoever goes through them hears it."""
        if not self._rest and not self._lines and (usual := _usual(data)):
            return usual
        return self._read(data)

    def _read(self, data: bytes) -> Iterator[Reply]:
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            if self._take(line.removesuffix(b"\r")):
                reply = Reply(self._code, tuple(self._lines))
                self._lines = []
                yield reply
        if len(self._rest) > LINE_LIMIT:
            raise Garbled("a line of the reply is too long")

    def _take(self, line: bytes) -> bool:
        """Whether `line` ends a reply. All its lines must agree on the code (RFC 5321, 4.2.1)."""
        digits, mark = line[:3], line[3:4]
        if len(line) >= LINE_LIMIT or len(self._lines) >= LINES_LIMIT:
            raise Garbled("the reply is too long")
        if not (digits.isdigit() and b"200" <= digits < b"600" and mark in (b" ", b"-", b"")) or len(digits) < 3:
            raise Garbled(f"this is no reply: {said(line.decode('utf-8', 'replace'))}")
        if self._lines and int(digits) != self._code:
            raise Garbled("the lines of a reply do not agree")
        self._code = int(digits)
        self._lines.append(line[4:].decode("utf-8", "replace"))
        return mark != b"-"


@lru_cache(maxsize=64)
def _usual(data: bytes) -> tuple[Reply, ...]:
    """Whole replies of one ordinary line each; none where there is anything else. A server says the same few words to
    every letter, so they are read once."""
    if len(data) > _USUAL or not data.endswith(b"\n") or not data.isascii():
        return ()
    lines = [line.removesuffix("\r") for line in data.decode("ascii").split("\n")[:-1]]
    if not all(map(_ORDINARY.fullmatch, lines)):
        return ()
    return tuple(Reply(int(line[:3]), (line[4:],)) for line in lines)


def said(text: str) -> str:
    """What a server said as one harmless line of at most 200 characters."""
    if text.isascii() and text.isprintable():  # the usual case, a thousand times a second
        return text[:REPLY_LIMIT]
    return shorten(one_line(text), REPLY_LIMIT)


def _split_enhanced(line: str, *, code: int) -> tuple[str, str]:
    """("5.1.1", "No such user") from a line of a reply; "" when it has no code of RFC 2034."""
    head, _, rest = line.partition(" ")
    if _ENHANCED.fullmatch(head) and head[0] == str(code)[0]:
        return head, rest
    return "", line


@lru_cache(maxsize=64)
def judged(phase: str, reply: Reply, *, verdict: Verdict | None = None) -> Outcome:
    """What `reply` means for the letter that it answers in `phase`; by its code unless the `verdict` is known.

    552 at RCPT may mean "too many recipients" (RFC 5321, 4.5.3.1.10), so it is for good only with 5.2.2.
    """
    enhanced, text = _split_enhanced(reply.lines[0], code=reply.code)
    if verdict is None:
        verdict = "accepted" if reply.code < 300 else "temporary" if reply.code < 500 else "permanent"
    if reply.code == 552 and phase == "rcpt" and enhanced != "5.2.2":
        verdict = "temporary"
    if len(reply.lines) > 1:
        text = " ".join(_split_enhanced(line, code=reply.code)[1] for line in reply.lines)
    return Outcome(verdict, phase, reply.code, enhanced, said(text))


# ── what a server offers ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the answer to EHLO promised. `size` is the largest letter in octets, 0 when none was named."""

    words: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    size: int = 0
    pipelining: bool = False
    chunking: bool = False
    smtputf8: bool = False
    dsn: bool = False
    starttls: bool = False


def offer_of(reply: Reply) -> Offer:
    """Read the answer to EHLO (RFC 5321, 4.1.1.1). "AUTH=PLAIN" is how old servers write it."""
    lines = [line.upper().replace("AUTH=", "AUTH ", 1).split() for line in reply.lines[1:]]
    found = {words[0]: tuple(words[1:]) for words in lines if words}
    size = found.get("SIZE", ())
    return Offer(
        words=tuple(found),
        logins=found.get("AUTH", ()),
        size=int(size[0]) if size and size[0].isdecimal() else 0,
        pipelining="PIPELINING" in found,
        chunking="CHUNKING" in found,
        smtputf8="SMTPUTF8" in found,
        dsn="DSN" in found,
        starttls="STARTTLS" in found,
    )


# ── commands ──────────────────────────────────────────────────────────────────────────────────────


def envelope(letter: Letter, *, size: int, offer: Offer) -> tuple[bytes, bytes] | Outcome:
    """MAIL and RCPT for a letter of `size` octets; or why it cannot even be offered to this server, decided here and so
    without a code.

    They say what the server understands: SIZE (RFC 1870), SMTPUTF8 (6531), and with DSN (3461) that we want to hear of
    failures only, under the address that we know.
    """
    sender, recipient = letter.sender, letter.recipient
    both = sender + recipient
    if not both.isprintable() or not recipient or " " in both or "<" in both or ">" in both:
        return _unfit("5.1.3", "the address holds characters that cannot stand on an envelope")
    if not both.isascii() and not offer.smtputf8:
        return _unfit("5.6.7", "the address needs SMTPUTF8, which this server does not offer")
    if 0 < offer.size < size:
        return _unfit("5.3.4", f"the letter has {size} octets, this server takes at most {offer.size}")
    mail, rcpt = f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>"
    if offer.size:
        mail += f" SIZE={size}"
    if offer.dsn:
        kind = "rfc822" if recipient.isascii() else "utf-8"  # RFC 6533, 3
        mail += f" RET=HDRS ENVID={_xtext(letter.message_id.strip('<>')[:100])}"
        rcpt += f" NOTIFY=FAILURE ORCPT={kind};{_xtext(recipient)}"
    if not both.isascii():
        mail += " SMTPUTF8"
    return f"{mail}\r\n".encode(), f"{rcpt}\r\n".encode()


def _unfit(enhanced: str, why: str) -> Outcome:
    return Outcome(verdict="permanent", phase="mail", enhanced=enhanced, reply=why)


def _xtext(text: str) -> str:
    """RFC 3461, 4: "+" and "=" and what is not printable ASCII as +XX. RFC 6533 lets other letters stand."""
    return text if "+" not in text and "=" not in text else text.replace("+", "+2B").replace("=", "+3D")


def stuffed(parts: Sequence[bytes]) -> list[bytes]:
    """`parts` as DATA carries them: a dot before each line that begins with one, and the last dot (RFC 5321, 4.5.2).

    Most letters have no such line and are not copied. A last line that was not ended is ended.
    """
    if _dotted(b"\n".join([b"", *(part for part in parts if len(part) <= _LONG)])) or any(
        _dotted_once(part) for part in parts if len(part) > _LONG
    ):
        whole = b"".join(parts).replace(b"\r\n.", b"\r\n..")
        parts = [b"." + whole if whole.startswith(b".") else whole]
    return [*parts, DOT if _ended(parts) else b"\r\n" + DOT]


def _dotted(part: bytes) -> bool:
    """Whether a line in `part` may begin with a dot; its first line may stand in the middle of one, but that is rare."""
    return part.startswith(b".") or b"\n." in part


# All letters of an issue share their long parts, the very same objects: looking at each once saves more time
# than all the rest of a letter takes. The keys compare by identity first, and bytes remember their hash.
_LONG = 1024
_dotted_once = lru_cache(maxsize=32)(_dotted)


def _ended(parts: Sequence[bytes]) -> bool:
    """Whether the text of `parts` ends in CRLF, or there is none."""
    tail = b"".join(parts[-2:])
    if len(tail) < 2 < len(parts):  # only ever so with parts of a byte or none
        tail = b"".join(parts)
    return not tail or tail.endswith(b"\r\n")
