"""How well a text is summed up, against the ranker's peers: ROUGE on abstracts whose authors wrote one line each, and how
much of real threads a summary covers. Peers know no posts: it measures our ranker, and what we print beside it."""

from __future__ import annotations

import json
import math
import random
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from bench.peers import summarisers
from bench.table import Table
from digest import samples, sources
from digest.desk import passages, ranker, summary
from digest.model import Post, Thread
from digest.tongue import words

Ranker = Callable[[Sequence[str]], Sequence[float]]
"""Scores a text's sentences; the highest goes first."""

URL = "https://raw.githubusercontent.com/allenai/scitldr/master/SciTLDR-Data/SciTLDR-A/dev.jsonl"
DATA = Path("bench/data/scitldr-a-dev.jsonl")
ROUGE_WORDS, COVERAGE_WORDS = 25, 60
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
        "ours": lambda text: ranker.rank(text, lang="en").scores,
        "lead": lambda text: range(len(text), 0, -1),
        "random": lambda text: [chance.random() for _ in text],
        **summarisers.found(),
    }


def _rouge(abstracts: Sequence[Abstract], *, named: str) -> Table:
    """F1 x 100, the best over the references, each summary cut at the same number of words (Lin, 2004)."""
    from rouge_score.rouge_scorer import RougeScorer  # noqa: PLC0415 - a peer's part, not locked with ours

    judge = RougeScorer(MEASURES, use_stemmer=True)
    found = {name: _rouges(_leading(rank, ROUGE_WORDS), abstracts, judge.score) for name, rank in _rankers().items()}
    found["ours, as printed"] = _rouges(_printed, abstracts, judge.score)
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
    texts = list(_threads(folder))
    found = {
        name: fmean(_divergence(_cut(text, rank(text), limit=COVERAGE_WORDS), " ".join(text)) for text in texts)
        for name, rank in _rankers().items()
    }
    return Table(
        title=f"What {COVERAGE_WORDS} words leave out of {len(texts)} threads (Jensen-Shannon, lower is better)",
        columns=("", "bits"),
        rows=[(name, f"{bits:.3f}") for name, bits in found.items()],
        facts={f"{name}: bits": round(bits, 4) for name, bits in found.items()},
    )


def _threads(folder: Path | None) -> Iterator[list[str]]:
    """Each thread of the folder as its sentences."""
    files = (
        sorted(str(path) for path in folder.rglob("*") if path.is_file())
        if folder
        else [str(sample) for sample in samples.samples()]
    )
    for file in files:
        thread = sources.read(sources.fetch(file))
        if len(found := [passage.text for passage in passages.read(thread)]) > 1:
            yield found


def _cut(sentences: Sequence[str], scores: Sequence[float], *, limit: int) -> str:
    best = sorted(range(len(sentences)), key=lambda at: -scores[at])
    return " ".join(" ".join(sentences[at] for at in best).split()[:limit])


def _divergence(summary: str, whole: str) -> float:
    ours, theirs = _shares(summary), _shares(whole)
    middle = {word: (ours.get(word, 0) + theirs.get(word, 0)) / 2 for word in ours | theirs}
    return (_towards(ours, middle) + _towards(theirs, middle)) / 2


def _shares(text: str) -> dict[str, float]:
    counts = Counter(words.stems(text, lang="en"))
    return {word: count / counts.total() for word, count in counts.items()}


def _towards(shares: dict[str, float], middle: dict[str, float]) -> float:
    return sum(share * math.log2(share / middle[word]) for word, share in shares.items())
