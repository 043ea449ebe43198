"""Chooses the thread of the week from the shelf, and can say why. Pure: same shelf, history, hour and rules, same pick."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from math import inf

from digest.desk import bylines, language, merits, topics, words
from digest.model import Author, Shelved, Standing, Thread
from digest.spine import Girth, Spine, spine

Take = Callable[[Sequence[int]], Sequence[Shelved]]  # opens the threads with these numbers, in this order
Wanted = Mapping[str, int]  # how many readers follow an author, by each mark (see `bylines`) of whom they named
NOBODY: Wanted = {}


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

    wait: float = 30 / 130
    novelty: float = 25 / 130
    length: float = 20 / 130
    author: float = 15 / 130
    quality: float = 10 / 130
    engagement: float = 10 / 130
    readers: float = 10 / 130
    followers: float = 10 / 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What keeps a thread from being picked. A pin overrides all of them but two: nothing is sent twice, and nothing of
    the `barred`, authors by their marks (see `bylines`) who do not wish it.

    `languages` are primary tags, empty for any; `author_gap` counts issues, and yields when nobody else is left;
    `turn` is every how many issues it is the turn of who has waited longest, if for `patience` weeks or more: by its
    score alone a thread could wait for ever. `same_topic` is the cosine from which a thread counts as one that was sent; `shortlist` is how many of the
    foremost are compared by topic, the dearest part.
    """

    languages: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
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
    """A thread that may not be sent now, by its number on the shelf, and why."""

    id: int
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
    wanted: Wanted = NOBODY,
) -> Pick:
    """`choose` from a shelf that lies open."""
    held = {one.id: one for one in shelf}
    spines = [spine(one) for one in shelf]
    return choose(
        spines,
        take=lambda ids: [held[id] for id in ids],
        history=history,
        now=now,
        weights=weights,
        rules=rules,
        wanted=wanted,
    )


def choose(
    shelf: Sequence[Spine],
    *,
    take: Take,
    history: Sequence[Published],
    now: datetime,
    weights: Weights = Weights(),
    rules: Rules = Rules(),
    wanted: Wanted = NOBODY,
) -> Pick:
    """Choose what goes out next: the pinned first, in the editor's order, then the best score, then the older import,
    then the lower id.

    Only the foremost are opened, by `take`.
    """
    week = _Week(past=_past(history), now=now, weights=weights, rules=rules, wanted=wanted)
    open_, barred = _sift(shelf, by=_bar, week=week)
    rested, resting = _sift(open_, by=_rest, week=week)
    cases, more = _judge(rested, take=take, week=week)
    if cases:
        more |= resting
    else:
        cases, more = _judge(open_, take=take, week=week)
    barred |= more
    first = tuple(_explained(case, week=week) for case in cases[: rules.runners_up + 1])
    filtered = tuple(Filtered(id=one.id, reason=barred[one.id]) for one in shelf if one.id in barred)
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
    wanted: Wanted


def _sift(
    shelf: Sequence[Spine], *, by: Callable[[Spine, _Week], str], week: _Week
) -> tuple[list[Spine], dict[int, str]]:
    """Those that a rule lets pass, and for the others, by id, why it does not."""
    reasons = {one.id: why for one in shelf if (why := by(one, week))}
    return [one for one in shelf if one.id not in reasons], reasons


def _bar(one: Spine, week: _Week) -> str:
    """Why a thread may not be sent, whatever its merits; "" when it may."""
    if one.standing is Standing.PUBLISHED or one.key in week.past.keys:
        return "already sent"
    if week.rules.barred and week.rules.barred & bylines.marks(one.author):
        return "its author does not wish to be in it"
    if one.standing is Standing.PINNED:
        return ""
    if one.standing is Standing.HELD:
        return "held back by the editor"
    if one.standing is Standing.NOMINATED:
        return "proposed by a reader, and not released"
    return _unfit(one.girth, week.rules)


def _unfit(girth: Girth, rules: Rules) -> str:
    if girth.posts < rules.least_posts:
        return f"fewer than {rules.least_posts} posts"
    if girth.truncated and not rules.allow_truncated:
        return "its import is cut off"
    return f"fewer than {rules.least_words} words" if girth.words < rules.least_words else ""


def _rest(one: Spine, week: _Week) -> str:
    """Why a thread had better wait while others can go: its author was on lately."""
    ago = _ago(one, week)
    if one.standing is Standing.PINNED or ago is None or ago > week.rules.author_gap:
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
    spine: Spine
    shelved: Shelved
    values: dict[str, float]
    score: float


def _judge(closed: Sequence[Spine], *, take: Take, week: _Week) -> tuple[list[_Case], dict[int, str]]:
    """The shortlist in the order in which it would be sent, and by id why others fell out on the way."""
    short, fallen = _shortlist(closed, take=take, week=week)
    likeness = topics.likeness([one.thread for _, one in short], to=[sent.thread for sent in week.past.sent])
    loud = _loudness([one.thread for _, one in short])
    cases = []
    for (back, one), cosines, heard in zip(short, likeness, loud, strict=True):
        if max(cosines, default=0.0) > week.rules.same_topic and one.standing is not Standing.PINNED:
            fallen[one.id] = "too like a thread that was sent"
        else:
            cases.append(_case(back, one, cosines=cosines, heard=heard, week=week))
    return sorted(cases, key=lambda case: _order(case.spine, score=case.score, week=week)), fallen


def _shortlist(
    closed: Sequence[Spine], *, take: Take, week: _Week
) -> tuple[list[tuple[Spine, Shelved]], dict[int, str]]:
    """The pinned and the foremost by what is cheap to know, opened, and by id those before them that do not fit."""
    short: list[tuple[Spine, Shelved]] = []
    unfit: dict[int, str] = {}
    ranked = sorted(closed, key=lambda one: _order(one, score=_promise(one, week), week=week))
    for back, one in _opened(ranked, take=take, at_once=week.rules.shortlist):
        if len(short) >= week.rules.shortlist and one.standing is not Standing.PINNED:
            break
        if why := _mismatch(one, week):
            unfit[one.id] = why
        else:
            short.append((back, one))
    return short, unfit


def _opened(ranked: Sequence[Spine], *, take: Take, at_once: int) -> Iterator[tuple[Spine, Shelved]]:
    """One after the other, taken from the shelf some at a time; what has left it meanwhile is passed over."""
    for start in range(0, len(ranked), at_once):
        some = {one.id: one for one in ranked[start : start + at_once]}
        yield from ((some[shelved.id], shelved) for shelved in take(list(some)))


def _order(one: Spine, *, score: float, week: _Week) -> tuple[bool, float, bool, float, datetime, int]:
    pinned = one.standing is Standing.PINNED
    rank = inf if one.rank is None or not pinned else one.rank
    turn = _has_turn(one, week)
    return not pinned, rank, not turn, 0.0 if turn else -score, one.imported_at, one.id


def _has_turn(one: Spine, week: _Week) -> bool:
    rules = week.rules
    round_ = (len(week.past.sent) + 1) % rules.turn == 0
    waiting = round_ and one.standing is Standing.WAITING
    return waiting and merits.weeks(one.imported_at, now=week.now) >= rules.patience


def _promise(one: Spine, week: _Week) -> float:
    """The score so far as it can be known without opening the thread."""
    weights, waited = week.weights, merits.weeks(one.imported_at, now=week.now)
    return (
        weights.wait * merits.wait(waited)
        + weights.length * merits.length(one.girth)
        + weights.author * merits.author(_ago(one, week))
        + weights.followers * merits.followers(_followers(one, week))
    )


def _loudness(threads: Sequence[Thread]) -> list[float]:
    """How each was received, among those of the same source: a like is not the same coin everywhere."""
    counts: dict[str, list[int]] = {}
    for thread in threads:
        if thread.engagement is not None:
            counts.setdefault(thread.source, []).append(thread.engagement)
    return [merits.engagement(thread.engagement, among=counts.get(thread.source, [])) for thread in threads]


def _case(back: Spine, shelved: Shelved, *, cosines: Sequence[float], heard: float, week: _Week) -> _Case:
    values = {
        "wait": merits.wait(merits.weeks(back.imported_at, now=week.now)),
        "length": merits.length(back.girth),
        "author": merits.author(_ago(back, week)),
    }
    values |= {"novelty": merits.novelty(cosines), "quality": merits.quality(shelved.thread)}
    values |= {"engagement": heard, "readers": merits.readers(*_voices(shelved, cosines, week))}
    values |= {"followers": merits.followers(_followers(back, week))}
    score = sum(values[name] * weight for name, weight in asdict(week.weights).items())
    return _Case(spine=back, shelved=shelved, values=values, score=score)


def _voices(shelved: Shelved, cosines: Sequence[float], week: _Week) -> tuple[float, float]:
    """How many readers liked what is like this one, and how many did not: the same author counts whole, another by how
    near its topic is."""
    name, good, bad = _name(shelved.thread.author), 0.0, 0.0
    for sent, cosine in zip(week.past.sent, cosines, strict=True):
        near = 1.0 if name and name == _name(sent.thread.author) else cosine
        good, bad = good + near * sent.good, bad + near * sent.bad
    return good, bad


def _explained(case: _Case, *, week: _Week) -> Scored:
    back, one, values = case.spine, case.shelved, case.values
    says = {
        "wait": merits.say_wait(merits.weeks(back.imported_at, now=week.now)),
        "novelty": merits.say_novelty(values["novelty"]),
        "length": merits.say_length(one.thread),
        "author": merits.say_author(_ago(back, week)),
        "quality": merits.say_quality(values["quality"]),
        "engagement": merits.say_engagement(values["engagement"]),
        "readers": merits.say_readers(values["readers"]),
        "followers": merits.say_followers(_followers(back, week)),
    }
    weights = asdict(week.weights).items()
    parts = tuple(Part(name=name, value=values[name], weight=weight, says=says[name]) for name, weight in weights)
    return Scored(shelved=one, score=case.score, parts=parts, turn=_has_turn(back, week))


def _ago(one: Spine, week: _Week) -> int | None:
    return week.past.authors.get(_name(one.author))


def _followers(one: Spine, week: _Week) -> int:
    """How many readers follow its author, by whichever mark most of them named."""
    if not week.wanted:
        return 0
    return max((week.wanted.get(mark, 0) for mark in bylines.marks(one.author)), default=0)
