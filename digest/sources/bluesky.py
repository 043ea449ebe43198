"""A thread as Bluesky's API tells it (app.bsky.feed.getPostThread), old answers and new ones.

It reads what was fetched (see `live`) or saved, and asks nobody. Shapes: the lexicons app.bsky.feed.* and
app.bsky.embed.*, docs.bsky.app.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from digest.errors import NotAThread
from digest.model import Author, Card, Media, Post, Quote, Thread
from digest.sources import chain
from digest.sources.chain import Node
from digest.sources.data import Json, commonest, moment, number, object_at, objects, things, walk, word
from digest.sources.doubts import doubted
from digest.sources.numbering import lost, renumber, uncount
from digest.sources.prose import Piece, compose, has_something, pieces, tidy, web_url
from digest.sources.raw import Raw, pack

NAME = "bluesky"
_SITE = "https://bsky.app"
_HIDDEN = frozenset(["!hide", "!takedown", "!suspend"])
_QUIET = frozenset(["!no-unauthenticated", "!no-promote", "!warn"])
_CDN = "https://cdn.bsky.app/img/feed_fullsize/plain"


def owns(raw: Raw) -> bool:
    """Whether posts of Bluesky stand in it."""
    if not isinstance(raw.document, (dict, list)) or "app.bsky." not in raw.text:
        return False
    return any(_is_view(found) or _is_gone(found) for found in walk(raw.document))


def read(raw: Raw) -> Thread:
    """The author's own thread around the post. Raises NotAThread for one that its author shows to nobody outside."""
    known, gone = known_in(raw.document), _gone(raw.document)
    focus = _focus(raw.document, known)
    if focus is None:
        what = "the post is gone, or its author blocks who is not logged in" if gone else "there is no post in it"
        raise NotAThread(what, where=raw.ref, then="Check the address.")
    root = chain.root_of(focus, known)
    view = object_at(root.thing, "author")
    if "!no-unauthenticated" in _labels(view):
        what = "its author wants to be read only by people who are logged in to Bluesky"
        raise NotAThread(what, where=raw.ref, then="Ask the author; it is not imported.")
    nodes = chain.thread(root, known)
    shown = [node for node in nodes if not _HIDDEN.intersection(_labels(node.thing))]
    posts = [post for node in shown if has_something(post := _post(node.thing))]
    if not posts:
        raise NotAThread("none of its posts can be shown", where=raw.ref, then="Check the address.")
    missing = [uri for uri in gone if _repository(uri) == root.author]
    thread = Thread(
        key=f"bluesky:{root.id}",
        source=NAME,
        posts=renumber(uncount(posts)),
        author=_author(view),
        url=_page(root.id, view),
        lang=commonest(word(tag) for node in nodes for tag in things(node.thing, "record", "langs")),
        created_at=root.at,
        truncated=bool(lost(posts) or missing or object_at(raw.document).get("cut")),
        warnings=(
            *_doubts(raw.document, root, nodes, missing=missing, hidden=len(nodes) - len(shown)),
            *chain.forked(nodes),
        ),
        dropped=_dropped(nodes, known),
    )
    return doubted(thread)


# ── which posts ───────────────────────────────────────────────────────────────────────────────────


def _is_view(found: Json) -> bool:
    """A post as the API shows it. A quoted post has `value` in the place of `record`, and is none of the thread's."""
    return word(found, "uri").startswith("at://") and "did" in object_at(found, "author") and "record" in found


def known_in(document: object) -> dict[str, Node[Json]]:
    """Every post of the document, by its address."""
    return chain.unique(_node(found) for found in walk(document) if _is_view(found))


def _is_gone(found: Json) -> bool:
    return found.get("notFound") is True or found.get("blocked") is True


def _node(view: Json) -> Node[Json]:
    record = object_at(view, "record")
    return Node(
        id=word(view, "uri"),
        author=word(view, "author", "did"),
        parent=word(record, "reply", "parent", "uri"),
        at=moment(word(record, "createdAt")) or moment(word(view, "indexedAt")),
        thing=view,
    )


def _gone(document: object) -> list[str]:
    """The addresses of posts that the API says are blocked or not found."""
    found = [
        word(item, "uri")
        for item in walk(document)
        if _is_gone(item) or "Blocked" in word(item, "value", "$type")
        or "NotFound" in word(item, "value", "$type")
    ]  # fmt: skip
    embedded = {
        word(item, "record", "uri") for item in walk(document) if word(item, "$type").startswith("app.bsky.embed")
    }
    return [uri for uri in dict.fromkeys(found) if uri and uri not in embedded]


def _focus(document: object, known: dict[str, Node[Json]]) -> Node[Json] | None:
    """The post that was asked for; in a list of posts, the beginning of the longest thread."""
    first = object_at(document, "thread") or object_at(document, "threads", 0, "thread") or object_at(document)
    if found := known.get(word(first, "post", "uri")):
        return found
    if isinstance(document, dict) and word(first, "uri") in _gone(document):
        return None
    anchors = (item for item in walk(document) if number(item, "depth") == 0 and "depth" in item)
    if anchored := next((known[uri] for item in anchors if (uri := word(item, "uri")) in known), None):
        return anchored
    return max(chain.every(known), key=len)[0] if known else None


def _repository(uri: str) -> str:
    """Whose post an address names: at://DID/collection/key."""
    return uri.removeprefix("at://").partition("/")[0]


def _labels(view: Json) -> set[str]:
    own = objects(view, "record", "labels", "values")
    return {word(label, "val") for label in (*objects(view, "labels"), *own) if label.get("neg") is not True}


# ── one post ──────────────────────────────────────────────────────────────────────────────────────


def _post(view: Json) -> Post:
    record = object_at(view, "record")
    text, links = compose(_words(word(record, "text"), objects(record, "facets")))
    embed = object_at(view, "embed") or object_at(record, "embed")
    labels = sorted(_labels(view) - _QUIET - _HIDDEN)
    return Post(
        number=0,
        text=text,
        id=word(view, "uri"),
        url=_page(word(view, "uri"), object_at(view, "author")),
        created_at=moment(word(record, "createdAt")),
        links=links,
        media=tuple(_media(embed, did=word(view, "author", "did"))),
        quotes=tuple(_quotes(embed)),
        card=_card(embed),
        content_warning=", ".join(label.replace("-", " ") for label in labels if not label.startswith("!")),
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
        author, value = object_at(record, "author"), object_at(record, "value")
        yield Quote(text=tidy(word(value, "text")), author=_author(author), url=_page(uri, author))


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
            url=f"{_SITE}/profile/{_repository(uri)}/{kind}/{uri.rpartition('/')[2]}", title=name, site="Bluesky"
        )
    return None


def _author(view: Json) -> Author:
    handle, did = word(view, "handle"), word(view, "did")
    if not (handle or did):
        return Author()
    known = handle if handle != "handle.invalid" else ""
    return Author(
        name=" ".join(tidy(word(view, "displayName")).split()),
        handle=f"@{known}" if known else "",
        url=web_url(f"{_SITE}/profile/{known or did}"),
    )


def _page(uri: str, author: Json) -> str:
    """The address of a post in the app, by its author's name where there is one."""
    handle = word(author, "handle")
    who = handle if handle and handle != "handle.invalid" else _repository(uri)
    return web_url(f"{_SITE}/profile/{who}/post/{uri.rpartition('/')[2]}")


# ── what is to be said ────────────────────────────────────────────────────────────────────────────


def _doubts(
    document: object, root: Node[Json], nodes: Sequence[Node[Json]], *, missing: Sequence[str], hidden: int
) -> Iterator[str]:
    if root.parent and _repository(root.parent) == root.author:
        yield "The beginning of the thread is missing."
    elif root.parent:
        yield "Its first post answers another post, which is not part of it."
    if len(nodes) == 1:
        yield "It is a single post: its author did not answer it."
    if missing:
        yield f"{len(missing)} of the author's posts are deleted or blocked, and what hung on them is missing."
    if hidden:
        yield f"{hidden} posts were hidden by Bluesky's moderators and left out."
    if object_at(document).get("cut"):
        yield "The server gave only a part of this thread, and its end may be missing."
    for place, node in enumerate(nodes, start=1):
        state = _quote_state(object_at(node.thing, "embed"))
        if state:
            yield f"Post {place} quotes a post that is {state}."


def _quote_state(embed: Json) -> str:
    record = object_at(embed, "record")
    record = object_at(record, "record") or record
    kind = word(record, "$type").rpartition("#")[2]
    return {"viewNotFound": "deleted", "viewBlocked": "blocked", "viewDetached": "no longer shown there"}.get(kind, "")


def _dropped(nodes: Sequence[Node[Json]], known: dict[str, Node[Json]]) -> tuple[str, ...]:
    others = len(known) - len(nodes)
    return (f"{others} answers that are not the author's thread",) if others > 1 else ("an answer by others",) * others


# ── for who fetches ───────────────────────────────────────────────────────────────────────────────


def above(document: object) -> str:
    """The address of the author's post to ask for in the place of this one: the thread's first; "" when this is it."""
    known = known_in(document)
    focus = _focus(document, known)
    if focus is None:
        return ""
    root = chain.root_of(focus, known)
    first = word(root.thing, "record", "reply", "root", "uri")
    if root.parent and _repository(root.parent) == root.author:
        return first if _repository(first) == root.author else root.parent
    return root.id if root.id != focus.id else ""


def unheard(document: object) -> str:
    """The address of the author's last post when it has answers that were not delivered; "" otherwise."""
    known = known_in(document)
    focus = _focus(document, known)
    if focus is None:
        return ""
    answered = {node.parent for node in known.values()} | _parents_of_gone(document)
    last = chain.thread(chain.root_of(focus, known), known)[-1]
    return last.id if number(last.thing, "replyCount") > 0 and last.id not in answered else ""


def _parents_of_gone(document: object) -> set[str]:
    """Posts below which something stands that cannot be shown: their answers were delivered, in a way."""
    return {
        word(item, "post", "uri")
        for item in walk(document)
        if any(answer.get("notFound") or answer.get("blocked") for answer in objects(item, "replies"))
    }


def merged(answers: Sequence[object], *, ref: str, cut: bool) -> Raw:
    """Several answers of the API as one document; the first is the one that was asked for."""
    return pack({"threads": list(answers), "cut": cut} if len(answers) > 1 or cut else answers[0], ref=ref)
