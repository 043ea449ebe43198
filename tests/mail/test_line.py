"""The line's knowledge of what has left: exact to the last octet of a letter."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable

from digest.mail.line import Line
from digest.mail.wire import Reply


class Notes:
    """A listener that notes that the way became free."""

    def __init__(self) -> None:
        self.free = asyncio.Event()

    def heard(self, replies: Iterable[Reply]) -> None:
        list(replies)

    def work_soon(self) -> None:
        self.free.set()

    def lost(self, error: Exception) -> None:
        pass


async def fill(letter: bytes, *, tail: bytes) -> tuple[bool, bool]:
    """Whether the end of `letter` is ours still: while the peer reads nothing, and after it read all."""
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    theirs.setblocking(False)
    _, line = await loop.create_connection(Line, sock=ours)
    notes = Notes()
    line.listen(notes)
    line.say([letter, tail], after=len(tail))
    before, read = line.unsent, 0
    while read < len(letter + tail):
        read += len(await loop.sock_recv(theirs, 4096))
    if before:
        await asyncio.wait_for(notes.free.wait(), 5)
    line.hang_up()
    theirs.close()
    return before, line.unsent


def test_a_letter_that_the_system_took_is_sent() -> None:
    assert asyncio.run(fill(b"short", tail=b"next")) == (False, False)


def test_a_letter_that_the_system_could_not_take_is_unsent_until_it_did() -> None:
    assert asyncio.run(fill(b"x" * 40_000, tail=b"next")) == (True, False)
