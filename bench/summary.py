"""How well a text is summed up, against the ranker's peers: ROUGE on abstracts whose authors wrote one line each, and how
much of real threads a summary covers. Peers know no posts: it measures our choice, and what we print beside it."""

from __future__ import annotations

import json
import math
import random
import re
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from bench.peers import summarisers
from bench.table import Table
from digest import samples, sources
from digest.desk import coverage, passages, ranker, summary
from digest.desk.coverage import Statement
from digest.model import Post, Thread
from digest.text import word_count
from digest.tongue import words

Ranker = Callable[[Sequence[str]], Sequence[float]]
"""Scores a text's sentences; the highest goes first."""

URL = "https://raw.githubusercontent.com/allenai/scitldr/master/SciTLDR-Data/SciTLDR-A/dev.jsonl"
DATA = Path("bench/data/scitldr-a-dev.jsonl")
ROUGE_WORDS, COVERAGE_WORDS = 25, 60
PRINTED = "ours, as printed"
MEASURES = ("rouge1", "rouge2", "rougeL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstract:
    """A text as sentences, and what people said of it in one line."""

    sentences: tuple[str, ...]
    references: tuple[str, ...]


def run(*, data: Path = DATA, threads: Path | None = None) -> Iterator[Table]:
    """`data`: SciTLDR-A as JSON lines, fetched when it is not there; `threads`: a folder of saved threads, else our samples."""
    try:
        abstracts = _abstracts(data)
    except OSError as unreachable:
        yield Table(title="Summaries: not measured", columns=("",), rows=[], notes=[f"No data: {unreachable}."])
    else:
        yield _rouge(abstracts, named=data.name)
    yield _coverage(threads)


def _abstracts(data: Path) -> list[Abstract]:
    if not data.exists():
        data.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(URL, timeout=60) as answer:
            data.write_bytes(answer.read())
    lines = map(json.loads, data.read_text(encoding="utf-8").splitlines())
    return [Abstract(sentences=tuple(line["source"]), references=tuple(line["target"])) for line in lines]


def _rankers() -> dict[str, Ranker]:
    chance = random.Random(1)
    return {
        "ours": _ours,
        "lead": lambda text: range(len(text), 0, -1),
        "random": lambda text: [chance.random() for _ in text],
        **summarisers.found(),
    }


def _ours(sentences: Sequence[str]) -> Sequence[float]:
    """Our choice without what it knows of posts and of what reads well: any sentence may come next."""
    stems = [words.stems(one, lang="en") for one in sentences]
    counts = [word_count(one) for one in sentences]
    ranked = zip(ranker.rank(sentences, stems=stems), counts, stems, strict=True)
    all_ = [Statement(index=i, score=s, words=n, stems=frozenset(said)) for i, (s, n, said) in enumerate(ranked)]
    order = coverage.choose(
        lambda chosen: [one for one in all_ if one not in chosen], worth=coverage.weights(stems, words=counts)
    )
    places = {one.index: -place for place, one in enumerate(order)}
    return [places[at] for at in range(len(sentences))]


def _rouge(abstracts: Sequence[Abstract], *, named: str) -> Table:
    """F1 x 100, the best over the references, each summary cut at the same number of words (Lin, 2004)."""
    from rouge_score.rouge_scorer import RougeScorer  # noqa: PLC0415 - a peer's part, not locked with ours

    judge = RougeScorer(MEASURES, use_stemmer=True)
    found = {name: _rouges(_leading(rank, ROUGE_WORDS), abstracts, judge.score) for name, rank in _rankers().items()}
    found[PRINTED] = _rouges(_printed, abstracts, judge.score)
    return Table(
        title=f"Summaries of {len(abstracts)} abstracts in {ROUGE_WORDS} words ({named})",
        columns=("", "R1", "R2", "RL"),
        rows=[(name, *(f"{score:.1f}" for score in scores)) for name, scores in found.items()],
        notes=[
            "As printed: whole sentences in their order, of any number; all others are cut after the last word.",
            f"The data: curl --create-dirs -o {DATA} {URL}",
        ],
        facts={f"{name}: R1": round(scores[0], 2) for name, scores in found.items()},
    )


def _leading(rank: Ranker, limit: int) -> Callable[[Sequence[str]], str]:
    return lambda sentences: _cut(sentences, rank(sentences), limit=limit)


def _printed(sentences: Sequence[str]) -> str:
    """What `digest summary` says of a thread of one post: whole sentences in their own order, as many as it likes."""
    thread = Thread(key="", source="", lang="en", posts=(Post(number=1, text=" ".join(sentences)),))
    return " ".join(point.text for point in summary.extract(thread))


def _rouges(
    shorten: Callable[[Sequence[str]], str],
    abstracts: Sequence[Abstract],
    judge: Callable[[str, str], dict[str, object]],
) -> list[float]:
    best = [
        [max(_f1(judge(line, cut)[measure]) for line in abstract.references) for measure in MEASURES]
        for abstract in abstracts
        for cut in [shorten(abstract.sentences)]
    ]
    return [100 * fmean(column) for column in zip(*best, strict=True)]


def _f1(score: object) -> float:
    return float(getattr(score, "fmeasure"))  # noqa: B009 - untyped, and a named tuple of theirs


def _coverage(folder: Path | None) -> Table:
    """Jensen-Shannon divergence between the words of summary and thread, in bits: 0 says all, 1 nothing (Louis and
    Nenkova, 2009)."""
    threads = list(_threads(folder))
    ways = (_cut, _plain, _whole)
    rows: dict[str, list[list[float]]] = {name: [] for name in [*_rankers(), PRINTED]}
    rankers = _rankers()
    for thread in threads:
        text = [passage.text for passage in passages.read(thread)]
        whole = " ".join(text)
        for name, rank in rankers.items():
            scores = rank(text)
            rows[name].append([_divergence(way(text, scores, limit=COVERAGE_WORDS), whole) for way in ways])
        printed = " ".join(point.text for point in summary.extract(thread, limit=COVERAGE_WORDS))
        rows[PRINTED].append([_divergence(printed, whole)])
    found = {name: [fmean(column) for column in zip(*bits, strict=True)] for name, bits in rows.items()}
    return Table(
        title=f"What {COVERAGE_WORDS} words leave out of {len(threads)} threads (Jensen-Shannon, lower is better)",
        columns=("", "best first", "in order", "whole sentences"),
        rows=[(name, *_columns(bits)) for name, bits in found.items()],
        notes=[
            "Best first and in order are cut after the last word; in order is the text that sumy itself would give.",
            "As printed: whole sentences that read well alone, one of a post (`digest summary --words 60`).",
        ],
        facts={f"{name}: bits": round(bits[0], 4) for name, bits in found.items()},
    )


def _columns(bits: Sequence[float]) -> Sequence[str]:
    """What is printed has whole sentences only, and stands in the last column."""
    return [*[""] * (3 - len(bits)), *(f"{one:.3f}" for one in bits)]


def _threads(folder: Path | None) -> Iterator[Thread]:
    """The threads in all files of the folder that are too long to be their own summary."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()] if folder else samples.samples()
    for file in files:
        for raw in sources.split(sources.fetch(str(file))).raws:
            thread = sources.read(raw)
            if word_count(thread.text) >= summary.SHORT:
                yield thread


def _best(scores: Sequence[float]) -> list[int]:
    return sorted(range(len(scores)), key=lambda at: -scores[at])


def _cut(sentences: Sequence[str], scores: Sequence[float], *, limit: int) -> str:
    """The best sentences, best first, cut after `limit` words."""
    return _start(" ".join(sentences[at] for at in _best(scores)), limit)


def _plain(sentences: Sequence[str], scores: Sequence[float], *, limit: int) -> str:
    """As few of the best sentences as have `limit` words, in the order of the text, then cut."""
    taken: list[int] = []
    for at in _best(scores):
        if sum(word_count(sentences[one]) for one in taken) < limit:
            taken.append(at)
    return _start(" ".join(sentences[at] for at in sorted(taken)), limit)


def _whole(sentences: Sequence[str], scores: Sequence[float], *, limit: int) -> str:
    """All sentences that fit, the best first."""
    taken: list[int] = []
    for at in _best(scores):
        if word_count(sentences[at]) + sum(word_count(sentences[one]) for one in taken) <= limit:
            taken.append(at)
    return " ".join(sentences[at] for at in sorted(taken))


def _start(text: str, limit: int) -> str:
    """The first words of a text; two characters count as a word where no spaces part them."""
    ends = [piece.end() for piece in re.finditer(rf"[{words.DENSE}]{{1,2}}|[^\s{words.DENSE}]+", text)]
    return text[: ends[limit - 1]] if len(ends) >= limit else text


def _divergence(summary: str, whole: str) -> float:
    ours, theirs = _shares(summary), _shares(whole)
    middle = {word: (ours.get(word, 0) + theirs.get(word, 0)) / 2 for word in ours | theirs}
    return (_towards(ours, middle) + _towards(theirs, middle)) / 2


def _shares(text: str) -> dict[str, float]:
    counts = Counter(words.stems(text, lang="en"))
    return {word: count / counts.total() for word, count in counts.items()}


def _towards(shares: dict[str, float], middle: dict[str, float]) -> float:
    return sum(share * math.log2(share / middle[word]) for word, share in shares.items())
