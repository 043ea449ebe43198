"""The two parts of a mail, and whether both say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digest.desk.checks.exhibit import Exhibit
from digest.desk.checks.rules import found
from digest.desk.rich import pieces
from digest.model import Finding, Post

ALIKE = 0.5  # share of the page's longer words that the text part has too
_WORD = re.compile(r"[^\W\d_]{4,}")


def look(mail: Exhibit) -> Iterator[Finding]:
    if mail.raw and not mail.text.strip():
        yield found("text-part", where="mail")
    if mail.raw and not mail.html.strip():
        yield found("page-part", where="mail")
    if mail.raw and mail.html and mail.text.strip():
        page, text = _vocabulary(mail.words), _vocabulary(mail.text)
        if len(page) >= 10 and len(page & text) < ALIKE * len(page):
            shared = 100 * len(page & text) // len(page)
            yield found("text-differs", f"{shared} % of the page's words", where="text part")


def _vocabulary(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def whole(mail: Exhibit, posts: Sequence[Post]) -> Iterator[Finding]:
    """Both parts hold every word of every post. Links are passed over: each part shows them in its own way."""
    bodies = {"page": _squeezed(mail.tree.text_content()), "text part": _squeezed(mail.text)}
    for post in posts:
        words = [_squeezed(piece.text) for piece in pieces(post.text, post.links) if not piece.url]
        for part, body in bodies.items():
            if any(stretch not in body for stretch in words):
                yield found("content", f"post {post.number}", where=part)


def _squeezed(text: str) -> str:
    """`text` without its blanks, which each part sets in its own way."""
    return "".join(text.split())
