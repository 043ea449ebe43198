"""Puts aside what may not be sent, and finds the foremost of the rest without a look at most of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from math import inf

from digest.desk import merits
from digest.desk.week import RULES, Past, Rules, Shelf, Week
from digest.model import Standing
from digest.spine import Sieve, Spine

_ROUNDING = 1e-9


def unready(one: Spine, rules: Rules) -> str:
    """Why a thread may not be sent, whatever its merits; "" when it may. A language that nobody can tell keeps none back."""
    said = {Standing.HELD: "held back by the editor", Standing.NOMINATED: "proposed by a reader, and not released"}
    return said.get(one.standing, "") or unfit(one, rules)


def unfit(one: Spine, rules: Rules = RULES) -> str:
    """What is wrong with a thread itself, whoever else is on the shelf: the kind of fault, and after a colon this one's."""
    if one.girth.posts < rules.least_posts:
        return f"too short: {one.girth.posts} of {rules.least_posts} posts"
    if one.girth.truncated and not rules.allow_truncated:
        return "cut off: its import is not whole"
    if one.girth.words < rules.least_words:
        return f"too short: {one.girth.words} of {rules.least_words} words"
    if one.warned and not rules.allow_content_warnings:
        return "content warning"
    foreign = rules.languages and one.lang and one.lang not in rules.languages
    return f"another language: {one.lang}" if foreign else ""


def rest(one: Spine, past: Past, resting: Collection[str]) -> str:
    """Why a thread had better wait while others can go: its author was on lately."""
    ago = past.authors.get(one.who, 0)
    return f"its author was sent {ago} issue{'s' if ago > 1 else ''} ago" if one.who in resting else ""


# ── the foremost ──────────────────────────────────────────────────────────────────────────────────


def foremost(shelf: Shelf, week: Week, *, not_by: frozenset[str]) -> list[Spine]:
    """The pinned, and the shortlist: those ahead by all that a spine tells. `not_by` are authors who are passed over,
    pins excepted."""
    pinned = [one for one in shelf.pinned() if one.id not in week.without and _may_go(one, week)]
    followed, not_by = week.followed - not_by - week.barred, not_by | week.barred
    sieve = _sieve(week, not_by=not_by | followed)
    found = _walked(shelf, sieve, week=week, followers=0)
    if followed:  # apart from the rest, since they may stand anywhere in the line
        most = max(week.wanted.values())
        found += _walked(shelf, replace(sieve, not_by=not_by, by=followed), week=week, followers=most)
    waiting = [one for one in found if _may_go(one, week)]
    ranked = sorted(waiting, key=lambda one: order(one, score=promise(one, week), week=week))
    return [*pinned, *ranked[: max(0, week.rules.shortlist - len(pinned))]]


def _may_go(one: Spine, week: Week) -> bool:
    """Nothing is sent twice, and nothing of those who do not wish it: no pin goes over that."""
    return one.key not in week.past.keys and one.who not in week.barred


def _sieve(week: Week, *, not_by: frozenset[str]) -> Sieve:
    """The same rules, for a shelf to sort out by itself."""
    rules = week.rules
    return Sieve(
        least_posts=rules.least_posts,
        least_words=rules.least_words,
        truncated=rules.allow_truncated,
        warned=rules.allow_content_warnings,
        languages=rules.languages,
        not_by=not_by,
        without=week.without,
    )


def _walked(shelf: Shelf, sieve: Sieve, *, week: Week, followers: int) -> list[Spine]:
    """From the oldest import on, until none that is younger can be among the foremost.

    What is older has waited longer, and the other merits are 1 at most: that bounds what can still come (the threshold
    algorithm of Fagin, Lotem and Naor, 2003, with one sorted list).
    """
    found: list[Spine] = []
    at_most = 2 * week.rules.shortlist
    while True:
        more = shelf.waiting(sieve, after=found[-1] if found else None, at_most=at_most)
        found += more
        if len(more) < at_most or _enough(found, week, followers=followers):
            return found
        at_most *= 2


def _enough(found: Sequence[Spine], week: Week, *, followers: int) -> bool:
    if has_turn(found[-1], week):
        return len(found) >= week.rules.shortlist
    weights, waited = week.weights, merits.weeks(found[-1].imported_at, now=week.now)
    most = weights.wait * merits.wait(waited) + weights.length + weights.author + weights.quality
    most += weights.followers * merits.followers(followers) - _ROUNDING
    return sum(promise(one, week) >= most for one in found) >= week.rules.shortlist


def promise(one: Spine, week: Week) -> float:
    """The score so far as it can be known of a thread alone."""
    values, weights = values_of(one, week), week.weights
    return (
        values["wait"] * weights.wait
        + values["length"] * weights.length
        + values["author"] * weights.author
        + values["quality"] * weights.quality
        + values["followers"] * weights.followers
    )


def values_of(one: Spine, week: Week) -> dict[str, float]:
    return {
        "wait": merits.wait(merits.weeks(one.imported_at, now=week.now)),
        "length": merits.length(one.girth),
        "author": merits.author(week.ago(one)),
        "quality": merits.quality(one.flaws),
        "followers": merits.followers(week.followers(one)),
    }


def order(one: Spine, *, score: float, week: Week) -> tuple[bool, float, bool, float, datetime, int]:
    pinned = one.standing is Standing.PINNED
    rank = inf if one.rank is None or not pinned else one.rank
    turn = has_turn(one, week)
    return not pinned, rank, not turn, 0.0 if turn else -score, one.imported_at, one.id


def has_turn(one: Spine, week: Week) -> bool:
    rules = week.rules
    round_ = (len(week.past.sent) + 1) % rules.turn == 0
    waiting = round_ and one.standing is Standing.WAITING
    return waiting and merits.weeks(one.imported_at, now=week.now) >= rules.patience
