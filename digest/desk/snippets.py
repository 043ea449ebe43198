"""The line of a thread in which what was searched for stands, for people. It searches nothing: it knows that it is there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from digest.binding import folded
from digest.model import Thread

_WORD = re.compile(r"\w+")
_LONG = 140  # characters of a snippet


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A stretch of a thread on one line, and where in it the words begin and end that were searched for."""

    text: str
    marks: tuple[tuple[int, int], ...]


def snippet(thread: Thread, sought: str) -> Snippet | None:
    """Where most of the `sought` words stand together first; None where they stand in the title or the author alone."""
    asked = frozenset(folded(sought))
    text = " ".join(thread.text.split())
    hits = [(word.start(), word.end(), found) for word in _WORD.finditer(text) if (found := _in(word[0], asked))]
    if not hits:
        return None
    start = max(hits, key=lambda hit: (len(_near(hit[0], hits)), -hit[0]))[0]
    begin = _word_begin(text, max(0, start - _LONG // 4))
    shown = text[begin : begin + _LONG]
    shown = shown if begin + _LONG >= len(text) else shown[: max(shown.rfind(" "), _LONG // 2)]
    lead = "… " if begin else ""
    marks = tuple(
        (a - begin + len(lead), b - begin + len(lead)) for a, b, _ in hits if a >= begin and b <= begin + len(shown)
    )
    return Snippet(text=f"{lead}{shown}{' …' if begin + len(shown) < len(text) else ''}", marks=marks)


def _in(word: str, asked: frozenset[str]) -> frozenset[str]:
    """Which of the words that were asked for begin here."""
    parts = folded(word)
    return frozenset(one for one in asked if any(part.startswith(one) for part in parts))


def _near(start: int, hits: Sequence[tuple[int, int, frozenset[str]]]) -> frozenset[str]:
    """What stands in a snippet that begins here."""
    return frozenset(one for a, b, found in hits if start <= a and b <= start + _LONG * 3 // 4 for one in found)


def _word_begin(text: str, at: int) -> int:
    return at if at == 0 else text.find(" ", at) + 1
