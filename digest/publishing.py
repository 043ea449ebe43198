"""Story one: a thread becomes mail. Read it top to bottom: bring in, choose, draft, keep, deliver; run again, it resumes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from digest import consent
from digest.desk import bylines, changes
from digest.desk.plates import LINKS, Hanging, hung
from digest.errors import NotFound, NothingToSend, StoreError, UsageError
from digest.model import (
    Appointment,
    Finding,
    Headline,
    Issue,
    Letterhead,
    Original,
    Page,
    Picture,
    Shelved,
    Sight,
    SlotState,
    Standing,
    State,
    Summary,
    Tally,
    Thread,
)

if TYPE_CHECKING:
    from digest import delivering, sources
    from digest.desk import picker
    from digest.desk.render import Masthead, Printer
    from digest.store import Store
    from digest.store.library import Arrival

LOOKS = 5  # threads in a row whose originals are looked at before one issue

# ── bring in ──────────────────────────────────────────────────────────────────────────────────────


def bring_in(
    raw: sources.Raw,
    *,
    store: Store,
    now: datetime,
    title: str = "",
    even_worse: bool = False,
    follow: int | None = None,
) -> Arrival:
    """One thread onto the shelf. The same thread again is refreshed in its place; `title` is the editor's own, `follow`
    the author who was looked at when it was found.

    A copy that holds less than the one on the shelf is not taken, unless `even_worse` says so: the arrival then tells
    why. Raises InputError when `raw` holds no thread, or several, or one of an author who was taken down.
    """
    from digest import sources
    from digest.store.library import Arrival

    found = unshelved(sources.read(raw), now=now)
    consent.refuse(found.thread.author, where=raw.ref, store=store)
    before = store.library.find(found.thread.key)
    loss = changes.loss(found.thread, before.thread) if before else ""
    if before and loss and not even_worse:
        arrival = Arrival(shelved=before, refreshed=False, declined=loss)
    else:
        arrival = lay(found, raw=raw, store=store, now=now, follow=follow)
    if title:
        store.library.set_title(arrival.shelved.id, title=title)
        arrival = replace(arrival, shelved=find(str(arrival.shelved.id), store=store))
    return arrival


def lay(
    found: Shelved,
    *,
    raw: sources.Raw,
    store: Store,
    now: datetime,
    known: Original | None = None,
    follow: int | None = None,
) -> Arrival:
    """This copy onto the shelf, or in the place of the one there, which is kept as it was where they differ. `known` says
    where it came from when that was long ago; else it was there just now. `follow`: see `Library.add`."""
    before = store.library.own(found.thread.key)
    what = changes.changed(before, found.thread) if before else ()
    original = known or seen_now(raw, what, now=now)
    return store.library.add(
        found.thread,
        raw=raw.data,
        headline=found.headline,
        now=now,
        original=original,
        changes=what,
        follow=follow,
    )


def seen_now(raw: sources.Raw, what: Sequence[str], *, now: datetime) -> Original:
    """Where something lies that was fetched a moment ago, and `what` changed there since the last time."""
    if not raw.address:
        return Original(ref=raw.ref)
    return Original(
        ref=raw.ref,
        address=raw.address,
        etag=raw.etag,
        modified=raw.modified,
        looked_at=now,
        sight=Sight.EDITED if what else Sight.SAME,
        said=" ".join(what),
    )


def find(ref: str, *, store: Store) -> Shelved:
    """The thread with this number on the shelf."""
    shelved = store.library.get(int(ref)) if ref.isdecimal() else None
    if shelved is None:
        raise NotFound("there is no such thread on the shelf", where=ref, then="See `digest threads` for the numbers.")
    return shelved


def put(shelved: Shelved, standing: Standing, *, store: Store) -> None:
    """The editor's hand: pin it, hold it, or let it wait like the others; an issue that was kept back goes on."""
    if standing is Standing.WAITING and store.issues.release(shelved.id):
        return
    if shelved.standing is Standing.PUBLISHED:
        raise UsageError(f"thread {shelved.id} was already sent, and a thread is never sent twice")
    store.library.set_standing(shelved.id, standing)


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


# ── draft: pure, sends and stores nothing ─────────────────────────────────────────────────────────


Deleted = Literal["hold", "summary", "send"]
Writer = Callable[[Thread], Summary | None]
"""Writes a summary instead of our extract; None when it has none that may stand."""


Illustrator = Callable[[Shelved], Mapping[str, Picture]]
"""The pictures that a page of this thread may show, by what it calls them (`Media.still`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every page is made with. `deleted` is what becomes of a thread that its author took back."""

    printer: Printer
    masthead: Masthead
    lang: str
    writer: Writer | None = None
    illustrator: Illustrator | None = None
    hanging: Hanging = LINKS
    deleted: Deleted = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A digest before it is anybody's: the page, what and with what it was made, and what the checks say of it."""

    desk: Desk
    shelved: Shelved
    summary: Summary
    page: Page
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level == "error")


def unshelved(thread: Thread, *, now: datetime) -> Shelved:
    """A thread read where it lies, to be looked at and not kept: it has no number."""
    bare = Shelved(id=0, thread=thread, standing=Standing.WAITING, imported_at=now)
    return replace(bare, headline=name(bare)[1].title)


def name(shelved: Shelved, *, short: Summary | None = None) -> tuple[Summary, Headline]:
    """What a thread says in short, and what it is called; the editor's own words go first. `short`: when it is known."""
    from digest.desk import headline, summary

    short = short or summary.summarise(shelved.thread)
    called = headline.headline(shelved.thread, summary=short, subject=shelved.subject, preheader=shelved.preheader)
    return short, called


def draft(shelved: Shelved, *, desk: Desk, nonce: str) -> Draft:
    """Summary, headline, page and findings for a thread. `nonce`: 16 random hex digits, new for each draft."""
    short, called = name(shelved)
    if desk.writer and short.kind == "extract":  # an author's own words need no other's
        short = desk.writer(shelved.thread) or short
    return examined(proof(shelved, named=(short, called), desk=desk, nonce=nonce))


def proof(shelved: Shelved, *, named: tuple[Summary, Headline], desk: Desk, nonce: str) -> Draft:
    """A draft that nobody has checked: for who looks at it again and again, and has its name already."""
    from digest.tongue import language

    short, called = named
    lang = language.of(shelved.thread) or desk.lang
    if _is_short(shelved, desk):
        short, thread, print_ = _points(short, shelved.thread), shelved.thread, desk.printer.print_gone
    else:
        album = desk.illustrator(shelved) if desk.illustrator else {}
        thread = hung(shelved.thread, album=album, hanging=desk.hanging, summary=short)
        print_ = desk.printer.print
    page = print_(thread, summary=short, headline=called, masthead=desk.masthead, nonce=nonce, lang=lang)
    return Draft(desk=desk, shelved=shelved, summary=short, page=page, findings=())


def _is_short(shelved: Shelved, desk: Desk) -> bool:
    """Whether its summary is all that may go out."""
    return shelved.gone_at is not None and desk.deleted == "summary"


def _points(short: Summary, thread: Thread) -> Summary:
    """A summary with something in it, for a thread that would have none, too."""
    from digest.desk import summary

    return short if short.points else Summary(kind="extract", points=tuple(summary.extract(thread)))


def examined(drafted: Draft) -> Draft:
    """The draft, with what the checks say of its page."""
    from digest.desk.checks import check, check_pictures

    thread = drafted.shelved.thread
    desk = drafted.desk
    findings = check(drafted.page, thread=thread, postal_address=desk.masthead.postal_address)
    album = desk.illustrator(drafted.shelved) if desk.illustrator else {}
    unshown = check_pictures(drafted.page, thread=thread, album=album) if desk.hanging.way != "link" else ()
    return replace(drafted, findings=(*findings, *unshown, *_doubts(thread)))


def with_letter(drafted: Draft, *, letter: bytes) -> Draft:
    """The draft, with what the checks say of the head of one of its letters, whoever's."""
    from digest.desk.checks import check_head

    return replace(drafted, findings=(*drafted.findings, *check_head(letter)))


def _doubts(thread: Thread) -> Iterator[Finding]:
    """What looked wrong when the thread came in: it would go out like that."""
    from digest.desk.checks.rules import found

    for warning in thread.warnings:
        yield found("import", warning)


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
    desk: Desk,
    nonce: str,
    now: datetime,
    weights: picker.Weights | None = None,
    look: Look | None = None,
) -> tuple[Draft, str]:
    """The draft of the next issue, and why it is this thread. Raises NothingToSend."""
    from digest.desk import picker

    choice = looked_at(lambda without: choose(store, now=now, weights=weights, without=without), look=look)
    if choice.best is None:
        raise nothing(choice)
    why = picker.reason(choice)
    explained = replace(desk, masthead=replace(desk.masthead, why=why))
    return draft(choice.best.shelved, desk=explained, nonce=nonce), why


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
    drafted: Draft, *, store: Store, letterhead: Letterhead, reason: str, now: datetime, slot: str | None = None
) -> Issue:
    """One transaction: the issue is kept, its thread is published, every active subscriber is owed a letter, and its
    `slot`, if it is made for one, is decided."""
    return store.issues.create(
        thread_id=drafted.shelved.id,
        page=drafted.page,
        short=_short(drafted),
        letterhead=letterhead,
        reason=reason,
        now=now,
        slot=slot,
    )


def _short(drafted: Draft) -> Page | None:
    """The page of those who want the summary alone; None where the page is one already, or has none for its shortness."""
    if not drafted.summary.points or _is_short(drafted.shelved, drafted.desk):
        return None
    return drafted.desk.printer.print_short(
        drafted.shelved.thread,
        summary=drafted.summary,
        headline=drafted.page.headline,
        masthead=drafted.desk.masthead,
        nonce=drafted.page.marks.nonce,
        lang=drafted.page.lang,
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
