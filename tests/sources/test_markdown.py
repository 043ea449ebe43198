"""Markdown and plain text: what people write by hand, and the export that must come back as it went."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import InputError, NotAThread
from digest.model import Author, Card, Link, Media, Post, Quote, Related, Thread
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
instants = st.datetimes(min_value=datetime(2006, 3, 21), timezones=st.just(UTC)) | st.none()
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


@given(threads().filter(lambda thread: any(c.isalnum() for c in thread.text)))
def test_an_export_is_read_back_as_the_same_thread(thread: Thread) -> None:
    assert read(Raw(ref="thread.md", text=markdown.write(thread))) == thread
