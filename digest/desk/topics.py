"""How much threads share a topic: TF-IDF cosines, in plain Python, over just the threads in question. Keeps nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log, sqrt

from digest.spine import Topic


def likeness(threads: Sequence[Topic], *, to: Sequence[Topic]) -> list[list[float]]:
    """For each of `threads`, its cosine in [0, 1] with each thread of `to`.

    Weights are (1 + log tf) × a smoothed idf over both groups. Measured: 0.10 and less between unrelated
    threads, 0.18 and more on one topic.
    """
    if not to:
        return [[] for _ in threads]
    vectors = _vectors([*threads, *to])
    holders: dict[str, list[tuple[int, float]]] = {}
    for i, vector in enumerate(vectors[len(threads) :]):
        for term, weight in vector.items():
            holders.setdefault(term, []).append((i, weight))
    return [_products(vector, holders, count=len(to)) for vector in vectors[: len(threads)]]


def _vectors(counts: Sequence[Topic]) -> list[dict[str, float]]:
    """One vector of length 1 per thread."""
    spread = Counter(term for count in counts for term in count)
    idf = {term: log((1 + len(counts)) / (1 + held)) + 1 for term, held in spread.items()}
    return [_unit({term: (1 + log(n)) * idf[term] for term, n in count.items()}) for count in counts]


def _unit(vector: dict[str, float]) -> dict[str, float]:
    length = sqrt(sum(weight * weight for weight in vector.values())) or 1.0
    return {term: weight / length for term, weight in vector.items()}


def _products(vector: dict[str, float], holders: dict[str, list[tuple[int, float]]], *, count: int) -> list[float]:
    sums = [0.0] * count
    for term, weight in vector.items():
        for i, other in holders.get(term, ()):
            sums[i] += weight * other
    return sums
