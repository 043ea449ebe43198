"""Story: the pictures of a thread. Those that it names are fetched once, looked through and kept; whoever makes a page of it
gets them from here, and never from where they came."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.errors import InputError, WebError
from digest.model import Media, Picture, Shelved, Shown, Standing, Thread

if TYPE_CHECKING:
    from digest.sources.darkroom import Print
    from digest.sources.web import Web
    from digest.store import Store

Album = Mapping[str, Picture]
"""The pictures that are kept of a thread, by what it calls them (`Media.still`)."""

MOST = 40  # pictures of one thread
REST = timedelta(minutes=10)  # before one that failed is asked for again by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Illustrated:
    """How many pictures a thread names, how many of them are kept, and why the others are not, each reason once."""

    named: int
    kept: int
    missing: tuple[str, ...] = ()


def illustrate(
    shelved: Shelved,
    *,
    store: Store,
    web: Web | None,
    now: datetime,
    beside: Callable[[Media, str], Print | None] | None = None,
    again: bool = False,
) -> Illustrated:
    """Fetch what pictures of a thread are not kept yet. `beside` looks among what came with it, by medium and its post's
    id; without `web` nothing else is asked. What failed for good is only asked for `again`.

    A thread that was sent keeps the pictures that its letters show. Nothing here ever fails for a picture's sake.
    """
    named = dict(_named(shelved.thread))
    if shelved.standing is not Standing.PUBLISHED:
        store.pictures.retain(shelved.id, named)
        known = store.pictures.of(shelved.id)
        silent: set[str] = set()
        for still, (medium, post) in named.items():
            before = known.get(still)
            if before and (before.picture or not (again or (not before.lasting and now - before.at >= REST))):
                continue
            _get(shelved.id, still, store=store, now=now, ways=_ways(medium, post, beside, web, silent))
    return _account(shelved, named, store=store)


def album(shelved: Shelved, *, store: Store) -> Album:
    """The pictures of a thread on the shelf that a page may show."""
    found = store.pictures.of(shelved.id) if shelved.id else {}
    return {still: one.picture for still, one in found.items() if one.picture}


def enclosed(pictures: Sequence[Shown], *, store: Store) -> dict[str, bytes]:
    """The bytes of those that go along in a letter, by their digests; of one that was taken down there are none."""
    digests = [shown.picture.digest for shown in pictures if shown.enclosed]
    return {digest: found[1] for digest in digests if (found := store.pictures.data(digest))}


# ── one by one ────────────────────────────────────────────────────────────────────────────────────


def _named(thread: Thread) -> Iterator[tuple[str, tuple[Media, str]]]:
    """The first forty pictures that the thread names, each with its medium and its post's id."""
    found: dict[str, tuple[Media, str]] = {}
    for post in thread.posts:
        for medium in post.media:
            if medium.still and len(found) < MOST:
                found.setdefault(medium.still, (medium, post.id))
    yield from found.items()


Way = Callable[[], "Print | None"]


def _ways(
    medium: Media, post: str, beside: Callable[[Media, str], Print | None] | None, web: Web | None, silent: set[str]
) -> Iterator[Way]:
    """Where to look for it, the nearest place first."""
    if beside:
        yield lambda: beside(medium, post)
    if web and medium.still.startswith(("http://", "https://")):
        yield lambda: _fetched(medium.still, web=web, silent=silent)


def _fetched(url: str, *, web: Web, silent: set[str]) -> Print:
    """From the web. A server that did not answer once is not waited for again in this round."""
    from digest.sources import pictures

    host = urlsplit(url).hostname or ""
    if host in silent:
        raise WebError("its server does not answer", where=host, temporary=True)
    try:
        return pictures.fetch(url, web=web)
    except WebError as error:
        if error.temporary:
            silent.add(host)
        raise


def _get(thread_id: int, still: str, *, store: Store, now: datetime, ways: Iterator[Way]) -> None:
    """Look in one place after the other; keep what was found, or why nothing was. Where nobody looked, nothing is noted."""
    refused: InputError | WebError | None = None
    for look in ways:
        try:
            found = look()
        except (InputError, WebError) as error:
            refused = error
            continue
        if found:
            store.pictures.keep(thread_id, still, found.picture, found.data, now=now)
            return
    if refused:
        lasting = not (isinstance(refused, WebError) and refused.temporary)
        store.pictures.miss(thread_id, still, why=refused.what, lasting=lasting, now=now)


def _account(shelved: Shelved, named: Mapping[str, object], *, store: Store) -> Illustrated:
    known = store.pictures.of(shelved.id)
    missing = [known.get(still) for still in named if still not in known or not known[still].picture]
    reasons = tuple(dict.fromkeys(one.why for one in missing if one))
    return Illustrated(named=len(named), kept=len(named) - len(missing), missing=reasons)
