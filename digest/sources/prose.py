"""Makes a post's text and its links out of pieces, the same way for every source. Knows nothing of any page."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from urllib.parse import quote, urlsplit

from linkify_it import LinkifyIt

from digest.model import Link, Post
from digest.text import clean

Piece = tuple[str, str]
"""Some words, and the URL that they lead to, or ""."""

_LINKIFY = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
_SCHEME = re.compile(r"(?<![a-z0-9/])https?:(?=//)", re.IGNORECASE)
_SLACK = re.compile(r"[ \t\n]+")
_UNSAFE = re.compile(r"[\s\"'<>\\^`{|}]")
_LONGEST_URL = 2048


def web_url(url: str) -> str:
    """`url` fit for an href: http or https, no blanks, no quotes; "" when it is anything else."""
    url = clean(url).strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.netloc or len(url) > _LONGEST_URL:
        return ""
    return _UNSAFE.sub(lambda found: quote(found[0]), url)


def pieces(text: str) -> Iterator[Piece]:
    """Plain `text` split where an http(s) URL stands in it."""
    at = 0
    for scheme in _SCHEME.finditer(text):
        if scheme.start() < at:
            continue
        tail = text[scheme.end() : scheme.end() + _LONGEST_URL]
        end = scheme.end() + _LINKIFY.test_schema_at(tail, "https:", 0)
        url = web_url(text[scheme.start() : end])
        if url:
            yield text[at : scheme.start()], ""
            yield text[scheme.start() : end], url
            at = end
    yield text[at:], ""


def compose(parts: Iterable[Piece]) -> tuple[str, tuple[Link, ...]]:
    """The pieces as one clean text and its links.

    No line begins or ends with a blank, no two blanks or empty lines follow each other.
    """
    words: list[str] = []
    spans: list[tuple[int, int, str]] = []
    length = 0
    for part, url in parts:
        word = clean(part)
        if url:
            inner = word.strip(" \t\n")
            start = length + word.find(inner)
            spans.append((start, start + len(inner), url))
        words.append(word)
        length += len(word)
    return _fold("".join(words), spans)


def tidy(text: str) -> str:
    """`text` as `compose` leaves it, without links."""
    return compose([(text, "")])[0]


def cut(post: Post, start: int, end: int) -> Post:
    """`post` without `text[start:end]`; its links move along, and go where their words go."""

    def moved(at: int) -> int:
        return at if at <= start else max(start, at - (end - start))

    text = post.text[:start] + post.text[end:]
    lead = len(text) - len(text.lstrip(" \n"))
    text = text.strip(" \n")
    links = (replace(link, start=moved(link.start) - lead, end=moved(link.end) - lead) for link in post.links)
    return replace(post, text=text, links=tuple(li for li in links if 0 <= li.start < li.end <= len(text)))


def has_something(post: Post) -> bool:
    """Whether there is anything in `post` to show."""
    return bool(post.text or post.media or post.quotes or post.card or post.poll)


def fingerprint(posts: Iterable[Post]) -> str:
    """32 hex digits for the words of all posts, deaf to case, spaces, punctuation and where one post ends."""
    words = "".join(c for post in posts for c in post.text.casefold() if c.isalnum())
    return sha256(words.encode()).hexdigest()[:32]


def _fold(text: str, spans: list[tuple[int, int, str]]) -> tuple[str, tuple[Link, ...]]:
    kept: list[str] = []
    ends, shifts = [0], [0]
    at = 0
    for run in _SLACK.finditer(text):
        kept += text[at : run.start()], _gap(run, len(text))
        shifts.append(shifts[-1] + len(run[0]) - len(kept[-1]))
        ends.append(run.end())
        at = run.end()
    kept.append(text[at:])

    def moved(old: int) -> int:
        return old - shifts[bisect_right(ends, old) - 1]

    links = tuple(Link(url=url, start=moved(start), end=moved(end)) for start, end, url in spans if start < end)
    return "".join(kept), links


def _gap(run: re.Match[str], length: int) -> str:
    if run.start() == 0 or run.end() == length:
        return ""
    return "\n" * min(run[0].count("\n"), 2) or " "
