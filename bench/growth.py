"""What a longer list costs: memory and processor time by its length, and fan-out and claims in the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import newsletter, sinks, stores
from bench.measure import Lap, dot
from bench.table import Table
from bench.wire import Ground
from digest.model import Outcome
from digest.store import open_store
from digest.store.ledger import Ledger, Policy

ACCEPTED = Outcome(verdict="accepted", phase="dot", code=250, enhanced="2.0.0", reply="250 2.0.0 ok")
TURN = 50  # letters in a claim, and in a commit that settles and starts
TURNS = 100


def run(ground: Ground, *, full: bool) -> Iterator[Table]:
    yield _sends(ground, (10_000, 100_000, 1_000_000) if full else (10_000, 100_000))
    yield _ledger(ground.folder, (10_000, 1_000_000, 10_000_000) if full else (10_000, 1_000_000))


# ── whole sends ───────────────────────────────────────────────────────────────────────────────────


def _sends(ground: Ground, lengths: tuple[int, ...]) -> Table:
    """One send each: the long ones are their own median."""
    with sinks.fast(ground.folder) as port:
        laps = {readers: ground.ours(readers, port=port) for readers in lengths}
    least = next(iter(laps.values()))
    return Table(
        title="A whole send by the length of the list, into the bench's own sink (one run each)",
        columns=("readers", "letters/s", "CPU s/1000", "peak MB", f"against {lengths[0]:,}"),
        rows=[_send_row(readers, lap, least) for readers, lap in laps.items()],
        facts=dict(fact for readers, lap in laps.items() for fact in _send_facts(readers, lap, least)),
    )


def _send_row(readers: int, lap: Lap, least: Lap) -> tuple[str, ...]:
    more = f"{(lap.memory - least.memory) / 1e6:+.1f} MB, {lap.cpu_per_1000 / least.cpu_per_1000:.2f} × CPU"
    return f"{readers:,}", f"{lap.rate:,.0f}", f"{lap.cpu_per_1000:.2f}", f"{lap.memory / 1e6:.1f}", more


def _send_facts(readers: int, lap: Lap, least: Lap) -> Iterator[tuple[str, float]]:
    yield f"{readers}: peak MB", round(lap.memory / 1e6, 1)
    yield f"{readers}: more MB", round((lap.memory - least.memory) / 1e6, 1)
    yield f"{readers}: CPU", round(lap.cpu_per_1000 / least.cpu_per_1000, 3)


# ── the ledger by itself ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds for the fan-out of all letters; microseconds a letter for a claim, and for its two durable steps."""

    fan_out: float
    claim: float
    turn: float


def _ledger(folder: Path, lengths: tuple[int, ...]) -> Table:
    costs = {rows: _cost(folder, rows) for rows in lengths}
    least = next(iter(costs.values()))
    return Table(
        title=f"The ledger by itself, SQLite, synchronous FULL, {TURN} letters a transaction",
        columns=("letters owed", "fan-out s", "rows/s", "claim µs", "start + settle µs", f"against {lengths[0]:,}"),
        rows=[
            (
                f"{rows:,}",
                f"{cost.fan_out:.2f}",
                f"{rows / cost.fan_out:,.0f}",
                f"{cost.claim:.1f}",
                f"{cost.turn:.1f}",
                f"{(cost.claim + cost.turn) / (least.claim + least.turn):.2f} ×",
            )
            for rows, cost in costs.items()
        ],
        notes=[f"µs a letter, medians of {TURNS} transactions; one fan-out each."],
        facts={f"{rows}: {name}": round(getattr(cost, name), 2) for rows, cost in costs.items() for name in NAMES},
    )


NAMES = ("fan_out", "claim", "turn")


def _cost(folder: Path, rows: int) -> Cost:
    path = folder / "ledger.sqlite3"
    url = f"sqlite:///{path}"
    stores.populate(url, readers=rows)
    newsletter.issue()  # drawn now, so that it is no part of the fan-out
    fan_out = _seconds(lambda: stores.open_issue(url))
    with closing(open_store(url)) as store:
        claims, turns = zip(*(_turn(store.ledger) for _ in range(TURNS)), strict=True)
    for file in folder.glob(f"{path.name}*"):
        file.unlink()
    dot()
    return Cost(fan_out, median(claims) / TURN * 1e6, median(turns) / TURN * 1e6)


def _turn(ledger: Ledger) -> tuple[float, float]:
    """A claim; then one commit that starts its letters, and one that settles them."""
    now, policy = newsletter.WRITTEN, Policy()
    began = time.perf_counter()
    claims = ledger.claim(1, limit=TURN, now=now, policy=policy)
    claimed = time.perf_counter()
    ledger.turn(settled=[], starting=claims, now=now, policy=policy)
    ledger.turn(settled=[(claim, ACCEPTED) for claim in claims], starting=[], now=now, policy=policy)
    return claimed - began, time.perf_counter() - claimed


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
