"""Text as terms: lower-case words, or pairs of characters where a script has no spaces, small words left out.

Knows nothing of threads. Stems only when asked to, by Snowball.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from digest.tongue.stopwords import STOP_WORDS

_STEMMERS = {
    "ar": "arabic", "da": "danish", "de": "german", "en": "english", "es": "spanish", "fa": "persian", "fr": "french",
    "hi": "hindi", "it": "italian", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ru": "russian",
    "sv": "swedish", "tr": "turkish",
}  # fmt: skip

DENSE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
"""Scripts whose words a space does not part, or (Korean) whose endings would hide them: a character class for `re`."""

# Vowel signs of Hebrew, Arabic and the Indian scripts are no \w to Python, yet they stand inside words.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u200c\u0900-\u0903\u093a-\u094f\u0951-\u0957"
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|(?<!\w)@\w+(?:[@.][\w.-]*\w)?")
_WORD = re.compile(rf"[{DENSE}]+|[^\W{DENSE}](?:[\w{_MARKS}]|['’](?=\w))*")
DENSE_RUN = re.compile(rf"[{DENSE}]")


def words(text: str) -> list[str]:
    """The words of `text` in order, lower case, with small words; links and @handles are none."""
    return _WORD.findall(_ADDRESS.sub(" ", text).replace("’", "'").lower())


def terms(text: str, *, lang: str) -> list[str]:
    """The words of `text` that can carry a topic, in order; pairs of characters for Chinese, Japanese and Korean."""
    stop = STOP_WORDS.get(primary(lang), frozenset())
    kept: list[str] = []
    for word in words(text):
        if DENSE_RUN.match(word):
            kept += [pair for pair in _pairs(word) if pair not in stop]
        elif word not in stop and (len(word) > 1 or word.isdigit()):
            kept.append(word)
    return kept


def stems(text: str, *, lang: str) -> list[str]:
    """As `terms`, each cut to its stem where Snowball knows the language."""
    tag = primary(lang)
    return [_stem(term, tag) for term in terms(text, lang=tag)] if tag in _STEMMERS else terms(text, lang=tag)


def primary(lang: str) -> str:
    """The first subtag of a BCP 47 tag, lower case; Norwegian is one language here."""
    tag = lang.partition("-")[0].lower()
    return "no" if tag in ("nb", "nn") else tag


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


@lru_cache(maxsize=50_000)
def _stem(term: str, tag: str) -> str:
    return str(_stemmer(tag).stemWord(term))


@cache
def _stemmer(tag: str) -> Any:
    import snowballstemmer  # noqa: PLC0415 - it loads 35 languages (0.3 s), which most commands never need

    return snowballstemmer.stemmer(_STEMMERS[tag])
