"""A thread as Mastodon's API tells it (a status and its context), also from servers that speak the same API.

It reads what was fetched (see `fediverse`) or saved, and asks nobody. Shapes: docs.joinmastodon.org/entities/Status.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal
from urllib.parse import urlsplit

from digest.errors import NotAThread, Unwilling
from digest.model import Author, Card, Choice, Media, Poll, Post, Quote, Thread
from digest.sources import chain, hypertext
from digest.sources.chain import Node
from digest.sources.data import Json, commonest, engagement, moment, number, object_at, objects, things, word
from digest.sources.doubts import doubted
from digest.sources.numbering import lost, renumber, uncount
from digest.sources.prose import compose, has_something, tidy, web_url
from digest.sources.raw import Bundle, Raw, pack

NAME = "mastodon"
_KINDS: dict[str, Literal["image", "video", "gif", "audio"]] = {
    "image": "image",
    "gifv": "gif",
    "video": "video",
    "audio": "audio",
}
_OPEN = {"public", "unlisted", "local", ""}
_LEAVE_ALONE = re.compile(r"#no(?:archive|bots?)\b", re.IGNORECASE)  # in a profile
_OWN_QUOTE = ("quote-inline", "reference-link-inline")  # stands in the text for those who cannot show the quote


def owns(raw: Raw) -> bool:
    """Whether it is a status, a context, both in one document, or a list of statuses."""
    return any(_is_status(status) for status in _statuses(raw.document)[:50])


def split(raw: Raw) -> Bundle:
    """A list of statuses (an account's, say) holds a thread for each of its chains; all else is one."""
    if not isinstance(raw.document, list):
        return Bundle(raws=(raw,))
    known = known_in(raw.document)
    found = chain.threads(known)
    left_out = _left_out(known, sum(map(len, found)), boosts=len(_statuses(raw.document)) - len(known))
    parts = [pack({"statuses": [node.thing for node in nodes]}, ref=raw.ref) for nodes in found]
    return Bundle(raws=tuple(parts) or (raw,), left_out=left_out)


def read(raw: Raw) -> Thread:
    """The author's own thread around the status. Raises NotAThread for private posts and for a list of which none goes on,
    Unwilling for an author whose profile says #noarchive or #nobot."""
    known = known_in(raw.document)
    focus = _focus(raw.document, known)
    if focus is None:
        then = "Save the status's page or its API answer."
        raise NotAThread("there is no public post in it", where=raw.ref, then=then)
    root = chain.root_of(focus, known)
    if tag := unwilling(word(root.thing, "account", "note")):
        what = f"its author asks not to be kept by programs ({tag})"
        raise Unwilling(what, where=raw.ref, then="Ask the author; it is not imported.")
    nodes = chain.thread(root, known)
    if isinstance(raw.document, list) and len(nodes) == 1 < len(known):
        what = f"it holds {len(known)} posts and no thread: nobody in it answered themselves"
        raise NotAThread(what, where=raw.ref, then="Import a thread by its own address.")
    posts = [post for node in nodes if has_something(post := _post(node.thing, ref=raw.ref))]
    if not posts:
        raise NotAThread("its posts are empty", where=raw.ref, then="Check the address.")
    last = nodes[-1].thing
    by = author(object_at(root.thing, "account"))
    more = number(last, "replies_count") > 0 and not any(node.parent == nodes[-1].id for node in known.values())
    thread = Thread(
        key=key(root.thing),
        source=NAME,
        posts=renumber(uncount(posts)),
        author=by,
        url=web_url(word(root.thing, "url") or word(root.thing, "uri")),
        lang=commonest(word(node.thing, "language") for node in nodes),
        created_at=root.at,
        engagement=engagement(root.thing, "favourites_count", "reblogs_count"),
        truncated=bool(lost(posts)) or bool(object_at(raw.document).get("cut")),
        warnings=(*_doubts(root, nodes, raw.document, more=more), *chain.forked(nodes)),
        dropped=_dropped(nodes, known),
    )
    return doubted(thread)


# ── which posts ───────────────────────────────────────────────────────────────────────────────────


def _is_status(status: Json) -> bool:
    return "content" in status and "account" in status and ("in_reply_to_id" in status or "uri" in status)


def _statuses(document: object) -> list[Json]:
    """Every status of the document, in no order. A boost is what stands around the status that was boosted."""
    if isinstance(document, list):
        return [status for status in document if isinstance(status, dict) and "account" in status]
    context = object_at(document, "context") or object_at(document)
    gathered = [*objects(context, "ancestors"), *objects(document, "statuses")]
    gathered += [object_at(document, "status") or object_at(document)]
    return [*gathered, *objects(context, "descendants")]


def known_in(document: object) -> dict[str, Node[Json]]:
    """Every status of the document that is for everybody, by its id; boosts are left out."""
    found = (status for status in _statuses(document) if _is_status(status) and not status.get("reblog"))
    return chain.unique(_node(status) for status in found if is_open(status))


def is_open(status: Json) -> bool:
    """Whether it is for everybody."""
    return word(status, "visibility") in _OPEN


def _node(status: Json) -> Node[Json]:
    return Node(
        id=word(status, "id"),
        author=word(status, "account", "id") or word(status, "account", "acct"),
        parent=word(status, "in_reply_to_id"),
        at=moment(word(status, "created_at")),
        thing=status,
    )


def _focus(document: object, known: dict[str, Node[Json]]) -> Node[Json] | None:
    """The status that was asked for; where only its surroundings were saved, the longest thread in them."""
    status = object_at(document, "status") or object_at(document)
    status = object_at(status, "reblog") or status
    if found := known.get(word(status, "id")):
        return found
    if _is_status(status):
        return _node(status) if is_open(status) else None
    return max(chain.every(known), key=len)[0] if known else None


def _left_out(known: dict[str, Node[Json]], kept: int, *, boosts: int) -> tuple[str, ...]:
    said = [f"{len(known) - kept} posts that are in no thread"] if len(known) > kept else []
    return (*said, f"{boosts} boosts and private posts") if boosts else tuple(said)


# ── one post ──────────────────────────────────────────────────────────────────────────────────────


def _post(status: Json, *, ref: str) -> Post:
    quotes = tuple(_quotes(status, ref=ref))
    skip = _OWN_QUOTE if quotes else ()
    found = hypertext.blocks(word(status, "content"), ref=ref, skip=skip)
    text, links = compose(hypertext.join(found))
    media = [_medium(item) for item in objects(status, "media_attachments")]
    return Post(
        number=0,
        text=text,
        id=word(status, "id"),
        url=web_url(word(status, "url") or word(status, "uri")),
        created_at=moment(word(status, "created_at")),
        edited_at=moment(word(status, "edited_at")),
        links=links,
        media=(*media, *(medium for block in found for medium in block.media)),
        quotes=quotes,
        card=_card(object_at(status, "card")) if not media and not quotes else None,
        content_warning=hypertext.plain(word(status, "spoiler_text"))
        or ("…" if status.get("sensitive") is True else ""),
        poll=_poll(object_at(status, "poll")),
    )


def _medium(item: Json) -> Media:
    kind = _KINDS.get(word(item, "type"), "image")
    url = web_url(word(item, "url")) or web_url(word(item, "remote_url"))
    size = object_at(item, "meta", "original") or object_at(item, "meta", "small")
    preview = web_url(word(item, "preview_url"))
    return Media(
        kind=kind,
        url=url,
        alt=tidy(word(item, "description")),
        poster=preview if kind != "image" and preview != url else "",
        width=number(size, "width"),
        height=number(size, "height"),
    )


def _quotes(status: Json, *, ref: str) -> Iterator[Quote]:
    """Mastodon 4.4 nests the quoted status one deeper than those who had quotes before it."""
    told = object_at(status, "quote")
    quoted = object_at(told, "quoted_status") or (told if _is_status(told) else object_at(status, "pleroma", "quote"))
    if quoted:
        text = compose(hypertext.join(hypertext.blocks(word(quoted, "content"), ref=ref, skip=_OWN_QUOTE)))[0]
        by = author(object_at(quoted, "account"))
        yield Quote(text=text, author=by, url=web_url(word(quoted, "url") or word(quoted, "uri")))


def _card(card: Json) -> Card | None:
    url, title = web_url(word(card, "url")), tidy(word(card, "title"))
    if not (url and title):
        return None
    site = word(card, "provider_name") or (urlsplit(url).hostname or "").removeprefix("www.")
    return Card(url=url, title=" ".join(title.split()), site=tidy(site))


def _poll(poll: Json) -> Poll | None:
    choices = [
        Choice(text=tidy(word(option, "title")), votes=_votes(option.get("votes_count")))
        for option in objects(poll, "options")
    ]
    return Poll(choices=tuple(choices)) if choices else None


def _votes(count: object) -> int | None:
    return count if isinstance(count, int) else None


def author(account: Json) -> Author:
    """The author, with the host in the handle: on the account's own server the API leaves it out."""
    url, acct = web_url(word(account, "url")), word(account, "acct") or word(account, "username")
    host = urlsplit(url).hostname or ""
    handle = acct if "@" in acct or not host else f"{acct}@{host}"
    return Author(name=_bare_name(account), handle=f"@{handle}" if handle else "", url=url)


def unwilling(profile: str) -> str:
    """The tag by which a profile (HTML or text) asks programs to leave its author alone, "" where there is none."""
    found = _LEAVE_ALONE.search(hypertext.plain(profile))
    return found[0] if found else ""


def _bare_name(account: Json) -> str:
    """The display name without the custom emoji in it, which only the server has pictures of."""
    name = word(account, "display_name")
    for emoji in objects(account, "emojis"):
        name = name.replace(f":{word(emoji, 'shortcode')}:", "")
    return " ".join(tidy(name).split())


# ── what is to be said ────────────────────────────────────────────────────────────────────────────


def _doubts(root: Node[Json], nodes: Sequence[Node[Json]], document: object, *, more: bool) -> Iterator[str]:
    if root.parent:
        yield "Its first post answers another post, which is not part of it."
    if len(nodes) == 1:
        yield "It is a single post: its author did not answer it."
    if object_at(document).get("cut"):
        yield "The server gave only a part of this thread, and its end may be missing."
    elif more and "context" not in object_at(document):
        yield "There are answers to the last post that were not saved: the thread may go on."
    for place, node in enumerate(nodes, start=1):
        state = word(node.thing, "quote", "state")
        if state and state != "accepted":
            yield f"Post {place} quotes a post that its author does not show ({state})."
        if any(word(item, "type") == "unknown" for item in objects(node.thing, "media_attachments")):
            yield f"Post {place} has a file of a kind that the server does not know."


def _dropped(nodes: Sequence[Node[Json]], known: dict[str, Node[Json]]) -> tuple[str, ...]:
    others = len(known) - len(nodes)
    said = [f"{others} answers that are not the author's thread"] if others > 1 else ["an answer by others"] * others
    names = {word(emoji, "shortcode") for node in nodes for emoji in objects(node.thing, "emojis")}
    used = [name for name in sorted(names) if name and any(f":{name}:" in word(n.thing, "content") for n in nodes)]
    if used:
        said.append(f"pictures of custom emoji ({', '.join(f':{name}:' for name in used[:5])})")
    return tuple(said)


def key(first: Json) -> str:
    """The key of the thread that begins with this status."""
    return f"activitypub:{word(first, 'uri') or word(first, 'url') or word(first, 'id')}"


def begins(document: object) -> bool:
    """Whether the thread's first post answers nobody."""
    known = known_in(document)
    focus = _focus(document, known)
    return focus is not None and not chain.root_of(focus, known).parent


def above(document: object) -> str:
    """The id of the post to ask for in the place of this one: the thread's first as far as it is known, or the post
    of the author's own that the first known one answers; "" when it is the first already."""
    known = known_in(document)
    focus = _focus(document, known)
    if focus is None:
        return ""
    root = chain.root_of(focus, known)
    own = word(root.thing, "in_reply_to_account_id") == word(root.thing, "account", "id") != ""
    return root.parent if root.parent and own else root.id if root.id != focus.id else ""


def unheard(document: object) -> str:
    """The id of the author's last post when there may be more below it than the server told; "" otherwise."""
    known = known_in(document)
    focus = _focus(document, known)
    if focus is None:
        return ""
    last = chain.thread(chain.root_of(focus, known), known)[-1]
    silent = not any(node.parent == last.id for node in known.values())
    full = len(things(document, "context", "descendants")) >= 40
    return last.id if (number(last.thing, "replies_count") > 0 and silent) or full else ""


def merged(document: Json, context: Json) -> Json:
    """The document with a further context in it, that was asked for below its last post."""
    parts = [object_at(document, "context"), context]
    around = {
        name: [status for part in parts for status in objects(part, name)] for name in ("ancestors", "descendants")
    }
    return {**document, "context": around}
