"""What a chapter of the bench found, as a table for people and as facts for machines. At most 100 columns wide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.measure import Lap, Laps, middle, ratios

WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`rows` hold one cell a column, the first on the left. `facts` are the same figures with a name each."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: Sequence[str] = ()
    facts: dict[str, float] = field(default_factory=dict)


def lines(table: Table) -> Iterator[str]:
    """For the terminal."""
    grid = (table.columns, *table.rows)
    widths = [max(len(row[place]) for row in grid) for place in range(len(table.columns))]
    yield table.title
    for row in grid:
        first, *rest = row
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))]
        yield f"  {'  '.join(cells)}".rstrip()
    yield from (f"  {note}" for note in table.notes)


def markdown(table: Table) -> Iterator[str]:
    """For a document."""
    yield f"## {table.title}\n"
    yield f"| {' | '.join(table.columns)} |"
    yield f"|---|{'---:|' * (len(table.columns) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in table.rows)
    yield from (f"\n{note}" for note in table.notes)
    yield ""


# ── races of letters ──────────────────────────────────────────────────────────────────────────────

RACE = ("", "letters/s", "lowest..highest", "CPU s/1000", "MB", "ours is", "personal")


def race_rows(laps: Laps, *, ours: str, personal: dict[str, str]) -> list[tuple[str, ...]]:
    """One row a racer: its own figures, and how many times faster ours was (the median of the rounds' own ratios)."""
    return [
        (name, *figures(found), f"{versus(laps, ours, name):.2f} ×", personal.get(name, "all"))
        for name, found in laps.items()
    ]


def figures(found: Sequence[Lap]) -> tuple[str, str, str, str]:
    one, rates = middle(found), [lap.rate for lap in found]
    span = f"{min(rates):,.0f}..{max(rates):,.0f}"
    return f"{median(rates):,.0f}", span, f"{one.cpu_per_1000:.2f}", f"{one.memory / 1e6:.0f}"


def versus(laps: Laps, mine: str, theirs: str) -> float:
    """How many times faster `mine` is than `theirs`."""
    return median(ratios(laps[mine], laps[theirs]))
