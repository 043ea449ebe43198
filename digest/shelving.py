"""A thread comes to the shelf: read, refused to who does not wish it, refreshed in its place, never for the worse. And it
leaves it again, as long as it was not sent."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from digest import consent
from digest.desk import changes
from digest.drafting import unshelved
from digest.errors import NotFound, UsageError
from digest.model import Original, Shelved, Sight, Standing

if TYPE_CHECKING:
    from digest import sources
    from digest.store import Store
    from digest.store.library import Arrival


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


def unsent(ref: str, *, store: Store) -> Shelved:
    """The thread with this number, if no issue was made of it: one that was stays, since its issue stands on it."""
    shelved = find(ref, store=store)
    author, issues = shelved.thread.author, {thread_id: number for number, thread_id, _ in store.issues.listed()}
    if number := issues.get(shelved.id):
        who = shlex.quote(author.handle or author.name or author.url or "AUTHOR")
        raise UsageError(
            f"thread {shelved.id} is part of issue {number} and stays with it",
            then=f"If its author wants it gone: `digest takedown {who}`.",
        )
    return shelved


def remove(threads: Sequence[Shelved], *, store: Store) -> None:
    """Off the shelf for good, with what they were read from and their pictures. What an issue was made of meanwhile stays,
    and raises as `unsent` does."""
    gone = store.library.remove([one.id for one in threads])
    for one in threads:
        if one.id not in gone:
            unsent(str(one.id), store=store)


def put(shelved: Shelved, standing: Standing, *, store: Store) -> None:
    """The editor's hand: pin it, hold it, or let it wait like the others; an issue that was kept back goes on."""
    if standing is Standing.WAITING and store.issues.release(shelved.id):
        return
    if shelved.standing is Standing.PUBLISHED:
        raise UsageError(f"thread {shelved.id} was already sent, and a thread is never sent twice")
    store.library.set_standing(shelved.id, standing)
