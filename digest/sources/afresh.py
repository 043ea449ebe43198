"""Looks at a thread's original again: how it lies there now, whether it is gone for certain, and which of its posts are.

An outage, a log-in wall or another page in its place are no sign that anybody deleted anything. It compares no words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from digest.errors import Gone, InputError, WebError
from digest.model import Original, Thread
from digest.sources import activitypub, bluesky, feeds, live, mastodon
from digest.sources.asking import ACTIVITY, JSON, home_of, json_at
from digest.sources.data import Json, object_at, objects, word
from digest.sources.raw import Raw, decode, pack
from digest.sources.web import Web, shown

_MOST = 60  # posts that are asked for one by one; where more are missing, something else is wrong
_AT_ONCE = 25  # of getPosts


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """What lies there now, None when the server says that it is unchanged. `certain`: each post that was known before and
    is not in it was asked for by itself, and is gone."""

    raw: Raw | None
    certain: bool = False


def look(thread: Thread, *, original: Original, web: Web, bluesky_api: str = live.BLUESKY) -> Fresh:
    """What lies where `thread` was read from. Raises Gone when it was taken back for certain, WebError or InputError when
    nobody can say what became of it."""
    place = _Place(thread=thread, original=original, web=web, api=bluesky_api)
    ask, is_gone = _WAYS.get(thread.source, (_page, _page_is_gone))
    try:
        return ask(place)
    except (WebError, InputError) as trouble:
        if not (isinstance(trouble, WebError) and trouble.temporary) and is_gone(place):
            what = "its author deleted it"
            raise Gone(what, where=original.address, then="DIGEST_DELETED says what becomes of it.") from trouble
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    thread: Thread
    original: Original
    web: Web
    api: str

    @property
    def address(self) -> str:
        """Of the thread's first post, whichever was named, where the same server has it."""
        home, named = self.thread.url, self.original.address
        is_post = self.thread.source in (mastodon.NAME, activitypub.NAME)
        return home if is_post and home_of(home) == home_of(named) else named

    @property
    def ids(self) -> list[str]:
        """Of the posts as they were known."""
        return [post.id for post in self.thread.posts]


# ── pages and feeds ───────────────────────────────────────────────────────────────────────────────


def _page(place: _Place) -> Fresh:
    """One answer, and none when it is the one that we have."""
    known = place.original
    if not (known.etag or known.modified):
        return Fresh(raw=_entry(place, live.fetch(place.address, web=place.web)))
    answer = place.web.get(place.address, etag=known.etag, modified=known.modified)
    if answer.unchanged:
        return Fresh(raw=None)
    raw = decode(answer.data, ref=shown(place.address))
    return Fresh(raw=_entry(place, replace(raw, address=place.address, etag=answer.etag, modified=answer.modified)))


def _entry(place: _Place, raw: Raw) -> Raw:
    """Of a feed, the entry that is this thread."""
    if place.thread.source != feeds.NAME or not feeds.owns(raw):
        return raw
    for part in feeds.split(raw).raws:
        if feeds.read(part).key == place.thread.key:
            return replace(part, address=raw.address, etag=raw.etag, modified=raw.modified)
    raise InputError("the feed does not hold it any more, as feeds forget what is old", where=place.address)


def _page_is_gone(place: _Place) -> bool:
    return _is_gone(place.address, web=place.web)


def _is_gone(url: str, *, web: Web, accept: str = "*/*") -> bool:
    """410, or 404 from a server that is well: one that lost its way says 404 to everything."""
    try:
        web.get(url, accept=accept)
    except WebError as error:
        _refuse_temporary(error)
        return error.status == 410 or (error.status == 404 and _stands(url, web=web))
    return False


def _stands(url: str, *, web: Web) -> bool:
    try:
        web.get(f"{home_of(url)}/")
    except (WebError, InputError):
        return False
    return True


def _refuse_temporary(error: WebError) -> None:
    if error.temporary:
        raise error


# ── Mastodon and its kin ──────────────────────────────────────────────────────────────────────────


def _status(place: _Place) -> Fresh:
    raw = live.fetch(place.address, web=place.web)
    at = word(raw.document, "at")
    if not at:
        raise InputError("something else than a post lies there", where=place.address)
    now = [post.id for post in mastodon.read(raw).posts]
    if now[0] != place.ids[0]:  # another server told it, and counts in its own way
        return Fresh(raw=raw)
    found = _asked(place, now, lambda id: _one_status(f"{at}/api/v1/statuses/{quote(id)}", web=place.web))
    hung = _hung(place.ids, now, {id: word(status, "in_reply_to_id") for id, status in found.items()})
    orphans = [{**status, "in_reply_to_id": hung[id]} for id, status in found.items()]
    document = mastodon.merged(object_at(raw.document), {"descendants": orphans}) if orphans else raw.document
    return Fresh(raw=_repacked(document, raw), certain=True)


def _one_status(url: str, *, web: Web) -> Json:
    """The status, {} when it is gone or for everybody no more."""
    try:
        status = object_at(json_at(url, web=web))
    except WebError as error:
        if _says_gone(error):
            return {}
        raise
    if not word(status, "id"):
        raise InputError("it answered with something else than a post", where=shown(url))
    return status if mastodon.is_open(status) else {}


def _says_gone(error: WebError) -> bool:
    """Whether the API itself says so: a page that says 404 may be anybody's."""
    own = error.words.lstrip().startswith("{") and '"error"' in error.words
    return error.status == 410 or (error.status == 404 and own)


def _status_is_gone(place: _Place) -> bool:
    """By the word of its server's API; seen from another server, its own has to say so too."""
    id = live.status_id(place.address)
    if not id:
        return _page_is_gone(place)
    try:
        place.web.get(f"{home_of(place.address)}/api/v1/statuses/{quote(id)}", accept=JSON)
        return False
    except WebError as error:
        _refuse_temporary(error)
        home = place.thread.url
        at_home = not home or home_of(home) == home_of(place.address)
        return _says_gone(error) and (at_home or _is_gone(home, web=place.web))


# ── ActivityPub ───────────────────────────────────────────────────────────────────────────────────


def _activity(place: _Place) -> Fresh:
    raw = live.fetch(place.address, web=place.web)
    if not activitypub.owns(raw):
        raise InputError("something else than a post lies there", where=place.address)
    now = [post.id for post in activitypub.read(raw).posts]
    found = _asked(place, now, lambda id: _one_note(id, web=place.web))
    hung = _hung(place.ids, now, {id: word(note, "inReplyTo") for id, note in found.items()})
    orphans = [{**note, "inReplyTo": hung[id]} for id, note in found.items()]
    document = object_at(raw.document)
    items = {"orderedItems": [*objects(document, "orderedItems"), *orphans]}
    return Fresh(raw=_repacked({**document, **items} if orphans else document, raw), certain=True)


def _one_note(uri: str, *, web: Web) -> Json:
    try:
        note = object_at(json_at(uri, web=web, accept=ACTIVITY))
    except WebError:
        if _is_gone(uri, web=web, accept=ACTIVITY):
            return {}
        raise
    if word(note, "type") == "Tombstone":
        return {}
    if not word(note, "id"):
        raise InputError("it answered with something else than a post", where=shown(uri))
    return note


def _note_is_gone(place: _Place) -> bool:
    """By its id in the Fediverse, which outlives every address of its page."""
    uri = place.thread.key.partition(":")[2]
    return uri.startswith(("https://", "http://")) and not _one_note(uri, web=place.web)


# ── Bluesky ───────────────────────────────────────────────────────────────────────────────────────


def _post(place: _Place) -> Fresh:
    """By its URI: a handle may be another's by now."""
    uri = place.thread.key.partition(":")[2]
    raw = replace(live.fetch(uri, web=place.web, bluesky_api=place.api), address=place.address)
    now = [post.id for post in bluesky.read(raw).posts]
    views = _views([id for id in place.ids if id not in now][:_MOST], place)
    found = _asked(place, now, lambda id: views.get(id, {}))
    hung = _hung(place.ids, now, {id: word(view, "record", "reply", "parent", "uri") for id, view in found.items()})
    orphans: list[Json] = [{"thread": {"post": _below(view, hung[id], root=now[0])}} for id, view in found.items()]
    threads = objects(raw.document, "threads") or [object_at(raw.document)]
    document = {"threads": [*threads, *orphans], "cut": bool(object_at(raw.document).get("cut"))}
    return Fresh(raw=_repacked(document if orphans else raw.document, raw), certain=True)


def _views(uris: Sequence[str], place: _Place) -> dict[str, Json]:
    """The posts among these that are still there (app.bsky.feed.getPosts leaves out all others)."""
    found: dict[str, Json] = {}
    for start in range(0, len(uris), _AT_ONCE):
        query = urlencode([("uris", uri) for uri in uris[start : start + _AT_ONCE]])
        url = f"{place.api}/xrpc/app.bsky.feed.getPosts?{query}"
        answer = json_at(url, web=place.web)
        if not isinstance(object_at(answer).get("posts"), list):
            raise InputError("it answered with something else than posts", where=shown(url))
        found |= {word(view, "uri"): view for view in objects(answer, "posts")}
    return found


def _below(view: Json, parent: str, *, root: str) -> Json:
    record = object_at(view, "record")
    reply = {"root": {"uri": root}, "parent": {"uri": parent}}
    return {**view, "record": {**record, "reply": reply}}


def _post_is_gone(place: _Place) -> bool:
    """The API says so of this very URI. One that it calls blocked is there."""
    uri = place.thread.key.partition(":")[2]
    url = f"{place.api}/xrpc/app.bsky.feed.getPostThread?{urlencode({'uri': uri, 'depth': 0, 'parentHeight': 0})}"
    try:
        answer = json_at(url, web=place.web)
    except WebError as error:
        _refuse_temporary(error)
        return error.status == 400 and '"NotFound"' in error.words
    return object_at(answer, "thread").get("notFound") is True


# ── posts that are missing ────────────────────────────────────────────────────────────────────────


def _asked(place: _Place, now: Sequence[str], ask: Callable[[str], Json]) -> dict[str, Json]:
    """The posts that the thread had and the answer has not, and that are there all the same: what hung on a deleted post is
    no part of the thread for its server, and still its author's."""
    missing = [id for id in place.ids if id not in now]
    if not all(missing) or len(missing) > _MOST:
        raise InputError(f"{len(missing)} of its posts are not shown any more", where=place.address)
    return {id: thing for id in missing if (thing := ask(id))}


def _hung(before: Iterable[str], now: Sequence[str], parents: Mapping[str, str]) -> dict[str, str]:
    """For each post that was found by itself, what it hangs on: what it answers, or the last before it that is left."""
    left, hung, last = {*now, *parents}, {}, now[0]
    for id in before:
        if id in parents:
            hung[id] = parents[id] if parents[id] in left else last
        last = id if id in left else last
    return hung


def _repacked(document: object, raw: Raw) -> Raw:
    if document is raw.document:
        return raw
    return replace(pack(document, ref=raw.ref, warnings=raw.warnings), address=raw.address)


_WAYS: Mapping[str, tuple[Callable[[_Place], Fresh], Callable[[_Place], bool]]] = {
    mastodon.NAME: (_status, _status_is_gone),
    activitypub.NAME: (_activity, _note_is_gone),
    bluesky.NAME: (_post, _post_is_gone),
}
