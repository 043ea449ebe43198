"""A letter that belongs to no issue: an answer to a reader, a word to the editor. Written once, signed, and kept as it is.

It sends nothing and knows no clock: the letterhead says when.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import format_datetime
from hashlib import sha256
from typing import Literal

from digest.errors import InputError
from digest.mail import headers, plus, related
from digest.mail.dkim import Seal, Signer, relaxed_body
from digest.mail.letter import READER, check_head, list_fields
from digest.mail.segments import quoted
from digest.mail.tokens import Purpose, Tokens
from digest.model import Letter, Letterhead, Shown

_MESSAGE_ID = re.compile(r"<[^\s<>\x00-\x20\x7f-\U0010ffff]{3,250}>")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_LINE_LIMIT = 998  # RFC 5322, 2.1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """Something that goes along: its file name, its media type, its bytes. A mail ("message/rfc822") as it came."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a note says and to whom. `reader` is their number, 0 for who is none; a bounce then names nobody.

    `answered` says that a mail was the cause, and `answers` is its Message-ID, "" where that had better not be repeated.
    `reply_to` overrules the digest's address. `unsubscribe` is a reader's token, so that this letter, too, says how to
    leave; "" where there is nothing to leave. `pictures` stand in its page, `data` has the bytes of those that go along.
    """

    to: str
    subject: str
    text: str
    html: str
    lang: str
    reader: int = 0
    answered: bool = False
    answers: str = ""
    reply_to: str = ""
    unsubscribe: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    pictures: tuple[Shown, ...] = ()
    data: related.Data = field(default_factory=dict, repr=False)


def write(note: Note, *, head: Letterhead, tokens: Tokens, signers: Sequence[Signer] = ()) -> Letter:
    """The letter, the same bytes for the same note and head. Raises `InputError` for an address that would break the
    envelope or the header."""
    check_head(head)
    if not READER.fullmatch(note.to):
        raise InputError("no letter can be addressed to this", where=repr(note.to), then="Correct the address.")
    name = sha256(repr((note, head.date)).encode()).hexdigest()[:30]
    message_id = f"<n.{name}@{head.domain}>"
    kind, body = _body(note, boundary=f"=_{name}")
    lines = _fields(note, head=head, message_id=message_id, content_type=kind)
    body_hash = sha256(relaxed_body(body)).digest()
    at = int(head.date.timestamp())
    signatures = [Seal(s, lines, varying=(), signed_at=at).sign((), body_hash=body_hash) for s in signers]
    data = b"".join((*signatures, *lines, b"\r\n", body))
    return Letter(sender=_sender(note, head, tokens), recipient=note.to, message_id=message_id, parts=(data,))


def _sender(note: Note, head: Letterhead, tokens: Tokens) -> str:
    """The return address that says whose note came back, where bounces are read."""
    if not (head.verp and note.reader):
        return head.from_address
    token = tokens.mint(Purpose.BOUNCE, subject=note.reader, number=0)
    return plus.tagged(head.list_address, f"bounce-{token}") or head.from_address


def _fields(note: Note, *, head: Letterhead, message_id: str, content_type: str) -> list[bytes]:
    """RFC 3834: what answers a mail says so, and which; nothing here may be answered by a machine."""
    answers = note.answers if _MESSAGE_ID.fullmatch(note.answers) else ""
    auto: Literal["auto-replied", "auto-generated"] = "auto-replied" if note.answered else "auto-generated"
    fields = {
        "From": headers.named(head.name, head.from_address),
        "To": note.to,
        "Reply-To": note.reply_to or head.list_address,
        "Subject": headers.unstructured(note.subject),
        "Date": format_datetime(head.date),
        "Message-ID": message_id,
        "In-Reply-To": answers,
        "References": answers,
        **list_fields(head, token=note.unsubscribe),
        "Auto-Submitted": auto,
        "X-Auto-Response-Suppress": "All",  # the one that Exchange heeds
        "MIME-Version": "1.0",
        "Content-Type": content_type,
        "Content-Language": note.lang,
    }
    return [headers.field(name, value) for name, value in fields.items() if value]


# ── the body ──────────────────────────────────────────────────────────────────────────────────────


def _body(note: Note, *, boundary: str) -> tuple[str, bytes]:
    """The Content-Type and the body that it describes."""
    before, after = related.around(note.pictures, data=note.data, boundary=f"{boundary}_p")
    texts = [_text("plain", note.text), before + _text("html", note.html) + after]
    if not note.enclosures:
        return f'multipart/alternative; boundary="{boundary}"', _parts(texts, boundary)
    inner = f"{boundary}_a"
    words = f'Content-Type: multipart/alternative; boundary="{inner}"\r\n\r\n'.encode() + _parts(texts, inner)
    enclosed = [_enclosed(enclosure) for enclosure in note.enclosures]
    return f'multipart/mixed; boundary="{boundary}"', _parts([words, *enclosed], boundary)


def _parts(parts: Sequence[bytes], boundary: str) -> bytes:
    return b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()


def _text(subtype: str, text: str) -> bytes:
    heading = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return heading.encode() + quoted(re.sub("\r\n?", "\n", text))


def _enclosed(enclosure: Enclosure) -> bytes:
    """A mail stays a mail only as long as it fits on any road: RFC 2046 (5.2.1) lets nobody encode one."""
    name = re.sub(r"[^\w.-]", "-", enclosure.name, flags=re.ASCII)[:60]
    place = f'Content-Disposition: attachment; filename="{name}"\r\n'
    if enclosure.media_type == "message/rfc822" and (whole := _as_it_came(enclosure.data)) is not None:
        return f"Content-Type: message/rfc822\r\n{place}\r\n".encode() + whole
    kind = enclosure.media_type if _MEDIA_TYPE.fullmatch(enclosure.media_type) else "application/octet-stream"
    kind = "application/octet-stream" if kind == "message/rfc822" else kind
    heading = f'Content-Type: {kind}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n{place}\r\n'
    return heading.encode() + encodebytes(enclosure.data).replace(b"\n", b"\r\n")


def _as_it_came(mail: bytes) -> bytes | None:
    """The mail with the line ends of the wire; None when a seven-bit road would spoil it."""
    lines = re.split(rb"\r\n|\r|\n", mail)
    fits = mail.isascii() and b"\0" not in mail and all(len(line) <= _LINE_LIMIT for line in lines)
    return b"\r\n".join(lines) if fits else None
