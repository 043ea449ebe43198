"""Servers that are away, hang, refuse us or refuse for now: nobody is marked as failed for it, and nobody is called without end."""

from __future__ import annotations

import pytest

from chaos.conftest import Founded, later, some
from digest.model import State

READERS = 60


@pytest.mark.parametrize(
    ("settings", "what"),
    [({"SMTP_PORT": 1}, "127.0.0.1:1"), ({"SMTP_HOST": "no-such-host.invalid"}, "no-such-host.invalid")],
)
def test_a_server_that_is_not_there_fails_nobody(trial: Founded, settings: dict[str, object], what: str) -> None:
    made = trial(some(READERS), settings)
    for _ in range(2):
        said = made.digest("send", "--yes")
        assert said.code == 1
        assert what in said.sentence
        assert made.tally().counts == {State.PENDING: READERS}


def test_a_server_that_turns_everybody_away_is_not_called_without_end(trial: Founded) -> None:
    made = trial(some(READERS), {"SMTP_CONNECTIONS": 8})
    made.receiver.greeting = b"421 4.3.2 down for an hour\r\n"
    said = made.digest("send", "--yes")
    assert said.code == 1
    assert "down for an hour" in said.sentence
    assert made.receiver.greeted <= 3
    assert made.tally().counts == {State.PENDING: READERS}


def test_a_wrong_password_ends_the_run_and_locks_nobody_out(trial: Founded) -> None:
    """Eight connections, sixty letters: the server hears the password once or twice, not sixty times."""
    login = {"SMTP_USERNAME": "ada", "SMTP_PASSWORD": "wrong", "SMTP_CONNECTIONS": 8}
    made = trial(some(READERS), login)
    made.receiver.offers = (*made.receiver.offers, "AUTH PLAIN")
    said = made.digest("send", "--yes")
    assert said.code == 1
    assert "password" in said.sentence
    assert 1 <= made.receiver.said("AUTH") <= 3
    assert made.tally().counts == {State.PENDING: READERS}


def test_a_stripped_starttls_is_no_reason_to_send_in_the_clear(trial: Founded) -> None:
    made = trial(some(5), {"SMTP_TLS": "starttls", "SMTP_USERNAME": "ada", "SMTP_PASSWORD": "secret"})
    said = made.digest("send", "--yes")
    assert said.code == 1
    assert "STARTTLS" in said.sentence
    assert {command.split()[0] for command in made.receiver.commands} <= {"EHLO", "QUIT"}
    assert made.tally().counts == {State.PENDING: 5}


def test_who_is_greylisted_gets_the_letter_later(trial: Founded) -> None:
    made = trial(some(READERS, fault="grey"))
    assert made.digest("send", "--yes").code == 1
    assert made.tally().counts == {State.PENDING: READERS}
    assert later(made).counts == {State.ACCEPTED: READERS}
    assert set(made.copies().values()) == {1}
    assert made.active() == READERS


def test_a_domain_that_wants_none_of_our_mail_costs_it_no_reader(trial: Founded) -> None:
    refused = some(READERS, fault="policy", domain="picky.test")
    made = trial([*refused, *some(20)], {"SMTP_CONNECTIONS": 2})
    said = made.digest("send", "--yes")
    assert said.code == 1
    assert "the sending domain is not wanted here" in said.err
    assert made.tally().counts == {State.ACCEPTED: 20, State.PENDING: READERS}
    assert sum(made.receiver.seen[reader] for reader in refused) < 40, "it went on asking"
    assert made.active() == READERS + 20
    made.receiver.well = True
    assert later(made).counts == {State.ACCEPTED: READERS + 20}
    assert set(made.copies().values()) == {1}


def test_connections_that_hang_hold_up_no_other(trial: Founded) -> None:
    """Four of eight connections hang, two of them after the dot with one envelope more sent ahead. All others get through."""
    held = ["rhang.1@a.test", "rhang.2@b.test", "hang.3@c.test", "hang.4@d.test"]
    made = trial([*held, *some(READERS)], {"SMTP_CONNECTIONS": 8})
    sender = made.start()
    made.wait_for_progress(READERS)
    made.wait(lambda: made.tally()[State.ACCEPTED] >= READERS - 2)
    assert made.tally()[State.SENDING] >= 4
    assert made.receiver.open <= 8
    made.receiver.well = True
    said = made.end(sender)
    assert said.code == 0, said
    assert made.copies() == dict.fromkeys([*held, *some(READERS)], 1)
