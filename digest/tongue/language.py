"""Which language a text is in, told from its script and its small words. Says "" rather than guess."""

from __future__ import annotations

import re

from digest.model import Thread
from digest.tongue import words
from digest.tongue.stopwords import STOP_WORDS

_SAMPLE = 400  # characters; more text does not change the answer
_SCRIPTS = {
    "latin": re.compile("[A-Za-zÀ-ɏ]+"),
    "cyrillic": re.compile("[Ѐ-ӿ]+"),
    "arabic": re.compile("[؀-ۿ]+"),
    "hebrew": re.compile("[א-ת]+"),
    "devanagari": re.compile("[ऀ-ॿ]+"),
    "kana": re.compile("[぀-ヿ]+"),
    "hangul": re.compile("[가-힣]+"),
    "han": re.compile("[㐀-鿿]+"),
}
_SPOKEN = {
    "latin": ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "pl", "tr"),
    "cyrillic": ("ru", "uk"),
    "arabic": ("ar", "fa"),
    "hebrew": ("he",),
    "devanagari": ("hi",),
}
_LETTERS = {
    "uk": re.compile("[іїєґ]"),
    "ru": re.compile("[ыэъё]"),
    "fa": re.compile("[پچژگکی]"),
    "ar": re.compile("[ةىيك]"),
}
_SPEAKERS: dict[str, frozenset[str]] = {
    word: frozenset(tag for tag, small in STOP_WORDS.items() if word in small)
    for small in STOP_WORDS.values()
    for word in small
}


def of(thread: Thread) -> str:
    """The thread's own tag when its source gave one, else what `detect` says of its posts."""
    return thread.lang or detect(thread.text)


def detect(text: str) -> str:
    """The BCP 47 primary tag of `text`, or "" when its script or its small words do not tell."""
    sample = text[:_SAMPLE].lower()
    counts = {name: sum(map(len, letter.findall(sample))) for name, letter in _SCRIPTS.items()}
    han, kana, hangul = counts.pop("han"), counts.pop("kana"), counts.pop("hangul")
    script = max(counts, key=lambda name: counts[name])
    if counts[script] > han * 2 + kana + hangul:
        return _by_small_words(sample, _SPOKEN[script])
    if hangul > han + kana:
        return "ko"
    return ("ja" if kana * 10 > han else "zh") if han + kana else ""


def _by_small_words(text: str, tags: tuple[str, ...]) -> str:
    """The tag whose small words are the most, a word that several languages share counting less."""
    found = words.words(text)
    score = {tag: len(_LETTERS[tag].findall(text)) / 4 if tag in _LETTERS else 0.0 for tag in tags}
    for word in found:
        speakers = _SPEAKERS.get(word, frozenset()) & score.keys()
        for tag in speakers:
            score[tag] += 1 / len(speakers)
    best, *others = sorted(tags, key=lambda tag: -score[tag])
    runner_up = max((score[tag] for tag in others), default=0.0)
    return best if score[best] >= max(2, 0.12 * len(found)) and score[best] > 1.15 * runner_up else ""
