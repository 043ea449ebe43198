"""What a letter says, filled in for each reader: text and HTML as one multipart/alternative, or the text alone. Pictures that
go along stand beside the HTML (multipart/related, RFC 2387), encoded once for all readers.

What it gives is already its own relaxed DKIM form, so that its hash needs no second look at the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape

from digest.errors import RenderError
from digest.mail import related, segments
from digest.mail.dkim import relaxed_body
from digest.model import Issue

_MARKUP = re.compile("[&<>\"']")  # what HTML needs escaped


class Body:
    """An issue's page, encoded once, with the pictures in it that go along. `boundary` cannot occur in it: neither encoding
    ever writes "=_"."""

    def __init__(self, issue: Issue, *, data: related.Data) -> None:
        page = issue.page
        self.boundary = f"=_issue-{issue.number}"
        self.fields = {"Content-Type": f'multipart/alternative; boundary="{self.boundary}"'}
        self._text = _encode(issue, page.text, web=_web(issue))
        self._html = _encode(issue, page.html, web=escape(_web(issue)))
        before, after = related.around(page.pictures, data=data, boundary=f"=_pictures-{issue.number}")
        frontier = f"--{self.boundary}\r\n".encode()
        self._opening = frontier + _part("plain", self._text)
        self._middle = b"\r\n" + frontier + before + _part("html", self._html)
        self._closing = after + f"\r\n--{self.boundary}--\r\n".encode()
        self._hashed_opening = sha256(self._opening)

    def fill(self, values: Mapping[str, str]) -> tuple[bytes, ...]:
        """The body for one reader, by the marks, in pieces: those without a value of theirs are shared by all letters."""
        text = self._text.fill(values)
        if _MARKUP.search("".join(values.values())):
            values = {mark: escape(value) for mark, value in values.items()}
        html = self._html.fill(values)
        return (self._opening, *text, self._middle, *html, self._closing)

    def digest(self, pieces: Sequence[bytes]) -> bytes:
        """The SHA-256 of a filled body; what all letters begin with was hashed once."""
        state = self._hashed_opening.copy()
        for piece in pieces[1:]:
            state.update(piece)
        return state.digest()


def _part(subtype: str, content: segments.Segments) -> bytes:
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {content.encoding}\r\n\r\n"
    return head.encode() + content.lead


class Plain:
    """The text alone, for those who want no layout."""

    def __init__(self, issue: Issue) -> None:
        self._text = _encode(issue, issue.page.text.rstrip("\n") + "\n", web=_web(issue))
        kind = "text/plain; charset=utf-8"
        self.fields = {"Content-Type": kind, "Content-Transfer-Encoding": self._text.encoding}

    def fill(self, values: Mapping[str, str]) -> tuple[bytes, ...]:
        return (self._text.lead, *self._text.fill(values))

    def digest(self, pieces: Sequence[bytes]) -> bytes:
        """The SHA-256 of a filled body. It may end in what DKIM does not count, so it is looked at once more."""
        return sha256(relaxed_body(b"".join(pieces))).digest()


def _web(issue: Issue) -> str:
    return f"{issue.letterhead.base_url}/issues/{issue.number}" if issue.letterhead.base_url else ""


def _encode(issue: Issue, text: str, *, web: str) -> segments.Segments:
    marks = issue.page.marks
    if marks.web in text and not web:
        raise RenderError(
            "the page links to itself on the web, and the letterhead has no web address",
            then="Set DIGEST_BASE_URL, or render the page without one.",
        )
    lines = re.sub("\r\n?", "\n", text).replace(marks.web, web)
    return segments.encode(lines, fields=(marks.email, marks.unsubscribe, marks.good, marks.bad))
