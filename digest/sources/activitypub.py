"""Threads in ActivityPub's own words: an `outbox.json` out of an account's archive, or notes that a server handed out.

Boosts and what was not written for everybody are left out. Shapes: W3C ActivityPub 5.1, ActivityStreams vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from digest.errors import NotAThread
from digest.model import Author, Choice, Media, Poll, Post, Quote, Thread
from digest.sources import chain, hypertext
from digest.sources.beside import local
from digest.sources.chain import Node
from digest.sources.data import Json, commonest, moment, number, object_at, objects, things, word
from digest.sources.doubts import doubted
from digest.sources.numbering import lost, renumber, uncount
from digest.sources.prose import compose, has_something, tidy, web_url
from digest.sources.raw import Bundle, Raw, pack

NAME = "activitypub"
_NOTES = frozenset(["Note", "Question", "Article", "Page", "ChatMessage"])
_PUBLIC = frozenset(["https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"])
_COLLECTIONS = frozenset(["OrderedCollection", "OrderedCollectionPage", "Collection", "CollectionPage"])
_QUOTES = ("quote", "quoteUri", "quoteUrl", "_misskey_quote")
_OWN_QUOTE = ("quote-inline", "reference-link-inline")
_QUOTING = re.compile(r'<(p|span)[^>]{0,80}class="(?:quote-inline|reference-link-inline)".{0,4000}?</\1>', re.DOTALL)


def owns(raw: Raw) -> bool:
    """Whether it is a collection of activities or notes, a single one, or a list of them."""
    document = raw.document
    if isinstance(document, list):
        return any(_note(item) for item in document[:50])
    kind = word(document, "type")
    return bool(_note(document)) or (
        kind in _COLLECTIONS and ("orderedItems" in object_at(document) or bool(items(document)))
    )


def split(raw: Raw) -> Bundle:
    """A Raw for each thread of the author: a post that answers nobody, and their answers to themselves."""
    listed = items(raw.document)
    known = _known(listed)
    found = chain.threads(known)
    if not found:
        return Bundle(raws=(raw,), left_out=_left_out(listed, known, 0))
    actor = object_at(raw.document, "actor")
    parts = [packed(nodes, actor, ref=raw.ref) for nodes in found]
    return Bundle(raws=tuple(parts), left_out=_left_out(listed, known, sum(map(len, found))))


def read(raw: Raw) -> Thread:
    """The one thread in it. Raises NotAThread when nobody in it answered themselves."""
    known = _known(items(raw.document))
    chains = chain.threads(known, at_least=1)
    if not chains:
        then = "Threads are posts that their author answered."
        raise NotAThread("it holds no public post that begins a thread", where=raw.ref, then=then)
    nodes = max(chains, key=len)
    if len(known) > 1 and len(nodes) == 1:
        what = f"it holds {len(known)} posts and no thread: nobody answered themselves"
        raise NotAThread(what, where=raw.ref, then="Import another account's archive, or a thread's own address.")
    root = nodes[0]
    posts = [post for node in nodes if has_something(post := _post(node.thing, ref=raw.ref))]
    if not posts:
        raise NotAThread("its posts are empty", where=raw.ref, then="Check that this is the right file.")
    thread = Thread(
        key=key(root.id),
        source=NAME,
        posts=renumber(uncount(posts)),
        author=author(object_at(raw.document, "actor"), root.author, page=word(root.thing, "url")),
        url=_link(root.thing),
        lang=commonest(tag for node in nodes for tag in object_at(node.thing, "contentMap")),
        created_at=root.at,
        truncated=bool(lost(posts) or object_at(raw.document).get("cut") or _id(root.thing.get("inReplyTo"))),
        warnings=(*_doubts(raw.document, nodes, posts), *chain.forked(nodes)),
    )
    return doubted(thread)


def is_collection(document: Json) -> bool:
    return word(document, "type") in _COLLECTIONS


def chains(listed: Sequence[object]) -> list[list[Node[Json]]]:
    """Every chain of the author among activities, also one whose beginning is not among them; talks with others are not."""
    known = _public(listed)
    return [nodes for nodes in chain.every(known) if not nodes[0].parent or _is_orphan(nodes[0], known)]


def packed(nodes: Sequence[Node[Json]], actor: Json, *, ref: str) -> Raw:
    """One thread as a document of its own."""
    return pack({"type": "OrderedCollection", "actor": actor, "orderedItems": [node.thing for node in nodes]}, ref=ref)


def key(first: str) -> str:
    """The key of the thread that begins with the note of this id."""
    return f"{NAME}:{first}"


def written(item: object) -> datetime | None:
    """When an activity was made."""
    return moment(word(item, "published") or word(_note(item), "published"))


def with_actor(raw: Raw, actor: object) -> Raw:
    """An outbox with the account's own description, which archives keep beside it."""
    document = object_at(raw.document)
    return pack({**document, "actor": actor}, ref=raw.ref, warnings=raw.warnings) if document and actor else raw


# ── which posts ───────────────────────────────────────────────────────────────────────────────────


def items(document: object) -> list[object]:
    """The activities or notes of a collection or of one page of it."""
    if isinstance(document, list):
        return document
    found = [*things(document, "orderedItems"), *things(document, "items"), *things(document, "first", "orderedItems")]
    return found or ([document] if _note(document) else [])


def _note(item: object) -> Json:
    """The note that an item is, or was made by; {} for a boost and for anything else."""
    inner = object_at(item, "object") if word(item, "type") in ("Create", "Update") else object_at(item)
    return inner if word(inner, "type") in _NOTES else {}


def _known(listed: Sequence[object]) -> dict[str, Node[Json]]:
    known = _public(listed)
    return {id_: replace(node, parent="") if _is_orphan(node, known) else node for id_, node in known.items()}


def _public(listed: Sequence[object]) -> dict[str, Node[Json]]:
    return chain.unique(_node(note) for item in listed if (note := _note(item)) and _is_public(note))


def _is_orphan(node: Node[Json], known: dict[str, Node[Json]]) -> bool:
    """Whether it answers a post of its own author that is not here: servers put an account's posts below its address."""
    return node.parent not in known and bool(node.author) and node.parent.startswith(f"{node.author.rstrip('/')}/")


def _node(note: Json) -> Node[Json]:
    return Node(
        id=word(note, "id"),
        author=_id(note.get("attributedTo")),
        parent=_id(note.get("inReplyTo")),
        at=moment(word(note, "published")),
        thing=note,
    )


def _id(value: object) -> str:
    """Where ActivityStreams allows an id, an object with an id, or a list of either."""
    first = value[0] if isinstance(value, list) and value else value
    return word(first) or word(first, "id")


def _is_public(note: Json) -> bool:
    """Whether it was written for everybody. A note that says nothing of its readers was handed out to everybody; one whose
    lists of readers are empty was written for nobody else (Mastodon's direct posts that name no one)."""
    readers = [reader for field in ("to", "cc") for reader in (things(note, field) or [note.get(field)]) if reader]
    told = any(note.get(field) is not None for field in ("to", "cc"))
    return not told or any(_id(reader) in _PUBLIC for reader in readers)


def _left_out(listed: Sequence[object], known: dict[str, Node[Json]], kept: int) -> tuple[str, ...]:
    boosts = sum(1 for item in listed if word(item, "type") == "Announce")
    private = sum(1 for item in listed if (note := _note(item)) and not _is_public(note))
    answers = sum(1 for node in known.values() if node.parent and node.parent not in known)
    counts = {
        "posts that are in no thread": len(known) - kept - answers,
        "answers to others": answers,
        "boosts": boosts,
        "posts that were not for everybody": private,
    }
    return tuple(f"{count} {what}" for what, count in counts.items() if count > 0)


# ── one post ──────────────────────────────────────────────────────────────────────────────────────


def _post(note: Json, *, ref: str) -> Post:
    quotes = tuple(_quotes(note, ref=ref))
    found = hypertext.blocks(_content(note), ref=ref, skip=_OWN_QUOTE if quotes else ())
    text, links = compose(hypertext.join([*_title(note), *found]))
    attached = note.get("attachment")
    items = objects(note, "attachment") or ([attached] if isinstance(attached, dict) else [])
    media = [medium for item in items if (medium := _medium(item))]
    return Post(
        number=0,
        text=text,
        id=word(note, "id"),
        url=_link(note),
        created_at=moment(word(note, "published")),
        edited_at=moment(word(note, "updated")),
        links=links,
        media=(*media, *(medium for block in found for medium in block.media)),
        quotes=quotes,
        content_warning="" if word(note, "type") == "Article" else hypertext.plain(word(note, "summary")),
        poll=_poll(note),
    )


def _content(note: Json) -> str:
    translations = object_at(note, "contentMap")
    return word(note, "content") or next((word(text) for text in translations.values() if word(text)), "")


def _title(note: Json) -> list[hypertext.Block]:
    name = tidy(word(note, "name"))
    return [hypertext.Block(kind="heading", words=[(name, "")])] if name else []


def _link(note: Json) -> str:
    """The page of a note: `url` may be an address, a Link, or a list of Links."""
    options = [note.get("url"), *objects(note, "url")]
    addresses = [word(option) or word(option, "href") for option in options]
    return next(filter(None, map(web_url, addresses)), web_url(word(note, "id")))


def _medium(item: Json) -> Media | None:
    """An attached file. In an archive its address is a path beside the outbox, and no address on the web."""
    kinds: dict[str, Literal["image", "video", "gif", "audio"]] = {
        "image": "image", "video": "video", "audio": "audio", "Image": "image", "Video": "video", "Audio": "audio",
    }  # fmt: skip
    sort = word(item, "mediaType").partition("/")[0] or word(item, "type")
    url = word(item, "url") or word(item, "href") or next((word(link, "href") for link in objects(item, "url")), "")
    if sort not in kinds and not re.search(r"\.(?:jpe?g|png|gif|webp|avif|mp4|webm|mp3|ogg)$", url):
        return None
    alt = tidy(word(item, "name") or word(item, "summary"))
    width, height = number(item, "width"), number(item, "height")
    file = "" if web_url(url) else local(url.lstrip("/"))
    return Media(kind=kinds.get(sort, "image"), url=web_url(url), alt=alt, width=width, height=height, file=file)


def _quotes(note: Json, *, ref: str) -> Iterator[Quote]:
    """The quoted post, by the address of its page where the words name it ("RE: …"), else by its id."""
    id_ = next(filter(None, (web_url(_id(note.get(name))) for name in _QUOTES)), "")
    if id_:
        said = _QUOTING.search(_content(note))
        pages = [url for block in hypertext.blocks(said[0], ref=ref) for _, url in block.words if url] if said else []
        yield Quote(text="", url=next(iter(pages), id_))


def _poll(note: Json) -> Poll | None:
    options = objects(note, "oneOf") or objects(note, "anyOf")
    choices = [
        Choice(text=tidy(word(option, "name")), votes=number(option, "replies", "totalItems")) for option in options
    ]
    return Poll(choices=tuple(choices)) if choices else None


def author(actor: Json, id_: str, *, page: str) -> Author:
    """The account; where only its address is known, the name in it and the host."""
    address = web_url(word(actor, "url") or id_ or page)
    parts = urlsplit(address)
    last = parts.path.rstrip("/").rpartition("/")[2].lstrip("@")
    user = word(actor, "preferredUsername") or ("" if last.isdecimal() and "/ap/" in parts.path else last)
    name = re.sub(r":[\w-]+:", "", word(actor, "name"))
    return Author(
        name=" ".join(tidy(name).split()),
        handle=f"@{user}@{parts.hostname}" if user and parts.hostname else "",
        url=address,
    )


def _doubts(document: object, nodes: Sequence[Node[Json]], posts: Sequence[Post]) -> Iterator[str]:
    if _id(nodes[0].thing.get("inReplyTo")):
        yield "The beginning of the thread is missing."
    if len(nodes) == 1:
        yield "It is a single post: its author did not answer it."
    if object_at(document).get("cut"):
        yield "The server gave only a part of this thread, and its end may be missing."
    homeless = sum(1 for post in posts for medium in post.media if not medium.url and medium.kind != "image")
    if homeless:
        yield f"{homeless} of its films lie in the archive and have no address on the web: only their words are kept."
