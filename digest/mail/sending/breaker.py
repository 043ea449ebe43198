"""Notices when a domain refuses not a reader but us, and sends it nothing more in this run. It opens no connection."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass

from digest.errors import MailError
from digest.mail.sending.parcel import Carried
from digest.model import Consignor, Letter, Outbox, Outcome

LIMIT = 20  # refusals about us that are borne from a domain
SHARE = 0.05  # of a domain's answers, once there are as many as that
_ABOUT_US = re.compile(r"[45]\.7\.\d+")  # security and policy: RFC 3463, 3.8
_GREYLISTED = re.compile("gr[ae]y-?list", re.IGNORECASE)


@dataclass(slots=True)
class _Record:
    """A domain's answers since it first refused us. `opened` is the answer that was one too many, "" before."""

    answers: int = 0
    refusals: int = 0
    opened: str = ""

    @property
    def suspicious(self) -> bool:
        return self.refusals > SHARE * self.answers


class Breaker:
    """A `model.Outbox` before another one.

    A refusal about us leaves the letter owed, since its reader did nothing wrong; unless the domain takes nearly all
    others, for then it is about that reader. What is not sent to a domain any more ends as temporary, in the phase "breaker".
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._records: dict[str, _Record] = {}

    @property
    def capacity(self) -> int:
        return self._outbox.capacity

    def post(self, letter: Letter, consignor: Consignor) -> None:
        if self._records and (said := self.refused(_domain(letter))):
            reply = f"{_domain(letter)} refuses our mail, so this was not sent; it said: {said}"
            consignor.answered(Outcome(verdict="temporary", phase="breaker", reply=reply), _nobody_carries_it)
        else:
            self._outbox.post(letter, _Watched(consignor, self, letter))

    def together(self) -> AbstractContextManager[None]:
        return self._outbox.together()

    def carry(self, letter: Letter) -> AbstractAsyncContextManager[Outcome]:
        return Carried(self, letter)

    async def close(self) -> None:
        await self._outbox.close()

    def refused(self, domain: str) -> str:
        """The answer of a domain that was one too many, "" before."""
        record = self._records.get(domain)
        return record.opened if record else ""

    def heard(self, letter: Letter, outcome: Outcome) -> Outcome:
        """Count an answer of the reader's domain, and say what it means for the letter."""
        if outcome.verdict == "accepted" and not self._records:
            return outcome
        blamed = about_us(outcome)
        domain = _domain(letter)
        record = self._records.get(domain)
        if not record:
            if not blamed:
                return outcome
            record = self._records[domain] = _Record()
        record.answers += 1
        record.refusals += blamed
        if record.refusals >= LIMIT or (record.answers >= LIMIT and record.suspicious):
            record.opened = record.opened or f"{outcome.code} {outcome.enhanced} {outcome.reply}"
        return outcome._replace(verdict="temporary") if blamed and record.suspicious else outcome


class _Watched:
    """A letter whose answer the breaker hears first."""

    __slots__ = ("_breaker", "_consignor", "_letter", "may_go")

    def __init__(self, consignor: Consignor, breaker: Breaker, letter: Letter) -> None:
        self._consignor, self._breaker, self._letter = consignor, breaker, letter
        self.may_go = consignor.may_go

    def answered(self, answer: Outcome | MailError, written: Callable[[], None]) -> None:
        if isinstance(answer, Outcome):
            answer = self._breaker.heard(self._letter, answer)
        self._consignor.answered(answer, written)


def _domain(letter: Letter) -> str:
    return letter.recipient.rpartition("@")[2].lower()


def _nobody_carries_it() -> None:
    """It was answered here, so no connection waits for that to be written down."""


def about_us(outcome: Outcome) -> bool:
    """Whether a server refuses the sender: by policy or reputation (RFC 3463, 3.8), or by closing the door (421).

    An answer to MAIL was given before the recipient was named, so no domain is behind it. Greylisting says 4.7.1 too,
    but it means every stranger, once.
    """
    if outcome.verdict not in ("temporary", "permanent") or outcome.phase == "mail":
        return False
    if _GREYLISTED.search(outcome.reply):
        return False
    return outcome.code == 421 or bool(_ABOUT_US.fullmatch(outcome.enhanced))
