"""All that a server can do wrong at once: every letter ends in its right state, and the report adds up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chaos.conftest import Founded, Trial, later, some
from digest.model import State

EACH = 10
GOOD = ("reader", "multi", "slow")
FOR_NOW = (
    "r421",
    "r450",
    "r451",
    "r452",
    "c450",
    "c451",
    "d421",
    "d451",
    "d452",
    "grey",
    "mid",
    "rreset",
    "creset",
    "rhang",
)
FOR_GOOD = ("r550", "r553", "c554", "d550", "d554", "go354")
IN_DOUBT = ("lost", "ambig", "hang", "junk", "big", "endless", "odd", "drip")
ARRIVED = ("ambig", "hang", "junk", "big", "endless", "odd", "drip")


# Ten readers for each fault, each fault in a domain of its own, mixed; and 200 for whom nothing fails.
EVERYBODY = [
    *(f"{kind}.{n}@{kind}.test" for n in range(EACH) for kind in (*GOOD, *FOR_NOW, *FOR_GOOD, *IN_DOUBT)),
    *some(200),
]


def _right(email: str) -> set[State]:
    """Where a letter may stand in the end. All of a small one has left when a server breaks off in its midst."""
    kind = email.partition(".")[0]
    states = {State.PENDING: FOR_NOW, State.REFUSED: FOR_GOOD, State.DOUBTFUL: (*IN_DOUBT, "mid")}
    return {state for state, kinds in states.items() if kind in kinds} or {State.ACCEPTED}


def _adds_up(made: Trial) -> None:
    report = made.report()
    rows = report["recipients"]
    assert isinstance(rows, list)
    assert len(rows) == made.tally().total == len(EVERYBODY)
    assert report["accepted"] == sum(row["state"] == "accepted" for row in rows)


@pytest.mark.usefixtures("hasty")
def test_all_faults_at_once_leave_every_letter_in_its_right_state(trial: Founded) -> None:
    """Spoken to stepwise, so that no letter shares another one's fate."""
    made = trial(EVERYBODY, {"SMTP_CONNECTIONS": 30})
    made.receiver.offers = tuple(word for word in made.receiver.offers if word != "PIPELINING")
    assert made.digest("send", "--yes").code == 1
    states = made.states()
    assert {email: states[email] for email in EVERYBODY if states[email] not in _right(email)} == {}
    accepted = {email for email in EVERYBODY if State.ACCEPTED in _right(email)}
    perhaps = {email for email in EVERYBODY if email.partition(".")[0] in ARRIVED}
    assert made.copies() == dict.fromkeys(accepted | perhaps, 1)
    _adds_up(made)

    made.receiver.well = True
    refused = EACH * len(FOR_GOOD)
    assert later(made, by=timedelta(hours=2)).counts == {
        State.REFUSED: refused,
        State.ACCEPTED: len(EVERYBODY) - refused,
    }
    assert {email for email, count in made.copies().items() if count > 1} == perhaps
    assert max(made.copies().values()) == 2
    _adds_up(made)


@pytest.mark.usefixtures("hasty")
def test_all_faults_at_once_in_a_pipeline_blame_no_letter_for_another(trial: Founded) -> None:
    """An envelope that was sent ahead of a broken answer is simply still owed. The server's books judge ours."""
    made = trial(EVERYBODY, {"SMTP_CONNECTIONS": 30})
    assert made.digest("send", "--yes").code == 1
    states, copies = made.states(), made.copies()
    assert max(copies.values()) == 1
    assert {states[email] for email in copies} == {State.ACCEPTED, State.DOUBTFUL}
    assert {email for email in EVERYBODY if states[email] is State.ACCEPTED} <= set(copies)
    wrong = {email: state for email, state in states.items() if state not in {*_right(email), State.PENDING}}
    assert wrong == {}
    _adds_up(made)
