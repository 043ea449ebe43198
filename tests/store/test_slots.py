"""Slots as rows: decided once, whatever wakes twice, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from digest.errors import UsageError
from digest.model import Appointment, Slot, SlotState
from digest.store import Store, open_store
from store.given import NOW, a_letterhead, a_page, a_thread, make_issue, readers

WEEKLY, HOUR = "0 9 * * 2 UTC", timedelta(hours=1)


def slot(hours: int = 0) -> Slot:
    at = NOW + hours * HOUR
    return Slot(key=f"{at:%Y-%m-%dT%H:%M}", at=at)


def came(hours: int = 0, *, state: SlotState = SlotState.DUE) -> Appointment:
    return Appointment(slot=slot(hours), state=state)


def states(store: Store) -> list[SlotState]:
    return [one.state for one in store.slots.last(10)][::-1]


def test_a_slot_is_new_once(store: Store) -> None:
    assert store.slots.come([came()], now=NOW) == [came()]
    assert store.slots.come([came()], now=NOW) == []


def test_a_new_store_counts_from_its_first_schedule_on(store: Store) -> None:
    assert store.slots.adopt(WEEKLY, since=NOW) == ""
    assert store.slots.checked(WEEKLY) == NOW


def test_the_same_schedule_again_moves_nothing(store: Store) -> None:
    store.slots.adopt(WEEKLY, since=NOW)
    assert store.slots.adopt(WEEKLY, since=NOW + HOUR) is None
    assert store.slots.checked(WEEKLY) == NOW


def test_another_schedule_counts_from_now_on_and_says_which_was_before(store: Store) -> None:
    store.slots.adopt(WEEKLY, since=NOW)
    assert store.slots.adopt("0 8 * * 1 UTC", since=NOW + HOUR) == WEEKLY
    assert store.slots.checked("0 8 * * 1 UTC") == NOW + HOUR


def test_a_machine_with_the_schedule_of_before_is_told_so(store: Store) -> None:
    store.slots.adopt(WEEKLY, since=NOW)
    store.slots.adopt("0 8 * * 1 UTC", since=NOW)
    with pytest.raises(UsageError, match="0 8"):
        store.slots.checked(WEEKLY)


def test_an_edited_schedule_forgets_what_was_foreseen_and_no_more(store: Store) -> None:
    store.slots.adopt(WEEKLY, since=NOW - HOUR)
    store.slots.come([came()], now=NOW)
    store.slots.foresee(slot(1), now=NOW)
    store.slots.adopt("0 8 * * 1 UTC", since=NOW)
    assert states(store) == [SlotState.DUE]


def test_what_was_foreseen_is_decided_when_it_comes(store: Store) -> None:
    assert store.slots.foresee(slot(1), now=NOW)
    assert not store.slots.foresee(slot(1), now=NOW)
    store.slots.come([came(1)], now=NOW + HOUR)
    assert states(store) == [SlotState.DUE]


@pytest.mark.parametrize("decided", [SlotState.HELD, SlotState.SKIPPED])
def test_what_the_editor_decided_ahead_stays(store: Store, decided: SlotState) -> None:
    store.slots.foresee(slot(1), now=NOW)
    store.slots.move(slot(1).key, to=decided, now=NOW)
    store.slots.come([came(1)], now=NOW + HOUR)
    assert states(store) == [decided]


def test_an_issue_decides_its_slot_in_the_same_transaction(store: Store) -> None:
    readers(store, 1)
    issue = make_issue(store, slot=slot().key)
    (one,) = store.slots.last(1)
    assert (one.state, one.issue) == (SlotState.MADE, issue.number)


def test_a_slot_that_was_skipped_gets_no_issue(store: Store) -> None:
    store.slots.come([came(state=SlotState.SKIPPED)], now=NOW)
    shelved = store.library.add(a_thread(), raw=b"", now=NOW).shelved
    with pytest.raises(UsageError, match="no open slot"):
        store.issues.create(
            thread_id=shelved.id, page=a_page(), letterhead=a_letterhead(), reason="", now=NOW, slot=slot().key
        )
    assert store.issues.newest() is None


def test_a_reason_is_new_once(store: Store) -> None:
    store.slots.come([came()], now=NOW)
    assert store.slots.explain(slot().key, why="the shelf is empty", now=NOW)
    assert not store.slots.explain(slot().key, why="the shelf is empty", now=NOW)
    assert store.slots.explain(slot().key, why="nobody is subscribed", now=NOW)


def test_a_clock_set_back_forgets_what_it_missed_in_a_future_that_never_was(store: Store) -> None:
    """Else a newsletter whose clock was a year ahead for a minute would be silent for that year."""
    future = [came(24 * 7 * week, state=SlotState.MISSED) for week in range(1, 53)]
    store.slots.adopt(WEEKLY, since=NOW)
    store.slots.come(future, now=NOW + 365 * 24 * HOUR)
    store.slots.come([came()], now=NOW)
    assert states(store) == [SlotState.DUE]
    assert store.slots.checked(WEEKLY) == NOW


def test_two_machines_that_wake_together_make_one_issue(url: str, store: Store) -> None:
    """Eight threads, each with a connection of its own, through the same slot at once."""
    readers(store, 3)
    threads = [store.library.add(a_thread(f"t{n}"), raw=b"", now=NOW).shelved.id for n in range(8)]
    gate, numbers, new = threading.Barrier(8), [], []

    def wake(thread_id: int) -> None:
        own = open_store(url)
        gate.wait()
        new.extend(own.slots.come([came()], now=NOW))
        made = own.issues.create(
            thread_id=thread_id, page=a_page(), letterhead=a_letterhead(), reason="", now=NOW, slot=slot().key
        )
        numbers.append(made.number)
        own.close()

    running = [threading.Thread(target=wake, args=[id]) for id in threads]
    for one in running:
        one.start()
    for one in running:
        one.join()
    assert numbers == [1] * 8
    assert len(new) == 1
    assert store.ledger.tally(1).total == 3


def test_given_up_letters_are_settled_and_counted(store: Store) -> None:
    readers(store, 3)
    number = make_issue(store).number
    assert store.ledger.untried(number)
    store.ledger.give_up(number, now=NOW)
    assert store.ledger.tally(number).owed() == 0
    assert store.ledger.tally(number).total == 3
    assert [line.reply for line in store.ledger.deliveries(number)] == ["given up by hand"] * 3
    assert store.issues.unfinished() == []
