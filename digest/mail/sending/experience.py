"""What conversations with a relay taught, and so how fast it may be spoken to. It speaks to nobody itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from digest.mail.sending.relay import Relay
from digest.mail.sending.wire import Offer

# stepwise: one command, one answer. pipelined: a letter's body, its dot and the next envelope in one write
# (RFC 2920). chunked: whole letters one after the other, up to the relay's window (RFC 3030).
Pace = Literal["stepwise", "pipelined", "chunked"]


@dataclass(slots=True)
class Experience:
    """What the conversations so far taught about a relay; its connections share it.

    `proven`: it kept up with commands sent ahead. `broken`: it promised to and did not, so nothing is sent ahead
    any more. `limit`: how many letters it takes on one connection before it sends us away, 0 when not known.
    """

    proven: bool = False
    broken: bool = False
    limit: int = 0
    _last: int = 0

    def sent_away(self, *, after: int) -> None:
        """A server ended a session with 421. Twice after the same number of letters is a limit, once an accident."""
        if after == self._last:
            self.limit = after
        self._last = after

    def pace(self, offer: Offer, *, relay: Relay) -> Pace:
        """The fastest way to speak to a server with this offer that nothing speaks against."""
        if self.broken or relay.pipelining == "off" or not offer.pipelining:
            return "stepwise"
        return "chunked" if offer.chunking and relay.window > 1 else "pipelined"
