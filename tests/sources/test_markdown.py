"""Markdown and plain text: what people write by hand, and the export that must come back as it went."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.errors import InputError, NotAThread
from digest.model import Author, Card, Choice, Link, Media, Poll, Post, Quote, Related, Thread
from digest.sources import Raw, markdown, read
from digest.sources.prose import compose, tidy


def text_of(thread: Thread) -> list[str]:
    return [post.text for post in thread.posts]


# ── any thread survives the way out and back ─────────────────────────────────────────────────────

words = st.text(st.characters(codec="utf-8") | st.sampled_from("\\[]()<>*_`#-=~|!.1/: \n@")).map(tidy)
lines = words.map(lambda text: " ".join(text.split()))
urls = st.sampled_from(
    [
        "https://example.org/a_(b)?c=d&e=f#g",
        "http://example.com/",
        "https://example.test/%22x%22",
        "https://example.org/ü",
    ]
)
urls_or_none = urls | st.just("")
authors = st.builds(Author, name=lines, handle=st.sampled_from(["", "@ada", "@grace_h"]), url=urls_or_none)
instants = st.datetimes(timezones=st.just(UTC)) | st.none()
media = st.builds(
    Media,
    kind=st.sampled_from(["image", "video", "gif", "audio"]),
    url=urls_or_none,
    alt=words,
    poster=urls_or_none,
    width=st.integers(0, 4000),
    height=st.integers(0, 4000),
)
pictures = st.builds(Media, kind=st.just("image"), url=urls, alt=words)


@st.composite
def linked_texts(draw: st.DrawFn) -> tuple[str, tuple[Link, ...]]:
    parts = draw(st.lists(st.tuples(words, urls_or_none) | st.tuples(urls, urls_or_none), max_size=5))
    return compose((f"{text} ", url) for text, url in parts)


polls = st.builds(
    Poll,
    choices=st.lists(st.builds(Choice, text=lines, votes=st.none() | st.integers(0, 9)), min_size=1, max_size=3).map(
        tuple
    ),
)


@st.composite
def posts(draw: st.DrawFn, number: int) -> Post:
    text, links = draw(linked_texts())
    return Post(
        number=number,
        text=text or "end",
        links=links,
        id=draw(st.sampled_from(["", "1001"])),
        url=draw(urls_or_none),
        created_at=draw(instants),
        media=tuple(draw(st.lists(media, max_size=2) | st.lists(pictures, max_size=2))),
        quotes=tuple(draw(st.lists(st.builds(Quote, text=words, author=authors, url=urls_or_none), max_size=1))),
        card=draw(st.none() | st.builds(Card, url=urls, title=lines, site=lines)),
        content_warning=draw(lines),
        poll=draw(st.none() | polls),
        edited_at=draw(instants),
    )


@st.composite
def threads(draw: st.DrawFn) -> Thread:
    count = draw(st.integers(1, 4))
    gathered = [draw(posts(number=number)) for number in range(1, count + 1)]
    gathered[0] = Post(number=1, text="It begins.") if draw(st.booleans()) else gathered[0]
    return Thread(
        key=draw(st.sampled_from(["threadreader:1", "text:abc"])),
        source=draw(st.sampled_from(["threadreader", "text"])),
        posts=tuple(gathered),
        author=draw(authors),
        title=draw(lines),
        url=draw(urls_or_none),
        lang=draw(st.sampled_from(["", "de", "ar"])),
        created_at=draw(instants),
        date=draw(st.sampled_from(["", "Mar 9, 2018", "14 Feb"])),
        declared=draw(st.none() | st.integers(1, 99)),
        related=tuple(
            draw(
                st.lists(
                    st.builds(Related, text=words, date=lines, posts=st.none() | st.integers(1, 99), url=urls_or_none),
                    max_size=2,
                )
            )
        ),
        truncated=draw(st.booleans()),
        warnings=tuple(draw(st.lists(lines.filter(bool), max_size=1))),
        dropped=tuple(draw(st.lists(lines.filter(bool), max_size=1))),
    )


# How long it takes to make a thread says nothing about reading one, and machines are busy.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(threads().filter(lambda thread: any(c.isalnum() for c in thread.text)))
def test_an_export_is_read_back_as_the_same_thread(thread: Thread) -> None:
    assert read(Raw(ref="thread.md", text=markdown.write(thread))) == thread


# ── what people write by hand ────────────────────────────────────────────────────────────────────


def written(text: str, *, ref: str = "thread.md") -> Thread:
    return read(Raw(ref=ref, text=text))


def test_rules_part_the_posts() -> None:
    assert text_of(written("One.\n\nStill one.\n\n---\n\nTwo.\n***\nThree.")) == [
        "One.\n\nStill one.",
        "Two.",
        "Three.",
    ]


def test_counters_part_the_posts_and_are_taken_off() -> None:
    assert text_of(written("1/ One.\n\nStill one.\n\n2/ Two.\n\n3/ Three.")) == ["One.\n\nStill one.", "Two.", "Three."]


def test_counters_are_taken_off_posts_that_rules_part() -> None:
    assert text_of(written("1/ One.\n\n---\n\n2/ Two.\n\n---\n\n3/ Three.")) == ["One.", "Two.", "Three."]


def test_blank_lines_part_the_posts_of_a_plain_text() -> None:
    assert text_of(written("One.\nStill one.\n\nTwo.", ref="thread.txt")) == ["One.\nStill one.", "Two."]


@pytest.mark.parametrize(
    ("entry", "author"),
    [
        ("Ada Finch (@ada@example.social)", Author(name="Ada Finch", handle="@ada@example.social")),
        ("Ada Finch @ada", Author(name="Ada Finch", handle="@ada")),
        ("'@ada'", Author(name="", handle="@ada")),
        ("Ada Finch (Bath)", Author(name="Ada Finch (Bath)")),
        ("ada@example.org", Author(name="ada@example.org")),
    ],
)
def test_a_handle_beside_the_name_is_told_apart(entry, author):
    assert written(f"---\ntitle: Walls\nauthor: {entry}\n---\nEins.").author == author


def test_front_matter_says_who_and_when() -> None:
    thread = written("---\ntitle: On walls: a start\nauthor: Ivo\nhandle: ivob\ndate: 2024-03-17\nlang: de\n---\nEins.")
    assert (thread.title, thread.author, thread.lang) == ("On walls: a start", Author(name="Ivo", handle="@ivob"), "de")
    assert thread.created_at == datetime(2024, 3, 17, tzinfo=UTC)
    assert thread.warnings == ()


def test_a_thread_of_nobody_knows_when_is_warned_of() -> None:
    assert written("One.").warnings == ("It does not say who wrote it.", "It does not say when it was written.")


def test_a_heading_at_the_top_is_the_title() -> None:
    assert written("# On walls\n\nOne.").title == "On walls"


def test_a_backslash_of_a_plain_text_stays() -> None:
    assert text_of(written(r"¯\_(ツ)_/¯ [a](https://example.org)", ref="a.txt")) == [
        r"¯\_(ツ)_/¯ [a](https://example.org)"
    ]


def test_markdown_links_and_pictures_are_read() -> None:
    post = written("See [this](https://example.org/w).\n\n---\n\nLook. ![Moss](https://example.org/m.jpg)")
    assert post.posts[0].links == (Link(url="https://example.org/w", start=4, end=8),)
    assert post.posts[1].media == (Media(kind="image", url="https://example.org/m.jpg", alt="Moss"),)


def test_a_script_address_becomes_no_link() -> None:
    assert written("[press](javascript:alert)").posts[0].links == ()


def test_an_address_smuggled_into_an_export_is_dropped() -> None:
    fence = '```post\n{"card": {"url": "javascript:alert(1)", "title": "x"}}\n```'
    assert written(f"One.\n\n{fence}\n\n---\n").posts[0].card == Card(url="", title="x")


@pytest.mark.parametrize("fence", ['{"media": 7}', "{", '{"created_at": "soon"}', "[" * 100_000])
def test_a_damaged_export_is_refused(fence: str) -> None:
    with pytest.raises(InputError, match="damaged"):
        written(f"One.\n\n```post\n{fence}\n```")


def test_aliases_in_front_matter_are_not_followed() -> None:
    bomb = "---\na: &a [x, x]\nb: &b [*a, *a]\ntitle: [*b, *b]\n---\nOne."
    assert text_of(written(bomb)) == ["One."]


@pytest.mark.parametrize("text", ["---", "...\n\n!!!", "\n---\n---\n"])
def test_a_file_without_words_is_refused(text: str) -> None:
    with pytest.raises(NotAThread):
        written(text)


@pytest.mark.parametrize(
    "text", ['{"tweets": []}', '[{"a": 1}]', "window.YTD.tweets.part0 = [ ]", "<?xml version='1.0'?>"]
)
def test_data_is_no_prose(text: str) -> None:
    with pytest.raises(NotAThread, match="no source here"):
        written(text, ref="data.txt")


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    with contextlib.suppress(NotAThread):
        thread = written(text)
        assert [post.number for post in thread.posts] == list(range(1, len(thread.posts) + 1))
        assert all(0 <= link.start < link.end <= len(post.text) for post in thread.posts for link in post.links)


def test_two_empty_lines_part_posts_that_have_paragraphs() -> None:
    text = "---\nauthor: Ada\n---\n\nOne.\n\nStill one.\n\n\nTwo.\n\n\nThree.\n\nStill three.\n"
    assert [post.text for post in written(text).posts] == ["One.\n\nStill one.", "Two.", "Three.\n\nStill three."]


def test_a_picture_on_a_line_of_its_own_belongs_to_the_words_before_it() -> None:
    thread = written("# Walls\n\nA wall.\n\n![Stones](https://example.org/a.jpg)\n\nAnother.\n")
    assert [(post.text, len(post.media)) for post in thread.posts] == [("A wall.", 1), ("Another.", 0)]


def test_marks_of_headings_and_of_bold_words_are_taken_off() -> None:
    thread = written("# Walls\n\n## The **first** stone\n\n**See [this](https://example.org/)** and 2**3.\n")
    assert [post.text for post in thread.posts] == ["The first stone", "See this and 2**3."]


def test_the_address_of_a_thread_as_its_first_line_says_who_and_when() -> None:
    thread = written("https://x.com/ada/status/1463813875535646721?s=20\n\nA wall.\n\nA stone.\n")
    assert (thread.author.handle, thread.created_at and thread.created_at.year) == ("@ada", 2021)
    assert [post.text for post in thread.posts] == ["A wall.", "A stone."]


def test_whom_a_clipper_does_not_know_is_known_by_the_address() -> None:
    matter = 'source: "https://x.com/ada/status/1463813875535646721"\nauthor:\n  - "[[Unknown]]"\n'
    assert written(f"---\n{matter}---\nA wall.\n").author == Author(handle="@ada")


def test_a_note_that_begins_with_a_link_in_brackets_is_prose() -> None:
    assert written("[[Walls](https://example.org/)] are slow gardens.\n").posts
