"""Whatever the bytes: findings, or one sentence that they are no mail. Never a traceback."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.desk import checks
from digest.errors import InputError

SCRAPS = st.sampled_from(
    ["<p>", "</p>", "<table", ">", "<a href='", "'>", "<!--", "-->", "<style>", "{", "}", "@media", "a:b;", "<img src=",
     "url(", ")", '"', "</style>", "<td style='color:#", "rgb(1,", "font-size:9e9px", "&#x0;", "\x00", "é", "<b id=a>",
     "http://[", "<h1>", "<meta name=color-scheme content=dark>", "<!DOCTYPE html>", ":not(", "[x", "]", "word ", "{{", "}}"]
)  # fmt: skip
PAGES = st.lists(SCRAPS, max_size=40).map("".join)
HEADS = st.lists(
    st.sampled_from(
        ["Subject: ", "=?utf-8?q?a", "?=", "=?x?b?!!?=", "From: ", "<a@b", ">", "Date: ", "Tue, 99", "\r\n", " ", "é", ",;:",
         "Content-Type: text/html; charset=", "nope", "Content-Type: multipart/mixed; boundary=x", "\r\n--x\r\n",
         "Content-Transfer-Encoding: base64", "DKIM-Signature: d=", "List-Unsubscribe: <"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(PAGES)
def test_no_page_is_too_odd(page):
    with suppress(InputError):
        checks.check_page(page.encode(), where="x.html")


@settings(max_examples=150, deadline=None)
@given(HEADS, PAGES)
def test_no_mail_is_too_odd(head, page):
    checks.check_letter(f"{head}\r\n\r\n{page}".encode())


@given(st.binary(max_size=300))
def test_no_bytes_are_too_odd(data):
    checks.check_letter(data)
    with suppress(InputError):
        checks.check_page(data, where="x.html")


@pytest.mark.parametrize(
    "page",
    ["<!-- nothing -->", "<", "<>", "<style>{<td style='color:#}}", "<html></html>", "<" + "div>" * 3, "<div>" * 5_000],
)
def test_a_page_with_nothing_in_it_is_judged_too(page):
    with suppress(InputError):
        checks.check_page(page.encode(), where="x.html")
