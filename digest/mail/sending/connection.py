"""One session that carries letters: fetches them, has the courier speak, and reports its end. It opens and chooses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from digest.mail.sending.courier import Courier
from digest.mail.sending.experience import Experience
from digest.mail.sending.line import Line
from digest.mail.sending.parcel import Parcel
from digest.mail.sending.relay import Relay
from digest.mail.sending.session import Session
from digest.mail.sending.speech import BEFORE_BODY, Speech
from digest.mail.sending.wire import Garbled, Reply

IN_ONE = 4  # whole letters in one write: a fifth less of a letter's time than one by one


class Ended(Protocol):
    """Is told of a connection's end, with the letters that certainly were not accepted; `again`: try them at once."""

    def __call__(self, connection: Connection, back: list[Parcel], why: str, *, again: bool) -> None: ...


class Connection:
    """Carries what `fetch` gives, until the relay's limit, `retire()`, or its end, which it tells to `ended`."""

    def __init__(
        self,
        session: Session,
        *,
        relay: Relay,
        experience: Experience,
        fetch: Callable[[Connection], Parcel | None],
        wake: Callable[[Connection], None],
        ended: Ended,
    ) -> None:
        self._line: Line = session.line
        self._relay, self._experience = relay, experience
        self._fetch, self._wake, self._ended = fetch, wake, ended
        pace = experience.pace(session.offer, relay=relay)
        self._speech = Speech(session.offer, pace=pace)
        self._courier = Courier(self._speech, pace=pace, window=relay.window, experience=experience)
        self._patience = relay.timeouts.by_phase
        self._begun = 0
        self._taught = False
        self._retiring = False
        self._awake = False

    @property
    def useful(self) -> bool:
        """It carried a letter, or taught us how to speak to this relay."""
        return self._courier.carried > 0 or self._taught

    def start(self) -> None:
        self._line.listen(self)
        self.work_soon()

    def work_soon(self) -> None:
        """There may be something to write. All connections write in one go, after everything that was said was heard."""
        if not self._awake:
            self._awake = True
            self._wake(self)

    def prepare(self) -> None:
        """Begin what `work` is going to write."""
        self._awake = False
        self._courier.recall()
        if self._courier.over:
            return self._line.fail(ConnectionResetError(self._courier.over))
        return self._load()

    def work(self) -> None:
        """Write what can be written now: in one write the body that was asked for, and the next envelope."""
        line, speech = self._line, self._speech
        while not line.unsent and not line.error:
            if whole := speech.collect_whole():
                speech.handed_out(line.say_whole(whole))
            else:
                chunks, size, after = speech.collect()
                if not chunks:
                    break
                line.say(chunks, size=size, after=after)
            self._load()
        if not line.error:
            self._expect()

    def retire(self) -> None:
        """Finish the letters in hand, say QUIT, and end."""
        self._retiring = True
        self.work_soon()

    def fail(self, error: Exception) -> None:
        """Break off: the letters in hand end as if the line had."""
        self._line.fail(error)

    def _load(self) -> None:
        """Begin what there is room for: a letter, or where letters are sent whole as many as go into one write. One that
        does not fit this server is answered at once: take the next."""
        room = 0 if self._line.unsent or self._line.error else min(self._courier.room, IN_ONE)
        while room > 0:
            if self._spent:
                return self._courier.quit() if self._courier.idle else None
            parcel = self._fetch(self)
            if not parcel:
                return None
            parcel.carrier = self._written
            if self._courier.begin(parcel):
                self._begun += 1
                room -= 1
        return None

    def _written(self, parcel: Parcel) -> None:
        self._courier.written(parcel)
        self.work_soon()

    @property
    def _spent(self) -> bool:
        ours, theirs = self._relay.per_connection, self._experience.limit
        return self._retiring or 0 < ours <= self._begun or 0 < theirs <= self._begun

    def _expect(self) -> None:
        """Bear silence as long as the oldest open question may take; while we cannot write, as long as a block may."""
        times, phase = self._relay.timeouts, self._speech.awaited
        if not phase:
            return self._line.expect(0)
        seconds = times.block if self._line.unsent else self._patience[phase]
        if phase in BEFORE_BODY and self._courier.daring:
            seconds = min(seconds, times.pipeline)
        return self._line.expect(seconds, what=f"an answer ({phase})")

    # ── what the line tells ───────────────────────────────────────────────────────────────────────

    def heard(self, replies: Iterable[Reply]) -> None:
        """Bytes that complete no reply do not make us more patient."""
        try:
            if self._courier.receive(replies):
                self.work_soon()
        except Garbled as error:
            self._line.fail(error)

    def lost(self, error: Exception) -> None:
        """The letters that certainly were not accepted go back: to be sent again at once if the server only sent us
        away, or if it broke off, fell silent or lost its place before it ever kept up with pipelining."""
        courier = self._courier
        self._taught = courier.daring and not courier.over
        self._experience.broken |= self._taught
        back = courier.abandon(f"the connection broke: {error}", unsent=self._line.unsent)
        self._ended(self, back, f"the connection broke: {error}", again=self._taught or bool(courier.over))
