"""The line's knowledge of what has left: exact to the last octet of a letter."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable

from hypothesis import example, given
from hypothesis import strategies as st

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


async def hand_out(letters: list[list[bytes]]) -> tuple[int, bool, bytes]:
    """How many of `letters` were given to a system that has little room, whether the end of the last one is ours still,
    and what has come to the other end when all that was given is there."""
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    theirs.setblocking(False)
    _, line = await loop.create_connection(Line, sock=ours)
    line.listen(Notes())
    count = line.say_whole(letters)
    unsent, came = line.unsent, b""
    while len(came) < sum(len(chunk) for letter in letters[:count] for chunk in letter):
        came += await loop.sock_recv(theirs, 65536)
    line.hang_up()
    theirs.close()
    return count, unsent, came


@example([[b"a" * 40_000], [b"b"], [b"c"]])
@example([[b"a", b"b"], [b"c" * 3000, b"d" * 40_000, b"e"], [b"f"]])
@given(st.lists(st.lists(st.integers(1, 9000).map(bytes), min_size=1, max_size=3), min_size=1, max_size=4))
def test_whole_letters_are_written_up_to_the_first_that_the_system_does_not_take(letters: list[list[bytes]]) -> None:
    count, unsent, came = asyncio.run(hand_out(letters))
    assert came == b"".join(chunk for letter in letters[:count] for chunk in letter)
    assert unsent or count == len(letters)
    assert count >= 1


def test_what_lies_in_our_own_buffer_is_unsent() -> None:
    assert asyncio.run(hand_out([[b"short"], [b"x" * 400_000], [b"next"]]))[:2] == (2, True)
