"""Many senders and other users of one PostgreSQL: who lives keeps what it has, and nobody's slowness is everybody's."""

from __future__ import annotations

import itertools
import json
import os
import signal
import threading
import time
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import event, func, select, text

from digest.errors import StoreError
from digest.model import State
from digest.store import Store, engine, ledger, migrations, open_store
from digest.store.engine import connect
from digest.store.tables import step
from digest.store.upgrade import upgrade
from rig.postgres import Cluster
from store.given import ACCEPTED, NOW, POLICY, SECOND, listening, owe

LATER = NOW + POLICY.lease - SECOND
EXPIRED = NOW + POLICY.lease


def test_who_says_that_it_lives_keeps_what_it_has(store: Store) -> None:
    owe(store, 4)
    claims = store.ledger.claim(1, limit=4, now=NOW, policy=POLICY)
    store.ledger.turn(settled=[], starting=claims[:2], now=NOW, policy=POLICY)
    store.ledger.keep(now=LATER, policy=POLICY)
    assert store.ledger.recover(now=EXPIRED, policy=POLICY, alone=False).total == 0
    going = store.ledger.turn(settled=[(claims[0], ACCEPTED)], starting=claims[2:], now=EXPIRED, policy=POLICY)
    assert len(going) == 2


def test_what_was_given_back_or_settled_is_not_kept(store: Store) -> None:
    owe(store, 2)
    settled, back = store.ledger.claim(1, limit=2, now=NOW, policy=POLICY)
    store.ledger.turn(settled=[], starting=[settled], now=NOW, policy=POLICY)
    store.ledger.turn(settled=[(settled, ACCEPTED)], starting=[], now=NOW, policy=POLICY)
    store.ledger.release([back], now=NOW)
    assert not any(store.ledger._in_hand.values()), "a million of them would be in memory at the end"
    store.ledger.keep(now=LATER, policy=POLICY)
    assert store.ledger.tally(1).counts == {State.PENDING: 1, State.ACCEPTED: 1}
    assert store.ledger.recover(now=NOW, policy=POLICY, alone=True).total == 0


def test_what_another_took_over_is_not_kept(store: Store, url: str, open_at: Callable[[str], Store]) -> None:
    owe(store, 1)
    (ours,) = store.ledger.claim(1, limit=1, now=NOW, policy=POLICY)
    assert store.ledger.turn(settled=[], starting=[ours], now=NOW, policy=POLICY) == {ours}
    other = open_at(url)
    other.ledger.recover(now=EXPIRED, policy=POLICY, alone=False)
    (theirs,) = other.ledger.claim(1, limit=1, now=EXPIRED, policy=POLICY)
    store.ledger.keep(now=EXPIRED + POLICY.lease, policy=POLICY)
    assert store.ledger.turn(settled=[], starting=[ours], now=EXPIRED, policy=POLICY) == frozenset()
    assert other.ledger.turn(settled=[], starting=[theirs], now=EXPIRED, policy=POLICY) == {theirs}
    assert other.ledger.recover(now=EXPIRED + POLICY.lease, policy=POLICY, alone=False).total == 1


def test_steps_are_folded_and_still_add_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "FOLD", 5)
    owe(store, 60)
    while claims := store.ledger.claim(1, limit=2, now=NOW, policy=POLICY):
        going = store.ledger.turn(settled=[], starting=claims, now=NOW, policy=POLICY)
        store.ledger.turn(settled=[(one, ACCEPTED) for one in going], starting=[], now=NOW, policy=POLICY)
        assert store.ledger.tally(1).total == 60
    assert store.ledger.tally(1).counts == {State.ACCEPTED: 60}
    with store._database.read() as connection:
        assert (connection.scalar(select(func.count()).select_from(step)) or 0) <= 3 * 5 + 1


def test_what_is_due_before_the_last_claim_is_found_at_the_end(store: Store) -> None:
    """Put back by a machine whose clock is behind."""
    owe(store, 4)
    first = store.ledger.claim(1, limit=2, now=NOW, policy=POLICY)
    store.ledger.release(first, now=NOW - timedelta(hours=1))
    assert len(store.ledger.claim(1, limit=2, now=NOW, policy=POLICY)) == 2
    again = store.ledger.claim(1, limit=2, now=NOW, policy=POLICY)
    assert {one.recipient.id for one in again} == {one.recipient.id for one in first}


# ── PostgreSQL ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def shared(postgres_url: str, open_at: Callable[[str], Store]) -> Store:
    return open_at(postgres_url)


def _pages_of_a_claim(store: Store) -> int:
    """How many pages the next claim touches as it looks for what is due."""
    with listening(store) as heard:
        claims = store.ledger.claim(1, limit=50, now=NOW, policy=POLICY)
    store.ledger.release(claims, now=NOW)
    ((statement, given),) = [one for one in heard if "SKIP LOCKED" in one[0]]
    with store._database.read() as connection:
        explained = connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", given
        ).scalar_one()
    (plan,) = (part for part in explained[0]["Plan"]["Plans"] if part.get("Subplan Name") == "CTE chosen")
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])


def test_who_slept_past_its_lease_knows_that_it_may_be_too_late(store: Store) -> None:
    owe(store, 2)
    claims = store.ledger.claim(1, limit=2, now=NOW, policy=POLICY)
    store.ledger.turn(settled=[], starting=claims[:1], now=NOW, policy=POLICY)
    assert store.ledger.ours(now=LATER)
    assert not store.ledger.ours(now=EXPIRED)
    store.ledger.keep(now=EXPIRED, policy=POLICY)
    assert store.ledger.ours(now=EXPIRED)


def test_a_young_lease_does_not_hide_that_an_older_one_is_over(store: Store) -> None:
    owe(store, 2)
    for at in (NOW, NOW + POLICY.lease / 3):
        claims = store.ledger.claim(1, limit=1, now=at, policy=POLICY)
        store.ledger.turn(settled=[], starting=claims, now=at, policy=POLICY)
    assert store.ledger.ours(now=LATER)
    assert not store.ledger.ours(now=EXPIRED)


def test_nothing_is_started_under_a_lease_that_is_nearly_over(
    store: Store, url: str, open_at: Callable[[str], Store]
) -> None:
    """Nobody called `keep`, since we slept; the turn itself sees to it before another sender can take over."""
    owe(store, 3)
    early, *claims = store.ledger.claim(1, limit=3, now=NOW, policy=POLICY)
    store.ledger.turn(settled=[], starting=[early], now=NOW, policy=POLICY)
    assert store.ledger.turn(settled=[], starting=claims, now=LATER, policy=POLICY) == set(claims)
    assert open_at(url).ledger.recover(now=EXPIRED, policy=POLICY, alone=False).total == 0


def test_a_claim_stays_short_while_a_backup_holds_an_old_snapshot(shared: Store, postgres_url: str) -> None:
    import psycopg

    owe(shared, 5000)
    with psycopg.connect(postgres_url) as backup:
        backup.execute("ANALYZE delivery")
        backup.commit()
        backup.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        backup.execute("SELECT 1 FROM delivery LIMIT 1")
        _send(shared, 500)
        early = _pages_of_a_claim(shared)
        _send(shared, 4000)
        assert _pages_of_a_claim(shared) <= early + 20


def _send(store: Store, count: int) -> None:
    for _ in range(count // 250):
        claims = store.ledger.claim(1, limit=250, now=NOW, policy=POLICY)
        store.ledger.turn(settled=[], starting=claims, now=NOW, policy=POLICY)
        store.ledger.turn(settled=[(one, ACCEPTED) for one in claims], starting=[], now=NOW, policy=POLICY)


def test_a_sender_that_hangs_in_a_transaction_holds_up_nobody(
    shared: Store, postgres_url: str, open_at: Callable[[str], Store]
) -> None:
    owe(shared, 3)
    claims = shared.ledger.claim(1, limit=3, now=NOW, policy=POLICY)
    with shared._database.write() as hung:
        hung.execute(text("UPDATE delivery SET state = 2 WHERE subscriber_id = :id"), {"id": claims[0].recipient.id})
        assert open_at(postgres_url).ledger.recover(now=EXPIRED, policy=POLICY, alone=False).total == 2


def test_who_hangs_in_a_transaction_is_thrown_out(
    postgres_url: str, open_at: Callable[[str], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "IDLE_LIMIT", 0.2)
    store = open_at(postgres_url)
    with store._database.read() as hung:
        hung.execute(text("SELECT 1"))
        time.sleep(1)
        with pytest.raises(StoreError, match="we had fallen silent") as caught:
            hung.execute(text("SELECT 1"))
    assert caught.value.temporary


def test_all_who_share_a_store_go_by_its_clock(shared: Store, sqlite_store: Store) -> None:
    assert sqlite_store.time(NOW) == NOW
    assert abs((shared.time(NOW) - NOW).total_seconds()) > 1, "not by this machine's, which may be wrong"
    assert shared.time(NOW).utcoffset() == timedelta(0)


def test_a_step_waits_out_a_restart(own_cluster: Cluster) -> None:
    store = open_store(own_cluster.database())
    owe(store, 2)
    claims = store.ledger.claim(1, limit=2, now=NOW, policy=POLICY)
    own_cluster.stop("immediate")
    restart = threading.Timer(1, own_cluster.start)
    restart.start()
    assert store.ledger.turn(settled=[], starting=claims, now=NOW, policy=POLICY) == set(claims)
    restart.join()
    store.close()


def test_a_server_that_stays_away_is_named(own_cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "PATIENCE", 0.5)
    store = open_store(own_cluster.database())
    owe(store, 1)
    own_cluster.stop()
    try:
        with pytest.raises(StoreError, match="does not answer") as caught:
            store.ledger.claim(1, limit=2, now=NOW, policy=POLICY)
    finally:
        own_cluster.start()
    assert caught.value.temporary
    assert len(store.ledger.claim(1, limit=2, now=NOW, policy=POLICY)) == 1
    store.close()


# ── the step to this shape, with others at work ───────────────────────────────────────────────────


def _old_store(url: str) -> None:
    """A store of the first shape, with an issue's counters in it."""
    database = connect(url)
    database.keep_a_write_ahead_log()
    with database.write() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO tally (issue_id, pending, accepted) VALUES (7, 30, 12)"))
        columns = "id, newsletter_id, key, document, raw, standing, imported_at, headline, title, subject, preheader"
        for id, key in enumerate(("threadreader:1958152314914508893", f"threadreader:{'a' * 32}"), start=1):
            values = {
                "id": id,
                "key": key,
                "raw": zlib.compress(key.encode()),
                "document": json.dumps({"key": key, "source": "t", "posts": []}),
            }
            connection.execute(
                text(
                    f"INSERT INTO thread ({columns}) VALUES (:id, 1, :key, :document, :raw, 'waiting', 0, '', '', '', '')"
                ),
                values,
            )
    database.engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_many_who_start_at_once_upgrade_a_store_in_use_once(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/old.sqlite3" if kind == "sqlite" else request.getfixturevalue("empty_postgres_url")
    _old_store(url)
    reader = connect(url)
    with reader.read() as connection:  # an older program looks at its tally, and takes its time
        assert connection.execute(text("SELECT pending FROM tally")).scalar_one() == 30
        opened: list[Store] = []
        starting = [threading.Thread(target=lambda: opened.append(open_store(url))) for _ in range(6)]
        for thread in starting:
            thread.start()
        time.sleep(0.5)
    for thread in starting:
        thread.join(30)
    assert len(opened) == 6
    with opened[0]._database.read() as connection:
        assert connection.execute(select(step.c.issue_id, step.c.pending, step.c.accepted)).all() == [(7, 30, 12)]
    assert [one.thread.key for one in opened[0].library.shelf()] == [
        "x:1958152314914508893",
        f"threadreader:{'a' * 32}",
    ]
    assert [opened[0].originals.raw(id) for id in (1, 2)] == [
        b"threadreader:1958152314914508893",
        f"threadreader:{'a' * 32}".encode(),
    ]
    for one in opened:
        one.close()
    reader.engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_an_upgrade_that_is_killed_leaves_the_old_shape_and_can_be_made_again(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/old.sqlite3" if kind == "sqlite" else request.getfixturevalue("empty_postgres_url")
    _old_store(url)
    for statement in (20, 35, 50):
        assert _killed_at(url, statement) == signal.SIGKILL
    store = open_store(url)
    assert next(one.thread.key for one in store.library.shelf()) == "x:1958152314914508893"
    with store._database.read() as connection:
        assert connection.execute(select(step.c.issue_id, step.c.pending, step.c.accepted)).all() == [(7, 30, 12)]
    store.close()


def _killed_at(url: str, statement: int) -> int:
    """The signal that ended a process as its upgrade was to say so many statements."""
    if pid := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) * -1
    try:
        database, said = connect(url), itertools.count(1)

        def die(*_: object) -> None:
            if next(said) == statement:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(database.engine, "before_cursor_execute", die)
        upgrade(database)
    finally:
        os._exit(0)
