"""Copies: a backup is whole while the store is at work, sends nothing by itself, and the next issue goes out from it."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from clock.conftest import Opened, Times, utc
from digest import publishing
from digest.cli import calendar
from digest.errors import UsageError
from digest.model import SlotState, State
from digest.store import open_store
from digest.store.subscribers import Newcomer
from rig.postgres import Cluster

NOW = utc("2026-11-24T08:00")


@pytest.fixture
def weekly(times: Opened) -> Times:
    made = times()
    made.adopt("2026-11-23T12:00")
    made.house.store.home.enter()
    return made


def restored(weekly: Times, times: Opened, *, folder: Path) -> Times:
    """The backup of before the slot, in the place of a store that has sent its issue meanwhile."""
    weekly.house.store.backup(folder / "backup", now=NOW)
    assert weekly.tick("2026-11-24T09:00") is not None
    weekly.house.close()
    for beside in ("-wal", "-shm"):
        (folder / f"digest.sqlite3{beside}").unlink(missing_ok=True)
    shutil.copyfile(folder / "backup", folder / "digest.sqlite3")
    return times(filled=False)


def test_a_restored_backup_sends_nothing_by_itself(weekly: Times, times: Opened, tmp_path: Path) -> None:
    """Though its slot passed only an hour ago: the original has sent it."""
    again = restored(weekly, times, folder=tmp_path)
    assert "restored from a backup of 2026-11-24 08:00 UTC" in again.house.store.home.enter()
    assert again.sweep("2026-11-24T10:00", "2026-12-08T10:00", every=timedelta(hours=1)) == []


def test_the_next_issue_goes_out_from_a_restored_backup(weekly: Times, times: Opened, tmp_path: Path) -> None:
    again = restored(weekly, times, folder=tmp_path)
    publishing.pass_over(again.house.store, now=utc("2026-11-24T10:00"))
    again.house.store.home.resume()
    assert again.house.store.home.enter() == ""
    made = again.sweep("2026-11-24T10:00", "2026-12-01T10:00", every=timedelta(hours=1))
    assert len(made) == 1
    assert again.states() == [("2026-12-01T09:00", SlotState.MADE)]
    assert again.house.store.ledger.tally(made[0].number).total == 1


def test_a_copy_made_by_hand_sends_nothing_either(weekly: Times, tmp_path: Path) -> None:
    weekly.house.close()
    shutil.copyfile(tmp_path / "digest.sqlite3", tmp_path / "copy.sqlite3")
    copy = open_store(f"sqlite:///{tmp_path}/copy.sqlite3")
    assert "it is a copy" in copy.home.enter()
    assert "it is a copy" in copy.home.enter(), "also when it is asked again"
    copy.home.resume()
    assert copy.home.enter() == ""
    copy.close()


def test_a_store_that_stays_where_it_is_goes_on(weekly: Times, tmp_path: Path) -> None:
    """Also when its folder is renamed."""
    weekly.house.close()
    (tmp_path / "moved").mkdir()
    (tmp_path / "digest.sqlite3").rename(tmp_path / "moved/digest.sqlite3")
    store = open_store(f"sqlite:///{tmp_path}/moved/digest.sqlite3")
    assert store.home.enter() == ""
    store.close()


def test_a_dump_in_another_database_is_a_copy(cluster: Cluster) -> None:
    """As `pg_restore` leaves it: all rows are there, the database is another."""
    one, two = open_store(cluster.database()), open_store(cluster.database())
    one.home.enter()
    with one._database.read() as here, two._database.write() as there:
        from sqlalchemy import select, update

        from digest.store.tables import newsletter

        there.execute(update(newsletter).values(home=here.scalar(select(newsletter.c.home))))
    assert one.home.enter() == ""
    assert "it is a copy" in two.home.enter()
    one.close()
    two.close()


def test_a_backup_is_whole_while_others_write(weekly: Times, tmp_path: Path) -> None:
    store, done = weekly.house.store, threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            number += 1
            names = [f"r{number}.{n}@example.org" for n in range(20)]
            store.subscribers.import_many([Newcomer(email=name, key=name) for name in names], now=NOW)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for copy in range(5):
            store.backup(tmp_path / f"copy{copy}", now=NOW)
    finally:
        done.set()
        writer.join()
    for copy in range(5):
        with sqlite3.connect(tmp_path / f"copy{copy}") as opened:
            assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert opened.execute("SELECT count(*) FROM subscriber").fetchone()[0] % 20 == 1, "no batch is cut in two"
        opened.close()


def test_a_backup_is_its_owners_alone_and_overwrites_nothing(weekly: Times, tmp_path: Path) -> None:
    weekly.house.store.backup(tmp_path / "backup", now=NOW)
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="already"):
        weekly.house.store.backup(tmp_path / "backup", now=NOW)


def test_a_backup_that_cannot_be_written_leaves_nothing(weekly: Times, tmp_path: Path) -> None:
    from digest.errors import StoreError

    with pytest.raises(StoreError, match="backup could not be written"):
        weekly.house.store.backup(tmp_path / "nowhere/backup", now=NOW)


def test_postgresql_says_what_makes_its_backups(cluster: Cluster, tmp_path: Path) -> None:
    store = open_store(cluster.database())
    with pytest.raises(UsageError, match="pg_dump --format=custom"):
        store.backup(tmp_path / "backup", now=NOW)
    store.close()


@pytest.mark.parametrize(("owed", "state"), [("send", State.PENDING), ("drop", State.EXPIRED)])
def test_resume_decides_what_becomes_of_letters_that_are_owed(weekly: Times, owed: str, state: State) -> None:
    weekly.tick("2026-11-24T09:00")
    weekly.house.store.home.stop("this store was restored")
    calendar.go_on(weekly.house, owed=owed)
    assert weekly.house.store.home.stopped() == ""
    assert [line.state for line in weekly.house.store.ledger.deliveries(1)] == [state]


def test_resume_asks_a_script_what_it_means(weekly: Times) -> None:
    weekly.tick("2026-11-24T09:00")
    weekly.house.store.home.stop("this store was restored")
    with pytest.raises(UsageError, match="--owed send, or --owed drop"):
        calendar.go_on(weekly.house, owed=None)
    assert weekly.house.store.home.stopped()
