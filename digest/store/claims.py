"""A letter in somebody's hand, and what becomes of its row: pure values and the lines that the moves take."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from digest.model import Membership, Outcome, Recipient, State
from digest.store.counters import Step, Taken
from digest.store.policy import UNTRIED, Policy, fate, fate_of_a_crash
from digest.store.script import Line, Told
from digest.store.tables import milliseconds
from digest.text import one_line

# As the driver gives them: a plain number hashes four times as fast as a State.
PENDING, CLAIMED, SENDING, ACCEPTED = map(int, (State.PENDING, State.CLAIMED, State.SENDING, State.ACCEPTED))
DOUBTFUL, WITHDRAWN, EXPIRED = map(int, (State.DOUBTFUL, State.WITHDRAWN, State.EXPIRED))
UNCERTAIN = int(State.UNCERTAIN)
STATE = 2  # its place in what is told of rows that are released, doubted or settled: after the issue and the version
FOUND = 3  # the state's place in a line of `moves.left_over`
# Places in a line of `moves.due`.
DUE, READER, MEMBERSHIP = 0, 1, 5
_WHO, _PAST = slice(READER, MEMBERSHIP), slice(MEMBERSHIP + 1, None)
Place = tuple[int, int]  # in the row of what is due: its instant in milliseconds, its reader
START: Place = (-1, 0)
_ACTIVE = Membership.ACTIVE.value
REPLY_LIMIT = 500  # characters of a server's answer that are kept


class Past(NamedTuple):
    """How rows stood as they were claimed: `state` while they waited, `version` since. `attempts` counts the earlier tries.

    Nearly all of an issue's letters share theirs, and what happens to those is worked out, noted and written once for all.
    """

    issue_id: int
    state: int
    version: int
    attempts: int
    doubts: int


@dataclass(slots=True, eq=False)
class Claim:
    """A letter in our hand: nobody else may send it while the version of its `past` stands.

    Like a cloakroom ticket, it equals nothing but itself: comparing values for every letter would cost its time, as
    freezing it would. Nobody changes one.
    """

    recipient: Recipient
    past: Past

    @property
    def doubtful(self) -> bool:
        """Whether the letter may have arrived already."""
        return self.past.state == DOUBTFUL


def claimed(issue_id: int, lines: Iterable[Line]) -> list[Claim]:
    """Of those lines of `moves.due` whose readers are still there."""
    active = [line for line in lines if line[MEMBERSHIP] == _ACTIVE]
    pasts = {told: Past(issue_id, *told) for told in {line[_PAST] for line in active}}
    return [Claim(Recipient._make(line[_WHO]), pasts[line[_PAST]]) for line in active]


def gone(issue_id: int, lines: Iterable[Line]) -> dict[Past, list[int]]:
    """The readers of the other lines."""
    left = defaultdict(list)
    for line in lines:
        if line[MEMBERSHIP] != _ACTIVE:
            left[Past(issue_id, *line[_PAST])].append(line[READER])
    return left


def alike(claims: Iterable[Claim]) -> dict[Past, list[Claim]]:
    """Those together that have the same past. Neighbours nearly always do, and need no looking up."""
    found: dict[Past, list[Claim]] = defaultdict(list)
    past: Past | None = None
    same: list[Claim] = []
    for claim in claims:
        if claim.past is not past:
            past = claim.past
            same = found[past]
        same.append(claim)
    return found


def place(lines: Iterable[Line]) -> Place:
    """The last one among lines of `moves.due`."""
    return max([(line[DUE], line[READER]) for line in lines], default=START)


def steps(before: int, moved: Told) -> list[Taken]:
    """Of rows that were in the state `before`; in which they are now was told of them."""
    counts = Counter[Step]()
    for what, readers in moved.items():
        counts[what[0], before, what[STATE]] += len(readers)
    return list(counts.items())


def untouched(line: Line) -> Line:
    """Of what was left over, one that had not started: it waits as before."""
    *key, _, doubts, crashes = line
    return (*key, DOUBTFUL if doubts + crashes else PENDING)


def doubted(line: Line, now: datetime, policy: Policy) -> Line:
    *key, _, doubts, crashes = line
    end = fate_of_a_crash(crashes=crashes, doubts=doubts, now=now, policy=policy)
    return (*key, int(end.state), milliseconds(end.due_at) if end.due_at else None)


def answers(heard: Sequence[tuple[Claim, Outcome]], *, now: datetime, policy: Policy) -> Told:
    """What outcomes make of letters, to be told to `moves.settle`."""
    told: dict[Line, list[int]] = defaultdict(list)
    at = milliseconds(now)
    for (past, outcome), readers in _same(heard).items():
        attempts = past.attempts + (outcome.phase not in UNTRIED)
        if outcome.verdict == "accepted":  # as nearly all are
            end: Line = (ACCEPTED, attempts, past.doubts, None, at)
        else:
            end = _end(past, outcome, attempts, now, policy)
        said = (outcome.phase, outcome.code, outcome.enhanced, _kept(outcome.reply))
        told[(past.issue_id, past.version + 1, *end, *said)] += readers
    return told


def _same(heard: Iterable[tuple[Claim, Outcome]]) -> dict[tuple[Past, Outcome], list[int]]:
    """The readers of whose letters the same is told; as with `alike`."""
    found: dict[tuple[Past, Outcome], list[int]] = defaultdict(list)
    past: Past | None = None
    said: Outcome | None = None
    readers: list[int] = []
    for claim, outcome in heard:
        if claim.past is not past or outcome is not said:
            past, said = claim.past, outcome
            readers = found[past, said]
        readers.append(claim.recipient.id)
    return found


def _end(past: Past, outcome: Outcome, attempts: int, now: datetime, policy: Policy) -> Line:
    doubtful = past.state == DOUBTFUL
    end = fate(outcome, attempts=attempts, doubts=past.doubts, doubtful=doubtful, now=now, policy=policy)
    due_at, settled_at = (milliseconds(end.due_at), None) if end.due_at else (None, milliseconds(now))
    return (int(end.state), attempts, end.doubts, due_at, settled_at)


def _kept(reply: str) -> str:
    plain = reply.isascii() and reply.isprintable() and "  " not in reply
    return (reply if plain else one_line(reply))[:REPLY_LIMIT]
