"""The line's knowledge of what has left: exact to the last octet of a letter."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from contextlib import suppress

from hypothesis import example, given
from hypothesis import strategies as st

from digest.mail.sending.line import Line
from digest.mail.sending.wire import Reply

CHUNK = st.builds(bytes.__mul__, st.sampled_from([b"a", b"b", b"c"]), st.integers(1, 9000))


class Notes:
    """A listener that notes what it hears, and that the way became free."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.codes: list[int] = []
        self.error: Exception | None = None

    def heard(self, replies: Iterable[Reply]) -> None:
        self.codes += [reply.code for reply in replies]

    def work_soon(self) -> None:
        self.free.set()

    def lost(self, error: Exception) -> None:
        self.error = error


async def fill(letter: bytes, *, tail: bytes) -> tuple[bool, bool]:
    """Whether the end of `letter` is ours still: while the peer reads nothing, and after it read all."""
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    theirs.setblocking(False)
    _, line = await loop.create_connection(Line, sock=ours)
    notes = Notes()
    line.listen(notes)
    line.say([letter, tail], size=len(letter + tail), after=len(tail))
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


def test_a_letter_is_sent_though_what_follows_it_still_waits() -> None:
    assert asyncio.run(fill(b"short", tail=b"x" * 40_000)) == (False, False)


def test_each_letter_is_sent_at_its_own_last_octet() -> None:
    """However long what follows it is: the way was free too early, or too late, for the second one."""

    async def say() -> list[bool]:
        loop, exact = asyncio.get_running_loop(), list[bool]()
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        theirs.setblocking(False)
        _, line = await loop.create_connection(Line, sock=ours)
        notes = Notes()
        line.listen(notes)
        for tail in (b"x" * 9000, b"x"):
            notes.free.clear()
            line.say([b"x" * 40_000, tail], size=40_000 + len(tail), after=len(tail))
            while not notes.free.is_set():
                await loop.sock_recv(theirs, 1024)
            exact.append(line._transport.get_write_buffer_size() <= len(tail))
        line.hang_up()
        theirs.close()
        return exact

    assert asyncio.run(say()) == [True, True]


def test_what_came_before_anybody_listened_is_heard() -> None:
    async def listen() -> list[int]:
        ours, theirs = socket.socketpair()
        _, line = await asyncio.get_running_loop().create_connection(Line, sock=ours)
        notes = Notes()
        with theirs:
            theirs.send(b"250 welcome\r\n421 but not for long\r\n")
            await line.ask(b"", within=5, what="an answer")
            line.listen(notes)
        line.hang_up()
        return notes.codes

    assert asyncio.run(listen()) == [421]


def test_more_patience_is_borne_though_less_was_asked_first() -> None:
    async def wait() -> Exception | None:
        ours, theirs = socket.socketpair()
        _, line = await asyncio.get_running_loop().create_connection(Line, sock=ours)
        line.expect(0.01, what="an answer")
        line.expect(60, what="the next")
        await asyncio.sleep(0.03)
        line.hang_up()
        theirs.close()
        return line.error

    assert asyncio.run(wait()) is None


def test_a_peer_that_is_gone_as_we_speak_is_a_line_lost() -> None:
    async def say() -> Exception | None:
        ours, theirs = socket.socketpair()
        _, line = await asyncio.get_running_loop().create_connection(Line, sock=ours)
        notes = Notes()
        line.listen(notes)
        theirs.close()
        line.say([b"x"], size=1, after=0)
        await asyncio.sleep(0.01)
        return notes.error

    assert isinstance(asyncio.run(say()), OSError)


def test_a_letter_that_was_said_to_a_broken_line_is_unsent() -> None:
    async def say() -> bool:
        ours, theirs = socket.socketpair()
        _, line = await asyncio.get_running_loop().create_connection(Line, sock=ours)
        line._transport.abort()  # as asyncio does when the system reports a reset; we hear of it a moment later
        line.say([b"x" * 400_000], size=400_000, after=0)
        theirs.close()
        return line.unsent

    assert asyncio.run(say())


def test_a_line_that_failed_writes_nothing_more() -> None:
    """Its descriptor may be another file's by then."""

    async def say() -> bytes:
        ours, theirs = socket.socketpair()
        _, line = await asyncio.get_running_loop().create_connection(Line, sock=ours)
        line.fail(ConnectionResetError())
        line.say([b"x"], size=1, after=-1)
        await asyncio.sleep(0)  # in which the socket is closed
        with theirs:
            return theirs.recv(10)

    assert asyncio.run(say()) == b""


async def talk(said: list[list[bytes]]) -> bytes:
    """What comes of some writes to a peer that reads a little after each, before anything else has its turn."""
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    theirs.setblocking(False)
    _, line = await loop.create_connection(Line, sock=ours)
    came = b""
    for chunks in said:
        line.say(chunks, size=sum(map(len, chunks)), after=-1)
        with suppress(BlockingIOError):
            came += theirs.recv(5000)
    while len(came) < sum(len(chunk) for chunks in said for chunk in chunks):
        came += await asyncio.wait_for(loop.sock_recv(theirs, 65536), 5)
    line.hang_up()
    theirs.close()
    return came


@example([[b"a" * 20_000, b"b" * 20_000, b"c"], [b"d"], [b"e" * 5000]])
@given(st.lists(st.lists(CHUNK, min_size=1, max_size=3), min_size=1, max_size=4))
def test_what_is_said_comes_out_whole_and_in_its_order(said: list[list[bytes]]) -> None:
    assert asyncio.run(talk(said)) == b"".join(chunk for chunks in said for chunk in chunks)


async def hand_out(letters: list[list[bytes]]) -> tuple[int, bool, bytes]:
    """How many of `letters` were given to a system that has little room, whether the end of the last one is ours still,
    and what has come to the other end when all that was given is there."""
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    theirs.setblocking(False)
    _, line = await loop.create_connection(Line, sock=ours)
    line.listen(Notes())
    count = line.say_whole([(letter, sum(map(len, letter))) for letter in letters])
    unsent, came = line.unsent, b""
    while len(came) < sum(len(chunk) for letter in letters[:count] for chunk in letter):
        came += await loop.sock_recv(theirs, 65536)
    line.hang_up()
    theirs.close()
    return count, unsent, came


@example([[b"a" * 40_000], [b"b"], [b"c"]])
@example([[b"a", b"b"], [b"c" * 3000, b"d" * 40_000, b"e"], [b"f"]])
@given(st.lists(st.lists(CHUNK, min_size=1, max_size=3), min_size=1, max_size=4))
def test_whole_letters_are_written_up_to_the_first_that_the_system_does_not_take(letters: list[list[bytes]]) -> None:
    count, unsent, came = asyncio.run(hand_out(letters))
    assert came == b"".join(chunk for letter in letters[:count] for chunk in letter)
    assert unsent or count == len(letters)
    assert count >= 1


def test_what_lies_in_our_own_buffer_is_unsent() -> None:
    assert asyncio.run(hand_out([[b"short"], [b"x" * 400_000], [b"next"]]))[:2] == (2, True)
