"""What a refusal is about, by the words that mail servers use for it."""

from __future__ import annotations

import re

from digest.mail.reading import alive, dead

# The first topic that is found wins, so the order is by how sure a phrase is: a phrase that names the mailbox stands before
# one that could be said of anything.
_TOPICS = (
    ("full", alive.FULL),  # said of a mailbox, and yet not that it is dead
    ("us", alive.US_SURELY),
    ("later", alive.LATER_SURELY),
    ("unsure", alive.UNSURE),
    ("locked", alive.LOCKED),
    ("gone", dead.GONE),
    ("nobody", dead.NOBODY),
    ("nowhere", dead.NOWHERE),
    ("us", alive.US),
    ("later", alive.LATER),
    ("refused", dead.REFUSED),
)


def topic(text: str) -> str:
    """What the text is about: "gone", "nobody", "refused", "nowhere", "locked", "full", "later", "us", "unsure"; ""
    when it says nothing known."""
    for name, pattern in _COMPILED:
        if pattern.search(text):
            return name
    return ""


def speaks_of(text: str, topics: frozenset[str]) -> bool:
    """Whether the text is about one of these, whatever else it is about."""
    return any(pattern.search(text) for name, pattern in _COMPILED if name in topics)


def _pattern(phrase: str) -> str:
    return re.sub(r"[A-Z]{2}[A-Z_]*", lambda word: dead.GRAMMAR.get(word[0], word[0]), phrase.strip())


_COMPILED = tuple(
    (name, re.compile("|".join(_pattern(line) for line in phrases.strip().split("\n")))) for name, phrases in _TOPICS
)
