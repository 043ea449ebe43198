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

_NONE: Mapping[str, str] = {}


class Body:
    """An issue's page, encoded once, with the pictures in it that go along. `boundary` cannot occur in it: neither encoding
    ever writes "=_"."""

    def __init__(self, issue: Issue, *, fields: Sequence[segments.Field], data: related.Data) -> None:
        page = issue.page
        escaped = [field._replace(form=escape(field.form)) for field in fields]
        self.boundary = f"=_issue-{issue.number}"
        self.fields = {"Content-Type": f'multipart/alternative; boundary="{self.boundary}"'}
        self._text = _encode(issue, page.text, fields=fields, web=_web(issue))
        self._html = _encode(issue, page.html, fields=escaped, web=escape(_web(issue)))
        before, after = related.around(page.pictures, data=data, boundary=f"=_pictures-{issue.number}")
        frontier = f"--{self.boundary}\r\n".encode()
        opening = frontier + _part("plain", self._text)
        middle = b"\r\n" + frontier + before + _part("html", self._html)
        closing = after + f"\r\n--{self.boundary}--\r\n".encode()
        self._parts = [b"", opening, *self._text.parts[1:], middle, *self._html.parts[1:], closing]
        self._html_at = 1 + len(self._text.parts)
        self._hashed_opening = sha256(opening)

    def fill(self, words: Mapping[str, bytes], *, odd: Mapping[str, str] = _NONE) -> list[bytes]:
        """A letter for one reader in pieces, without its head: an empty one stands there. Those without a word of the
        reader's are shared by all letters.

        `words` by their marks stand for themselves in either encoding and in HTML; `odd` are those that do not.
        """
        in_text = in_html = words
        if odd:
            in_text = {**words, **{mark: self._text.spelled(word) for mark, word in odd.items()}}
            in_html = {**words, **{mark: self._html.spelled(escape(word)) for mark, word in odd.items()}}
        parts = self._parts.copy()
        self._text.fill(parts, in_text, at=1)
        self._html.fill(parts, in_html, at=self._html_at)
        return parts

    def digest(self, pieces: Sequence[bytes]) -> bytes:
        """The SHA-256 of what `fill` gave, without a head; what all letters begin with was hashed once."""
        state = self._hashed_opening.copy()
        state.update(b"".join(pieces[2:]))  # in one: it lets go of Python meanwhile, and waits to get it back
        return state.digest()


def _part(subtype: str, content: segments.Segments) -> bytes:
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {content.encoding}\r\n\r\n"
    return head.encode() + content.parts[0]


class Plain:
    """The text alone, for those who want no layout."""

    def __init__(self, issue: Issue, *, fields: Sequence[segments.Field]) -> None:
        self._text = _encode(issue, issue.page.text.rstrip("\n") + "\n", fields=fields, web=_web(issue))
        self._parts = [b"", *self._text.parts]
        kind = "text/plain; charset=utf-8"
        self.fields = {"Content-Type": kind, "Content-Transfer-Encoding": self._text.encoding}

    def fill(self, words: Mapping[str, bytes], *, odd: Mapping[str, str] = _NONE) -> list[bytes]:
        if odd:
            words = {**words, **{mark: self._text.spelled(word) for mark, word in odd.items()}}
        parts = self._parts.copy()
        self._text.fill(parts, words, at=1)
        return parts

    def digest(self, pieces: Sequence[bytes]) -> bytes:
        """The SHA-256 of what `fill` gave, without a head. It may end in what DKIM does not count, so it is looked at once
        more."""
        return sha256(relaxed_body(b"".join(pieces))).digest()


def _web(issue: Issue) -> str:
    return f"{issue.letterhead.base_url}/issues/{issue.number}" if issue.letterhead.base_url else ""


def _encode(issue: Issue, text: str, *, fields: Sequence[segments.Field], web: str) -> segments.Segments:
    mark = issue.page.marks.web
    if mark in text and not web:
        raise RenderError(
            "the page links to itself on the web, and the letterhead has no web address",
            then="Set DIGEST_BASE_URL, or render the page without one.",
        )
    return segments.encode(re.sub("\r\n?", "\n", text).replace(mark, web), fields=fields)
