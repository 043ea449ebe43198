"""What a refusal means for the reader: "hard" when their address is dead, "soft" when it may work again, "ours" when it
is about us or says nothing of them. Codes lie (550 5.1.1 for a full mailbox, 5.7.1 for no such user), so the words weigh.

In doubt never "hard": a reader written to in vain costs less than a reader lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from digest.mail.reading import refusals, witnesses
from digest.mail.reading.reports import Failure

_HARD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4"})
_SOFT = frozenset({"5.2.1", "5.2.2", "5.4.7", "5.4.1", "5.4.0", "5.3.1", "5.3.2"})
_ENHANCED = re.compile(r"(?<![\d.])([45])\.(\d{1,2})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?=[\s\-,:;#>]|$)(?!\.\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    kind: Literal["hard", "soft", "ours"]
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The notice's text for people, read once for all its recipients."""

    flat: str
    topic: str
    only_full: bool


def around(text: str) -> Around:
    flat = _flat(text)
    return Around(flat=flat, topic=refusals.topic(_words(_quoted(text))), only_full=_contradicted(flat))


def judge(failure: Failure, *, around: Around) -> Verdict:
    """`around` is asked only when the server's own words say nothing, and for a witness."""
    said, letter = _words(_quoted(failure.said)), around.flat
    status = _status(failure.status, said)
    topic = _topic(said)
    if not topic and not (status in _HARD and not _WORDY.search(said)):
        topic = around.topic
    if topic in {"nobody", "refused"} and (
        around.only_full or not (_of_an_address(status, said) or _is_witnessed(failure, said=said, letter=letter))
    ):
        topic = "unsure"
    elif topic in _NAMED and not _names_an_address(said) and _of_us(failure.said):
        topic = "us"
    return Verdict(kind=_kind(status, topic, said), status=status)


def _topic(said: str) -> str:
    if _NO_MAIL.search(said):
        return "nowhere"
    if any(_SENDER.fullmatch(code) for code in _own(said)) and not _names_an_address(said):
        return "us"
    return refusals.topic(said)


# Sendmail's transcript, its short form of one, and Gmail's notice.
_QUOTED = re.compile(
    r"^<<< *(.{3,300})$|\(reason: (.{3,300}?)\)\s*(?:\(expanded|$)|the error that the other server returned was:\s*(.{3,300})",
    re.IGNORECASE | re.MULTILINE,
)


def _quoted(told: str) -> str:
    """The refusing server's words alone where they are quoted: around them the sending one tells what it makes of that
    ("550 5.1.1 User unknown", says sendmail of every 550)."""
    words = "\n".join(next(filter(None, found.groups())) for found in _QUOTED.finditer(told[:8000]))
    return words if _REPLY.search(words) else told


def _contradicted(letter: str) -> bool:
    """Whether the text for people knows only of a full mailbox, where the machine's part has an unknown one."""
    return refusals.speaks_of(letter, _FULL) and not refusals.speaks_of(letter, _NAMED)


def _of_us(told: str) -> bool:
    """Whether the refusing server's own line, from its code on, speaks of us too: whose name is "unknown" then, or which
    "domain not found", no pattern can tell ("Invalid HELO name", "too many unknown users")."""
    words = _quoted(told)
    reply = _REPLY.search(words)
    line = words[reply.start() :][:300].partition("\n\n")[0] if reply else ""
    return refusals.speaks_of(_words(line), _US)


_NO_MAIL = re.compile(r"\b5(?:21|56)\b.{0,80}\bnot accept(?:ing)? (?:network messages|(?:e-?)?mail)")  # RFC 7504
_ADDRESS = re.compile(r"[45]\.1\.(?!7$|8$)\d{1,3}")  # RFC 3463, 3.2; .7 and .8 are about the sender's
_SENDER = re.compile(r"[45]\.1\.[78]")
# The sending server's note. Read as the refusing one's, "invalid structure (in reply to RCPT" is an invalid recipient.
_COMMAND = re.compile(r"\(in reply to rcpt(?: to)? command\)")
_REMOTE = re.compile(r"remote|\bhost [\w.-]+ \[|said:|end of data|smtp|\b[45]\d\d\b")  # somebody else's words after all


def _of_an_address(status: str, said: str) -> bool:
    """Whether a code says so. Who refuses has the last word: the Status is what the sending server makes of it."""
    return _names_an_address(said) or (not _own(said) and bool(_ADDRESS.fullmatch(status)))


def _names_an_address(said: str) -> bool:
    return any(_ADDRESS.fullmatch(code) for code in _own(said))


def _own(said: str) -> list[str]:
    return [code for code in _codes(said) if not code.endswith(".0.0")]


def _is_witnessed(failure: Failure, *, said: str, letter: str) -> bool:
    told = f"{_flat(failure.said)} {letter}"
    return (
        witnesses.at_rcpt(told)
        or (witnesses.rejected(said) and not _own(said))
        or (failure.alone and not _REMOTE.search(letter))
        or witnesses.local_agent(_flat(failure.said))
        or (not failure.elsewhere and witnesses.decided_alone(told))
        or witnesses.handed_on(said)
        or (witnesses.looked(said) and not witnesses.was_read(told))
        or witnesses.summed_up(f"{letter} {_flat(failure.said)}")
    )


# What stands in every notice of its kind, or names an address that may be called "unknown": no part of what was said.
_ALWAYS_THERE = re.compile(
    r"<?[^\s<>\"'(),;:]{1,64}@(?:(?!\.\.\.)[^\s<>\"'(),;:]){1,255}>?|unknown address error|other mail system problem|(?:erreur|errore?|erro) (?:inconnu|desconocid|sconosciut|desconhecid)|unknown remote host"
    r"|unbekannter (?:fehler|grund)|onbekende (?:fout|reden)|nieznany błąd|неизвестн\w{2} (?:ошибк|причин)"
    r"|this is a permanent error; i've given up|sorry it didn't work out|for further assistance, please.{0,80}postmaster>?"
    r"|i'm not going to try again|(?:check|spaces|typos|address|domain)[^.]{0,60} try again|\((?:mailbox disabled, not accepting messages|bad destination mailbox address)\)"
    r"|user does not exist, but will deliver to|giving up on [\w.-]*|(?:please )?contact your (?:system |mail )?administrator.{0,40}|no such file or directory"
)
_WORDY = re.compile(r"[a-z]{3,} [a-z]{2,} ?[a-z]*")


def _flat(text: str) -> str:
    return _ALWAYS_THERE.sub("@", " ".join(text[:8000].replace("’", "'").lower().split()))


def _words(text: str) -> str:
    return _COMMAND.sub("", _flat(text))


def _codes(said: str) -> list[str]:
    return [".".join(match.groups()) for match in _ENHANCED.finditer(said[:4000])]


def _status(given: str, said: str) -> str:
    """The code of the Status field, or the server's own where that one says more ("5.0.0" says nothing)."""
    if given and not given.endswith(".0.0") and given not in {"5.5.0", "5.3.0", "5.1.0"}:
        return given
    found = _codes(said)
    return next((code for code in found if not code.endswith(".0.0")), given or (found[0] if found else ""))


_SENDMAILS = frozenset({"5.1.1", "5.1.3", "5.1.6"})  # what it makes of 550, 553 and 551, whatever was said with them
_NAMED = frozenset({"gone", "nobody", "refused", "nowhere"})
_FULL = frozenset({"full"})
_US = frozenset({"us"})
_PASSING = frozenset({"full", "later", "locked", "unsure"})


def _kind(status: str, topic: str, said: str) -> Literal["hard", "soft", "ours"]:
    reply = _REPLY.search(said)
    passing = status.startswith("4") or (not status and bool(reply) and said[reply.start()] == "4" if reply else False)
    if topic == "nobody" and status == "4.1.1":  # who only puts off what it will never take, until the letter came back
        return "hard"
    if topic in _NAMED:
        return "soft" if passing else "hard"
    if topic == "us" or (not topic and status.startswith("4.7")):
        return "ours"
    if topic in _PASSING or passing:
        return "soft"
    if status in _HARD:
        return "soft" if status in _SENDMAILS and _WORDY.search(said) and not _names_an_address(said) else "hard"
    return "soft" if status in _SOFT else "ours"
