"""Saved pages of any site: other unrollers, Nitter, a thread saved on X itself, microformats, and articles.

Known shapes stand in a table; any other page is read as an article, and what cannot be seen in it is said. It runs no
script: a page that builds itself in the browser has to be saved from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urljoin, urlsplit

from lxml.html import HtmlElement

from digest.errors import InputError, NotAThread
from digest.model import Author, Media, Post, Quote, Thread
from digest.sources import article, hypertext
from digest.sources.data import moment
from digest.sources.doubts import doubted
from digest.sources.numbering import lost, renumber, uncount
from digest.sources.page_shapes import SHAPES, Shape
from digest.sources.prose import compose, fingerprint, has_something, tidy, web_url
from digest.sources.raw import Raw, bounded

NAME = "page"
_IS_HTML = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype html|html|head|body|div|meta|article|main|section|p)\b",
    re.IGNORECASE | re.DOTALL,
)
_WALL = re.compile(
    r"just a moment|log ?in|sign ?in|sign up|access denied|are you (?:a )?(?:human|robot)|attention required"
    r"|javascript is (?:not available|disabled)|captcha",
    re.IGNORECASE,
)
_MOST_TAGS = 200_000
_LEAST = 120  # characters below which a page has no text to speak of
_HANDLE = re.compile(r"@(\w{1,30})\b")
_STATUS = re.compile(r"/(\w{1,30})/status(?:es)?/(\d{5,20})")
_ARTICLES = (
    "//*[@itemprop='articleBody']",
    "//*[contains(concat(' ',@class,' '),' e-content ')]",
    "//article",
    "//*[contains(@class,'post-content') or contains(@class,'entry-content') or contains(@class,'article-content')]",
    "//main",
    "//body",
)
_UNREAD = ("nav", "aside", "footer", "comments", "sidebar", "share", "related")


def owns(raw: Raw) -> bool:
    """Whether it is HTML at all; pickier sources are asked before."""
    return raw.document is None and _IS_HTML.match(raw.text[:10_000]) is not None


def read(raw: Raw) -> Thread:
    """The thread, or the article, on the page. Raises NotAThread for log-in walls and for pages without words."""
    if raw.text.count("<") > _MOST_TAGS:
        raise InputError("it holds more mark-up than any thread's page", where=raw.ref, then="Save the thread alone.")
    root = hypertext.tree(bounded(raw.text, ref=raw.ref), ref=raw.ref) if len(raw.text) < 1_000_000 else _large(raw)
    base = _base(root, raw.ref)
    for shape in SHAPES:
        found = _shaped(root, shape, base=base)
        if len(found) > 1 or (found and shape.name in ("Nitter", "X")):
            return _thread(root, found, raw=raw, base=base, shape=shape)
    return _article(root, raw=raw, base=base)


def _large(raw: Raw) -> HtmlElement:
    """A page with its pictures and styles inside it: saved so, a short text can be megabytes."""
    lean = re.sub(r"(?is)<(script|style|svg)\b.*?</\1\s*>", "", raw.text)
    lean = re.sub(r"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=\s]+", "", lean)
    return hypertext.tree(bounded(lean, ref=raw.ref), ref=raw.ref)


# ── a known shape ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    post: Post
    handle: str
    author: str


def _shaped(root: HtmlElement, shape: Shape, *, base: str) -> list[_Found]:
    """The posts of that shape. Where names stand beside them, only those of who wrote the first."""
    elements: Sequence[HtmlElement] = root.xpath(shape.posts)
    found = [_found(element, shape, base=base) for element in elements[:5_000]]
    handles = [one.handle for one in found if one.handle]
    kept = [one for one in found if has_something(one.post) and one.handle in ("", *handles[:1])]
    return list({(one.post.id or id(one), one.post.text): one for one in kept}.values())


def _found(element: HtmlElement, shape: Shape, *, base: str) -> _Found:
    words = element.xpath(shape.words)
    blocks = hypertext.of(words[0], base=base) if words else []
    text, links = compose(hypertext.join(blocks))
    inline = [medium for block in blocks for medium in block.media]
    extra = [
        Media(kind="image", url=url) for href in _all(element, shape.pictures) if (url := _picture(href, base=base))
    ]
    link = _text(element, shape.link)
    status = _STATUS.search(link)
    handle = _HANDLE.search(_text(element, shape.handle))
    quoted = element.xpath(shape.quote) if shape.quote else []
    post = Post(
        number=0,
        text=text,
        id=status[2] if status else "",
        url=f"https://x.com/{status[1]}/status/{status[2]}" if status else web_url(urljoin(base, link)) if link else "",
        created_at=moment(_text(element, shape.date)) or _nitter_moment(_text(element, shape.date)),
        links=links,
        media=tuple(dict.fromkeys((*inline, *extra))),
        quotes=tuple(Quote(text=words) for quote in quoted[:1] if (words := tidy(quote.text_content()))),
    )
    return _Found(post=post, handle=handle[1] if handle else "", author=tidy(_text(element, shape.author)))


def _text(element: HtmlElement, path: str) -> str:
    return str(element.xpath(path)).strip() if path else ""


def _all(element: HtmlElement, path: str) -> list[str]:
    return [str(value) for value in element.xpath(path)] if path else []


def _picture(href: str, *, base: str) -> str:
    """Nitter hands out pictures through itself, with X's own address behind "/pic/"."""
    behind = re.match(r"/pic/(?:orig/)?(.+)", urlsplit(href).path)
    if behind:
        inner = unquote(behind[1]).partition("?")[0]
        return (
            web_url(f"https://pbs.twimg.com/{inner}")
            if inner.startswith(("media/", "ext_tw", "amplify", "tweet_"))
            else ""
        )
    return web_url(urljoin(base, href)) if "profile_images" not in href else ""


def _nitter_moment(said: str) -> datetime | None:
    found = re.match(r"(\w{3}) (\d{1,2}), (\d{4}) · (\d{1,2}):(\d{2}) (AM|PM) UTC", said)
    if not found:
        return None
    month, day, year, hour, minute, half = found.groups()
    hours = int(hour) % 12 + (12 if half == "PM" else 0)
    return moment(f"{day} {month} {year} {hours:02}:{minute}:00 +0000")


def _thread(root: HtmlElement, found: Sequence[_Found], *, raw: Raw, base: str, shape: Shape) -> Thread:
    posts = [one.post for one in found]
    author = _author(root, base=base)
    handle, name = found[0].handle, found[0].author
    if handle or name:
        author = Author(
            name=name, handle=f"@{handle}" if handle else "", url=f"https://x.com/{handle}" if handle else ""
        )
    status = _STATUS.search(base) or re.search(r"(?:/thread/|/status/|[?&]id=)()(\d{15,20})", base)
    id_ = posts[0].id or (status[2] if status else "")
    warnings = () if shape.name in ("Nitter", "X") else (_UNSEEN,)
    if shape.name in ("Nitter", "X"):
        warnings = ("Such a page shows a part of a long thread: check that it has the first and the last post.",)
    url = posts[0].url or (f"https://x.com/{handle or 'i'}/status/{id_}" if id_ else base)
    thread = Thread(
        key=f"x:{id_}" if id_ else f"{NAME}:{fingerprint(posts)}",
        source=NAME,
        posts=renumber(uncount(posts)),
        author=author,
        url=url,
        lang=_lang(root),
        created_at=posts[0].created_at or moment(_meta(root, "article:published_time")),
        truncated=bool(lost(posts)),
        warnings=warnings,
    )
    return doubted(thread)


# ── any page ──────────────────────────────────────────────────────────────────────────────────────

_UNSEEN = (
    "The shape of this page is not known for sure: what it loads later, hides or shows as a picture was not seen. "
    "Check it against the original."
)


def _article(root: HtmlElement, *, raw: Raw, base: str) -> Thread:
    """The largest text of the page, its paragraphs as posts."""
    title = _title(root)
    element = next(_candidates(root), None)
    blocks = hypertext.of(element, base=base, skip=_UNREAD) if element is not None else []
    if sum(len(block.text) for block in blocks) < _LEAST:
        raise _empty(raw, title, " ".join(block.text for block in blocks))
    posts = renumber([post for post in article.posts(blocks) if has_something(post)])
    thread = Thread(
        key=f"{NAME}:{base or fingerprint(posts)}",
        source=NAME,
        posts=posts,
        author=_author(root, base=base),
        title=title,
        url=base,
        lang=_lang(root),
        created_at=moment(_meta(root, "article:published_time") or _first(root, "//time/@datetime")),
        warnings=(_UNSEEN,),
        dropped=("everything around the text", *article.unlinked(blocks)),
    )
    return doubted(thread)


def _candidates(root: HtmlElement) -> Iterator[HtmlElement]:
    """The element with the text, the surest mark first; one that holds too little of the page is passed over."""
    for path in _ARTICLES:
        best = max(root.xpath(path), key=lambda element: len(element.text_content()), default=None)
        if best is not None and len(tidy(best.text_content())) >= _LEAST:
            yield best


def _empty(raw: Raw, title: str, text: str) -> NotAThread:
    if _WALL.search(title) or _WALL.search(text):
        then = "Open it in a browser where you can see the thread, save that page, and import the file."
        return NotAThread("it is a log-in wall or a question to robots, and no thread", where=raw.ref, then=then)
    then = "Save it from a browser when it has loaded, or import another form of the thread."
    return NotAThread("there is next to no text in this page: it builds itself by script", where=raw.ref, then=then)


def _meta(root: HtmlElement, name: str) -> str:
    return _first(root, f"//meta[@property='{name}' or @name='{name}' or @itemprop='{name}']/@content")


def _first(root: HtmlElement, path: str) -> str:
    return next((str(value).strip() for value in root.xpath(path) if str(value).strip()), "")


def _base(root: HtmlElement, ref: str) -> str:
    told = _first(root, "//link[@rel='canonical']/@href") or _meta(root, "og:url")
    return web_url(told) or web_url(ref)


def _title(root: HtmlElement) -> str:
    told = _meta(root, "og:title") or _first(root, "//h1//text()") or _first(root, "//title/text()")
    return " ".join(tidy(told).split())


def _lang(root: HtmlElement) -> str:
    said = _first(root, "/html/@lang").replace("_", "-")
    return said if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", said) else ""


def _author(root: HtmlElement, *, base: str) -> Author:
    """Who wrote it, by what pages say in their heads, then by the handle in their titles."""
    name = _meta(root, "author") or _first(
        root, "//*[@rel='author']//text() | //*[@itemprop='author']//*[@itemprop='name']//text()"
    )
    linked = _meta(root, "article:author")  # some put an address there
    name = name or ("" if linked.startswith("http") else linked)
    titled = _HANDLE.search(
        f"{_meta(root, 'og:title')} {_first(root, '//title/text()')} {_meta(root, 'twitter:creator')}"
    )
    handle = f"@{titled[1]}" if titled else ""
    url = f"https://x.com/{handle[1:]}" if handle else base
    return Author(name="" if name.startswith("@") else " ".join(tidy(name).split()), handle=handle, url=url)
