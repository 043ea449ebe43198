"""A letter on its way, from the moment it is handed over until its answer is written down. It decides nothing."""

from __future__ import annotations

from asyncio import CancelledError, Future, get_running_loop
from collections.abc import Callable

from digest.errors import MailError
from digest.model import Consignor, Letter, Outbox, Outcome

RECALLED = Outcome(verdict="temporary", phase="connect", reply="it was called back before it left")


class Parcel:
    """A letter, and who wants to hear what became of it."""

    __slots__ = ("ahead", "carrier", "consignor", "handed", "letter", "phase", "refusal", "size")

    def __init__(self, letter: Letter, consignor: Consignor) -> None:
        self.letter = letter
        self.consignor = consignor
        self.refusal: Outcome | None = None
        self.carrier: Callable[[Parcel], None] | None = None  # wants to hear that the answer is written down
        self.phase = "mail"  # whose answer decides next
        self.size = 0  # in octets, from its start on
        self.handed = False  # its last octet was given out to be written
        self.ahead = False  # its envelope goes out before the letter in front of it is answered

    def start(self, *, ahead: bool) -> None:
        """On a connection, perhaps not its first: nothing of it was written there."""
        self.phase, self.handed, self.ahead = "mail", False, ahead
        self.size = sum(map(len, self.letter.parts))

    def settle(self, answer: Outcome | MailError) -> None:
        self.consignor.answered(answer, self.written)

    def written(self) -> None:
        if self.carrier:
            self.carrier(self)


class Carried:
    """One letter of an outbox, for one who waits: `async with`. The block is for writing the outcome down."""

    __slots__ = ("_answer", "_letter", "_outbox", "_written")

    def __init__(self, outbox: Outbox, letter: Letter) -> None:
        self._outbox, self._letter = outbox, letter
        self._answer: Future[Outcome | MailError] = get_running_loop().create_future()
        self._written: Callable[[], None] | None = None

    def may_go(self) -> bool:
        """Not when whoever waited was cancelled."""
        return not self._answer.done()

    def answered(self, answer: Outcome | MailError, written: Callable[[], None]) -> None:
        if self._answer.done():
            get_running_loop().call_soon(written)  # nobody will write it down
        else:
            self._answer.set_result(answer)
            self._written = written

    async def __aenter__(self) -> Outcome:
        self._outbox.post(self._letter, self)
        try:
            answer = await self._answer
        except CancelledError:
            await self.__aexit__()
            raise
        if isinstance(answer, MailError):
            raise again(answer) from answer
        return answer

    async def __aexit__(self, *_: object) -> None:
        if self._written:
            self._written()


def again(error: MailError) -> MailError:
    """The same failure for one more letter: an exception that is raised twice mixes up its tracebacks."""
    return type(error)(error.what, where=error.where, then=error.then, temporary=error.temporary)
