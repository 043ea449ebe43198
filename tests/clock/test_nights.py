"""Odd nights: in five zones over both daylight-saving edges of a year, one slot a week, at the time that docs/running.md states."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clock.conftest import Opened, utc
from digest.clock import coming, slots

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC")
YEAR = timedelta(days=371)


def week(key: str) -> tuple[int, int]:
    return datetime.fromisoformat(key).isocalendar()[:2]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("line", ["30 2 * * 0", "0 9 * * 0"])
def test_every_week_of_two_years_has_one_slot_at_its_hour(zone: str, line: str) -> None:
    """A Sunday: the day on which the clocks change. The wall shows the slot's hour, but for one spring night a year."""
    begin = datetime(2026, 6, 1, tzinfo=UTC)
    found = list(slots(line, zone=zone, after=begin, until=begin + 2 * YEAR))
    assert set(Counter(week(slot.key) for slot in found).values()) == {1}
    assert len(found) == 106
    walls = {slot.key: f"{slot.at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}" for slot in found}
    odd = {key: wall for key, wall in walls.items() if key != wall}
    assert odd == GAPS.get((zone, line), {})


# In the spring's gap there is no 02:30: the slot keeps its name, and comes when an hour has passed on the wall.
GAPS = {
    ("Europe/Berlin", "30 2 * * 0"): {"2027-03-28T02:30": "2027-03-28T03:30", "2028-03-26T02:30": "2028-03-26T03:30"},
    ("America/New_York", "30 2 * * 0"): {
        "2027-03-14T02:30": "2027-03-14T03:30",
        "2028-03-12T02:30": "2028-03-12T03:30",
    },
}


@pytest.mark.parametrize(
    ("line", "zone", "after", "expected"),
    [
        ("30 2 * * 0", "Europe/Berlin", "2026-10-24", "2026-10-25T00:30"),  # the first 02:30 of two, in summer time
        ("30 2 * * 0", "Europe/Berlin", "2027-03-27", "2027-03-28T01:30"),  # 03:30 on the wall: there is no 02:30
        ("30 1 * * 0", "America/New_York", "2026-10-31", "2026-11-01T05:30"),
        ("30 2 * * 0", "America/New_York", "2027-03-13", "2027-03-14T07:30"),
        ("0 9 29 2 *", "UTC", "2026-11-22", "2028-02-29T09:00"),  # a leap day
        ("0 0 1 1 *", "Asia/Kolkata", "2026-11-22", "2026-12-31T18:30"),  # a year's end
    ],
)
def test_an_odd_night_has_its_slot_at_a_stated_instant(line: str, zone: str, after: str, expected: str) -> None:
    (slot,) = coming(line, zone=zone, after=utc(after), count=1)
    assert slot.at == utc(expected)


@pytest.mark.parametrize(
    ("zone", "night"),
    [
        ("Europe/Berlin", "2026-10-25"),
        ("Europe/Berlin", "2027-03-28"),
        ("America/New_York", "2026-11-01"),
        ("America/New_York", "2027-03-14"),
        ("Asia/Kolkata", "2026-10-25"),
        ("Pacific/Apia", "2027-04-04"),
        ("UTC", "2027-03-28"),
    ],
)
@pytest.mark.parametrize("hour", ["30 2", "0 9"])
def test_an_odd_night_makes_one_issue(times: Opened, zone: str, night: str, hour: str) -> None:
    """Through the store, by ticks that keep no memory: each could be a new start."""
    times_ = times(digest_schedule=f"{hour} * * 0", digest_timezone=zone)
    begin = datetime.combine(date.fromisoformat(night), datetime.min.time(), tzinfo=UTC) - timedelta(hours=16)
    times_.adopt(begin.replace(tzinfo=None).isoformat())
    end = begin + timedelta(hours=44)
    made = times_.sweep(f"{begin:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}", every=timedelta(minutes=50))
    assert len(made) == 1
