"""Mail handed in by our own mail server, by LMTP (RFC 2033): a 250 is said when the mail is kept for good, a 451 when it
is not, so that their queue is our queue. One answer for each recipient. It reads no mail and delivers none.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from digest.errors import DigestError, SettingsError
from digest.mail.arrivals import AT_ONCE, SIZE_LIMIT, Arrival, Take

SLOW = 2.0  # seconds after which a mail that takes so long (it names a thread far away) holds the others up no more
PATIENCE = 300.0  # seconds of silence after which we hang up (RFC 5321, 4.5.3.2.7)
_LINE_LIMIT = 2048
_RECIPIENTS = 1000
_CONNECTIONS = 50
_PATH = re.compile(r"(?:FROM|TO):\s?<(?P<path>[^<>\x00-\x20]{0,320})>(?: .*)?", re.IGNORECASE)

Tell = Callable[[str], None]


@dataclass(slots=True)
class _Transaction:
    sender: str | None = None
    recipients: list[str] = field(default_factory=list)


class LmtpListener:
    """`async with LmtpListener("127.0.0.1:2424", take=…, known=…, tell=…):` takes mail until the block ends.

    `take` keeps mails, as many together as wait; `known` says which recipients are ours; `tell` hears what went wrong, for the log.
    `port` is where it listens, for an address that ends in ":0". Raises SettingsError where nobody can listen.
    """

    def __init__(
        self, at: str, *, take: Take, known: Callable[[str], bool], tell: Tell, limit: int = SIZE_LIMIT
    ) -> None:
        self._at, self._limit = at, limit
        self._tray, self._known = _Tray(take, tell), known
        self._talks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> LmtpListener:
        host, _, port = self._at.rpartition(":")
        if not host or not port.isdecimal():
            raise SettingsError(
                f"“{self._at}” is no host:port", where="LMTP_LISTEN", then="Write 127.0.0.1:2424, or the like."
            )
        try:
            self._server = await asyncio.start_server(self._talk, host.strip("[]"), int(port), reuse_port=False)
        except (OSError, OverflowError) as trouble:
            reason = getattr(trouble, "strerror", None) or trouble
            raise SettingsError(
                f"nobody can listen at {self._at} ({reason})", where="LMTP_LISTEN", then="Choose another port."
            ) from trouble
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """No new talks; a mail that is being kept is kept, and everybody is hung up on: what comes again is known."""
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._tray.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._talks) >= _CONNECTIONS:
            writer.write(b"421 4.3.2 too many at once, come again\r\n")
            writer.close()
            return
        self._talks.add(task)
        try:
            await _Talk(reader, writer, tray=self._tray, known=self._known, limit=self._limit).run()
        except (ConnectionError, TimeoutError, asyncio.CancelledError):
            pass  # whoever hangs up before the answer keeps the mail
        finally:
            self._talks.discard(task)
            writer.close()


class _Talk:
    """One connection: command by command, in order, so that pipelined ones are answered in order too (RFC 2920)."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        tray: _Tray,
        known: Callable[[str], bool],
        limit: int,
    ) -> None:
        self._reader, self._writer = reader, writer
        self._tray, self._known, self._limit = tray, known, limit
        self._mail = _Transaction()
        self._greeted = False
        self._buffer = bytearray()
        self._commands: dict[str, Callable[[str], Coroutine[None, None, str]]] = {
            "LHLO": self._lhlo,
            "MAIL": self._from,
            "RCPT": self._to,
            "DATA": self._data,
            "RSET": self._rset,
            "NOOP": self._noop,
            "VRFY": self._vrfy,
        }

    async def run(self) -> None:
        await self._say("220 digest LMTP")
        while True:
            line = await self._line()
            verb, _, rest = line.strip().partition(" ")
            if verb.upper() == "QUIT":
                await self._say("221 2.0.0 bye")
                return
            command = self._commands.get(verb.upper())
            await self._say(await command(rest) if command else "500 5.5.1 not known here")

    async def _say(self, reply: str) -> None:
        if reply:
            self._writer.write(reply.encode("utf-8") + b"\r\n")
            await asyncio.wait_for(self._writer.drain(), PATIENCE)

    async def _line(self) -> str:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _LINE_LIMIT:
                await self._say("500 5.5.2 too long a line")
                raise ConnectionAbortedError
            await self._fill()
        line = self._buffer[:end].decode("utf-8", errors="replace")
        del self._buffer[: end + 1]
        return line.rstrip("\r")

    async def _fill(self) -> None:
        data = await asyncio.wait_for(self._reader.read(65536), PATIENCE)
        if not data:
            raise ConnectionAbortedError
        self._buffer += data

    # ── commands ──────────────────────────────────────────────────────────────────────────────────

    async def _lhlo(self, _: str) -> str:
        self._greeted, self._mail = True, _Transaction()
        offers = ("PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8")
        return "\r\n".join(["250-digest", *(f"250-{offer}" for offer in offers), f"250 SIZE {self._limit}"])

    async def _from(self, rest: str) -> str:
        path = _PATH.fullmatch(rest)
        if not self._greeted or self._mail.sender is not None:
            return "503 5.5.1 LHLO first, and one MAIL at a time"
        if not path or not rest.upper().startswith("FROM:"):
            return "501 5.5.4 MAIL FROM:<address>"
        if (size := re.search(r" SIZE=(\d{1,20})", rest, re.IGNORECASE)) and int(size[1]) > self._limit:
            return "552 5.3.4 too big"
        self._mail = _Transaction(sender=path["path"])
        return "250 2.1.0 ok"

    async def _to(self, rest: str) -> str:
        path = _PATH.fullmatch(rest)
        if self._mail.sender is None:
            return "503 5.5.1 MAIL first"
        if not path or not path["path"] or not rest.upper().startswith("TO:"):
            return "501 5.5.4 RCPT TO:<address>"
        if not self._known(path["path"]):
            return "550 5.1.1 nobody of this name here"
        if len(self._mail.recipients) >= _RECIPIENTS:
            return "452 4.5.3 too many recipients"
        self._mail.recipients.append(path["path"])
        return "250 2.1.5 ok"

    async def _rset(self, _: str) -> str:
        self._mail = _Transaction()
        return "250 2.0.0 ok"

    async def _noop(self, _: str) -> str:
        return "250 2.0.0 ok"

    async def _vrfy(self, _: str) -> str:
        return "252 2.5.0 try it"

    async def _data(self, _: str) -> str:
        """As many answers as there are recipients (RFC 2033, 4.2)."""
        if not self._mail.recipients:
            return "503 5.5.1 no recipients"
        await self._say("354 go on, and end with a dot")
        raw = await self._body()
        mail, self._mail = self._mail, _Transaction()
        if raw is None:
            return "\r\n".join("552 5.3.4 too big" for _ in mail.recipients)
        arrivals = [Arrival(raw=raw, recipient=to, sender=mail.sender) for to in mail.recipients]
        return "\r\n".join(await asyncio.gather(*map(self._tray.keep, arrivals)))

    async def _body(self) -> bytes | None:
        """Everything up to the lone dot, its stuffing undone (RFC 5321, 4.5.2); None when it is over the limit.

        Only CR LF dot CR LF ends it: a bare LF must not smuggle a second mail in.
        """
        self._buffer[:0] = b"\r\n"  # so that the first line, too, begins behind a line end
        looked, whole = 0, True
        while (end := self._buffer.find(b"\r\n.\r\n", looked)) < 0:
            if len(self._buffer) > self._limit:
                whole = False
                del self._buffer[:-4]
            looked = max(0, len(self._buffer) - 4)
            await self._fill()
        body = bytes(self._buffer[: end + 2]).replace(b"\r\n.", b"\r\n")[2:]
        del self._buffer[: end + 5]
        return body if whole and len(body) <= self._limit else None


class _Tray:
    """Mails that wait to be kept. What lies in it is kept together, at one wait for the disk, so that many connections
    at once cost little more than one."""

    def __init__(self, take: Take, tell: Tell) -> None:
        self._take, self._tell = take, tell
        self._waiting: list[tuple[Arrival, asyncio.Future[str]]] = []
        self._keeping: set[asyncio.Task[None]] = set()
        self._emptying: asyncio.Task[None] | None = None

    async def keep(self, arrival: Arrival) -> str:
        """The answer, once it is kept or not."""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, answer))
        if self._emptying is None or self._emptying.done():
            self._emptying = asyncio.create_task(self._empty())
        return await answer

    async def close(self) -> None:
        """What is being kept is kept to the end; what only waited was never answered, and comes again."""
        self._waiting.clear()
        await asyncio.gather(*self._keeping, return_exceptions=True)

    async def _empty(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            task = asyncio.create_task(self._kept(together))
            self._keeping.add(task)
            task.add_done_callback(self._keeping.discard)
            await asyncio.wait([task], timeout=SLOW)

    async def _kept(self, together: list[tuple[Arrival, asyncio.Future[str]]]) -> None:
        try:
            troubles = await asyncio.to_thread(self._take, [arrival for arrival, _ in together])
        except Exception as fault:  # a fault of ours must not lose their mail, nor end these conversations
            troubles = [fault] * len(together)
        for (_, answer), trouble in zip(together, troubles, strict=True):
            if not answer.done():  # else its connection broke meanwhile
                answer.set_result(self._answer(trouble))

    def _answer(self, trouble: Exception | None) -> str:
        if trouble is None:
            return "250 2.0.0 kept"
        if isinstance(trouble, DigestError):
            self._tell(str(trouble))
            return "451 4.3.0 not now, come again"
        self._tell(f"a mail could not be taken ({type(trouble).__name__}: {trouble})")
        return "451 4.3.0 a fault of ours, come again"
