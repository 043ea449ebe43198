"""One post of a Thread Reader page: the words and things inside its HTML element. It knows nothing of the page around."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from digest.model import Author, Card, Media, Post, Quote
from digest.sources.beside import saved
from digest.sources.prose import Piece, compose, pieces, tidy, web_url

BLOCKS = frozenset(
    ["div", "p", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "tr", "section", "header", "footer", "hr"]
)
SILENT = frozenset(["script", "style", "sup", "ins", "noscript", "button", "svg", "template"])

_BLANK_PICTURE = re.compile(r"1px\.png|sticky-note-regular|profile_images|/assets/")
_STATUS = re.compile(r"(?:twitter|x)\.com/(\w{1,30})/status/(\d{3,20})")


@dataclass(slots=True, kw_only=True)
class _Finds:
    """What is gathered while one post's element is walked."""

    words: list[Piece] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)


def read_post(element: HtmlElement) -> Post:
    """The post in `element`, and in the pictures and cards that some years put behind it."""
    _hide_mentions(element)
    finds = _Finds()
    _walk(element, finds)
    following = element.getnext()
    while following is not None and following.get("class", "").startswith("entity-"):
        _visit(following, finds)
        following = following.getnext()
    text, links = compose(finds.words)
    return Post(
        number=0,
        text=text,
        id=re.sub(r"\D", "", element.get("data-tweet", "")),
        links=links,
        media=tuple(dict.fromkeys(finds.media)),
        quotes=tuple(dict.fromkeys(finds.quotes)),
        card=finds.cards[0] if finds.cards else None,
    )


def _hide_mentions(element: HtmlElement) -> None:
    """A reply begins with mentions that the page hides: the first is marked, those that follow it are not."""
    if (element.text or "").strip() or not element.xpath("./a[1][contains(@class,'entity-mention-first')]"):
        return
    for child in list(element):
        if "entity-mention" not in _class_of(child):
            return
        tail = (child.tail or "").strip()
        child.drop_tree()
        if tail:
            return


def _walk(element: HtmlElement, finds: _Finds) -> None:
    """The words and things inside `element`, in reading order. Its depth is bounded by the parser."""
    finds.words += pieces(flat(element.text))
    for child in element:
        _visit(child, finds)
        finds.words += pieces(flat(child.tail))


def _visit(child: HtmlElement, finds: _Finds) -> None:
    classes = child.get("class", "").split()
    if child.tag in SILENT or "tw-permalink" in classes:
        return
    if child.tag == "br":
        finds.words.append(("\n", ""))
    elif child.tag == "img":
        finds.media += _image(child)
    elif child.tag == "video":
        finds.media.append(_video(child, gif=bool(child.xpath("parent::*[contains(@class,'gif')]"))))
    elif "entity-url-preview" in classes:
        finds.cards += _card(child)
    elif "entity-embed" in classes or child.tag in ("iframe", "blockquote"):
        _embed(child, finds)
    elif child.tag == "a" and not child.xpath(".//img | .//video"):
        finds.words += _anchor(child)
    else:
        _block(child, finds)


def _block(child: HtmlElement, finds: _Finds) -> None:
    edge: list[Piece] = [("\n", "")] if child.tag in BLOCKS else []
    finds.words += edge
    _walk(child, finds)
    finds.words += edge


def _anchor(anchor: HtmlElement) -> list[Piece]:
    """A link's words. Hidden ones are shown again by a card; the site's own links on common words are advertisements."""
    words = flat(anchor.text_content())
    hidden = re.search(r"display:\s*none", anchor.get("style", ""))
    url = web_url(anchor.get("href", ""))
    advertised = "threadreaderapp.com" in url and url.endswith("#")
    return [] if hidden else [(words, "" if advertised else url)]


def _image(image: HtmlElement) -> list[Media]:
    """A picture, by the address that the page would load when it comes into view."""
    sources = (image.get("data-src"), image.get("src"), _link_around(image))
    url = next((web_url(src) for src in sources if src and web_url(src) and not _BLANK_PICTURE.search(src)), "")
    alt = tidy(image.get("alt", ""))
    alt = "" if alt == "Image" else alt
    blank = _BLANK_PICTURE.search(image.get("src", ""))
    if not url and ("emoji" in _class_of(image) or (blank and not alt)):
        return []
    size = {side: int(image.get(side, "")) for side in ("width", "height") if image.get(side, "").isdecimal()}
    file = "" if url or blank else saved(image.get("src", ""))
    return [Media(kind="image", url=url, alt=alt, file=file, width=size.get("width", 0), height=size.get("height", 0))]


def _video(video: HtmlElement, *, gif: bool) -> Media:
    """A film, by its largest MP4 file: mail and browsers cannot play the streams beside it."""
    sources = [web_url(source.get("src", "")) for source in (video, *video.iter("source"))]
    films = [url for url in sources if url.split("?")[0].endswith(".mp4")]
    poster = web_url(video.get("poster", ""))
    alt = tidy(video.get("aria-label", ""))
    return Media(kind="gif" if gif else "video", url=max(films, key=_area, default=""), poster=poster, alt=alt)


def _area(url: str) -> int:
    size = re.search(r"/(\d{2,5})x(\d{2,5})/", url)
    return int(size[1]) * int(size[2]) if size else 0


def _card(preview: HtmlElement) -> list[Card]:
    urls = [web_url(anchor.get("href", "")) for anchor in preview.iter("a")]
    titles = [tidy(strong.text_content()) for strong in preview.iter("strong")]
    sites = [tidy(small.text_content()) for small in preview.iter("small")]
    if not any(urls) or not any(titles):
        return []
    url = next(url for url in urls if url)
    site = re.sub(r"^(?:https?://)?(?:www\.)?([^/]*).*", r"\1", next(iter(sites), "") or url, flags=re.I | re.S)
    return [Card(url=url, title=" ".join(next(title for title in titles if title).split()), site=site)]


def _embed(embed: HtmlElement, finds: _Finds) -> None:
    """A quoted post, by what is left of it: its words, or only its number; a film from elsewhere becomes a link."""
    id_ = next(iter(embed.xpath("descendant-or-self::*/@data-tweet-id")), "")
    urls = embed.xpath("descendant-or-self::*/@href | descendant-or-self::*/@src | descendant-or-self::*/@cite")
    status = _STATUS.search(" ".join(urls))
    if id_ or status:
        url = f"https://x.com/{status[1]}/status/{status[2]}" if status else f"https://x.com/i/status/{id_}"
        author = Author(handle=f"@{status[1]}") if status else Author()
        finds.quotes.append(Quote(text=tidy(embed.text_content()), author=author, url=web_url(url)))
        return
    if embed.tag == "blockquote":
        finds.quotes.append(Quote(text=tidy(embed.text_content())))
        return
    finds.cards += [Card(url=web_url(url), title=web_url(url).split("/")[2]) for url in urls if web_url(url)][:1]


def _class_of(element: HtmlElement) -> str:
    return element.get("class", "")


def _link_around(image: HtmlElement) -> str:
    parent = image.getparent()
    return parent.get("href", "") if parent is not None and parent.tag == "a" else ""


def flat(text: str | None) -> str:
    """Blanks and newlines of the HTML source are one blank to a reader (HTML, "white-space: normal")."""
    return re.sub(r"[ \t\r\n]+", " ", text or "")
