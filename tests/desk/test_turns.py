"""Who has waited longest has a turn, so that nobody waits for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.open_shelf import picked, published
from desk.test_picker import NOW, WEEK, thread
from digest.desk import picker
from digest.desk.picker import Published
from digest.model import Shelved, Standing

OLD, YOUNG = 1, 2
SHELF = [
    Shelved(id=OLD, thread=thread("old", posts=4, words=31), standing=Standing.WAITING, imported_at=NOW - 20 * WEEK),
    Shelved(id=YOUNG, thread=thread("young", topic="bees"), standing=Standing.WAITING, imported_at=NOW - 12 * WEEK),
]


def sent(count: int) -> list[Published]:
    return [
        published(thread(f"sent{n}", author=f"@other{n}", topic="bread"), at=NOW - timedelta(days=n + 1))
        for n in range(count)
    ]


def best(issues: int, *, shelf: list[Shelved] = SHELF) -> picker.Scored:
    found = picked(shelf, history=sent(issues), now=NOW).best
    assert found
    return found


@pytest.mark.parametrize(("issues", "expected"), [(0, YOUNG), (1, YOUNG), (2, OLD), (3, YOUNG), (5, OLD)])
def test_every_third_issue_is_the_turn_of_who_waited_longest(issues: int, expected: int) -> None:
    assert best(issues).shelved.id == expected


def test_a_turn_says_so() -> None:
    choice = picked(SHELF, history=sent(2), now=NOW)
    assert picker.reason(choice).startswith("Its turn, waited 20 weeks")


def test_a_pin_goes_before_a_turn() -> None:
    pinned = [SHELF[0], replace(SHELF[1], standing=Standing.PINNED)]
    assert best(2, shelf=pinned).shelved.id == YOUNG


def test_nobody_has_a_turn_before_a_quarter_of_a_year() -> None:
    shelf = [replace(SHELF[0], imported_at=NOW - 12 * WEEK - timedelta(days=1)), SHELF[1]]
    assert best(2, shelf=shelf).shelved.id == YOUNG
