"""How many letters of an issue are in each state: the sum of the steps that were written in the transactions that moved
the letters. Counting a million rows anew takes half a second; this takes none, and no sender waits for another's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select

from digest.model import State, Tally
from digest.store.tables import step

Steps = Counter[tuple[int, int, int]]  # how many letters of an issue's row went from one state to another
_NAMES = {int(state): state.name.lower() for state in State}


def steps(before: State, moved: Iterable[Row[*tuple[Any, ...]]]) -> Steps:
    """The steps of letters that were `before`; each row tells issue, subscriber and the state now."""
    start = int(before)  # a plain number hashes four times as fast as a State
    return Counter((issue_id, start, state) for issue_id, _, state in moved)


def bump(connection: Connection, taken: Steps) -> None:
    """Write down steps, a row for each issue."""
    deltas: dict[int, Counter[str]] = {}
    for (issue_id, before, after), times in taken.items():
        counts = deltas.setdefault(issue_id, Counter())
        counts[_NAMES[before]] -= times
        counts[_NAMES[after]] += times
    for issue_id, counts in deltas.items():
        connection.execute(insert(step), [dict.fromkeys(_NAMES.values(), 0) | counts | {"issue_id": issue_id}])


def fold(connection: Connection, issue_id: int) -> None:
    """Make one row of an issue's many. Rows that others write meanwhile are left for the next time."""
    columns = [step.c[name] for name in _NAMES.values()]
    gone = connection.execute(delete(step).where(step.c.issue_id == issue_id).returning(*columns)).all()
    if gone:
        sums = {name: sum(counts) for name, counts in zip(_NAMES.values(), zip(*gone, strict=True), strict=True)}
        connection.execute(insert(step).values(issue_id=issue_id, **sums))


def read(connection: Connection, issue_id: int) -> Tally:
    sums = [func.sum(step.c[name]) for name in _NAMES.values()]
    row = connection.execute(select(*sums).where(step.c.issue_id == issue_id)).one()
    return Tally(counts={state: count for state, count in zip(State, row, strict=True) if count})


def in_hand(issue_id: ColumnElement[int]) -> Select[int]:
    """How many letters of an issue some sender has, or had as it died."""
    return select(func.coalesce(func.sum(step.c.claimed + step.c.sending), 0)).where(step.c.issue_id == issue_id)
