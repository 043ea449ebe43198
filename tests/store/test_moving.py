"""A SQLite store that moves to PostgreSQL: all of it or nothing, and only when nobody is sending from it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from digest.errors import StoreError, UsageError
from digest.model import Membership, State
from digest.store import Store
from digest.store.tables import metadata
from rig.postgres import Cluster
from store.given import ACCEPTED, AMBIGUOUS, NOW, PERMANENT, POLICY, a_newcomer, a_thread, make_issue, readers

Open = Callable[[str], Store]


def ignore(_table: str, _rows: int) -> None:
    """Nobody looks on."""


@pytest.fixture
def full(sqlite_store: Store) -> Store:
    """A store with something in every table: two issues, letters in many states, readers who left and were erased."""
    store = sqlite_store
    store.library.add(a_thread("kept", text="Søren: 🥣 “wrong”"), raw=b"old", now=NOW)
    mended = a_thread("kept", text="Søren: 🥣 “quoted”\\n")
    store.library.add(mended, raw=b"\x00\xffraw", now=NOW, changes=["Post 1 was edited."])
    readers(store, 30)
    store.subscribers.remove("reader3@example.org", now=NOW, how="one click")
    make_issue(store)
    claims = store.ledger.claim(1, limit=20, now=NOW, policy=POLICY)
    store.ledger.turn(settled=[], starting=claims[:15], now=NOW, policy=POLICY)
    answers = [*zip(claims[:8], [ACCEPTED] * 8, strict=True), (claims[8], PERMANENT), (claims[9], AMBIGUOUS)]
    store.ledger.turn(settled=answers, starting=[], now=NOW, policy=POLICY)
    make_issue(store, key="k2", slot="2026-11-24T09:00")
    store.subscribers.erase("reader29@example.org")
    return store


def rows(store: Store) -> Iterator[list[tuple[object, ...]]]:
    with store._database.read() as connection:
        for table in metadata.sorted_tables:
            columns = [column for column in table.c if column.name not in ("moved_to", "home")]
            yield sorted((tuple(row) for row in connection.execute(select(*columns))), key=repr)


def test_every_row_arrives_as_it_was(full: Store, empty_postgres_url: str, open_at: Open) -> None:
    moved: dict[str, int] = {}
    full.move_to(empty_postgres_url, heard=moved.__setitem__)
    there = open_at(empty_postgres_url)
    assert list(rows(there)) == list(rows(full))
    assert moved["delivery"] == 29 + 29
    assert there.secret() == full.secret()
    assert there.issues.get(2) == full.issues.get(2)
    assert there.originals.raw(1) == b"\x00\xffraw"


def test_what_was_owed_is_delivered_from_there(full: Store, empty_postgres_url: str, open_at: Open) -> None:
    full.ledger.recover(now=NOW, policy=POLICY, alone=True)
    owed = full.ledger.tally(1).owed()
    full.move_to(empty_postgres_url, heard=ignore)
    there = open_at(empty_postgres_url)
    assert len(there.ledger.claim(1, limit=100, now=NOW + POLICY.doubt_after, policy=POLICY)) == owed - 1, (
        "1 was erased"
    )
    assert there.ledger.tally(2).counts == full.ledger.tally(2).counts == {State.PENDING: 29}


def test_numbers_go_on_and_an_erased_readers_is_not_given_again(
    full: Store, empty_postgres_url: str, open_at: Open
) -> None:
    full.move_to(empty_postgres_url, heard=ignore)
    there = open_at(empty_postgres_url)
    assert there.subscribers.add(a_newcomer("new"), now=NOW)[0].id == 31
    assert there.subscribers.add(a_newcomer("reader29"), now=NOW)[1] == "erased"
    assert make_issue(there, key="k3").number == 3
    assert there.subscribers.count(Membership.ACTIVE) == 29


def test_the_old_store_says_where_it_went(full: Store, empty_postgres_url: str, sqlite_url: str, open_at: Open) -> None:
    full.move_to(empty_postgres_url, heard=ignore)
    with pytest.raises(StoreError, match="was moved to postgresql://digest@/"):
        open_at(sqlite_url)


@pytest.mark.parametrize("table", ["newsletter", "subscriber", "delivery"])
def test_a_move_that_is_killed_leaves_nothing_and_can_be_made_again(
    full: Store, sqlite_url: str, empty_postgres_url: str, open_at: Open, table: str
) -> None:
    def die(name: str, _rows: int) -> None:
        if name == table:
            os._exit(9)

    pid = os.fork()
    if not pid:
        try:
            open_at(sqlite_url).move_to(empty_postgres_url, heard=die)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
    there = open_at(empty_postgres_url)
    assert there.subscribers.count(Membership.ACTIVE) == 0
    assert there.issues.newest() is None
    full.move_to(empty_postgres_url, heard=ignore)
    assert list(rows(there)) == list(rows(full))


def test_a_target_that_holds_something_is_refused(full: Store, empty_postgres_url: str, open_at: Open) -> None:
    open_at(empty_postgres_url).subscribers.add(a_newcomer("here"), now=NOW)
    with pytest.raises(UsageError, match="is not empty"):
        full.move_to(empty_postgres_url, heard=ignore)
    assert open_at(empty_postgres_url).subscribers.count(Membership.ACTIVE) == 1


def test_a_second_move_to_the_same_place_is_told_so(full: Store, empty_postgres_url: str) -> None:
    full.move_to(empty_postgres_url, heard=ignore)
    with pytest.raises(UsageError, match="holds this very store already"):
        full.move_to(empty_postgres_url, heard=ignore)


def test_a_move_the_other_way_is_refused(postgres_url: str, sqlite_url: str, open_at: Open) -> None:
    with pytest.raises(UsageError, match="is on PostgreSQL already"):
        open_at(postgres_url).move_to(sqlite_url, heard=ignore)


def test_a_store_that_moved_is_no_copy_and_goes_on_at_once(full: Store, empty_postgres_url: str, open_at: Open) -> None:
    assert full.home.enter() == ""
    full.move_to(empty_postgres_url, heard=ignore)
    assert open_at(empty_postgres_url).home.enter() == ""


def test_a_copy_that_moves_is_still_a_copy(full: Store, tmp_path: Path, empty_postgres_url: str, open_at: Open) -> None:
    full.home.enter()
    copied = tmp_path / "copied.sqlite3"
    full.close()
    shutil.copyfile(full.place, copied)
    open_at(f"sqlite:///{copied}").move_to(empty_postgres_url, heard=ignore)
    assert "it is a copy" in open_at(empty_postgres_url).home.enter()


def test_what_did_not_arrive_whole_is_not_kept(full: Store, cluster: Cluster, open_at: Open, sqlite_url: str) -> None:
    """A trigger of a careless administrator swallows a row on the way in."""
    import psycopg

    url = cluster.database()
    open_at(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE RULE swallow AS ON INSERT TO event WHERE new.id = 3 DO INSTEAD NOTHING")
    with pytest.raises(StoreError, match="event did not arrive whole"):
        full.move_to(url, heard=ignore)
    assert open_at(url).subscribers.count(Membership.ACTIVE) == 0
    assert open_at(sqlite_url).subscribers.count(Membership.ACTIVE) == 28
