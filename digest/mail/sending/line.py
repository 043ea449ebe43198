"""One stream to a server: replies come out whole, writes go out whole, silence is noticed. Knows nothing of letters."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Protocol, cast

from digest.mail.sending.wire import Garbled, Reply, ReplyReader

ROOM = 16 * 1024  # octets heard at once: a TLS record


class Listener(Protocol):
    """Who hears a line once it is open."""

    def heard(self, replies: Iterable[Reply]) -> None:
        """Bytes came, with the replies that they completed. Going through them may raise `Garbled`."""
        ...

    def work_soon(self) -> None:
        """The way is free to write again."""
        ...

    def lost(self, error: Exception) -> None:
        """The line is dead, for this reason; nothing more will be heard."""
        ...


class Line(asyncio.BufferedProtocol):
    """A TCP or TLS stream. While it is being opened it is used with `ask`; then a `Listener` takes over.

    It reads into a buffer of its own: a plain `asyncio.Protocol` asks the system for 256 KiB anew to hear "250 ok"
    (measured: 22 µs a reply instead of 3).
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._loop = asyncio.get_running_loop()
        self._reader = ReplyReader()
        self._heard = memoryview(bytearray(ROOM))  # a view: asyncio slices it under TLS, which would copy the array
        self._replies: deque[Reply] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._listener: Listener | None = None
        self._deadline = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._silence = ""
        self._descriptor = -1  # where bytes can be written past the transport: not under TLS
        self._mark = -1  # where the buffer's water marks stand
        self.error: Exception | None = None
        self.unsent = False  # the last octet of the last letter is still in our own buffer

    # ── opening: question and answer ──────────────────────────────────────────────────────────────

    async def ask(self, command: bytes, *, within: float, what: str) -> Reply:
        """Say `command` (b"" to only listen), and wait at most `within` seconds for the answer."""
        if command:
            self._transport.write(command)
        self.expect(within, what=what)
        while not self._replies:
            if self.error:
                raise self.error
            self._waiter = self._loop.create_future()
            await self._waiter
        self.expect(0)
        return self._replies.popleft()

    async def encrypt(self, context: ssl.SSLContext, *, host: str, within: float) -> None:
        """STARTTLS. What was said in the clear past the go-ahead could have been put there by anyone (CVE-2011-0411)."""
        if self._replies or not self._reader.empty:
            raise Garbled("the server said more before the encryption than it was asked")
        transport = await self._loop.start_tls(
            self._transport, self, context, server_hostname=host, ssl_handshake_timeout=within
        )
        self._transport = cast(asyncio.Transport, transport)
        self._mark, self._descriptor = -1, -1

    @property
    def peer(self) -> str:
        """The IP address of the other end."""
        return str((self._transport.get_extra_info("peername") or ("",))[0])

    @property
    def own(self) -> str:
        """The IP address of this end."""
        return str((self._transport.get_extra_info("sockname") or ("",))[0])

    @property
    def cipher(self) -> ssl.SSLObject | None:
        """The TLS layer, None in the clear."""
        layer: ssl.SSLObject | None = self._transport.get_extra_info("ssl_object")
        return layer

    # ── carrying ──────────────────────────────────────────────────────────────────────────────────

    def listen(self, listener: Listener) -> None:
        """From now on `listener` hears everything; also what came before it did."""
        self._listener = listener
        if self.error:
            listener.lost(self.error)
        elif self._replies:
            listener.heard(tuple(self._replies))

    def say(self, chunks: list[bytes], *, size: int, after: int) -> None:
        """Write `chunks`, `size` octets, at once. `after` of them follow the end of a letter; -1: no letter ends in them.

        The buffer's water marks stand right at the end of the letter, so `unsent` is exact: it goes off in the
        moment in which the kernel takes the last octet. (Under TLS, in which the TLS layer takes it.)
        """
        sent = self._taken(chunks)
        self._leave([] if sent == size else _after(chunks, sent), after=after)

    def _leave(self, left: list[bytes], *, after: int) -> None:
        """What the system did not take goes its way through the transport."""
        if left and after >= 0 and after != self._mark:
            self._transport.set_write_buffer_limits(high=after, low=after)
            self._mark = after
        if left:
            self._transport.writelines(left)
        if after >= 0:
            self.unsent = bool(left) and (
                self._transport.get_write_buffer_size() > after or self._transport.is_closing()
            )

    def say_whole(self, letters: Sequence[tuple[list[bytes], int]]) -> int:
        """Where none is `unsent`: write as many of `letters`, each with its size, as the system takes in one, and say how
        many that were: the last of them perhaps not to its end, which `unsent` then says."""
        sent = self._taken([chunk for letter, _ in letters for chunk in letter])
        for count, (letter, size) in enumerate(letters, 1):
            if sent < size:
                self._leave(_after(letter, sent), after=0)
                return count
            sent -= size
        return len(letters)

    def _taken(self, chunks: list[bytes]) -> int:
        """How many octets the system took past the transport. It gets them so when nothing waits in there: the transport
        would copy the letter together, and what the system does not take at once a second and a third time."""
        if self._descriptor < 0 or self._transport.get_write_buffer_size():
            return 0
        try:
            return os.writev(self._descriptor, chunks)
        except OSError:  # the way is full, or gone: the transport meets the same, and knows what to do
            return 0

    def expect(self, seconds: float, *, what: str = "") -> None:
        """From now on bear `seconds` of silence; 0 bears any. One alarm runs at a time and looks at the clock again."""
        self._silence = what
        self._deadline = self._loop.time() + seconds if seconds else 0.0
        if seconds and (not self._alarm or self._alarm.when() > self._deadline):
            self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(self._deadline, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if self._deadline and self._loop.time() < self._deadline:
            self._set_alarm()
        elif self._deadline:
            self.fail(TimeoutError(f"silence instead of {self._silence}"))

    def hang_up(self) -> None:
        """Close after what is still to be written."""
        self._still()
        self._transport.close()

    def fail(self, error: Exception) -> None:
        """Drop the line at once, for this reason; only the first reason counts."""
        if self.error:
            return
        self.error = error
        self._descriptor = -1  # it may soon be another file's
        self._still()
        self._transport.abort()
        if self._listener:
            self._listener.lost(error)
        self._wake()

    def _still(self) -> None:
        if self._alarm:
            self._alarm.cancel()
        self._alarm, self._deadline = None, 0.0

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    # ── what asyncio calls ────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._mark = -1
        clear = not self.cipher and hasattr(os, "writev")
        self._descriptor = transport.get_extra_info("socket").fileno() if clear else -1

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._heard

    def buffer_updated(self, nbytes: int) -> None:
        replies = self._reader.replies(bytes(self._heard[:nbytes]))
        if self._listener:
            return self._listener.heard(replies)
        try:
            for reply in replies:
                self._replies.append(reply)
        except Garbled as error:
            self.fail(error)
        return self._wake()

    def resume_writing(self) -> None:
        self.unsent = False
        if self._listener:
            self._listener.work_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        self.fail(exc or ConnectionResetError("the server closed the connection"))


def _after(chunks: list[bytes], sent: int) -> list[bytes]:
    """What is left of `chunks` after so many octets."""
    for place, chunk in enumerate(chunks):
        if sent < len(chunk):
            return [chunk[sent:], *chunks[place + 1 :]]
        sent -= len(chunk)
    return []
