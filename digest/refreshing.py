"""Story: what lies on the shelf is looked at again where it came from. Read it top to bottom: look, judge, write down; before
an issue goes, look at what it is made of; read again what was kept.

Nothing is lost by a look: a copy that holds less than ours, and not for certain by its author's wish, stays outside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest import consent, drafting, shelving, sources
from digest.desk import changes
from digest.errors import Gone, InputError, Unwilling, WebError
from digest.model import Original, Shelved, Sight, Standing
from digest.sources import afresh
from digest.sources.live import BLUESKY
from digest.store import Store

FRESH = timedelta(minutes=15)  # what was seen so lately is not looked at again by itself
BUDGET = timedelta(seconds=15)  # for one look before a send: nobody's outage stops the digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """What looking needs. `deleted` is what becomes of a thread that its author took back; with `only_look` nothing is
    written down."""

    store: Store
    web: sources.Web
    deleted: drafting.Deleted = "hold"
    only_look: bool = False
    bluesky_api: str = BLUESKY


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look brought: the thread as it is, or would be, on the shelf now. `said` is a sentence for the editor. `news`:
    it was not known before. `barred`: it is not to go out."""

    shelved: Shelved
    sight: Sight
    said: str
    changes: tuple[str, ...] = ()
    news: bool = False
    barred: bool = False


# ── look, and judge ───────────────────────────────────────────────────────────────────────────────


def refresh(shelved: Shelved, *, eyes: Eyes, now: datetime, even_worse: bool = False) -> Seen:
    """Look at the original of a thread, and bring the shelf up to it. Raises StoreError alone."""
    original = eyes.store.originals.get(shelved.id)
    if not original.address:
        came = f"it came from a file ({original.ref})" if original.ref else "nobody knows an address of it"
        return Seen(shelved=shelved, sight=Sight.NONE, said=f"{came}: there is nothing to look at")
    try:
        return _looked(shelved, original, eyes=eyes, now=now, even_worse=even_worse)
    except Gone as gone:
        return _noted(shelved, original, Sight.DELETED, gone.what, eyes=eyes, now=now)
    except Unwilling as unwilling:
        return _noted(shelved, original, Sight.REFUSED, unwilling.what, eyes=eyes, now=now)
    except (WebError, InputError) as trouble:
        said = f"nobody can say: {trouble.what}"
        return _noted(shelved, original, Sight.UNKNOWN, said, eyes=eyes, now=now)


def _looked(shelved: Shelved, original: Original, *, eyes: Eyes, now: datetime, even_worse: bool) -> Seen:
    fresh = afresh.look(shelved.thread, original=original, web=eyes.web, bluesky_api=eyes.bluesky_api)
    if fresh.raw is None:
        return _noted(shelved, original, Sight.SAME, "unchanged", eyes=eyes, now=now)
    found = drafting.unshelved(sources.read(fresh.raw), now=now)
    consent.refuse(found.thread.author, where=original.address, store=eyes.store)
    before = eyes.store.library.own(shelved.thread.key) or shelved.thread
    if not changes.same(before, found.thread):
        raise InputError("something else lies there now", where=original.address)
    copy = replace(found, thread=replace(found.thread, key=before.key))
    whole = fresh.certain and not (copy.thread.truncated and not before.truncated)
    if not (whole or even_worse) and (less := changes.shrunk(copy.thread, before)):
        return _noted(shelved, original, Sight.LESS, f"left as it was: {less}", eyes=eyes, now=now)
    return _renewed(shelved, copy, fresh.raw, changes.changed(before, copy.thread), eyes=eyes, now=now)


def _renewed(
    shelved: Shelved, copy: Shelved, raw: sources.Raw, what: tuple[str, ...], *, eyes: Eyes, now: datetime
) -> Seen:
    """The copy in the place of the thread, whether a reader would see a difference or not."""
    sight, said = (Sight.EDITED, " ".join(what)) if what else (Sight.SAME, "unchanged")
    if eyes.only_look:
        thread = replace(copy.thread, title=shelved.thread.title)
        renewed = replace(shelved, thread=thread, headline=copy.headline, gone_at=None)
    else:
        renewed = shelving.lay(copy, raw=raw, store=eyes.store, now=now).shelved
    return Seen(shelved=renewed, sight=sight, said=said, changes=what, news=bool(what))


def _noted(shelved: Shelved, original: Original, sight: Sight, said: str, *, eyes: Eyes, now: datetime) -> Seen:
    """A look that leaves the words as they are. A thread is held when its author's wish is first seen, and not again: who
    releases it has decided."""
    wish = sight in (Sight.DELETED, Sight.REFUSED)
    news = sight is not original.sight and not (sight is Sight.DELETED and shelved.gone_at)
    sent = shelved.standing is Standing.PUBLISHED  # its issue may still wait, and cannot be made shorter any more
    shown = eyes.deleted == "send" or (eyes.deleted == "summary" and not sent)
    hold = wish and news and not (shown and sight is Sight.DELETED)
    if not eyes.only_look:
        eyes.store.originals.looked(shelved.id, sight, said=said, at=now, hold=hold)
    gone_at = (shelved.gone_at or now) if sight is Sight.DELETED else None if sight is Sight.SAME else shelved.gone_at
    standing = Standing.HELD if hold and not sent else shelved.standing
    seen = replace(shelved, gone_at=gone_at, standing=standing)
    return Seen(shelved=seen, sight=sight, said=said, news=news and sight is not Sight.SAME, barred=hold)


# ── before an issue goes ──────────────────────────────────────────────────────────────────────────


def is_due(shelved: Shelved, *, store: Store, now: datetime) -> bool:
    """Whether there is anything to look at, and nobody did a moment ago."""
    original = store.originals.get(shelved.id)
    last = max(filter(None, (original.looked_at, original.read_at)), default=None)
    return bool(original.address) and (last is None or now - last >= FRESH)


def as_approved(shelved: Shelved, *, store: Store, at: datetime) -> Shelved:
    """The thread in the words that the editor saw `at` that time, without the posts that its author took back since."""
    seen, now = store.originals.as_of(shelved.id, at), store.library.own(shelved.thread.key)
    if seen is None or now is None:
        return shelved
    own = shelved.thread.title if shelved.thread.title != now.title else seen.title
    return replace(shelved, thread=replace(changes.spared(seen, now), title=own))


# ── read again what was kept ──────────────────────────────────────────────────────────────────────


def reread(shelved: Shelved, *, store: Store, now: datetime, even_worse: bool = False) -> Seen:
    """The thread as today's reader reads what was kept of it. Raises InputError where nothing is kept that can be read."""
    original, data = store.originals.get(shelved.id), store.originals.raw(shelved.id)
    if data is None:
        raise InputError("what it was read from is not kept", where=f"thread {shelved.id}", then="Import it again.")
    raw = sources.decode(data, ref=original.ref)
    found = drafting.unshelved(sources.read(raw), now=now)
    before = store.library.own(shelved.thread.key) or shelved.thread
    copy = replace(found, thread=replace(found.thread, key=before.key))
    if not even_worse and (less := changes.loss(copy.thread, before)):
        return Seen(shelved=shelved, sight=Sight.LESS, said=f"left as it was: {less}")
    if copy.thread == before:
        return Seen(shelved=shelved, sight=Sight.SAME, said="reads as it did")
    what = changes.changed(before, copy.thread)
    renewed = shelving.lay(copy, raw=raw, store=store, now=now, known=original).shelved
    return Seen(shelved=renewed, sight=Sight.EDITED, said=" ".join(what) or "reads better than it did", changes=what)
