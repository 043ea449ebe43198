"""A racer's side of `measure.run`: say ready, wait for the word, do it, say what it took."""

from __future__ import annotations

import json
import re
import resource
import time
from collections.abc import Callable
from pathlib import Path


def race(work: Callable[[], object]) -> None:
    """Do `work` once, at the word. What came before, such as imports, does not count."""
    print("ready", flush=True)
    input()
    began, before = time.perf_counter(), _cpu()
    work()
    print(json.dumps({"seconds": time.perf_counter() - began, "cpu": _cpu() - before, "memory": _memory()}))


def _cpu() -> float:
    """Of this process and of the children that have ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def _memory() -> int:
    """The most that was ever resident. `ru_maxrss` would be the parent's, which a new process inherits."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
