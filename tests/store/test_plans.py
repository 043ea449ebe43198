"""No step on a letter's way reads more of the ledger than the batch it moves, on either engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from digest.store import Store
from store.given import ACCEPTED, NOW, POLICY, owe

READERS = 5000


@contextmanager
def _listening(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that the store sends meanwhile."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, statement: str, given: Any, *_: object) -> None:
        heard.append((statement, given))

    event.listen(store._database.engine, "before_cursor_execute", hear)
    yield heard
    event.remove(store._database.engine, "before_cursor_execute", hear)


def _way_of_a_batch(store: Store) -> None:
    claims = store.ledger.claim(1, limit=50, now=NOW, policy=POLICY)
    store.ledger.turn(settled=[], starting=claims[:40], now=NOW, policy=POLICY)
    store.ledger.turn(settled=[(one, ACCEPTED) for one in claims[:30]], starting=[], now=NOW, policy=POLICY)
    store.ledger.release(claims[45:], now=NOW)
    store.ledger.recover(now=NOW + POLICY.lease, policy=POLICY, alone=False)
    store.ledger.next_due(1)
    store.issues.unfinished()
    store.subscribers.erase("reader7@example.org")


def _plans(store: Store, heard: list[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    word = "EXPLAIN QUERY PLAN" if store._database.path else "EXPLAIN"
    with store._database.read() as connection:
        for statement, given in heard:
            if "delivery" in statement:
                rows = connection.exec_driver_sql(f"{word} {statement}", given).all()
                yield statement, "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("alone", [True, False])
def test_no_statement_scans_the_deliveries(store: Store, alone: bool) -> None:
    owe(store, READERS)
    with store._database.write() as connection:
        connection.execute(text("ANALYZE"))
    with _listening(store) as heard:
        _way_of_a_batch(store)
        store.ledger.recover(now=NOW, policy=POLICY, alone=alone)
    plans = list(_plans(store, heard))
    assert len(plans) >= 9
    scans = [plan for _, plan in plans if "SCAN delivery" in plan or "Seq Scan on delivery" in plan]
    assert scans == []


def test_a_claim_walks_the_index_of_what_is_due(store: Store) -> None:
    owe(store, READERS)
    with store._database.write() as connection:
        connection.execute(text("ANALYZE"))
    with _listening(store) as heard:
        store.ledger.claim(1, limit=50, now=NOW, policy=POLICY)
    (plan,) = [plan for statement, plan in _plans(store, heard) if statement.startswith("SELECT")]
    assert "delivery_due" in plan
    assert "TEMP B-TREE" not in plan, "sorted by the index, not by hand"
    assert "Sort" not in plan
