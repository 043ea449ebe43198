"""What looks like a mail server's notice and is none: a bounce that a person passes on, answers or asks about, and a worm
in the dress of one. A notice is a mail's own text, not what stands quoted in somebody's letter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.mail.reading.opened import Part

_TAG = re.compile(r"\[(?!fwd?\])[^\]:]{1,40}\]\s{0,9}", re.IGNORECASE)  # a list's own; "[Fwd: Returned mail]" is none
_PASSED_ON = re.compile(
    r"\W{0,3}(?:re|aw|antw(?:ort)?|sv|vs|fwd?|wg|tr|rv|rif|res|odp|vb|vl|enc|doorst|转发|回复|回覆|答复|отв|返信|転送|답장|전달)"
    r"\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:：]|[(\[]?fwd?[)\]]? |.{0,300}[(\[]fwd?[)\]]\s?$",
    re.IGNORECASE,
)


def untagged(title: str) -> str:
    """A title without the tag that a list puts before it."""
    tag = _TAG.match(title)
    return title[tag.end() :] if tag else title


def is_passed_on(mail: Part, title: str) -> bool:
    """Whether a mail hands on another by its title, or is another with a new head, as old mail programs do it."""
    return bool(_PASSED_ON.match(untagged(title))) or mail.kind in {"message/rfc822", "message/global"}


def is_answer(mail: Part) -> bool:
    return bool(mail.get("in-reply-to") or mail.get("references"))


# ── what stands before a notice that somebody pasted ──────────────────────────────────────────────

_OF_A_PERSON = re.compile(
    r"\?(?=\s|$)|^\s{0,9}(?:>(?!>> ?[a-z]{4}\b)|\|)|forwarded message|original message-|weitergeleitete nachricht|message transféré"
    r"|^\W{0,3}(?:from|von|de|da|van|från|fra|od|от|发件人|差出人)\W{0,3}[:：].{0,200}@"
    r"|^\s{0,9}(?:hi|hello|hey|hallo|salut|hola|ciao)\b(?!.{0,40}\bprogram)"
    r"|\bi (?:got|get|keep|sent|tried|try|wrote|received|have|had|think|wonder|just|am|was)\b"
    r"|\bmy (?:e-?mails?|mails?|letters?|messages?|address|posts?|reply|answer|isp|provider)\b",
    re.IGNORECASE | re.MULTILINE,
)


def speaks_first(before: str) -> bool:
    """Whether a person's words, a quote or a forwarded head stand before what a server says."""
    return bool(_OF_A_PERSON.search(before))


_PROGRAM = re.compile(
    r"thunderbird|mozilla|apple mail|i(?:phone|pad) mail|\bpine\b|\bmutt|eudora|the bat|evolution|kmail|claws|roundcube"
    r"|squirrelmail|pegasus|outlook|android",
    re.IGNORECASE,
)


def is_typed(mail: Part) -> bool:
    """Whether a program wrote it that people write letters with."""
    return bool(mail.get("user-agent") or _PROGRAM.search(mail.get("x-mailer")))


# ── worms ─────────────────────────────────────────────────────────────────────────────────────────

_LURE = re.compile(r"\.(?:zip|rar|7z|pif|scr|exe|com|bat|cmd|cpl|vbs|js|jar|lnk|iso)$", re.IGNORECASE)


def brings_a_program(mail: Part) -> bool:
    """Whether an archive or a program lies beside the words. A notice gives the letter back as a letter; what
    asks to be opened to learn more is a worm, or bait."""
    return any(
        _LURE.search(name.strip())
        for part in _beside(mail)
        for name in (part.parameter("name"), part.parameter("filename", of="content-disposition"))
    )


_FORGED = re.compile(r"while talking to \d{1,3}(?:\.\d{1,3}){3}:")


def is_forged(told: str) -> bool:
    """Whether a transcript copies sendmail's with a slip: that one puts an address without a name in brackets."""
    return bool(_FORGED.search(told))


def _beside(mail: Part) -> Iterator[Part]:
    for part in mail.parts:
        if part.kind not in {"message/rfc822", "message/global", "text/rfc822-headers"}:
            yield part
            yield from _beside(part)
