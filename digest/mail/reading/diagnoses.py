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

_HARD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4"})
_SOFT = frozenset({"5.2.1", "5.2.2", "5.4.7", "5.4.1", "5.4.0", "5.3.1", "5.3.2"})
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
    topic = "nowhere" if _NO_MAIL.search(said) else refusals.topic(said)
    if not topic and not (status in _HARD and not _WORDY.search(said)):
        topic = refusals.topic(_flat(around))
    if topic in {"nobody", "refused"} and not (_of_an_address(status, said) or _at_rcpt(f"{said} {_flat(around)}")):
        topic = "unsure"
    return Verdict(kind=_kind(status, topic, said), status=status)


_NO_MAIL = re.compile(r"\b5(?:21|56)\b.{0,80}\bnot accept(?:ing)? (?:network messages|(?:e-?)?mail)")  # RFC 7504
_ADDRESS = re.compile(r"[45]\.1\.(?!7$|8$)\d{1,3}")  # RFC 3463, 3.2; .7 and .8 are about the sender's
_RCPT = re.compile(
    r"(?:in reply to|after|>>>|our|for|smtp:) ?rcpt\b|\[rcpt_to\]|rcpt to generated|does not like recipient|\(state 14\)"
)
_AFTERWARDS = re.compile(
    r"(?:reply to|after) end of data|smtp command data|>>> data (?!.{0,300}(?:need rcpt|valid recipients)).{0,40}<<< 5"
)


def _of_an_address(status: str, said: str) -> bool:
    """Whether a code says so. Who refuses has the last word: the Status is what the sending server makes of it."""
    own = [code for code in _codes(said) if not code.endswith(".0.0")]
    return any(_ADDRESS.fullmatch(code) for code in own or [status])


def _at_rcpt(told: str) -> bool:
    """Whether a server refused the recipient's name, before it had seen the letter. One that says "no such user" only
    afterwards may be a filter: some mobile carriers say it when the reader does not want to be written to."""
    return bool(_RCPT.search(told)) and not _AFTERWARDS.search(told)


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


def _codes(said: str) -> list[str]:
    return [".".join(match.groups()) for match in _ENHANCED.finditer(said[:4000])]


def _status(given: str, said: str) -> str:
    """The code of the Status field, or the server's own where that one says more ("5.0.0" says nothing)."""
    if given and not given.endswith(".0.0") and given not in {"5.5.0", "5.3.0", "5.1.0"}:
        return given
    found = _codes(said)
    return next((code for code in found if not code.endswith(".0.0")), given or (found[0] if found else ""))


_NAMED = frozenset({"gone", "nobody", "refused", "nowhere"})
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
        return "hard"
    return "soft" if status in _SOFT else "ours"
