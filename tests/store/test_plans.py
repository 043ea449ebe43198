"""No step on a letter's way reads more of the ledger than the batch it moves, on either engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from digest.store import Store
from store.given import ACCEPTED, NOW, POLICY, listening, owe

READERS = 500
SENT = text(
    "INSERT INTO delivery (issue_id, subscriber_id, state)"
    " SELECT 1, 1000 * a.subscriber_id + b.subscriber_id, 3 FROM delivery a, delivery b WHERE b.subscriber_id <= 80"
)


@pytest.fixture
def big(store: Store) -> Store:
    """40,000 letters are sent, 500 are still owed, and the engine has counted its rows: in a small table, reading it
    whole is the right plan."""
    owe(store, READERS)
    with store._database.write() as connection:
        connection.execute(SENT)
        connection.execute(text("ANALYZE"))
    return store


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
def test_no_statement_scans_the_deliveries(big: Store, alone: bool) -> None:
    with listening(big) as heard:
        _way_of_a_batch(big)
        big.ledger.recover(now=NOW, policy=POLICY, alone=alone)
    plans = list(_plans(big, heard))
    assert len(plans) >= 8
    scans = [plan for _, plan in plans if "SCAN delivery" in plan or "Seq Scan on delivery" in plan]
    assert scans == []


def test_a_claim_walks_the_index_of_what_is_due(big: Store) -> None:
    with listening(big) as heard:
        big.ledger.claim(1, limit=50, now=NOW, policy=POLICY)
    (plan,) = [plan for statement, plan in _plans(big, heard) if "LIMIT" in statement]
    assert "delivery_due" in plan
    assert "TEMP B-TREE" not in plan, "sorted by the index, not by hand"
    assert "Sort" not in plan
