"""Fetches a thread by its address: asks the service's own API, all of it, and packs the answers for the reader of that shape.

It knows where things lie and when an answer was cut; what they say is read elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote, urlencode, urljoin, urlsplit

from digest.errors import InputError, NotAThread, WebError
from digest.sources import activitypub, bluesky, mastodon
from digest.sources.asking import ACTIVITY, PAGE, home_of, json_at, optional, or_else, page_of, xrpc
from digest.sources.data import Json, object_at, things, word
from digest.sources.raw import Raw, pack
from digest.sources.web import Web, shown

BLUESKY = "https://public.api.bsky.app"
_ROUNDS = 60  # answers that are asked for beyond the first, for a thread that one answer does not hold
# getPostThread goes 1000 levels deep, and 6 when nobody asks; of these few one answer is nested no deeper than any
# JSON reader follows, and the rest is asked for.
_DEPTH = 200

_AT_POST = re.compile(r"at://([^/\s]+)/app\.bsky\.feed\.post/([^/?#\s]+)/?")
_BSKY_POST = re.compile(r"/profile/([^/]+)/post/([^/?#]+)/?")
_X_POST = re.compile(r"/(?:\w{1,30}|i/web)/status(?:es)?/(\d+)")
_X_HOSTS = frozenset(["x.com", "twitter.com", "mobile.twitter.com", "mobile.x.com"])
# The forms of addresses of Mastodon and its kin: /@ada/1, /@ada@example.org/1, /users/ada/statuses/1,
# /web/statuses/1, /notice/A1 (Pleroma), /@ada/statuses/01H (GoToSocial). The id is the last part of each.
_STATUS = re.compile(
    r"(?:/web|/deck)?/(?:@[^/]+/(?:statuses/|posts/)?|users/[^/]+/statuses/|statuses/|notice/|ap/users/\d+/statuses/)([0-9A-Za-z-]+)/?"
)
_NOTE = re.compile(r"/(?:notes|objects|notice|p/[^/]+|@[^/]+|users/[^/]+)/.+|/activities/.+")


def is_address(ref: str) -> bool:
    """Whether REF names something on the web, and no file."""
    return re.match(r"(?:https?|at)://", ref, re.IGNORECASE) is not None


def fetch(ref: str, *, web: Web, bluesky_api: str = BLUESKY) -> Raw:
    """What lies at the address `ref`, whole. Raises WebError, and InputError for what nobody can fetch."""
    return traced(_fetch(ref, web=web, bluesky_api=bluesky_api), ref)


def traced(raw: Raw, ref: str) -> Raw:
    """What was fetched, with the address where it can be looked at again: none that cannot be said aloud is kept."""
    return replace(raw, address=ref.strip() if shown(ref) == ref.strip() else "")


def _fetch(ref: str, *, web: Web, bluesky_api: str) -> Raw:
    if ref.lower().startswith("at://"):
        return _bluesky(ref, web=web, api=bluesky_api)
    refuse_x(ref)
    parts = urlsplit(ref)
    if (parts.hostname or "").removeprefix("www.") == "bsky.app":
        return _bluesky(ref, web=web, api=bluesky_api)
    if found := _STATUS.fullmatch(parts.path):
        return _status(ref, found[1], web=web)
    return _activity(ref, web=web) if _NOTE.fullmatch(parts.path) else _page(ref, web=web)


def status_id(ref: str) -> str:
    """The id in the address of a post of Mastodon or its kin, "" in any other address."""
    found = _STATUS.fullmatch(urlsplit(ref).path)
    return found[1] if found else ""


def refuse_x(ref: str) -> None:
    """Raises InputError for an address of X."""
    parts = urlsplit(ref)
    if (parts.hostname or "").removeprefix("www.") not in _X_HOSTS:
        return
    found = _X_POST.match(parts.path)
    elsewhere = f"https://threadreaderapp.com/thread/{found[1]}.html" if found else "threadreaderapp.com"
    then = f"Try {elsewhere}, or save the thread and import the file, or your own X archive."
    raise InputError("X shows threads only to people who are logged in", where=shown(ref), then=then)


# ── any page ──────────────────────────────────────────────────────────────────────────────────────


def _page(ref: str, *, web: Web) -> Raw:
    """The page as it is; where it says that it is a post of the Fediverse, that post with its thread."""
    answer = web.get(ref, accept=PAGE)
    raw = replace(page_of(answer, ref=ref), etag=answer.etag, modified=answer.modified)
    alternate = re.search(r"<link[^>]{0,300}application/activity\+json[^>]{0,300}>", raw.text[:200_000], re.IGNORECASE)
    href = re.search(r"href=[\"']([^\"']{1,2000})", alternate[0]) if alternate else None
    if href is None:
        return raw
    return or_else(lambda: _activity(urljoin(answer.url, href[1]), web=web), lambda: raw)


# ── Mastodon and its kin ──────────────────────────────────────────────────────────────────────────


def _status(ref: str, id_: str, *, web: Web) -> Raw:
    """By Mastodon's API; on servers that do not speak it to strangers, by ActivityPub; else the page itself."""
    return or_else(
        lambda: _by_api(ref, id_, web=web),
        lambda: or_else(lambda: _activity(ref, web=web), lambda: _page(ref, web=web)),
    )


def _by_api(ref: str, id_: str, *, web: Web) -> Raw:
    base = home_of(ref)
    status = object_at(json_at(f"{base}/api/v1/statuses/{quote(id_)}", web=web))
    if not word(status, "id"):
        raise InputError("it answered with something else than a post", where=shown(ref), then="Check the address.")
    status = object_at(status, "reblog") or status
    home = urlsplit(word(status, "url"))
    if home.hostname and home.hostname != urlsplit(ref).hostname and (found := _STATUS.fullmatch(home.path)):
        return or_else(
            lambda: _by_api(word(status, "url"), found[1], web=web), lambda: _whole(status, base, ref=ref, web=web)
        )
    return _whole(status, base, ref=ref, web=web)


def _whole(status: Json, base: str, *, ref: str, web: Web) -> Raw:
    """The thread's first status with its context; asked again below the last post for as long as more may be there."""

    def context(of: str) -> Json:
        return object_at(json_at(f"{base}/api/v1/statuses/{quote(of)}/context", web=web))

    document: Json = {"at": base, "status": status, "context": context(word(status, "id"))}
    asked = {word(status, "id")}
    while (top := mastodon.above(document)) and top not in asked and len(asked) < _ROUNDS:
        asked.add(top)
        first = object_at(optional(f"{base}/api/v1/statuses/{quote(top)}", web=web))
        if not first:
            break
        document = {"at": base, "status": first, "context": context(top)}
    for _ in range(_ROUNDS):
        last = mastodon.unheard(document)
        if not last or last in asked:
            return pack(document, ref=shown(ref))
        asked.add(last)
        document = mastodon.merged(document, context(last))
    return pack({**document, "cut": True}, ref=shown(ref))


def _activity(ref: str, *, web: Web) -> Raw:
    """A note and its author's answers to it, by the collections of replies that it names (ActivityPub)."""
    note = _note_at(ref, web=web)
    author = word(note, "attributedTo") or word(note, "attributedTo", 0)
    above = _above(note, author, web=web)
    notes, waiting, cut = [*above, note], [note], False
    seen = {word(item, "id") for item in notes}
    while waiting:
        for uri in _replies(waiting.pop(), web=web):
            if uri in seen or urlsplit(uri).hostname != urlsplit(author).hostname:
                continue
            seen.add(uri)
            cut = len(seen) > _ROUNDS
            answer = {} if cut else object_at(optional(uri, web=web))
            if word(answer, "attributedTo") == author:
                notes.append(answer)
                waiting.append(answer)
    actor = object_at(optional(author, web=web))
    return pack(
        {"type": "OrderedCollection", "actor": actor, "orderedItems": _rooted(notes), "cut": cut}, ref=shown(ref)
    )


def _rooted(notes: list[Json]) -> list[Json]:
    """The first of the author's notes stands for the beginning, whatever it answers."""
    return [{**notes[0], "inReplyTo": None}, *notes[1:]] if notes else []


def _note_at(ref: str, *, web: Web) -> Json:
    document = object_at(json_at(ref, web=web, accept=ACTIVITY))
    note = object_at(document, "object") if word(document, "type") == "Create" else document
    if not activitypub.owns(pack(note, ref=ref)):
        raise InputError("it answered with something else than a post", where=shown(ref), then="Check the address.")
    return note


def _above(note: Json, author: str, *, web: Web) -> list[Json]:
    """The author's own posts above this one, the first first."""
    found: list[Json] = []
    while (uri := word(note, "inReplyTo")) and len(found) < _ROUNDS:
        note = object_at(optional(uri, web=web))
        if word(note, "attributedTo") != author or any(word(item, "id") == uri for item in found):
            break
        found.append(note)
    return found[::-1]


def _replies(note: Json, *, web: Web) -> list[str]:
    """The addresses of the first page of answers: where servers put the author's own."""
    replies = note.get("replies")
    collection = object_at(optional(replies, web=web)) if isinstance(replies, str) else object_at(replies)
    first = collection.get("first") or collection
    page = object_at(optional(first, web=web)) if isinstance(first, str) else object_at(first)
    if not (things(page, "items") or things(page, "orderedItems")) and word(page, "next"):
        page = object_at(optional(word(page, "next"), web=web))
    items = [*things(page, "items"), *things(page, "orderedItems")]
    return [uri for item in items if (uri := word(item) or word(item, "id"))]


# ── Bluesky ───────────────────────────────────────────────────────────────────────────────────────


def _bluesky(ref: str, *, web: Web, api: str) -> Raw:
    found = _AT_POST.fullmatch(ref) or _BSKY_POST.fullmatch(urlsplit(ref).path)
    if found is None:
        then = "A post's address is bsky.app/profile/NAME/post/KEY."
        raise NotAThread("this is not the address of a post", where=shown(ref), then=then)
    who, key = found.groups()
    uri = f"at://{who if who.startswith('did:') else _did(who, web=web, api=api)}/app.bsky.feed.post/{key}"
    answer = _thread(uri, web=web, api=api)
    asked = {uri}
    while (top := bluesky.above(answer)) and top not in asked and len(asked) < _ROUNDS:
        asked.add(top)
        try:
            answer = _thread(top, web=web, api=api)
        except WebError as error:  # the first post is gone; what hangs below it is still a thread
            if error.temporary:
                raise
            break
    return _followed([answer], asked, ref=ref, web=web, api=api)


def _followed(answers: list[object], asked: set[str], *, ref: str, web: Web, api: str) -> Raw:
    """Asked again below the last post for as long as there are answers that were not delivered."""
    for _ in range(_ROUNDS):
        last = bluesky.unheard({"threads": answers})
        if not last or last in asked:
            return bluesky.merged(answers, ref=shown(ref), cut=False)
        asked.add(last)
        answers.append(_thread(last, web=web, api=api))
    return bluesky.merged(answers, ref=shown(ref), cut=True)


def _thread(uri: str, *, web: Web, api: str) -> object:
    query = urlencode({"uri": uri, "depth": _DEPTH, "parentHeight": _DEPTH})
    return xrpc(f"{api}/xrpc/app.bsky.feed.getPostThread?{query}", web=web)


def _did(handle: str, *, web: Web, api: str) -> str:
    query = urlencode({"handle": handle.lstrip("@")})
    return word(xrpc(f"{api}/xrpc/com.atproto.identity.resolveHandle?{query}", web=web), "did")
