"""The lines to the open studios, by server-sent events. What is worth telling is known elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

_QUIET = 10.0  # seconds after which a silent line says that it lives, so that a browser notices when it does not


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
                    event = await asyncio.wait_for(line.get(), _QUIET)
                    yield f"event: {event}\ndata:\n\n" if event else ""
                    continue
                yield ": here\n\n"
        finally:
            self._lines.discard(line)
