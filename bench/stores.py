"""Stores with one issue that is owed to so many readers, made once and copied for every lap."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, insert, literal, select

from bench import newsletter
from digest.model import Membership
from digest.store import open_store
from digest.store.engine import connect
from digest.store.tables import NEWSLETTER, Instant, subscriber


def fresh(folder: Path, *, readers: int) -> str:
    """The URL of a SQLite store that nobody has sent from yet. It takes the place of the last one."""
    copy = folder / "lap.sqlite3"
    for stale in folder.glob(f"{copy.name}*"):
        stale.unlink()
    shutil.copyfile(_filled(folder, readers), copy)
    return f"sqlite:///{copy}"


def populate(url: str, *, readers: int) -> None:
    """So many active readers in one statement: joining one by one is not what is measured here."""
    open_store(url).close()
    first = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = first.union_all(select(first.c.n + 1).where(first.c.n < readers))
    email = literal("reader-") + cast(numbers.c.n, Text) + "@example.net"
    row: dict[str, ColumnElement[Any]] = {
        "newsletter_id": literal(NEWSLETTER),
        "key": email,
        "email": email,
        "name": literal(""),
        "source": literal("bench"),
        "membership": literal(Membership.ACTIVE.value),
        "epoch": literal(0),
        "joined_at": literal(newsletter.WRITTEN, Instant),
    }
    database = connect(url)
    with database.write() as connection:
        connection.execute(insert(subscriber).from_select(list(row), select(*row.values())))
    database.engine.dispose()


def open_issue(url: str) -> None:
    """Keep the issue, and owe a letter to every reader."""
    store, issue = open_store(url), newsletter.issue()
    shelved = store.library.add(newsletter.thread(), raw=b"", now=newsletter.WRITTEN).shelved
    store.issues.create(
        thread_id=shelved.id, page=issue.page, letterhead=issue.letterhead, reason="", now=newsletter.WRITTEN
    )
    store.close()


@cache
def _filled(folder: Path, readers: int) -> Path:
    path = folder / f"filled-{readers}.sqlite3"
    populate(f"sqlite:///{path}", readers=readers)
    open_issue(f"sqlite:///{path}")
    return path
