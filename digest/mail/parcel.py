"""A letter on its way, from the moment it is handed over until its answer is written down. It decides nothing."""

from __future__ import annotations

from asyncio import CancelledError, Future
from collections.abc import Callable

from digest.errors import MailError
from digest.model import Letter, Outcome


class Parcel:
    """A letter, and the one who waits to hear what became of it: `async with parcel as outcome`.

    The block is for writing the outcome down. Until it ends, the connection that carried the letter sends no
    further one than its window allows.
    """

    __slots__ = ("ahead", "answer", "handed", "letter", "phase", "refusal", "returns", "written")

    def __init__(self, letter: Letter, answer: Future[Outcome | MailError]) -> None:
        self.letter = letter
        self.answer = answer
        self.returns = 0  # how often it came back from a connection that could not carry it
        self.refusal: Outcome | None = None
        self.written: Callable[[Parcel], None] | None = (
            None  # who carries it, and wants to hear that it is written down
        )
        self.start(ahead=False)

    def start(self, *, ahead: bool) -> None:
        """On a connection, perhaps not its first: nothing of it was written there."""
        self.phase = "mail"  # whose answer decides next
        self.handed = False  # its last octet was given out to be written
        self.ahead = ahead  # its envelope goes out before the letter in front of it is answered

    def settle(self, outcome: Outcome | MailError) -> bool:
        """False when nobody waits to hear it any more, and so nobody will write it down."""
        if self.answer.done():
            return False
        self.answer.set_result(outcome)
        return True

    async def __aenter__(self) -> Outcome:
        try:
            answer = await self.answer
        except CancelledError:
            self._free()
            raise
        if isinstance(answer, MailError):
            raise again(answer) from answer
        return answer

    async def __aexit__(self, *_: object) -> None:
        self._free()

    def _free(self) -> None:
        if self.written:
            self.written(self)


def again(error: MailError) -> MailError:
    """The same failure for one more letter: an exception that is raised twice mixes up its tracebacks."""
    return type(error)(error.what, where=error.where, then=error.then, temporary=error.temporary)
