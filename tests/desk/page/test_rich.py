"""Text of strangers becomes markup: nothing of it is lost, nothing of it is obeyed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as markup

from digest.desk.plates import Plate
from digest.desk.rich import box, brief, caption, pieces, rich, still, web
from digest.model import Link, Media, Picture, Post, Shown
from digest.text import clean

WORDS = {"image": "Picture", "video": "Video", "gif": "Animation", "audio": "Sound"}


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "mailto:a@example.org",
        "//example.org/x",
        "https://",
        "https:///path",
        "http://[broken",
        'https://example.org/"onclick="x',
        "https://example.org/a b",
        "https://example.org/{{ x }}",
        "https://example.org/" + "x" * 1_000,
        "",
    ],
)
def test_nobody_is_sent_to(url):
    assert web(url) == ""


@pytest.mark.parametrize("url", ["https://example.org/a_(b)?c=d&e=f#g", "HTTP://EXAMPLE.ORG", "https://例え.jp/道"])
def test_a_reader_may_be_sent_to(url):
    assert web(url) == url


def test_an_address_hides_no_host_behind_a_user_name():
    assert brief("https://bank.example@evil.test/login") == "evil.test/login"


def test_an_address_is_shown_in_forty_characters():
    assert len(brief("https://www.example.org/" + "long/" * 30)) == 40


def test_links_keep_their_own_words_unless_those_are_an_address():
    text = "see the notes or https://t.example/x1"
    links = (Link(url="https://example.org/n", start=4, end=13), Link(url="https://example.org/real", start=17, end=37))
    shown = markup.fragment_fromstring(rich(Post(number=1, text=text, links=links)), create_parent=True)
    assert [(link.text, link.get("href")) for link in shown.iter("a")] == [
        ("the notes", "https://example.org/n"),
        ("example.org/real", "https://example.org/real"),
    ]


def test_of_two_links_on_the_same_words_the_first_wins():
    links = (Link(url="https://example.org/1", start=0, end=4), Link(url="https://example.org/2", start=2, end=6))
    assert [piece.url for piece in pieces("abcdef", links) if piece.url] == ["https://example.org/1"]


@given(
    st.text(st.characters(exclude_categories=())),
    st.lists(st.tuples(st.integers(-5, 40), st.integers(-5, 40), st.sampled_from(["https://example.org", "x:y", ""]))),
)
def test_pieces_put_together_are_the_text(text, spans):
    links = [Link(url=url, start=start, end=end) for start, end, url in spans]
    together = "".join(piece.text for piece in pieces(text, links))
    assert "".join(together.split()) == "".join(clean(text).split())


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_text_comes_out_as_text(text):
    shown = markup.fragment_fromstring(f"<p>{rich(Post(number=1, text=text))}</p>")
    assert {child.tag for child in shown.iterdescendants()} <= {"br"}
    assert re.sub(r"\s", "", shown.text_content()) == re.sub(r"\s", "", clean(text))


def test_newlines_are_kept_and_emptiness_is_not():
    assert rich(Post(number=1, text="\n\none\ntwo\n\n\n\nthree   four\n")) == "one<br>two<br><br>three four"


def test_a_picture_is_set_in_its_own_shape_within_the_column():
    assert box(Media(kind="image", width=3000, height=1500)) == (502, 251)
    assert box(Media(kind="image", width=1000, height=4000)) == (155, 620)
    assert box(Media(kind="image", width=64, height=48)) == (64, 48)
    assert box(Media(kind="image")) == (502, 0)


def test_only_a_picture_of_ours_is_ever_shown():
    told = {"url": "https://example.org/a.mp4", "poster": "https://example.org/a.jpg", "alt": "A start"}
    film, ours = Media(kind="video", **told), Picture(digest="5ea", kind="jpeg", width=1004, height=502, size=9)
    plate = Plate(kind="video", **told, shown=Shown(src="cid:5ea@example.org", picture=ours))
    assert (still(film), still(plate)) == ("", "cid:5ea@example.org")
    assert (caption(plate, WORDS), box(plate)) == ("► Video: A start", (502, 251))
