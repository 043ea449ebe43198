"""A shelf that lies open in memory, for the picker to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from digest.binding import spine, topic
from digest.desk import picker
from digest.desk.picker import Pick, Published, Rules, Wanted, Weights
from digest.desk.week import NOBODY, RULES, WEIGHTS
from digest.model import Author, Shelved, Standing, Thread
from digest.spine import Sieve, Spine, Topic, who


@dataclass
class OpenShelf:
    """Does in Python what the store asks a database for. `seen` counts the spines that were given out."""

    threads: Sequence[Shelved]
    seen: int = 0

    def __post_init__(self) -> None:
        self.spines = [spine(one) for one in self.threads]

    def pinned(self) -> Sequence[Spine]:
        return [one for one in self.spines if one.standing is Standing.PINNED]

    def waiting(self, sieve: Sieve, *, after: Spine | None, at_most: int) -> Sequence[Spine]:
        line = sorted((one for one in self.spines if passes(one, sieve)), key=attrgetter("imported_at", "id"))
        rest = [one for one in line if after is None or (one.imported_at, one.id) > (after.imported_at, after.id)]
        self.seen += len(rest[:at_most])
        return rest[:at_most]

    def authors(self) -> Sequence[Author]:
        return [one.author for one in self.spines]

    def topics(self, ids: Sequence[int]) -> Mapping[int, Topic]:
        return {one.id: topic(one.thread) for one in self.threads if one.id in ids}

    def take(self, ids: Sequence[int]) -> Sequence[Shelved]:
        held = {one.id: one for one in self.threads}
        return [held[id] for id in ids]


def passes(one: Spine, sieve: Sieve) -> bool:
    girth = one.girth
    return (
        one.standing is Standing.WAITING
        and girth.posts >= sieve.least_posts
        and girth.words >= sieve.least_words
        and (sieve.truncated or not girth.truncated)
        and (sieve.warned or not one.warned)
        and (not sieve.languages or one.lang in {"", *sieve.languages})
        and (sieve.by is None or one.who in sieve.by)
        and one.who not in sieve.not_by
        and one.id not in sieve.without
    )


def published(thread: Thread, *, at: datetime, good: int = 0, bad: int = 0) -> Published:
    return Published(key=thread.key, who=who(thread.author), topic=topic(thread), at=at, good=good, bad=bad)


def picked(
    shelf: Sequence[Shelved],
    *,
    history: Sequence[Published],
    now: datetime,
    weights: Weights = WEIGHTS,
    rules: Rules = RULES,
    wanted: Wanted = NOBODY,
) -> Pick:
    """The choice, with all that was put aside."""
    lying = OpenShelf(shelf)
    chosen = picker.choose(lying, history=history, now=now, weights=weights, rules=rules, wanted=wanted)
    return picker.explained(chosen, lying.spines, history=history, rules=rules)
