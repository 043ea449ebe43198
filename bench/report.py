"""Keeps what a run found: docs/bench.json for machines, docs/bench.md for people, docs/bench.svg for the README."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.chart import chart
from bench.measure import ROUNDS
from bench.table import Table, markdown

INTRO = f"""\
# The bench

`make bench` made this page, its [figures](bench.json) and its [chart](bench.svg); run it again to have your own.
Every racer is a program of its own. Rates are medians of {ROUNDS} rounds whose order rotates. A ratio is the median of the
rounds' own ratios: what slows the machine down for a moment slows both. Trust the ratios; the rates are this machine's.

*ours* is all that `digest send` does from the first claim to the last answer: each letter addressed to its reader, every
step committed to the ledger on disk before and after it leaves. "personal" says what a racer puts into each letter:
`head` is To, Message-ID and the unsubscribe header before one body for all; `nothing` is the same letter again and again.

![Letters a second, by mailer](bench.svg)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the bench, and what it ran on. `idle` and `busy`: ms for a fixed piece of work, at best and in the middle."""

    tables: Sequence[Table]
    seconds: float
    best: float
    middle: float


def machine() -> str:
    """In general words: how many cores, which Python."""
    cores = os.cpu_count() or 1
    return f"{cores} cores ({platform.machine()}), {platform.system()}, Python {platform.python_version()}"


def today() -> str:
    return f"{datetime.now(UTC):%-d %B %Y}"


def conditions(run: Run) -> str:
    """How quiet the machine was: a fixed piece of work, timed between the chapters."""
    slower = run.middle / run.best
    return f"A fixed loop took {run.best:.0f} ms at best and {run.middle:.0f} ms in the middle ({slower:.1f} ×): the noise."


def keep(run: Run, *, folder: Path) -> None:
    """Write the three files."""
    facts = {table.title: table.facts for table in run.tables if table.facts}
    about = {"date": today(), "machine": machine(), "noise": run.middle / run.best}
    text = json.dumps({"about": about, "found": facts}, indent=1, ensure_ascii=False)
    (folder / "bench.json").write_text(text + "\n", encoding="utf-8")
    (folder / "bench.md").write_text(_page(run), encoding="utf-8")
    if race := next((table for table in run.tables if table.title.startswith("Letters of")), None):
        (folder / "bench.svg").write_text(_chart(race), encoding="utf-8")


def _page(run: Run) -> str:
    met = f"{today()}, {machine()}; {run.seconds / 60:.1f} minutes. {conditions(run)}\n"
    return "\n".join((INTRO, met, *(line for table in run.tables for line in markdown(table))))


def _chart(race: Table) -> str:
    ending = ": letters/s"
    rates = {name.removesuffix(ending): rate for name, rate in race.facts.items() if name.endswith(ending)}
    return chart(rates, title="Letters of 61 KB a second", note=f"Into a sink that costs next to nothing. {machine()}.")
