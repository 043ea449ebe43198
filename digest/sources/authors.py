"""Finds out who is meant by a handle, a profile's address or a feed, and asks their server who they are today. It looks
at none of their posts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode, urljoin, urlsplit

from digest.errors import InputError, Moved, Unwilling, WebError
from digest.model import Author
from digest.sources import activitypub, bluesky_post, feeds, hypertext, mastodon
from digest.sources.asking import ACTIVITY, PAGE, home_of, json_at, or_else, page_of, xrpc
from digest.sources.data import Json, object_at, objects, things, word
from digest.sources.live import BLUESKY, is_address, refuse_x
from digest.sources.raw import Raw
from digest.sources.web import Web, shown

Kind = Literal["mastodon", "bluesky", "activitypub", "feed"]
_JRD = "application/jrd+json, application/json"
_ACCOUNT = re.compile(r"(?:acct:)?@?([\w.-]+)@([\w.-]+(?::\d+)?)")
_BLUESKY = re.compile(r"(?:at://|https?://(?:www\.)?bsky\.app/profile/)([^/?#\s]+)/?")
_NAME = re.compile(r"@?((?:[\w-]+\.)+[A-Za-z][\w-]*)")
_PROFILE = re.compile(r"(?:/web|/deck)?/(?:@|users/)([\w.-]+)(?:@([\w.-]+))?/?(?:with_replies/?)?")
_LINK = re.compile(r"<link\b[^>]{0,1000}>", re.IGNORECASE)
_FEEDS = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_NOTHING: Json = {}
_FORMS = "Write @ada@example.social, ada.bsky.social, or the address of a profile or a feed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who writes. `address` says where, and stays the same when they change their name: a profile's address at
    its own server, a DID, an actor, a feed."""

    kind: Kind
    address: str
    author: Author


def find(ref: str, *, web: Web, bluesky_api: str = BLUESKY) -> Account:
    """Who is meant by `ref`: @ada@example.social, ada.bsky.social, a DID, the address of a profile, of a feed, or of a
    page that names its feed. Raises WebError, and InputError for who cannot be followed, or does not wish it."""
    said = ref.strip()
    if said.startswith("did:"):
        return on_bluesky(said, web=web, api=bluesky_api)
    if found := _BLUESKY.fullmatch(said):
        return on_bluesky(found[1], web=web, api=bluesky_api)
    if is_address(said):
        return _at(said, web=web)
    if found := _ACCOUNT.fullmatch(said):
        return _by_handle(found[1], found[2], web=web)
    if found := _NAME.fullmatch(said):
        return _by_name(found[1], web=web, api=bluesky_api, only=said.startswith("@"))
    raise InputError("this names no author", where=repr(ref), then=_FORMS)


def _by_name(name: str, *, web: Web, api: str, only: bool) -> Account:
    """A handle of Bluesky. Unless it has to be one and `only` that, it may be a site as well."""
    if only:
        return on_bluesky(name, web=web, api=api)
    return or_else(lambda: on_bluesky(name, web=web, api=api), lambda: _at(f"https://{name}", web=web))


def refuse_unwilling(profile: str, *, where: str) -> None:
    """Raises Unwilling when somebody asks in their profile not to be kept by programs."""
    if tag := mastodon.unwilling(profile):
        what = f"its author asks not to be kept by programs ({tag})"
        raise Unwilling(what, where=shown(where), then="Ask the author; nothing of theirs is taken.")


# ── Mastodon and its kin ──────────────────────────────────────────────────────────────────────────


def _by_handle(user: str, host: str, *, web: Web) -> Account:
    """By WebFinger (RFC 7033), since a server may have another name than its people; else at the name itself."""
    query = urlencode({"resource": f"acct:{user}@{host}"})
    at = f"https://{host}/.well-known/webfinger?{query}"
    told = or_else(lambda: object_at(json_at(at, web=web, accept=_JRD)), lambda: _NOTHING)
    hrefs = [word(link, "href") for link in objects(told, "links") if word(link, "rel") == "self"]
    actor = next((href for href in hrefs if is_address(href)), "")
    if not actor:
        return on_mastodon(f"https://{host}", user, web=web)
    return or_else(lambda: on_mastodon(home_of(actor), user, web=web), lambda: by_actor(actor, web=web))


def on_mastodon(base: str, user: str, *, web: Web) -> Account:
    """The account of this name at its own server."""
    told = mastodon_profile(f"{base}/@{user}", web=web)
    return Account(kind="mastodon", address=f"{base}/@{word(told, 'username')}", author=mastodon.author(told))


def mastodon_profile(address: str, *, web: Web) -> Json:
    """The account at `address` as its server's API tells it. Raises Moved, Unwilling."""
    query = urlencode({"acct": urlsplit(address).path.lstrip("/@")})
    try:
        told = object_at(json_at(f"{home_of(address)}/api/v1/accounts/lookup?{query}", web=web))
    except WebError as error:
        if error.status not in (404, 410):
            raise
        what = f"its server knows no such account any more, or never did ({error.status})"
        raise WebError(what, where=shown(address), then="Check the name.", status=error.status) from error
    if not (word(told, "id") and word(told, "username")):
        raise InputError("it answered with something else than an account", where=shown(address), then=_FORMS)
    if moved := object_at(told, "moved"):
        _refuse_moved(mastodon.author(moved).handle or word(moved, "url"), where=address)
    refuse_unwilling(word(told, "note"), where=address)
    return told


def _refuse_moved(to: str, *, where: str) -> None:
    raise Moved(f"has moved to {to}", where=shown(where), then=f"Follow them there: `digest follow {to}`.")


# ── ActivityPub ───────────────────────────────────────────────────────────────────────────────────


def by_actor(url: str, *, web: Web) -> Account:
    """An account by its actor document, or by its outbox."""
    told = actor(url, web=web)
    if not word(told, "outbox") and (owner := _owner(told)) and owner != url:
        return by_actor(owner, web=web)
    return Account(kind="activitypub", address=url, author=activitypub.author(told, url, page=""))


def actor(url: str, *, web: Web) -> Json:
    """The actor at `url`, or the outbox where somebody's is all there is. Raises Moved, Unwilling."""
    told = object_at(json_at(url, web=web, accept=ACTIVITY))
    if not (word(told, "outbox") or activitypub.is_collection(told)):
        raise InputError("this is no account and no outbox", where=shown(url), then=_FORMS)
    refuse_unwilling(word(told, "summary"), where=url)
    if moved := word(told, "movedTo"):
        _refuse_moved(moved, where=url)
    return told


def _owner(collection: Json) -> str:
    """Whose outbox it is, as its activities say; "" where they do not, or the owner cannot be asked."""
    items = [*things(collection, "orderedItems"), *things(collection, "first", "orderedItems")]
    owner = next((found for item in items if (found := word(item, "actor"))), "")
    return owner if is_address(owner) and word(collection, "id").startswith(home_of(owner)) else ""


# ── Bluesky ───────────────────────────────────────────────────────────────────────────────────────


def on_bluesky(name: str, *, web: Web, api: str) -> Account:
    told = bluesky_profile(name, web=web, api=api)
    return Account(kind="bluesky", address=word(told, "did"), author=bluesky_post.author(told))


def bluesky_profile(name: str, *, web: Web, api: str) -> Json:
    """Who has this handle or DID. Raises Unwilling for who wants to be read only by those who are logged in."""
    told = object_at(xrpc(f"{api}/xrpc/app.bsky.actor.getProfile?{urlencode({'actor': name})}", web=web))
    if not word(told, "did"):
        raise WebError("Bluesky knows no such post or author", where=name, then="Check the name.", status=404)
    if "!no-unauthenticated" in bluesky_post.labels(told):
        what = "its author wants to be read only by people who are logged in to Bluesky"
        raise Unwilling(what, where=name, then="Ask the author; nothing of theirs is taken.")
    refuse_unwilling(word(told, "description"), where=name)
    return told


# ── any address ───────────────────────────────────────────────────────────────────────────────────


def _at(url: str, *, web: Web) -> Account:
    """A profile by its address, else a feed, else what a page says of itself."""
    refuse_x(url)
    found = _PROFILE.fullmatch(urlsplit(url).path)
    if found is None:
        return _by_page(url, web=web)
    user, elsewhere = found.groups()
    if elsewhere:
        return _by_handle(user, elsewhere, web=web)
    return or_else(lambda: on_mastodon(home_of(url), user, web=web), lambda: _by_page(url, web=web))


def _by_page(url: str, *, web: Web) -> Account:
    answer = web.get(url, accept=PAGE)
    raw = page_of(answer, ref=url)
    if feeds.owns(raw):
        return Account(kind="feed", address=url, author=feeds.publisher(raw))
    if raw.document is not None:
        return by_actor(url, web=web)
    links = {kind: urljoin(answer.url, href) for kind, href in _alternates(raw)}
    if activity := links.get("activity"):
        return or_else(lambda: by_actor(activity, web=web), lambda: _by_link(links, web=web, page=url))
    return _by_link(links, web=web, page=url)


def _by_link(links: dict[str, str], *, web: Web, page: str) -> Account:
    feed = links.get("feed")
    if feed is None:
        what = "this page names no feed"
        raise InputError(what, where=shown(page), then="Give the address of the feed itself, or of a profile.")
    raw = page_of(web.get(feed, accept=PAGE), ref=feed)
    if not feeds.owns(raw):
        raise InputError("the feed that it names is none", where=shown(feed), then="Look for another one on the page.")
    return Account(kind="feed", address=feed, author=feeds.publisher(raw))


def _alternates(raw: Raw) -> list[tuple[str, str]]:
    """Where a page says that it can be had in another form: its feed, and its account. The first of a kind counts."""
    found: list[tuple[str, str]] = []
    for tag in _LINK.findall(raw.text[:200_000]):
        told = {name.lower(): hypertext.plain(value) for name, value in re.findall(r"(\w+)\s*=\s*[\"']([^\"']*)", tag)}
        kind = told.get("type", "").lower()
        sort = "feed" if kind in _FEEDS else "activity" if kind == "application/activity+json" else ""
        if sort and "alternate" in told.get("rel", "").lower().split() and told.get("href"):
            found.append((sort, told["href"]))
    return found[::-1]
