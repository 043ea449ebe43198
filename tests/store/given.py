"""What the store's tests start from: a few values, and a store with readers and an issue that owes them letters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPICursor

from digest.model import Appointment, Headline, Issue, Letterhead, Marks, Outcome, Page, Post, Slot, SlotState, Thread
from digest.store import Store
from digest.store.policy import Policy
from digest.store.subscribers import Newcomer

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
POLICY = Policy()
ACCEPTED = Outcome(verdict="accepted", phase="dot", code=250, enhanced="2.0.0", reply="queued as 4F2A")
TEMPORARY = Outcome(verdict="temporary", phase="rcpt", code=451, enhanced="4.7.1", reply="greylisted")
PERMANENT = Outcome(verdict="permanent", phase="rcpt", code=550, enhanced="5.1.1", reply="no such user")
AMBIGUOUS = Outcome(verdict="ambiguous", phase="dot", reply="the connection was lost")


def a_thread(key: str = "k1", *, text: str = "Müsli, and why.\n🥣") -> Thread:
    return Thread(key=key, source="text", posts=(Post(number=1, text=text, created_at=NOW),))


def a_page() -> Page:
    called = Headline(title="Müsli", subject="Why müsli", preheader="A thread about breakfast")
    return Page(headline=called, html="<p>é\r\n</p>", text="é\n", mjml="<mjml/>", marks=Marks(nonce="00ff"), lang="en")


def a_letterhead() -> Letterhead:
    return Letterhead(
        name="The Digest",
        from_address="digest@example.org",
        list_address="digest@example.org",
        domain="example.org",
        date=NOW,
        verp=True,
    )


def a_newcomer(name: str, *, source: str = "form") -> Newcomer:
    return Newcomer(email=f"{name}@example.org", key=f"{name.casefold()}@example.org", name=name, source=source)


def readers(store: Store, count: int) -> None:
    store.subscribers.import_many((a_newcomer(f"reader{n}") for n in range(count)), now=NOW)


def make_issue(store: Store, *, key: str = "k1", slot: str | None = None) -> Issue:
    shelved = store.library.add(a_thread(key), raw=b"raw", now=NOW).shelved
    if slot:
        store.slots.come([Appointment(slot=Slot(key=slot, at=NOW), state=SlotState.DUE)], now=NOW)
    return store.issues.create(
        thread_id=shelved.id, page=a_page(), letterhead=a_letterhead(), reason="Pinned.", now=NOW, slot=slot
    )


def owe(store: Store, count: int) -> int:
    """The number of an issue that owes a letter to each of `count` readers."""
    readers(store, count)
    return make_issue(store).number


@contextmanager
def listening(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that the store sends meanwhile, through SQLAlchemy or by hand, with its parameters."""
    database, heard = store._database, list[tuple[str, Any]]()
    by_hand, at_once = database.by_hand, database.at_once

    def hear(_connection: object, _cursor: object, statement: str, given: Any, *_: object) -> None:
        heard.append((statement, given))

    @contextmanager
    def heard_by_hand() -> Iterator[DBAPICursor]:
        with by_hand() as cursor:
            yield cast(DBAPICursor, _Heard(cursor, heard))

    @contextmanager
    def heard_at_once() -> Iterator[DBAPICursor]:
        with at_once() as cursor:
            yield cast(DBAPICursor, _Heard(cursor, heard))

    event.listen(database.engine, "before_cursor_execute", hear)
    database.by_hand = heard_by_hand  # type: ignore[method-assign]
    database.at_once = heard_at_once  # type: ignore[method-assign]
    yield heard
    del database.by_hand, database.at_once
    event.remove(database.engine, "before_cursor_execute", hear)


class _Heard:
    """A cursor of the driver whose statements are noted."""

    def __init__(self, cursor: DBAPICursor, heard: list[tuple[str, Any]]) -> None:
        self._cursor, self._heard = cursor, heard

    def execute(self, statement: str, given: Any) -> None:
        self._heard.append((statement, tuple(given) if isinstance(given, list) else given))
        self._cursor.execute(statement, given)

    def executemany(self, statement: str, given: Any) -> None:
        self._heard += [(statement, tuple(one)) for one in given]
        self._cursor.executemany(statement, given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)
