"""The row of issues: each kept whole, so that its letters can be made again to the byte, and opened for all who get it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, Select, func, insert, literal, select, update

from digest.errors import UsageError
from digest.model import Issue, Letterhead, Membership, Page, Standing, State
from digest.store import counters, people, slots
from digest.store.engine import Database
from digest.store.tables import NEWSLETTER, Instant, delivery, issue, newsletter, step, subscriber, thread


class Issues:
    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        *,
        thread_id: int,
        page: Page,
        letterhead: Letterhead,
        reason: str,
        now: datetime,
        slot: str | None = None,
        short: Page | None = None,
    ) -> Issue:
        """In one transaction: keep the issue, publish its thread, and owe a letter to every active subscriber.

        `slot` is the local wall clock that it was made for ("2026-10-25T09:00"), None when a person sent it. A slot has
        one issue: who comes second gets the first one's. Raises UsageError for a thread that was already sent, and for
        a slot that is not open.
        """
        with self._database.write() as connection:
            _one_at_a_time(connection)
            if slot and (first := connection.execute(_issues().where(issue.c.slot == slot)).one_or_none()):
                return _issue(first)
            _refuse_a_second_time(connection, thread_id)
            made = Issue(
                number=(_last_number(connection) or 0) + 1,
                thread_id=thread_id,
                page=page,
                letterhead=letterhead,
                reason=reason,
                short=short,
            )
            id = _keep(connection, made, slot=slot, now=now)
            connection.execute(update(thread).where(thread.c.id == thread_id).values(standing=Standing.PUBLISHED))
            people.wake(connection, now, issue=made.number)
            _fan_out(connection, id, now)
            if slot:
                slots.made(connection, slot, issue=made.number, now=now)
        return made

    def get(self, number: int) -> Issue | None:
        with self._database.read() as connection:
            row = connection.execute(_issues().where(issue.c.number == number)).one_or_none()
        return _issue(row) if row else None

    def newest(self) -> int | None:
        """The number of the latest issue."""
        with self._database.read() as connection:
            return _last_number(connection)

    def listed(self) -> Sequence[tuple[int, int, datetime]]:
        """The number, the thread and the instant of each issue, newest first, without its page."""
        columns = (issue.c.number, issue.c.thread_id, issue.c.created_at)
        query = select(*columns).where(issue.c.newsletter_id == NEWSLETTER).order_by(issue.c.number.desc())
        with self._database.read() as connection:
            return [(row.number, row.thread_id, row.created_at) for row in connection.execute(query)]

    def all(self) -> Iterator[Issue]:
        """Every issue, oldest first."""
        for number in range(1, (self.newest() or 0) + 1):
            if found := self.get(number):
                yield found

    def release(self, thread_id: int) -> bool:
        """Let a thread's issue go that was kept back; False when none was."""
        held = issue.c.thread_id == thread_id, issue.c.held_at.is_not(None)
        freed = update(issue).where(issue.c.newsletter_id == NEWSLETTER, *held).values(held_at=None)
        with self._database.write() as connection:
            return connection.execute(freed).rowcount > 0

    def unfinished(self) -> Sequence[Issue]:
        """The issues with letters that will still go by themselves, oldest first. One held in doubt does not count, nor
        does any of an issue that was withdrawn, or is kept back."""
        earliest = select(func.min(delivery.c.due_at)).where(
            delivery.c.issue_id == issue.c.id, delivery.c.due_at.is_not(None)
        )
        in_hand = counters.in_hand(issue.c.id).scalar_subquery() > 0
        owed = in_hand | earliest.scalar_subquery().is_not(None)
        query = (
            _issues().where(owed, issue.c.withdrawn_at.is_(None), issue.c.held_at.is_(None)).order_by(issue.c.number)
        )
        with self._database.read() as connection:
            return [_issue(row) for row in connection.execute(query)]


def keep_back(connection: Connection, thread_id: int, *, now: datetime) -> None:
    """None of its issue's letters goes until it is released, and the archive does not show it. Where a letter may have left
    already, nothing happens: nobody else shall miss theirs."""
    begun = delivery.c.issue_id == issue.c.id, delivery.c.state.not_in((int(State.PENDING), int(State.WITHDRAWN)))
    theirs = update(issue).where(issue.c.newsletter_id == NEWSLETTER, issue.c.thread_id == thread_id)
    connection.execute(theirs.where(~select(delivery.c.state).where(*begun).exists()).values(held_at=now))


def _issues() -> Select[*tuple[object, ...]]:
    return select(*issue.c).where(issue.c.newsletter_id == NEWSLETTER)


def _issue(row: Row[*tuple[object, ...]]) -> Issue:
    return Issue(
        number=row.number,
        thread_id=row.thread_id,
        page=row.page,
        letterhead=row.letterhead,
        reason=row.reason,
        short=row.short,
    )


def _one_at_a_time(connection: Connection) -> None:
    """Makers of issues queue for the newsletter's row. SQLite drops the clause: there every writer queues anyway."""
    connection.execute(select(newsletter.c.id).where(newsletter.c.id == NEWSLETTER).with_for_update())


def _refuse_a_second_time(connection: Connection, thread_id: int) -> None:
    earlier = connection.scalar(
        select(issue.c.number).where(issue.c.newsletter_id == NEWSLETTER, issue.c.thread_id == thread_id)
    )
    if earlier is not None:
        raise UsageError(
            f"was already sent, as issue {earlier}",
            where=f"thread {thread_id}",
            then="A thread is never sent twice: choose another one.",
        )


def _last_number(connection: Connection) -> int | None:
    query = select(func.max(issue.c.number)).where(issue.c.newsletter_id == NEWSLETTER)
    last: int | None = connection.execute(query).scalar_one()
    return last


def _keep(connection: Connection, made: Issue, *, slot: str | None, now: datetime) -> int:
    row = {
        "newsletter_id": NEWSLETTER,
        "number": made.number,
        "thread_id": made.thread_id,
        "slot": slot,
        "page": made.page,
        "short": made.short,
        "letterhead": made.letterhead,
        "reason": made.reason,
        "created_at": now,
    }
    key = connection.execute(insert(issue).values(row)).inserted_primary_key
    return int(key[0]) if key else 0


def _fan_out(connection: Connection, id: int, now: datetime) -> None:
    """One statement, whatever the number of readers: 1,000,000 rows in about 1.5 s on SQLite."""
    readers = (
        select(literal(id), subscriber.c.id, literal(int(State.PENDING)), literal(now, Instant))
        .where(subscriber.c.newsletter_id == NEWSLETTER, subscriber.c.membership == Membership.ACTIVE)
        .order_by(subscriber.c.id)
    )
    opened = connection.execute(
        insert(delivery).from_select(["issue_id", "subscriber_id", "state", "due_at"], readers),
        execution_options={"preserve_rowcount": True},  # psycopg says -1 without it
    )
    connection.execute(insert(step).values(issue_id=id, pending=opened.rowcount))
