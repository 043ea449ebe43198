"""The ledger's two steps where one machine sends alone, each within a transaction: a claim, and a turn.

A claim writes nothing down: it is a note of its own, and the row moves when the letter starts. It does not know what an
answer means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Dialect
from sqlalchemy.engine.interfaces import DBAPICursor

from digest.store.claims import (
    READER,
    SENDING,
    START,
    WITHDRAWN,
    Claim,
    Past,
    Place,
    alike,
    claimed,
    gone,
    place,
    steps,
)
from digest.store.counters import Counters, Taken
from digest.store.moves import Moves, due
from digest.store.script import Given, Line, Told


class Alone:
    """For SQLite alone, where the transaction is the lock. Instants are milliseconds."""

    def __init__(self, dialect: Dialect, *, moves: Moves, counters: Counters) -> None:
        self._due, self._moves, self._counters = due(dialect), moves, counters
        self._picked = defaultdict[int, set[int]](set)  # by issue: the readers of claims that lie here
        self._reached: dict[int, Place] = {}  # how far claims came in an issue

    def claim(self, cursor: DBAPICursor, id: int, *, limit: int, now: int) -> list[Claim]:
        """Up to `limit` letters of the issue `id` that are due, earliest first. Those to readers who left are withdrawn."""
        while lines := self._next_due(cursor, id, limit=limit, now=now):
            claims = claimed(id, lines)
            if len(claims) < len(lines):
                for past, readers in gone(id, lines).items():
                    self._counters.bump(cursor, self._withdraw(cursor, past, readers, {"now": now}))
            if claims:
                return claims
        return []

    def turn(self, cursor: DBAPICursor, *, settled: Told, starting: Sequence[Claim], given: Given) -> list[Claim]:
        """Write `settled` down, as `moves.settle` takes it; start those of `starting` whose reader is still active, until
        `lease_until`, and withdraw the others. Returns what may go."""
        taken, going = steps(SENDING, self._moves.settle.move(cursor, settled)), list[Claim]()
        for past, claims in alike(starting).items():
            key, asked = (past.issue_id, past.version), {claim.recipient.id: claim for claim in claims}
            started = self._moves.start.move(cursor, {key: [*asked]}, given).get(key, ())
            taken.append(((past.issue_id, past.state, SENDING), len(started)))
            if len(started) < len(asked):
                taken += self._withdraw(cursor, past, sorted(asked.keys() - set(started)), given)
            going += [asked[reader] for reader in started]
        self._counters.bump(cursor, taken)
        return going

    def pick(self, claims: Iterable[Claim]) -> None:
        """They lie here from now on, so that no claim finds them again."""
        for past, same in alike(claims).items():
            self._picked[past.issue_id].update([claim.recipient.id for claim in same])

    def put_back(self, claims: Iterable[Claim]) -> None:
        """Their rows say again how they stand."""
        for past, same in alike(claims).items():
            self._picked[past.issue_id].difference_update([claim.recipient.id for claim in same])

    def forget(self) -> None:
        self._picked.clear()
        self._reached.clear()

    def _next_due(self, cursor: DBAPICursor, id: int, *, limit: int, now: int) -> list[Line]:
        """From where the last claim ended, since the way there is paved with what lies here. Then once more from the start."""
        reached, picked = self._reached.get(id, START), self._picked[id]
        for (after, beyond), more in {reached: 0, START: len(picked)}.items():
            asked = {"id": id, "now": now, "limit": limit + more, "after": after, "beyond": beyond}
            found = [line for line in self._due.run(cursor, asked) if line[READER] not in picked][:limit]
            if found:
                break
        self._reached[id] = place(found)
        return found

    def _withdraw(self, cursor: DBAPICursor, past: Past, readers: Sequence[int], given: Given) -> list[Taken]:
        told = {(past.issue_id, past.version): readers}
        moved = self._moves.withdraw.move(cursor, told, given)
        return [((past.issue_id, past.state, WITHDRAWN), sum(map(len, moved.values())))]
