"""Posts as plain text, 72 columns wide. Breaks between words, or between characters where a script has no spaces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

from digest.desk.rich import Piece, is_address, pieces, shares, tidy, web
from digest.model import Media, Post
from digest.text import clean, one_line

WIDTH = 72
_WIDE = (
    "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\U00020000-\U0003fffd"
)
# A closing mark of CJK never opens a line, so it stays with the character before it (JIS X 4051, "kinsoku").
_CLOSING = "、。，．・：；？！）］｝〉》」』】〕〗…ー々ゝゞ"
_WORDS = re.compile(rf"(\s?)([{_WIDE}][{_CLOSING}]*|[^\s{_WIDE}]+[{_CLOSING}]*)")


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes: two for a wide character, none for a mark that combines."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fill(text: str, first: str = "", rest: str = "") -> str:
    """`text` in lines of at most 72 columns, `first` before the first and `rest` before the others.

    Its own newlines stay. A word that is longer than a line, such as an address, stands whole on a line of its own.
    """
    stretches = tidy(clean(text)).strip().split("\n")
    lines = [line for stretch in stretches for line in _wrap(stretch, WIDTH - columns(rest))]
    return "\n".join(((rest if n else first) + line).rstrip() for n, line in enumerate(lines))


def _wrap(text: str, width: int) -> Iterator[str]:
    line, used = "", 0
    for gap, word in _WORDS.findall(text):
        size = columns(word)
        if line and used + len(gap) + size > width:
            yield line
            line, used = word, size
        else:
            line, used = line + gap + word, used + len(gap) + size
    yield line


def plain(post: Post, words: dict[str, str], gutter: int) -> str:
    """A post with all that belongs to it, its number in a gutter of that many columns."""
    indent = " " * gutter
    blocks = [fill(text, indent + lead, indent + lead) for lead, text in _blocks(post, words)]
    return f"{post.number:>{gutter - 2}}. " + "\n\n".join(blocks)[gutter:]


def door(link: str) -> str:
    """A link as a reader of plain text needs it; one that writes a mail is an address, and a subject where one counts."""
    if not link.startswith("mailto:"):
        return link
    address, _, subject = unquote(link.removeprefix("mailto:")).partition("?subject=")
    return f"{address} ({subject})" if "+" not in address else address


def cites(numbers: tuple[int, ...]) -> str:
    """The posts that a point stands in, as " [3] [12]"."""
    return "".join(f" [{number}]" for number in numbers)


def _blocks(post: Post, words: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What a post holds, in reading order, each with what its lines begin with."""
    if post.content_warning:
        yield "", f"[{words['warning']}: {post.content_warning}]"
    if post.text.strip():
        yield "", "".join(_spoken(piece) for piece in pieces(post.text, post.links))
    if post.poll:
        answers = (answer if share is None else f"{answer} · {share} %" for answer, share in shares(post.poll))
        yield "", "\n".join(f"( ) {answer}" for answer in answers)
    for medium in post.media:
        yield "", _pointer(medium, words)
    for quote in post.quotes:
        by = " ".join(filter(None, (quote.author.name, quote.author.handle)))
        yield "> ", "\n".join(filter(None, (by and f"{by}:", quote.text, web(quote.url))))
    if post.card:
        yield (
            "",
            "\n".join(
                filter(None, (one_line(f"{post.card.title} · {post.card.site}").strip(" ·"), web(post.card.url)))
            ),
        )


def _spoken(piece: Piece) -> str:
    """A link as a reader of plain text needs it: the address itself, unless it is only a name or a hashtag."""
    if not piece.url or piece.text[:1] in "@#":
        return piece.text
    return piece.url if is_address(piece.text) else f"{piece.text} <{piece.url}>"


def _pointer(medium: Media, words: dict[str, str]) -> str:
    named = ": ".join(filter(None, (words[medium.kind], one_line(medium.alt))))
    return f"[{named}] {web(medium.url)}".rstrip()
