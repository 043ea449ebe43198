"""An SMTP server that misbehaves on request, and keeps a ledger of what it accepted: the judge of the delivery tests.

What goes wrong is written in the recipient's local part, before the first dot (`lost.7@example.test`):
    policy                       550 5.7.515 at RCPT: a word about us, not about the reader
    m450 r451 r550 c450 d451 …   the code, at MAIL, RCPT, in place of 354 (c), after the dot (d); 421 also closes
    r552full                     552 5.2.2 at RCPT
    grey                         451 the first time, taken the second
    mreset rreset creset         the connection is reset instead of that answer
    mid stuck                    reset after the first octets of the body / nothing more is read after them
    lost / ambig                 reset after the dot; not accepted / accepted
    hang rhang                   accepted, then silence / silence at RCPT
    junk big endless odd         accepted, then: no SMTP / a line of a megabyte / a reply without end / 354
    cjunk                        354 and no SMTP in one breath, before the body
    drip                         accepted, and an answer that never ends, octet by octet
    multi slow                   accepted, with 500 lines / one octet at a time
    go354                        RCPT refused, and DATA answered with 354 all the same
"""

from __future__ import annotations

import asyncio
import hmac
import socket
import ssl
import struct
import threading
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

OFFERS = ("PIPELINING", "SIZE 30000000", "ENHANCEDSTATUSCODES", "8BITMIME")


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A letter that the server holds itself responsible for."""

    sender: str
    recipient: str
    data: bytes


class Hangup(Exception):
    """This session is over."""


@dataclass(kw_only=True)
class Faulty:
    """The server; an async context manager on a port of the loopback. `deaf` breaks PIPELINING: what was sent ahead is
    dropped, answered 503, or answered by closing; or ("swallows") the dot is only seen at the end of what was read. `rude` leaves at QUIT without
    a word, `fickle` after EHLO. `injected` is said in the clear together with the go-ahead for TLS.
    Once it is `well`, no fault happens any more, and who was silent at RCPT or after the dot answers."""

    offers: tuple[str, ...] = OFFERS
    greeting: bytes = b"220 faulty.test ESMTP\r\n"
    deaf: str = ""
    per_connection: int = 0
    connections: int = 0
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    injected: bytes = b""
    users: dict[str, str] = field(default_factory=dict)
    login_code: bytes = b"535 5.7.8 wrong"
    pause: float = 0
    rude: bool = False
    fickle: bool = False
    receive_buffer: int = 0
    well: bool = False

    def __post_init__(self) -> None:
        self.accepted: list[Accepted] = []
        self.commands: list[str] = []
        self.seen: Counter[str] = Counter()
        self.open = self.greeted = self.ahead = self.unwanted = 0
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Faulty:
        sock = socket.socket(proto=socket.IPPROTO_TCP)  # without it asyncio leaves Nagle on
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self.receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        sock.bind(("127.0.0.1", self.port))
        self.server = await asyncio.start_server(self._serve, sock=sock, ssl=self.tls if self.implicit else None)
        self.port = sock.getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self.open += 1
        try:
            await Talk(self, reader, writer).run()
        except (Hangup, OSError, asyncio.CancelledError, ssl.SSLError):
            pass
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.close()

    def letters_to(self, recipient: str) -> int:
        return sum(letter.recipient == recipient for letter in self.accepted)

    def said(self, verb: str) -> int:
        return sum(command.upper().startswith(verb) for command in self.commands)


@contextmanager
def in_a_thread(server: Faulty) -> Iterator[Faulty]:
    """Run it beside the test, which can look on while letters come in."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class Talk:
    """One session with a client."""

    def __init__(self, server: Faulty, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.buffer = b""
        self.mails = 0
        self.sender: str | None = None
        self.recipient = ""
        self.fault = ""

    async def run(self) -> None:
        self.server.greeted += 1
        if self.server.connections and self.server.open > self.server.connections:
            self.say(b"421 4.7.0 too many connections")
            return
        self.writer.write(self.server.greeting)
        while True:
            line = await self.line()
            self.server.commands.append(line.decode("utf-8", "replace"))
            self.server.ahead += bool(self.buffer)
            verb = line.split(b" ")[0].upper().decode("ascii", "replace")
            await asyncio.sleep(self.server.pause)
            if self.server.deaf and verb in ("MAIL", "RCPT", "DATA", "RSET") and self.buffer:
                self.broken()
            await getattr(self, f"on_{verb.lower()}", self.unknown)(line)

    def broken(self) -> None:
        if self.server.deaf == "closes":
            raise Hangup
        self.buffer = self.buffer if self.server.deaf == "swallows" else b""
        if self.server.deaf == "refuses":
            self.say(b"503 5.5.1 one at a time")

    # ── bytes ─────────────────────────────────────────────────────────────────────────────────────

    async def more(self) -> None:
        chunk = await self.reader.read(65536)
        if not chunk:
            raise Hangup
        self.buffer += chunk

    async def until(self, end: bytes) -> bytes:
        while end not in self.buffer:
            await self.more()
        found, _, self.buffer = self.buffer.partition(end)
        return found

    async def line(self) -> bytes:
        return await self.until(b"\r\n")

    def say(self, line: bytes) -> None:
        self.writer.write(line + b"\r\n")

    def reset(self) -> None:
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        raise Hangup

    def refuse(self, code: str) -> None:
        enhanced = "5.2.2" if code.endswith("full") else f"{code[0]}.3.0"
        self.say(f"{code[:3]} {enhanced} scripted".encode())
        if code == "421":
            raise Hangup

    # ── commands ──────────────────────────────────────────────────────────────────────────────────

    async def unknown(self, line: bytes) -> None:
        self.say(b"502 5.5.2 what")

    async def on_ehlo(self, line: bytes) -> None:
        words = ["faulty.test", *self.server.offers]
        self.writer.write(b"".join(b"250-%s\r\n" % word.encode() for word in words[:-1]) + b"250 ")
        self.say(words[-1].encode())
        if self.server.fickle:
            raise Hangup

    async def on_starttls(self, line: bytes) -> None:
        self.writer.write(b"220 2.0.0 go ahead\r\n" + self.server.injected)
        assert self.server.tls
        await self.writer.start_tls(self.server.tls)
        self.buffer = b""

    async def on_auth(self, line: bytes) -> None:
        _, mechanism, *first = line.split(b" ")
        self.say(b"235 2.7.0 welcome" if await self.proven(mechanism, first) else self.server.login_code)

    async def proven(self, mechanism: bytes, first: list[bytes]) -> bool:
        """Whether the client knows a password, by any of the four mechanisms."""
        users = self.server.users
        if mechanism == b"PLAIN":
            _, name, password = b64decode(first[0]).decode().split("\0")
            return users.get(name) == password
        if mechanism == b"LOGIN":
            name, password = await self.challenge(b"Username:"), await self.challenge(b"Password:")
            return users.get(name.decode()) == password.decode()
        if mechanism == b"CRAM-MD5":
            name, digest = (await self.challenge(b"<1.2@faulty.test>")).decode().split(" ")
            return hmac.new(users.get(name, "").encode(), b"<1.2@faulty.test>", "md5").hexdigest() == digest
        known = {f"user={name}\1auth=Bearer {token}\1\1" for name, token in users.items()}
        return b64decode(first[0]).decode() in known or bool(await self.challenge(b'{"status":"401"}'))

    async def challenge(self, text: bytes) -> bytes:
        self.say(b"334 " + b64encode(text))
        return b64decode(await self.line())

    async def on_rset(self, line: bytes) -> None:
        self.sender = None
        self.recipient = ""
        self.say(b"250 2.0.0 ok")

    async def on_quit(self, line: bytes) -> None:
        if self.server.rude:
            raise Hangup
        self.say(b"221 2.0.0 bye")
        raise Hangup

    async def on_mail(self, line: bytes) -> None:
        self.mails += 1
        if self.server.per_connection and self.mails > self.server.per_connection:
            self.refuse("421")
        if self.sender is not None:
            self.say(b"503 5.5.1 nested MAIL")
            return
        sender = line.partition(b"<")[2].partition(b">")[0].decode()
        fault = sender.split("@")[0].split(".")[0]
        if fault == "mreset":
            self.reset()
        if fault[:1] == "m" and fault[1:4].isdigit():
            self.refuse(fault[1:])
            return
        self.sender = sender
        self.say(b"250 2.1.0 ok")

    async def on_rcpt(self, line: bytes) -> None:
        address = line.partition(b"<")[2].partition(b">")[0].decode()
        self.fault = fault = "" if self.server.well else address.split("@")[0].split(".")[0]
        self.server.seen[address] += 1
        if self.sender is None:
            self.say(b"503 5.5.1 MAIL first")
        elif fault == "rreset":
            self.reset()
        elif fault == "rhang":
            await self.silence()
            self.recipient = address
            self.say(b"250 2.1.5 ok")
        elif fault == "policy":
            self.say(b"550 5.7.515 access denied, the sending domain is not wanted here")
        elif fault == "grey" and self.server.seen[address] == 1:
            self.say(b"451 4.7.1 greylisted")
        elif fault == "go354":
            self.refuse("550")
        elif fault[:1] == "r" and fault[1:4].isdigit():
            self.refuse(fault[1:])
        else:
            self.recipient = address
            self.say(b"250 2.1.5 ok")

    async def on_data(self, line: bytes) -> None:
        if not self.recipient and self.fault != "go354":
            self.say(b"503 5.5.1 no recipients")
        elif self.fault == "creset":
            self.reset()
        elif self.fault[:1] == "c" and self.fault[1:4].isdigit():
            self.refuse(self.fault[1:])
        else:
            self.say(b"354 go\r\nwhat?" if self.fault == "cjunk" else b"354 go")
            await self.take(await self.body())

    async def body(self) -> bytes:
        """What stands before the dot, un-stuffed (RFC 5321, 4.5.2)."""
        lines = []
        while self.server.deaf == "swallows" and not self.buffer.endswith(b"\r\n.\r\n"):
            await self.more()
        while (line := await self.line()) != b".":
            lines.append((line[1:] if line.startswith(b".") else line) + b"\r\n")
            await self.midway()
        return b"".join(lines)

    async def midway(self) -> None:
        if self.fault == "mid":
            self.reset()
        elif self.fault == "stuck":
            await self.silence()

    async def on_bdat(self, line: bytes) -> None:
        size = int(line.split()[1])
        while len(self.buffer) < size:
            await self.midway()
            await self.more()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        if not self.recipient:
            self.say(b"503 5.5.1 no recipients")
        else:
            await self.take(data)

    # ── after the last octet ──────────────────────────────────────────────────────────────────────

    async def take(self, data: bytes) -> None:
        fault, sender, recipient = self.fault, self.sender or "", self.recipient
        self.sender, self.recipient = None, ""
        if not recipient:
            self.server.unwanted += len(data)
            self.say(b"554 5.5.1 no recipients")
        elif fault == "lost":
            self.reset()
        elif fault[:1] == "d" and fault[1:4].isdigit():
            self.refuse(fault[1:])
        else:
            self.server.accepted.append(Accepted(sender=sender, recipient=recipient, data=data))
            await self.acknowledge(fault)

    async def acknowledge(self, fault: str) -> None:
        """Say that it was accepted, more or less."""
        if fault == "ambig":
            self.reset()
        elif fault == "hang":
            await self.silence()
            self.say(b"250 2.0.0 queued")
        elif fault == "junk":
            self.say(b"\xff\xfe\x00 hello")
        elif fault == "big":
            self.say(b"250 " + b"x" * 1_000_000)
        elif fault == "endless":
            await self.endless()
        elif fault == "odd":
            self.say(b"354 go on")
        elif fault == "multi":
            self.writer.write(b"250-more\r\n" * 499 + b"250 ok\r\n")
        elif fault == "drip":
            await self.slowly(b"250-" + b"x" * 1000)
        elif fault == "slow":
            await self.slowly(b"250 2.0.0 ok\r\n")
        else:
            self.say(b"250 2.0.0 queued")

    async def silence(self) -> None:
        """Until all is well; after a minute the session is over."""
        for _ in range(600):
            if self.server.well:
                return
            await asyncio.sleep(0.1)
        raise Hangup

    async def endless(self) -> None:
        with suppress(ConnectionError):
            while True:
                self.writer.write(b"250-and on\r\n" * 100)
                await self.writer.drain()

    async def slowly(self, reply: bytes) -> None:
        for octet in reply:
            self.writer.write(bytes([octet]))
            await asyncio.sleep(0.02)
