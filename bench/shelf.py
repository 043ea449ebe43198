"""A shelf of ten thousand threads: what an import, a search and the pick take there, each target under 200 ms."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Table as Rows
from sqlalchemy import func, insert, literal, select

from bench import newsletter
from bench.table import Table
from digest import publishing
from digest.model import Author, Post, Standing, Thread
from digest.store import Store, open_store
from digest.store.tables import origin, spine, thread, wording
from tests.rig.postgres import Cluster, cluster, missing

THREADS, MADE, SENT, POSTS, WORDS, LAPS = 10_000, 500, 50, 15, 40, 9
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SYLLABLES = "karomitensulvalorethandripogelustwenbafizornimchalu"


def run(folder: Path) -> Iterator[Table]:
    """On SQLite, and on PostgreSQL where there is one."""
    yield _table("SQLite", f"sqlite:///{folder / 'shelf.sqlite3'}")
    with nullcontext() if missing() else cluster(durable=True) as place:
        if isinstance(place, Cluster):
            yield _table("PostgreSQL", place.database())


def _table(engine: str, url: str) -> Table:
    rng = random.Random(1)
    words = ["".join(rng.choices(SYLLABLES, k=rng.randint(3, 9))) for _ in range(20_000)]
    store = open_store(url)
    try:
        began = time.perf_counter()
        _fill(store, [_thread(number, words, rng) for number in range(MADE)])
        filled = time.perf_counter() - began
        found = dict(_found(store, url, words, rng))
    finally:
        store.close()
    rows = [(name, *(f"{median(lap[n] for lap in laps):.0f}" for n in (0, 1))) for name, laps in found.items()]
    return Table(
        title=f"A shelf of 10,000 threads, {engine}",
        columns=("", "ms", "ms of CPU"),
        rows=rows,
        notes=(
            f"Each of {POSTS} posts and {POSTS * WORDS} words; {SENT} were sent. Medians of {LAPS} laps.",
            f"`digest …` is the whole program, started each time. Filled in {filled:.0f} s.",
        ),
        facts={f"{name}: ms": median(lap[0] for lap in laps) for name, laps in found.items()},
    )


def _found(
    store: Store, url: str, words: list[str], rng: random.Random
) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    more = (_thread(number, words, rng) for number in range(THREADS, 2 * THREADS))
    yield "import of one", _times(lambda: _add(store, next(more), age=0))
    rare, common = store.spines.search(words[0], at_most=20), store.spines.search("the", at_most=20)
    yield f"search, {rare.count:,} found", _times(lambda: store.spines.search(words[0], at_most=20))
    yield f"search, {common.count:,} found", _times(lambda: store.spines.search("the", at_most=20))
    yield "pick", _times(lambda: publishing.choose(store, now=NOW))
    choice = publishing.choose(store, now=NOW)
    yield "pick, and why not each of the others", _times(lambda: publishing.explained(choice, store=store))
    yield "the newest 100 of the list", _times(lambda: store.spines.all(newest=100))
    yield "the whole list", _times(store.spines.all)
    yield "whether anything changed", _times(store.spines.stamp)
    for command in (["pick"], ["threads", "--limit", "100"], ["threads", "--search", words[0]]):
        yield f"digest {' '.join(command[:2])}", _times(partial(_program, url, *command), laps=3)


def _program(url: str, *words: str) -> None:
    """The whole program, as a person waits for it."""
    command = [sys.executable, "-m", "digest", *words]
    subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.DEVNULL, check=True)


# ── filled ────────────────────────────────────────────────────────────────────────────────────────


def _fill(store: Store, threads: list[Thread]) -> None:
    """Some through the room's door, the rest as copies of their rows: ten thousand commits are not what is measured."""
    for number, one in enumerate(threads):
        _add(store, one, age=number % 300)
    issue = newsletter.issue()
    for number in range(1, SENT + 1):
        store.issues.create(
            thread_id=number, page=issue.page, letterhead=issue.letterhead, reason="", now=NOW - timedelta(weeks=number)
        )
    with store._database.write() as connection:
        for copy in range(1, THREADS // MADE):
            key, standing = thread.c.key + f":{copy}", literal(Standing.WAITING.value)
            connection.execute(_copied(thread, copy, key=key, standing=standing))
            for table in (origin, spine, wording):
                connection.execute(_copied(table, copy))
        if store.shared:
            connection.execute(select(func.setval(func.pg_get_serial_sequence("thread", "id"), THREADS)))


def _copied(table: Rows, copy: int, **changed: Any) -> Any:
    """The first rows once more, under numbers and keys of their own."""
    number = table.c.id if "id" in table.c else table.c.thread_id
    changed |= {number.name: number + copy * MADE}
    columns = [changed.get(column.name, column) for column in table.c]
    return insert(table).from_select([column.name for column in table.c], select(*columns).where(number <= MADE))


def _add(store: Store, thread: Thread, *, age: int) -> None:
    store.library.add(thread, raw=b"x" * 8_000, headline=f"Headline of {thread.key}", now=NOW - timedelta(days=age))


def _thread(number: int, words: list[str], rng: random.Random) -> Thread:
    common = ("the", "of", "and", "to", "a", "in", "that")
    texts = (" ".join(rng.choice(words if rng.random() < 0.5 else common) for _ in range(WORDS)) for _ in range(POSTS))
    posts = tuple(Post(number=place, text=f"{text}.", created_at=NOW) for place, text in enumerate(texts, start=1))
    author = Author(name=f"Author {number % 97}", handle=f"@author{number % 97}")
    return Thread(key=f"bench:{number}", source="bench", posts=posts, author=author, lang="en")


def _times(step: Callable[[], object], *, laps: int = LAPS) -> list[tuple[float, float]]:
    """Milliseconds of each lap: by the clock, and of processor time."""
    found = []
    for _ in range(laps):
        began, busy = time.perf_counter(), time.process_time()
        step()
        found.append(((time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000))
    return found
