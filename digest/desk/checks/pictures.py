"""Pictures: do all readers learn what they show, will they load, are they as large as they should be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from lxml import html as markup

from digest.desk.checks.exhibit import Exhibit, place
from digest.desk.checks.rules import found
from digest.model import Finding, Page, Picture, Post, Thread

WIDEST = 1_300  # CSS pixels: a page of 600 at twice its dots, and some
FEW = 20  # words


def look(mail: Exhibit) -> Iterator[Finding]:
    images = list(mail.tree.iter("img"))
    for image in images:
        where = f"{place(image, of=mail)} {image.get('src', '')[:60]}".strip()
        if _is_dot(image):
            yield found("tracking", where=where)
            continue
        if image.get("alt") is None:
            yield found("picture-alt", where=where)
        yield from _source(image, mail, where)
        yield from _size(image, where)
    if images and len(mail.words.split()) < FEW and not all(map(_is_dot, images)):
        yield found("picture-only", f"{len(images)} pictures, {len(mail.words.split())} words", where="page")


def _is_dot(image: markup.HtmlElement) -> bool:
    sizes = [image.get("width", ""), image.get("height", "")]
    return sizes in (["1", "1"], ["0", "0"]) or any(size in {"0", "1", "1px"} for size in sizes)


def _source(image: markup.HtmlElement, mail: Exhibit, where: str) -> Iterator[Finding]:
    source = image.get("src", "").strip()
    if source.startswith("data:"):
        yield found("picture-inline", f"{len(source):,} characters", where=where[:80])
    elif source.startswith("http://"):
        yield found("picture-http", where=where)
    elif source.startswith("cid:"):
        if mail.raw and source[4:] not in mail.contents:
            yield found("picture-source", "it is not attached", where=where)
    elif not re.match(r"(?i)https://[^/\s]+", source):
        yield found("picture-source", source[:60], where=where)


def _size(image: markup.HtmlElement, where: str) -> Iterator[Finding]:
    style = image.get("style", "")
    width = image.get("width") or next(iter(re.findall(r"(?:^|[;\s])width:\s*(\d+)px", style)), "")
    if not width and "width" not in style:
        yield found("picture-size", where=where)
    elif re.fullmatch(r"\d+(px)?", width) and int(width.removesuffix("px")) > WIDEST:
        yield found("picture-huge", f"{width} pixels wide", where=where)


def unshown(page: Page, posts: Sequence[Post], *, album: Mapping[str, Picture]) -> Iterator[Finding]:
    """Pictures for which a link stands. Behind a content warning that is as it should be."""
    shown = {one.picture.digest for one in page.pictures}
    for post in posts:
        for medium in post.media if not post.content_warning else ():
            kept = album.get(medium.still)
            if medium.kind == "image" and medium.still and kept is None:
                yield found("picture-absent", where=f"post {post.number}")
            elif kept and kept.digest not in shown:
                yield found("picture-heavy", f"{kept.size // 1024} KB", where=f"post {post.number}")


def undescribed(thread: Thread) -> Iterator[Finding]:
    """Pictures that the thread itself says nothing of."""
    for post in thread.posts:
        if any(medium.kind == "image" and not medium.alt for medium in post.media):
            yield found("picture-words", where=f"post {post.number}")
