"""Story: an author is followed, and their new threads come to the shelf by themselves, each once. Read it top to bottom:
follow, look, bring in, go on; a look that failed is made again, ever later, and the editor hears of it once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, cast

from digest import consent, illustrating, shelving, sources
from digest.desk import bylines
from digest.errors import DigestError, InputError, Moved, NotFound, Unwilling, UsageError, WebError
from digest.model import Shelved, Standing, Thread
from digest.sources import Web, authors, timelines
from digest.sources.authors import Account, Kind
from digest.sources.live import BLUESKY
from digest.sources.timelines import Glimpse, Look
from digest.store import Store
from digest.store.follows import Fate, Follow, Sighting

_PATIENCE = timedelta(days=3)  # how long a thread that goes on, or cannot be had, is waited for
_LONGEST = timedelta(days=2)  # between two looks at a source that fails
_TELL_AFTER = timedelta(days=1)  # of failures that may pass; of others, the second one in a row
_AT_ONCE = 20  # threads that are fetched at one look: nobody's server is to be emptied in an hour
_TROUBLES = 3  # threads in a row that cannot be had for now, after which the server is left in peace
_MOMENT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """All that looking needs. `every` is how often each author is looked at, give or take a tenth by `rng` (which gives a
    number in [0, 1)); `quiet` how long nothing was added to a thread that is brought. `pictures` is the way to those of
    what came, None where nobody wants any. Once it has `ended`, what a look has not fetched yet is left to the next one."""

    store: Store
    web: Web
    rng: Callable[[], float]
    pictures: Web | None = None
    every: timedelta = timedelta(hours=1)
    quiet: timedelta = timedelta(hours=6)
    ended: Callable[[], bool] = lambda: False
    bluesky_api: str = BLUESKY


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look came to. `growing` counts threads that are still being written, `short` entries of a feed with too few
    posts; `passed` says why a thread that was new was not brought; `cut` that there was more than anybody would read.
    `tell`: the editor ought to hear of the trouble."""

    follow: Follow
    brought: tuple[Shelved, ...] = ()
    refreshed: tuple[Shelved, ...] = ()
    growing: int = 0
    short: int = 0
    passed: tuple[str, ...] = ()
    cut: bool = False
    tell: bool = False


# ── follow, and no more ───────────────────────────────────────────────────────────────────────────


def follow(ref: str, *, watch: Watch, now: datetime, at_least: int, since: datetime) -> tuple[Follow, bool]:
    """Follow whom `ref` names, and whether that is new. What they began before `since` stays where it is.

    Raises WebError when their server cannot be asked, InputError for who cannot be followed or does not wish it.
    """
    account = authors.find(ref, web=watch.web, bluesky_api=watch.bluesky_api)
    consent.refuse(account.author, where=ref, store=watch.store)
    return watch.store.follows.add(
        kind=account.kind,
        address=account.address,
        author=account.author,
        at_least=at_least,
        since=since,
        now=now,
    )


def unfollow(ref: str, *, store: Store) -> Follow:
    """The follow that `ref` names, ended; what it brought stays. Raises NotFound, and UsageError when several are meant."""
    meant = bylines.meant(ref)
    found = [
        one
        for one in store.follows.all()
        if ref.strip() in (one.address, str(one.id)) or meant & bylines.marks(one.author)
    ]
    if not found:
        raise NotFound("nobody is followed by this name", where=ref, then="See `digest follows`.")
    if len(found) > 1:
        several = ", ".join(str(one.id) for one in found)
        raise UsageError("several are followed by this name", where=ref, then=f"Give the number: {several}.")
    store.follows.remove(found[0].id)
    return found[0]


# ── look ──────────────────────────────────────────────────────────────────────────────────────────


def look(watch: Watch, *, now: datetime, id: int | None = None) -> Looked | None:
    """Look at whoever is due longest, or at the one with this `id`, and bring in what is new; None when nobody is due.

    Raises StoreError alone: whatever is wrong with a source is written down, and in what is returned.
    """
    held = watch.store.follows.take(now=now, id=id)
    if held is None:
        return None
    try:
        consent.refuse(held.author, where=held.address, store=watch.store)
        seen = timelines.look(
            _account(held),
            web=watch.web,
            after=held.seen_until,
            etag=held.etag,
            modified=held.modified,
            bluesky_api=watch.bluesky_api,
        )
        looked = _bring_in(held, seen, watch=watch, now=now)
    except (WebError, InputError) as error:
        looked = _failed(Looked(follow=_passed_by(held, error, now=now)), error, watch=watch, now=now)
    watch.store.follows.settle(looked.follow)
    if watch.pictures:
        for shelved in (*looked.brought, *looked.refreshed):
            illustrating.illustrate(shelved, store=watch.store, web=watch.pictures, now=now, again=True)
    return looked


def _account(held: Follow) -> Account:
    return Account(kind=cast("Kind", held.kind), address=held.address, author=held.author)


def _passed_by(held: Follow, error: DigestError, *, now: datetime) -> Follow:
    """Who does not wish it is not caught up with later: what they wrote meanwhile stays out."""
    return replace(held, seen_until=max(held.seen_until, now)) if isinstance(error, Unwilling) else held


# ── bring in ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(kw_only=True)
class _Haul:
    """What one look has brought so far. `held`: from when on it has to be looked again, for each thread that waits;
    `waiting`: that there is any."""

    brought: list[Shelved] = field(default_factory=list)
    refreshed: list[Shelved] = field(default_factory=list)
    growing: int = 0
    passed: list[str] = field(default_factory=list)
    fates: dict[str, Fate] = field(default_factory=dict)
    held: list[datetime] = field(default_factory=list)
    waiting: bool = False
    fetched: int = 0
    troubles: list[WebError] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether this look had better end: enough for once, or a server that wants a pause."""
        pause = any(trouble.again or trouble.status == 429 for trouble in self.troubles)
        return pause or self.fetched >= _AT_ONCE or len(self.troubles) >= _TROUBLES

    def wait_for(self, glimpse: Glimpse) -> None:
        self.waiting = True
        if glimpse.first_at:
            self.held.append(glimpse.first_at - _MOMENT)


def _bring_in(held: Follow, seen: Look, *, watch: Watch, now: datetime) -> Looked:
    """Every thread of the look, the oldest first, then where the next look has to begin."""
    haul = _Haul()
    known = watch.store.follows.sightings(one.key for one in seen.glimpses if one.key)
    for glimpse in sorted(seen.glimpses, key=lambda one: one.last_at or now):
        match _state(glimpse, known.get(glimpse.key), held, watch=watch, now=now):
            case "growing":
                haul.growing += glimpse.posts != 1
                haul.wait_for(glimpse)
            case "before":
                haul.fates[glimpse.key] = "before"
            case "ripe":
                _take(glimpse, haul, held, watch=watch, now=now)
    watch.store.follows.note(held.id, haul.fates, now=now)
    looked = Looked(
        follow=_gone_on(held, seen, haul, now=now),
        brought=tuple(haul.brought),
        refreshed=tuple(haul.refreshed),
        growing=haul.growing,
        short=list(haul.fates.values()).count("short"),
        passed=tuple(haul.passed),
        cut=seen.cut,
    )
    return (
        _failed(looked, haul.troubles[0], watch=watch, now=now)
        if haul.troubles
        else _well(looked, watch=watch, now=now)
    )


def _state(
    glimpse: Glimpse, known: Sighting | None, held: Follow, *, watch: Watch, now: datetime
) -> Literal["old", "before", "growing", "ripe"]:
    """What to do with a thread on the list. An entry of a feed is finished when it appears; a thread of posts is when
    nothing was added for a while, or when it goes on for too long to be waited for."""
    first, last = glimpse.first_at, glimpse.last_at
    if held.kind == "feed":
        if known or (last and last <= held.since):
            return "old"
        return "before" if last is None and held.looked_at is None else "ripe"
    settled = max(held.seen_until, known.at) if known else held.seen_until
    if first is None or last is None or last <= settled:
        return "old"
    if glimpse.posts is not None and first <= held.since:
        return "old"
    return "growing" if now - last < watch.quiet and now - first < _PATIENCE else "ripe"


def _take(glimpse: Glimpse, haul: _Haul, held: Follow, *, watch: Watch, now: datetime) -> None:
    """Fetch a thread whole and keep it. What fails for now waits for the next look, as does what is too much for this one."""
    if held.kind != "feed" and glimpse.posts is not None and glimpse.posts < held.at_least:
        return
    if haul.full or watch.ended():
        haul.wait_for(glimpse)
        return
    haul.fetched += glimpse.raw is None
    try:
        raw = timelines.whole(glimpse, web=watch.web, bluesky_api=watch.bluesky_api)
        if raw is not None:
            _keep(raw, haul, held, watch=watch, now=now)
    except WebError as error:
        if not error.temporary or (glimpse.last_at and now - glimpse.last_at > _PATIENCE):
            haul.passed.append(str(error))
            return
        haul.troubles.append(error)
        haul.wait_for(glimpse)
    except InputError as error:
        haul.passed.append(str(error))


def _keep(raw: sources.Raw, haul: _Haul, held: Follow, *, watch: Watch, now: datetime) -> None:
    """Onto the shelf, once; what lies there and has grown takes its own place. What was taken off does not come back."""
    thread = sources.read(raw)
    if len(thread.posts) < held.at_least:
        if held.kind == "feed":
            haul.fates[thread.key] = "short"
        return
    if thread.created_at and thread.created_at <= held.since:
        return
    found_before = bool(watch.store.follows.sightings([thread.key]))
    there = watch.store.library.find(thread.key)
    if not (_has_grown(there, thread) if there else not found_before):
        haul.fates[thread.key] = "known"
        return
    arrival = shelving.bring_in(raw, store=watch.store, now=now, follow=held.id)
    if arrival.declined:
        haul.fates[thread.key] = "known"
        haul.passed.append(arrival.declined)
    else:
        (haul.refreshed if arrival.refreshed else haul.brought).append(arrival.shelved)


def _has_grown(there: Shelved, thread: Thread) -> bool:
    return there.standing is not Standing.PUBLISHED and len(thread.posts) > len(there.thread.posts)


# ── go on ─────────────────────────────────────────────────────────────────────────────────────────


def _gone_on(held: Follow, seen: Look, haul: _Haul, *, now: datetime) -> Follow:
    """Where the next look begins. It has to see what waits, so that nothing has changed since is no news then."""
    return replace(
        held,
        author=seen.author if seen.author.handle or seen.author.name else held.author,
        seen_until=min([*haul.held, max(held.seen_until, min(seen.newest or held.seen_until, now))]),
        etag="" if haul.waiting else seen.etag,
        modified="" if haul.waiting else seen.modified,
        looked_at=now,
    )


def _well(looked: Looked, *, watch: Watch, now: datetime) -> Looked:
    """All is well, so whatever comes next is a new trouble, to be told anew."""
    well = replace(looked.follow, failures=0, failing_since=None, trouble="", told_at=None)
    return replace(looked, follow=replace(well, due_at=now + _turn(watch)))


def _failed(looked: Looked, error: DigestError, *, watch: Watch, now: datetime) -> Looked:
    """The next look comes twice as late each time, and never before the server wants it."""
    held, failures = looked.follow, looked.follow.failures + 1
    since = held.failing_since or now
    asked = error.again if isinstance(error, WebError) and error.again else now
    wait = min(_turn(watch) * 2 ** min(failures, 10), max(_LONGEST, watch.every))
    after = replace(held, failures=failures, failing_since=since, trouble=str(error), due_at=max(now + wait, asked))
    ripe = failures >= 2 if _is_final(error) else now - since >= _TELL_AFTER
    return replace(looked, follow=after, tell=ripe and held.told_at is None)


def _is_final(error: DigestError) -> bool:
    """Whether time alone will hardly mend it. A page in the place of data may be a server under repair."""
    return isinstance(error, Moved | Unwilling) or (isinstance(error, WebError) and not error.temporary)


def _turn(watch: Watch) -> timedelta:
    """Until the next look: never quite the same, so that many follows do not all come at once."""
    return watch.every * (0.9 + 0.2 * watch.rng())
