"""Two machines on one PostgreSQL: killed, hung, cut off from their database. The judge is what the receiver accepted."""

from __future__ import annotations

import random
import signal
import time

from digest.model import State
from machines.conftest import CONNECTIONS, PATIENCE, READERS, Hall
from rig.postgres import Cluster


def test_killing_either_again_and_again_misses_nobody(hall: Hall) -> None:
    rng, kills = random.Random(11), 6
    at_work = [hall.start(0, "send", "--yes"), hall.start(1, "work")]
    for kill in range(kills):
        hall.wait_for_letters(200 * (kill + 1))
        time.sleep(rng.uniform(0, 0.3))
        victim = rng.randrange(2)
        at_work[victim].kill()
        at_work[victim].wait()
        assert at_work[victim].returncode == -signal.SIGKILL
        at_work[victim] = hall.start(victim, "work")
    hall.wait_until_done()
    for process in at_work:
        hall.end(process)
    assert hall.doubles() <= CONNECTIONS * kills


def test_a_machine_that_hung_wakes_up_to_find_its_letters_gone(hall: Hall) -> None:
    sleeper, other = hall.start(0, "send", "--yes"), hall.start(1, "work")
    hall.wait_for_letters(300)
    sleeper.send_signal(signal.SIGSTOP)
    under_way = hall.tally()[State.SENDING]
    hall.wait_until_done()
    sleeper.send_signal(signal.SIGCONT)
    said, _ = sleeper.communicate(timeout=30)
    assert sleeper.returncode == 0, said.decode()
    hall.end(other)
    assert hall.doubles() <= under_way
    assert hall.tally().total == READERS


def test_a_restart_of_the_database_is_waited_out(hall: Hall, own_cluster: Cluster) -> None:
    sender, worker = hall.start(0, "send", "--yes"), hall.start(1, "work")
    hall.wait_for_letters(500)
    own_cluster.stop("immediate")
    time.sleep(1)
    own_cluster.start()
    said, _ = sender.communicate(timeout=PATIENCE)
    assert sender.returncode == 0, said.decode()
    assert hall.tally().counts == {State.ACCEPTED: READERS}
    assert "Traceback" not in said.decode()
    assert "Traceback" not in hall.end(worker)
    assert hall.doubles() <= 2 * CONNECTIONS


def test_a_send_stays_until_what_a_hung_machine_has_in_hand_is_taken_over(hall: Hall) -> None:
    sender, sleeper = hall.start(0, "send", "--yes"), hall.start(1, "work")
    hall.wait_for_letters(300)
    sleeper.send_signal(signal.SIGSTOP)
    under_way = hall.tally()[State.SENDING]
    said, _ = sender.communicate(timeout=PATIENCE)
    assert sender.returncode == 0, said.decode()
    assert hall.tally().counts == {State.ACCEPTED: READERS}
    sleeper.send_signal(signal.SIGCONT)
    hall.end(sleeper)
    assert hall.doubles() <= under_way


def test_both_carry(hall: Hall) -> None:
    sender, worker = hall.start(0, "send", "--yes"), hall.start(1, "work")
    sender.communicate(timeout=PATIENCE)
    hall.wait_until_done()
    said = hall.end(worker)
    assert "accepted here" in said
    assert hall.doubles() == 0


def test_a_worker_started_once_ends_by_itself(hall: Hall) -> None:
    sender = hall.start(0, "send", "--yes")
    hall.wait_for_letters(100)
    sender.send_signal(signal.SIGTERM)
    sender.communicate(timeout=30)
    assert sender.returncode == 1, "some letters are still owed"
    hall.machines[1].run("work", "--once")
    hall.wait_until_done()
    assert hall.doubles() == 0


def test_a_machine_with_another_secret_is_refused(hall: Hall) -> None:
    sender = hall.start(0, "send", "--yes")
    hall.wait_for_letters(100)
    sender.send_signal(signal.SIGTERM)
    sender.communicate(timeout=30)
    with (hall.machines[1].folder / ".env").open("a") as settings:
        settings.write("DIGEST_SECRET='another secret, as long as it must be'\n")
    before = len(hall.receiver.accepted)
    hall.machines[1].run("work", "--once", code=2)
    assert len(hall.receiver.accepted) == before
