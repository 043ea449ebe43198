"""What speaks for a thread, each merit in [0, 1] and in words for people. Judges one thread; the picker weighs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import exp

from digest.spine import CHECKS, Girth
from digest.text import WORDS_PER_MINUTE, minutes

_PATIENCE = 4  # weeks; after as many the wait counts for 63 %, after three times as many for 95 %
_MEMORY = 8  # issues for which a topic or an author is remembered
_FADING = 0.85  # what a topic keeps of its weight from one issue to the next
_SATURATION = 0.30  # the cosine at which a topic is no news at all
_READING = (0.3, 2.0, 6.0, 20.0)  # minutes: 0 here, 1 from here, 1 to here, 0 again
_LETTERS_PER_WORD = 6  # with the space after it


def weeks(since: datetime, *, now: datetime) -> float:
    """How long a thread has been on the shelf."""
    return max(0.0, (now - since) / timedelta(weeks=1))


def wait(waited: float) -> float:
    """Rises with the weeks on the shelf, steeply at first."""
    return 1 - exp(-waited / _PATIENCE)


def novelty(likeness: Sequence[float]) -> float:
    """From the cosines with what was sent, the newest first: 1 for a topic unlike all of the last eight."""
    nearest = max((cosine * _FADING**age for age, cosine in enumerate(likeness[:_MEMORY])), default=0.0)
    return 1 - min(1.0, nearest / _SATURATION)


def length(girth: Girth) -> float:
    """1 for about two to six minutes of reading, by characters."""
    none, low, high, end = _READING
    read = girth.letters / _LETTERS_PER_WORD / WORDS_PER_MINUTE
    if not girth.spaced:
        read *= _LETTERS_PER_WORD / 2  # a script without spaces: two characters count as a word
    return max(0.0, min(1.0, (read - none) / (low - none), (end - read) / (end - high)))


def author(issues_ago: int | None) -> float:
    """From how many issues ago the author was sent (1 is the last one, None is never)."""
    return 1.0 if issues_ago is None else min(1.0, issues_ago / _MEMORY)


def quality(flaws: int) -> float:
    """The share of simple checks that a thread passes."""
    return 1 - flaws / CHECKS


def engagement(count: int | None, *, among: Sequence[int]) -> float:
    """How many of its like on the shelf it is ahead of, from 0 to 1; half when nobody counted, or there is none like it.

    A rank and no number: a hundred likes are many in one place and few in another.
    """
    if count is None or len(among) < 2:
        return 0.5
    below, equal = sum(other < count for other in among), among.count(count) - 1
    return (below + equal / 2) / (len(among) - 1)


def readers(good: float, bad: float) -> float:
    """What readers said of its like, from 0 to 1: half when nobody said anything (Laplace's rule of succession)."""
    return (good + 1) / (good + bad + 2)


def followers(count: int) -> float:
    """From how many readers follow the author: half for nobody, ever nearer to 1, each of them counting less than the one
    before."""
    return (count + 1) / (count + 2)


def say_wait(waited: float) -> str:
    whole = int(waited)
    return "new on the shelf" if whole < 1 else f"waited {whole} week{'s' if whole > 1 else ''}"


def say_novelty(value: float) -> str:
    return (
        "a new topic"
        if value >= 0.6
        else "a topic not far from a recent one"
        if value >= 0.2
        else "a recent topic again"
    )


def say_length(girth: Girth) -> str:
    whole = minutes(girth.words)
    return f"{whole} minute{'s' if whole > 1 else ''} to read"


def say_author(issues_ago: int | None) -> str:
    if issues_ago is None:
        return "an author not sent before"
    return "the author of the last issue" if issues_ago == 1 else f"author last sent {issues_ago} issues ago"


def say_quality(value: float) -> str:
    return "a clean import" if value == 1 else "an import with gaps"


def say_readers(value: float) -> str:
    if value == 0.5:
        return "readers have not said"
    return "readers liked its like" if value > 0.5 else "readers cared less for its like"


def say_engagement(value: float) -> str:
    if value == 0.5:
        return "nobody counted its likes"
    return "liked more than most of its like" if value > 0.5 else "liked less than most of its like"


def say_followers(count: int) -> str:
    return f"{count:,} reader{'s follow' if count > 1 else ' follows'} the author" if count else "followed by no reader"
