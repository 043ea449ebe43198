"""What a person may do about letters in doubt: send them once more or give them up, and nothing else with them."""

from __future__ import annotations

from dataclasses import replace

from digest.model import State
from digest.store import Store
from store.given import ACCEPTED, AMBIGUOUS, NOW, POLICY, SECOND, owe

HOLD = replace(POLICY, doubt="hold")


def _sent(store: Store, number: int, *, doubtful: int) -> None:
    claims = store.ledger.claim(number, limit=9, now=NOW, policy=HOLD)
    store.ledger.turn(settled=[], starting=claims, now=NOW, policy=HOLD)
    answers = [AMBIGUOUS] * doubtful + [ACCEPTED] * (len(claims) - doubtful)
    store.ledger.turn(settled=list(zip(claims, answers, strict=True)), starting=[], now=NOW, policy=HOLD)


def test_what_is_held_goes_once_more_when_a_person_says_so(store: Store) -> None:
    number = owe(store, 3)
    _sent(store, number, doubtful=2)
    assert store.ledger.claim(number, limit=9, now=NOW + 9 * SECOND, policy=HOLD) == []
    assert store.ledger.try_again(number, now=NOW) == 2
    claims = store.ledger.claim(number, limit=9, now=NOW, policy=HOLD)
    assert [claim.doubtful for claim in claims] == [True, True]
    assert store.ledger.tally(number).total == 3


def test_what_stayed_uncertain_goes_once_more_too(store: Store) -> None:
    number = owe(store, 1)
    _sent(store, number, doubtful=1)
    store.ledger.try_again(number, now=NOW)
    _sent(store, number, doubtful=1)
    assert store.ledger.tally(number).counts == {State.UNCERTAIN: 1}
    assert store.ledger.try_again(number, now=NOW) == 1
    _sent(store, number, doubtful=0)
    assert store.ledger.tally(number).counts == {State.ACCEPTED: 1}


def test_a_letter_that_may_have_arrived_is_not_said_to_have_expired_when_its_issue_is_given_up(store: Store) -> None:
    number = owe(store, 3)
    claims = store.ledger.claim(number, limit=2, now=NOW, policy=POLICY)
    store.ledger.turn(settled=[], starting=claims, now=NOW, policy=POLICY)
    store.ledger.turn(
        settled=list(zip(claims, (AMBIGUOUS, ACCEPTED), strict=True)), starting=[], now=NOW, policy=POLICY
    )
    store.ledger.give_up(number, now=NOW)
    assert store.ledger.tally(number).counts == {State.UNCERTAIN: 1, State.ACCEPTED: 1, State.EXPIRED: 1}
    assert store.ledger.next_due(number) is None


def test_what_was_accepted_never_goes_again(store: Store) -> None:
    number = owe(store, 2)
    _sent(store, number, doubtful=0)
    assert store.ledger.try_again(number, now=NOW) == 0
