"""Each way a page can be spoiled in silence is heard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.desk.proof import prove
from digest.desk.sheet import Sheet
from digest.errors import RenderError
from digest.model import Headline, Marks, Summary


@pytest.fixture
def sheet(threads, masthead, printer):
    """The sheet that the plain thread's page was printed from, as far as the proof looks at it."""
    return Sheet(
        thread=threads["plain"],
        summary=Summary(kind="none"),
        headline=Headline(title="", subject="", preheader=""),
        masthead=masthead,
        marks=Marks(nonce="0123456789abcdef"),
        words={},
        lang="en",
        dir="ltr",
        facts=(),
        posts=threads["plain"].posts,
    )


def test_a_good_page_passes(press, threads, sheet):
    page = press(threads["plain"])
    assert prove(page, sheet=sheet) is page


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<!DOCTYPE html>", "<!doctype html>", "doctype"),
        ("<![endif]-->", "", "conditional comment"),
        ("<style", '<style data-premailer="ignore"', "premailer"),
        ('id="p3"', 'id="q3"', "6 posts went in and 5 came out"),
        ("</h1>", "</h1><script>1</script>", "<script>"),
        ("<h1", "<h1 onclick='x'", "onclick="),
        ("</head>", "<link rel='stylesheet' href='https://example.org/x.css'></head>", "<link>"),
        ("</head>", "<style>@import url(x)</style></head>", "imports"),
        ("0123456789abcdef_UNSUBSCRIBE", "0123456789abcdef_X", "UNSUBSCRIBE stands 0 times in the page"),
        ("</h1>", " T0123456789abcdef_EMAIL</h1>", "EMAIL stands 2 times in the page"),
    ],
)
def test_a_damaged_page_is_refused(press, threads, sheet, *, old, new, fault):
    page = press(threads["plain"])
    assert old in page.html
    with pytest.raises(RenderError, match=fault):
        prove(replace(page, html=page.html.replace(old, new, 1)), sheet=sheet)


def test_a_text_part_without_a_way_out_is_refused(press, threads, sheet):
    page = press(threads["plain"])
    with pytest.raises(RenderError, match="UNSUBSCRIBE stands 0 times in the text part"):
        prove(replace(page, text=page.text.replace("_UNSUBSCRIBE", "")), sheet=sheet)
