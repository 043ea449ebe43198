"""One post of Bluesky: its words by their facets, and what is embedded beside them. It knows no thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from digest.model import Author, Card, Media, Post, Quote
from digest.sources.data import Json, moment, number, object_at, objects, word
from digest.sources.prose import Piece, compose, pieces, tidy, web_url

_SITE = "https://bsky.app"
_CDN = "https://cdn.bsky.app/img/feed_fullsize/plain"
HIDDEN = frozenset(["!hide", "!takedown", "!suspend"])
_QUIET = frozenset(["!no-unauthenticated", "!no-promote", "!warn"])


def read_post(view: Json) -> Post:
    record = object_at(view, "record")
    text, links = compose(_words(word(record, "text"), objects(record, "facets")))
    embed = object_at(view, "embed") or object_at(record, "embed")
    told = sorted(labels(view) - _QUIET - HIDDEN)
    return Post(
        number=0,
        text=text,
        id=word(view, "uri"),
        url=page(word(view, "uri"), object_at(view, "author")),
        created_at=moment(word(record, "createdAt")),
        links=links,
        media=tuple(_media(embed, did=word(view, "author", "did"))),
        quotes=tuple(_quotes(embed)),
        card=_card(embed),
        content_warning=", ".join(label.replace("-", " ") for label in told if not label.startswith("!")),
    )


def _words(text: str, facets: Sequence[Json]) -> Iterator[Piece]:
    """`text` cut at its facets, whose places count bytes of UTF-8. One that overlaps or points nowhere is left as words."""
    data = text.encode("utf-8", errors="replace")
    at = 0
    for facet in sorted(facets, key=lambda facet: number(facet, "index", "byteStart")):
        start, end = number(facet, "index", "byteStart"), number(facet, "index", "byteEnd")
        url = next(filter(None, map(_target, objects(facet, "features"))), "")
        if url and at <= start < end <= len(data):
            yield from pieces(data[at:start].decode(errors="replace"))
            yield data[start:end].decode(errors="replace"), url
            at = end
    yield from pieces(data[at:].decode(errors="replace"))


def _target(feature: Json) -> str:
    if uri := word(feature, "uri"):
        return web_url(uri)
    if did := word(feature, "did"):
        return web_url(f"{_SITE}/profile/{did}")
    return web_url(f"{_SITE}/hashtag/{word(feature, 'tag')}") if word(feature, "tag") else ""


def _media(embed: Json, *, did: str) -> Iterator[Media]:
    inner = object_at(embed, "media") or embed
    for image in (*objects(inner, "images"), *objects(inner, "items")):
        url = web_url(word(image, "fullsize") or word(image, "thumb") or word(image, "thumbnail"))
        yield _picture(image, url or _blob(image.get("image"), did=did))
    if "playlist" in inner or "video" in inner:
        poster = web_url(word(inner, "thumbnail"))
        yield _picture(inner, web_url(word(inner, "playlist")), film=True, poster=poster)


def _picture(item: Json, url: str, *, film: bool = False, poster: str = "") -> Media:
    return Media(
        kind="video" if film else "image",
        url=url,
        alt=tidy(word(item, "alt")),
        poster=poster,
        width=number(item, "aspectRatio", "width"),
        height=number(item, "aspectRatio", "height"),
    )


def _blob(image: object, *, did: str) -> str:
    """Where a picture of a bare record lies: records name only its digest."""
    digest = word(image, "ref", "$link") or word(image, "cid")
    return web_url(f"{_CDN}/{did}/{digest}@jpeg") if digest else ""


def _quotes(embed: Json) -> Iterator[Quote]:
    """The quoted post, one level deeper where media stand beside it. Lists and feeds are cards, not quotes."""
    record = object_at(embed, "record")
    record = object_at(record, "record") or record
    uri = word(record, "uri")
    if "/app.bsky.feed.post/" in uri:
        by, value = object_at(record, "author"), object_at(record, "value")
        yield Quote(text=tidy(word(value, "text")), author=author(by), url=page(uri, by))


def _card(embed: Json) -> Card | None:
    external = object_at(embed, "external") or object_at(embed, "media", "external")
    url, title = web_url(word(external, "uri")), tidy(word(external, "title"))
    if url:
        site = (urlsplit(url).hostname or "").removeprefix("www.")
        return Card(url=url, title=" ".join(title.split()) or site, site=site)
    record = object_at(embed, "record", "record") or object_at(embed, "record")
    uri, name = (
        word(record, "uri"),
        tidy(word(record, "displayName") or word(record, "name") or word(record, "record", "name")),
    )
    kind = {"app.bsky.feed.generator": "feed", "app.bsky.graph.list": "lists"}.get(
        uri.rpartition("/")[0].rpartition("/")[2]
    )
    if kind and name:
        return Card(
            url=f"{_SITE}/profile/{repository(uri)}/{kind}/{uri.rpartition('/')[2]}", title=name, site="Bluesky"
        )
    return None


def author(view: Json) -> Author:
    handle, did = word(view, "handle"), word(view, "did")
    if not (handle or did):
        return Author()
    known = handle if handle != "handle.invalid" else ""
    return Author(
        name=" ".join(tidy(word(view, "displayName")).split()),
        handle=f"@{known}" if known else "",
        url=web_url(f"{_SITE}/profile/{known or did}"),
    )


def page(uri: str, by: Json) -> str:
    """The address of a post in the app, by its author's name where there is one."""
    handle = word(by, "handle")
    who = handle if handle and handle != "handle.invalid" else repository(uri)
    return web_url(f"{_SITE}/profile/{who}/post/{uri.rpartition('/')[2]}")


def repository(uri: str) -> str:
    """Whose post an address names: at://DID/collection/key."""
    return uri.removeprefix("at://").partition("/")[0]


def labels(view: Json) -> set[str]:
    own = objects(view, "record", "labels", "values")
    return {word(label, "val") for label in (*objects(view, "labels"), *own) if label.get("neg") is not True}
