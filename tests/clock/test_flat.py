"""Tick after tick: what the process holds does not grow."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import timedelta
from pathlib import Path

from clock.conftest import Opened, Times, utc


def _tick(times: Times, *, since: str, count: int) -> None:
    at = utc(since)
    for _ in range(count):
        times.tick(f"{at:%Y-%m-%dT%H:%M}")
        at += timedelta(minutes=1)


def test_memory_and_open_files_stay_flat_over_many_ticks(times: Opened) -> None:
    """On the way to a slot, at it, and after it; an open slot without an issue is looked at again at each."""
    daily = times(digest_schedule="0 9 * * *", filled=False)
    daily.adopt("2026-11-23T12:00")
    _tick(daily, since="2026-11-24T08:50", count=20)
    gc.collect()
    files = len(list(Path("/proc/self/fd").iterdir()))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    _tick(daily, since="2026-11-24T09:10", count=80)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(list(Path("/proc/self/fd").iterdir())) <= files
    assert grown < 80 * 2000, f"{grown / 80:.0f} bytes a tick"
