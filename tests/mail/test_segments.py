"""Encoded text with places to fill in: what comes out decodes to the filled text, and every line of it is safe."""

from __future__ import annotations

import quopri
import re
from base64 import b64decode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.mail.segments import Base64, Field, Quoted, Segments, encode, quoted

A, B = "T0f0f_A", "T0f0f_B"
WORDS = st.text(st.sampled_from("a. =\tF\n") | st.characters(exclude_categories=["Cs"]), max_size=120)
PROSE = st.lists(WORDS | st.sampled_from([A, B, "From ", "\n.", "  ", " \n", "\nFrom me"]), max_size=12).map("".join)


LETTERS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=34, max_size=34)
FORM = "{}" + "\0" * 34 + "{}"


def laid(shape: type[Quoted] | type[Base64], text: str, *, forms: dict[str, str]) -> Segments:
    pieces = re.split(f"({A}|{B})", text)
    return shape(pieces[::2], fields=[Field(mark, forms[mark]) for mark in pieces[1::2]])


def fill(segments: Segments, words: dict[str, str]) -> bytes:
    """The encoded text, completed behind two parts that are none of it."""
    parts = [b"", b"", *segments.parts]
    segments.fill(parts, {mark: segments.spelled(word) for mark, word in words.items()}, at=2)
    return b"".join(parts)


def filled(text: str, values: dict[str, str]) -> bytes:
    whole = re.sub(f"{A}|{B}", lambda mark: values[mark[0]], text)
    return whole.replace("\n", "\r\n").encode()


def check_lines(raw: bytes) -> None:
    for line in raw.split(b"\r\n"):
        assert len(line) <= 76
        assert not line.startswith((b".", b"From "))
        assert re.fullmatch(rb"(?:[!-~]| (?=[!-~]))*", line), "not its own relaxed form (RFC 6376, 3.4.4)"


@given(PROSE, WORDS, WORDS)
@example(f"{A}{A}{B}", ".", "From me")
@example(f" {A} \n{B} ", "  ", " ")
def test_quoted_printable_fills_in_to_the_same_text(text: str, a: str, b: str) -> None:
    raw = fill(laid(Quoted, text, forms={A: "", B: ""}), {A: a, B: b})
    assert quopri.decodestring(raw) == filled(text, {A: a, B: b})
    check_lines(raw)


@given(PROSE, WORDS, WORDS)
@example(f"{A}a{A}ab{B}abc", "", "x")
def test_base64_fills_in_to_the_same_text(text: str, a: str, b: str) -> None:
    raw = fill(laid(Base64, text, forms={A: "", B: ""}), {A: a, B: b})
    assert b64decode(raw.replace(b"\r\n", b""), validate=True) == filled(text, {A: a, B: b})
    check_lines(raw)


@given(PROSE, WORDS, WORDS, LETTERS)
@example(f"{A}x{A}", "https://a-long-name-of-a-host.example.org/u/", "", "a" * 34)
@example(A, "mailto:threads+unsubscribe-", "@lists.example.org?subject=unsubscribe", "a" * 34)
@pytest.mark.parametrize("shape", [Quoted, Base64])
def test_a_word_in_a_form_is_encoded_as_if_the_whole_had_been_the_word(
    shape: type[Quoted] | type[Base64], text: str, before: str, after: str, word: str
) -> None:
    form = FORM.format(before.replace("\0", ""), after.replace("\0", ""))
    raw = fill(laid(shape, text, forms={A: form, B: ""}), {A: word, B: word})
    whole = form.replace("\0" * 34, word)
    assert raw == fill(laid(shape, text, forms={A: "", B: ""}), {A: whole, B: word})


def test_a_lone_dot_and_a_from_line_are_escaped() -> None:
    assert quoted(".\n.well\nFrom me\nFromage\n") == b"=2E\r\n=2Ewell\r\n=46rom me\r\nFromage\r\n"


def test_spaces_that_relaxing_would_change_are_escaped() -> None:
    assert quoted("a  b   c \n\t-- \n") == b"a =20b =20 c=20\r\n=09--=20\r\n"


def test_the_shorter_encoding_is_chosen() -> None:
    assert encode("Grüße aus Köln, and much plain text around", fields=[Field(A)]).encoding == "quoted-printable"
    assert encode("週刊スレッド" * 20, fields=[Field(A)]).encoding == "base64"
