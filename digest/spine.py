"""What can be seen of a thread on the shelf without opening it: enough to choose among ten thousand. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.model import Author, Standing

Topic = Mapping[str, int]
"""How often each word that can carry a topic stands at the beginning of a thread."""

EDITION = 1  # of all that is found out here; a spine of another edition is made anew
CHECKS = 5  # simple ones, that an import passes or not


@dataclass(frozen=True, slots=True, kw_only=True)
class Girth:
    """How much there is of a thread. `letters` are characters; `spaced` says whether its script has spaces between words."""

    posts: int
    letters: int
    words: int
    spaced: bool
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Spine:
    """A thread on the shelf, closed: what it is called, who wrote it, how much and how good it is, and where it stands.

    `gone` says that its author deleted the original; `lang` is a primary tag, "" where nobody can tell; `warned` says
    that a post carries a content warning; `flaws` counts the simple checks that the import failed, of `CHECKS`; `date` is
    for people; `related` counts the author's other threads on its page.
    """

    id: int
    key: str
    title: str
    author: Author
    girth: Girth
    standing: Standing
    imported_at: datetime
    rank: int | None = None
    gone: bool = False
    source: str = ""
    lang: str = ""
    warned: bool = False
    flaws: int = 0
    engagement: int | None = None
    date: str = ""
    related: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def who(self) -> str:
        """The author, as the same one is known again from thread to thread; "" where nobody is named."""
        return who(self.author)


def who(author: Author) -> str:
    return (author.handle or author.name).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieve:
    """What lets a thread through. `languages` are primary tags, empty for any; `by` are authors (see `Spine.who`), None
    for any, and `not_by` those whose threads stay out; `without` are the numbers of single threads that do."""

    least_posts: int = 0
    least_words: int = 0
    truncated: bool = True
    warned: bool = True
    languages: frozenset[str] = frozenset()
    by: frozenset[str] | None = None
    not_by: frozenset[str] = frozenset()
    without: frozenset[int] = frozenset()
