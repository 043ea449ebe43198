"""Finds what a thread may be called, in its author's own words and order. Leaves words out at the ends; adds none."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from digest.desk import passages, phrases, ranker, sentences
from digest.model import Headline, Summary, Thread
from digest.text import one_line, shorten
from digest.tongue import language, words
from digest.tongue.stopwords import STOP_WORDS

_TITLE = 70  # columns that a title may take before it costs
_LIMIT = 90  # columns that no title of ours passes
_SUBJECT = 60
_PREHEADER = 110  # characters
_GLANCE = 40  # columns of a subject that a phone shows
_OPENING = 2  # posts in which a headline is looked for
_LEAST = 8  # characters of a sentence that is worth the grey line
_CENTRAL = 8  # terms that say what a thread is about

_DRESS = re.compile(r"https?://\S+|www\.\S+|[\U0001f9f5👇⬇️]|(?:\s+#\w+)+\s*$|^(?:@[\w.-]+\s+)+|^(?:#\w+\s+){2,}")
_END = re.compile(r"[\s.,;:!…،、。，：；！—–|-]+$")
_END_IN_QUOTES = re.compile(r"[.,](?=[\"'”’»]+$)")
_DECORATION = re.compile("^[\\s\U0001f300-\U0001faff\u2600-\u27bf\ufe0f•·|–—-]+")
_FIRST_LETTER = re.compile(r"^[\"“'‘«(]*[a-zà-ÿа-яё](?![A-Z])")  # not of "iPhone"
_WORD = re.compile(r"[^\W_]+")
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A wording, and how much its kind is liked before it is looked at."""

    text: str
    liking: float


def headline(thread: Thread, *, summary: Summary, title: str = "", subject: str = "", preheader: str = "") -> Headline:
    """What the thread is called in the mail (title), in the inbox (subject), and in the grey line after it (preheader).

    `title`, `subject` and `preheader` are the editor's and win; then the thread's own title; then the best wording
    found in its opening and its summary: at most 90 columns, 60 for the subject, 110 characters for the preheader.
    """
    lang = words.primary(language.of(thread))
    given = one_line(title or thread.title)
    called = given or next(iter(_wordings(thread, summary=summary, lang=lang)), "") or _last_resort(thread)
    line = one_line(subject) or _subject(called)
    return Headline(
        title=called,
        subject=line,
        preheader=one_line(preheader) or _preheader(thread, summary=summary, title=called, lang=lang),
    )


# ── the title ─────────────────────────────────────────────────────────────────────────────────────


def _wordings(thread: Thread, *, summary: Summary, lang: str) -> list[str]:
    """All wordings that could stand above the thread, the best first."""
    central = _central(thread, lang=lang)
    judged: dict[str, float] = {}
    for candidate in _candidates(thread, summary=summary, lang=lang):
        text = _polish(candidate.text, thread=thread, lang=lang) if len(candidate.text) <= 2 * _LIMIT else ""
        if _stands(text):
            score = candidate.liking + _shape(text, lang=lang) + _coverage(text, central=central, lang=lang)
            judged[text] = max(score, judged.get(text, score))
    return sorted(judged, key=lambda text: -round(judged[text], 9))


def _candidates(thread: Thread, *, summary: Summary, lang: str) -> Iterator[_Candidate]:
    opening = [passage for passage in passages.read(thread) if passage.at < _OPENING]
    for place, passage in enumerate(opening):
        nearness = -0.1 if passage.at else 0.5 / (1 + place)
        # The first sentence has none before it to lean on: its "it" is "it took me years", not a pointer.
        leaning = place > 0 and phrases.leans(passage.text, lang=lang)
        yield from _from_sentence(passage.text, nearness=nearness - leaning, lang=lang)
    for point in summary.points:
        for sentence in sentences.split(phrases.LABEL.sub("", point.text)):
            yield _Candidate(text=sentence, liking=-0.2 - phrases.leans(sentence, lang=lang))


def _from_sentence(sentence: str, *, nearness: float, lang: str) -> Iterator[_Candidate]:
    """The topic that a sentence announces, the sentence itself, and what stands before or after a break in it."""
    text = _DRESS.sub(" ", sentence).strip()
    for announced in phrases.TOPIC.finditer(text):
        topic = text[announced.end() :].strip()
        if not phrases.VAGUE.match(topic):
            yield from _with_heads(topic, liking=0.9 + nearness, lang=lang)
    if after := phrases.TOPIC_AFTER.match(text):
        yield _Candidate(text=after[1], liking=0.9 + nearness)
    plain = phrases.LEAD_IN.sub("", phrases.ASKED.sub(r"\1", text))
    yield from _with_heads(plain, liking=0.5 + nearness, lang=lang)
    for cut in phrases.HEAD_CUT.finditer(plain):
        tail = plain[cut.end() :]
        yield _Candidate(text=tail, liking=nearness - phrases.leans(tail, lang=lang))


def _with_heads(text: str, *, liking: float, lang: str) -> Iterator[_Candidate]:
    """`text` whole, and up to each place where it may end sooner."""
    yield _Candidate(text=text, liking=liking)
    cuts = [(cut, 0.1) for cut in phrases.HEAD_CUT.finditer(text)]
    if not phrases.SUBORDINATE.match(text):
        cuts += [(cut, 0.3) for cut in phrases.CONNECTIVE.finditer(text)]
    for cut, cost in cuts:
        head = text[: cut.start()]
        if (
            _columns(head) >= _GLANCE // 2
            and words.words(head)[-1:]
            and words.words(head)[-1] not in STOP_WORDS.get(lang, ())
        ):
            yield _Candidate(text=head, liking=liking - cost)


def _polish(text: str, *, thread: Thread, lang: str) -> str:
    """`text` as a headline is printed: no full stop, a capital first, no shouting."""
    line = _END_IN_QUOTES.sub("", _END.sub("", one_line(text)))
    line = _DECORATION.sub("", line.strip("*_~ "))
    if _shouts(line):
        line = _calm(line, thread=thread, lang=lang)
    return _FIRST_LETTER.sub(lambda first: first[0].upper(), line)


def _shouts(line: str) -> bool:
    letters = [c for c in line if c.isalpha()]
    return len(line.split()) >= 3 and sum(c.isupper() for c in letters) > 0.6 * len(letters)


def _calm(line: str, *, thread: Thread, lang: str) -> str:
    """Capitals taken down to the way in which the thread writes the same words elsewhere; short unknown ones stay."""
    seen = set(_WORD.findall(thread.text))
    small = STOP_WORDS.get(lang, frozenset())

    def calmed(match: re.Match[str]) -> str:
        word, low = match[0], match[0].lower()
        if low in small or low in seen:
            return low
        return word.title() if word.title() in seen else low if len(word) > 3 else word

    return _WORD.sub(calmed, line)


def _stands(text: str) -> bool:
    """Whether a wording could be a headline at all."""
    balanced = not ranker.misshapen(text.rstrip("?？؟"))
    return (
        balanced and 8 <= _columns(text) <= _LIMIT and not phrases.NOISE.match(text) and not phrases.CALL.search(text)
    )


def _shape(text: str, *, lang: str) -> float:
    """How much a wording looks like a headline: 1 at best."""
    columns = _columns(text)
    fit = min(1.0, (columns - 4) / 16) - max(0, columns - _SUBJECT) / 100 - max(0, columns - _TITLE) / 25
    thin = len(text.split()) < 3 and not words.DENSE_RUN.search(text)
    return fit - 0.6 * thin - 0.15 * bool(_EMOJI.search(text)) - 0.2 * ("#" in text or "@" in text)


def _central(thread: Thread, *, lang: str) -> dict[str, float]:
    """What the thread speaks of most, with its share."""
    counts = Counter(words.stems(thread.text, lang=lang)).most_common(_CENTRAL)
    total = sum(count for _, count in counts)
    return {stem: count / total for stem, count in counts}


def _coverage(text: str, *, central: dict[str, float], lang: str) -> float:
    """How much of that a wording names, and names before a phone cuts it off."""
    whole, glance = (set(words.stems(part, lang=lang)) for part in (text, text[:_GLANCE]))
    return sum(share * ((stem in whole) + 0.5 * (stem in glance)) for stem, share in central.items())


def _columns(text: str) -> int:
    """Width on a screen: characters of East Asian width take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _last_resort(thread: Thread) -> str:
    first = next((passage.text for passage in passages.read(thread) if _WORD.search(passage.text)), "")
    return shorten(first, _TITLE) or thread.author.name or thread.author.handle or thread.key


# ── the inbox line, and the grey line after it ────────────────────────────────────────────────────


def _subject(title: str) -> str:
    """The title, or as much of a long one as stands alone."""
    heads = [_END.sub("", title[: cut.start()]) for cut in phrases.HEAD_CUT.finditer(title)]
    fitting = [head for head in (title, *reversed(heads)) if _columns(head) <= _SUBJECT]
    return next((head for head in fitting if _columns(head) >= _GLANCE // 2 or head == title), shorten(title, _LIMIT))


def _preheader(thread: Thread, *, summary: Summary, title: str, lang: str) -> str:
    """Whole sentences that go on from the title: the summary's, or a short thread's own."""
    told = [
        s for point in summary.points for s in sentences.split(phrases.LABEL.sub("", point.text).lstrip(" :：—–-,"))
    ]
    told = [one_line(_DRESS.sub(" ", sentence)) for sentence in told or [p.text for p in passages.read(thread)]]
    fresh = [s for s in told if len(s) >= _LEAST and not _announces(s) and not _repeats(s, title=title, lang=lang)]
    while fresh and phrases.leans(fresh[0], lang=lang):
        del fresh[0]
    line = ""
    for sentence in fresh or told[-1:]:
        if line and len(line) + 1 + len(sentence) > _PREHEADER:
            break
        line = f"{line} {sentence}".strip()
    line = shorten(line, _PREHEADER)
    return line[:1].upper() + line[1:]


def _announces(sentence: str) -> bool:
    return bool(sentence.endswith((":", "：")) or phrases.TOPIC.match(sentence))


def _repeats(sentence: str, *, title: str, lang: str) -> bool:
    """Whether a sentence says again what the title names."""
    named = set(words.stems(title, lang=lang))
    return bool(named) and len(named & set(words.stems(sentence, lang=lang))) >= 0.75 * len(named)
