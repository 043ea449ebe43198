"""Several machines, each a folder with its own process, before one PostgreSQL and one receiver that keeps count."""

from __future__ import annotations

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from digest.model import State, Tally
from digest.store import open_store
from mail.sending.faulty import Faulty, in_a_thread
from rig import postgres
from rig.newsletter import Newsletter, found

CONNECTIONS = 4
READERS = 2000
PATIENCE = 120.0  # seconds, on a machine that does much else


@dataclass(kw_only=True)
class Hall:
    """The machines of one newsletter, and what reached the receiver from them."""

    url: str
    receiver: Faulty
    machines: list[Newsletter]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, machine: int, *arguments: str) -> subprocess.Popen[bytes]:
        self.running.append(self.machines[machine].start(*arguments))
        return self.running[-1]

    def tally(self) -> Tally:
        store = open_store(self.url)
        try:
            return store.ledger.tally(1)
        finally:
            store.close()

    def wait(self, condition: Callable[[], bool], *, what: str, within: float = PATIENCE) -> None:
        end = time.monotonic() + within
        while not condition():
            assert time.monotonic() < end, f"{what}: not within {within:g} s; {self.tally() if 'tally' in what else ''}"
            time.sleep(0.05)

    def wait_for_letters(self, count: int) -> None:
        self.wait(lambda: len(self.receiver.accepted) >= count, what=f"{count} letters")

    def wait_until_done(self) -> None:
        done = {State.ACCEPTED: READERS}
        self.wait(lambda: self.tally().counts == done, what="a tally with everybody in it")

    def end(self, process: subprocess.Popen[bytes]) -> str:
        """Ask it to stop, and return what it said."""
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
        assert process.returncode == 0, said.decode()
        return said.decode()

    def doubles(self) -> int:
        """How many copies came more than once, when nobody was missed and every copy is the same to the byte."""
        arrived = Counter(letter.recipient for letter in self.receiver.accepted)
        assert [n for n in range(READERS) if not arrived[f"reader{n}@example.test"]] == []
        assert len({(letter.recipient, letter.data) for letter in self.receiver.accepted}) == READERS
        return arrived.total() - READERS


@pytest.fixture
def receiver() -> Iterator[Faulty]:
    with in_a_thread(Faulty()) as server:
        yield server


@pytest.fixture
def hall(own_cluster: postgres.Cluster, receiver: Faulty, tmp_path: Path) -> Iterator[Hall]:
    """Two machines, 2,000 readers, and a lease of two seconds."""
    url = own_cluster.database()
    settings = {
        "DATABASE_URL": url,
        "DIGEST_LEASE": "2s",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": receiver.port,
        "SMTP_TLS": "none",
        "SMTP_CONNECTIONS": CONNECTIONS,
        "SMTP_RATE": 250,
    }
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    machines = [found(tmp_path / "one", settings), Newsletter(folder=tmp_path / "two")]
    (tmp_path / "two/.env").write_bytes((tmp_path / "one/.env").read_bytes())
    readers = "\n".join(f"reader{n}@example.test" for n in range(READERS))
    (tmp_path / "one/list.csv").write_text(f"email\n{readers}\n", encoding="utf-8")
    machines[0].run("subscribers", "import", "list.csv")
    made = Hall(url=url, receiver=receiver, machines=machines)
    yield made
    for process in made.running:
        if process.poll() is None:
            process.kill()
        process.communicate()
