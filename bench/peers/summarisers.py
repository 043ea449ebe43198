"""The summarisers that others use, each as a function that scores sentences: sumy's methods and summa's TextRank."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Callable, Sequence
from typing import Any

Ranker = Callable[[Sequence[str]], Sequence[float]]

# Edmundson is left out: it wants a list of the genre's cue words, which is what nobody here may use.
_SUMY = {
    "sumy LexRank": "lex_rank.LexRankSummarizer",
    "sumy TextRank": "text_rank.TextRankSummarizer",
    "sumy Luhn": "luhn.LuhnSummarizer",
    "sumy LSA": "lsa.LsaSummarizer",
    "sumy KL": "kl.KLSummarizer",
    "sumy SumBasic": "sum_basic.SumBasicSummarizer",
    "sumy Reduction": "reduction.ReductionSummarizer",
}


def found() -> dict[str, Ranker]:
    """Those that are installed."""
    rankers: dict[str, Ranker] = {}
    if _there("sumy"):
        rankers |= {name: _sumy(method) for name, method in _SUMY.items()}
    if _there("summa"):
        rankers["summa TextRank"] = _summa
    return rankers


def _there(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


class _Words:
    """sumy's own tokenizer would fetch data first; the texts come as sentences."""

    def to_words(self, text: str) -> list[str]:
        return re.findall(r"[^\W\d_][\w'’-]*", text)


def _sumy(method: str) -> Ranker:
    module, _, name = method.partition(".")
    make = getattr(importlib.import_module(f"sumy.summarizers.{module}"), name)
    dom, stop = importlib.import_module("sumy.models.dom"), importlib.import_module("sumy.utils")
    stemmer = importlib.import_module("sumy.nlp.stemmers").Stemmer("english")

    def rank(sentences: Sequence[str]) -> Sequence[float]:
        """It tells which sentences it would keep, not what they score: each gets its rank from ever longer summaries."""
        text = dom.ObjectDocumentModel([dom.Paragraph([dom.Sentence(one, _Words()) for one in sentences])])
        summarise = make(stemmer)
        summarise.stop_words = stop.get_stop_words("english")
        places = {id(one): at for at, one in enumerate(text.sentences)}
        scores = [0.0] * len(sentences)
        for count in range(1, min(len(sentences), 12) + 1):
            for kept in summarise(text, count):
                scores[places[id(kept)]] += 1
        return scores

    return rank


def _summa(sentences: Sequence[str]) -> Sequence[float]:
    summarizer: Any = importlib.import_module("summa.summarizer")
    cleaner: Any = importlib.import_module("summa.preprocessing.textcleaner")
    cleaner.set_stemmer_language("english")
    cleaner.set_stopwords_by_language("english", "")
    units = cleaner.merge_syntactic_units(list(sentences), cleaner.filter_words(list(sentences)))
    graph = importlib.import_module("summa.commons").build_graph([unit.token for unit in units])
    summarizer._set_graph_edge_weights(graph)
    importlib.import_module("summa.commons").remove_unreachable_nodes(graph)
    if not graph.nodes():
        return range(len(sentences), 0, -1)
    ranks = importlib.import_module("summa.pagerank_weighted").pagerank_weighted_scipy(graph)
    by_text = {unit.text: float(abs(ranks.get(unit.token, 0.0))) for unit in units}
    return [by_text.get(sentence, 0.0) for sentence in sentences]
