"""Chooses what to say so that little is said twice: each statement is worth its rank and what it is the first to say.

Knows no thread and no limits; who asks says what may come next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeVar

_NEWS = 10.0  # what a word of average news is worth, against one standard deviation of rank
_BRIEF = 12  # words: fewer earn nothing more, or scraps would win over whole thoughts


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Something that may be said: its place in the text, how central it is, its length, and its stems."""

    index: int
    score: float
    words: int
    stems: frozenset[str]


One = TypeVar("One", bound=Statement)


def weights(stems: Sequence[Sequence[str]], *, words: Sequence[int]) -> dict[str, float]:
    """What it is worth to say each stem for the first time: its share of the text, against the average sentence's
    shares a word. So a long text and a short one are chosen from alike."""
    counts = Counter(stem for sentence in stems for stem in sentence)
    usual = [_per_word(set(sentence), counts, words=n) for sentence, n in zip(stems, words, strict=True)]
    scale = _NEWS / (fmean(usual) or 1.0) if usual else 0.0
    return {stem: count * scale for stem, count in counts.items()}


def choose(allowed: Callable[[Sequence[One]], Iterable[One]], *, worth: Mapping[str, float]) -> list[One]:
    """The most central statement, then again and again whichever of those `allowed` after the chosen is worth most.

    That is weighted concept coverage (Gillick and Favre, "A scalable global model for summarization", 2009): a concept
    counts once, by how often the text has it. Such a sum is submodular, so the greedy choice by gain per word stays
    near the best there is (Lin and Bilmes, "Multi-document summarization via budgeted maximization of submodular
    functions", 2010); rank, counted per word too, only adds a modular part. The first is chosen by rank alone: it may
    be all there is room for, and measured, the most central sentence is the best single one.
    """
    chosen: list[One] = []
    said: set[str] = set()
    while options := list(allowed(chosen)):
        best = max(options, key=lambda one: (one.score + _news(one, said, worth) * bool(chosen), -one.index))
        chosen.append(best)
        said |= best.stems
    return chosen


def _news(one: Statement, said: set[str], worth: Mapping[str, float]) -> float:
    return _per_word(one.stems - said, worth, words=one.words)


def _per_word(stems: Iterable[str], values: Mapping[str, float], *, words: int) -> float:
    return sum(values.get(stem, 0.0) for stem in stems) / max(words, _BRIEF)
