"""Reports in a standard form: delivery status notifications (RFC 3464) and complaints (RFC 5965), as values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digest.mail.reading.letters import letters
from digest.mail.reading.opened import Part, content, text_of

_GROUPS = 200
_ADDRESS = re.compile(r"[^\s<>;,\"'()\[\]:]{1,64}@[^\s<>;,\"'()\[\]:]{1,255}")
_COMPLAINTS = frozenset(
    {"abuse", "complaint", "fraud", "opt-out", "opt-out-list", "unsubscribe", "miscategorized", "other", ""}
)
_MEANS = {"failure": "failed", "fail": "failed", "delay": "delayed", "error": "failed", "deliverable": "delivered"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What a report says of one recipient: Action, the code in Status, the words of Diagnostic-Code, the addresses by
    which the recipient is known, as we wrote it first. `elsewhere`: another server is named as the one that refused.
    `alone`: none is named, and none quoted, so whoever reports decided it by itself (RFC 3464, 2.3.5 and 2.3.6)."""

    action: str
    status: str
    said: str
    addresses: tuple[str, ...]
    elsewhere: bool = False
    alone: bool = False


def recipients(mail: Part) -> Iterator[Failure]:
    """Each recipient of each delivery-status part, failed or not."""
    for part in _outside(mail):
        if part.kind in {"message/delivery-status", "message/global-delivery-status"}:
            yield from _recipients(content(part))


def stray(mail: Part) -> Iterator[Failure]:
    """Each recipient of a report whose boundary was lost, or that never was in a part of its own. Only for what a mail
    server wrote: a person who passes a bounce on has the same lines in the mail. A receipt for a letter that arrived
    has them too (RFC 8098)."""
    if not _is_receipt(mail):
        yield from _recipients(mail.body[:50_000])


def _recipients(data: bytes) -> Iterator[Failure]:
    for group in _groups(data):
        if "final-recipient" in group or ("original-recipient" in group and "action" in group):
            yield _recipient(group)


def _is_receipt(mail: Part) -> bool:
    """Whether somebody, or their mail program, says what became of a letter after it came. Some servers refuse letters in
    this form, and then say that they deleted them of their own accord (RFC 5429, 2.2)."""
    for part in _outside(mail):
        if part.kind == "message/disposition-notification":
            how = " ".join(group.get("disposition", "") for group in _groups(content(part))).lower()
            return not ("automatic-action" in how and "deleted" in how)
    return False


def _outside(mail: Part) -> Iterator[Part]:
    """The report's own parts: the letter that it returns may hold reports of its own, and they prove nothing."""
    yield mail
    for part in mail.parts:
        if part.kind not in {"message/rfc822", "message/global", "text/rfc822-headers"}:
            yield from _outside(part)


def _recipient(group: dict[str, str]) -> Failure:
    action = group.get("action", "failed").strip().lower().split(" ")[0].split(";")[0].split("(")[0]
    status = re.match(r"\s*([245])\.(\d{1,3})\.(\d{1,3})", group.get("status", ""))
    said = group.get("diagnostic-code", "") or " ".join(
        group.get(name, "")
        for name in ("x-supplementary-info", "x-notes", "x-postfix", "x-display-name")
        if group.get(name)
    )
    named = [group.get(name, "") for name in ("original-recipient", "final-recipient", "x-actual-recipient")]
    addresses = [found[0] for value in named if (found := _ADDRESS.search(value.partition(";")[2] or value))]
    return Failure(
        action=_MEANS.get(action, action),
        status=".".join(status.groups()) if status else "",
        said=f"{said} {_beside(group.get('status', ''))}".strip(),
        addresses=tuple(addresses),
        elsewhere="remote-mta" in group,
        alone=not said and "remote-mta" not in group,
    )


def _beside(status: str) -> str:
    """The comment that some put behind the code: "5.1.1 (bad destination mailbox address)"."""
    return status.partition(" ")[2].strip()


def _groups(data: bytes) -> Iterator[dict[str, str]]:
    """Fields in groups parted by empty lines; the first is about the message and has no recipient."""
    text = letters(data[:200_000])
    for block in re.split(r"\n[ \t]*\n", text)[:_GROUPS]:
        group: dict[str, str] = {}
        name = ""
        for line in block.split("\n")[:200]:
            if line[:1] in {" ", "\t"} and name:
                group[name] = _unfolded(group[name], line)[:4000]
                continue
            before, colon, after = line.partition(":")
            name = before.strip().lower() if colon else ""
            if name:
                group.setdefault(name, after.lstrip().rstrip("\r")[:4000])
        if group:
            yield group


def _unfolded(value: str, line: str) -> str:
    """Others break a field where a blank stood; Domino breaks its own in the middle of a word."""
    return f"{value}{line[1:]}" if value.lower().startswith("x-notes;") else f"{value.rstrip()} {line.strip()}"


def explanation(mail: Part) -> str:
    """The words for people that come before the machine's part (RFC 3462), at most 8,000 characters."""
    for part in mail.walk():
        if part.kind in {"message/delivery-status", "message/rfc822"} and part is not mail:
            return ""
        if part.kind.startswith(("text/", "multipart/")) and not part.parts and part.kind != "text/rfc822-headers":
            return text_of(part)[:8000]
    return ""


# ── complaints ────────────────────────────────────────────────────────────────────────────────────


def is_complaint(mail: Part) -> bool:
    """An abuse report; one about authentication or a virus is none, and "not-spam" is the opposite."""
    for part in _outside(mail):
        if part.kind == "message/feedback-report":
            return _feedback(part).get("feedback-type", "").strip().lower() in _COMPLAINTS
    return bool(mail.get("x-hmxmroriginalrecipient")) or (
        mail.get("from").lower().strip("<> ").endswith("staff@hotmail.com")
        and "complaint about message" in mail.get("subject").lower()
    )


def complained_of(mail: Part) -> Iterator[str]:
    """The readers who complained, where the report says it; it is often blotted out."""
    for part in _outside(mail):
        if part.kind == "message/feedback-report":
            for name in ("original-rcpt-to", "removal-recipient"):
                if found := _ADDRESS.search(_feedback(part).get(name, "")):
                    yield found[0]


def _feedback(part: Part) -> dict[str, str]:
    merged: dict[str, str] = {}
    for group in _groups(content(part)):
        merged = {**group, **merged}
    return merged
