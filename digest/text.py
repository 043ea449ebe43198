"""The laws of plain text that hold in every room: which characters may live, which way a line runs.

Pure functions over `str`. Nothing here knows of threads or mails.
"""

from __future__ import annotations

import re
import unicodedata

# XML 1.0 (section 2.2) has no place for these, not even escaped; one of them would stop a whole issue.
# Bidi controls can make a link read as another one (Unicode TR36 3.1), so they go too.
_ILLEGAL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
_NEWLINES = re.compile("\r\n?|\x85|\u2028|\u2029")
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_RTL = {"R", "AL"}
WORDS_PER_MINUTE = 230


def clean(text: str) -> str:
    """`text` without characters that XML, mail or a reader's eye must not meet; newlines become \\n."""
    if text.isascii() and text.isprintable():  # as what a server says nearly always is, a thousand times a second
        return text
    return _ILLEGAL.sub("", _NEWLINES.sub("\n", text))


def one_line(text: str) -> str:
    """`text` cleaned and folded onto one line: for titles, names and header values."""
    return " ".join(clean(text).split())


def word_set(text: str) -> frozenset[str]:
    """The words of a list that is written as running text."""
    return frozenset(text.split())


def direction(text: str) -> str:
    """ "rtl" or "ltr", by the first strong character (Unicode UAX #9, rule P2)."""
    for character in text:
        strong = unicodedata.bidirectional(character)
        if strong in _RTL:
            return "rtl"
        if strong == "L":
            return "ltr"
    return "ltr"


def word_count(text: str) -> int:
    """Words for a reading time. Scripts without spaces count two characters as a word."""
    dense = 0 if text.isascii() else len(_DENSE.findall(text))
    return len(_WORD.findall(text)) if not dense else len(text.split()) + dense // 2


def minutes(words: int) -> int:
    """Whole minutes of reading, at least one, at 230 words a minute."""
    return max(1, round(words / WORDS_PER_MINUTE))


def shorten(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, cut between words where it can, ending in "…" when cut."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at = head.rfind(" ")
    return (head[:at] if at > limit // 2 else head).rstrip(" ,;:–—-") + "…"
