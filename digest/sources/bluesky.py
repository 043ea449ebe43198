"""A thread as Bluesky's API tells it (app.bsky.feed.getPostThread), old answers and new ones.

It reads what was fetched (see `live`) or saved, and asks nobody. Shapes: the lexicons app.bsky.feed.* and
app.bsky.embed.*, docs.bsky.app.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from digest.errors import NotAThread, Unwilling
from digest.model import Thread
from digest.sources import bluesky_post, chain
from digest.sources.chain import Node
from digest.sources.data import Json, commonest, engagement, moment, number, object_at, objects, things, walk, word
from digest.sources.doubts import doubted
from digest.sources.numbering import lost, renumber, uncount
from digest.sources.prose import has_something
from digest.sources.raw import Raw, pack

NAME = "bluesky"


def owns(raw: Raw) -> bool:
    """Whether posts of Bluesky stand in it."""
    if not isinstance(raw.document, (dict, list)) or "app.bsky." not in raw.text:
        return False
    return any(_is_view(found) or _is_gone(found) for found in walk(raw.document))


def read(raw: Raw) -> Thread:
    """The author's own thread around the post. Raises Unwilling for one that its author shows to nobody outside."""
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
    return chain.unique(node(found) for found in walk(document) if _is_view(found))


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
    document: object, root: Node[Json], nodes: Sequence[Node[Json]], *, missing: Sequence[str], hidden: int
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
