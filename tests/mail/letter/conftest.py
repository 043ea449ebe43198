"""What the tests of a letter share: an issue to address, and keys to sign it with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.mail.tokens import Tokens
from digest.model import Headline, Issue, Letterhead, Marks, Page

MARKS = Marks(nonce="00112233aabbccdd")
HTML = f"""<!doctype html><html lang="en"><body><h1>Why bridges sing</h1>
<p>Wind finds every gap — and a gap is a whistle.</p>
<p>For {MARKS.email}. <a href="{MARKS.unsubscribe}">Leave</a> or <a href="{MARKS.web}">read it on the web</a>.</p>
</body></html>
"""
TEXT = f"""Why bridges sing

Wind finds every gap — and a gap is a whistle.

--\x20
For {MARKS.email}.
Leave: {MARKS.unsubscribe}
On the web: {MARKS.web}
"""
HEAD = Letterhead(
    name="The Weekly Thread",
    from_address="digest@example.org",
    list_address="threads@lists.example.org",
    domain="example.org",
    date=datetime(2025, 11, 18, 9, 0, tzinfo=UTC),
    base_url="https://news.example.org",
)


@pytest.fixture(scope="session")
def make_issue() -> Callable[..., Issue]:
    def make(
        *,
        head: Letterhead = HEAD,
        subject: str = "Why bridges sing",
        html: str = HTML,
        text: str = TEXT,
        lang: str = "en",
    ) -> Issue:
        headline = Headline(title=subject, subject=subject, preheader="Wind finds every gap")
        page = Page(headline=headline, html=html, text=text, mjml="", marks=MARKS, lang=lang)
        return Issue(number=42, thread_id=1, page=page, letterhead=head)

    return make


@pytest.fixture(scope="session")
def head() -> Letterhead:
    return HEAD


@pytest.fixture(scope="session")
def tokens() -> Tokens:
    return Tokens(b"a secret for the tests only")


@pytest.fixture(scope="session")
def rsa_pem() -> bytes:
    return pem(rsa.generate_private_key(65537, 2048))


@pytest.fixture(scope="session")
def ed25519_pem() -> bytes:
    return pem(ed25519.Ed25519PrivateKey.generate())


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
