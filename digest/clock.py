"""Knows the hour: the slots of a crontab line in a time zone, and an alarm for them. What is to be done at a slot is not
its business.

APScheduler computes the instants. Its own reading of a crontab differs from crontab's (Monday is 0, Sunday cannot be
7), so the line is translated here, and a slot is named by its local wall clock: both halves of an autumn night are one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from digest.errors import SettingsError
from digest.model import Appointment, Slot, SlotState

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


def trigger(line: str, *, zone: str) -> CronTrigger:
    """APScheduler's trigger for a crontab line in crontab(5)'s own meaning.

    Raises SettingsError for a line that crontab would refuse, that never comes, or that sets both day of month and day
    of week (crontab means "or" by it, APScheduler "and": too easily misread).
    """
    fields = _NICKNAMES.get(line.strip().lower(), line).split()
    if len(fields) != 5:
        raise _wrong(line, "a crontab line has five fields: minute hour day month weekday")
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":
        raise _wrong(line, "it sets both a day of the month and a weekday")
    try:
        found = CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday), timezone=ZoneInfo(zone)
        )
    except ValueError as wrong:
        raise _wrong(line, str(wrong)) from wrong
    if found.get_next_fire_time(None, datetime(2024, 1, 1, tzinfo=UTC)) is None:
        raise _wrong(line, "that day never comes")
    return found


def _wrong(line: str, why: str) -> SettingsError:
    return SettingsError(
        f"“{line}” is no schedule: {why}", where="DIGEST_SCHEDULE", then="Tuesdays at nine would be: 0 9 * * 2"
    )


def _weekdays(field: str) -> str:
    """Crontab's weekday field in APScheduler's names: `*/2`, `0-5`, `fri-mon`, `7` become lists of day names."""
    if field == "*":
        return "*"
    days: set[int] = set()
    for part in field.lower().split(","):
        match = re.fullmatch(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?", part)
        if not match or (match[1] == "*" and match[2]):
            raise ValueError(f"“{part}” is no weekday")
        first = 0 if match[1] == "*" else _weekday(match[1])
        last = 6 if match[1] == "*" or (match[3] and not match[2]) else _weekday(match[2] or match[1])
        last += 7 if last < first else 0
        days.update(day % 7 for day in range(first, last + 1, max(1, int(match[3] or 1))))
    return ",".join(_DAYS[day] for day in sorted(days))


def _weekday(name: str) -> int:
    if name[:3] in _DAYS and name.isalpha():
        return _DAYS.index(name[:3])
    if not name.isdecimal() or int(name) > 7:
        raise ValueError(f"“{name}” is no weekday")
    return int(name)


def slots(line: str, *, zone: str, after: datetime, until: datetime) -> Iterator[Slot]:
    """The slots with after < at <= until, in order. Cut an interval anywhere: its pieces give the same slots.

    Starts a day early, so that a spring gap just crossed hides nothing.
    """
    clock, last, seen = trigger(line, zone=zone), None, set[str]()
    moment = after - timedelta(days=1)
    while (due := clock.get_next_fire_time(last, moment)) is not None and due.astimezone(UTC) <= until:
        key, at = f"{due:%Y-%m-%dT%H:%M}", due.astimezone(UTC)
        if key not in seen:
            seen.add(key)
            if at > after:
                yield Slot(key=key, at=at)
        last, moment = due, at + timedelta(microseconds=1)


def arrivals(line: str, *, zone: str, after: datetime, now: datetime, late_limit: timedelta) -> tuple[Appointment, ...]:
    """What came since `after`: the latest slot is due unless it is later than `late_limit`, all before it were missed.

    A machine that slept over three slots makes one issue late, one that slept for too long makes none.
    """
    came = list(slots(line, zone=zone, after=after, until=now))
    return tuple(_arrival(slot, latest=came[-1], now=now, late_limit=late_limit) for slot in came)


def _arrival(slot: Slot, *, latest: Slot, now: datetime, late_limit: timedelta) -> Appointment:
    if slot != latest:
        why = f"nobody was there in time, and the slot of {latest.key.replace('T', ' ')} came after it"
    elif now - slot.at > late_limit:
        why = "nobody was there until DIGEST_LATE_LIMIT had passed"
    else:
        return Appointment(slot=slot, state=SlotState.DUE)
    return Appointment(slot=slot, state=SlotState.MISSED, why=why)


def coming(line: str, *, zone: str, after: datetime, count: int) -> list[Slot]:
    """The next slots, at most `count`, of the coming eight years: even a 29 February comes that often."""
    return list(islice(slots(line, zone=zone, after=after, until=after + timedelta(days=8 * 366)), count))


def alarm(line: str, *, zone: str, ring: Callable[[], None]) -> AsyncIOScheduler:
    """Calls `ring` in the running loop when a slot comes. To be started, and shut down, by who asked for it.

    An alarm and no more: what it believes of the time decides nothing, and it may ring twice, late or not at all (see
    docs/decisions.md), since whoever wakes up looks into the store. Its jobs lie in memory: a job store that lost its
    connection once would silence it for good.
    """
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    scheduler = AsyncIOScheduler(timezone=ZoneInfo(zone))
    scheduler.add_job(ring, trigger(line, zone=zone), misfire_grace_time=None, coalesce=True, max_instances=1)
    return scheduler
