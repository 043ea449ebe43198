"""Tokens: short, for one purpose only, and impossible to make without the secret."""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from hashlib import blake2s

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SettingsError
from digest.mail.tokens import TOKEN_LENGTH, Purpose, Stamp, Tokens

TOKENS = Tokens(b"a secret of some length")
IDS = st.integers(0, 2**32 - 1)
SMALL = st.integers(0, 2**16 - 1)
LETTERS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=TOKEN_LENGTH, max_size=TOKEN_LENGTH)


PURPOSES = st.sampled_from(Purpose)
A_TOKEN = TOKENS.mint(Purpose.UNSUBSCRIBE, subject=7, number=0)


@given(PURPOSES, IDS, SMALL)
def test_what_was_made_is_read_again(purpose: Purpose, subject: int, number: int) -> None:
    token = TOKENS.mint(purpose, subject=subject, number=number)
    assert TOKENS.read(purpose, token) == Stamp(purpose=purpose, subject=subject, number=number)
    assert len(token) == TOKEN_LENGTH


@given(PURPOSES, IDS, SMALL)
def test_a_token_survives_a_server_that_changes_its_case(purpose: Purpose, subject: int, number: int) -> None:
    token = TOKENS.mint(purpose, subject=subject, number=number)
    stamp = Stamp(purpose=purpose, subject=subject, number=number)
    assert TOKENS.read(purpose, token.upper()) == TOKENS.read(purpose, token.title()) == stamp


@given(PURPOSES, PURPOSES, IDS, SMALL)
def test_a_token_serves_no_other_purpose(made_for: Purpose, used_for: Purpose, subject: int, number: int) -> None:
    read = TOKENS.read(used_for, TOKENS.mint(made_for, subject=subject, number=number))
    assert (read is not None) is (made_for is used_for)


@given(PURPOSES, IDS, SMALL, st.integers(0, TOKEN_LENGTH - 1), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_one_changed_letter_makes_it_nothing(purpose: Purpose, subject: int, number: int, at: int, letter: str) -> None:
    token = TOKENS.mint(purpose, subject=subject, number=number)
    forged = token[:at] + letter + token[at + 1 :]
    assert forged == token or TOKENS.read(purpose, forged) is None


@given(PURPOSES, st.text(max_size=60) | LETTERS)
def test_garbage_reads_as_nothing(purpose: Purpose, text: str) -> None:
    assert TOKENS.read(purpose, text) is None


@pytest.mark.parametrize("token", [A_TOKEN[:-1], A_TOKEN[1:], A_TOKEN + "a", A_TOKEN + "=", " " + A_TOKEN])
def test_a_truncated_or_lengthened_token_is_nothing(token: str) -> None:
    assert TOKENS.read(Purpose.UNSUBSCRIBE, token) is None


def test_another_secret_makes_other_tokens() -> None:
    other = Tokens(b"quite another secret")
    assert other.read(Purpose.UNSUBSCRIBE, A_TOKEN) is None
    assert other.message(42, 7) != TOKENS.message(42, 7)


def test_the_same_letter_always_has_the_same_words() -> None:
    again = Tokens(b"a secret of some length")
    assert again.mint(Purpose.UNSUBSCRIBE, subject=7, number=0) == A_TOKEN
    assert again.message(42, 7) == TOKENS.message(42, 7)


@given(PURPOSES, IDS, SMALL)
def test_a_token_is_the_base32_of_its_numbers_and_their_mac(purpose: Purpose, subject: int, number: int) -> None:
    payload = subject.to_bytes(4) + number.to_bytes(2)
    key = hmac.digest(b"a secret of some length", purpose.encode() + b"\0", "sha256")
    plain = b32encode(payload + blake2s(payload, key=key, digest_size=15).digest()).decode().lower().rstrip("=")
    assert TOKENS.mint(purpose, subject=subject, number=number) == plain


@given(IDS, SMALL, IDS, SMALL)
def test_each_letter_has_a_name_of_its_own(reader: int, issue: int, other: int, another: int) -> None:
    name = TOKENS.message(issue, reader)
    assert re.fullmatch("[0-9a-f]{30}", name)
    assert (TOKENS.message(another, other) == name) is ((another, other) == (issue, reader))


@pytest.mark.parametrize("purpose", Purpose)
def test_the_name_of_a_letter_holds_no_token(purpose: Purpose) -> None:
    """A Message-ID travels in every reply, so nobody may be able to make a bounce or a farewell of it."""
    name = TOKENS.message(42, 7)
    assert TOKENS.read(purpose, name) is None
    assert name[-10:] not in TOKENS.mint(purpose, subject=7, number=42)


def test_a_longest_local_part_still_holds_a_token() -> None:
    assert (
        len("seventeen-letters+unsubscribe-" + TOKENS.mint(Purpose.UNSUBSCRIBE, subject=2**32 - 1, number=2**16 - 1))
        == 64
    )


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match="DIGEST_SECRET"):
        Tokens(b"short")
