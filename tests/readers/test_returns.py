"""Bounces and complaints: scored by issue, forgiven by a delivery, and never held against a reader when they are about us."""

from __future__ import annotations

import pytest

from digest.mail.intents import Bounced, Complained, Resume
from digest.mail.tokens import Purpose, Stamp
from digest.model import Membership, Outcome, State
from digest.returns import ALARM
from digest.store.people import Newcomer
from digest.store.policy import Policy
from readers.place import ACCEPTED, Place

GONE = Outcome(verdict="permanent", phase="rcpt", code=550, enhanced="5.1.1", reply="no such user")


def bounce(place: Place, issue: int, kind: str = "hard", *, id: int = 1) -> str:
    stamp = Stamp(purpose=Purpose.BOUNCE, subject=id, number=issue)
    return place.mail(Bounced(stamp=stamp, kind=kind, status="5.1.1", said="no such user"), "")  # type: ignore[arg-type]


def deliver(place: Place, number: int, outcome: Outcome = ACCEPTED) -> int:
    """Carry all of an issue's letters; how many there were."""
    ledger, policy = place.store.ledger, Policy()
    claims = ledger.claim(number, limit=99, now=place.now, policy=policy)
    ledger.turn(settled=[], starting=claims, now=place.now, policy=policy)
    ledger.turn(settled=[(claim, outcome) for claim in claims], starting=[], now=place.now, policy=policy)
    return len(claims)


def test_one_hard_bounce_pauses_and_the_next_issue_goes_out_as_a_probe(ada: Place) -> None:
    ada.issue("k1")
    deliver(ada, 1)
    assert bounce(ada, 1) == "hard bounce"
    assert (ada.standing(), ada.reader().struck) == (Membership.PAUSED, 1)
    ada.later(weeks=1).issue("k2")
    assert deliver(ada, 2) == 1


def test_two_issues_running_that_come_back_end_it(ada: Place) -> None:
    for number in (1, 2):
        ada.issue(f"k{number}")
        deliver(ada, number)
        bounce(ada, number)
        ada.later(weeks=1)
    assert ada.standing() is Membership.BOUNCED
    ada.issue("k3")
    assert deliver(ada, 3) == 0
    assert ada.letters() == []


def test_a_delivery_in_between_clears_it(ada: Place) -> None:
    for number in (1, 2, 3):
        ada.issue(f"k{number}")
        deliver(ada, number)
        if number != 2:
            bounce(ada, number)
        ada.later(weeks=1)
    assert (ada.standing(), ada.reader().struck) == (Membership.PAUSED, 3)


def test_one_issue_counts_once_however_often_it_comes_back(ada: Place) -> None:
    ada.issue("k1")
    assert [bounce(ada, 1) for _ in range(3)] == ["hard bounce"] + ["hard bounce, known already"] * 2
    assert ada.standing() is Membership.PAUSED


def test_a_late_bounce_of_an_older_issue_says_nothing_new(ada: Place) -> None:
    ada.issue("k1")
    ada.issue("k2")
    bounce(ada, 2)
    bounce(ada, 1)
    assert ada.standing() is Membership.PAUSED


@pytest.mark.parametrize("kind", ["soft", "ours"])
def test_what_is_not_hard_costs_nobody_their_place(ada: Place, kind: str) -> None:
    for number in range(1, 9):
        bounce(ada, number, kind)
    assert (ada.standing(), ada.reader().struck) == (Membership.ACTIVE, None)
    assert len(ada.store.subscribers.bounces(1)) == 8


def test_a_bounced_note_belongs_to_no_issue_and_takes_no_place(ada: Place) -> None:
    bounce(ada, 0)
    assert ada.standing() is Membership.ACTIVE


def test_who_writes_to_us_is_forgiven(ada: Place) -> None:
    bounce(ada, 1)
    ada.mail(Resume())
    assert (ada.standing(), ada.reader().struck) == (Membership.ACTIVE, None)


def test_a_bounce_of_nobodys_letter_does_nothing(place: Place) -> None:
    assert bounce(place, 1, id=77) == "a bounce of nobody's letter"


def test_a_mailbox_that_is_refused_at_once_counts_as_one_that_came_back(ada: Place) -> None:
    for number in (1, 2):
        ada.issue(f"k{number}")
        deliver(ada, number, GONE)
        assert ada.store.ledger.blame(number, now=ada.now) == 1
        assert ada.store.ledger.blame(number, now=ada.now) == 0
        ada.later(weeks=1)
    assert ada.standing() is Membership.BOUNCED
    assert ada.store.ledger.tally(1)[State.REFUSED] == 1


@pytest.mark.parametrize("enhanced", ["5.7.1", "5.2.2", "", "5.6.7"])
def test_a_refusal_about_us_or_for_now_counts_against_nobody(ada: Place, enhanced: str) -> None:
    ada.issue("k1")
    deliver(ada, 1, GONE._replace(enhanced=enhanced))
    assert ada.store.ledger.blame(1, now=ada.now) == 0
    assert ada.standing() is Membership.ACTIVE


def test_too_many_refusals_of_us_by_a_domain_are_told_to_the_editor_once(place: Place) -> None:
    people = [f"p{n}@example.net" for n in range(ALARM + 3)]
    place.store.subscribers.import_many([Newcomer(email=p, key=p) for p in people], now=place.now)
    for n in range(len(people)):
        bounce(place, 1, "ours", id=n + 1)
    letter = place.letter()
    assert letter["To"] == "editor@example.org"
    assert "example.net sends issue 1 back" in letter["Subject"]


def test_a_complaint_is_the_end_at_once_and_in_silence(ada: Place) -> None:
    complaint = Complained(stamp=Stamp(purpose=Purpose.BOUNCE, subject=1, number=1))
    assert ada.mail(complaint, "") == "complained"
    assert ada.standing() is Membership.COMPLAINED
    assert ada.letters() == []
    ada.issue("k1")
    assert deliver(ada, 1) == 0
    assert [one.kind for one in ada.store.subscribers.bounces(1)] == ["complaint"]
