"""Header values: they read back as what was meant, and none of them can break out of its line."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.mail import headers
from digest.text import clean, one_line

LINE = st.text(st.sampled_from('ab  =?_"\\<>@,.:;()ßü日👩\u200d') | st.characters(), max_size=300)


def subject(text: str) -> bytes:
    return headers.field("Subject", headers.unstructured(text))


def read(raw: bytes) -> str:
    return str(message_from_bytes(raw + b"\r\n", policy=policy.default)["Subject"])


@given(LINE)
def test_a_subject_reads_back_the_same(text: str) -> None:
    assert read(subject(text)) == re.sub("[\n\t]", " ", clean(text)).strip()


@given(LINE)
def test_no_subject_leaves_its_lines(text: str) -> None:
    lines = subject(text).removesuffix(b"\r\n").split(b"\r\n")
    assert all(line.startswith(b" ") for line in lines[1:])
    assert all(len(line) <= 76 and re.fullmatch(rb"[ -~]*", line) for line in lines)


@given(LINE)
def test_a_name_reads_back_the_same(name: str) -> None:
    raw = headers.field("From", headers.named(name, "ada@example.org"))
    value = message_from_bytes(raw + b"\r\n")["From"].replace("\r\n", "")
    phrase = value.rpartition("<")[0].strip()
    if phrase.startswith('"'):
        phrase = re.sub(r"\\(.)", r"\1", phrase[1:-1])
    assert str(make_header(decode_header(phrase))) == one_line(name)
    assert value.endswith("<ada@example.org>")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("The Weekly Thread", "The Weekly Thread <a@example.org>"),
        ("", "<a@example.org>"),
        ("Ada, Bob & Co.", '"Ada, Bob & Co." <a@example.org>'),
        ('the "best" of', '"the \\"best\\" of" <a@example.org>'),
        ("Wöchentlich", "=?utf-8?q?W=C3=B6chentlich?= <a@example.org>"),
        ("evil\r\nBcc: b@example.org", '"evil Bcc: b@example.org" <a@example.org>'),
    ],
)
def test_a_name_is_written_as_plainly_as_it_may(name: str, written: str) -> None:
    assert headers.named(name, "a@example.org") == written


def test_a_long_plain_subject_stays_readable() -> None:
    text = "Why most rewrites fail, what the three that did not fail had in common, and how to tell before you begin"
    assert headers.unstructured(text).replace("\r\n", "") == text


@pytest.mark.parametrize(
    "text", ["a" * 2000, "wide   gaps   stay", "=?utf-8?q?not_a_word?=", "👩‍💻" * 60, "日本語" * 100]
)
def test_odd_subjects_survive(text: str) -> None:
    assert read(subject(text)) == text
