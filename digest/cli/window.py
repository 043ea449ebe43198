"""Serves the studio's window at once, and opens the rooms behind it beside that. What is in them it does not know."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from digest.cli.listening import serve_on
from digest.desk.shipped import shipped
from digest.web.studio import Live, studio

if TYPE_CHECKING:
    from digest.web.studio import Behind

HEAD_START = 0.2  # seconds in which the window is alone on the machine, unless it was painted and asks for more


def serve(
    listener: socket.socket, open_rooms: Callable[[Live], Behind], *, end: Callable[[Callable[[], object]], None]
) -> None:
    """Serve until what is handed to `end` is called. Raises what kept the rooms shut."""
    asyncio.run(_serve(listener, open_rooms, end=end))


async def _serve(
    listener: socket.socket, open_rooms: Callable[[Live], Behind], *, end: Callable[[Callable[[], object]], None]
) -> None:
    stop, asked, live, loop = asyncio.Event(), asyncio.Event(), Live(), asyncio.get_running_loop()
    end(lambda: loop.is_closed() or loop.call_soon_threadsafe(stop.set))

    async def open_behind() -> Behind:
        with suppress(TimeoutError):
            await asyncio.wait_for(asked.wait(), HEAD_START)
        return await asyncio.to_thread(_giving_way, lambda: open_rooms(live))

    async def watch() -> None:
        async with (await asyncio.shield(opening)).watching():
            await stop.wait()

    async def hang_up() -> None:
        await stop.wait()
        live.end()

    opening = asyncio.create_task(open_behind())
    opening.add_done_callback(lambda done: stop.set() if not done.cancelled() and done.exception() else None)
    beside = asyncio.gather(watch(), hang_up(), return_exceptions=True)
    await serve_on(listener, app=studio(shipped() / "studio", opening=opening, asked=asked), stop=stop)
    beside.cancel()
    if opening.done():
        opening.result()


def _giving_way(work: Callable[[], Behind]) -> Behind:
    """A second of work beside the window, which shall answer meanwhile: each time it has waited for the disk or the browser,
    Python would let it wait another 5 ms for its turn."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.0002)
    try:
        return work()
    finally:
        sys.setswitchinterval(usual)
