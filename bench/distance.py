"""The same letters over a line that is long: at 20 and 60 ms of round trip, waiting costs more than work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from statistics import median

from bench import sinks
from bench.measure import Laps, Way, race
from bench.ours import PLAIN
from bench.peers import AIOSMTPLIB, NODEMAILER, SMTP_SOURCE, THREADS, Peer
from bench.table import Table, figures, versus
from bench.wire import Ground

CONNECTIONS, WINDOW = 10, 8
OURS = "ours, PIPELINING"
CHUNKED = f"ours, CHUNKING, window {WINDOW}"
AIM = 8.0  # seconds for a lap: the first letter takes some round trips, and a third of a second to be made
COLUMNS = ("", "letters/s", "lowest..highest", "of the law", "ours, PIPELINING, is")


def run(ground: Ground, *, full: bool) -> Iterator[Table]:
    if not sinks.compiled("delay", ground.folder):
        yield Table(
            title="Over a long line: no C compiler for bench/delay.c: apt-get install gcc", columns=("",), rows=()
        )
        return
    more = (AIOSMTPLIB, NODEMAILER) if full else ()
    yield _at(ground, 20, peers=(SMTP_SOURCE, THREADS, *more))
    yield _at(ground, 60, peers=(SMTP_SOURCE, *more))


def _at(ground: Ground, milliseconds: int, *, peers: Sequence[Peer]) -> Table:
    with ExitStack() as stack:
        ports = [stack.enter_context(sinks.fast(ground.folder, chunking=chunking)) for chunking in (False, True)]
        plain, chunking = (
            stack.enter_context(sinks.far(port, milliseconds=milliseconds, folder=ground.folder)) for port in ports
        )
        laps = race(
            [
                Way(OURS, partial(ground.ours, port=plain), 512),
                Way(CHUNKED, partial(ground.ours, port=chunking, errand=replace(PLAIN, window=WINDOW)), 2048),
                *(replace(peer, fewest=128).way(plain, material=ground.material) for peer in peers if not peer.missing),
            ],
            aim=AIM,
        )
    return Table(
        title=f"{milliseconds} ms of round trip, {CONNECTIONS} connections (law: connections x window / round trip)",
        columns=COLUMNS,
        rows=list(_rows(laps, milliseconds)),
        facts={f"{name}: letters/s": round(median(lap.rate for lap in found), 1) for name, found in laps.items()},
    )


def _rows(laps: Laps, milliseconds: int) -> Iterator[tuple[str, ...]]:
    law = CONNECTIONS / milliseconds * 1000
    for name, found in laps.items():
        rate, span, _, _ = figures(found)
        share = median(lap.rate for lap in found) / (law * (WINDOW if name == CHUNKED else 1))
        yield name, rate, span, f"{share:.2f}", f"{versus(laps, OURS, name):.2f} ×"
