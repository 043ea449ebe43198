"""A shelf of ten thousand threads: what an import, a search and the pick take there, each target under 200 ms."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from bench.table import Table
from digest import publishing
from digest.model import Author, Post, Thread
from digest.store import Store, open_store

THREADS, POSTS, WORDS, LAPS = 10_000, 15, 40, 7
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def run(folder: Path) -> Table:
    """Fills a SQLite store in `folder` first, a commit for each thread, which takes longer than all that is measured."""
    rng = random.Random(1)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(3, 9))) for _ in range(20_000)]
    store = open_store(f"sqlite:///{folder / 'shelf.sqlite3'}")
    try:
        for number in range(THREADS):
            _add(store, _thread(number, words, rng), age=number % 300)
        more = iter(range(THREADS, THREADS + LAPS))
        found = {
            "import of one": _times(lambda: _add(store, _thread(next(more), words, rng), age=0)),
            f"search ({len(store.library.search(words[0]))} found)": _times(lambda: store.library.search(words[0])),
            "pick": _times(lambda: publishing.choose(store, now=NOW)),
        }
    finally:
        store.close()
    rows = [(name, f"{median(laps):.0f}", f"{min(laps):.0f}..{max(laps):.0f}") for name, laps in found.items()]
    return Table(
        title="A shelf of 10,000 threads",
        columns=("", "ms", "lowest..highest"),
        rows=rows,
        notes=(f"Each of {POSTS} posts and {POSTS * WORDS} words, half of them rare. SQLite; {LAPS} laps.",),
        facts={f"{name.split()[0]}_ms": median(laps) for name, laps in found.items()},
    )


def _add(store: Store, thread: Thread, *, age: int) -> None:
    store.library.add(thread, raw=b"x" * 8_000, headline=f"Headline of {thread.key}", now=NOW - timedelta(days=age))


def _thread(number: int, words: list[str], rng: random.Random) -> Thread:
    common = ("the", "of", "and", "to", "a", "in", "that")
    texts = (" ".join(rng.choice(words if rng.random() < 0.5 else common) for _ in range(WORDS)) for _ in range(POSTS))
    posts = tuple(Post(number=place, text=f"{text}.", created_at=NOW) for place, text in enumerate(texts, start=1))
    author = Author(name=f"Author {number % 500}", handle=f"@author{number % 500}")
    return Thread(key=f"bench:{number}", source="bench", posts=posts, author=author, lang="en")


def _times(step: Callable[[], object]) -> list[float]:
    """Milliseconds of each lap."""
    laps = []
    for _ in range(LAPS):
        began = time.perf_counter()
        step()
        laps.append((time.perf_counter() - began) * 1000)
    return laps
