"""The parts of a running `digest serve`, and how they are kept up: one that fails is tried again, ever more slowly, and
takes no other down with it. It knows no part by name.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import DigestError, Passing

if TYPE_CHECKING:
    from digest.cli.logs import Log

FIRST, LONGEST = 1.0, 300.0  # seconds before a failed part is tried again: doubled from the first to the longest
STEADY = 60.0  # seconds after which a part has come back for good


@dataclass(kw_only=True)
class Part:
    """One part. `run` goes on until the stop is set; `beat`s say that it is alive.

    `trouble` is the sentence of its last failure, "" when it is well. A failure that only time or others can mend (a
    server is away) leaves it `able`; a fault of ours or of the settings does not.
    """

    name: str
    run: Callable[[Part, asyncio.Event], Awaitable[None]]
    trouble: str = ""
    able: bool = True
    failures: int = 0
    beaten: float = 0.0

    def beat(self) -> None:
        """It is at work, and well."""
        self.beaten = time.monotonic()
        self.trouble, self.able = "", True


async def keep_up(part: Part, *, stop: asyncio.Event, log: Log) -> None:
    """Run a part until `stop` is set, again after each failure. Never raises but when it is cancelled."""
    pause = FIRST
    while not stop.is_set():
        begun = time.monotonic()
        try:
            await part.run(part, stop)
            if stop.is_set():
                return
            raise RuntimeError("it ended, though nobody asked it to")
        except Exception as error:
            pause = FIRST if time.monotonic() - begun > STEADY else pause
            _note(part, error)
            fault = None if isinstance(error, DigestError) else error
            log.warning("trouble", part=part.name, what=part.trouble, again_in=f"{pause:g}s", exc_info=fault)
        await rest(pause, stop)
        pause = min(pause * 2, LONGEST)


def _note(part: Part, error: Exception) -> None:
    part.failures += 1
    part.trouble = str(error) if isinstance(error, DigestError) else f"{type(error).__name__}: {error}"
    part.able = isinstance(error, Passing) and error.temporary


async def rest(seconds: float, *events: asyncio.Event) -> None:
    """Until one of `events` is set, at most so long. By a clock that nobody can set."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
