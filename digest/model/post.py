"""The readers, and the life of their letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Literal, NamedTuple, Protocol

from digest.errors import MailError


class Membership(StrEnum):
    """Where a subscriber stands. Only the active get issues; who left is never revived by an import."""

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    SUPPRESSED = "suppressed"  # never to be written to, whoever gives us the address


Kind = Literal["full", "summary", "text"]  # which digest a reader gets, from the same issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One reader. `epoch` counts the times that they came back, so that an old link cannot undo a new wish.

    `asked` counts how often we asked them "is it you?", the last time `asked_at`. While they are paused by their own
    wish, `paused_until` says how long; while a bounce pauses them, `struck` is the issue that came back.
    """

    id: int
    email: str
    membership: Membership
    name: str = ""
    source: str = ""
    consented_at: datetime | None = None
    epoch: int = 0
    kind: Kind = "full"
    asked: int = 0
    asked_at: datetime | None = None
    paused_until: datetime | None = None
    struck: int | None = None


class State(IntEnum):
    """The life of a delivery. Everything from ACCEPTED on is settled, but for DOUBTFUL while it may be tried again."""

    PENDING = 0  # owed; after a temporary failure too, then with a later `due_at`
    CLAIMED = 1  # some sender has it in hand, nothing has left yet
    SENDING = 2  # its bytes may have left: written down before they do
    ACCEPTED = 3  # the server took responsibility for it
    REFUSED = 4  # the server said no, for good
    DOUBTFUL = 5  # the answer was lost: perhaps accepted; one late retry with the same bytes, or held
    UNCERTAIN = 6  # in doubt after its last try; never sent again by itself
    EXPIRED = 7  # temporary failures until the limit
    WITHDRAWN = 8  # the reader left before their letter did


# The next three are made for every letter, and a tuple takes a third of the time of a frozen dataclass.


class Recipient(NamedTuple):
    """Whom a letter goes to: all that addressing one needs to know."""

    id: int
    email: str
    epoch: int = 0
    kind: Kind = "full"


class Letter(NamedTuple):
    """One issue for one reader: the envelope, and the signed bytes, CRLF, not yet dot-stuffed.

    `dotless` is the press's word that no line begins with a dot and the last one is ended: then nobody need look.
    """

    sender: str
    recipient: str
    message_id: str
    parts: tuple[bytes, ...]
    dotless: bool = False

    @property
    def data(self) -> bytes:
        return b"".join(self.parts)


Verdict = Literal["accepted", "temporary", "permanent", "ambiguous"]


class Outcome(NamedTuple):
    """What became of one letter. `code` is the SMTP reply code, 0 when none came; `enhanced` as in RFC 3463;
    `phase` where it was decided (connect, mail, rcpt, data, body, dot)."""

    verdict: Verdict
    phase: str
    code: int = 0
    enhanced: str = ""
    reply: str = ""


class Consignor(Protocol):
    """Who hands a letter over. It is told what became of it; what it does then must not wait."""

    def may_go(self) -> bool:
        """Asked right before the first octet of the letter leaves: whether it still may."""
        ...

    def answered(self, answer: Outcome | MailError, written: Callable[[], None]) -> None:
        """The outcome, or why the server as a whole cannot be spoken to. The letter is under way until `written` is
        called, once, when the answer is written down."""
        ...


class Outbox(Protocol):
    """Where letters leave the house."""

    @property
    def capacity(self) -> int:
        """How many letters it can have in flight at once."""
        ...

    def post(self, letter: Letter, consignor: Consignor) -> None:
        """Carry one letter, and tell `consignor` what became of it. No more letters are under way at once than a crash
        may leave in doubt. Raises nothing; a letter that may not go any more is answered as temporary."""
        ...

    def together(self) -> AbstractContextManager[None]:
        """What is posted and written down within is written at its end, and not in a later round of the event loop."""
        ...

    def carry(self, letter: Letter) -> AbstractAsyncContextManager[Outcome]:
        """The same for one who waits: `async with outbox.carry(letter) as outcome:` write it down. Raises `MailError`
        for a failure of the whole conversation, never for what concerns this letter alone."""
        ...

    async def close(self) -> None:
        """Finish politely."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many deliveries of an issue are in each state. They add up to `total`, always."""

    counts: dict[State, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def __getitem__(self, state: State) -> int:
        return self.counts.get(state, 0)

    def owed(self, states: Sequence[State] = (State.PENDING, State.CLAIMED, State.SENDING, State.DOUBTFUL)) -> int:
        return sum(self[state] for state in states)

    def in_hand(self) -> int:
        """What some sender has, and has not settled."""
        return self[State.CLAIMED] + self[State.SENDING]
