"""What the hour brings: one issue a slot, late within the limit, never two to catch up, never one twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clock.conftest import Opened, Times, utc
from digest.cli import hours
from digest.errors import UsageError
from digest.model import SlotState, Standing

TUESDAY = "2026-11-24T09:00"
MADE, MISSED, DUE = SlotState.MADE, SlotState.MISSED, SlotState.DUE


@pytest.fixture
def weekly(times: Opened) -> Times:
    made = times()
    made.adopt("2026-11-23T12:00")
    return made


def test_nothing_goes_out_before_the_slot(weekly: Times) -> None:
    assert weekly.tick("2026-11-24T08:59") is None
    assert weekly.states() == []


def test_a_slot_makes_one_issue_whatever_ticks_twice(weekly: Times) -> None:
    assert len(weekly.sweep("2026-11-24T08:58", "2026-11-24T09:05", every=timedelta(minutes=1))) == 1
    assert weekly.states() == [(TUESDAY, MADE)]


def test_an_issue_carries_the_date_of_its_slot(times: Opened) -> None:
    """Also when it is made after midnight, and where the day is another one than in UTC."""
    apia = times(digest_schedule="30 2 * * 2", digest_timezone="Pacific/Apia")
    apia.adopt("2026-11-23T00:00")
    issue = apia.tick("2026-11-23T13:31")
    assert issue is not None
    assert "24 November 2026" in issue.page.text
    assert issue.letterhead.date == utc("2026-11-23T13:31")


def test_a_new_newsletter_sends_nothing_for_the_past(times: Opened) -> None:
    new = times()
    new.adopt("2026-11-24T09:01")
    assert new.tick("2026-11-24T09:02") is None


def test_a_laptop_that_slept_over_the_slot_sends_late(weekly: Times) -> None:
    weekly.tick("2026-11-24T08:00")
    assert weekly.tick("2026-11-24T15:00") is not None


def test_one_that_slept_past_the_limit_sends_nothing_and_says_so(weekly: Times) -> None:
    weekly.tick("2026-11-24T08:00")
    assert weekly.tick("2026-11-24T15:01") is None
    assert weekly.states() == [(TUESDAY, MISSED)]
    ((subject, text),) = weekly.told
    assert subject == "a slot passed without an issue"
    assert "nobody was there until DIGEST_LATE_LIMIT had passed" in text


def test_after_three_slots_only_the_latest_is_sent(times: Opened) -> None:
    daily = times(digest_schedule="0 9 * * *")
    daily.adopt("2026-11-23T12:00")
    assert len(daily.sweep("2026-11-26T10:00", "2026-11-26T12:00")) == 1
    assert [state for _, state in daily.states()] == [MISSED, MISSED, MADE]
    assert "2 slots" in daily.told[0][0]


def test_three_slots_within_the_limit_are_one_issue_too(times: Opened) -> None:
    hourly = times(digest_schedule="0 * * * *")
    hourly.adopt("2026-11-24T08:30")
    assert hourly.tick("2026-11-24T11:30") is not None
    assert [state for _, state in hourly.states()] == [MISSED, MISSED, MADE]
    assert "the slot of 2026-11-24 11:00 came after it" in hourly.told[0][1]


def test_a_year_of_silence_sends_nothing(weekly: Times) -> None:
    assert weekly.sweep("2027-11-22T12:00", "2027-11-22T14:00") == []
    assert len(weekly.states()) == 52
    assert len(weekly.told) == 1


def test_an_open_slot_is_never_caught_up_beside_the_next_one(times: Opened) -> None:
    """With a limit longer than the days between: yesterday's issue could not be made, today's can."""
    daily = times(digest_schedule="0 9 * * *", digest_late_limit=timedelta(days=3), filled=False)
    daily.adopt("2026-11-23T12:00")
    daily.tick("2026-11-24T09:01")
    assert daily.states() == [(TUESDAY, DUE)]
    daily.tick("2026-11-25T09:01")
    assert daily.states() == [(TUESDAY, MISSED), ("2026-11-25T09:00", DUE)]


# ── the clock is set ──────────────────────────────────────────────────────────────────────────────


def test_a_clock_set_back_sends_nothing_twice(weekly: Times) -> None:
    assert weekly.tick("2026-11-24T09:00") is not None
    assert weekly.sweep("2026-11-24T07:00", "2026-11-24T12:00") == []


def test_a_clock_set_a_year_ahead_and_back_misses_no_slot(weekly: Times) -> None:
    weekly.tick("2027-11-24T01:00")
    assert len(weekly.sweep("2026-11-23T12:30", "2026-12-10T00:00")) == 3


def test_a_clock_set_ahead_over_a_slot_sends_it_once(weekly: Times) -> None:
    """Nobody can know better at that moment; when the hour really comes, it is done."""
    assert weekly.tick("2026-11-24T10:00") is not None
    assert weekly.sweep("2026-11-23T13:00", "2026-11-24T23:00") == []


# ── the settings are changed ──────────────────────────────────────────────────────────────────────


def test_an_edited_schedule_counts_from_now_on(weekly: Times, times: Opened) -> None:
    weekly.tick("2026-11-24T08:59")
    weekly.house.close()
    earlier = times(filled=False, digest_schedule="0 8 * * 2")
    assert "0 9 * * 2 UTC" in (hours.adopt(earlier.house, since=utc("2026-11-24T08:59")) or "")
    assert earlier.sweep("2026-11-24T08:59", "2026-11-30T12:00") == []
    assert len(earlier.sweep("2026-12-01T07:59", "2026-12-01T12:00")) == 1


def test_another_zone_counts_from_now_on(weekly: Times, times: Opened) -> None:
    assert weekly.tick("2026-11-24T09:00") is not None
    moved = times(filled=False, digest_timezone="America/New_York")
    moved.adopt("2026-11-24T12:00")
    made = moved.sweep("2026-11-24T12:00", "2026-12-01T16:00", every=timedelta(hours=2))
    assert [key for key, _ in moved.states()] == [TUESDAY, "2026-12-01T09:00"], "nine in New York is the same slot"
    assert len(made) == 1


def test_a_machine_with_another_schedule_makes_nothing_and_says_why(weekly: Times, times: Opened) -> None:
    times(filled=False, digest_schedule="0 8 * * 2").adopt("2026-11-23T13:00")
    with pytest.raises(UsageError, match="same DIGEST_SCHEDULE"):
        weekly.tick("2026-11-24T09:00")


# ── what stands in the way ────────────────────────────────────────────────────────────────────────


def test_an_empty_shelf_sends_nothing_and_tells_the_editor_once(times: Opened) -> None:
    empty = times(filled=False)
    empty.adopt("2026-11-23T12:00")
    assert empty.sweep("2026-11-24T08:30", "2026-11-24T14:00") == []
    ((subject, text),) = empty.told
    assert subject == "no issue yet for Tue 2026-11-24 09:00"
    assert "the shelf is empty" in text.casefold()
    assert "2026-11-24 15:00 UTC" in text


def test_a_shelf_filled_in_time_still_makes_the_issue(times: Opened) -> None:
    empty = times(filled=False)
    empty.adopt("2026-11-23T12:00")
    empty.tick("2026-11-24T09:01")
    filled = times()
    assert filled.tick("2026-11-24T11:00") is not None
    assert filled.states() == [(TUESDAY, MADE)]


def test_a_slot_that_stays_empty_passes_with_its_reason(times: Opened) -> None:
    empty = times(filled=False)
    empty.adopt("2026-11-23T12:00")
    empty.sweep("2026-11-24T09:00", "2026-11-24T15:30")
    (one,) = empty.house.store.slots.last(1)
    assert one.state is MISSED
    assert "nothing on the shelf" in one.why
    assert "DIGEST_LATE_LIMIT" in one.why
    assert len(empty.told) == 2


def test_a_held_shelf_is_an_empty_one(weekly: Times) -> None:
    for shelved in weekly.house.store.library.shelf():
        weekly.house.store.library.set_standing(shelved.id, Standing.HELD)
    assert weekly.tick("2026-11-24T09:00") is None
    assert "pick --explain" in weekly.told[0][1]


def test_nobody_subscribed_spends_no_thread(times: Opened) -> None:
    lonely = times(filled=False)
    lonely.fill()
    lonely.adopt("2026-11-23T12:00")
    assert lonely.tick("2026-11-24T09:00") is None
    assert "nobody is subscribed" in lonely.told[0][1]
    assert lonely.house.store.spines.sent() == []


def test_a_held_slot_waits_for_the_editor(weekly: Times) -> None:
    (slot,) = hours.clock.coming("0 9 * * 2", zone="UTC", after=utc("2026-11-23T12:00"), count=1)
    weekly.house.store.slots.foresee(slot, now=utc("2026-11-23T12:00"))
    weekly.house.store.slots.move(slot.key, to=SlotState.HELD, now=utc("2026-11-23T12:00"))
    assert weekly.sweep("2026-11-24T09:00", "2026-11-24T12:00") == []
    weekly.house.store.slots.move(slot.key, to=SlotState.DUE, now=utc("2026-11-24T12:00"))
    assert weekly.tick("2026-11-24T12:00") is not None


# ── a store that stands still ─────────────────────────────────────────────────────────────────────


def test_letters_that_lay_still_too_long_are_asked_about(weekly: Times) -> None:
    """A machine's snapshot from the middle of a delivery looks just like this."""
    weekly.tick("2026-11-24T09:00")
    assert weekly.tick("2026-11-26T09:00") is None
    assert "may have gone out" in weekly.house.store.home.stopped()
    assert weekly.told[-1][0] == "stopped"
    assert weekly.tick("2026-12-01T09:00") is None


def test_letters_that_wait_while_somebody_is_at_work_are_no_matter(weekly: Times) -> None:
    weekly.sweep("2026-11-24T09:00", "2026-11-26T09:00")
    assert weekly.house.store.home.stopped() == ""
