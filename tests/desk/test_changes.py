"""Two copies of a thread: what changed between them, and what the newer one would lose."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.desk.changes import changed, loss, matched, same, shrunk, spared
from digest.model import Author, Link, Media, Post, Quote, Thread

WORDS = [
    "wall",
    "stone",
    "garden",
    "season",
    "century",
    "mortar",
    "frost",
    "moss",
    "gate",
    "ladder",
    "hammer",
    "chisel",
]
texts = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=8)


def a_thread(*posts: str, ids: bool = False, **more: object) -> Thread:
    made = tuple(Post(number=n, text=text, id=text if ids else "") for n, text in enumerate(posts, start=1))
    return Thread(key="k", source="text", posts=made, **more)  # type: ignore[arg-type]


STORY = ("A wall is a slow garden.", "It takes a season to settle.", "And a century to fall down.", "Mind the frost.")
FULL = a_thread(*STORY, author=Author(name="Ada"))


def with_post(thread: Thread, number: int, **what: object) -> Thread:
    posts = [replace(post, **what) if post.number == number else post for post in thread.posts]
    return replace(thread, posts=tuple(posts))


@given(texts)
def test_nothing_changed_between_a_thread_and_itself(posts: list[str]) -> None:
    thread = a_thread(*posts)
    assert (changed(thread, thread), loss(thread, thread), shrunk(thread, thread)) == ((), "", "")
    assert same(thread, thread)


@given(texts, texts)
def test_every_post_of_both_is_told_once(before: list[str], after: list[str]) -> None:
    old, new = a_thread(*before), a_thread(*after)
    pairs = matched(old, new)
    assert [one for one, _ in pairs if one] == list(old.posts)
    assert [one for _, one in pairs if one] == list(new.posts)


@given(texts, st.data())
def test_what_is_spared_is_no_more_than_there_was(posts: list[str], data: st.DataObject) -> None:
    left = data.draw(st.lists(st.sampled_from(posts), unique=True, min_size=1))
    kept = spared(a_thread(*dict.fromkeys(posts), ids=True), a_thread(*left, ids=True))
    assert [post.text for post in kept.posts] == [text for text in dict.fromkeys(posts) if text in left]
    assert [post.number for post in kept.posts] == list(range(1, len(kept.posts) + 1))


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (with_post(FULL, 2, text="It takes two seasons to settle."), "Post 2 was edited (words)."),
        (with_post(FULL, 3, content_warning="ruins"), "Post 3 was edited (content warning)."),
        (with_post(FULL, 1, media=(Media(kind="image", url="u"),)), "Post 1 was edited (pictures)."),
        (with_post(FULL, 1, quotes=(Quote(text="q"),)), "Post 1 was edited (quotes)."),
        (
            a_thread(*STORY[:2], *STORY[3:], author=FULL.author),
            "The former post 3 is gone: “And a century to fall down.”",
        ),
        (a_thread(*STORY, "And the moss.", author=FULL.author), "Post 5 was added."),
        (replace(FULL, title="Walls"), "Its title is “Walls” now."),
        (replace(FULL, author=Author(name="Ada L.")), "Its author is called “Ada L.” now."),
    ],
)
def test_a_change_is_told_in_a_sentence(after: Thread, said: str) -> None:
    assert changed(FULL, after) == (said,)


def test_posts_that_changed_alike_are_told_together() -> None:
    after = a_thread("A wall is a quick garden.", STORY[1], "And a century to fall over.", STORY[3], author=FULL.author)
    assert changed(FULL, after) == ("Posts 1 and 3 were edited (words).",)


def test_counters_and_addresses_of_pictures_are_no_change() -> None:
    before = with_post(FULL, 1, media=(Media(kind="image", url="a", alt="A wall"),))
    after = with_post(FULL, 1, media=(Media(kind="image", url="b", alt="A wall"),))
    assert changed(before, replace(after, engagement=7)) == ()


def test_another_text_is_another_thread() -> None:
    assert not same(FULL, replace(a_thread("Bread wants time.", "And salt."), key="other"))
    assert same(FULL, replace(FULL, key="other"))


@pytest.mark.parametrize(
    ("better", "said"),
    [
        (with_post(FULL, 1, media=(Media(kind="image", url="a", alt="A wall"),)), "pictures and descriptions"),
        (with_post(FULL, 1, links=(Link(url="https://example.org", start=0, end=1),)), "links"),
        (with_post(FULL, 1, content_warning="ruins"), "content warnings"),
        (with_post(FULL, 1, quotes=(Quote(text="q"),)), "quotes"),
    ],
)
def test_a_copy_that_lost_something_is_declined_even_if_it_has_a_post_more(better: Thread, said: str) -> None:
    copy = a_thread(*STORY, "And the moss.", author=FULL.author)
    assert said in loss(copy, better)


def test_a_copy_without_its_author_is_declined() -> None:
    assert "its author" in loss(replace(FULL, author=Author()), FULL)


def test_a_page_may_be_shortened_and_not_cut_down() -> None:
    assert shrunk(a_thread(*STORY[:3], author=FULL.author), FULL) == ""
    assert "two thirds" in shrunk(a_thread(STORY[0], author=FULL.author), FULL)
    assert "not whole" in shrunk(replace(FULL, truncated=True), FULL)
