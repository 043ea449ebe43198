"""Chooses the thread of the week from the shelf, and can say why. Pure: same shelf, history, hour and rules, same pick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from math import inf

from digest.desk import language, merits, topics, words
from digest.model import Author, Shelved, Standing, Thread
from digest.text import word_count


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A thread that was sent, when, and how many readers said that it was a good pick, or not for them."""

    thread: Thread
    at: datetime
    good: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What each part of the score counts for. They add up to 1, so that a score lies in [0, 1]."""

    wait: float = 30 / 110
    novelty: float = 25 / 110
    length: float = 20 / 110
    author: float = 15 / 110
    quality: float = 10 / 110
    readers: float = 10 / 110


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What keeps a thread from being picked. A pin overrides all of them but one: nothing is sent twice.

    `languages` are primary tags, empty for any; `author_gap` counts issues, and yields when nobody else is left;
    `turn` is every how many issues it is the turn of who has waited longest, if for `patience` weeks or more: by its
    score alone a thread could wait for ever. `same_topic` is the cosine from which a thread counts as one that was sent; `shortlist` is how many of the
    foremost are compared by topic, the dearest part.
    """

    languages: frozenset[str] = frozenset()
    least_posts: int = 4
    least_words: int = 120
    author_gap: int = 4
    turn: int = 3
    patience: int = 13
    same_topic: float = 0.5
    allow_truncated: bool = False
    allow_content_warnings: bool = False
    shortlist: int = 80
    runners_up: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a score: `value` in [0, 1], what it counts for, and what it says to people."""

    name: str
    value: float
    weight: float
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A thread that may be sent, with its score in [0, 1] and the parts that add up to it. `turn`: it waited longest, and
    now it is its turn, whatever its score."""

    shelved: Shelved
    score: float
    parts: tuple[Part, ...]
    turn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtered:
    """A thread that may not be sent now, and why."""

    shelved: Shelved
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """The choice, those next in line, and those put aside. `best` is None when nothing may be sent.

    Language, content warnings and likeness to sent threads are looked at only as far down the shelf as the shortlist goes.
    """

    best: Scored | None
    runners_up: tuple[Scored, ...]
    filtered: tuple[Filtered, ...]


def pick(
    shelf: Sequence[Shelved],
    *,
    history: Sequence[Published],
    now: datetime,
    weights: Weights = Weights(),
    rules: Rules = Rules(),
) -> Pick:
    """Choose what goes out next: the pinned first, in the editor's order, then the best score, then the older import,
    then the lower id.

    There is no part for engagement: no source here counts it, and a constant says nothing.
    """
    week = _Week(past=_past(history), now=now, weights=weights, rules=rules)
    open_, barred = _sift(shelf, by=_bar, week=week)
    rested, resting = _sift(open_, by=_rest, week=week)
    cases, more = _judge(rested, week=week)
    if cases:
        more |= resting
    else:
        cases, more = _judge(open_, week=week)
    barred |= more
    first = tuple(_explained(case, week=week) for case in cases[: rules.runners_up + 1])
    filtered = tuple(Filtered(shelved=one, reason=barred[one.id]) for one in shelf if one.id in barred)
    return Pick(best=first[0] if first else None, runners_up=first[1:], filtered=filtered)


def reason(pick: Pick) -> str:
    """One line for people: "Waited 6 weeks, a new topic, 4 minutes to read."."""
    if pick.best is None:
        return "Nothing on the shelf may be sent now." if pick.filtered else "The shelf is empty."
    says = {part.name: part.says for part in pick.best.parts}
    pinned = ["pinned"] if pick.best.shelved.standing is Standing.PINNED else []
    turn = ["its turn"] if pick.best.turn else []
    line = ", ".join([*pinned, *turn, says["wait"], says["novelty"], says["length"]])
    return f"{line[0].upper()}{line[1:]}."


# ── what may be sent ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """What was sent, the newest first; and for each author how many issues ago, 1 being the last."""

    sent: tuple[Published, ...]
    keys: frozenset[str]
    authors: dict[str, int]


def _past(history: Sequence[Published]) -> _Past:
    sent = tuple(sorted(history, key=lambda one: one.at, reverse=True))
    authors: dict[str, int] = {}
    for ago, one in enumerate(sent, start=1):
        authors.setdefault(_name(one.thread.author), ago)
    authors.pop("", None)
    return _Past(sent=sent, keys=frozenset(one.thread.key for one in sent), authors=authors)


def _name(author: Author) -> str:
    return (author.handle or author.name).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Week:
    """The circumstances of one choice."""

    past: _Past
    now: datetime
    weights: Weights
    rules: Rules


def _sift(
    shelf: Sequence[Shelved], *, by: Callable[[Shelved, _Week], str], week: _Week
) -> tuple[list[Shelved], dict[int, str]]:
    """Those that a rule lets pass, and for the others, by id, why it does not."""
    reasons = {one.id: why for one in shelf if (why := by(one, week))}
    return [one for one in shelf if one.id not in reasons], reasons


def _bar(shelved: Shelved, week: _Week) -> str:
    """Why a thread may not be sent, whatever its merits; "" when it may."""
    thread, standing, rules = shelved.thread, shelved.standing, week.rules
    if standing is Standing.PUBLISHED or thread.key in week.past.keys:
        return "already sent"
    if standing is Standing.PINNED:
        return ""
    if standing is Standing.HELD:
        return "held back by the editor"
    if standing is Standing.NOMINATED:
        return "proposed by a reader, and not released"
    return _unfit(thread, rules)


def _unfit(thread: Thread, rules: Rules) -> str:
    if len(thread.posts) < rules.least_posts:
        return f"fewer than {rules.least_posts} posts"
    if thread.truncated and not rules.allow_truncated:
        return "its import is cut off"
    return f"fewer than {rules.least_words} words" if _short(thread, rules.least_words) else ""


def _short(thread: Thread, least: int) -> bool:
    """Whether a thread has fewer words; a long one is told from its length and its spaces, without counting."""
    if merits.characters(thread) > least * 12 or thread.text.count(" ") >= least * 1.1:
        return False
    return word_count(thread.text) < least


def _rest(shelved: Shelved, week: _Week) -> str:
    """Why a thread had better wait while others can go: its author was on lately."""
    ago = _ago(shelved, week)
    if shelved.standing is Standing.PINNED or ago is None or ago > week.rules.author_gap:
        return ""
    return f"its author was sent {ago} issue{'s' if ago > 1 else ''} ago"


def _mismatch(shelved: Shelved, week: _Week) -> str:
    """Why what stands in a thread keeps it back. A language that nobody can tell does not."""
    thread, rules = shelved.thread, week.rules
    if shelved.standing is Standing.PINNED:
        return ""
    if not rules.allow_content_warnings and any(post.content_warning for post in thread.posts):
        return "it carries a content warning"
    tag = words.primary(language.of(thread)) if rules.languages else ""
    return f"it is in another language ({tag})" if tag and tag not in rules.languages else ""


# ── which is best ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    shelved: Shelved
    values: dict[str, float]
    score: float


def _judge(shelved: Sequence[Shelved], *, week: _Week) -> tuple[list[_Case], dict[int, str]]:
    """The shortlist in the order in which it would be sent, and by id why others fell out on the way."""
    short, fallen = _shortlist(shelved, week=week)
    likeness = topics.likeness([one.thread for one in short], to=[sent.thread for sent in week.past.sent])
    cases = []
    for one, cosines in zip(short, likeness, strict=True):
        if max(cosines, default=0.0) > week.rules.same_topic and one.standing is not Standing.PINNED:
            fallen[one.id] = "too like a thread that was sent"
        else:
            cases.append(_case(one, cosines=cosines, week=week))
    return sorted(cases, key=lambda case: _order(case.shelved, score=case.score, week=week)), fallen


def _shortlist(shelved: Sequence[Shelved], *, week: _Week) -> tuple[list[Shelved], dict[int, str]]:
    """The pinned and the foremost by what is cheap to know, and by id those before them that do not fit."""
    short: list[Shelved] = []
    unfit: dict[int, str] = {}
    for one in sorted(shelved, key=lambda one: _order(one, score=_promise(one, week), week=week)):
        if len(short) >= week.rules.shortlist and one.standing is not Standing.PINNED:
            break
        if why := _mismatch(one, week):
            unfit[one.id] = why
        else:
            short.append(one)
    return short, unfit


def _order(shelved: Shelved, *, score: float, week: _Week) -> tuple[bool, float, bool, float, datetime, int]:
    pinned = shelved.standing is Standing.PINNED
    rank = inf if shelved.rank is None or not pinned else shelved.rank
    turn = _has_turn(shelved, week)
    return not pinned, rank, not turn, 0.0 if turn else -score, shelved.imported_at, shelved.id


def _has_turn(shelved: Shelved, week: _Week) -> bool:
    rules = week.rules
    waiting = shelved.standing is Standing.WAITING
    round_ = (len(week.past.sent) + 1) % rules.turn == 0
    return waiting and round_ and merits.weeks(shelved, now=week.now) >= rules.patience


def _promise(shelved: Shelved, week: _Week) -> float:
    """The score so far as it can be known without reading the thread."""
    weights = week.weights
    values = _outside(shelved, week)
    return weights.wait * values["wait"] + weights.length * values["length"] + weights.author * values["author"]


def _outside(shelved: Shelved, week: _Week) -> dict[str, float]:
    return {
        "wait": merits.wait(merits.weeks(shelved, now=week.now)),
        "length": merits.length(shelved.thread),
        "author": merits.author(_ago(shelved, week)),
    }


def _case(shelved: Shelved, *, cosines: Sequence[float], week: _Week) -> _Case:
    values = _outside(shelved, week)
    values |= {"novelty": merits.novelty(cosines), "quality": merits.quality(shelved.thread)}
    values |= {"readers": merits.readers(*_voices(shelved, cosines, week))}
    score = sum(values[name] * weight for name, weight in asdict(week.weights).items())
    return _Case(shelved=shelved, values=values, score=score)


def _voices(shelved: Shelved, cosines: Sequence[float], week: _Week) -> tuple[float, float]:
    """How many readers liked what is like this one, and how many did not: the same author counts whole, another by how
    near its topic is."""
    name, good, bad = _name(shelved.thread.author), 0.0, 0.0
    for sent, cosine in zip(week.past.sent, cosines, strict=True):
        near = 1.0 if name and name == _name(sent.thread.author) else cosine
        good, bad = good + near * sent.good, bad + near * sent.bad
    return good, bad


def _explained(case: _Case, *, week: _Week) -> Scored:
    one, values = case.shelved, case.values
    says = {
        "wait": merits.say_wait(merits.weeks(one, now=week.now)),
        "novelty": merits.say_novelty(values["novelty"]),
        "length": merits.say_length(one.thread),
        "author": merits.say_author(_ago(one, week)),
        "quality": merits.say_quality(values["quality"]),
        "readers": merits.say_readers(values["readers"]),
    }
    weights = asdict(week.weights).items()
    parts = tuple(Part(name=name, value=values[name], weight=weight, says=says[name]) for name, weight in weights)
    return Scored(shelved=one, score=case.score, parts=parts, turn=_has_turn(one, week))


def _ago(shelved: Shelved, week: _Week) -> int | None:
    return week.past.authors.get(_name(shelved.thread.author))
