"""A letter in somebody's hand, and what becomes of its row: pure values and the lines that the moves take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from digest.model import Kind, Outcome, Recipient, State
from digest.store.policy import UNTRIED, Policy, fate, fate_of_a_crash
from digest.store.script import Line
from digest.store.tables import milliseconds
from digest.text import one_line

# As the driver gives them: a plain number hashes four times as fast as a State.
PENDING, CLAIMED, SENDING, ACCEPTED = map(int, (State.PENDING, State.CLAIMED, State.SENDING, State.ACCEPTED))
DOUBTFUL, WITHDRAWN, EXPIRED = map(int, (State.DOUBTFUL, State.WITHDRAWN, State.EXPIRED))
UNCERTAIN = int(State.UNCERTAIN)
STATE = 3  # its place in a line of what is left over, released, doubted or settled: after the key
REPLY_LIMIT = 500  # characters of a server's answer that are kept


@dataclass(slots=True, kw_only=True, eq=False)
class Claim:
    """A letter in our hand: nobody else may send it while `version` stands. `attempts` counts the earlier tries.

    Like a cloakroom ticket, it equals nothing but itself: comparing values for every letter would cost its time, as
    freezing it would. Nobody changes one.
    """

    issue: int
    recipient: Recipient
    attempts: int
    doubts: int
    doubtful: bool
    version: int


class Due(NamedTuple):
    """A line of `moves.due`."""

    due: int
    subscriber_id: int
    state: int
    version: int
    attempts: int
    doubts: int
    email: str
    epoch: int
    kind: Kind
    membership: str


def waited(claim: Claim) -> int:
    """In which state a row was before it was claimed."""
    return DOUBTFUL if claim.doubtful else PENDING


def untouched(line: Line) -> Line:
    """Of what was left over, one that had not started: it waits as before."""
    *key, _, doubts, crashes = line
    return (*key, DOUBTFUL if doubts + crashes else PENDING)


def doubted(line: Line, now: datetime, policy: Policy) -> Line:
    *key, _, doubts, crashes = line
    end = fate_of_a_crash(crashes=crashes, doubts=doubts, now=now, policy=policy)
    return (*key, int(end.state), milliseconds(end.due_at) if end.due_at else None)


def claimed(number: int, line: Due) -> Claim:
    return Claim(
        issue=number,
        recipient=Recipient(line.subscriber_id, line.email, line.epoch, line.kind),
        attempts=line.attempts,
        doubts=line.doubts,
        doubtful=line.state == DOUBTFUL,
        version=line.version,
    )


def answered(claim: Claim, outcome: Outcome, now: datetime, policy: Policy) -> tuple[object, ...]:
    """What an outcome makes of a letter, in the order of `moves.SETTLED`."""
    attempts = claim.attempts + (outcome.phase not in UNTRIED)
    if outcome.verdict == "accepted":  # as nearly all are
        said = (outcome.phase, outcome.code, outcome.enhanced, _kept(outcome.reply))
        return (ACCEPTED, attempts, claim.doubts, None, milliseconds(now), *said)
    end = fate(outcome, attempts=attempts, doubts=claim.doubts, doubtful=claim.doubtful, now=now, policy=policy)
    return (
        int(end.state),
        attempts,
        end.doubts,
        milliseconds(end.due_at) if end.due_at else None,
        None if end.due_at else milliseconds(now),
        outcome.phase,
        outcome.code,
        outcome.enhanced,
        _kept(outcome.reply),
    )


def _kept(reply: str) -> str:
    plain = reply.isascii() and reply.isprintable() and "  " not in reply
    return (reply if plain else one_line(reply))[:REPLY_LIMIT]
