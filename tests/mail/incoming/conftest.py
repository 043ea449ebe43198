"""Mails as people and machines write them, for the reader; and who we are in these tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from digest.mail import incoming
from digest.mail.incoming import Ours
from digest.mail.intents import Asked
from digest.mail.tokens import Purpose, Tokens

Read = Callable[..., Asked]
OURS = Ours(
    list_address="digest@example.org",
    from_address="weekly@example.org",
    editor="editor@example.org",
    authservs=frozenset({"mx.example.org"}),
)


@pytest.fixture(scope="session")
def tokens() -> Tokens:
    return Tokens(b"a secret of tests only")


@pytest.fixture(scope="session")
def token(tokens: Tokens) -> Callable[..., str]:
    def mint(purpose: Purpose, subject: int = 7, number: int = 3) -> str:
        return tokens.mint(purpose, subject=subject, number=number)

    return mint


@pytest.fixture(scope="session")
def read(tokens: Tokens) -> Read:
    def reading(raw: bytes | str, *, recipient: str = "", envelope_sender: str | None = None) -> Asked:
        data = raw.encode() if isinstance(raw, str) else raw
        return incoming.read(data, ours=OURS, tokens=tokens, recipient=recipient, envelope_sender=envelope_sender)

    return reading


def mail(body: str = "", *, subject: str = "", to: str = "digest@example.org", more: str = "") -> str:
    """A plain mail from a person."""
    return (
        f"From: Ada Byron <ada@example.com>\r\nTo: {to}\r\nSubject: {subject}\r\n"
        f"Message-ID: <one@example.com>\r\n{more}"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    )
