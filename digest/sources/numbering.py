"""Knows how people number the posts of a thread ("3/", "(3/9)", "3/9" at the end) and takes the counters off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from digest.model import Post
from digest.sources.prose import cut

_LEAD = re.compile(r"(?:@\w{1,30}\s+){0,20}[(\[]?(\d{1,3})\s?/\s?(\d{1,3}|[nNxX?])?(?![\w/])[)\]]?[.:)]?\s*")
_TAIL = re.compile(r"\s*[(\[]?(?:\b(\d{1,3})\s?/\s?(\d{1,3}|[nNxX?])?|/(\d{1,3}))[)\]]?$")
_SHORTEST_RUN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A number that stands at `text[start:end]`; `total` is 0 where the author gave none."""

    number: int
    total: int
    start: int
    end: int


def leading(text: str) -> Counter | None:
    """The counter that `text` begins with; mentions of a reply may stand before it."""
    found = _LEAD.match(text[:200])
    return _counter(found, int(found[1]), offset=0) if found else None


def trailing(text: str) -> Counter | None:
    """The counter that `text` ends with."""
    offset = max(0, len(text) - 20)
    found = _TAIL.search(text[offset:])
    return _counter(found, int(found[1] or found[3]), offset=offset) if found else None


def run(counters: Sequence[Counter | None]) -> dict[int, Counter]:
    """The counters that count upwards, by their place; empty unless there are enough of them to be no accident.

    A few may be missing: pages lose posts.
    """
    chosen: dict[int, Counter] = {}
    last = 0
    for place, counter in enumerate(counters):
        if counter and last < counter.number <= last + 3:
            chosen[place] = counter
            last = counter.number
    complete = any(counter.number == counter.total for counter in chosen.values())
    return chosen if len(chosen) >= _SHORTEST_RUN or (complete and len(chosen) > 1) else {}


def uncount(posts: Sequence[Post]) -> tuple[Post, ...]:
    """The posts without their counters, when most of them carry one."""
    for read in (leading, trailing):
        chosen = run([read(post.text) for post in posts])
        if len(chosen) * 2 >= len(posts):
            return tuple(
                cut(post, chosen[place].start, chosen[place].end) if place in chosen else post
                for place, post in enumerate(posts)
            )
    return tuple(posts)


def lost(posts: Sequence[Post]) -> list[int]:
    """The numbers that the author's counters (up to their total, where given) say should be there and are not."""
    for read in (leading, trailing):
        chosen = run([read(post.text) for post in posts]).values()
        if len(chosen) * 2 >= len(posts):
            numbers = {counter.number for counter in chosen}
            last = max(max(counter.total, counter.number) for counter in chosen)
            return [number for number in range(max(2, min(numbers)), last + 1) if number not in numbers]
    return []


def renumber(posts: Sequence[Post]) -> tuple[Post, ...]:
    """The posts numbered from 1."""
    return tuple(replace(post, number=number) for number, post in enumerate(posts, start=1))


def _counter(found: re.Match[str], number: int, *, offset: int) -> Counter:
    total = found[2] or ""
    return Counter(
        number=number,
        total=int(total) if total.isdigit() else 0,
        start=offset + found.start(),
        end=offset + found.end(),
    )
