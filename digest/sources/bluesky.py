"""Threads as Bluesky's API tells them: one (app.bsky.feed.getPostThread), or those in a feed, a search, an account's records.

It reads what was fetched (see `live`) or saved, and asks nobody. Shapes: the lexicons app.bsky.feed.*, app.bsky.embed.*
and com.atproto.repo.listRecords, docs.bsky.app.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from digest.errors import NotAThread, Unwilling
from digest.model import Thread
from digest.sources import bluesky_post, chain
from digest.sources.chain import Node
from digest.sources.data import (
    Json,
    commonest,
    engagement,
    moment,
    number,
    object_at,
    objects,
    parse,
    things,
    walk,
    word,
)
from digest.sources.doubts import doubted
from digest.sources.numbering import lost, renumber, uncount
from digest.sources.prose import has_something
from digest.sources.raw import Bundle, Raw, pack

NAME = "bluesky"
_OF_ONE = ("thread", "threads", "post", "uri")  # what an answer about one post begins with
_SNAKE = re.compile(r'(?<!\\)"([a-z]+(?:_[a-z]+)+)"(?=\s*:)')


def owns(raw: Raw) -> bool:
    """Whether posts of Bluesky stand in it."""
    if not isinstance(raw.document, (dict, list)) or "app.bsky." not in raw.text:
        return False
    return any(_view(found) or _is_gone(found) for found in walk(_plain(raw).document))


def split(raw: Raw) -> Bundle:
    """A feed, a list of posts or an account's records hold a thread for each of their chains; all else is one."""
    raw = _plain(raw)
    if not _is_list(raw.document):
        return Bundle(raws=(raw,))
    known = known_in(raw.document)
    writers = {object_at(item, "post", "author").get("did") for item in objects(raw.document, "feed")}
    found = [nodes for nodes in chain.every(known) if len(nodes) > 1 and _is_told(nodes[0], writers)]
    alone = len(known) - sum(map(len, found))
    parts = [pack({"posts": [node.thing for node in nodes]}, ref=raw.ref) for nodes in found]
    return Bundle(
        raws=tuple(parts) or (raw,), left_out=(f"{alone} posts that are in no thread",) if alone and parts else ()
    )


def _is_told(root: Node[Json], writers: set[object]) -> bool:
    """Whether a chain in a list is a thread and no part of a talk: of others, a feed shows only what was answered."""
    own = not root.parent or bluesky_post.repository(root.parent) == root.author
    return own and (not writers or root.author in writers)


def read(raw: Raw) -> Thread:
    """The author's own thread around the post. Raises Unwilling for one that its author shows to nobody outside, NotAThread
    for posts of which none goes on."""
    raw = _plain(raw)
    known, gone = known_in(raw.document), _gone(raw.document)
    focus = _focus(raw.document, known)
    if focus is None:
        what = "the post is gone, or its author blocks who is not logged in" if gone else "there is no post in it"
        raise NotAThread(what, where=raw.ref, then="Check the address.")
    root = chain.root_of(focus, known)
    view = object_at(root.thing, "author")
    if "!no-unauthenticated" in bluesky_post.labels(view):
        what = "its author wants to be read only by people who are logged in to Bluesky"
        raise Unwilling(what, where=raw.ref, then="Ask the author; it is not imported.")
    nodes = chain.thread(root, known)
    if _is_list(raw.document) and len(nodes) == 1 < len(known):
        what = f"it holds {len(known)} posts and no thread: nobody in it answered themselves"
        raise NotAThread(what, where=raw.ref, then="Import a thread by its own address.")
    shown = [node for node in nodes if not bluesky_post.HIDDEN.intersection(bluesky_post.labels(node.thing))]
    posts = [post for node in shown if has_something(post := bluesky_post.read_post(node.thing))]
    if not posts:
        raise NotAThread("none of its posts can be shown", where=raw.ref, then="Check the address.")
    missing = [uri for uri in gone if bluesky_post.repository(uri) == root.author]
    thread = Thread(
        key=f"bluesky:{root.id}",
        source=NAME,
        posts=renumber(uncount(posts)),
        author=bluesky_post.author(view),
        url=bluesky_post.page(root.id, view),
        lang=commonest(word(tag) for node in nodes for tag in things(node.thing, "record", "langs")),
        created_at=root.at,
        engagement=engagement(root.thing, "likeCount", "repostCount"),
        truncated=bool(lost(posts) or missing or object_at(raw.document).get("cut")),
        warnings=(
            *_doubts(raw, root, nodes, missing=missing, hidden=len(nodes) - len(shown)),
            *chain.forked(nodes),
        ),
        dropped=_dropped(nodes, known),
    )
    return doubted(thread)


def _plain(raw: Raw) -> Raw:
    """The answer under the API's own names: the Python SDK (atproto) writes `created_at`, and `py_type` for `$type`."""
    if '"py_type"' not in raw.text:
        return raw
    text = _SNAKE.sub(lambda found: f'"{_camel(found[1])}"', raw.text)
    return replace(raw, text=text, document=parse(text, ref=raw.ref))


def _camel(name: str) -> str:
    first, *more = name.split("_")
    return "$type" if name == "py_type" else first + "".join(map(str.capitalize, more))


# ── which posts ───────────────────────────────────────────────────────────────────────────────────


def _view(found: Json) -> Json:
    """A post as the API shows it, {} for anything else. A quoted post has `value` in the place of `record`, and is none of
    the thread's; so has one of an account's records, which names no author beside it."""
    uri = word(found, "uri")
    if uri.startswith("at://") and "did" in object_at(found, "author") and "record" in found:
        return found
    if "author" not in found and word(found, "value", "$type") == "app.bsky.feed.post" and uri:
        return {**found, "record": found["value"], "author": {"did": bluesky_post.repository(uri)}}
    return {}


def _is_list(document: object) -> bool:
    return isinstance(document, list) or not any(name in object_at(document) for name in _OF_ONE)


def known_in(document: object) -> dict[str, Node[Json]]:
    """Every post of the document, by its address."""
    return chain.unique(node(view) for found in walk(document) if (view := _view(found)))


def _is_gone(found: Json) -> bool:
    return found.get("notFound") is True or found.get("blocked") is True


def node(view: Json) -> Node[Json]:
    """A post as the API shows it, as far as the thread goes."""
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


# ── what is to be said ────────────────────────────────────────────────────────────────────────────


def _doubts(
    raw: Raw, root: Node[Json], nodes: Sequence[Node[Json]], *, missing: Sequence[str], hidden: int
) -> Iterator[str]:
    if root.parent and bluesky_post.repository(root.parent) == root.author:
        yield "The beginning of the thread is missing."
    elif root.parent:
        yield "Its first post answers another post, which is not part of it."
    if len(nodes) == 1:
        yield "It is a single post: its author did not answer it."
    if missing:
        yield f"{len(missing)} of the author's posts are deleted or blocked, and what hung on them is missing."
    if hidden:
        yield f"{hidden} posts were hidden by Bluesky's moderators and left out."
    if object_at(raw.document).get("cut"):
        yield "The server gave only a part of this thread, and its end may be missing."
    elif not raw.address and object_at(raw.document, "thread") and unheard(raw.document):
        yield "There are answers to the last post that were not saved: the thread may go on."
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


def begins(document: object) -> bool:
    """Whether the thread's first post answers nobody."""
    known = known_in(document)
    focus = _focus(document, known)
    return focus is not None and not chain.root_of(focus, known).parent


def above(document: object) -> str:
    """The address of the author's post to ask for in the place of this one: the thread's first; "" when this is it."""
    known = known_in(document)
    focus = _focus(document, known)
    if focus is None:
        return ""
    root = chain.root_of(focus, known)
    first = word(root.thing, "record", "reply", "root", "uri")
    if root.parent and bluesky_post.repository(root.parent) == root.author:
        return first if bluesky_post.repository(first) == root.author else root.parent
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
