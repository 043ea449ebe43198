"""Story one: a thread becomes mail. Read it top to bottom: bring in, choose, draft, keep, deliver; run again, it resumes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from digest import delivering, sources
from digest.desk import headline, language, picker, summary
from digest.desk.check import check
from digest.desk.render import Masthead, Printer
from digest.errors import NotFound, StoreError, UsageError
from digest.model import Finding, Headline, Issue, Letterhead, Page, Shelved, Standing, Summary, Tally, Thread
from digest.store import Store
from digest.store.library import Arrival

# ── bring in ──────────────────────────────────────────────────────────────────────────────────────


def bring_in(raw: sources.Raw, *, store: Store, now: datetime, title: str = "") -> Arrival:
    """One REF onto the shelf. The same thread again is refreshed in its place; `title` is the editor's own."""
    found = unshelved(sources.read(raw), now=now)
    arrival = store.library.add(found.thread, raw=raw.data, headline=found.headline, now=now)
    if title:
        store.library.set_title(arrival.shelved.id, title=title)
        arrival = replace(arrival, shelved=find(str(arrival.shelved.id), store=store))
    return arrival


def find(ref: str, *, store: Store) -> Shelved:
    """The thread with this number on the shelf."""
    shelved = store.library.get(int(ref)) if ref.isdecimal() else None
    if shelved is None:
        raise NotFound("there is no such thread on the shelf", where=ref, then="See `digest threads` for the numbers.")
    return shelved


def put(shelved: Shelved, standing: Standing, *, store: Store) -> None:
    """The editor's hand: pin it, hold it, or let it wait like the others."""
    if shelved.standing is Standing.PUBLISHED:
        raise UsageError(f"thread {shelved.id} was already sent, and a thread is never sent twice")
    store.library.set_standing(shelved.id, standing)


# ── choose ────────────────────────────────────────────────────────────────────────────────────────


def choose(store: Store, *, now: datetime) -> picker.Pick:
    """What the next issue should be, and why."""
    history = [picker.Published(thread=thread, at=at) for thread, at in store.library.published()]
    return picker.pick(store.library.shelf(), history=history, now=now)


# ── draft: pure, sends and stores nothing ─────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every page is made with."""

    printer: Printer
    masthead: Masthead
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A digest before it is anybody's: the page, what it was made from, and what the checks say of it."""

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


def name(shelved: Shelved) -> tuple[Summary, Headline]:
    """What a thread says in short, and what it is called; the editor's own words go first."""
    short = summary.summarise(shelved.thread)
    called = headline.headline(shelved.thread, summary=short, subject=shelved.subject, preheader=shelved.preheader)
    return short, called


def draft(shelved: Shelved, *, desk: Desk, nonce: str) -> Draft:
    """Summary, headline, page and findings for a thread. `nonce`: 16 random hex digits, new for each draft."""
    thread = shelved.thread
    short, called = name(shelved)
    lang = language.of(thread) or desk.lang
    page = desk.printer.print(thread, summary=short, headline=called, masthead=desk.masthead, nonce=nonce, lang=lang)
    findings = check(page, thread=thread, postal_address=desk.masthead.postal_address)
    return Draft(shelved=shelved, summary=short, page=page, findings=(*findings, *_doubts(thread)))


def _doubts(thread: Thread) -> Iterator[Finding]:
    """What looked wrong when the thread came in: it would go out like that."""
    for warning in thread.warnings:
        yield Finding(
            rule="import", level="note", what=warning, fix="Save the page again, or edit the text and import it."
        )


# ── keep, and deliver ─────────────────────────────────────────────────────────────────────────────


def keep(drafted: Draft, *, store: Store, letterhead: Letterhead, reason: str, now: datetime) -> Issue:
    """One transaction: the issue is kept, its thread is published, every active subscriber is owed a letter."""
    return store.issues.create(
        thread_id=drafted.shelved.id, page=drafted.page, letterhead=letterhead, reason=reason, now=now
    )


def owed(store: Store) -> Sequence[Issue]:
    """The issues that still owe letters, oldest first."""
    return store.issues.unfinished()


async def deliver(round_: delivering.Round) -> Tally:
    """Carry what the issue owes and say where all its letters stand. Errors: see `delivering.carry`."""
    holding = asyncio.create_task(_hold_on(round_))
    try:
        await delivering.carry(round_)
    finally:
        holding.cancel()
        if not _told_to_end_at_once():
            await round_.outbox.close()
    return round_.ledger.tally(round_.issue.number)


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
