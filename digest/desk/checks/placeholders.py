"""What a template or its author forgot to fill in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.desk.checks.exhibit import Exhibit
from digest.desk.checks.rules import found
from digest.model import Finding

# Jinja and Handlebars, Jinja statements, Mailchimp, Word-like, percent and ERB, square brackets, shell-like.
LEFTOVER = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}|\*\|\w[^|]*\|\*|%%\w+%%|<%.*?%>|%7B%7B.*?%7D%7D|\[\[\s*\w[^\]]*\]\]|\$\{\w+\}|(?<!\w)T[0-9a-f]{16}_[A-Z]+"
)
_FILLER = re.compile(
    r"(?i)\blorem ipsum\b|\[object Object\]|\bundefined\b(?= ?[,!.]|$)|(?:\b(?:hi|hello|dear|hallo|liebe[r]?) ?(?:,|undefined|null|none)(?!\w))|\bTODO:|\bFIXME\b|\[(?:first ?name|your [\w ]+|insert [\w ]+)\]"
)


def look(mail: Exhibit, *, said: str = "") -> Iterator[Finding]:
    """`said` is all that the author says: a post may talk about templates."""
    meant = _squeezed(said)
    for part, words in (("subject", mail.subject), ("page", mail.words if mail.html else ""), ("text part", mail.text)):
        for left in dict.fromkeys(LEFTOVER.findall(words)):
            if _squeezed(left) not in meant:
                yield found("placeholder", left, where=part)
        for left in dict.fromkeys(match[0] for match in _FILLER.finditer(words)):
            if _squeezed(left) not in meant:
                yield found("filler", f"“{left.strip()}”", where=part)


def _squeezed(text: str) -> str:
    return "".join(text.split())
