"""Where letters leave the house: a pool of SMTP connections to one relay. It keeps no letter longer than somebody waits for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from dataclasses import dataclass

from digest.errors import MailError, Unreachable
from digest.mail.sending.connection import Connection
from digest.mail.sending.experience import Experience
from digest.mail.sending.parcel import RECALLED, Carried, Parcel
from digest.mail.sending.relay import Relay, Timeouts
from digest.mail.sending.session import open_session, trust
from digest.model import Consignor, Letter, Outcome

__all__ = ["Probe", "Relay", "SmtpOutbox", "Timeouts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a relay said of itself, for `digest doctor`. `tls` is "" in the clear, else the version ("TLSv1.3")."""

    where: str
    greeting: str
    tls: str
    certificate_until: str
    login: bool
    offers: tuple[str, ...]
    logins: tuple[str, ...]
    size: int
    pace: str


class Pacer:
    """Spaces letters in time: `rate` a second, 0 for no limit. An alarm that rang late, by up to 20 ms, is made up for."""

    def __init__(self, rate: float) -> None:
        self._step = 1 / rate if rate else 0.0
        self._due = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next letter may go; 0 takes the place of one that goes now."""
        if self._step and self._due > now:
            return self._due - now
        self._due = max(self._due, now - 0.02) + self._step
        return 0.0


class Door:
    """Whether another connection may be tried now. While nobody is in, one goes ahead alone: a wrong password must
    not be tried by all of them, and a server in trouble not be run down."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self.known = False
        self._failures = 0
        self._since = 0.0
        self._not_before = 0.0

    def tries(self, connections: int, *, inside: int, now: float) -> int:
        """How many may try at once, when `inside` of all `connections` are in."""
        if now < self._not_before:
            return 0
        return connections - inside if inside and not self._failures else 1

    def closed(self, failure: MailError, *, now: float) -> bool:
        """Whether after `failure` it is of no use to try now."""
        return not failure.temporary or now < self._not_before

    def pleased(self) -> None:
        """A connection was of use."""
        self._failures = 0

    def turned_away(self, now: float) -> float:
        """Note a failure at `now`; how many seconds to keep away: 0.25, doubling, at most 60."""
        self._since = self._since if self._failures else now
        delay = min(60.0, 0.25 * 2.0 ** min(self._failures, 8))
        self._failures += 1
        self._not_before = now + delay
        return delay

    def patient(self, now: float) -> bool:
        """Whether a relay that was there before may still come back."""
        return self.known and now - self._since < self._patience


class SmtpOutbox:
    """A `model.Outbox` over SMTP. Connections open when letters wait, are used again, and are replaced when they end.

    `carry` and `send` raise `Unreachable` when no connection can be had, `CertificateRefused` or `LoginRefused` when trying
    again would not help; after one of those two nothing more is tried.
    """

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._context = trust(relay)
        self._experience = Experience()
        self._door = Door(relay.timeouts.reconnect)
        self._pacer = Pacer(relay.rate)
        self._queue: deque[Parcel] = deque()
        self._connections: set[Connection] = set()
        self._hungry: list[Connection] = []
        self._awake: list[Connection] = []  # they have something to write, or to ask for
        self._rung = False
        self._opening: set[asyncio.Task[None]] = set()
        self._failure: MailError | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._gone = asyncio.Event()
        self._closed = False

    @property
    def capacity(self) -> int:
        """For each connection: its window, an envelope sent ahead, and one letter that lies ready when that is answered."""
        return self._relay.connections * (self._relay.window + 2)

    def post(self, letter: Letter, consignor: Consignor) -> None:
        if self._failure and (self._closed or self._door.closed(self._failure, now=asyncio.get_running_loop().time())):
            return consignor.answered(self._failure, _nothing_to_free)
        self._queue.append(Parcel(letter, consignor))
        return self._ring()

    @contextmanager
    def together(self) -> Iterator[None]:
        self._rung = True  # so that nobody rings
        try:
            yield
        finally:
            self._round()

    def carry(self, letter: Letter) -> AbstractAsyncContextManager[Outcome]:
        return Carried(self, letter)

    async def send(self, letter: Letter) -> Outcome:
        """Carry a letter whose outcome nobody writes down."""
        async with self.carry(letter) as outcome:
            return outcome

    async def close(self) -> None:
        """Let the letters in hand be answered, say QUIT, and end."""
        self._closed = True
        if self._alarm:
            self._alarm.cancel()
        for task in tuple(self._opening):
            task.cancel()
        self._give_up(Unreachable("the outbox was closed", where=self._relay.where, temporary=True))
        for connection in tuple(self._connections):
            connection.retire()
        while self._connections or self._opening:
            self._gone.clear()
            await self._gone.wait()

    async def probe(self) -> Probe:
        """Open a session as `send` would, and leave. Raises as `send` does."""
        relay = self._relay
        session = await open_session(relay, context=self._context)
        tls, offer = session.line.cipher, session.offer
        certificate = (tls.getpeercert() if tls else None) or {}
        with suppress(OSError):  # it let us in, which was the question; how it lets us out is its own affair
            await session.line.ask(b"QUIT\r\n", within=relay.timeouts.quit, what="a goodbye")
        session.line.hang_up()
        return Probe(
            where=relay.where,
            greeting=session.greeting,
            tls=(tls.version() or "") if tls else "",
            certificate_until=str(certificate.get("notAfter", "")),
            login=bool(relay.username),
            offers=offer.words,
            logins=offer.logins,
            size=offer.size,
            pace=self._experience.pace(offer, relay=relay),
        )

    # ── letters to connections ────────────────────────────────────────────────────────────────────

    def _ring(self) -> None:
        if not self._rung:
            self._rung = True
            asyncio.get_running_loop().call_soon(self._round)

    def _wake(self, connection: Connection) -> None:
        self._awake.append(connection)
        self._ring()

    def _round(self) -> None:
        """Give what waits to connections that have nothing to do, have all write that can, and open more for the rest.

        All prepare before one writes: the system's copying of a letter drives all else out of the processor's mind, and
        to write and prepare in turns took twice as long (measured).
        """
        self._rung = False
        if self._queue and not self._alarm:  # it rings when the pace allows another letter
            while self._hungry:
                self._hungry.pop().work_soon()
        awake, self._awake = self._awake, []
        try:
            for connection in awake:
                connection.prepare()
            for connection in awake:
                connection.work()
        except Exception as bug:  # nobody waits for this call, and whoever posted must not wait for ever
            self._give_up(self._mistake(bug))
            for connection in awake:
                connection.fail(bug)
        if self._queue:
            self._open_more()

    def _mistake(self, bug: BaseException) -> MailError:
        return MailError(f"this program made a mistake: {bug!r}", where=self._relay.where, then="Report it.")

    def _fetch(self, connection: Connection) -> Parcel | None:
        """The next letter for `connection`; None puts it among the hungry."""
        while self._queue and not self._queue[0].consignor.may_go():
            self._queue.popleft().settle(RECALLED)
        if self._queue and not (self._relay.rate and self._held_back()):
            return self._queue.popleft()
        if connection not in self._hungry:
            self._hungry.append(connection)
        return None

    def _held_back(self) -> bool:
        """Whether the rate says wait; then an alarm is set for when it does not."""
        loop = asyncio.get_running_loop()
        if not self._alarm and (seconds := self._pacer.wait(loop.time())):
            self._alarm = loop.call_later(seconds, self._resume)
        return self._alarm is not None

    def _resume(self) -> None:
        self._alarm = None
        self._ring()

    # ── connections come and go ───────────────────────────────────────────────────────────────────

    def _open_more(self) -> None:
        """One more connection for each waiting letter, as far as limits and the door allow."""
        inside, trying = len(self._connections), len(self._opening)
        if inside + trying >= self._relay.connections:
            return
        loop = asyncio.get_running_loop()
        tries = self._door.tries(self._relay.connections, inside=inside, now=loop.time())
        for _ in range(0 if self._closed else min(len(self._queue), tries) - trying):
            task = loop.create_task(self._open())
            self._opening.add(task)
            task.add_done_callback(self._opened)

    async def _open(self) -> None:
        try:
            session = await open_session(self._relay, context=self._context)
        except MailError as error:
            return self._turned_away(error)
        self._door.known = True
        self._failure = None
        connection = Connection(
            session,
            relay=self._relay,
            experience=self._experience,
            fetch=self._fetch,
            wake=self._wake,
            ended=self._ended,
        )
        self._connections.add(connection)
        return connection.start()

    def _opened(self, task: asyncio.Task[None]) -> None:
        self._opening.discard(task)
        self._gone.set()
        if not task.cancelled() and (bug := task.exception()):
            self._give_up(self._mistake(bug))
        self._open_more()

    def _turned_away(self, error: MailError) -> None:
        """Not let in, or out again with nothing done. While others work or the relay was there a moment ago, try again later; else all hear of it."""
        loop = asyncio.get_running_loop()
        delay = self._door.turned_away(loop.time())
        hopeful = self._connections or (error.temporary and self._door.patient(loop.time()))
        if isinstance(error, Unreachable) and hopeful:
            loop.call_later(delay + 0.01, self._open_more)  # an alarm may ring a hair too early
        else:
            self._give_up(error)

    def _give_up(self, error: MailError) -> None:
        self._failure = error
        while self._queue:
            self._queue.popleft().settle(error)

    def _ended(self, connection: Connection, back: list[Parcel], why: str, *, again: bool) -> None:
        """A connection is no more. With `again` another one takes the letters that it gave back, before all others. That
        ends: who is sent away with the first letter of a session has its answer (`Courier._sent_away`)."""
        self._connections.discard(connection)
        for parcel in reversed(back):
            if not again or self._closed:
                parcel.settle(Outcome(verdict="temporary", phase=parcel.phase, reply=why))
            else:
                self._queue.appendleft(parcel)
        self._gone.set()
        if connection.useful:
            self._door.pleased()
        elif self._queue:
            return self._turned_away(Unreachable(why, where=self._relay.where, then="Try again later.", temporary=True))
        return self._open_more()


def _nothing_to_free() -> None:
    """No connection took it."""
