"""What everybody carries: one letter's text with places for what differs by reader. Imports nothing of the digest."""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict, dataclass
from pathlib import Path

SENDER = "digest@example.org"
SITE = "https://news.example.org"
SECRET = b"for the bench only, not for anybody's readers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The letter as the peers get it: two bodies with places for the reader's address and links.

    `ready` is a whole letter but for the header lines that differ: what a peer may send that takes bytes as they are.
    """

    subject: str
    html: str
    text: str
    email_mark: str
    unsubscribe_mark: str
    web_mark: str
    ready: str = ""

    def filled(self, n: int) -> tuple[str, str, str, str]:
        """For reader n: address, unsubscribe link, HTML and text with both in them."""
        email, link = address(n), f"{SITE}/u/{token(n)}"
        values = {self.email_mark: email, self.unsubscribe_mark: link, self.web_mark: f"{SITE}/issues/1"}
        html, text = self.html, self.text
        for mark, value in values.items():
            html, text = html.replace(mark, value), text.replace(mark, value)
        return email, link, html, text

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def read(path: Path) -> Material:
    return Material(**json.loads(path.read_text(encoding="utf-8")))


def address(n: int) -> str:
    return f"reader-{n}@example.net"


def token(n: int) -> str:
    """A token as long as ours, by the same kind of sum."""
    return hmac.digest(SECRET, str(n).encode(), "sha256").hex()[:34]
