"""Text of strangers → safe markup: what may be a link, how it is shown, where lines break. Never lets markup in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from digest.desk.plates import Plate
from digest.model import Link, Media, Poll, Post
from digest.text import clean, one_line, shorten

SHOWN_URL = 40  # characters of an address that a reader is asked to look at
LONGEST_URL = 1_000  # characters; beyond this an address is no use to a reader and a burden to every mailbox
WIDEST, TALLEST = 502, 620  # CSS pixels: the text column of the card, and a picture that leaves room for words
_BLANKS = re.compile(r"[^\S\n]+")
_GAPS = re.compile(r" ?\n(?: ?\n)+ ?")
_ADDRESS = re.compile(r"(?i)(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)+/\S*")


class Piece(NamedTuple):
    """A stretch of a post: `url` is "" for plain words."""

    text: str
    url: str = ""


def web(url: str) -> str:
    """`url` if a reader may be sent there (http or https, a host, no blanks, at most 1,000 characters), else ""."""
    url = clean(url).strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    good = parts.scheme.lower() in {"http", "https"} and parts.hostname and not re.search(r"[\s<>\"\\^`{|}]", url)
    return url if good and len(url) <= LONGEST_URL else ""


def brief(url: str) -> str:
    """`url` as a person reads it, in at most 40 characters: no scheme, no "www.", no user name posing as a host."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    shown = one_line(host + parts.path.rstrip("/") + query)
    return shown if len(shown) <= SHOWN_URL else shown[: SHOWN_URL - 1] + "…"


def is_address(text: str) -> bool:
    """Whether a link's own words are an address, and may be shown shorter."""
    return bool(_ADDRESS.fullmatch(text.strip()))


def pieces(text: str, links: Sequence[Link] = ()) -> Iterator[Piece]:
    """`text` in order, cut at its links. A link that is out of range, overlaps or leads nowhere safe stays words."""
    at = 0
    for link in sorted(links, key=lambda link: link.start):
        url = web(link.url)
        if url and at <= link.start < link.end <= len(text):
            yield Piece(clean(text[at : link.start]))
            yield Piece(one_line(text[link.start : link.end]), url)
            at = link.end
    yield Piece(clean(text[at:]))


def tidy(text: str) -> str:
    """Runs of blanks become one, runs of empty lines become one."""
    return _GAPS.sub("\n\n", _BLANKS.sub(" ", text))


def breaks(text: str) -> Markup:
    """Plain text as markup, its newlines as <br>."""
    return Markup("<br>").join(tidy(clean(text)).strip().split("\n"))


def rich(post: Post) -> Markup:
    """A post's text as markup: escaped, its links live, its newlines as <br>."""
    whole = Markup("").join(_markup(piece) for piece in pieces(post.text, post.links))
    return Markup(tidy(whole).strip().replace("\n", "<br>"))  # noqa: S704 - every piece of it was escaped


def _markup(piece: Piece) -> Markup:
    if not piece.url:
        return escape(piece.text)
    shown = brief(piece.url) if is_address(piece.text) else piece.text
    return Markup('<a href="{}">{}</a>').format(piece.url, shown or brief(piece.url))


def still(medium: Media) -> str:
    """Where the picture to show for it lies: with us, never with whoever published it; "" when we have none."""
    return medium.shown.src if isinstance(medium, Plate) else ""


def caption(medium: Media, words: dict[str, str]) -> str:
    """The line under a picture: its own words when it is shown, and what it would be when it is not."""
    alt, noun = shorten(one_line(medium.alt), 160), words[medium.kind]
    if medium.kind == "image" and still(medium):
        return alt or noun
    named = f"{noun}: {alt}" if alt else noun
    return named if medium.kind == "image" else f"► {named}"


def shares(poll: Poll) -> list[tuple[str, int | None]]:
    """Each answer and its percentage of all votes; None where they are not told, or there were none."""
    total = sum(choice.votes or 0 for choice in poll.choices)
    return [
        (one_line(one.text), round(100 * one.votes / total) if one.votes is not None and total else None)
        for one in poll.choices
    ]


def box(medium: Media) -> tuple[int, int]:
    """Width and height to set it at, in CSS pixels, its shape kept; the height is 0 when its size is not known."""
    own = medium.shown.picture if isinstance(medium, Plate) else medium
    if own.width <= 0 or own.height <= 0:
        return WIDEST, 0
    scale = min(1.0, WIDEST / own.width, TALLEST / own.height)
    return max(1, round(own.width * scale)), max(1, round(own.height * scale))
