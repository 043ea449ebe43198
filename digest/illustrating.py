"""Story: the pictures of a thread. Those that it names are fetched once, looked through and kept; whoever makes a page of it
gets them from here, and never from where they came."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.errors import InputError, WebError
from digest.model import Media, Picture, Shelved, Shown, Standing, Thread

if TYPE_CHECKING:
    from digest.sources.beside import Beside
    from digest.sources.darkroom import Print
    from digest.sources.web import Web
    from digest.store import Store
    from digest.store.pictures import Illustration

Album = Mapping[str, Picture]
"""The pictures that are kept of a thread, by what it calls them (`Media.still`)."""

MOST = 40  # pictures of one thread
SILENT = 3  # servers
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
    beside: Beside | None = None,
    again: bool = False,
) -> Illustrated:
    """Fetch what pictures of a thread are not kept yet, first from the files `beside` it. Without `web` nobody else is
    asked; what failed for good is only asked for `again`.

    A thread that was sent keeps the pictures that its letters show. Nothing here ever fails for a picture's sake.
    """
    named = dict(_named(shelved.thread))
    if shelved.standing is not Standing.PUBLISHED:
        store.pictures.retain(shelved.id, named)
        known, silent = store.pictures.of(shelved.id), set[str]()
        for still, (medium, post) in named.items():
            if _wanted(known.get(still), now=now, again=again):
                ways = _ways(medium, post, beside, web, silent)
                _keep(shelved.id, medium, ways, store=store, now=now)
    return _account(shelved, named, store=store)


def _wanted(before: Illustration | None, *, now: datetime, again: bool) -> bool:
    if before is None or before.picture:
        return before is None
    return again or (not before.lasting and now - before.at >= REST)


def _keep(thread_id: int, medium: Media, ways: Iterator[Way], *, store: Store, now: datetime) -> None:
    """Look for one picture, and write down what came of it. Where nobody could look, nothing is."""
    try:
        found = _first(ways)
    except (InputError, WebError) as error:
        lasting = not (isinstance(error, WebError) and error.temporary)
        store.pictures.miss(thread_id, medium.still, why=error.what, lasting=lasting, now=now)
        return
    if found:
        store.pictures.keep(thread_id, medium.still, found.picture, found.data, now=now)
    elif medium.still == medium.file:
        store.pictures.miss(thread_id, medium.still, why="it did not come along", lasting=True, now=now)


def glance(thread: Thread, *, beside: Beside | None, web: Web | None) -> dict[str, Print]:
    """The pictures of a thread that is looked at and not kept, as far as they can be had."""
    found: dict[str, Print] = {}
    silent: set[str] = set()
    for still, (medium, post) in _named(thread):
        with suppress(InputError, WebError):
            if print_ := _first(_ways(medium, post, beside, web, silent)):
                found[still] = print_
    return found


def album(shelved: Shelved, *, store: Store) -> Album:
    """The pictures of a thread on the shelf that a page may show."""
    found = store.pictures.of(shelved.id)
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


def _ways(medium: Media, post: str, beside: Beside | None, web: Web | None, silent: set[str]) -> Iterator[Way]:
    """Where to look for it, the nearest place first."""
    if beside:
        yield lambda: _found(medium, post, beside=beside)
    if web and medium.still.startswith(("http://", "https://")):
        yield lambda: _fetched(medium.still, web=web, silent=silent)


def _found(medium: Media, post: str, *, beside: Beside) -> Print | None:
    from digest.sources.darkroom import develop

    data = beside.find(medium, post=post)
    return develop(data) if data else None


def _fetched(url: str, *, web: Web, silent: set[str]) -> Print:
    """From the web. A server that did not answer once is not waited for again in this round, and after three nobody is:
    somebody may be waiting for an issue."""
    from digest.sources import pictures

    host = urlsplit(url).hostname or ""
    if host in silent or len(silent) >= SILENT:
        raise WebError("its server does not answer", where=host, temporary=True)
    try:
        return pictures.fetch(url, web=web)
    except WebError as error:
        if error.temporary and error.status in (0, 429):
            silent.add(host)
        raise


def _first(ways: Iterator[Way]) -> Print | None:
    """What the first way that leads anywhere gives. Raises what the last one that failed said; None where nobody looked."""
    refused: InputError | WebError | None = None
    for look in ways:
        try:
            if found := look():
                return found
        except (InputError, WebError) as error:
            refused = error
    if refused:
        raise refused
    return None


def _account(shelved: Shelved, named: Mapping[str, object], *, store: Store) -> Illustrated:
    known = store.pictures.of(shelved.id)
    missing = [known.get(still) for still in named if still not in known or not known[still].picture]
    reasons = tuple(dict.fromkeys(one.why for one in missing if one))
    return Illustrated(named=len(named), kept=len(named) - len(missing), missing=reasons)
