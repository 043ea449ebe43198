"""What a reader sees before opening it: the subject and the grey line after it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.desk.checks.exhibit import Exhibit
from digest.desk.checks.rules import found
from digest.model import Finding

_REPLY = re.compile(r"(?i)(re|fwd?|aw|wg)\s*:")


def look(mail: Exhibit) -> Iterator[Finding]:
    if mail.headers or mail.subject or mail.preheader is not None:
        yield from _subject(mail.subject)
    if mail.preheader is not None:
        yield from _preheader(mail.preheader, mail.subject)


def _subject(subject: str) -> Iterator[Finding]:
    if not subject.strip():
        yield found("subject", where="subject")
    if len(subject) > 78:
        yield found("subject-long", f"{len(subject)}", where="subject")
    if subject.isupper() and sum(map(str.isalpha, subject)) > 8:
        yield found("subject-capitals", where="subject")
    if re.search(r"[!?]{3}|\${2}", subject) or _REPLY.match(subject):
        yield found("subject-advert", subject, where="subject")


def _preheader(line: str, subject: str) -> Iterator[Finding]:
    if not line.strip():
        yield found("preheader", where="preheader")
    elif line.casefold() == subject.casefold():
        yield found("preheader-repeats", where="preheader")
    elif len(line) > 150:
        yield found("preheader-long", f"{len(line)}", where="preheader")
