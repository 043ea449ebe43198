"""kill -9, twenty times at random moments of a send: nobody missed, judged in the receiver's mailbox. The long runs have
10,000 readers; two machines on PostgreSQL and a server that crashes are among them."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from digest.errors import NotFound
from digest.model import State, Tally
from digest.store import open_store
from rig.mailhost import Mailhost
from rig.newsletter import Newsletter, found
from rig.postgres import Cluster

KILLS, CONNECTIONS, MANY = 20, 4, 10_000
PATIENCE = 600.0  # seconds, on a machine that does much else
Found = Callable[..., Newsletter]


@pytest.fixture
def founded(mailhost: Mailhost, tmp_path: Path) -> Found:
    """`founded(readers, DIGEST_LEASE="5s")`: a newsletter before the real Postfix."""

    def make(readers: Sequence[str], **settings: object) -> Newsletter:
        common = {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": mailhost.ports.fast,
            "SMTP_TLS": "none",
            "SMTP_CONNECTIONS": CONNECTIONS,
            "DIGEST_FROM": f"{tmp_path.name.lower()[-20:]}@example.test",
        }
        made = found(tmp_path, common | settings)
        (tmp_path / "list.csv").write_text("email\n" + "\n".join(readers), encoding="utf-8")
        made.run("subscribers", "import", "list.csv")
        return made

    return make


@contextmanager
def judged(mailhost: Mailhost, readers: Sequence[str], *, doubles: int) -> Iterator[None]:
    """At the end of the block everybody has the letter, and there are no more than so many `doubles`."""
    before = mailhost.original_recipients("sink@example.test")
    yield
    mailhost.settle(within=PATIENCE)
    got = mailhost.original_recipients("sink@example.test") - before
    assert [reader for reader in readers if not got[reader]] == []
    copies = got.total() - len(readers)
    print(f"{len(readers)} readers: 0 missed, {copies} doubles")
    assert copies <= doubles


def some(count: int) -> list[str]:
    return [f"sink-{number}@example.test" for number in range(count)]


def tally(url: str) -> Tally:
    """Nothing, before there is an issue."""
    with closing(open_store(url)) as store, suppress(NotFound):
        return store.ledger.tally(1)
    return Tally(counts={})


def await_progress(url: str, running: subprocess.Popen[bytes]) -> None:
    """Until it has begun to deliver, or has ended by itself."""
    before = tally(url)[State.ACCEPTED]
    while running.poll() is None and tally(url)[State.ACCEPTED] <= before:
        time.sleep(0.02)


def kill(running: subprocess.Popen[bytes], *, rng: random.Random) -> None:
    time.sleep(rng.uniform(0, 0.4))
    running.kill()
    said, _ = running.communicate()
    assert running.returncode == -signal.SIGKILL, f"it was over before it was killed: {said!r}"


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("readers", "rate"), [(2000, 300), pytest.param(MANY, 1000, marks=pytest.mark.soak)])
def test_kill_minus_nine_anywhere_misses_nobody(
    mailhost: Mailhost, founded: Found, tmp_path: Path, readers: int, rate: int
) -> None:
    rng, url = random.Random(20), f"sqlite:///{tmp_path}/data/digest.sqlite3"
    made = founded(some(readers), SMTP_RATE=rate)
    with judged(mailhost, some(readers), doubles=CONNECTIONS * KILLS):
        for _ in range(KILLS):
            running = made.start("send", "--yes")
            await_progress(url, running)
            kill(running, rng=rng)
            with closing(open_store(url)) as store, store._database.read() as connection:
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        made.run("send", "--yes")
    assert made.json("report")["accepted"] == readers  # type: ignore[call-overload,index]


# ── two machines on PostgreSQL ────────────────────────────────────────────────────────────────────


@contextmanager
def ended(running: list[subprocess.Popen[bytes]]) -> Iterator[None]:
    """Nothing is left at work behind the block."""
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.communicate()


def await_all(url: str, readers: int) -> None:
    end = time.monotonic() + PATIENCE
    while tally(url).counts != {State.ACCEPTED: readers}:
        assert time.monotonic() < end, tally(url)
        time.sleep(0.2)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_killing_either_of_two_machines_misses_nobody(mailhost: Mailhost, own_cluster: Cluster, founded: Found) -> None:
    rng, url = random.Random(21), own_cluster.database()
    made = founded(some(MANY), DATABASE_URL=url, DIGEST_LEASE="5s", SMTP_RATE=150)
    at_work = [made.start("send", "--yes"), made.start("work")]
    with ended(at_work), judged(mailhost, some(MANY), doubles=CONNECTIONS * KILLS):
        for _ in range(KILLS):
            victim = rng.randrange(2)
            await_progress(url, at_work[victim])
            kill(at_work[victim], rng=rng)
            at_work[victim] = made.start("work")
        await_all(url, MANY)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_database_that_crashes_under_two_machines_costs_nobody_a_letter(
    mailhost: Mailhost, own_cluster: Cluster, founded: Found
) -> None:
    url, crashes = own_cluster.database(), 5
    made = founded(some(MANY), DATABASE_URL=url, SMTP_RATE=150)
    at_work = [made.start("send", "--yes"), made.start("work")]
    with ended(at_work), judged(mailhost, some(MANY), doubles=2 * CONNECTIONS * crashes):
        for _ in range(crashes):
            await_progress(url, at_work[0])
            time.sleep(3)
            own_cluster.stop("immediate")
            time.sleep(1)
            own_cluster.start()
        said, _ = at_work[0].communicate(timeout=PATIENCE)
        assert at_work[0].returncode == 0, said.decode()
        await_all(url, MANY)
