"""Looks out for saves that change what open studios show: in the watched files, and by the store's pulse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from digest.errors import StoreError
from digest.web.studio.handed import Handed, Watched
from digest.web.studio.live import Live
from digest.web.studio.proofs import Proofs

_BEAT = 0.05  # seconds between two looks at a store that is a file: a look costs some ten microseconds
_SHARED_BEAT = 0.25  # and at one that is a server


@asynccontextmanager
async def watching(handed: Handed, proofs: Proofs, live: Live) -> AsyncIterator[None]:
    """While the block runs, saves and changes in the store are told."""
    tasks = [asyncio.create_task(_files(handed, proofs, live)), asyncio.create_task(_store(handed, proofs, live))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _files(handed: Handed, proofs: Proofs, live: Live) -> None:
    """Each save of a template, of the settings or of the file on the command line. A save may move the owner's templates
    elsewhere, so after each it is asked again what to watch."""
    while True:
        watched, saved = handed.watched(), asyncio.Event()
        watchers = [asyncio.create_task(watch) for watch in _watchers(watched, saved)]
        try:
            while handed.watched() == watched:
                await saved.wait()
                saved.clear()
                handed.renew()
                proofs.forget()
                live.tell("saved")
        finally:
            for watcher in watchers:
                watcher.cancel()


def _watchers(watched: Watched, saved: asyncio.Event) -> Iterator[Coroutine[None, None, None]]:
    """Trees whole; single files by their folders, since editors save by moving a new file into the old one's place."""
    if watched.trees:
        yield _watch(watched.trees, DefaultFilter(), saved, deep=True)
    if folders := {file.parent for file in watched.files}:
        yield _watch(folders, lambda _, path: Path(path) in watched.files, saved, deep=False)


async def _watch(
    places: Iterable[Path], wanted: Callable[[Change, str], bool], saved: asyncio.Event, *, deep: bool
) -> None:
    async for _ in awatch(*places, watch_filter=wanted, debounce=50, step=20, recursive=deep):
        saved.set()


async def _store(handed: Handed, proofs: Proofs, live: Live) -> None:
    """Changes of the shelf or the issues, whoever makes them. While letters go out the pulse never rests, and the
    stamp of the shelf says that nothing happened here."""
    before = await asyncio.to_thread(proofs.stamp)
    while True:
        await asyncio.sleep(_SHARED_BEAT if handed.store.shared else _BEAT)
        with suppress(StoreError):  # whoever asks for a proof meets the same trouble, and says so
            if (now := await asyncio.to_thread(proofs.stamp)) != before:
                before = now
                live.tell("shelf")
