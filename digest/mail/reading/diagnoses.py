"""What a refusal means for the reader: "hard" when their address is dead, "soft" when it may work again, "ours" when it
is about us or says nothing of them. Codes lie (550 5.1.1 for a full mailbox, 5.7.1 for no such user), so the words weigh.

In doubt never "hard": a reader written to in vain costs less than a reader lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from digest.mail.reading import refusals
from digest.mail.reading.reports import Failure

_HARD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"})
_ENHANCED = re.compile(r"(?<![\d.])([45])\.(\d{1,2})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?=[\s\-,:;#>]|$)(?!\.\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    kind: Literal["hard", "soft", "ours"]
    status: str


def judge(failure: Failure, *, around: str) -> Verdict:
    """`around` is the notice's text for people: asked only when the server's own words say nothing."""
    said = _flat(failure.said)
    status = _status(failure.status, said)
    topic = refusals.topic(said)
    if not topic and not (status in _HARD and not _WORDY.search(said)):
        topic = refusals.topic(_flat(around))
    if topic == "nobody" and status not in _HARD and _CURT.search(said) and _after_data(said, _flat(around)):
        topic = "unsure"
    return Verdict(kind=_kind(status, topic, said), status=status)


_CURT = re.compile(r"user unknown|unknown user|no such user")


def _after_data(said: str, around: str) -> bool:
    """Whether "no such user" was said only after the whole letter. Who has no such user says so at RCPT; some mobile
    carriers say it afterwards, when a filter that the reader set refuses us."""
    both = f"{said} {around}"
    if "reply to end of data" in both or "after end of data" in both or "smtp command data" in both:
        return True
    last = both.rpartition(">>> data")[2] if ">>> data" in both else ""
    return "<<< 5" in last and not re.search(r"need rcpt|valid recipients|need valid", last)


# What stands in every notice of its kind, or names an address that may be called "unknown": no part of what was said.
_ALWAYS_THERE = re.compile(
    r"<?[^\s<>\"'(),;:]{1,64}@[^\s<>\"'(),;:]{1,255}>?|unknown address error|other mail system problem|unknown remote host"
    r"|this is a permanent error; i've given up|sorry it didn't work out|for further assistance, please.{0,80}postmaster>?"
    r"|i'm not going to try again|(?:check|spaces|typos|address|domain)[^.]{0,60} try again|\(mailbox disabled, not accepting messages\)"
    r"|giving up on [\w.-]*|(?:please )?contact your (?:system |mail )?administrator.{0,40}|no such file or directory"
)
_WORDY = re.compile(r"[a-z]{3,} [a-z]{2,} ?[a-z]*")


def _flat(text: str) -> str:
    return _ALWAYS_THERE.sub("@", " ".join(text[:8000].replace("’", "'").lower().split()))


def _status(given: str, said: str) -> str:
    """The code of the Status field, or the server's own where that one says more ("5.0.0" says nothing)."""
    if given and not given.endswith(".0.0") and given not in {"5.5.0", "5.3.0", "5.1.0"}:
        return given
    found = [".".join(match.groups()) for match in _ENHANCED.finditer(said[:4000])]
    return next((code for code in found if not code.endswith(".0.0")), given or (found[0] if found else ""))


def _kind(status: str, topic: str, said: str) -> Literal["hard", "soft", "ours"]:
    reply = _REPLY.search(said)
    passing = status.startswith("4") or (not status and bool(reply) and said[reply.start()] == "4" if reply else False)
    match topic:
        case "us":
            return "ours"
        case "nobody" | "nowhere" | "closed":
            return "soft" if passing else "hard"
        case "full" | "later" | "locked" | "unsure":
            return "soft"
    if passing:
        return "ours" if status.startswith("4.7") else "soft"
    if status in _HARD:
        return "hard"
    return "soft" if status in {"5.2.2", "5.4.7", "5.4.1", "5.4.0", "5.3.1", "5.3.2"} else "ours"
