"""What one personal letter of 60 KB costs, against building it with the standard library's EmailMessage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from statistics import median
from time import process_time

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.mail.dkim import Signer
from digest.mail.letter import Press
from digest.mail.tokens import Tokens
from digest.model import Headline, Issue, Letterhead, Marks, Page, Recipient

ROUNDS = 7
MARKS = Marks(nonce="00112233aabbccdd")
HTML = (
    '<p style="margin:0 0 16px">Wind finds every gap — and a gap is a whistle, says the keeper of the bridge.</p>\n'
    * 440
    + f'<p>For {MARKS.email}. <a href="{MARKS.unsubscribe}">Leave</a></p>\n'
)
TEXT = "Wind finds every gap — and a gap is a whistle.\n" * 150 + f"For {MARKS.email}.\nLeave: {MARKS.unsubscribe}\n"


def run() -> list[str]:
    """One line for each way, with the median of interleaved rounds in microseconds and how many times faster it is."""
    ways = _ways()
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (make, letters) in ways.items():
            times[name].append(_microseconds(make, letters=letters))
    base = median(times["EmailMessage"])
    size = len(Press(_issue(), tokens=_tokens()).address(Recipient(id=1, email="reader-1@example.net")).data)
    return [
        f"One letter of {size:,} bytes, in µs of processor time (median of {ROUNDS}):",
        *(f"  {name:28} {median(took):8.1f}   {base / median(took):6.1f} ×" for name, took in times.items()),
    ]


def _ways() -> Mapping[str, tuple[Callable[[int], object], int]]:
    """For each way, what makes the letter to reader n, and how many letters a round takes."""
    rsa_signer = Signer("example.org", "rsa", _pem(rsa.generate_private_key(65537, 2048)))
    ed_signer = Signer("example.org", "ed", _pem(ed25519.Ed25519PrivateKey.generate()))
    return {
        "EmailMessage": (_email_message, 10),
        "letter, unsigned": (_press(), 2000),
        "letter, Ed25519": (_press(ed_signer), 400),
        "letter, RSA-2048": (_press(rsa_signer), 100),
        "letter, RSA-2048 and Ed25519": (_press(rsa_signer, ed_signer), 100),
    }


def _microseconds(make: Callable[[int], object], *, letters: int) -> float:
    began = process_time()
    for n in range(letters):
        make(n)
    return (process_time() - began) / letters * 1e6


def _press(*signers: Signer) -> Callable[[int], object]:
    press = Press(_issue(), tokens=_tokens(), signers=signers)
    return lambda n: press.address(Recipient(id=n, email=f"reader-{n}@example.net"))


def _email_message(n: int) -> bytes:
    """The same letter as most programs make it, its token already at hand."""
    message, link = EmailMessage(), f"https://news.example.org/u/{n:034}"
    message["From"], message["To"], message["Subject"] = (
        "digest@example.org",
        f"reader-{n}@example.net",
        "Why bridges sing",
    )
    message["Message-ID"], message["List-Unsubscribe"] = f"<{n}@example.org>", f"<{link}>"
    values = {MARKS.email: f"reader-{n}@example.net", MARKS.unsubscribe: link}
    message.set_content(_filled(TEXT, values))
    message.add_alternative(_filled(HTML, values), subtype="html")
    return message.as_bytes()


def _filled(page: str, values: Mapping[str, str]) -> str:
    for mark, value in values.items():
        page = page.replace(mark, value)
    return page


def _issue() -> Issue:
    head = Letterhead(
        name="The Weekly Thread",
        from_address="digest@example.org",
        list_address="digest@example.org",
        domain="example.org",
        date=datetime(2025, 11, 18, 9, 0, tzinfo=UTC),
        base_url="https://news.example.org",
        verp=True,
    )
    headline = Headline(title="Why bridges sing", subject="Why bridges sing", preheader="")
    page = Page(headline=headline, html=HTML, text=TEXT, mjml="", marks=MARKS, lang="en")
    return Issue(number=42, thread_id=1, page=page, letterhead=head)


def _tokens() -> Tokens:
    return Tokens(b"a secret for the bench only")


def _pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
