"""How far ahead of need letters are claimed and started, and whose hand writes that down. It knows no letter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

BATCH = 512  # claims fetched at once, one batch ahead of need
AHEAD = 0.05  # seconds for which letters are started ahead of need, so that the disk is waited for as rarely

T = TypeVar("T")


class Pace:
    """How fast letters are answered, and how many to start ahead of that: for three times as long as a turn takes,
    and for `AHEAD` at least. Without `haste` none."""

    def __init__(self, *, haste: bool) -> None:
        self._clock = asyncio.get_running_loop().time
        self._since = self._clock()
        self._rate = 0.0  # a second
        self._haste = haste
        self.ahead = self.low = 0

    def within(self, seconds: float) -> int:
        """How many are answered in so many seconds; never more than a batch."""
        return min(BATCH, int(self._rate * seconds))

    @property
    def overdue(self) -> bool:
        """The last turn is longer ago than `AHEAD`."""
        return self._clock() - self._since > AHEAD

    @contextmanager
    def turn(self, *, answers: int) -> Iterator[None]:
        """A turn, which writes down so many answers."""
        began = self._clock()
        yield
        now = self._clock()
        rate = answers / max(now - self._since, 0.001)
        self._rate = max(rate, (rate + self._rate) / 2)  # up at once, and down as several turns say so
        self._since = now
        if self._haste:
            self.ahead = self.within(max(AHEAD, 3 * (now - began)))
            self.low = self.ahead // 2


class Pen:
    """Writes in the ledger, in a thread, so that the wire does not wait for the disk. For a file it is always the same
    thread: two would only wait for each other's locks."""

    def __init__(self, *, local: bool) -> None:
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="ledger") if local else None

    async def do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._hand, work)

    def lay_down(self) -> None:
        if self._hand:
            self._hand.shutdown(wait=False)
