"""Which issues the editor has still to hear of, and what happened among the readers meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Select, func, or_, select, update

from digest.model import Letter, Membership
from digest.store import letterbox
from digest.store.engine import Database
from digest.store.tables import NEWSLETTER, bounce, event, issue, subscriber

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Since the issue before: who came and still reads, who left; and how many letters of this issue came back."""

    new: int
    left: int
    bounced: int


class Reports:
    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self) -> Sequence[tuple[int, datetime]]:
        """The number of each issue without a report, and when it was made; oldest first."""
        query = _issues().where(issue.c.reported_at.is_(None)).order_by(issue.c.number)
        with self._database.read() as connection:
            return [(row.number, row.created_at) for row in connection.execute(query)]

    def send(self, number: int, letter: Letter, *, now: datetime) -> None:
        """Keep the report to be sent, unless somebody did meanwhile."""

        def step(connection: Connection) -> None:
            ours = issue.c.newsletter_id == NEWSLETTER, issue.c.number == number, issue.c.reported_at.is_(None)
            if connection.execute(update(issue).where(*ours).values(reported_at=now)).rowcount:
                letterbox.post(connection, "report", letter, now=now)

        self._database.insist(step)

    def people(self, number: int) -> People:
        with self._database.read() as connection:
            before = connection.scalar(
                select(issue.c.created_at).where(issue.c.newsletter_id == NEWSLETTER, issue.c.number == number - 1)
            )
            since = before or _BEGINNING
            came = or_(subscriber.c.joined_at > since, subscriber.c.consented_at > since)
            new = _readers().where(subscriber.c.membership == Membership.ACTIVE, came)
            left = select(func.count()).where(event.c.what == "left", event.c.at > since)
            bounced = select(func.count()).where(bounce.c.issue == number, bounce.c.kind.in_(("hard", "soft")))
            counts = [int(connection.execute(query).scalar_one()) for query in (new, left, bounced)]
        return People(new=counts[0], left=counts[1], bounced=counts[2])


def _issues() -> Select[*tuple[object, ...]]:
    return select(issue.c.number, issue.c.created_at).where(issue.c.newsletter_id == NEWSLETTER)


def _readers() -> Select[int]:
    return select(func.count()).select_from(subscriber).where(subscriber.c.newsletter_id == NEWSLETTER)
