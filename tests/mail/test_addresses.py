"""Which addresses the house takes, and the one form in which it keeps them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import InputError
from digest.mail import addresses


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  Ada.L@Example.ORG \n", "Ada.L@example.org"),
        ("ada@bücher.test", "ada@xn--bcher-kva.test"),
        ("ada@XN--BCHER-KVA.test", "ada@xn--bcher-kva.test"),
        ("dörte@example.org", "dörte@example.org"),
        ("o'hara+list@example.org", "o'hara+list@example.org"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_an_address_has_one_form(written: str, kept: str) -> None:
    assert addresses.parse(written) == kept
    assert addresses.parse(kept) == kept


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "ada@localhost",
        "ada@example.org, bob@example.org",
        "Ada <ada@example.org>",
        "ada@example.org\r\nBcc: bob@example.org",
        "a\x00da@example.org",
        "a\u202eda@example.org",
        "a\ud800@example.org",
        '"a b"@example.org',
        "ada@[192.0.2.1]",
        "ada@nowhere.invalid",
        "a" * 65 + "@example.org",
        "a" * 64 + "@" + ".".join(["b" * 63] * 3) + ".org",
        "alice@example.org)bob@example.org",
    ],
)
def test_what_is_no_address_is_refused_in_one_line(written: str) -> None:
    with pytest.raises(InputError) as refusal:
        addresses.parse(written)
    assert str(refusal.value).isprintable()
    assert refusal.value.then


@given(st.text(max_size=80) | st.emails())
def test_any_text_is_an_address_or_a_refusal(text: str) -> None:
    try:
        address = addresses.parse(text)
    except InputError:
        return
    local, _, domain = address.rpartition("@")
    assert len(local.encode()) <= 64
    assert len(address) <= 254
    assert domain == domain.lower()
    assert domain.isascii()
