"""What an account wrote lately: its newest posts, put together to threads as far as they stand on the list. It fetches no
whole thread unasked, and remembers nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from digest.model import Author
from digest.sources import activitypub, authors, bluesky, bluesky_post, chain, feeds, live, mastodon
from digest.sources.asking import ACTIVITY, JSON, document, home_of, json_at, page_of, xrpc, xrpc_answer
from digest.sources.authors import Account
from digest.sources.chain import Node
from digest.sources.data import Json, moment, object_at, objects, things, word
from digest.sources.live import BLUESKY
from digest.sources.raw import Raw
from digest.sources.web import Answer, Web

_PAGES = 25  # of a list that are asked for at one look
_FEED = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """A thread as a list shows it. `key` is that of the thread, "" where its beginning is not on the list; `posts` how
    many of it there are, None where only the whole thread can tell; `raw` the thread itself where the list holds it,
    else `ref` is its address. `first_at` and `last_at` are when its first and last post on the list were written, None
    for an entry of a feed that says no date."""

    key: str
    posts: int | None
    first_at: datetime | None
    last_at: datetime | None
    ref: str = ""
    raw: Raw | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a list showed. `newest` is when its last post was written, of a talk too. `unchanged`: nothing since the look that gave the `etag` and `modified`; `cut`: there was more
    than anybody would read, and the oldest was left."""

    author: Author
    glimpses: tuple[Glimpse, ...] = ()
    newest: datetime | None = None
    etag: str = ""
    modified: str = ""
    unchanged: bool = False
    cut: bool = False


def look(
    account: Account, *, web: Web, after: datetime, etag: str = "", modified: str = "", bluesky_api: str = BLUESKY
) -> Look:
    """What the account wrote, at least as far back as `after`. Raises WebError, Moved, Unwilling, and InputError when
    something else came than a list."""
    since = _Since(at=after, etag=etag, modified=modified)
    match account.kind:
        case "mastodon":
            return _mastodon(account, since, web=web)
        case "bluesky":
            return _bluesky(account, since, web=web, api=bluesky_api)
        case "activitypub":
            return _outbox(account, since, web=web)
        case "feed":
            return _feed(account, since, web=web)


def whole(glimpse: Glimpse, *, web: Web, bluesky_api: str = BLUESKY) -> Raw | None:
    """The thread of a glimpse; None when it turns out to be a talk, which begins as an answer to somebody else."""
    if glimpse.raw:
        return glimpse.raw
    raw = live.fetch(glimpse.ref, web=web, bluesky_api=bluesky_api)
    begins = bluesky.begins if bluesky.owns(raw) else mastodon.begins if mastodon.owns(raw) else None
    return raw if begins is None or begins(raw.document) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Since:
    """How far back to look, and what the server's last answer was known by."""

    at: datetime
    etag: str
    modified: str

    def reached(self, times: Sequence[datetime | None]) -> bool:
        """Whether posts of these times lie far enough back, the oldest of them at least."""
        known = [time for time in times if time]
        return bool(known) and min(known) <= self.at


def _looked(
    answer: Answer,
    author: Author,
    glimpses: Iterable[Glimpse | None],
    *,
    times: Iterable[datetime | None],
    pages: int = 1,
) -> Look:
    return Look(
        author=author,
        glimpses=tuple(one for one in glimpses if one),
        newest=max((time for time in times if time), default=None),
        etag=answer.etag,
        modified=answer.modified,
        cut=pages == _PAGES,
    )


def _unchanged(author: Author, since: _Since) -> Look:
    return Look(author=author, etag=since.etag, modified=since.modified, unchanged=True)


def _span(nodes: Sequence[Node[Json]]) -> tuple[datetime | None, datetime | None]:
    times = [node.at for node in nodes if node.at]
    return min(times, default=None), max(times, default=None)


# ── Mastodon and its kin ──────────────────────────────────────────────────────────────────────────


def _mastodon(account: Account, since: _Since, *, web: Web) -> Look:
    """All posts but boosts: what `exclude_replies` leaves of a thread differs from server to server."""
    told = authors.mastodon_profile(account.address, web=web)
    by, id_ = mastodon.author(told), word(told, "id")
    query = urlencode({"limit": 40, "exclude_reblogs": "true"})
    url = f"{home_of(account.address)}/api/v1/accounts/{id_}/statuses?{query}"
    answer = web.get(url, accept=JSON, etag=since.etag, modified=since.modified)
    if answer.unchanged:
        return _unchanged(by, since)
    statuses = [status for status in things(document(answer, ref=url)) if isinstance(status, dict)]
    page, pages, ends = statuses, 1, set[str]()
    while page and pages < _PAGES and not since.reached([moment(word(one, "created_at")) for one in page]):
        if (end := word(page[-1], "id")) in ends:
            break  # it gives the same page again and again
        ends.add(end)
        page = objects(json_at(f"{url}&{urlencode({'max_id': end})}", web=web))
        statuses, pages = [*statuses, *page], pages + 1
    known = mastodon.known_in(statuses)
    found = [_status_thread(nodes, id_, at=account.address) for nodes in chain.every(known)]
    return _looked(answer, by, found, times=[node.at for node in known.values()], pages=pages)


def _status_thread(nodes: Sequence[Node[Json]], account: str, *, at: str) -> Glimpse | None:
    """A chain of posts as a glimpse; None for a talk with others."""
    root = nodes[0]
    if root.parent and word(root.thing, "in_reply_to_account_id") != account:
        return None
    first, last = _span(nodes)
    key, posts = ("", None) if root.parent else (mastodon.key(root.thing), len(nodes))
    return Glimpse(key=key, posts=posts, first_at=first, last_at=last, ref=f"{at}/{root.id}")


# ── Bluesky ───────────────────────────────────────────────────────────────────────────────────────


def _bluesky(account: Account, since: _Since, *, web: Web, api: str) -> Look:
    by = bluesky_post.author(authors.bluesky_profile(account.address, web=web, api=api))
    query = {"actor": account.address, "limit": "100", "filter": "posts_and_author_threads"}
    url = f"{api}/xrpc/app.bsky.feed.getAuthorFeed?{urlencode(query)}"
    answer = xrpc_answer(url, web=web, etag=since.etag, modified=since.modified)
    if answer.unchanged:
        return _unchanged(by, since)
    page, pages, cursors = object_at(document(answer, ref=url)), 1, set[str]()
    posts = _own_posts(page, account.address)
    while (cursor := word(page, "cursor")) and pages < _PAGES and not since.reached([node.at for node in posts]):
        if cursor in cursors:
            break
        cursors.add(cursor)
        page = object_at(xrpc(f"{url}&{urlencode({'cursor': cursor})}", web=web))
        posts, pages = [*posts, *_own_posts(page, account.address)], pages + 1
    found = [_post_thread(nodes, account.address) for nodes in chain.every(chain.unique(posts))]
    return _looked(answer, by, found, times=[node.at for node in posts], pages=pages)


def _own_posts(page: Json, did: str) -> list[Node[Json]]:
    """Without what they repost or have pinned. A post cannot be later than the service first saw it, whatever it says."""
    views = [object_at(item, "post") for item in objects(page, "feed") if not item.get("reason")]
    nodes = [bluesky.node(view) for view in views if word(view, "author", "did") == did]
    return [_seen_by(node, moment(word(node.thing, "indexedAt"))) for node in nodes]


def _seen_by(node: Node[Json], indexed: datetime | None) -> Node[Json]:
    at = min(filter(None, (node.at, indexed)), default=None)
    return Node(id=node.id, author=node.author, parent=node.parent, at=at, thing=node.thing)


def _post_thread(nodes: Sequence[Node[Json]], did: str) -> Glimpse | None:
    root = nodes[0]
    above = word(root.thing, "record", "reply", "root", "uri")
    if root.parent and {bluesky_post.repository(uri) for uri in (root.parent, above)} != {did}:
        return None
    first, last = _span(nodes)
    key, posts = (f"bluesky:{above}", None) if root.parent else (f"bluesky:{root.id}", len(nodes))
    return Glimpse(key=key, posts=posts, first_at=first, last_at=last, ref=above or root.id)


# ── ActivityPub ───────────────────────────────────────────────────────────────────────────────────


def _outbox(account: Account, since: _Since, *, web: Web) -> Look:
    """The outbox, page by page. It holds whole posts, and so whole threads as far as they begin on it."""
    actor = authors.actor(account.address, web=web)
    by = activitypub.author(actor, account.address, page="")
    url = word(actor, "outbox") or account.address
    answer = web.get(url, accept=ACTIVITY, etag=since.etag, modified=since.modified)
    if answer.unchanged:
        return _unchanged(by, since)
    page, pages, items, nexts = object_at(document(answer, ref=url)), 0, list[object](), set[str]()
    if page.get("first"):
        page = _further(page.get("first"), web=web)
    while page and pages < _PAGES:
        some = activitypub.items(page)
        items, pages = [*items, *some], pages + 1
        further = word(page, "next")
        if not some or further in nexts or since.reached([activitypub.written(item) for item in some]):
            break
        nexts.add(further)
        page = _further(page.get("next"), web=web)
    whose = word(actor, "id") or account.address
    found = _note_threads(items, actor, whose=whose, ref=url)
    return _looked(answer, by, found, times=[activitypub.written(item) for item in items], pages=pages)


def _further(page: object, *, web: Web) -> Json:
    return object_at(json_at(page, web=web, accept=ACTIVITY)) if isinstance(page, str) else object_at(page)


def _note_threads(items: list[object], actor: Json, *, whose: str, ref: str) -> Iterator[Glimpse]:
    """An outbox could hold what it says that others wrote: only posts of the account's own server are believed."""
    for nodes in activitypub.chains(items):
        root, (first, last) = nodes[0], _span(nodes)
        if home_of(root.id) != home_of(whose) or (actor and root.author != whose):
            continue
        if root.parent:
            yield Glimpse(key="", posts=None, first_at=first, last_at=last, ref=root.id)
        else:
            raw = live.traced(activitypub.packed(nodes, actor, ref=ref), root.id)
            yield Glimpse(key=activitypub.key(root.id), posts=len(nodes), first_at=first, last_at=last, raw=raw)


# ── feeds ─────────────────────────────────────────────────────────────────────────────────────────


def _feed(account: Account, since: _Since, *, web: Web) -> Look:
    """Every entry that the feed holds: what is new among them, their dates alone cannot tell."""
    answer = web.get(account.address, accept=_FEED, etag=since.etag, modified=since.modified)
    if answer.unchanged:
        return _unchanged(account.author, since)
    raw = page_of(answer, ref=account.address)
    parts = feeds.split(raw).raws
    found = [_entry(live.traced(part, account.address)) for part in parts]
    return _looked(answer, feeds.publisher(raw), found, times=[one.last_at for one in found])


def _entry(raw: Raw) -> Glimpse:
    key, at = feeds.glance(raw)
    return Glimpse(key=key, posts=None, first_at=at, last_at=at, raw=raw)
