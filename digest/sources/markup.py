"""The little Markdown that posts need, both ways: links, pictures, backslashes. Marks of headings and of bold words are
taken off; lists stay as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digest.model import Link, Media
from digest.sources.beside import local
from digest.sources.prose import Piece, pieces, tidy, web_url

_TARGET = r"\((?:<([^<>\n]{0,2100})>|((?:[^\s()<>]|\([^\s()<>]{0,500}\)){0,2100}))(?:[ \t]+\"[^\"\n]{0,300}\")?\)"
_LABEL = r"\[((?:[^\[\]\\]|\\.){0,3000})\]"
_TOKEN = re.compile(
    r"(?P<escape>\\[!-/:-@\[-`{-~])|<(?P<auto>https?://[^\s<>]{1,2100})>"
    rf"|(?P<frame>\[!{_LABEL}{_TARGET}\]{_TARGET})|(?P<picture>!{_LABEL}{_TARGET})|(?P<link>{_LABEL}{_TARGET})"
    r"|(?P<film><video\b[^>]{0,500}>(?:<(?!/?video)|[^<]){0,8000}</video>)"
    r"|(?P<mark>(?<![\w*])\*\*(?=[^\s*][^\n*]{0,500}\*\*)|(?<=[^\s*])\*\*(?![\w*])|^#{1,6}[ \t]+)",
    re.DOTALL | re.MULTILINE,
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_SPECIAL = re.compile(r"([\\\[\]<*`])")
_UNLINKED = re.compile(r"(https?:)(//)", re.IGNORECASE)
_LINE_START = re.compile(r"^(\d{0,3})(?=(?:[#>+_=~|-]|(?<=\d)[.)]))", re.MULTILINE)
_FILM = re.compile(r"src=\"([^\"]{1,2000}?\.mp4[^\"]{0,200})\"")


def read(text: str, *, media: list[Media]) -> Iterator[Piece]:
    """The pieces of Markdown `text`; its pictures and films go to `media`."""
    at = 0
    for token in _TOKEN.finditer(text):
        yield from pieces(text[at : token.start()])
        at = token.end()
        sort, parts = token.lastgroup, [part for part in token.groups()[1:] if part is not None]
        if sort == "escape":
            yield token[0][1:], ""
        elif sort == "auto":
            yield token["auto"], web_url(token["auto"])
        elif sort == "link":
            yield _ESCAPED.sub(r"\1", parts[-2]), _target(parts[-1])
        elif sort == "mark":
            continue
        elif sort == "film":
            media.append(Media(kind="video", url=web_url((_FILM.findall(token[0]) or [""])[-1])))
        else:
            media += _picture(parts[1], parts[2:])
    yield from pieces(text[at:])


def plain(line: str) -> str:
    """`line` without its Markdown: what a reader of the rendered text would see."""
    shown = re.sub(rf"!?{_LABEL}{_TARGET}", r"\1", line)
    return _ESCAPED.sub(r"\1", re.sub(r"^#{1,6} |\*\*", "", shown)).strip()


def write(text: str, *, links: Sequence[Link]) -> str:
    """`text` as Markdown that `read` takes apart into the same pieces. The links must not overlap."""
    parts: list[str] = []
    at = 0
    for link in sorted(links, key=lambda link: link.start):
        parts += _plainly(text[at : link.start]), _linked(text[link.start : link.end], link.url)
        at = link.end
    parts.append(_plainly(text[at:]))
    lines = _LINE_START.sub(r"\1\\", "".join(parts))
    return re.sub(r"(?<!\n)\n(?!\n)", "  \n", lines)


def write_picture(picture: Media) -> str:
    """`![alt](url)`, for a picture of which no more is known."""
    alt = _SPECIAL.sub(r"\\\1", picture.alt)
    return f"![{alt}](<{picture.url}>)"


def _plainly(text: str) -> str:
    return _UNLINKED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))


def _linked(words: str, url: str) -> str:
    if words == url and url.startswith(("http://", "https://")):
        return f"<{url}>"
    label = _SPECIAL.sub(r"\\\1", words)
    return f"[{label}](<{url}>)" if re.search(r"[()]", url) else f"[{label}]({url})"


def _target(url: str) -> str:
    """Where a link leads. Thread Reader's advertisements hang on common words and lead back to the page."""
    url = web_url(_ESCAPED.sub(r"\1", url))
    return "" if "threadreaderapp.com" in url and url.endswith("#") else url


def _picture(alt: str, urls: Sequence[str]) -> list[Media]:
    """A picture at the first of `urls` that is more than a page's blank, loaded until the real one is needed."""
    words = tidy(_ESCAPED.sub(r"\1", alt))
    real = [url for url in urls if not url.endswith(("1px.png", "sticky-note-regular.png"))]
    places = ((web_url(url), "" if web_url(url) else local(url)) for url in real)
    url, file = next(((url, file) for url, file in places if url or file), ("", ""))
    return [Media(kind="image", url=url, file=file, alt="" if words == "Image" else words)] if url or file else []
