"""A Thread Reader page saved as HTML, as it was built from 2018 to 2026. It runs no script and fetches nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lxml import etree, html

from digest.errors import InputError, NotAThread
from digest.model import Post, Related, Thread
from digest.sources import furniture, threadreader
from digest.sources.prose import has_something, tidy, web_url
from digest.sources.raw import Raw, bounded
from digest.sources.threadreader_post import BLOCKS, SILENT, flat, read_post

_IS_HTML = re.compile(r"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype html|html|head|body|div|meta)\b", re.I | re.S)
_OURS = re.compile(r"content-tweet|threadreaderapp\.com|thread-card", re.IGNORECASE)
# Cards of other threads hold bare .content-tweet too (2018), so the id or the post's number is asked for.
_POSTS = "//*[@data-tweet and contains(@class,'content-tweet')] | //*[starts-with(@id,'tweet_')]"
_CARDS = "//*[@data-link-href or contains(concat(' ',@class,' '),' thread-card ')]"
_SAVE_AGAIN = "Save the page again, or save it as text."
_GAVE_UP = re.compile("excessive depth|huge text node|size limit", re.IGNORECASE)
_MOST_POSTS = 2_000
_MOST_TAGS = 200_000


def owns(raw: Raw) -> bool:
    """Whether it is HTML, with traces of Thread Reader in it."""
    return _IS_HTML.match(raw.text) is not None and _OURS.search(raw.text) is not None


def read(raw: Raw) -> Thread:
    """The thread on the page. Raises NotAThread for a page of several, InputError for HTML nested beyond reading."""
    root = _tree(raw)
    elements = _posts(root)
    if len(elements) > _MOST_POSTS:
        raise NotAThread(f"it holds {len(elements)} posts, more than any thread", where=raw.ref, then=_SAVE_AGAIN)
    bounded("".join(element.text_content() for element in elements), ref=raw.ref)
    posts = [post for element in elements if has_something(post := read_post(element))]
    address = _address(root)
    lines = list(_lines(element for element in root.iter("body")))
    if not posts:
        raise threadreader.refuse(lines, ref=raw.ref, source=address)
    page = _page(root, lines=lines, address=address, first=posts[0])
    return threadreader.assemble(posts, page=page)


def _tree(raw: Raw) -> html.HtmlElement:
    if raw.text.count("<") > _MOST_TAGS:
        raise InputError("it holds more mark-up than any thread's page", where=raw.ref, then=_SAVE_AGAIN)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(raw.text.encode("utf-8", errors="replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise InputError(f"this HTML cannot be read ({error})", where=raw.ref, then=_SAVE_AGAIN) from error
    # libxml2 gives up silently below 256 levels or in a flood of text; all after that point would be missing.
    if any(_GAVE_UP.search(entry.message) for entry in parser.error_log):
        what = "its HTML is nested too deeply, or too large, to be read whole"
        raise InputError(what, where=raw.ref, then=_SAVE_AGAIN)
    return root


def _posts(root: html.HtmlElement) -> list[html.HtmlElement]:
    """The elements of the posts, in the page's order; one inside another counts once."""
    cards = set(root.xpath(_CARDS))
    found = [element for element in root.xpath(_POSTS) if not cards.intersection(element.iterancestors())]
    chosen = set(found)
    return [element for element in found if not chosen.intersection(element.iterancestors())]


def _page(root: html.HtmlElement, *, lines: Sequence[str], address: str, first: Post) -> threadreader.Page:
    """What stands around the posts: read from the page's own lines, then from its head and its cards."""
    page = threadreader.survey(lines, source=address)
    titles = [tidy(text) for text in root.xpath("//meta[@property='og:title']/@content | //title/text()")]
    handles = [found[1] for title in titles if (found := furniture.THREAD_BY.fullmatch(title))]
    handles += [f"@{name}" for name in root.xpath("//*[@data-tweet]/@data-screenname")]
    author = page.author
    if handles:
        author = replace(author, handle=handles[0], url=f"https://x.com/{handles[0][1:]}")
    cards = [teaser for card in root.xpath(_CARDS) if (teaser := _teaser(card))]
    related = tuple(dict.fromkeys(cards)) or page.related
    return replace(page, author=author, root=page.root or first.id, related=related)


def _teaser(card: html.HtmlElement) -> Related | None:
    if card.xpath(".//*[starts-with(@id,'tweet_')]"):
        return None
    words = card.xpath(".//*[contains(@class,'card-tweets')] | .//*[contains(@class,'content-tweet')]")
    more = furniture.READ_MORE.search(card.text_content())
    date = " ".join(card.xpath(".//*[contains(@class,'time')]//text()")).strip(" \n•")
    text = read_post(words[0]).text if words else ""
    href = card.get("data-link-href") or next(iter(card.xpath(".//a[contains(@href,'/thread/')]/@href")), "")
    url = web_url(f"https://threadreaderapp.com{href}" if href.startswith("/") else href)
    return Related(text=text, date=tidy(date), posts=int(more[1]) if more else None, url=url) if text else None


def _address(root: html.HtmlElement) -> str:
    found = root.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
    return next(iter(found), "")


def _lines(elements: Iterable[html.HtmlElement]) -> Iterator[str]:
    """The page's visible lines without its posts, for the eyes that read furniture."""
    for element in elements:
        text = "".join(_texts(element))
        yield from (" ".join(line.split()) for line in text.split("\n"))


def _texts(element: html.HtmlElement) -> Iterator[str]:
    if element.tag in SILENT:
        return
    edge = "\n" if element.tag in BLOCKS or element.tag == "br" else ""
    is_post = element.get("id", "").startswith("tweet_") or element.get("data-tweet")
    yield edge
    if element.tag == "img":
        yield f" {element.get('alt', '')} "
    if not is_post:
        yield flat(element.text)
        for child in element:
            yield from _texts(child)
            yield flat(child.tail)
    yield edge
