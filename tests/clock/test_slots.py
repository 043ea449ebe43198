"""The hour: crontab's own meaning, and slots that stay the same however the night is cut."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.clock import slots, trigger
from digest.errors import SettingsError


def keys(line, zone, start, days):
    after = datetime.fromisoformat(start).replace(tzinfo=UTC)
    return [slot.key for slot in slots(line, zone=zone, after=after, until=after + timedelta(days=days))]


@pytest.mark.parametrize(
    ("weekday", "expected"),
    [
        ("0", ["sun"]),
        ("7", ["sun"]),
        ("1-5", ["mon", "tue", "wed", "thu", "fri"]),
        ("5-7", ["sun", "fri", "sat"]),
        ("fri-mon", ["sun", "mon", "fri", "sat"]),
        ("*/2", ["sun", "tue", "thu", "sat"]),
        ("2/2", ["tue", "thu", "sat"]),
        ("Mon,wed", ["mon", "wed"]),
    ],
)
def test_a_weekday_means_what_crontab_means(weekday, expected):
    after = datetime(2026, 11, 1, tzinfo=UTC)
    days = {
        slot.at.strftime("%a").lower()
        for slot in slots(f"0 9 * * {weekday}", zone="UTC", after=after, until=after + timedelta(days=14))
    }
    assert days == set(expected)


def test_weekly_is_sunday_midnight():
    assert keys("@weekly", "UTC", "2026-11-01T12:00", 8) == ["2026-11-08T00:00"]


def test_an_autumn_night_has_one_slot_at_half_past_two():
    assert keys("30 2 * * 0", "Europe/Berlin", "2026-10-24", 3) == ["2026-10-25T02:30"]


def test_a_spring_night_keeps_its_slot_in_the_gap():
    assert len(keys("30 2 * * 0", "Europe/Berlin", "2027-03-27", 3)) == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0 9 13 * fri", "both"),
        ("0 9 30 2 *", "never comes"),
        ("0 9 * *", "five fields"),
        ("0 9 * * 8", "no weekday"),
        ("61 * * * *", "61"),
        ("0 9 * * mon#1", "no weekday"),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused_with_its_reason(line, reason):
    with pytest.raises(SettingsError, match=reason) as refused:
        trigger(line, zone="UTC")
    assert refused.value.where == "DIGEST_SCHEDULE"


@settings(max_examples=60, deadline=None)
@given(
    line=st.sampled_from(["30 2 * * 0", "0 9 * * 2", "30 1 * * *", "15 */6 * * *"]),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC"]),
    cuts=st.lists(st.integers(min_value=0, max_value=20 * 24 * 6), max_size=6),
    start=st.sampled_from(["2026-10-20", "2027-03-10", "2028-02-20"]),
)
def test_a_restart_anywhere_changes_no_slot(line, zone, cuts, start):
    begin = datetime.fromisoformat(start).replace(tzinfo=UTC)
    end = begin + timedelta(days=20)
    edges = [begin, *sorted(begin + timedelta(minutes=10 * cut) for cut in cuts), end]
    whole = list(slots(line, zone=zone, after=begin, until=end))
    pieces = [slot for a, b in pairwise(edges) for slot in slots(line, zone=zone, after=a, until=b)]
    assert pieces == whole
