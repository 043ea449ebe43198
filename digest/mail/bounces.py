"""Letters that came back: what a bounce, a complaint or an automatic reply says, and whose letter of ours it is about.

`classify` judges any mail by what stands in it. `returned` believes only a token of ours (never a text that a stranger
can write), and turns it into an intent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from digest.mail.intents import Bounced, Complained, Ignore
from digest.mail.reading import amazon, diagnoses, disguised, machines, notices, origin, reports
from digest.mail.reading.opened import Part, open_mail
from digest.mail.reading.reports import Failure
from digest.mail.tokens import TOKEN_LENGTH, Purpose, Stamp, Tokens
from digest.text import one_line, shorten

Kind = Literal["hard", "soft", "ours", "delayed", "autoreply", "complaint", "other"]
_JUDGED: Final = 30
_WORST: Final[tuple[Literal["hard", "ours", "soft"], ...]] = ("hard", "ours", "soft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a mail says of a letter that was sent. Of several recipients, the first that failed for good decides.

    "hard": no such mailbox or domain. "soft": not now (full, slow, greylisted). "ours": refused for what we are or sent,
    or for a reason that says nothing of the reader. "delayed": still being tried. "autoreply": a program of the reader's.
    "complaint": called spam. "other": nothing of these. `status` is the enhanced code (RFC 3463) or ""; `failed` the
    addresses; `said` the server's words.
    """

    kind: Kind
    status: str = ""
    failed: tuple[str, ...] = ()
    said: str = ""


def classify(raw: bytes) -> Reading:
    """Judge a mail, whoever wrote it. Never raises."""
    return judged(open_mail(raw))


def judged(mail: Part) -> Reading:
    if reports.is_complaint(mail):
        return Reading(kind="complaint", failed=tuple(reports.complained_of(mail)))
    if (complainers := amazon.complained_of(mail)) is not None:
        return Reading(kind="complaint", failed=tuple(complainers))
    noticed = notices.is_notice(mail)
    groups = _reported(mail, noticed=noticed)
    failures = [group for group in groups if group.action == "failed"]
    if failures:
        return _reading(failures, around=reports.explanation(mail))
    if groups:
        return Reading(kind="delayed" if any(group.action == "delayed" for group in groups) else "other")
    if noticed:
        return _noticed(mail)
    why = machines.why(mail, sender=origin.sender(mail), own=frozenset())
    return Reading(kind="autoreply" if why else "other")


def _reported(mail: Part, *, noticed: bool) -> list[Failure]:
    """What a report says. One that lies in somebody's letter, as it does when they hand it on or ask about it, proves
    nothing. A torn one is read if a machine wrote it; Amazon WorkMail's has no address in From."""
    written = noticed or mail.kind == "multipart/report"
    found = [*(reports.recipients(mail) if written else ()), *amazon.recipients(mail)]
    return found or [*(reports.stray(mail) if written or "@" not in mail.get("from") else ())]


def _noticed(mail: Part) -> Reading:
    """A bounce in no standard form."""
    told = notices.told(mail)
    if disguised.is_forged(told):
        return Reading(kind="other")
    if notices.is_delay(mail, told):
        return Reading(kind="delayed", failed=tuple(notices.addresses(mail, told)))
    return _reading(
        [Failure(action="failed", status="", said=told, addresses=tuple(notices.addresses(mail, told)))], around=""
    )


def _reading(failures: Sequence[Failure], *, around: str) -> Reading:
    letter = diagnoses.around(around)
    verdicts = [(diagnoses.judge(failure, around=letter), failure) for failure in _told_apart(failures)]
    for kind in _WORST:
        for verdict, failure in verdicts:
            if verdict.kind == kind:
                said = shorten(one_line(failure.said), 300)
                return Reading(kind=kind, status=verdict.status, failed=tuple(_failed(failures)), said=said)
    return Reading(kind="soft")


def _told_apart(failures: Sequence[Failure]) -> list[Failure]:
    """Those of which something else is said, at most thirty: a letter of ours has one recipient, a hostile report 200."""
    apart: dict[object, Failure] = {}
    for one in failures:
        apart.setdefault((one.status, one.said, one.alone, one.elsewhere), one)
    return list(apart.values())[:_JUDGED]


def _failed(failures: Sequence[Failure]) -> Iterator[str]:
    seen = set()
    for failure in failures:
        for address in failure.addresses:
            if address and address.lower() not in seen:
                seen.add(address.lower())
                yield address


# ── whose letter ──────────────────────────────────────────────────────────────────────────────────

_TOKEN = re.compile(rf"(?<![a-z0-9])[a-z2-7]{{{TOKEN_LENGTH}}}(?![a-z0-9])", re.IGNORECASE)
_LETTER = re.compile(r"<i(\d{1,5})\.([0-9a-f]{30})@", re.IGNORECASE)


def returned(mail: Part, *, tokens: Tokens, tags: Sequence[str]) -> Bounced | Complained | Ignore | None:
    """The intent of a mail that came back with a token of ours; `Ignore` for a bounce without; None for other mail.

    `tags` is what stood behind the + of the address that it came to.
    """
    tagged = next(filter(None, (_bounce(tag, tokens=tokens) for tag in tags if tag.startswith("bounce"))), None)
    reading = judged(mail)
    if reading.kind in {"other", "autoreply"}:
        return None
    stamp = tagged or _letter(mail, tokens=tokens)
    match reading.kind:
        case "complaint":
            return Complained(stamp=stamp) if stamp else Ignore(why="a complaint that names no letter of ours")
        case "hard" | "soft" | "ours" as kind if stamp:
            return Bounced(stamp=stamp, kind=kind, status=reading.status, said=reading.said)
        case "delayed":
            return Ignore(why="a letter is late, and still being tried")
    return Ignore(why="a bounce that names no letter of ours")


def _bounce(text: str, *, tokens: Tokens) -> Stamp | None:
    found = (tokens.read(Purpose.BOUNCE, match[0]) for match in list(_TOKEN.finditer(text))[:20])
    return next(filter(None, found), None)


def _letter(mail: Part, *, tokens: Tokens) -> Stamp | None:
    """Our letter among what was sent back: by its return address, or by its Message-ID and unsubscribe token together.

    The token says whose it is, the Message-ID of which issue, and its digest that they belong together.
    """
    for part in mail.walk():
        if part.kind in {"message/delivery-status", "message/feedback-report"}:
            stamp = _bounce(part.body[:20_000].decode("utf-8", errors="replace"), tokens=tokens)
        elif part is mail:
            stamp = None
        else:
            stamp = _bounce(" ".join(part.all("return-path") + part.all("errors-to")), tokens=tokens) or _matched(
                part, tokens=tokens
            )
        if stamp:
            return stamp
    return _in_text(mail, tokens=tokens)


def _matched(part: Part, *, tokens: Tokens) -> Stamp | None:
    return _pair(part.get("message-id"), " ".join(part.all("list-unsubscribe")), tokens=tokens)


def _in_text(mail: Part, *, tokens: Tokens) -> Stamp | None:
    """Many old servers put the returned header into the text of their notice."""
    text = mail.body[:100_000].decode("utf-8", errors="replace")
    return _pair(text, text, tokens=tokens) or _bounce(text, tokens=tokens)


def _pair(message_id: str, unsubscribe: str, *, tokens: Tokens) -> Stamp | None:
    letter = _LETTER.search(message_id)
    if not letter or int(letter[1]) > 65535:
        return None
    for word in list(_TOKEN.finditer(unsubscribe))[:20]:
        reader = tokens.read(Purpose.UNSUBSCRIBE, word[0])
        if reader and tokens.message(int(letter[1]), reader.subject) == letter[2].lower():
            return Stamp(purpose=Purpose.BOUNCE, subject=reader.subject, number=int(letter[1]))
    return None
