"""Story one: a thread becomes mail. Read it top to bottom: choose, compose, keep, deliver; run again, it resumes. How a thread
came to the shelf is told in `shelving`, how it becomes a page in `drafting`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest import consent, drafting
from digest.desk import bylines
from digest.errors import NothingToSend, StoreError
from digest.model import Appointment, Issue, Letterhead, Shelved, SlotState, State, Tally

if TYPE_CHECKING:
    from digest import delivering
    from digest.desk import picker
    from digest.store import Store

LOOKS = 5  # threads in a row whose originals are looked at before one issue


# ── choose ────────────────────────────────────────────────────────────────────────────────────────


def choose(
    store: Store, *, now: datetime, weights: picker.Weights | None = None, without: frozenset[int] = frozenset()
) -> picker.Pick:
    """What the next issue should be, and why. `without`: threads that the editor does not want this time."""
    from digest.desk import picker

    choice = picker.choose(
        store.spines,
        history=_history(store),
        now=now,
        weights=weights or picker.Weights(),
        rules=_rules(store),
        wanted=_wanted(store),
        without=without,
    )
    return choice if choice.best else explained(choice, store=store, without=without)


def explained(choice: picker.Pick, *, store: Store, without: frozenset[int] = frozenset()) -> picker.Pick:
    """The same choice, with all threads that cannot go out now, and why: a look at the whole shelf."""
    from digest.desk import picker

    shelf = [one for one in store.spines.all() if one.id not in without]
    return picker.explained(choice, shelf, history=_history(store), rules=_rules(store))


def _rules(store: Store) -> picker.Rules:
    from digest.desk import picker

    return picker.Rules(barred=consent.blocked(store))


def _history(store: Store) -> list[picker.Published]:
    from digest.desk import picker

    sent = store.spines.sent()
    about = store.spines.topics([one.spine.id for one in sent[: picker.Rules().memory]])
    return [
        picker.Published(
            key=one.spine.key,
            who=one.spine.who,
            topic=about.get(one.spine.id, {}),
            at=one.at,
            good=one.good,
            bad=one.bad,
        )
        for one in sent
    ]


def _wanted(store: Store) -> picker.Wanted:
    """Whom readers follow, by every mark that their names for them may mean."""
    counts = Counter[str]()
    for said, count in store.subscribers.favourites():
        counts.update(dict.fromkeys(bylines.meant(said), count))
    return counts


# ── at the hour ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """What the hour brought: the slot whose issue is to be made now, never more than one, and those that passed."""

    due: Appointment | None
    passed: tuple[Appointment, ...]


def strike(arrivals: Sequence[Appointment], *, store: Store, now: datetime, late_limit: timedelta) -> Struck:
    """Write down the slots that came. What is still open goes by when it is too late, or when the next one comes."""
    passed = [one for one in store.slots.come(arrivals, now=now) if one.state is SlotState.MISSED]
    due, came = None, [one for one in store.slots.open() if one.slot.at <= now]
    for one in came:
        if one != came[-1]:
            passed.append(_let_pass(one, "the next slot came", store=store, now=now))
        elif now - one.slot.at > late_limit:
            passed.append(_let_pass(one, "DIGEST_LATE_LIMIT passed", store=store, now=now))
        elif one.state is SlotState.DUE:
            due = one
    return Struck(due=due, passed=tuple(passed))


def pass_over(store: Store, *, now: datetime) -> None:
    """Whatever came up to now gets no issue by itself: the clock goes on from here."""
    store.slots.go_on(now=now)
    for one in store.slots.open():
        if one.slot.at <= now:
            _let_pass(one, "the clock stood still", store=store, now=now)


def _let_pass(open_: Appointment, then: str, *, store: Store, now: datetime) -> Appointment:
    was = open_.why or ("the editor held it" if open_.state is SlotState.HELD else "its issue was not made")
    missed = replace(open_, state=SlotState.MISSED, why=f"{was.rstrip('.')}; then {then}")
    store.slots.move(open_.slot.key, to=SlotState.MISSED, now=now, why=missed.why)
    return missed


Look = Callable[[Shelved], Shelved | None]
"""Looks at a thread's original again: the thread as it may go out now, None when it may not."""


def compose(
    store: Store,
    *,
    desk: drafting.Desk,
    nonce: str,
    now: datetime,
    weights: picker.Weights | None = None,
    look: Look | None = None,
) -> tuple[drafting.Draft, str]:
    """The draft of the next issue, and why it is this thread. Raises NothingToSend."""
    from digest.desk import picker

    choice = looked_at(lambda without: choose(store, now=now, weights=weights, without=without), look=look)
    if choice.best is None:
        raise nothing(choice)
    why = picker.reason(choice)
    explained = replace(desk, masthead=replace(desk.masthead, why=why))
    return drafting.draft(choice.best.shelved, desk=explained, nonce=nonce), why


def looked_at(pick: Callable[[frozenset[int]], picker.Pick], *, look: Look | None) -> picker.Pick:
    """The pick whose original was looked at. One that changed has to be picked again as it is now; one that may not go any
    more leaves its place to the next. After five nobody looks any further."""
    seen: dict[int, Shelved] = {}
    barred: set[int] = set()
    while (choice := pick(frozenset(barred))).best and look:
        best = choice.best.shelved
        if best.id in seen or len(seen) + len(barred) == LOOKS:
            return replace(choice, best=replace(choice.best, shelved=seen.get(best.id, best)))
        found = look(best)
        if found is None:
            barred.add(best.id)
        elif found == best:
            return choice
        else:
            seen[best.id] = found
    return choice


def nothing(choice: picker.Pick) -> NothingToSend:
    """What to say of a choice with nothing in it."""
    shelf = "`digest pick --explain` says why" if choice.filtered else "the shelf is empty"
    return NothingToSend(
        "nothing on the shelf can go out", then=f"{shelf[0].upper()}{shelf[1:]}; `digest import` brings more."
    )


def open_slot(store: Store) -> str | None:
    """The slot that came and still wants an issue: one that a person sends meanwhile is that one."""
    return next((one.slot.key for one in store.slots.open() if one.state is SlotState.DUE), None)


# ── keep, and deliver ─────────────────────────────────────────────────────────────────────────────


def keep(
    drafted: drafting.Draft,
    *,
    store: Store,
    letterhead: Letterhead,
    reason: str,
    now: datetime,
    slot: str | None = None,
) -> Issue:
    """One transaction: the issue is kept, its thread is published, every active subscriber is owed a letter, and its
    `slot`, if it is made for one, is decided."""
    return store.issues.create(
        thread_id=drafted.shelved.id,
        page=drafted.page,
        short=drafting.short_page(drafted),
        letterhead=letterhead,
        reason=reason,
        now=now,
        slot=slot,
    )


def owed(store: Store) -> Sequence[Issue]:
    """The issues that still owe letters, oldest first."""
    return store.issues.unfinished()


async def deliver(round_: delivering.Round) -> Tally:
    """Carry what the issue owes and say where all its letters stand. Errors: see `delivering.carry`."""
    from digest import delivering

    holding = asyncio.create_task(_hold_on(round_))
    try:
        await delivering.carry(round_)
    finally:
        holding.cancel()
        if not _told_to_end_at_once():
            await round_.outbox.close()
    tally = round_.ledger.tally(round_.issue.number)
    if tally[State.REFUSED]:
        await asyncio.to_thread(round_.ledger.blame, round_.issue.number, now=round_.now())
    return tally


async def _hold_on(round_: delivering.Round) -> None:
    """Three times in a lease, say that we are alive: however slow the server, nobody takes our letters over."""
    while True:
        await asyncio.sleep(round_.policy.lease.total_seconds() / 3)
        with suppress(StoreError):  # the next turn meets the same trouble, and says so
            await asyncio.to_thread(round_.ledger.keep, now=round_.now(), policy=round_.policy)


def _told_to_end_at_once() -> bool:
    """Whether this task is being cancelled: then nobody waits for the answers to letters in flight."""
    task = asyncio.current_task()
    return bool(task and task.cancelling())
