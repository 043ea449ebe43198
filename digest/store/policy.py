"""What the house does about an answer: settled, later again, or left to a person. Pure: a claim and an outcome in, a fate out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from digest.model import Outcome, State

# Where a letter ends that no server was asked about: it costs none of the letter's tries.
UNTRIED = frozenset({"connect", "breaker"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How patient the house is.

    `doubt`: a letter whose answer was lost goes once more, the same to the byte, after `doubt_after`; or is held for
    a person. RFC 5321 (4.5.3.2.6) gives a server ten minutes to answer, so waiting less risks a second copy.
    `first_retry` doubles at each temporary failure up to `longest_retry`, until `give_up` has been waited in all.
    `lease` is how long a sender may be silent before others take its letters over. A letter that was under way in
    `crashes` senders as they died is not tried again: it may be what kills them.
    """

    doubt: Literal["retry", "hold"] = "retry"
    doubt_after: timedelta = timedelta(minutes=15)
    first_retry: timedelta = timedelta(minutes=5)
    longest_retry: timedelta = timedelta(hours=4)
    give_up: timedelta = timedelta(days=4)
    lease: timedelta = timedelta(minutes=30)
    crashes: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """Where a letter goes from here. `due_at` only when it will be tried again."""

    state: State
    doubts: int
    due_at: datetime | None = None


def fate(outcome: Outcome, *, attempts: int, doubts: int, doubtful: bool, now: datetime, policy: Policy) -> Fate:
    """What becomes of a letter after this `outcome` of its try number `attempts`.

    `doubts` counts the answers lost before; `doubtful` is whether it may have arrived already, by an answer or a
    sender lost: such a letter never counts as merely pending or expired again.
    """
    match outcome.verdict:
        case "accepted":
            return Fate(state=State.ACCEPTED, doubts=doubts)
        case "permanent":
            return Fate(state=State.REFUSED, doubts=doubts)
        case "ambiguous":
            return _in_doubt(doubts + 1, now, policy)
        case "temporary" if outcome.phase == "connect":  # as soon as the server is back, this letter goes
            return Fate(state=State.DOUBTFUL if doubtful else State.PENDING, doubts=doubts, due_at=now)
        case "temporary":
            return _later(attempts, doubts, doubtful, now, policy)


def fate_of_a_crash(*, crashes: int, doubts: int, now: datetime, policy: Policy) -> Fate:
    """What becomes of a letter that was under way when its sender died, and that `crashes` had not finished before:
    due at once, or held, or given up after too many."""
    if crashes + 1 >= policy.crashes:
        return Fate(state=State.UNCERTAIN, doubts=doubts)
    return Fate(state=State.DOUBTFUL, doubts=doubts, due_at=now if policy.doubt == "retry" else None)


def _in_doubt(doubts: int, now: datetime, policy: Policy) -> Fate:
    if doubts > 1:
        return Fate(state=State.UNCERTAIN, doubts=doubts)
    due_at = now + policy.doubt_after if policy.doubt == "retry" else None
    return Fate(state=State.DOUBTFUL, doubts=doubts, due_at=due_at)


def _later(attempts: int, doubts: int, doubtful: bool, now: datetime, policy: Policy) -> Fate:
    if _waited(attempts, policy) > policy.give_up:
        return Fate(state=State.UNCERTAIN if doubtful else State.EXPIRED, doubts=doubts)
    waiting = State.DOUBTFUL if doubtful else State.PENDING
    return Fate(state=waiting, doubts=doubts, due_at=now + _pause(attempts, policy))


def _pause(attempts: int, policy: Policy) -> timedelta:
    """How long to wait after try number `attempts`."""
    # A letter that was held back untried waits like one after its first try. Beyond 20 any pause is the longest, and a
    # timedelta may overflow.
    factor: int = 2 ** min(max(attempts, 1) - 1, 20)
    return min(policy.longest_retry, policy.first_retry * factor)


def _waited(attempts: int, policy: Policy) -> timedelta:
    """All pauses up to and with the one after try number `attempts`. Counted, not clocked: an hour in which this
    program did not run costs no letter its chance."""
    return sum((_pause(n, policy) for n in range(1, attempts + 1)), start=timedelta())
