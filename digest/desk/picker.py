"""Chooses the thread of the week from the shelf, and can say why. Pure: same shelf, history, hour and rules, same pick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from digest.desk import bylines, merits, topics
from digest.desk.shortlist import foremost, has_turn, order, rest, unready, values_of
from digest.desk.week import NOBODY, RULES, WEIGHTS, Published, Rules, Shelf, Wanted, Week, Weights, known, past
from digest.model import Shelved, Standing
from digest.spine import Spine

__all__ = [
    "Filtered",
    "Part",
    "Pick",
    "Published",
    "Rules",
    "Scored",
    "Wanted",
    "Weights",
    "choose",
    "explained",
    "reason",
]


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
    """A thread that may not be sent now, by its number on the shelf, and why: before a colon what others may share."""

    id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """The choice, those next in line, and those put aside: the near copies of what was sent, and once it is `explained`
    all the others. `best` is None when nothing may be sent; `resting` are authors whose turn was lately, while others can go.
    """

    best: Scored | None
    runners_up: tuple[Scored, ...]
    filtered: tuple[Filtered, ...]
    resting: frozenset[str] = frozenset()


def choose(
    shelf: Shelf,
    *,
    history: Sequence[Published],
    now: datetime,
    weights: Weights = WEIGHTS,
    rules: Rules = RULES,
    wanted: Wanted = NOBODY,
    without: frozenset[int] = frozenset(),
) -> Pick:
    """Choose what goes out next: the pinned first, in the editor's order, then the best score, then the older import,
    then the lower id. `without` are the numbers of threads that are not wanted this time.

    No thread is opened but those that are chosen, and few are looked at that are not on the shortlist.
    """
    week = Week(
        past=past(history, rules),
        now=now,
        weights=weights,
        rules=rules,
        wanted=wanted,
        without=without,
        barred=known(shelf, rules.barred),
        followed=known(shelf, wanted.keys()),
    )
    resting = week.past.resting
    cases, fallen = _judge(foremost(shelf, week, not_by=resting), shelf=shelf, week=week)
    if resting and not cases:
        resting = frozenset()
        cases, fallen = _judge(foremost(shelf, week, not_by=resting), shelf=shelf, week=week)
    first = _opened(cases[: rules.runners_up + 1], shelf=shelf, week=week)
    filtered = tuple(Filtered(id=id, reason=why) for id, why in fallen.items())
    return Pick(best=first[0] if first else None, runners_up=first[1:], filtered=filtered, resting=resting)


def explained(pick: Pick, shelf: Sequence[Spine], *, history: Sequence[Published], rules: Rules = RULES) -> Pick:
    """The same choice, with every thread of the `shelf` that was put aside, and why. That takes a look at all of them."""
    gone, near = past(history, rules), {one.id: one.reason for one in pick.filtered}
    barred = {
        author for author in {one.author for one in shelf} if rules.barred and rules.barred & bylines.marks(author)
    }

    def why(one: Spine) -> str:
        if one.standing is Standing.PUBLISHED or one.key in gone.keys:
            return "already sent"
        if one.author in barred:
            return "its author does not wish to be in it"
        if one.standing is Standing.PINNED:
            return ""
        return unready(one, rules) or rest(one, gone, pick.resting) or near.get(one.id, "")

    filtered = tuple(Filtered(id=one.id, reason=said) for one in shelf if (said := why(one)))
    return replace(pick, filtered=filtered)


def reason(pick: Pick) -> str:
    """One line for people: "Waited 6 weeks, a new topic, 4 minutes to read."."""
    if pick.best is None:
        return "Nothing on the shelf may be sent now." if pick.filtered else "The shelf is empty."
    says = {part.name: part.says for part in pick.best.parts}
    pinned = ["pinned"] if pick.best.shelved.standing is Standing.PINNED else []
    turn = ["its turn"] if pick.best.turn else []
    line = ", ".join([*pinned, *turn, says["wait"], says["novelty"], says["length"]])
    return f"{line[0].upper()}{line[1:]}."


# ── which is best ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    spine: Spine
    values: dict[str, float]
    score: float


def _judge(short: Sequence[Spine], *, shelf: Shelf, week: Week) -> tuple[list[_Case], dict[int, str]]:
    """The shortlist in the order in which it would be sent, and by id why others fell out on the way."""
    about = shelf.topics([one.id for one in short])
    past = week.past.sent[: week.rules.memory]
    likeness = topics.likeness([about.get(one.id, {}) for one in short], to=[sent.topic for sent in past])
    cases, fallen = [], {}
    for one, cosines, heard in zip(short, likeness, _loudness(short), strict=True):
        if max(cosines, default=0.0) > week.rules.same_topic and one.standing is not Standing.PINNED:
            fallen[one.id] = "too like a thread that was sent"
        else:
            cases.append(_case(one, cosines=cosines, heard=heard, week=week))
    return sorted(cases, key=lambda case: order(case.spine, score=case.score, week=week)), fallen


def _loudness(short: Sequence[Spine]) -> list[float]:
    """How each was received, among those of the same source: a like is not the same coin everywhere."""
    counts: dict[str, list[int]] = {}
    for one in short:
        if one.engagement is not None:
            counts.setdefault(one.source, []).append(one.engagement)
    return [merits.engagement(one.engagement, among=counts.get(one.source, [])) for one in short]


def _case(one: Spine, *, cosines: Sequence[float], heard: float, week: Week) -> _Case:
    values = values_of(one, week) | {"novelty": merits.novelty(cosines), "engagement": heard}
    values |= {"readers": merits.readers(*_voices(one, cosines, week))}
    score = sum(values[name] * weight for name, weight in asdict(week.weights).items())
    return _Case(spine=one, values=values, score=score)


def _voices(one: Spine, cosines: Sequence[float], week: Week) -> tuple[float, float]:
    """How many readers liked what is like this one, and how many did not: the same author counts whole, another by how
    near its topic is."""
    good, bad = 0.0, 0.0
    for sent, cosine in zip(week.past.sent, cosines, strict=False):
        near = 1.0 if one.who and one.who == sent.who else cosine
        good, bad = good + near * sent.good, bad + near * sent.bad
    return good, bad


def _opened(cases: Sequence[_Case], *, shelf: Shelf, week: Week) -> tuple[Scored, ...]:
    """What has left the shelf meanwhile is passed over."""
    held = {one.id: one for one in shelf.take([case.spine.id for case in cases])}
    return tuple(_explained(case, held[case.spine.id], week=week) for case in cases if case.spine.id in held)


def _explained(case: _Case, shelved: Shelved, *, week: Week) -> Scored:
    one, values = case.spine, case.values
    says = {
        "wait": merits.say_wait(merits.weeks(one.imported_at, now=week.now)),
        "novelty": merits.say_novelty(values["novelty"]),
        "length": merits.say_length(one.girth),
        "author": merits.say_author(week.ago(one)),
        "quality": merits.say_quality(values["quality"]),
        "engagement": merits.say_engagement(values["engagement"]),
        "readers": merits.say_readers(values["readers"]),
        "followers": merits.say_followers(week.followers(one)),
    }
    weights = asdict(week.weights).items()
    parts = tuple(Part(name=name, value=values[name], weight=weight, says=says[name]) for name, weight in weights)
    return Scored(shelved=shelved, score=case.score, parts=parts, turn=has_turn(one, week))
