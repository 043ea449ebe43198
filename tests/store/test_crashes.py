"""Senders that are killed, and senders that work side by side. The judge is what reached the wire, not the ledger."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from digest.model import State
from digest.store import Store, open_store
from digest.store.ledger import Claim
from store.given import ACCEPTED, NOW, POLICY, owe

BATCH = 20
READERS = 1500
KILLS = 8


def _fork(work: Callable[[], None]) -> int:
    """Run `work` in a process of its own, which never comes back into the test."""
    if pid := os.fork():
        return pid
    try:
        work()
    finally:
        os._exit(0)


def _deliver(store: Store, wire: Path) -> None:
    """A sender as simple as can be: claim, start, put on the wire, settle together with the next start."""
    descriptor = os.open(wire, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    sent: Sequence[Claim] = []
    while claims := store.ledger.claim(1, limit=BATCH, now=NOW, policy=POLICY):
        going = store.ledger.turn(settled=[(one, ACCEPTED) for one in sent], starting=claims, now=NOW, policy=POLICY)
        for one in going:
            os.write(descriptor, f"{one.recipient.id}\n".encode())
        sent = [*going]
    store.ledger.turn(settled=[(one, ACCEPTED) for one in sent], starting=[], now=NOW, policy=POLICY)
    os.close(descriptor)


def _opened_and_delivered(url: str, wire: Path) -> None:
    store = open_store(url)
    _deliver(store, wire)
    store.close()


def _arrived(wire: Path) -> Counter[str]:
    return Counter(wire.read_text().split()) if wire.exists() else Counter()


def _intact(url: str) -> bool:
    if not url.startswith("sqlite"):
        return True
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_killed_again_and_again_it_misses_nobody_and_repeats_only_what_was_in_flight(
    url: str, open_at: Callable[[str], Store], tmp_path: Path
) -> None:
    store, wire, rng = open_at(url), tmp_path / "wire", random.Random(7)
    owe(store, READERS)
    killed = 0
    for _ in range(KILLS):
        before = _arrived(wire).total()
        pid = _fork(lambda: _opened_and_delivered(url, wire))
        ended = 0
        while not ended and _arrived(wire).total() <= before:  # else it may not have begun
            ended, status = os.waitpid(pid, os.WNOHANG)
        if not ended:
            time.sleep(rng.uniform(0, 0.05))
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
        killed += status == signal.SIGKILL
        assert _intact(url)
        store.ledger.recover(now=NOW, policy=POLICY, alone=True)
        assert store.ledger.tally(1).total == READERS
    _deliver(store, wire)
    arrived = _arrived(wire)
    assert killed
    assert len(arrived) == READERS
    assert arrived.total() - READERS <= BATCH * killed
    assert store.ledger.tally(1).counts == {State.ACCEPTED: READERS}


def test_senders_side_by_side_send_to_nobody_twice(url: str, open_at: Callable[[str], Store], tmp_path: Path) -> None:
    store = open_at(url)
    owe(store, READERS)
    wires = [tmp_path / f"wire{n}" for n in range(3)]
    pids = [_fork(lambda wire=wire: _opened_and_delivered(url, wire)) for wire in wires]
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0, 0, 0]
    arrived = sum((_arrived(wire) for wire in wires), Counter())
    assert len(arrived) == arrived.total() == READERS
    assert store.ledger.tally(1).counts == {State.ACCEPTED: READERS}
