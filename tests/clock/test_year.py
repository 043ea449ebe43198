"""A year of Tuesdays in a minute: 52 slots, 80 threads, a real store, letters carried to a fake outbox."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from clock.conftest import Times, opener, utc
from digest import publishing
from digest.model import Author, Consignor, Letter, Outcome, Post, Shelved, SlotState, Standing, Thread
from digest.store.subscribers import Newcomer

AUTHORS, THREADS, SLOTS, READERS = 16, 80, 52, 5
WEEK = timedelta(weeks=1)
TOPICS = ("bread", "bees", "rails", "soil", "index", "bow", "tide", "glass", "ink", "snow", "clay", "wool")
PLAIN = [
    "the",
    "of",
    "and",
    "to",
    "a",
    "in",
    "is",
    "that",
    "it",
    "was",
    "for",
    "on",
    "are",
    "with",
    "as",
    "at",
    "be",
    "this",
    "have",
    "from",
]


def thread(number: int) -> Thread:
    """Ten posts on one of twelve topics by one of sixteen authors, of words made up for it."""
    rng = random.Random(number)
    topic = rng.choice(TOPICS)
    words = [*(f"{topic}{n}" for n in range(12)), *(f"{topic}{number}x{n}" for n in range(40)), *PLAIN * 3]
    posts = tuple(
        Post(number=n, text=f"{' '.join(rng.choice(words) for _ in range(45)).capitalize()}.") for n in range(1, 11)
    )
    author = number % AUTHORS
    return Thread(
        key=f"t{number}",
        source="text",
        posts=posts,
        author=Author(name=f"Author {author}", handle=f"@author{author}"),
        title=f"Thread {number} on {topic}",
    )


class Postbox:
    """Takes every letter."""

    capacity = 4

    def __init__(self) -> None:
        self.letters: Counter[tuple[str, str]] = Counter()

    def carry(self, letter: Letter) -> AbstractAsyncContextManager[Outcome]:
        self.letters[letter.recipient, letter.message_id] += 1
        return nullcontext(Outcome(verdict="accepted", phase="dot", code=250))

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()

    def post(self, letter: Letter, consignor: Consignor) -> None:
        self.letters[letter.recipient, letter.message_id] += 1
        consignor.answered(Outcome(verdict="accepted", phase="dot", code=250), lambda: None)

    async def close(self) -> None:
        pass


@dataclass(frozen=True, kw_only=True)
class Year:
    """What went out: the threads in order, who had stood on the shelf each week, the letters."""

    times: Times
    sent: Sequence[int]
    shelves: Sequence[Sequence[Shelved]]
    pinned: dict[int, int]
    letters: Counter[tuple[str, str]]


def live(times: Times) -> Year:
    """Thirty threads at the start, one more each week until there are eighty; every tenth week the editor pins one."""
    store, post = times.house.store, Postbox()
    names = [f"reader{n}@example.org" for n in range(READERS)]
    store.subscribers.import_many([Newcomer(email=name, key=name) for name in names], now=utc("2026-01-01"))
    start = utc("2026-01-01T00:00")
    times.adopt("2026-01-01T00:00")
    sent, shelves, pinned = [], [], {}
    for week in range(SLOTS):
        monday = start + week * WEEK
        for number in range(30) if week == 0 else range(29 + week, min(30 + week, THREADS)):
            store.library.add(thread(number), raw=b"", now=monday - timedelta(days=number % 30 if week == 0 else 0))
        if week % 10 == 5:
            pinned[week] = _pin(times, rng=random.Random(week))
        shelves.append(store.library.shelf())
        at = monday + timedelta(days=5, hours=9)
        ticks = (at - timedelta(minutes=1), at, at + timedelta(minutes=1))
        issues = [issue for tick in ticks if (issue := times.tick(f"{tick:%Y-%m-%dT%H:%M}"))]
        assert len(issues) == 1
        sent.append(issues[0].thread_id)
        round_ = times.house.round(issues[0], outbox=post, heard=lambda *_: None, stop=asyncio.Event())
        asyncio.run(publishing.deliver(replace(round_, now=lambda at=at: at)))
    return Year(times=times, sent=sent, shelves=shelves, pinned=pinned, letters=post.letters)


def _pin(times: Times, *, rng: random.Random) -> int:
    waiting = [one.id for one in times.house.store.library.shelf(Standing.WAITING)]
    chosen = rng.choice(waiting)
    times.house.store.library.set_standing(chosen, Standing.PINNED)
    return chosen


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[tuple[Year, Year]]:
    """The same year, lived twice."""
    one, two = (tmp_path_factory.mktemp("year") for _ in range(2))
    with opener(one, migrated) as first, opener(two, migrated) as second:
        yield live(first(filled=False)), live(second(filled=False))


@pytest.fixture(scope="module")
def year(years: tuple[Year, Year]) -> Year:
    return years[0]


def test_no_thread_goes_out_twice(year: Year) -> None:
    assert len(set(year.sent)) == SLOTS


def test_every_slot_of_the_year_has_its_issue(year: Year) -> None:
    kept = year.times.house.store.slots.last(100)
    assert Counter(one.state for one in kept) == {SlotState.MADE: SLOTS}
    assert len({one.slot.at.isocalendar()[:2] for one in kept}) == SLOTS


def test_no_author_comes_back_within_four_issues_while_another_is_eligible(year: Year) -> None:
    """With sixteen authors on the shelf another always is; only a pin may overrule it."""
    authors = [(id - 1) % AUTHORS for id in year.sent]
    close = [
        week
        for week, author in enumerate(authors)
        if author in authors[max(0, week - 4) : week] and week not in year.pinned
    ]
    assert close == []


def test_what_is_pinned_goes_first(year: Year) -> None:
    assert {week: year.sent[week] for week in year.pinned} == year.pinned


def test_nobody_starves(year: Year) -> None:
    """Who stood on the shelf at the start went out within the year, though as many younger ones came."""
    assert {shelved.id for shelved in year.shelves[0]} - set(year.sent) == set()


def test_each_reader_has_one_letter_a_slot(year: Year) -> None:
    assert set(year.letters.values()) == {1}
    assert Counter(recipient for recipient, _ in year.letters) == {
        f"reader{n}@example.org": SLOTS for n in range(READERS)
    }


def test_the_year_is_the_same_when_it_is_lived_again(years: tuple[Year, Year]) -> None:
    assert years[0].sent == years[1].sent
    assert years[0].times.told == years[1].times.told == []
