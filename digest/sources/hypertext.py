"""The HTML that a post or an article is written in, taken apart into blocks of words, links and pictures.

It takes what Mastodon, Pleroma, Misskey, GoToSocial and blogs write. It runs nothing, fetches nothing, and shows no
mark-up: what a block is made of are pieces, as in `prose`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin

from lxml import etree, html
from lxml.html import HtmlElement

from digest.errors import InputError
from digest.model import Media
from digest.sources.beside import saved
from digest.sources.prose import Piece, compose, pieces, tidy, web_url

_SILENT = frozenset(["script", "style", "noscript", "button", "svg", "template", "head", "form", "select", "textarea"])
_BREAKS = frozenset(
    ["div", "section", "article", "header", "footer", "main", "figure", "tr", "table", "ul", "ol", "dl"]
)
_BLOCKS = {"p": "p", "li": "li", "dd": "li", "dt": "p", "pre": "pre", "blockquote": "quote", "figcaption": "caption"}
_HEADINGS = {f"h{level}": "heading" for level in range(1, 7)}
_GAVE_UP = re.compile("excessive depth|huge text node|size limit", re.IGNORECASE)
_PIXEL = re.compile(r"1px\.|spacer\.gif|/pixel|feeds\.feedburner\.com/~r/|stats\.wordpress\.com", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:[?#].*)?$", re.IGNORECASE)  # the same one, larger
_DEEPEST = 200


@dataclass(slots=True, kw_only=True)
class Block:
    """A stretch of text with a kind (p, li, heading, quote, pre, caption, line) and the pictures that stand in it. `behind`
    are the pages that only its pictures lead to."""

    kind: str = "line"
    words: list[Piece] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return tidy("".join(word for word, _ in self.words))


def tree(text: str, *, ref: str) -> HtmlElement:
    """`text` as elements. Raises InputError when it cannot be read to its end."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    source = f"<div>{text}</div>" if "<html" not in text[:2000].lower() else text
    try:
        root = html.document_fromstring(source.encode("utf-8", errors="replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise InputError(f"its HTML cannot be read ({error})", where=ref, then="Save it again.") from error
    # libxml2 gives up in silence below 256 levels: all after that point would be missing.
    if any(_GAVE_UP.search(entry.message) for entry in parser.error_log):
        what = "its HTML is nested too deeply, or too large, to be read whole"
        raise InputError(what, where=ref, then="Save it again.")
    return root


def blocks(text: str, *, ref: str, base: str = "", skip: Sequence[str] = ()) -> list[Block]:
    """The blocks of an HTML fragment, none empty. `base` is the address that relative links start from; elements of a
    class in `skip` are passed over."""
    return of(tree(text, ref=ref), base=base, skip=skip) if "<" in text or "&" in text else _bare(text)


def of(element: HtmlElement, *, base: str = "", skip: Sequence[str] = ()) -> list[Block]:
    """The blocks inside an element that is already read."""
    walk = _Walk(base=base, skip=frozenset(skip))
    walk.inside(element, depth=0)
    return [block for block in walk.found if block.text or block.media]


def join(found: Iterable[Block]) -> Iterator[Piece]:
    """The words of several blocks as the pieces of one text: lists line by line, paragraphs with a blank line between."""
    last = ""
    for block in found:
        if last:
            yield ("\n" if last == block.kind and last in ("li", "line") else "\n\n"), ""
        if block.kind == "li":
            yield "• ", ""
        yield from block.words
        last = block.kind


def plain(text: str) -> str:
    """The words of an HTML fragment alone: for titles and names."""
    return " ".join(compose(join(blocks(text, ref="")))[0].split())


def _bare(text: str) -> list[Block]:
    return [Block(kind="p", words=list(pieces(part))) for part in re.split(r"\n\s*\n", text) if part.strip()]


class _Walk:
    """Walks an element and gathers its blocks."""

    def __init__(self, *, base: str, skip: frozenset[str]) -> None:
        self._base, self._skip = base, skip
        self._link = ""  # where the words lead that are being walked
        self.found = [Block()]

    def inside(self, element: HtmlElement, *, depth: int) -> None:
        self._say(element.text, element)
        for child in element:
            if depth < _DEEPEST and isinstance(child.tag, str):
                self._visit(child, depth=depth + 1)
            self._say(child.tail, element)

    def _visit(self, child: HtmlElement, *, depth: int) -> None:
        tag = str(child.tag)
        if tag in _SILENT or self._skip.intersection(child.get("class", "").split()):
            return
        if tag == "br":
            self.found[-1].words.append(("\n", ""))
        elif tag == "img":
            self._image(child)
        elif tag in ("video", "audio"):
            self._film(child)
        elif tag == "iframe":
            self._frame(child)
        elif tag == "a" and not child.xpath(".//img | .//video | .//p | .//div"):
            self._anchor(child)
        elif tag == "a":
            self._around(child, depth=depth)
        else:
            self._open(child, depth=depth)

    def _open(self, child: HtmlElement, *, depth: int) -> None:
        tag = str(child.tag)
        kind = _BLOCKS.get(tag) or _HEADINGS.get(tag)
        if kind is None and tag not in _BREAKS:
            self.inside(child, depth=depth)
            return
        outer = self.found[-1].kind
        # A paragraph inside a list item or a quotation is still that; only what comes after it is something else.
        inner = outer if kind in (None, "p") and outer in ("li", "quote") and not self.found[-1].text else kind
        self.found.append(Block(kind=inner or "line"))
        self.inside(child, depth=depth)
        self.found.append(Block())

    def _say(self, text: str | None, around: HtmlElement) -> None:
        if text:
            kept = text if around.tag == "pre" else re.sub(r"[ \t\r\n]+", " ", text)
            self.found[-1].words += [(kept, self._link)] if self._link else pieces(kept)

    def _around(self, anchor: HtmlElement, *, depth: int) -> None:
        """A link around whole blocks or pictures: every word in it leads there; where there is none, only the picture does."""
        outer, self._link = self._link, self._url(anchor.get("href") or "")
        self.inside(anchor, depth=depth)
        shown = next((block for block in reversed(self.found) if block.media), None)
        if shown and self._link and not anchor.text_content().strip() and not _PICTURE.search(self._link):
            shown.behind.append(self._link)
        self._link = outer

    def _anchor(self, anchor: HtmlElement) -> None:
        """A link. Mastodon hides the ends of an address in spans; then the whole address is what was written."""
        url = self._url(anchor.get("href") or "")
        hidden = anchor.xpath(".//*[contains(concat(' ',@class,' '),' invisible ')]")
        words = re.sub(r"[ \t\r\n]+", " ", anchor.text_content())
        self.found[-1].words.append((url if hidden and url else words, url))

    def _image(self, image: HtmlElement) -> None:
        alt = tidy(image.get("alt") or image.get("title") or "")
        if _is_emoji(image, alt):
            self.found[-1].words.append((alt, ""))
            return
        sources = (image.get("data-src"), image.get("data-orig-file"), image.get("src"), _largest(image))
        url = next((found for source in sources if source and (found := self._url(source))), "")
        size = {side: int(image.get(side, "")) for side in ("width", "height") if image.get(side, "").isdecimal()}
        file = "" if url else next((path for source in sources if source and (path := saved(source))), "")
        if (url or file) and not _PIXEL.search(url) and size.get("width") != 1:
            width, height = size.get("width", 0), size.get("height", 0)
            self.found[-1].media.append(Media(kind="image", url=url, alt=alt, width=width, height=height, file=file))

    def _film(self, film: HtmlElement) -> None:
        urls = [self._url(source.get("src") or "") for source in (film, *film.iter("source"))]
        kind = "audio" if film.tag == "audio" else "video"
        url = next((url for url in urls if ".mp4" in url), next(filter(None, urls), ""))
        if url:
            poster = self._url(film.get("poster") or "")
            alt = tidy(film.get("aria-label") or film.get("title") or "")
            self.found[-1].media.append(Media(kind=kind, url=url, alt=alt, poster=poster))  # type: ignore[arg-type]

    def _frame(self, frame: HtmlElement) -> None:
        """A film of another site, shown in a window of its own: all that can be kept is where it is."""
        if url := self._url(frame.get("src") or ""):
            self.found[-1].media.append(Media(kind="video", url=url, alt=tidy(frame.get("title") or "")))

    def _url(self, source: str) -> str:
        return web_url(urljoin(self._base, source)) if source.strip() else ""


def _is_emoji(image: HtmlElement, alt: str) -> bool:
    """Whether the picture stands for a character, and its words are that character or its name."""
    marks = f"{image.get('class') or ''} {image.get('src') or ''}"
    return re.fullmatch(r":[\w+-]+:", alt) is not None or (
        re.search(r"emoji|smiley", marks) is not None and len(alt) < 12
    )


def _largest(image: HtmlElement) -> str:
    last = (image.get("srcset") or "").rpartition(",")[2].split()
    return last[0] if last else ""
