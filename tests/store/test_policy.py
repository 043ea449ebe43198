"""What an answer makes of a letter, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Outcome, State
from digest.store.policy import Fate, fate
from store.given import ACCEPTED, AMBIGUOUS, NOW, PERMANENT, POLICY, TEMPORARY

OUTCOMES = st.sampled_from([ACCEPTED, TEMPORARY, PERMANENT, AMBIGUOUS])


def judge(outcome: Outcome, *, attempts: int = 1, doubts: int = 0, doubtful: bool = False) -> Fate:
    return fate(outcome, attempts=attempts, doubts=doubts, doubtful=doubtful, now=NOW, policy=POLICY)


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 5), (2, 10), (3, 20), (6, 160), (7, 240), (8, 240), (20, 240)])
def test_each_temporary_failure_waits_twice_as_long_up_to_a_limit(attempts: int, minutes: int) -> None:
    assert judge(TEMPORARY, attempts=attempts).due_at == NOW + timedelta(minutes=minutes)


def test_a_letter_is_given_up_after_the_waiting_that_the_policy_allows() -> None:
    ends = [judge(TEMPORARY, attempts=n).state for n in range(1, 40)]
    tries = ends.index(State.EXPIRED)
    waited = [judge(TEMPORARY, attempts=n).due_at for n in range(1, tries + 1)]
    total = sum((at - NOW for at in waited if at), start=timedelta())
    assert total <= POLICY.give_up < total + POLICY.longest_retry
    assert set(ends[tries:]) == {State.EXPIRED}


def test_a_letter_that_may_have_arrived_is_uncertain_when_given_up() -> None:
    assert judge(TEMPORARY, attempts=99, doubtful=True).state is State.UNCERTAIN


def test_a_huge_number_of_tries_overflows_nothing() -> None:
    patient = replace(POLICY, give_up=timedelta.max)
    due = fate(TEMPORARY, attempts=5000, doubts=0, doubtful=False, now=NOW, policy=patient).due_at
    assert due == NOW + patient.longest_retry


@given(OUTCOMES, st.integers(1, 50), st.integers(0, 2), st.booleans())
def test_only_a_letter_that_waits_has_an_hour(outcome: Outcome, attempts: int, doubts: int, doubtful: bool) -> None:
    end = judge(outcome, attempts=attempts, doubts=doubts, doubtful=doubtful)
    assert (end.due_at is not None) == (end.state in (State.PENDING, State.DOUBTFUL))
    assert end.due_at is None or end.due_at > NOW


@given(st.lists(OUTCOMES, min_size=60, max_size=60))
def test_every_letter_ends(answers: list[Outcome]) -> None:
    doubts, doubtful = 0, False
    for attempts, answer in enumerate(answers, start=1):
        end = judge(answer, attempts=attempts, doubts=doubts, doubtful=doubtful)
        if end.due_at is None:
            return
        doubts, doubtful = end.doubts, end.state is State.DOUBTFUL
    pytest.fail("still waiting after 60 answers")
