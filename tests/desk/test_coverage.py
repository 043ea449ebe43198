"""What is chosen after what: rank first, then what is new, by how often the text says it."""

from collections.abc import Sequence

import pytest

from digest.desk import coverage
from digest.desk.coverage import Statement

COMMON, RARE = ["soil", "water", "wind"] * 4, ["zebra", "quartz", "fjord"]
TEXT = [["soil", "water"], ["soil", "wind"], ["water", "wind"], RARE, COMMON]


def one(index: int, *stems: str, score: float = 0.0, words: int = 15) -> Statement:
    return Statement(index=index, score=score, words=words, stems=frozenset(stems))


def chosen(*pool: Statement, most: int = 2) -> list[int]:
    def allowed(taken: Sequence[Statement]) -> list[Statement]:
        return [each for each in pool if each not in taken] if len(taken) < most else []

    worth = coverage.weights(TEXT, words=[15] * len(TEXT))
    return [each.index for each in coverage.choose(allowed, worth=worth)]


def test_the_most_central_is_said_first_however_much_another_has_to_tell() -> None:
    assert chosen(one(0, "zebra", score=0.1), one(1, "soil", "water", "wind"), most=1) == [0]


def test_what_was_said_before_is_no_news() -> None:
    assert chosen(one(0, "soil", "water", score=1), one(1, "soil", "water"), one(2, "wind")) == [0, 2]


def test_what_the_text_says_often_is_said_before_what_it_says_once() -> None:
    assert chosen(one(0, "air", score=1), one(1, *RARE), one(2, "soil", "water", "wind")) == [0, 2]


def test_the_same_news_in_fewer_words_is_better() -> None:
    assert chosen(one(0, "air", score=1), one(1, "soil", words=40), one(2, "soil", words=15)) == [0, 2]


def test_a_scrap_earns_nothing_by_its_brevity() -> None:
    pool = one(0, "air", score=1), one(1, "soil", "water", words=12), one(2, "soil", words=3)
    assert chosen(*pool) == [0, 1]


def test_of_equals_the_earlier_one_is_said() -> None:
    assert chosen(one(1, "soil"), one(0, "soil"), most=1) == [0]


@pytest.mark.parametrize("text", [[], [[]], [[], []]])
def test_a_text_without_a_word_that_carries_a_topic_has_no_news(text: list[list[str]]) -> None:
    assert coverage.weights(text, words=[0] * len(text)) == {}


def test_a_long_text_is_chosen_from_as_a_short_one_is() -> None:
    once = coverage.weights(TEXT, words=[15] * len(TEXT))
    assert coverage.weights(TEXT * 9, words=[15] * len(TEXT) * 9) == pytest.approx(once)
