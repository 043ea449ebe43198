"""How many letters of an issue are in each state: the sum of the steps that were written in the transactions that moved
the letters. Counting a million rows anew takes half a second; this takes none, and no sender waits for another's."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import BigInteger, ColumnElement, Connection, Dialect, Select, bindparam, delete, func, insert, select
from sqlalchemy.engine.interfaces import DBAPICursor

from digest.model import State, Tally
from digest.store.script import Script
from digest.store.tables import step

Step = tuple[int, int, int]  # of a letter of this issue's row, from this state to that one
Taken = tuple[Step, int]  # and by how many letters
_NAMES = {int(state): state.name.lower() for state in State}
_NONE = dict.fromkeys(_NAMES.values(), 0)


class Counters:
    """Writes steps down."""

    def __init__(self, dialect: Dialect) -> None:
        self._add = Script(
            insert(step).values({"issue_id": bindparam("issue_id"), **{n: bindparam(n) for n in _NONE}}), dialect
        )
        gone = delete(step).where(step.c.issue_id == bindparam("id", type_=BigInteger()))
        self._clear = Script(gone.returning(*(step.c[name] for name in _NONE)), dialect)

    def bump(self, cursor: DBAPICursor, taken: Iterable[Taken]) -> None:
        """Write down steps and how many letters took each, a row for each issue."""
        deltas: dict[int, dict[str, int]] = {}
        for (issue_id, before, after), times in taken:
            if not times:
                continue
            counts = deltas.setdefault(issue_id, _NONE.copy())
            counts[_NAMES[before]] -= times
            counts[_NAMES[after]] += times
        for issue_id, counts in deltas.items():
            self._add.run(cursor, {"issue_id": issue_id, **counts})

    def fold(self, cursor: DBAPICursor, issue_id: int) -> None:
        """Make one row of an issue's many. Rows that others write meanwhile are left for the next time."""
        gone = self._clear.run(cursor, {"id": issue_id})
        if gone:
            sums = map(sum, zip(*gone, strict=True))
            self._add.run(cursor, {"issue_id": issue_id, **dict(zip(_NONE, sums, strict=True))})


def read(connection: Connection, issue_id: int) -> Tally:
    sums = [func.sum(step.c[name]) for name in _NAMES.values()]
    row = connection.execute(select(*sums).where(step.c.issue_id == issue_id)).one()
    return Tally(counts={state: count for state, count in zip(State, row, strict=True) if count})


def in_hand(issue_id: ColumnElement[int]) -> Select[int]:
    """How many letters of an issue some sender has, or had as it died."""
    return select(func.coalesce(func.sum(step.c.claimed + step.c.sending), 0)).where(step.c.issue_id == issue_id)
