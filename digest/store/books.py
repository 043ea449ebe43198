"""What the ledger says of an issue's letters, without touching one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from digest.errors import NotFound
from digest.model import State, Tally
from digest.store import counters
from digest.store.engine import Database
from digest.store.tables import NEWSLETTER, delivery, issue, subscriber

PAGE = 1000  # deliveries read at once for a list


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One line of the report. `email` is "" for an erased reader, `code` 0 while no server has answered."""

    subscriber_id: int
    email: str
    state: State
    attempts: int
    due_at: datetime | None
    settled_at: datetime | None
    phase: str
    code: int
    enhanced: str
    reply: str


class Books:
    """The ledger of one newsletter, to be read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows: dict[int, int] = {}  # an issue's number to its row, which never changes

    def tally(self, number: int) -> Tally:
        """How many letters of an issue are in each state: one row, however long the list."""
        id = self._id(number)
        return self._database.insist_on_reading(lambda connection: counters.read(connection, id))

    def next_due(self, number: int) -> datetime | None:
        """When the earliest waiting letter of an issue is due; None when none waits."""
        due = delivery.c.due_at
        query = select(func.min(due)).where(delivery.c.issue_id == self._id(number), due.is_not(None))
        earliest: datetime | None = self._database.insist_on_reading(lambda c: c.execute(query).scalar_one())
        return earliest

    def untried(self, number: int) -> bool:
        """Whether an issue owes a letter that was never tried."""
        id = self._id(number)
        with self._database.read() as connection:
            waiting = delivery.c.issue_id == id, delivery.c.due_at.is_not(None)
            first = connection.scalar(
                select(delivery.c.subscriber_id).where(*waiting, delivery.c.attempts == 0).limit(1)
            )
        return first is not None

    def deliveries(self, number: int, state: State | None = None) -> Iterator[Delivery]:
        """Every delivery of an issue, or those in `state`, in the order of joining; a page at a time."""
        last = 0
        while page := self._page(number, state, after=last):
            yield from page
            last = page[-1].subscriber_id

    def _page(self, number: int, state: State | None, *, after: int) -> list[Delivery]:
        id = self._id(number)
        with self._database.read() as connection:
            query = _lines(id).where(delivery.c.subscriber_id > after)
            rows = connection.execute(query if state is None else query.where(delivery.c.state == int(state)))
            return [_delivery(row) for row in rows]

    def _id(self, number: int) -> int:
        if number not in self._rows:
            query = select(issue.c.id).where(issue.c.newsletter_id == NEWSLETTER, issue.c.number == number)
            found = self._database.insist_on_reading(lambda connection: connection.scalar(query))
            if found is None:
                raise NotFound("there is no such issue", where=str(number), then="See `digest issues` for the numbers.")
            self._rows[number] = found
        return self._rows[number]


def _lines(id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(*delivery.c, subscriber.c.email)
        .select_from(delivery.outerjoin(subscriber, subscriber.c.id == delivery.c.subscriber_id))
        .where(delivery.c.issue_id == id)
        .order_by(delivery.c.subscriber_id)
        .limit(PAGE)
    )


def _delivery(row: Row[*tuple[Any, ...]]) -> Delivery:
    return Delivery(
        subscriber_id=row.subscriber_id,
        email=row.email or "",
        state=State(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        settled_at=row.settled_at,
        phase=row.phase or "",
        code=row.code or 0,
        enhanced=row.enhanced or "",
        reply=row.reply or "",
    )
