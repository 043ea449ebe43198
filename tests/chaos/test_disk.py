"""The disk and the file of the store go wrong in mid-send: nothing leaves that cannot be written down, and it goes on after."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chaos.conftest import Founded, Trial, some
from digest.model import State
from digest.store import engine

READERS, CONNECTIONS = 200, 4
RATE = {"SMTP_RATE": 60, "SMTP_CONNECTIONS": CONNECTIONS}
IN_FLIGHT = CONNECTIONS


def _fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 512)
        except OSError:
            return ballast


def _goes_on(made: Trial) -> None:
    """What the server took stands in the ledger as accepted or under way, and one more send completes the rest."""
    assert made.is_intact()
    sent, states = made.copies(), made.states()
    assert {states[email] for email in sent} <= {State.ACCEPTED, State.SENDING}
    assert len(sent) < READERS, "it was over before anything went wrong"
    said = made.digest("send", "--yes")
    assert said.code == 0, said
    assert set(made.copies()) == set(some(READERS))
    assert made.copies().total() - READERS <= IN_FLIGHT
    assert made.tally().counts == {State.ACCEPTED: READERS}


def test_before_the_send_a_full_disk_lets_nothing_out(trial: Founded, small_disk: Path) -> None:
    made = trial(some(READERS), at=small_disk / "digest.sqlite3")
    ballast = _fill(small_disk)
    said = made.digest("send", "--yes")
    assert said.code == 1
    assert "Free some space" in said.sentence
    assert not made.receiver.accepted
    ballast.unlink()
    assert made.digest("send", "--yes").code == 0
    assert made.copies() == dict.fromkeys(some(READERS), 1)


def test_a_disk_that_fills_up_in_mid_send_stops_it(trial: Founded, small_disk: Path) -> None:
    made = trial(some(READERS), RATE, at=small_disk / "digest.sqlite3")
    sender = made.start()
    made.wait_for_progress(10)
    ballast = _fill(small_disk)
    said = made.end(sender)
    ballast.unlink()
    assert said.code == 1
    assert said.sentence.endswith("the disk is full. Free some space and run it again; nothing is lost.")
    assert "Traceback" not in said.err
    _goes_on(made)


def test_a_disk_that_fails_in_mid_send_stops_it(trial: Founded) -> None:
    """No file of the sender may grow any more, which SQLite hears as a failed write."""
    made = trial(some(READERS), RATE)
    sender = made.start()
    made.wait_for_progress(10)
    resource.prlimit(sender.pid, resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
    said = made.end(sender)
    assert said.code == 1
    assert said.sentence.endswith("the disk failed. Check the disk, then run it again.")
    assert "Traceback" not in said.err
    _goes_on(made)


def _while_locked(made: Trial, *, until: Callable[[], bool]) -> threading.Thread:
    """Another program takes the file after ten letters, and keeps it."""

    def hold() -> None:
        with closing(sqlite3.connect(made.file, isolation_level=None, timeout=10)) as holder:
            made.wait_for_progress(10)
            holder.execute("BEGIN IMMEDIATE")
            made.wait(until)

    thread = threading.Thread(target=hold)
    thread.start()
    return thread


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock is waited for 0.4 seconds, not ten."""
    pragmas = tuple("PRAGMA busy_timeout = 400" if "busy" in pragma else pragma for pragma in engine._PRAGMAS)
    monkeypatch.setattr(engine, "_PRAGMAS", pragmas)


@pytest.mark.usefixtures("impatient")
def test_a_store_that_stays_locked_in_mid_send_stops_it(trial: Founded) -> None:
    made = trial(some(READERS), RATE)
    over = threading.Event()
    holder = _while_locked(made, until=over.is_set)
    try:
        said = made.digest("send", "--yes")
    finally:
        over.set()
        holder.join()
    assert said.code == 1
    assert "is locked by another program" in said.sentence
    _goes_on(made)


def test_a_lock_that_is_given_back_in_time_is_waited_for(trial: Founded) -> None:
    made = trial(some(READERS), RATE | {"SMTP_RATE": 200})
    held = threading.Event()
    threading.Timer(4, held.set).start()
    holder = _while_locked(made, until=held.is_set)
    said = made.digest("send", "--yes")
    holder.join()
    assert said.code == 0, said
    assert made.copies() == dict.fromkeys(some(READERS), 1)


def _read_only(file: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", file.parent], check=True)


def _corrupt(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    file.write_bytes(data)


def _no_database(file: Path) -> None:
    file.write_bytes(b"this is no database " * 500)


def _gone(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    ("ruin", "what"),
    [
        (_read_only, "writable for this user"),
        (_corrupt, "is damaged"),
        (_no_database, "is not a SQLite database"),
        (_gone, "cannot be opened"),
    ],
)
def test_from_a_store_that_cannot_be_used_nothing_leaves(
    trial: Founded, small_disk: Path, ruin: Callable[[Path], None], what: str
) -> None:
    made = trial(some(5), at=small_disk / "digest.sqlite3")
    ruin(made.file)
    said = made.digest("send", "--yes")
    assert said.code == 1
    assert len(said.err.strip().splitlines()) == 1
    assert what in said.err
    assert not made.receiver.greeted
