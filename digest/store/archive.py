"""What the public may read of what went out: every issue that was not withdrawn or kept back. It makes no page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Row, func, select, type_coerce, update

from digest.model import BackIssue, Page
from digest.store.engine import Database
from digest.store.tables import NEWSLETTER, issue, thread

_STANDING = (issue.c.newsletter_id == NEWSLETTER, issue.c.withdrawn_at.is_(None))
_OPEN = (*_STANDING, issue.c.held_at.is_(None))


class Archive:
    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> Sequence[BackIssue]:
        """Every issue that is open to the public, oldest first. Reads no page whole."""
        page, head = type_coerce(issue.c.page, JSON), type_coerce(issue.c.letterhead, JSON)
        query = (
            select(
                issue.c.number,
                issue.c.created_at,
                page["headline"]["title"].as_string().label("title"),
                page["headline"]["preheader"].as_string().label("preheader"),
                page["lang"].as_string().label("lang"),
                head["domain"].as_string().label("domain"),
                thread.c.document,
            )
            .join(thread, thread.c.id == issue.c.thread_id)
            .where(*_OPEN)
            .order_by(issue.c.number)
        )
        with self._database.read() as connection:
            return [_back_issue(row) for row in connection.execute(query)]

    def page(self, number: int) -> Page | None:
        """The page of an issue as it was sent, its marks still in it; None when there is none, or it was withdrawn."""
        with self._database.read() as connection:
            found: Page | None = connection.scalar(select(issue.c.page).where(*_OPEN, issue.c.number == number))
        return found

    def edition(self) -> tuple[int, int]:
        """What changes whenever the archive does: its newest number, and how many issues it shows."""
        with self._database.read() as connection:
            newest, count = connection.execute(select(func.max(issue.c.number), func.count()).where(*_OPEN)).one()
        return newest or 0, count

    def is_withdrawn(self, number: int) -> bool:
        query = select(issue.c.withdrawn_at).where(issue.c.newsletter_id == NEWSLETTER, issue.c.number == number)
        with self._database.read() as connection:
            return connection.scalar(query) is not None

    def withdraw(self, thread_id: int, *, now: datetime) -> bool:
        """The thread's issue leaves the archive, at once and for good. True when it was there until now."""
        taken = (
            update(issue)
            .where(*_STANDING, issue.c.thread_id == thread_id)
            .values(withdrawn_at=now)
            .returning(issue.c.id)
        )
        with self._database.write() as connection:
            return connection.execute(taken).one_or_none() is not None


def _back_issue(row: Row[*tuple[Any, ...]]) -> BackIssue:
    return BackIssue(
        number=row.number,
        title=row.title,
        preheader=row.preheader,
        lang=row.lang,
        author=row.document.author,
        date=row.created_at,
        domain=row.domain,
    )
