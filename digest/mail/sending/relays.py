"""Several relays as one outbox: each carries its share, and what one cannot take goes to another."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace

from digest.errors import MailError, SettingsError
from digest.mail.sending.outbox import SmtpOutbox
from digest.mail.sending.parcel import Carried, again
from digest.mail.sending.relay import Relay
from digest.model import Consignor, Letter, Outcome

AWAY = 60.0  # seconds that a relay which could not be spoken to is left alone while others work
_HOST = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:*\[\]]+)(?::(?P<port>[1-9]\d{0,4}))?(?:\*(?P<weight>[1-9]\d{0,3}))?"
)


def named(hosts: str, *, like: Relay) -> tuple[Relay, ...]:
    """The relays in "mx1.example.org*3, mx2.example.org:2525": a host each, with its port and its weight if need be.

    Connections and rate of `like` are for all together, and each relay has its share of them by weight. Raises
    SettingsError for what cannot be read.
    """
    found = [_relay(part.strip(), like=like) for part in hosts.split(",")]
    weights = sum(relay.weight for relay in found)
    return tuple(
        replace(
            relay,
            connections=max(1, round(like.connections * relay.weight / weights)),
            rate=like.rate * relay.weight / weights,
        )
        for relay in found
    )


def _relay(text: str, *, like: Relay) -> Relay:
    match = _HOST.fullmatch(text)
    if not match or int(match["port"] or 0) > 65535:
        raise SettingsError(
            f"“{text}” is not a server",
            where="SMTP_HOST",
            then="Write mail.example.org, or several: mx1.example.org*3, mx2.example.org:2525.",
        )
    return replace(
        like, host=match["host"].strip("[]"), port=int(match["port"] or like.port), weight=int(match["weight"] or 1)
    )


@dataclass(slots=True, eq=False)
class _Place:
    """A relay, and how it is doing."""

    outbox: SmtpOutbox
    weight: int
    under_way: int = 0
    carried: int = 0
    away_until: float = 0.0
    failure: MailError | None = None

    @property
    def load(self) -> tuple[float, float]:
        """The least loaded is next; among the idle, who had least of its share."""
        return self.under_way / self.outbox.capacity, self.carried / self.weight


class Relays:
    """A `model.Outbox` over several relays. It fails only when none of them can be spoken to, as the last one did."""

    def __init__(self, relays: Sequence[Relay]) -> None:
        self._places = [_Place(SmtpOutbox(relay), relay.weight) for relay in relays]

    @property
    def capacity(self) -> int:
        return sum(place.outbox.capacity for place in self._places)

    def post(self, letter: Letter, consignor: Consignor) -> None:
        _Routed(letter, consignor, self).go_on()

    @contextmanager
    def together(self) -> Iterator[None]:
        with ExitStack() as stack:
            for place in self._places:
                stack.enter_context(place.outbox.together())
            yield

    def carry(self, letter: Letter) -> AbstractAsyncContextManager[Outcome]:
        return Carried(self, letter)

    async def close(self) -> None:
        await asyncio.gather(*(place.outbox.close() for place in self._places))

    def choose(self) -> _Place:
        """Where the next letter goes. Raises the MailError of a relay when all are away."""
        now = asyncio.get_running_loop().time()
        present = [place for place in self._places if place.away_until <= now]
        if not present:
            failures = [place.failure for place in self._places if place.failure]
            raise again(failures[-1]) from failures[-1]
        return min(present, key=lambda place: place.load)

    def lost(self, place: _Place, failure: MailError) -> None:
        """Leave a relay alone: for a while, or for good when trying again cannot help."""
        place.failure = failure
        place.away_until = asyncio.get_running_loop().time() + AWAY if failure.temporary else float("inf")


class _Routed:
    """A letter that is tried at one relay after the other until one could be spoken to."""

    __slots__ = ("_consignor", "_letter", "_place", "_relays", "_written", "may_go")

    def __init__(self, letter: Letter, consignor: Consignor, relays: Relays) -> None:
        self._letter, self._consignor, self._relays = letter, consignor, relays
        self.may_go = consignor.may_go
        self._written: Callable[[], None]

    def go_on(self) -> None:
        """To the next relay; when none is left, that is the answer."""
        try:
            self._place = self._relays.choose()
        except MailError as failure:
            return self._consignor.answered(failure, _nothing_to_free)
        self._place.under_way += 1
        return self._place.outbox.post(self._letter, self)

    def answered(self, answer: Outcome | MailError, written: Callable[[], None]) -> None:
        if isinstance(answer, MailError):
            self._place.under_way -= 1
            self._relays.lost(self._place, answer)
            return self.go_on()
        self._place.carried += 1
        self._written = written
        return self._consignor.answered(answer, self._free)

    def _free(self) -> None:
        self._place.under_way -= 1
        self._written()


def _nothing_to_free() -> None:
    """No relay took it."""
