"""How long a thread takes to be summed up and to become a page; the first page, which compiles the templates, apart."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import process_time

from bench import newsletter
from bench.table import Table
from digest import drafting
from digest.cli.house import House
from digest.desk import summary

ROUNDS = 9
TARGET = 60  # ms for a page of 20 posts, after the first


def run() -> Table:
    """Milliseconds of processor time, the medians of interleaved rounds, each with another thread."""
    house = newsletter.house()
    first = _page(house, posts=20, turn=0)
    took: dict[str, list[float]] = {}
    for turn in range(1, ROUNDS + 1):
        for posts in (20, 60):
            took.setdefault(f"page of {posts} posts", []).append(_page(house, posts=posts, turn=turn))
            took.setdefault(f"summary of {posts} posts", []).append(_summary(posts=posts, turn=turn))
    medians = {"first page, with the templates": first, **{name: median(found) for name, found in took.items()}}
    return Table(
        title=f"From thread to page (target: < {TARGET} ms for 20 posts after the first)",
        columns=("", "ms", "of the target"),
        rows=[(name, f"{ms:,.1f}", _share(name, ms)) for name, ms in medians.items()],
        facts={f"{name}: ms": round(ms, 2) for name, ms in medians.items()},
    )


def _page(house: House, *, posts: int, turn: int) -> float:
    """A page, its summary and headline made before."""
    shelved = drafting.unshelved(newsletter.thread(posts, first=turn * posts + 1), now=newsletter.WRITTEN)
    short, called = drafting.name(shelved)
    desk = house.desk()
    return _milliseconds(
        lambda: desk.printer.print(
            shelved.thread, summary=short, headline=called, masthead=desk.masthead, nonce=newsletter.NONCE
        )
    )


def _summary(*, posts: int, turn: int) -> float:
    thread = newsletter.thread(posts, first=turn * posts + 1)
    return _milliseconds(lambda: summary.summarise(thread))


def _share(name: str, ms: float) -> str:
    return f"{ms / TARGET:.2f} ×" if name == "page of 20 posts" else ""


def _milliseconds(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return (process_time() - began) * 1000
