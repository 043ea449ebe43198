"""Says a thread in few sentences of its author's own. Picks and cites; never rewords, never cuts inside a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from digest.desk import coverage, passages, phrases, ranker, sentences
from digest.desk.coverage import Statement
from digest.desk.passages import Passage
from digest.model import Point, Post, Summary, Thread
from digest.text import one_line, word_count
from digest.tongue import language, words

SHORT = 120
"""Words under which a thread is its own summary."""

_CAP = (25, 90)  # words of an extract, for the shortest threads and for those from 280 words on
_OWN_CAP = 150  # words of an author's own summary that still is one
_POINTS = 6
_LEAST = 12  # words kept free for each point up to the third
_SENTENCE = (6, 45)  # words of a sentence that may stand alone
_LINK = re.compile(r"https?://\S+|www\.\S+")
_HALF = 12  # words under which a sentence may be half a thought


def summarise(thread: Thread) -> Summary:
    """The author's own summary where there is one, else up to six key points; none for a short thread.

    Every point's text stands word for word in the post that it cites, white space folded.
    """
    if word_count(thread.text) < SHORT:
        return Summary(kind="none")
    if own := _own_words(thread):
        return Summary(kind="author", points=own)
    points = extract(thread)
    return Summary(kind="extract" if points else "none", points=points)


# ── in the author's words ─────────────────────────────────────────────────────────────────────────


def _own_words(thread: Thread) -> tuple[Point, ...]:
    """The post that the author labelled as the summary, from its label on, and the list posts that follow it."""
    closing = range(len(thread.posts) - 1, int(len(thread.posts) * 0.6) - 1, -1)
    for at in dict.fromkeys([*closing, 0]):
        if points := _labelled(thread.posts[at:]):
            return points
    return ()


def _labelled(posts: Sequence[Post]) -> tuple[Point, ...]:
    first, *rest = posts
    lines = [] if first.content_warning else passages.lines(first)
    start = next((i for i, line in enumerate(lines) if phrases.LABEL.match(line)), None)
    if start is None:
        return ()
    points = [*_points(lines[start:], number=first.number)]
    for post in rest:
        lines = passages.lines(post)
        if post.content_warning or not lines or not passages.item(lines[0]):
            break
        points += _points(lines, number=post.number)
    kept = [point for i, point in enumerate(points) if sum(word_count(p.text) for p in points[: i + 1]) <= _OWN_CAP]
    return tuple(kept) if sum(word_count(point.text) for point in kept) >= 8 else ()


def _points(lines: Sequence[str], *, number: int) -> Iterator[Point]:
    """One point per line, up to a P.S.; a line that is only the label gives none."""
    for line in lines:
        if phrases.AFTERWORD.match(line):
            return
        text = one_line(passages.unbulleted(_without_calls(line)))
        if text and phrases.LABEL.sub("", text).strip(" :：.—–-!"):
            yield Point(text=text, posts=(number,))


def _without_calls(line: str) -> str:
    """`line` without the sentences at its end that call the reader to do something for the author."""
    for sentence in reversed(sentences.split(line)):
        if not passages.idle(sentence):
            break
        line = line[: line.rindex(sentence)].rstrip()
    return line


# ── by extract ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate(Statement):
    """A stretch that may be shown. `seat` is its post, or its line in a thread of few posts: one point per seat."""

    text: str
    post: int
    seat: int


def extract(thread: Thread, *, limit: int | None = None) -> tuple[Point, ...]:
    """What the thread's own sentences say of the whole, in their order, however short it is.

    `limit` is how many words may be taken at most, instead of the room that such a thread gets.
    """
    found = passages.read(thread)
    lang = words.primary(language.of(thread))
    texts = [passage.text for passage in found]
    stems = [words.stems(text, lang=lang) for text in texts]
    pool = _pool(thread, found, ranker.rank(texts, stems=stems), stems=stems, lang=lang)
    pool = [one for one in pool if limit is None or one.words <= limit]
    worth = coverage.weights(stems, words=[word_count(text) for text in texts])
    chosen = coverage.choose(partial(_allowed, pool, room=limit or _room(thread)), worth=worth)
    return tuple(Point(text=one_line(c.text), posts=(c.post,)) for c in sorted(chosen, key=lambda c: c.index))


def _room(thread: Thread) -> int:
    """Half the words beyond a hundred: what is soon read needs no more than its main sentence before it."""
    least, most = _CAP
    return min(most, max(least, (word_count(thread.text) - 100) // 2))


def _pool(
    thread: Thread, found: Sequence[Passage], scores: Sequence[float], *, stems: Sequence[list[str]], lang: str
) -> list[_Candidate]:
    """Every sentence that reads well alone, with its predecessor where it leans on it; in a list, the items' first."""
    listed = _listed(thread)
    pool = []
    for index, passage in enumerate(found):
        leads = index == 0 or found[index - 1].at != passage.at
        if listed and passage.at and not (leads and passage.at in listed):
            continue
        text = passage.text if listed and passage.at else _standing(found, index, lang=lang)
        count = word_count(text)
        low = 2 if listed and passage.at else _SENTENCE[0]
        if text and low <= _different(text) <= count <= _SENTENCE[1] and not ranker.misshapen(text):
            seat = passage.at if len(thread.posts) >= 5 else passage.line - 1
            said = frozenset(stems[index] if text == passage.text else words.stems(text, lang=lang))
            pool.append(
                _Candidate(
                    index=index, text=text, post=passage.post, seat=seat, words=count, stems=said, score=scores[index]
                )
            )
    return pool


def _different(text: str) -> int:
    """How many words it has that are not the same: “Wind 4, wind 4, wind 4” has two, and says as much. Links have none."""
    return word_count(" ".join(dict.fromkeys(_LINK.sub(" ", text).lower().split())))


def _listed(thread: Thread) -> frozenset[int]:
    """The places of the posts that are items of one numbered list ("10 lessons"), if the thread is such a list."""
    marks = {at: passages.item(post.text) for at, post in enumerate(thread.posts)}
    items = frozenset(at for at, mark in marks.items() if mark and mark[1] and int(mark[1]) < thread.posts[at].number)
    return items if len(items) >= max(4, 0.5 * len(thread.posts)) else frozenset()


def _standing(found: Sequence[Passage], index: int, *, lang: str) -> str:
    """The sentence with what it cannot do without; "" where it leans on something that is not there.

    That is the one before it where it leans on that ("This …"), or the one after it where it is short and that
    one leans on it: "They do not leave for the work. They leave for …" is one thought.
    """
    one = found[index]
    before = found[index - 1] if index and found[index - 1].line == one.line else None
    after = found[index + 1] if index + 1 < len(found) and found[index + 1].line == one.line else None
    if phrases.leans(one.text, lang=lang):
        return f"{before.text} {one.text}" if before and not phrases.leans(before.text, lang=lang) else ""
    if after and word_count(one.text) < _HALF and phrases.leans(after.text, lang=lang):
        return f"{one.text} {after.text}"
    return one.text


def _allowed(pool: Sequence[_Candidate], chosen: Sequence[_Candidate], *, room: int) -> Sequence[_Candidate]:
    """What still has room: one of each post, six in all, and every third of the thread before a second of any.

    The best is the best, however little room there is: measured, a shorter one in its place says less of a short thread.
    The opening has no place of its own: it is the headline's already, and measured, it costs more than it tells.
    """
    if len(chosen) >= _POINTS:
        return ()
    left = room - sum(c.words for c in chosen) - _LEAST * max(0, 2 - len(chosen))
    taken = {c.seat for c in chosen}
    fits = [c for c in pool if (c.words <= left or not chosen) and c.seat not in taken]
    seats = 1 + max((c.seat for c in pool), default=0)
    covered = {seat * 3 // seats for seat in taken}
    return [c for c in fits if c.seat * 3 // seats not in covered] or fits
