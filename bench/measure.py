"""Runs programs against each other: each in a process of its own, in rounds, in a rotated order. Knows nothing of mail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import log2
from pathlib import Path
from statistics import median

ROUNDS = 5
MOST = 65_536  # letters in a lap
AIM = 2.0  # seconds for a lap: ours takes 0.1 s to begin with, which was a fifth of a lap of 0.6


@dataclass(frozen=True, slots=True)
class Lap:
    """What one run took: seconds by the clock, seconds of processor time, and the most memory it ever held, in bytes."""

    letters: int
    seconds: float
    cpu: float
    memory: int

    @property
    def rate(self) -> float:
        """Letters a second."""
        return self.letters / self.seconds

    @property
    def cpu_per_1000(self) -> float:
        return self.cpu / self.letters * 1000


@dataclass(frozen=True, slots=True)
class Way:
    """One way of doing the same work. `lap` does it for so many letters, `fewest` or more: a start must not count much."""

    name: str
    lap: Callable[[int], Lap]
    fewest: int = 32


Laps = Mapping[str, Sequence[Lap]]


def race(ways: Sequence[Way], *, letters: int = 0, aim: float = AIM) -> Laps:
    """Every way in every round, each round beginning with another one, so that a busy machine is busy for all.

    `letters` in each lap; 0 finds for each way how many take about `aim` seconds.
    """
    enough = {way.name: letters or _enough(way, aim=aim) for way in ways}
    laps: dict[str, list[Lap]] = {way.name: [] for way in ways}
    for turn in range(ROUNDS):
        start = turn * len(ways) // ROUNDS
        for way in (*ways[start:], *ways[:start]):
            laps[way.name].append(way.lap(enough[way.name]))
            dot()
    return laps


def _enough(way: Way, *, aim: float) -> int:
    """The fast and the slow get the same time, not the same work. Powers of two, so that few stores must be made."""
    letters, seconds = way.fewest, way.lap(way.fewest).seconds
    while seconds < aim / 2 and letters < MOST:
        letters = min(MOST, letters * 2 ** min(5, round(log2(aim / seconds))))
        seconds = way.lap(letters).seconds
    return letters


def middle(laps: Sequence[Lap]) -> Lap:
    """The median of each figure."""
    return Lap(
        letters=laps[0].letters,
        seconds=median(lap.seconds for lap in laps),
        cpu=median(lap.cpu for lap in laps),
        memory=int(median(lap.memory for lap in laps)),
    )


def ratios(mine: Sequence[Lap], theirs: Sequence[Lap]) -> list[float]:
    """How many times faster mine was, round by round: what disturbed one disturbed the other."""
    return [a.rate / b.rate for a, b in zip(mine, theirs, strict=True)]


# ── programs ──────────────────────────────────────────────────────────────────────────────────────


def run(*commands: Sequence[str], letters: int) -> Lap:
    """Start the programs, let them go at the same moment, and add up what they used; `racer` is their side of it."""
    programs = [_start(command) for command in commands]
    try:
        for program in programs:
            _hear(program, "ready")
        for program in programs:
            _tell(program)
        said = [json.loads(_hear(program, "{")) for program in programs]
    finally:
        for program in programs:
            _end(program)
    return Lap(
        letters=letters,
        seconds=max(one["seconds"] for one in said),
        cpu=sum(one["cpu"] for one in said),
        memory=max(one["memory"] for one in said),
    )


def python(module: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *words)


def _start(command: Sequence[str]) -> subprocess.Popen[str]:
    root = Path(__file__).parent.parent
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root, bufsize=1)


def _hear(program: subprocess.Popen[str], beginning: str) -> str:
    assert program.stdout
    line = program.stdout.readline()
    if not line.startswith(beginning):
        raise RuntimeError(f"{program.args!r} said {line!r}, not {beginning!r}")
    return line


def _tell(program: subprocess.Popen[str]) -> None:
    assert program.stdin
    program.stdin.write("go\n")


def _end(program: subprocess.Popen[str]) -> None:
    with suppress(subprocess.TimeoutExpired):
        program.communicate(timeout=10)
    program.kill()


# ── what a person sees meanwhile ──────────────────────────────────────────────────────────────────


def dot() -> None:
    """One dot on the terminal, so that nobody thinks it hangs; the results go to another stream."""
    if os.isatty(sys.stderr.fileno()):
        print(".", end="", file=sys.stderr, flush=True)
