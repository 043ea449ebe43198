"""The text part keeps to its columns and loses no word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.desk.plain import WIDTH, cites, columns, fill, plain
from digest.model import Card, Link, Media, Post, Quote
from digest.text import clean

WORDS = {"image": "Picture", "video": "Video", "gif": "Animation", "audio": "Sound", "warning": "Content warning"}


@given(st.text(max_size=400))
def test_filling_loses_no_character(text):
    assert "".join(fill(text).split()) == "".join(clean(text).split())


@given(st.lists(st.text("abcdeéß", min_size=1, max_size=20), min_size=1, max_size=80))
def test_no_line_is_wider_than_72_columns(words):
    assert all(columns(line) <= WIDTH for line in fill(" ".join(words), "* ", "  ").splitlines())


@given(st.text("石垣はとなりの、。", min_size=1, max_size=300))
def test_wide_characters_count_double(text):
    assert all(columns(line) <= WIDTH + 2 * 9 for line in fill(text).splitlines())


def test_a_line_of_japanese_never_opens_with_a_full_stop():
    assert all(line[0] not in "。、" for line in fill("石垣が立つ。" * 40).splitlines())


def test_an_address_is_never_broken():
    url = "https://example.org/" + "x" * 200
    assert url in fill(f"Some words before it {url} and after", "    ", "    ").split()


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("石垣", 4), ("e\u0301", 1), ("a\u200db", 2), ("👩", 2)])
def test_columns_as_a_terminal_counts_them(text, width):
    assert columns(text) == width


def test_a_post_brings_all_that_hangs_on_it():
    post = Post(
        number=7,
        text="Look at #walls and the notes",
        links=(
            Link(url="https://example.org/t", start=8, end=14),
            Link(url="https://example.org/n", start=19, end=28),
        ),
        media=(Media(kind="image", url="https://example.org/a.jpg", alt="A wall"),),
        quotes=(Quote(text="One.\nTwo.", url="https://example.org/q"),),
        card=Card(url="https://example.org/c", title="Walls", site="example.org"),
        content_warning="heights",
    )
    assert plain(post, WORDS, 4).splitlines() == [
        " 7. [Content warning: heights]",
        "",
        "    Look at #walls and the notes <https://example.org/n>",
        "",
        "    [Picture: A wall] https://example.org/a.jpg",
        "",
        "    > One.",
        "    > Two.",
        "    > https://example.org/q",
        "",
        "    Walls · example.org",
        "    https://example.org/c",
    ]


def test_citations_stand_in_brackets():
    assert cites((3, 12)) == " [3] [12]"


def test_no_line_of_the_text_part_is_wider_than_72_columns_but_for_addresses(press, threads, masthead):
    from dataclasses import replace

    wordy = replace(masthead, name="A Digest With A Long Name " * 3, postal_address="12 Harbour Lane, " * 8)
    text = press(threads["plain"], masthead=wordy).text
    assert [line for line in text.splitlines() if columns(line) > WIDTH and "://" not in line] == []
