"""Tells open studios when something that they show was saved: server-sent events, from watched files and the store's pulse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from digest.errors import StoreError
from digest.web.studio.handed import Handed, Watched
from digest.web.studio.proofs import Proofs

_BEAT = 0.25  # seconds between two looks at the store
_QUIET = 40  # beats after which a silent line says that it lives, so that a browser notices when it does not


class Live:
    """The lines to the open pages."""

    def __init__(self) -> None:
        self._lines: set[asyncio.Queue[str]] = set()
        self._over = False

    def tell(self, event: str) -> None:
        for line in self._lines:
            line.put_nowait(event)

    def end(self) -> None:
        """Hang up, or the server would wait for pages that never leave."""
        self._over = True
        self.tell("")

    async def events(self) -> AsyncIterator[str]:
        """One page's line, as text/event-stream (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
        line: asyncio.Queue[str] = asyncio.Queue()
        self._lines.add(line)
        try:
            yield "retry: 500\n\n"
            while not self._over:
                with suppress(TimeoutError):
                    event = await asyncio.wait_for(line.get(), _BEAT * _QUIET)
                    yield f"event: {event}\ndata:\n\n" if event else ""
                    continue
                yield ": here\n\n"
        finally:
            self._lines.discard(line)


@asynccontextmanager
async def watching(handed: Handed, proofs: Proofs, live: Live) -> AsyncIterator[None]:
    """While the block runs, saves and changes in the store are told."""
    tasks = [asyncio.create_task(_files(handed, proofs, live)), asyncio.create_task(_store(handed, live))]
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


async def _store(handed: Handed, live: Live) -> None:
    """Changes of the shelf or the issues, whoever makes them. While letters go out the pulse never rests, and the
    fingerprint says that nothing happened here."""
    pulse, fingerprint = await asyncio.to_thread(_vitals, handed)
    while True:
        await asyncio.sleep(_BEAT)
        with suppress(StoreError):  # whoever asks for a proof meets the same trouble, and says so
            if (now := await asyncio.to_thread(handed.store.pulse)) != pulse:
                pulse, before = now, fingerprint
                _, fingerprint = await asyncio.to_thread(_vitals, handed)
                if fingerprint != before:
                    live.tell("shelf")


def _vitals(handed: Handed) -> tuple[object, object]:
    return handed.store.pulse(), handed.store.spines.stamp()
