"""Several senders on one PostgreSQL: they share an issue, lose nothing to each other, and add up where waiting is the limit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from bench import sinks, stores
from bench.measure import Lap, Laps, Way, race, run
from bench.ours import PLAIN, Errand
from bench.table import Table, figures, versus
from bench.wire import Ground
from digest.model import State
from digest.store import open_store
from tests.rig.postgres import Cluster, cluster, missing

WORKERS = (1, 2, 4)
CONNECTIONS, MILLISECONDS = 4, 20
LETTERS = (
    4000  # in a lap, whatever the number of workers: four of them still take five seconds, and start in half a one
)
COLUMNS = ("workers", "letters/s", "lowest..highest", "CPU s/1000", "against one")


def run_all(ground: Ground) -> Iterator[Table]:
    if missing():
        yield Table(title=f"Several workers: {missing()}", columns=("",), rows=())
        return
    with ExitStack() as stack:
        port = stack.enter_context(sinks.fast(ground.folder, chunking=False))
        house = stack.enter_context(cluster(durable=True))
        errand = replace(PLAIN, folder=str(ground.folder), connections=CONNECTIONS, shared=True)
        yield _table(house, replace(errand, port=port), where="into the bench's own sink")
        if sinks.compiled("delay", ground.folder):
            far = stack.enter_context(sinks.far(port, milliseconds=MILLISECONDS, folder=ground.folder))
            yield _table(house, replace(errand, port=far), where=f"at {MILLISECONDS} ms of round trip")


def _table(house: Cluster, errand: Errand, *, where: str) -> Table:
    laps = race(
        [Way(str(count), partial(_lap, house=house, errand=errand, workers=count)) for count in WORKERS],
        letters=LETTERS,
    )
    return Table(
        title=f"Workers on one PostgreSQL, {CONNECTIONS} connections each, {where}",
        columns=COLUMNS,
        rows=list(_rows(laps)),
        facts={f"{count} / 1": round(versus(laps, str(count), "1"), 3) for count in WORKERS},
    )


def _rows(laps: Laps) -> Iterator[tuple[str, ...]]:
    for name, found in laps.items():
        rate, span, cpu, _ = figures(found)
        yield name, rate, span, cpu, f"{versus(laps, name, '1'):.2f} ×"


def _lap(letters: int, *, house: Cluster, errand: Errand, workers: int) -> Lap:
    """One issue, carried by so many workers at once; they begin together, and the last one's end counts."""
    url = house.database()
    stores.populate(url, readers=letters)
    stores.open_issue(url)
    lap = run(*[replace(errand, store=url, letters=letters).command] * workers, letters=letters)
    _all_accepted(url, letters)
    return lap


def _all_accepted(url: str, letters: int) -> None:
    store = open_store(url)
    accepted = store.ledger.tally(1)[State.ACCEPTED]
    store.close()
    if accepted != letters:
        raise RuntimeError(f"{accepted} of {letters} letters were accepted")
