"""What an owner adds to the page: a logo, and a line that asks readers for help. Reads both as a person writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.desk.rich import web


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """A picture at an https address, in CSS pixels: Outlook goes by the size that is written."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """A line before the footer, and links as (words, address)."""

    line: str
    links: tuple[tuple[str, str], ...] = ()


def logo(written: str) -> Logo | None:
    """ "https://example.org/logo.png 120x32"; None for "". ValueError says what is wrong with it."""
    if not written:
        return None
    match = re.fullmatch(r"(\S+)\s+(\d{1,3})\s*[x×]\s*(\d{1,3})", written)
    if not match or not web(match[1]).startswith("https://"):
        raise ValueError("should be an https address and a size, as in https://example.org/logo.png 120x32")
    return Logo(url=match[1], width=int(match[2]), height=int(match[3]))


def support(line: str, links: str) -> Support | None:
    """The line, and "Ko-fi https://…, Patreon https://…"; None for "". ValueError says what is wrong with the links."""
    if not line:
        return None
    read = [part.strip().rpartition(" ") for part in links.split(",") if part.strip()]
    for words, _, url in read:
        if not words.strip() or not web(url):
            raise ValueError("should be words and an address each, as in Ko-fi https://example.org/tip, Shop https://…")
    return Support(line=line, links=tuple((words.strip(), url) for words, _, url in read))
