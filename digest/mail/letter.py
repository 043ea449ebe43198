"""One issue for one reader: the page with the reader's own values in it, under a full set of headers, signed.

What is the same for everybody is written once per issue. It sends nothing, and it knows no clock and no chance:
the same reader always gets the same bytes, which is what makes trying again safe.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from email.utils import format_datetime

from digest.errors import InputError
from digest.mail import headers, plus
from digest.mail.body import Body, Plain
from digest.mail.dkim import Seal, Signer
from digest.mail.related import Data
from digest.mail.segments import Field
from digest.mail.tokens import TOKEN_LENGTH, Purpose, Tokens
from digest.model import Issue, Kind, Letter, Letterhead, Recipient

# These keep a header and an envelope whole; whether an address is a good one, `addresses.parse` has judged before.
# Nearly all are of the first kind, which reads the same in all encodings, is on no line too long and begins it with no dot.
READER = re.compile(
    r"([A-Za-z0-9_+-][A-Za-z0-9_+.-]{0,29}@[A-Za-z0-9.-]{1,42})"
    r'|[^\s\x00-\x20"(),:;<>@\[\\\]\x7f-\xa0\ud800-\udfff]{1,64}@[A-Za-z0-9.-]{1,255}'
)
_OWN = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,255}")
_LIST = re.compile(r"[A-Za-z0-9._+=-]{1,64}@[A-Za-z0-9.-]{1,255}")
_DOMAIN = re.compile(r"[A-Za-z0-9.-]{1,255}")
_WEB = re.compile(r"(?:https?://[^\x00-\x20\"<>,\\^`{|}\x7f-\U0010ffff]{1,400})?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_NONE: Data = {}
_NOT_ODD: Mapping[str, str] = {}
_TOKEN = "\0" * TOKEN_LENGTH  # stands for a token, and in no address of ours


class Press:
    """An issue set in type, and the readers' copies that come off it. Several threads may use one at once.

    What would spoil every copy is refused with `InputError` before the first: an address of our own that cannot stand
    in a header or carry a token, a base URL that cannot stand in one. `data` has the bytes of the pictures that go along.
    """

    def __init__(self, issue: Issue, *, tokens: Tokens, signers: Sequence[Signer] = (), data: Data = _NONE) -> None:
        head = issue.letterhead
        check_head(head)
        self._number = issue.number
        self._id_start, self._id_end = f"<i{issue.number}.", f"@{head.domain}>"
        self._name = tokens.namer(issue.number)
        self._leaving, self._returning = tokens.minter(Purpose.UNSUBSCRIBE), tokens.minter(Purpose.BOUNCE)
        # All tokens are equally long, so an address has room for each of them or for none.
        bounce = plus.tagged(head.list_address, f"bounce-{_TOKEN}") if head.verp else ""
        self._return_path = (bounce or head.from_address).split(_TOKEN)
        marks = issue.page.marks
        self._email, self._leave = marks.email, marks.unsubscribe
        asked = ((marks.good, Purpose.GOOD), (marks.bad, Purpose.BAD)) if marks.good in issue.page.text else ()
        self._asked = [(mark, tokens.minter(purpose)) for mark, purpose in asked]
        fields = (
            Field(marks.email),
            Field(marks.unsubscribe, ways_out(head, token=_TOKEN)[0]),
            Field(marks.good, _opinion(head, Purpose.GOOD, token=_TOKEN)),
            Field(marks.bad, _opinion(head, Purpose.BAD, token=_TOKEN)),
        )
        short = replace(issue, page=issue.short) if issue.short else issue
        self._editions: dict[Kind, _Edition] = {
            "full": _Edition(issue, Body(issue, fields=fields, data=data), signers=signers),
            "summary": _Edition(short, Body(short, fields=fields, data=data), signers=signers),
            "text": _Edition(issue, Plain(issue, fields=fields), signers=signers),
        }

    @property
    def slow(self) -> bool:
        """RSA is. An Ed25519 signature takes less than to have another thread make it, and to wait for Python after it."""
        return any(seal.slow for seal in self._editions["full"].seals)

    def address(self, recipient: Recipient) -> Letter:
        """The letter for one reader, the same bytes each time, and none of its lines begins with a dot.

        Raises `InputError` for an address that would break the envelope or the header.
        """
        email = recipient.email
        found = READER.fullmatch(email)
        if not found:
            raise InputError("no letter can be addressed to this", where=repr(email), then="Remove it from the list.")
        token = self._leaving(recipient.id, recipient.epoch)
        message_id = f"{self._id_start}{self._name(recipient.id)}{self._id_end}"
        words = {self._email: email.encode(), self._leave: token.encode()}
        for mark, mint in self._asked:
            words[mark] = mint(recipient.id, self._number).encode()
        edition = self._editions[recipient.kind]
        parts = edition.body.fill(words, odd=_NOT_ODD if found.lastindex else {self._email: email})
        parts[0] = edition.top(email, message_id, token, parts)
        return Letter(self._sender(recipient), email, message_id, tuple(parts), dotless=True)

    def _sender(self, recipient: Recipient) -> str:
        """A return address of its own where bounces are read, so that one that comes back says whose it was."""
        if len(self._return_path) == 1:
            return self._return_path[0]
        return self._returning(recipient.id, self._number).join(self._return_path)


class _Edition:
    """One kind of letter of an issue: its body, and the head above it, with what is the same for everybody ready."""

    def __init__(self, issue: Issue, body: Body | Plain, *, signers: Sequence[Signer]) -> None:
        self.body = body
        groups = _fixed_headers(issue, fields=body.fields)
        sender, subject, listed, rest = (b"".join(group).decode() for group in groups)
        ways = ways_out(issue.letterhead, token=_TOKEN)[1]
        self._to, self._id = f"{sender}To: ", f"\r\n{subject}Message-ID: "
        self._rest = f"\r\n{listed}List-Unsubscribe: {ways}\r\n{rest}\r\n".split(_TOKEN)
        self._ways = ways.split(_TOKEN)
        self.seals = tuple(
            Seal(
                signer,
                [line for group in groups for line in group],
                varying=("To", "Message-ID", "List-Unsubscribe"),
                signed_at=int(issue.letterhead.date.timestamp()),
            )
            for signer in signers
        )

    def top(self, email: str, message_id: str, token: str, body: Sequence[bytes]) -> bytes:
        """The whole head, signatures first, and the empty line after it."""
        head = f"{self._to}{email}{self._id}{message_id}{token.join(self._rest)}".encode()
        if not self.seals:
            return head
        varying = (
            headers.field("To", email),
            headers.field("Message-ID", message_id),
            headers.field("List-Unsubscribe", token.join(self._ways)),
        )
        body_hash = self.body.digest(body)
        return b"".join((*(seal.sign(varying, body_hash=body_hash) for seal in self.seals), head))


def _fixed_headers(issue: Issue, *, fields: Mapping[str, str]) -> tuple[tuple[bytes, ...], ...]:
    """The fields that are the same in each letter, in four groups: what differs stands between them."""
    head, page = issue.letterhead, issue.page
    groups: tuple[dict[str, str], ...] = (
        {"From": headers.named(head.name, head.from_address)},
        {
            "Reply-To": head.reply_to,
            "Subject": headers.unstructured(page.headline.subject),
            "Date": format_datetime(head.date),
        },
        {"List-Id": _list_id(head)},
        {
            # RFC 8058: a promise that a POST to the https link is enough; without such a link it must not be made.
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" if _one_click(head) else "",
            "List-Help": f"<{_help(head)}>",
            "List-Post": "NO",
            "Auto-Submitted": "auto-generated",
            "Precedence": "bulk",
            "MIME-Version": "1.0",
            **fields,
            "Content-Language": page.lang if _LANGUAGE.fullmatch(page.lang) else "",
        },
    )
    return tuple(tuple(headers.field(name, value) for name, value in group.items() if value) for group in groups)


def opinions(head: Letterhead, *, tokens: Tokens, reader: int, issue: int) -> tuple[str, str]:
    """The links that write a mail: a good pick, or not for me."""
    good, bad = (
        _opinion(head, purpose, token=tokens.mint(purpose, subject=reader, number=issue))
        for purpose in (Purpose.GOOD, Purpose.BAD)
    )
    return good, bad


def _opinion(head: Letterhead, purpose: Purpose, *, token: str) -> str:
    return plus.mailto(head.list_address, purpose, token)


def list_fields(head: Letterhead, *, token: str) -> dict[str, str]:
    """The List- fields of a single letter; with a reader's token it says how to leave, too."""
    leaving = {
        "List-Unsubscribe": ways_out(head, token=token)[1],
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" if _one_click(head) else "",
    }
    return {"List-Id": _list_id(head), **(leaving if token else {}), "List-Help": f"<{_help(head)}>"}


def ways_out(head: Letterhead, *, token: str) -> tuple[str, str]:
    """Where a reader leaves, on the web where there is one and else by mail; and the field that lists both."""
    mailto = plus.mailto(head.list_address, "unsubscribe", token)
    if not _one_click(head):
        return mailto, f"<{mailto}>"
    link = f"{head.base_url}/u/{token}"
    return link, f"<{link}>,\r\n <{mailto}>"


def _list_id(head: Letterhead) -> str:
    """By the address and not the name, since it must stay for ever (RFC 2919) and names are polished."""
    local, _, _ = head.list_address.partition("@")
    return headers.named(head.list_name or head.name, f"{local.lower()}.{head.domain}")


def _help(head: Letterhead) -> str:
    return plus.mailto(head.list_address, "help")


def _one_click(head: Letterhead) -> bool:
    return head.base_url.startswith("https://")


def check_head(head: Letterhead) -> None:
    """Raises `InputError` for what would spoil every letter under this head."""
    laws = (
        (head.from_address, _OWN, "the sender's address must be plain ASCII, like digest@example.org"),
        (head.reply_to or head.from_address, _OWN, "the reply address must be plain ASCII, like editor@example.org"),
        (head.list_address, _LIST, "the digest's address must be plain, like digest@example.org"),
        (head.domain, _DOMAIN, "the domain of Message-IDs must be a plain host name"),
        (head.base_url, _WEB, "the base URL must be a plain http(s) URL in ASCII"),
    )
    for value, law, what in laws:
        if not law.fullmatch(value):
            raise InputError(what, where=repr(value), then="Correct it in the settings.")
