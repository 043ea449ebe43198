"""The checks before a send: quiet over what we print ourselves, loud over each thing that goes wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.desk.checks import check
from digest.model import Headline

ADDRESS = "The Weekly Thread, 12 Harbour Lane, Bristol BS1"


def rules(page, thread, address=ADDRESS):
    return {(finding.rule, finding.level) for finding in check(page, thread=thread, postal_address=address)}


def test_what_we_print_raises_no_alarm(press, shape):
    assert not {level for _, level in rules(press(shape), shape)} & {"error", "warning"}


def test_an_ordinary_digest_is_only_told_what_some_mail_programs_lack(press, threads):
    assert {rule for rule, _ in rules(press(threads["plain"]), threads["plain"])} == {"support"}


def test_a_picture_without_a_description_is_noted(press, threads):
    assert ("picture-words", "note") in rules(press(threads["everything"]), threads["everything"])


def test_a_cut_is_noted(press, threads):
    assert ("size-cut", "note") in rules(press(threads["150 posts"]), threads["150 posts"])


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('lang="en"', 'lang="und"', ("language", "error")),
        ("<h1", "<h3", ("headings", "warning")),
        ("</h1>", "</h1><h4>deep</h4>", ("headings", "warning")),
        ("</h1>", "</h1><img src='https://example.org/x.png'>", ("picture-alt", "error")),
        ("</h1>", "</h1><img alt='x' src='http://example.org/x.png'>", ("picture-http", "warning")),
        ("</h1>", "</h1><a href='https://example.org/{{ x }}'>x</a>", ("link-placeholder", "error")),
        ("</h1>", "</h1><a href=''>x</a>", ("link", "error")),
        ("</h1>", "</h1><a href='javascript:x'>x</a>", ("link-script", "error")),
        ("</h1>", "</h1><a href='#p99'>x</a>", ("link-anchor", "error")),
        ("</h1>", "</h1><a href='https://example.org'></a>", ("link-words", "warning")),
        ("</h1>", "{{ first_name }}</h1>", ("placeholder", "error")),
        ("worst stone", "best stone", ("content", "error")),
        ("0123456789abcdef_UNSUBSCRIBE", "x", ("unsubscribe", "error")),
        ("12 Harbour Lane", "", ("postal-address", "error")),
        ("</body>", "x" * 80_000 + "</body>", ("size-heavy", "warning")),
        ("</body>", "x" * 90_000 + "</body>", ("size-clipped", "error")),
    ],
)
def test_a_fault_in_the_page_is_found(press, threads, *, old, new, rule):
    page = press(threads["plain"])
    assert old in page.html
    assert rule in rules(replace(page, html=page.html.replace(old, new)), threads["plain"])


def test_a_hidden_way_out_is_no_way_out(press, threads):
    page = press(threads["plain"])
    hidden = page.html.replace('class="foot muted mine" style="', 'class="foot muted mine" style="display:none;')
    assert ("unsubscribe", "error") in rules(replace(page, html=hidden), threads["plain"])


@pytest.mark.parametrize(
    ("old", "rule"),
    [("worst stone", "content"), ("0123456789abcdef_UNSUBSCRIBE", "unsubscribe"), (ADDRESS, "postal-address")],
)
def test_a_fault_in_the_text_part_is_found(press, threads, old, rule):
    page = press(threads["plain"])
    assert (rule, "error") in rules(replace(page, text=page.text.replace(old, "")), threads["plain"])


def test_an_empty_postal_address_is_against_the_law(press, threads):
    findings = check(press(threads["plain"]), thread=threads["plain"], postal_address=" ")
    assert [(f.rule, f.fix) for f in findings if f.level == "error"] == [
        ("postal-address", "Set DIGEST_POSTAL_ADDRESS.")
    ]


@pytest.mark.parametrize(
    ("subject", "rule"),
    [
        ("", ("subject", "error")),
        ("x" * 79, ("subject-long", "warning")),
        ("READ THIS NOW PLEASE", ("subject-capitals", "warning")),
        ("Re: hello", ("subject-advert", "warning")),
        ("Wow!!!", ("subject-advert", "warning")),
    ],
)
def test_a_subject_that_readers_shun_is_found(press, threads, subject, rule):
    page = replace(press(threads["plain"]), headline=Headline(title="T", subject=subject, preheader="Something else"))
    assert rule in rules(page, threads["plain"])


@pytest.mark.parametrize(
    ("preheader", "rule"), [("", ("preheader", "note")), ("a title", ("preheader-repeats", "warning"))]
)
def test_a_grey_line_that_says_nothing_is_found(press, threads, preheader, rule):
    page = replace(press(threads["plain"]), headline=Headline(title="T", subject="A title", preheader=preheader))
    assert rule in rules(page, threads["plain"])
