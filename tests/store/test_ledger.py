"""The ledger: nobody twice, nobody missed, and sums that add up. Asked of SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.errors import NotFound
from digest.model import Outcome, State
from digest.store import Store
from digest.store.ledger import Claim, Policy
from store.given import ACCEPTED, AMBIGUOUS, NOW, PERMANENT, POLICY, SECOND, TEMPORARY, a_newcomer, make_issue, owe

HOLD = replace(POLICY, doubt="hold")


def claim(store: Store, *, limit: int = 100, now=NOW, policy: Policy = POLICY) -> list[Claim]:
    return list(store.ledger.claim(1, limit=limit, now=now, policy=policy))


def start(store: Store, claims: list[Claim], *, now=NOW) -> frozenset[Claim]:
    return store.ledger.turn(settled=[], starting=claims, now=now, policy=POLICY)


def send(store: Store, outcome: Outcome, *, now=NOW, limit: int = 100, policy: Policy = POLICY) -> int:
    """Claim what is due, start it, and settle all of it with one outcome. Returns how many went."""
    claims = claim(store, now=now, limit=limit)
    going = start(store, claims, now=now)
    store.ledger.turn(settled=[(one, outcome) for one in going], starting=[], now=now, policy=policy)
    return len(going)


def counts(store: Store) -> dict[State, int]:
    return store.ledger.tally(1).counts


def test_an_issue_owes_a_letter_to_every_active_reader(store: Store) -> None:
    store.subscribers.add(a_newcomer("gone"), now=NOW)
    store.subscribers.remove("gone@example.org", now=NOW)
    assert owe(store, 3) == 1
    assert counts(store) == {State.PENDING: 3}


def test_an_issue_without_readers_owes_nothing(store: Store) -> None:
    owe(store, 0)
    assert claim(store) == []
    assert store.issues.unfinished() == []
    assert store.ledger.tally(1).total == 0


def test_who_joins_after_the_issue_was_made_does_not_get_it(store: Store) -> None:
    owe(store, 1)
    store.subscribers.add(a_newcomer("late"), now=NOW)
    assert len(claim(store)) == 1


def test_a_claimed_letter_is_claimed_by_nobody_else(store: Store) -> None:
    owe(store, 5)
    first, second, third = claim(store, limit=3), claim(store, limit=3), claim(store, limit=3)
    assert [len(first), len(second), len(third)] == [3, 2, 0]
    assert len({one.recipient.id for one in first + second}) == 5


def test_an_accepted_letter_is_never_due_again(store: Store) -> None:
    owe(store, 3)
    assert send(store, ACCEPTED) == 3
    assert claim(store, now=NOW + timedelta(days=365)) == []
    assert store.issues.unfinished() == []


def test_the_servers_answer_stands_in_the_report(store: Store) -> None:
    owe(store, 2)
    send(store, PERMANENT, limit=1)
    refused, waiting = store.ledger.deliveries(1)
    assert (refused.email, refused.state, refused.attempts) == ("reader0@example.org", State.REFUSED, 1)
    assert (refused.phase, refused.code, refused.enhanced) == ("rcpt", 550, "5.1.1")
    assert (refused.reply, refused.settled_at) == ("no such user", NOW)
    assert (waiting.state, waiting.code, waiting.reply) == (State.PENDING, 0, "")
    assert [one.email for one in store.ledger.deliveries(1, State.REFUSED)] == [refused.email]


def test_a_long_and_dirty_answer_is_kept_short_and_clean(store: Store) -> None:
    owe(store, 1)
    send(store, Outcome(verdict="permanent", phase="rcpt", code=550, reply="\x00\ud800no\r\n\x1b" + "x" * 10_000))
    (line,) = store.ledger.deliveries(1)
    assert line.reply.startswith("no ")
    assert len(line.reply) == 500


def test_an_answer_is_kept_with_all_its_marks(store: Store) -> None:
    owe(store, 2)
    said = 'no "such" \\user\\, {NULL}, (é) \'; NULL'
    send(store, Outcome(verdict="permanent", phase="rcpt", code=550, reply=said))
    assert {line.reply for line in store.ledger.deliveries(1)} == {said}


def test_the_report_reads_page_after_page(store: Store) -> None:
    owe(store, 2100)
    assert len({line.subscriber_id for line in store.ledger.deliveries(1)}) == 2100


def test_a_temporary_failure_waits_and_is_tried_again(store: Store) -> None:
    owe(store, 1)
    send(store, TEMPORARY)
    assert claim(store, now=NOW + POLICY.first_retry - SECOND) == []
    assert store.ledger.next_due(1) == NOW + POLICY.first_retry
    assert send(store, ACCEPTED, now=NOW + POLICY.first_retry) == 1
    assert counts(store) == {State.ACCEPTED: 1}


def test_what_is_held_back_from_a_domain_costs_none_of_its_tries(store: Store) -> None:
    owe(store, 1)
    held_back, due = Outcome(verdict="temporary", phase="breaker", reply="they want none of our mail"), NOW
    for _ in range(40):
        assert send(store, held_back, now=due) == 1
        due += POLICY.first_retry
        assert store.ledger.next_due(1) == due
    assert counts(store) == {State.PENDING: 1}


def test_a_lost_answer_is_tried_once_more_and_then_left_alone(store: Store) -> None:
    owe(store, 1)
    send(store, AMBIGUOUS)
    assert counts(store) == {State.DOUBTFUL: 1}
    assert claim(store, now=NOW + POLICY.doubt_after - SECOND) == []
    late = NOW + POLICY.doubt_after
    assert send(store, AMBIGUOUS, now=late) == 1
    assert counts(store) == {State.UNCERTAIN: 1}
    assert claim(store, now=late + timedelta(days=365)) == []


def test_a_lost_answer_is_held_when_the_house_says_so(store: Store) -> None:
    owe(store, 1)
    send(store, AMBIGUOUS, policy=HOLD)
    assert counts(store) == {State.DOUBTFUL: 1}
    assert store.ledger.next_due(1) is None
    assert store.issues.unfinished() == []


def test_a_doubtful_letter_that_is_put_off_stays_doubtful(store: Store) -> None:
    owe(store, 1)
    send(store, AMBIGUOUS)
    send(store, TEMPORARY, now=NOW + POLICY.doubt_after)
    assert counts(store) == {State.DOUBTFUL: 1}


def test_who_leaves_before_the_claim_gets_nothing(store: Store) -> None:
    owe(store, 2)
    store.subscribers.remove("reader0@example.org", now=NOW)
    assert [one.recipient.email for one in claim(store)] == ["reader1@example.org"]
    assert counts(store) == {State.WITHDRAWN: 1, (State.PENDING if store.ledger.local else State.CLAIMED): 1}


def test_a_claim_looks_past_a_batch_of_those_who_left(store: Store) -> None:
    owe(store, 4)
    for n in range(3):
        store.subscribers.remove(f"reader{n}@example.org", now=NOW)
    assert [one.recipient.email for one in claim(store, limit=2)] == ["reader3@example.org"]


def test_who_leaves_between_claim_and_start_gets_nothing(store: Store) -> None:
    owe(store, 2)
    claims = claim(store)
    store.subscribers.remove("reader0@example.org", now=NOW)
    assert {one.recipient.email for one in start(store, claims)} == {"reader1@example.org"}
    assert counts(store) == {State.WITHDRAWN: 1, State.SENDING: 1}


def test_who_is_erased_between_claim_and_start_gets_nothing(store: Store) -> None:
    owe(store, 1)
    claims = claim(store)
    store.subscribers.erase("reader0@example.org")
    assert start(store, claims) == frozenset()
    assert [(line.email, line.state) for line in store.ledger.deliveries(1)] == [("", State.WITHDRAWN)]


def test_a_letter_is_started_once(store: Store) -> None:
    owe(store, 1)
    claims = claim(store)
    assert start(store, claims) == frozenset(claims)
    assert start(store, claims) == frozenset()
    assert counts(store) == {State.SENDING: 1}


def test_a_letter_that_never_started_cannot_be_settled(store: Store) -> None:
    owe(store, 1)
    (one,) = claim(store)
    store.ledger.turn(settled=[(one, ACCEPTED)], starting=[], now=NOW, policy=POLICY)
    assert counts(store) == {(State.PENDING if store.ledger.local else State.CLAIMED): 1}


def test_what_was_released_is_due_at_once(store: Store) -> None:
    owe(store, 2)
    store.ledger.release(claim(store), now=NOW)
    assert counts(store) == {State.PENDING: 2}
    assert len(claim(store)) == 2


def test_a_lone_sender_takes_back_at_once_what_the_last_one_held(store: Store) -> None:
    owe(store, 3)
    claims = claim(store, limit=2)
    start(store, claims[:1])
    found = store.ledger.recover(now=NOW, policy=POLICY, alone=True)
    assert found[State.DOUBTFUL] == 1
    assert counts(store) == {State.PENDING: 2, State.DOUBTFUL: 1}
    assert len(claim(store)) == 3


def test_a_sender_among_others_takes_over_only_what_outlived_its_lease(store: Store) -> None:
    owe(store, 1)
    start(store, claim(store))
    before, after = NOW + POLICY.lease - SECOND, NOW + POLICY.lease
    assert store.ledger.recover(now=before, policy=POLICY, alone=False).total == 0
    assert store.ledger.recover(now=after, policy=POLICY, alone=False).counts == {State.DOUBTFUL: 1}


def test_starting_a_letter_renews_its_lease(store: Store) -> None:
    owe(store, 1)
    later = NOW + POLICY.lease - SECOND
    start(store, claim(store), now=later)
    assert store.ledger.recover(now=NOW + POLICY.lease, policy=POLICY, alone=False).total == 0


def test_a_sender_that_hung_can_neither_start_nor_settle_what_was_taken_over(store: Store) -> None:
    owe(store, 2)
    hung = claim(store)
    start(store, hung[:1])
    store.ledger.recover(now=NOW, policy=POLICY, alone=True)
    taken = claim(store)
    assert start(store, taken) == frozenset(taken)
    assert store.ledger.turn(settled=[(hung[0], PERMANENT)], starting=hung[1:], now=NOW, policy=POLICY) == frozenset()
    assert counts(store) == {State.SENDING: 2}


def test_a_crash_does_not_use_up_the_retry_of_a_lost_answer(store: Store) -> None:
    owe(store, 1)
    start(store, claim(store))
    store.ledger.recover(now=NOW, policy=POLICY, alone=True)
    send(store, AMBIGUOUS)
    assert counts(store) == {State.DOUBTFUL: 1}
    assert send(store, ACCEPTED, now=NOW + POLICY.doubt_after) == 1


def test_a_letter_that_senders_keep_dying_with_is_given_up(store: Store) -> None:
    owe(store, 1)
    for _ in range(POLICY.crashes):
        assert len(start(store, claim(store))) == 1
        store.ledger.recover(now=NOW, policy=POLICY, alone=True)
    assert counts(store) == {State.UNCERTAIN: 1}
    assert claim(store) == []


def test_a_try_that_a_crash_cut_short_is_counted(store: Store) -> None:
    owe(store, 1)
    start(store, claim(store))
    store.ledger.recover(now=NOW, policy=POLICY, alone=True)
    (line,) = store.ledger.deliveries(1)
    assert line.attempts == 1


def test_a_doubtful_letter_claimed_by_who_dies_is_doubtful_again(store: Store) -> None:
    owe(store, 1)
    send(store, AMBIGUOUS)
    assert len(claim(store, now=NOW + POLICY.doubt_after)) == 1
    store.ledger.recover(now=NOW, policy=POLICY, alone=True)
    assert counts(store) == {State.DOUBTFUL: 1}


def test_what_was_under_way_in_a_crash_is_held_when_the_house_says_so(store: Store) -> None:
    owe(store, 1)
    start(store, claim(store))
    store.ledger.recover(now=NOW, policy=HOLD, alone=True)
    assert claim(store, now=NOW + timedelta(days=365)) == []
    assert counts(store) == {State.DOUBTFUL: 1}


def test_one_turn_may_carry_letters_of_two_issues(store: Store) -> None:
    owe(store, 2)
    make_issue(store, key="k2")
    claims = claim(store) + list(store.ledger.claim(2, limit=9, now=NOW, policy=POLICY))
    assert start(store, claims) == frozenset(claims)
    store.ledger.turn(settled=[(one, ACCEPTED) for one in claims], starting=[], now=NOW, policy=POLICY)
    assert store.ledger.tally(1).counts == store.ledger.tally(2).counts == {State.ACCEPTED: 2}


def test_an_issue_in_flight_is_unfinished(store: Store) -> None:
    owe(store, 1)
    start(store, claim(store))
    assert [issue.number for issue in store.issues.unfinished()] == [1]


def test_an_unknown_issue_is_named(store: Store) -> None:
    with pytest.raises(NotFound, match="7"):
        store.ledger.tally(7)


def test_two_open_stores_share_one_ledger(url: str, open_at: Callable[[str], Store]) -> None:
    one, other = open_at(url), open_at(url)
    owe(one, 4)
    mine = start(one, claim(one, limit=2))
    theirs = start(other, claim(other, limit=9))
    assert {c.recipient.id for c in mine}.isdisjoint(c.recipient.id for c in theirs)
    assert len(mine) + len(theirs) == 4


def test_a_letter_that_two_hold_in_hand_is_started_by_one(url: str, open_at: Callable[[str], Store]) -> None:
    one, other = open_at(url), open_at(url)
    owe(one, 4)
    mine, theirs = claim(one, limit=2), claim(other, limit=4)
    going = [*start(other, theirs), *start(one, mine)]
    assert sorted(c.recipient.id for c in going) == [1, 2, 3, 4]


def test_a_claim_finds_what_came_back_among_what_is_in_hand(store: Store) -> None:
    owe(store, 5)
    first, rest = claim(store, limit=1), claim(store, limit=3)
    store.ledger.release(rest[:2], now=NOW)
    assert sorted(one.recipient.id for _ in range(3) for one in claim(store, limit=1)) == [2, 3, 5]
    assert claim(store) == []
    assert first[0].recipient.id == 1
