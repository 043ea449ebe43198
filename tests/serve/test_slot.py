"""The daemon at its slot: it wakes, it is killed, it is not alone, its clock jumps. The judge is what the receiver accepted."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.model import SlotState
from mail.sending.faulty import Faulty
from rig.postgres import Cluster
from serve.conftest import READERS, SLOT, Office, opened

SECOND = timedelta(seconds=1)


def made_one(office: Office) -> None:
    """The slot has one issue, and every reader has it once or is named as in doubt."""
    assert [one.state for one in office.slots()] == [SlotState.MADE]
    store = office.store()
    held = {line.email for line in store.ledger.deliveries(1) if line.state.name in ("DOUBTFUL", "UNCERTAIN")}
    tally, newest = store.ledger.tally(1), store.issues.newest()
    store.close()
    arrived = office.arrived()
    assert newest == 1
    assert tally.total == READERS
    assert set(arrived.values()) == {1}, arrived
    assert {f"reader{n}@example.test" for n in range(READERS)} - set(arrived) <= held


def test_it_wakes_at_its_slot_and_says_before_what_it_will_do(office: Office) -> None:
    office.clock.set(SLOT - 40 * SECOND)
    daemon = office.start()
    office.wait_for_letters(READERS)
    said = office.end(daemon)
    made_one(office)
    serving, made, carried = (line for line in said.splitlines() if "timestamp" in line and "ended" not in line)
    assert "event=serving" in serving
    assert "next_slot=2026-11-24T09:00 zone=UTC" in serving
    assert 'event="issue made" issue=1' in made
    assert f"accepted={READERS}" in carried
    assert "@" not in said, "no address in a log"


def test_a_clock_that_jumps_over_the_slot_and_back_makes_one_issue(office: Office) -> None:
    """Also while it runs: the sweep goes by a clock that nobody sets."""
    office.clock.set(SLOT - timedelta(hours=1))
    daemon = office.start()
    office.wait_until_up()
    office.clock.set(SLOT + timedelta(minutes=5))
    office.wait_for_letters(READERS)
    office.clock.set(SLOT - 5 * SECOND)
    time.sleep(8)
    office.end(daemon)
    made_one(office)


def _killed_around_the_slot(office: Office, *, kills: int, seed: int) -> None:
    """Every second time in the middle of its start, else while it is up; the slot comes halfway."""
    rng = random.Random(seed)
    office.clock.set(SLOT - timedelta(minutes=30))
    for kill in range(kills):
        daemon = office.start()
        if kill % 2:
            office.wait_until_up()
        if kill == kills // 2:
            office.clock.set(SLOT - SECOND)
        time.sleep(rng.uniform(0, 1.5))
        daemon.kill()
        daemon.communicate()
        assert daemon.returncode == -signal.SIGKILL
    last = office.start()
    office.wait_until_up()  # before that, SIGTERM ends it as it ends any program
    office.wait_until_settled()
    office.end(last)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kills", [7, pytest.param(50, marks=pytest.mark.soak)])
def test_killed_and_started_again_around_the_slot(slow_office: Office, kills: int) -> None:
    _killed_around_the_slot(slow_office, kills=kills, seed=kills)
    made_one(slow_office)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_two_daemons_on_one_database_killed_around_the_slot(shared: Office) -> None:
    """PostgreSQL's own clock counts, so this one waits for the next minute but one."""
    rng = random.Random(2)
    running = [shared.start(), shared.start()]
    for _ in range(50):
        time.sleep(rng.uniform(0.3, 3.5))
        victim = rng.randrange(2)
        running[victim].kill()
        running[victim].communicate()
        running[victim] = shared.start()
    shared.wait_until_settled()
    for one in running:  # one may be loading still, and then SIGTERM ends it as it ends any program
        one.kill()
        one.communicate()
    made_one(shared)


@pytest.fixture
def slow_office(tmp_path: Path, receiver: Faulty, wallclock_library: Path) -> Iterator[Office]:
    """Its letters take two seconds to go out, so that a kill may come in between."""
    with opened(tmp_path, receiver, wallclock_library, {"SMTP_RATE": READERS / 2}) as made:
        yield made


@pytest.fixture
def shared(tmp_path: Path, receiver: Faulty, wallclock_library: Path, cluster: Cluster) -> Iterator[Office]:
    at = datetime.now(UTC) + timedelta(minutes=2)
    settings = {
        "DATABASE_URL": cluster.database(),
        "DIGEST_LEASE": "2s",
        "DIGEST_SCHEDULE": f"{at.minute} {at.hour} {at.day} {at.month} *",
        "SMTP_RATE": READERS / 2,
        "WEB_LISTEN": "127.0.0.1:0",
    }
    with opened(tmp_path, receiver, wallclock_library, settings) as made:
        yield made


def test_a_second_daemon_on_one_file_refuses_and_names_the_first(office: Office) -> None:
    first = office.start()
    office.wait_until_up()
    second = office.run("serve")
    assert second.returncode == 1
    assert f"`digest serve` may hold it: process {first.pid} on" in second.stdout.replace("\n", " ")
    assert "Traceback" not in second.stdout
    office.end(first)


def test_commands_that_read_work_beside_a_daemon_and_one_that_sends_is_told_why_not(office: Office) -> None:
    daemon = office.start()
    office.wait_until_up()
    for command in (["threads"], ["schedule"], ["issues"], ["pick", "--explain"], ["subscribers", "list"]):
        assert office.run(*command).returncode == 0, command
    sent = office.run("send", "--yes")
    assert sent.returncode == 1
    assert "`digest serve` sends what is owed by itself" in sent.stdout.replace("\n", " ")
    office.end(daemon)
