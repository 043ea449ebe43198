"""Threads that readers send us: a link, a thread pasted into the mail, or one attached. Whether it is one, the sources say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.mail.intents import Help, Nominate
from digest.mail.reading import spoken
from digest.mail.reading.opened import Part, content, open_mail, words
from digest.text import one_line

_WHOLE = 16 * 1024 * 1024
_LINK = re.compile(r"<?(https?://[^\s<>\"']{4,2000})>?", re.IGNORECASE)
_FILES = (".html", ".htm", ".md", ".markdown", ".txt", ".mhtml")
_NUMBERED = re.compile(r"(?:🧵\s*)?\(?\d{1,3}\s?(?:[/.)]|/\s?\d{1,3}\b)\)?\s*\S.*")
_NUMBERED_AT_END = re.compile(r".*\S\s+\(?\d{1,3}\s?/\s?(?:\d{1,3}|n|x)?\)?")


def named(raw: bytes, mail: Part, *, rest: str, lines: Sequence[str]) -> Nominate | Help:
    """What comes with the word "unroll": the link beside it or below it, else an attached file, else the text below it."""
    link = _LINK.search(rest) or next((found for line in lines[:10] if (found := _LINK.match(line))), None)
    if link:
        return Nominate(ref=link[1].rstrip(".,;)"))
    attached = _attached(open_mail(raw, limit=_WHOLE)) if len(raw) <= _WHOLE else None
    if attached:
        return attached
    below = "\n".join(_pasted(mail))
    return Nominate(raw=below.encode(), name="") if len(below) > 80 else Help(unknown="unroll")


def pasted(mail: Part, *, lines: Sequence[str], reply: bool) -> Nominate | None:
    """A mail that is nothing but a link, or a thread with its numbers; not in a reply, where people talk."""
    if reply or not lines:
        return None
    link = _LINK.fullmatch(lines[0])
    if link and len(lines) == 1:
        return Nominate(ref=link[1])
    numbered = sum(bool(_NUMBERED.fullmatch(line) or _NUMBERED_AT_END.fullmatch(line)) for line in lines)
    return Nominate(raw="\n".join(_pasted(mail)).encode()) if numbered >= 4 else None


def _pasted(mail: Part) -> list[str]:
    """The text with its empty lines, which part the posts; without the word that came first, and quotes' marks."""
    lines = [re.sub(r"^(?:> ?)+", "", line) for line in spoken.text(mail).split("\n")]
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    return lines[first + 1 :] if len(lines[first].split()) <= 2 else lines


def _attached(mail: Part) -> Nominate | None:
    for part in mail.walk():
        name = one_line(words(part.parameter("filename", of="content-disposition") or part.parameter("name")))[:100]
        if name.lower().endswith(_FILES) and not part.parts:
            return Nominate(raw=content(part), name=name.replace("/", "_").replace("\\", "_"))
    return None
