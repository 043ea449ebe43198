"""Tokens: short, for one purpose only, and impossible to make without the secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SettingsError
from digest.mail.tokens import TOKEN_LENGTH, BounceToken, Tokens, UnsubscribeToken

TOKENS = Tokens(b"a secret of some length")
IDS = st.integers(0, 2**32 - 1)
SMALL = st.integers(0, 2**16 - 1)
LETTERS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=TOKEN_LENGTH, max_size=TOKEN_LENGTH)


@given(IDS, SMALL)
def test_what_was_made_is_read_again(subscriber: int, number: int) -> None:
    leaving, bounce = TOKENS.unsubscribe(subscriber, number), TOKENS.bounce(number, subscriber)
    assert TOKENS.read_unsubscribe(leaving) == UnsubscribeToken(subscriber_id=subscriber, epoch=number)
    assert TOKENS.read_bounce(bounce) == BounceToken(subscriber_id=subscriber, issue=number)
    assert len(leaving) == len(bounce) == TOKEN_LENGTH


@given(IDS, SMALL)
def test_a_token_survives_a_server_that_changes_its_case(subscriber: int, epoch: int) -> None:
    token = TOKENS.unsubscribe(subscriber, epoch)
    expected = UnsubscribeToken(subscriber_id=subscriber, epoch=epoch)
    assert TOKENS.read_unsubscribe(token.upper()) == TOKENS.read_unsubscribe(token.title()) == expected


@given(IDS, SMALL)
def test_a_token_serves_no_other_purpose(subscriber: int, number: int) -> None:
    assert TOKENS.read_bounce(TOKENS.unsubscribe(subscriber, number)) is None
    assert TOKENS.read_unsubscribe(TOKENS.bounce(number, subscriber)) is None


@given(IDS, SMALL, st.integers(0, TOKEN_LENGTH - 1), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_one_changed_letter_makes_it_nothing(subscriber: int, epoch: int, at: int, letter: str) -> None:
    token = TOKENS.unsubscribe(subscriber, epoch)
    forged = token[:at] + letter + token[at + 1 :]
    assert forged == token or TOKENS.read_unsubscribe(forged) is None


@given(st.text(max_size=60) | LETTERS)
def test_garbage_reads_as_nothing(text: str) -> None:
    assert TOKENS.read_unsubscribe(text) is None
    assert TOKENS.read_bounce(text) is None


def test_a_truncated_or_lengthened_token_is_nothing() -> None:
    token = TOKENS.unsubscribe(7, 0)
    assert [TOKENS.read_unsubscribe(t) for t in (token[:-1], token[1:], token + "a", token + "=", " " + token)] == [
        None
    ] * 5


def test_another_secret_makes_other_tokens() -> None:
    other = Tokens(b"quite another secret")
    assert other.read_unsubscribe(TOKENS.unsubscribe(7, 0)) is None
    assert other.message(42, 7) != TOKENS.message(42, 7)


def test_the_same_letter_always_has_the_same_words() -> None:
    again = Tokens(b"a secret of some length")
    assert again.unsubscribe(7, 1) == TOKENS.unsubscribe(7, 1)
    assert again.bounce(42, 7) == TOKENS.bounce(42, 7)
    assert again.message(42, 7) == TOKENS.message(42, 7)


def test_the_name_of_a_letter_holds_no_token() -> None:
    """A Message-ID travels in every reply, so nobody may be able to make a bounce or a farewell of it."""
    name = TOKENS.message(42, 7)
    assert TOKENS.read_bounce(name) is TOKENS.read_unsubscribe(name) is None
    assert name[-10:] not in TOKENS.bounce(42, 7)


def test_a_longest_local_part_still_holds_a_token() -> None:
    assert len("seventeen-letters" + "+unsubscribe-" + TOKENS.unsubscribe(2**32 - 1, 2**16 - 1)) == 64


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match="DIGEST_SECRET"):
        Tokens(b"short")
