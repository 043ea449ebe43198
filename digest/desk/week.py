"""The circumstances of one choice: the shelf, the rules, what went out before and what readers want. Chooses nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digest.desk import bylines
from digest.model import Author, Shelved
from digest.spine import Sieve, Spine, Topic, who


class Shelf(Protocol):
    """The threads to choose from, closed. What it is asked for, it gives without opening any but those to be taken."""

    def pinned(self) -> Sequence[Spine]: ...

    def waiting(self, sieve: Sieve, *, after: Spine | None, at_most: int) -> Sequence[Spine]:
        """Those that wait and pass the sieve, the oldest import first, going on `after` one that was seen."""
        ...

    def authors(self) -> Sequence[Author]: ...

    def topics(self, ids: Sequence[int]) -> Mapping[int, Topic]: ...

    def take(self, ids: Sequence[int]) -> Sequence[Shelved]:
        """These threads, open; without those that have left."""
        ...


Wanted = Mapping[str, int]  # how many readers follow an author, by each mark (see `bylines`) of whom they named
NOBODY: Wanted = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A thread that was sent: its key, its author (see `Spine.who`), what it was about, when it went, and how many readers
    said that it was a good pick, or not for them."""

    key: str
    who: str
    topic: Topic
    at: datetime
    good: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What each part of the score counts for. They add up to 1, so that a score lies in [0, 1]."""

    wait: float = 30 / 130
    novelty: float = 25 / 130
    length: float = 20 / 130
    author: float = 15 / 130
    quality: float = 10 / 130
    engagement: float = 10 / 130
    readers: float = 10 / 130
    followers: float = 10 / 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What keeps a thread from being picked. A pin overrides all of them but two: nothing is sent twice, and nothing of
    the `barred`, authors by their marks (see `bylines`) who do not wish it.

    `languages` are primary tags, empty for any; `author_gap` counts issues, and yields when nobody else is left;
    `turn` is every how many issues it is the turn of who has waited longest, if for `patience` weeks or more: by its
    score alone a thread could wait for ever. `same_topic` is the cosine from which a thread counts as one that was sent;
    `shortlist` is how many of the foremost are compared by topic, the dearest part, with the last `memory` issues.
    """

    languages: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    least_posts: int = 4
    least_words: int = 120
    author_gap: int = 4
    turn: int = 3
    patience: int = 13
    same_topic: float = 0.5
    allow_truncated: bool = False
    allow_content_warnings: bool = False
    shortlist: int = 80
    memory: int = 104
    runners_up: int = 4


WEIGHTS, RULES = Weights(), Rules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was sent, the newest first; for each author how many issues ago, 1 being the last; and who has to rest."""

    sent: tuple[Published, ...]
    keys: frozenset[str]
    authors: dict[str, int]
    resting: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The week to choose for. `barred` and `followed` are authors on the shelf, by `Spine.who`."""

    past: Past
    now: datetime
    weights: Weights
    rules: Rules
    wanted: Wanted
    without: frozenset[int]
    barred: frozenset[str]
    followed: frozenset[str]

    def ago(self, one: Spine) -> int | None:
        """How many issues ago its author was sent."""
        return self.past.authors.get(one.who)

    def followers(self, one: Spine) -> int:
        """How many readers follow its author, by whichever mark most of them named."""
        if one.who not in self.followed:
            return 0
        return max((self.wanted.get(mark, 0) for mark in bylines.marks(one.author)), default=0)


def past(history: Sequence[Published], rules: Rules) -> Past:
    sent = tuple(sorted(history, key=lambda one: one.at, reverse=True))
    authors: dict[str, int] = {}
    for ago, one in enumerate(sent, start=1):
        authors.setdefault(one.who, ago)
    authors.pop("", None)
    resting = frozenset(who for who, ago in authors.items() if ago <= rules.author_gap)
    return Past(sent=sent, keys=frozenset(one.key for one in sent), authors=authors, resting=resting)


def known(shelf: Shelf, marks: Collection[str]) -> frozenset[str]:
    """Which authors on the shelf are meant by these marks (see `bylines`)."""
    if not marks:
        return frozenset()
    return frozenset(who(author) for author in shelf.authors() if not bylines.marks(author).isdisjoint(marks))
