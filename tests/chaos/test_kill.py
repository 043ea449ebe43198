"""Senders that are killed at the two worst points, stopped, and asked to stop."""

from __future__ import annotations

import signal
import sqlite3
import time
from contextlib import closing

import pytest

from chaos.conftest import Founded, Trial, some
from digest.model import State

READERS = 20


def _stalled(trial: Founded, stall: str, **settings: str):
    """A send in which one letter stalls, and all others are accepted and written down."""
    made = trial([*some(READERS), f"{stall}@example.test"], settings)
    sender = made.start()
    made.wait(lambda: made.file.exists() and made.receiver.seen[f"{stall}@example.test"])
    made.wait(lambda: made.tally().counts == {State.ACCEPTED: READERS, State.SENDING: 1})
    return made, sender


def _journal(made: Trial) -> bytes:
    """The answers that are on their way into the store."""
    return b"".join(page.read_bytes() for page in made.file.parent.glob(f"{made.file.name}-answers*"))


@pytest.mark.parametrize(("stall", "copies"), [("rhang", 1), ("hang", 2)])
def test_killed_after_the_promise_before_or_behind_the_dot_it_goes_on(trial: Founded, stall: str, copies: int) -> None:
    """SENDING is committed and the letter stalls: before the dot it is sent once in the end, behind it twice, no more."""
    made, sender = _stalled(trial, stall)
    sender.kill()
    sender.wait()
    assert made.is_intact()
    made.receiver.well = True
    assert made.digest("send", "--yes").code == 0
    assert made.copies() == {**dict.fromkeys(some(READERS), 1), f"{stall}@example.test": copies}
    assert made.tally().counts == {State.ACCEPTED: READERS + 1}


def test_killed_between_the_answer_and_the_commit_it_repeats_nothing(trial: Founded) -> None:
    """Somebody holds the file while the server says 250, so the answer is read, and stands in the journal alone."""
    made, sender = _stalled(trial, "hang")
    made.wait(lambda: not _journal(made))
    with closing(sqlite3.connect(made.file, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        made.receiver.well = True
        made.wait(lambda: _journal(made))
        sender.kill()
        sender.wait()
    assert made.is_intact()
    assert "nothing on the shelf" in made.digest("send", "--yes").sentence, "nobody is owed a letter any more"
    assert made.copies() == {**dict.fromkeys(some(READERS), 1), "hang@example.test": 1}
    assert made.tally().counts == {State.ACCEPTED: READERS + 1}


def test_a_wider_window_doubles_no_more_than_was_under_way_in_it(trial: Founded) -> None:
    """Two connections, on each of which the server takes a letter, falls silent, and wakes up after the kill: then it takes
    what else came in whole."""
    window, connections, silent = 8, 2, some(30, fault="hang")
    made = trial([*some(READERS), *silent], {"SMTP_WINDOW": window, "SMTP_CONNECTIONS": connections})
    made.receiver.offers += ("CHUNKING",)
    sender = made.start()
    made.wait(lambda: made.copies().total() == READERS + connections)
    made.wait(lambda: made.tally()[State.ACCEPTED] == READERS)
    sender.kill()
    sender.wait()
    assert made.receiver.said("BDAT") > 0
    made.receiver.well = True
    assert made.digest("send", "--yes").code == 0
    copies = made.copies()
    assert copies.keys() == {*some(READERS), *silent}
    assert set(copies.values()) == {1, 2}
    assert connections <= copies.total() - len(copies) <= connections * window
    assert made.tally().counts == {State.ACCEPTED: len(copies)}
    assert made.is_intact()


def test_a_letter_in_doubt_after_a_kill_is_held_when_the_house_says_so(trial: Founded) -> None:
    made, sender = _stalled(trial, "hang", SMTP_DOUBT="hold")
    sender.kill()
    sender.wait()
    made.receiver.well = True
    assert made.digest("send", "--yes").code == 1
    assert made.copies()["hang@example.test"] == 1
    assert made.states()["hang@example.test"] is State.DOUBTFUL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_in_mid_send_finishes_what_is_in_flight(trial: Founded, number: int) -> None:
    made = trial(some(300), {"SMTP_RATE": 50})
    sender = made.start()
    made.wait_for_progress(10)
    sender.send_signal(number)
    said = made.end(sender)
    assert said.code == 1
    assert "Traceback" not in said.err
    sent = made.copies().total()
    assert made.tally().counts == {State.ACCEPTED: sent, State.PENDING: 300 - sent}
    assert made.is_intact()


def test_a_second_ctrl_c_ends_a_send_that_cannot_finish(trial: Founded) -> None:
    made, sender = _stalled(trial, "hang")
    sender.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert sender.poll() is None
    sender.send_signal(signal.SIGINT)
    said = made.end(sender)
    assert said.code == 1
    assert said.sentence == "digest: Stopped. Nothing is lost: the same command goes on from here."
    made.receiver.well = True
    assert made.digest("send", "--yes").code == 0
    assert made.copies()["hang@example.test"] == 2


def test_who_leaves_while_a_send_stalls_gets_nothing(trial: Founded) -> None:
    """One connection, and it is stuck: the reader whose turn comes behind it leaves meanwhile."""
    made = trial([f"rhang.{n}@example.test" for n in range(30)], {"SMTP_CONNECTIONS": 1})
    sender = made.start()
    made.wait(lambda: made.receiver.seen)
    leaver = next(email for email, state in made.states().items() if state is not State.SENDING)
    assert made.digest("subscribers", "remove", leaver).code == 0
    made.receiver.well = True
    said = made.end(sender)
    assert said.code == 0, said
    assert made.copies() == dict.fromkeys(set(some(30, fault="rhang")) - {leaver}, 1)
    assert made.tally().counts == {State.ACCEPTED: 29, State.WITHDRAWN: 1}
