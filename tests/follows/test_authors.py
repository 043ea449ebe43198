"""Who is meant by what an editor types, on every service that is known, and how each one's list is read."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from digest.errors import InputError, Moved, Unwilling, WebError
from digest.sources import Web, authors
from digest.sources.authors import Account
from digest.sources.web import Answer
from follows.author import HOUR, NOW, WORDS, Ada, Editor
from sources.site import Asked, Reply, Site

RSS = "application/rss+xml"


class Rerouted(Web):
    """The web, on which every https address leads to our own server, under /HOST."""

    def __init__(self, site: Site) -> None:
        super().__init__(allow_private=True, deadline=timedelta(seconds=5))
        self._site = site

    def get(self, url: str, *, accept: str = "*/*", etag: str = "", modified: str = "") -> Answer:
        parts = httpx.URL(url)
        here = f"{self._site.url}/{parts.host}{parts.raw_path.decode()}" if parts.scheme == "https" else url
        return replace(super().get(here, accept=accept, etag=etag, modified=modified), url=url)


def find(ref: str, site: Site) -> Account:
    with closing(Rerouted(site)) as web:
        return authors.find(ref, web=web, bluesky_api=site.url)


def account(site: Site, host: str, name: str = "ada", **more: Any) -> None:
    """An account on a Mastodon server of that name."""
    told = {"id": "7", "username": name, "acct": name, "display_name": "", "note": "", "url": f"https://{host}/@{name}"}
    body = told | more
    site[f"/{host}/api/v1/accounts/lookup"] = lambda asked: body if asked.query["acct"] == name else None


# ── Mastodon and its kin ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "ref",
    [
        "@ada@example.social",
        "ada@example.social",
        "acct:ada@example.social",
        " @ada@example.social ",
        "https://example.social/@ada",
        "https://example.social/@ada/with_replies",
        "https://example.social/users/ada",
        "https://example.social/web/@ada",
        "https://elsewhere.example.org/@ada@example.social",
    ],
)
def test_an_account_is_found_by_every_name_it_has(site: Site, ref: str) -> None:
    account(site, "example.social")
    found = find(ref, site)
    assert (found.kind, found.address) == ("mastodon", "https://example.social/@ada")
    assert found.author.handle == "@ada@example.social"


def test_a_server_may_have_another_name_than_its_people(site: Site) -> None:
    account(site, "social.example.org")
    link = {"rel": "self", "type": "application/activity+json", "href": "https://social.example.org/users/ada"}
    site["/example.org/.well-known/webfinger"] = {"subject": "acct:ada@example.org", "links": [link]}
    assert find("@ada@example.org", site).address == "https://social.example.org/@ada"


def test_a_server_without_mastodons_api_is_asked_by_activitypub(site: Site) -> None:
    link = {"rel": "self", "type": "application/activity+json", "href": "https://example.social/u/1"}
    site["/example.social/.well-known/webfinger"] = {"links": [link]}
    site["/example.social/api/v1/accounts/lookup"] = Reply(status=401)
    site["/example.social/u/1"] = actor("https://example.social/u/1")
    found = find("@ada@example.social", site)
    assert (found.kind, found.address) == ("activitypub", "https://example.social/u/1")
    assert (found.author.name, found.author.handle) == ("Ada L.", "@ada@example.social")


def test_a_server_in_trouble_is_not_gone_round(site: Site) -> None:
    site["/example.social/api/v1/accounts/lookup"] = Reply(status=500)
    with pytest.raises(WebError) as failed:
        find("https://example.social/@ada", site)
    assert failed.value.temporary


def test_who_wants_no_programs_is_not_followed_by_their_feed_instead(site: Site) -> None:
    account(site, "example.social", note="<p>no robots: <a>#<span>nobot</span></a></p>")
    page(site, "/example.social/@ada", '<link rel="alternate" type="application/rss+xml" href="/@ada.rss">')
    with pytest.raises(Unwilling, match="#nobot"):
        find("https://example.social/@ada", site)


def actor(url: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "Person",
        "id": url,
        "preferredUsername": "ada",
        "name": "Ada L.",
        "url": "https://example.social/ada",
        "outbox": f"{url}/outbox",
        "summary": "",
    } | more


@pytest.mark.parametrize(
    ("more", "error"), [({"movedTo": "https://example.org/u/2"}, Moved), ({"summary": "<p>#NoBot</p>"}, Unwilling)]
)
def test_an_actor_that_moved_or_does_not_want_it_says_so(site: Site, more: dict[str, str], error: type) -> None:
    site["/example.social/u/1"] = actor("https://example.social/u/1", **more)
    with pytest.raises(error):
        find("https://example.social/u/1", site)


def test_an_outbox_leads_to_whose_it_is(site: Site) -> None:
    who = "https://example.social/u/1"
    site["/example.social/u/1"] = actor(who)
    site["/example.social/u/1/outbox"] = {
        "id": f"{who}/outbox",
        "type": "OrderedCollection",
        "orderedItems": [{"type": "Announce", "actor": who}],
    }
    assert find(f"{who}/outbox", site).address == who


# ── Bluesky ───────────────────────────────────────────────────────────────────────────────────────


def profile(site: Site, **more: Any) -> None:
    told = {"did": "did:plc:ada", "handle": "ada.example.org", "displayName": "Ada L.", "labels": []} | more
    names = ("ada.example.org", "did:plc:ada")
    error = Reply(body={"error": "InvalidRequest", "message": "Profile not found"}, status=400)
    site["/xrpc/app.bsky.actor.getProfile"] = lambda asked: Reply(body=told) if asked.query["actor"] in names else error


@pytest.mark.parametrize(
    "ref",
    [
        "ada.example.org",
        "@ada.example.org",
        "did:plc:ada",
        "at://did:plc:ada",
        "https://bsky.app/profile/ada.example.org",
        "https://bsky.app/profile/did:plc:ada/",
    ],
)
def test_bluesky_is_known_by_handle_did_and_address(site: Site, ref: str) -> None:
    profile(site)
    found = find(ref, site)
    assert (found.kind, found.address, found.author.handle) == ("bluesky", "did:plc:ada", "@ada.example.org")


def test_who_wants_readers_that_are_logged_in_is_not_followed(site: Site) -> None:
    profile(site, labels=[{"val": "!no-unauthenticated", "src": "did:plc:ada"}])
    with pytest.raises(Unwilling, match="logged in"):
        find("ada.example.org", site)


def test_a_handle_that_nobody_has_is_told(site: Site) -> None:
    profile(site)
    with pytest.raises(WebError, match="no such post or author"):
        find("@bob.example.org", site)


# ── feeds ─────────────────────────────────────────────────────────────────────────────────────────


def page(site: Site, path: str, head: str) -> None:
    html = f"<!DOCTYPE html><html><head>{head}</head><body><p>{WORDS}</p></body></html>"
    site[path] = Reply(body=html, headers={"Content-Type": "text/html"})


def feed(*entries: str, title: str = "Notes from the coast") -> Reply:
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{"".join(entries)}</channel></rss>'
    return Reply(body=body, headers={"Content-Type": RSS})


def entry(name: str, *, date: str = "", paragraphs: int = 4) -> str:
    when = f"<pubDate>{date}</pubDate>" if date else ""
    text = "".join(f"&lt;p&gt;{number}. {WORDS} {WORDS} {WORDS}&lt;/p&gt;" for number in range(paragraphs))
    return f"<item><guid>{name}</guid><title>{name}</title>{when}<description>{text}</description></item>"


def test_a_feed_is_followed_under_its_own_name(site: Site) -> None:
    site["/example.org/feed.xml"] = feed(entry("one"))
    found = find("https://example.org/feed.xml", site)
    assert (found.kind, found.address, found.author.name) == (
        "feed",
        "https://example.org/feed.xml",
        "Notes from the coast",
    )


@pytest.mark.parametrize("ref", ["https://example.org/", "example.org"])
def test_a_page_leads_to_the_feed_that_it_names(site: Site, ref: str) -> None:
    page(site, "/example.org/", f'<link href="/feed.xml" type="{RSS}" rel="alternate"><link rel="icon" href="/i.png">')
    site["/example.org/feed.xml"] = feed(entry("one"))
    profile(site)
    assert find(ref, site).address.endswith("/feed.xml")


def test_a_page_without_a_feed_says_so(site: Site) -> None:
    page(site, "/example.org/", "")
    with pytest.raises(InputError, match="names no feed"):
        find("https://example.org/", site)


@pytest.mark.parametrize("ref", ["", "the white rabbit", "ada", "@ada", "https://x.com/ada", "file:///etc/passwd"])
def test_what_names_nobody_is_refused_in_words(site: Site, ref: str) -> None:
    with pytest.raises(InputError):
        find(ref, site)


# ── their lists ───────────────────────────────────────────────────────────────────────────────────


def test_a_bluesky_thread_comes_without_reposts_and_talks(editor: Editor) -> None:
    profile(editor.site)
    posts = [view(1, 1), view(2, 1, to=1), view(3, 2, to=2)]
    repost = {"post": view(9, 1, did="did:plc:bob"), "reason": {"$type": "app.bsky.feed.defs#reasonRepost"}}
    talk = [view(number, 1, to=number - 1, root="at://did:plc:bob/app.bsky.feed.post/1") for number in (5, 6, 7, 8)]
    listed = [repost, *({"post": post} for post in reversed([*posts, *talk]))]
    editor.site["/xrpc/app.bsky.feed.getAuthorFeed"] = lambda asked: Reply(
        body={"feed": pages(listed, asked)} | more(asked)
    )
    tree = {"post": posts[0], "replies": [{"post": posts[1], "replies": [{"post": posts[2], "replies": []}]}]}
    editor.site["/xrpc/app.bsky.feed.getPostThread"] = {"thread": {"$type": "app.bsky.feed.defs#threadViewPost"} | tree}
    editor.follow("did:plc:ada", since=NOW - 2 * HOUR)
    editor.later(hours=12)
    assert [post.id for post in editor.only().thread.posts] == [post["uri"] for post in posts]
    assert editor.only().thread.key == f"bluesky:{posts[0]['uri']}"


def pages(listed: list[dict[str, Any]], asked: Asked) -> list[dict[str, Any]]:
    start = int(asked.query.get("cursor", 0))
    return listed[start : start + 4]


def more(asked: Asked) -> dict[str, str]:
    start = int(asked.query.get("cursor", 0))
    return {"cursor": str(start + 4)} if start == 0 else {}


def view(key: int, hours: int, *, to: int = 0, did: str = "did:plc:ada", root: str = "") -> dict[str, Any]:
    uri = f"at://{did}/app.bsky.feed.post/{{}}"
    reply = {"root": {"uri": root or uri.format(1)}, "parent": {"uri": uri.format(to)}}
    at = (NOW + hours * HOUR).isoformat()
    record = {"$type": "app.bsky.feed.post", "text": f"{key}: {WORDS}", "createdAt": at, "langs": ["en"]}
    return {
        "uri": uri.format(key),
        "cid": "c",
        "author": {"did": did, "handle": f"{did[8:]}.example.org", "labels": []},
        "record": record | ({"reply": reply} if to else {}),
        "indexedAt": at,
        "labels": [],
    }


def test_a_post_that_is_dated_ahead_holds_nothing_up(editor: Editor) -> None:
    """Its author writes the date; the service knows when it came."""
    profile(editor.site)
    ahead = view(1, 1)
    ahead["record"]["createdAt"] = "2099-01-01T00:00:00Z"
    listed = [{"post": ahead}]
    editor.site["/xrpc/app.bsky.feed.getAuthorFeed"] = lambda _: Reply(body={"feed": listed})
    editor.follow("did:plc:ada", at_least=2)
    editor.later(hours=12)
    (held,) = editor.store.follows.all()
    assert held.seen_until == NOW + HOUR


def test_an_outbox_is_read_from_page_to_page(editor: Editor) -> None:
    who = f"{editor.site.url}/u/1"
    editor.site["/u/1"] = actor(who)
    notes = [note(who, 3, to=2), note(who, 2, to=1), note(who, 1)]
    editor.site["/u/1/outbox"] = {"type": "OrderedCollection", "id": f"{who}/outbox", "first": f"{who}/outbox/1"}
    editor.site["/u/1/outbox/1"] = {
        "type": "OrderedCollectionPage",
        "orderedItems": notes[:2],
        "next": f"{who}/outbox/2",
    }
    editor.site["/u/1/outbox/2"] = {"type": "OrderedCollectionPage", "orderedItems": notes[2:]}
    editor.follow(who, since=NOW - 2 * HOUR)
    editor.later(hours=12)
    assert [post.id for post in editor.only().thread.posts] == [f"{who}/{number}" for number in (1, 2, 3)]
    assert editor.only().thread.author.name == "Ada L."


def note(who: str, number: int, *, to: int = 0) -> dict[str, Any]:
    at = (NOW + timedelta(minutes=number)).isoformat()
    told = {
        "type": "Note",
        "id": f"{who}/{number}",
        "attributedTo": who,
        "inReplyTo": f"{who}/{to}" if to else None,
        "published": at,
        "content": f"<p>{number}: {WORDS}</p>",
        "to": ["https://www.w3.org/ns/activitystreams#Public"],
    }
    return {"type": "Create", "actor": who, "published": at, "object": told}


def test_an_outbox_cannot_speak_for_others(editor: Editor) -> None:
    who, other = f"{editor.site.url}/u/1", "https://example.org/u/2"
    editor.site["/u/1"] = actor(who)
    forged = [note(other, 3, to=2), note(other, 2, to=1), note(other, 1)]
    mixed = [note(who, 9) | {"object": note(who, 9)["object"] | {"attributedTo": other}}]
    editor.site["/u/1/outbox"] = {"type": "OrderedCollection", "orderedItems": [*forged, *mixed]}
    editor.follow(who, since=NOW - 2 * HOUR, at_least=1)
    editor.later(hours=12)
    assert editor.shelf() == []


@pytest.mark.parametrize("kind", ["mastodon", "bluesky", "outbox"])
def test_a_list_without_end_is_left(editor: Editor, ada: Ada, kind: str) -> None:
    """The same page again and again, whatever is asked for."""
    ada.threads(NOW - HOUR, 3)
    who = f"{editor.site.url}/u/1"
    profile(editor.site)
    editor.site["/api/v1/accounts/7/statuses"] = lambda _: Reply(body=ada.posts[::-1])
    feed = {"feed": [{"post": view(1, -1)}], "cursor": "again"}
    editor.site["/xrpc/app.bsky.feed.getAuthorFeed"] = lambda _: Reply(body=feed)
    editor.site["/u/1"] = actor(who)
    editor.site["/u/1/outbox"] = {"type": "OrderedCollection", "orderedItems": [note(who, 1)], "next": f"{who}/outbox"}
    ref = {"mastodon": ada.address, "bluesky": "did:plc:ada", "outbox": who}[kind]
    editor.follow(ref, since=NOW - timedelta(days=99))
    assert len(editor.site.asked) <= 12


def test_what_a_follow_brought_can_be_looked_at_again(editor: Editor, ada: Ada) -> None:
    editor.follow(ada.address)
    ada.threads(NOW + HOUR, 3)
    editor.later(hours=9)
    assert editor.store.originals.get(editor.only().id).address == f"{ada.address}/1"


def test_a_new_entry_of_a_feed_comes_at_once_and_once(editor: Editor) -> None:
    old = entry("old", date="Mon, 23 Nov 2026 09:00:00 GMT")
    editor.site["/feed.xml"] = feed(old)
    editor.follow(f"{editor.site.url}/feed.xml")
    editor.site["/feed.xml"] = feed(entry("new", date="Tue, 24 Nov 2026 10:00:00 GMT"), old)
    for _ in range(3):
        editor.later(hours=2)
    assert editor.only().thread.title == "new"


def test_an_entry_without_a_date_is_new_when_it_was_not_there_before(editor: Editor) -> None:
    editor.site["/feed.xml"] = feed(entry("old"))
    editor.follow(f"{editor.site.url}/feed.xml")
    editor.site["/feed.xml"] = feed(entry("new"), entry("old"))
    for _ in range(3):
        editor.later(hours=2)
    assert editor.only().thread.title == "new"


def test_an_entry_that_appears_late_with_an_early_date_is_not_missed(editor: Editor) -> None:
    """Blogs date an entry from when it was begun."""
    first = entry("first", date="Tue, 24 Nov 2026 12:00:00 GMT")
    editor.site["/feed.xml"] = feed(first)
    editor.follow(f"{editor.site.url}/feed.xml")
    editor.later(hours=4)
    editor.site["/feed.xml"] = feed(first, entry("begun before", date="Tue, 24 Nov 2026 10:00:00 GMT"))
    editor.later(hours=4)
    assert [one.thread.title for one in editor.shelf()] == ["first", "begun before"]


def test_new_names_for_all_entries_bring_none_of_the_old_ones(editor: Editor) -> None:
    """So it is when a site moves from http to https, or to another program."""
    editor.site["/feed.xml"] = feed(*(entry(f"a{n}", date=f"0{n} Nov 2026 09:00:00 GMT") for n in range(1, 9)))
    editor.follow(f"{editor.site.url}/feed.xml")
    editor.site["/feed.xml"] = feed(*(entry(f"b{n}", date=f"0{n} Nov 2026 09:00:00 GMT") for n in range(1, 9)))
    editor.later(hours=4)
    assert editor.shelf() == []


def test_an_entry_with_too_few_paragraphs_is_counted(editor: Editor) -> None:
    editor.site["/feed.xml"] = feed()
    editor.site["/feed.xml"] = feed(entry("old", date="01 Nov 2026 09:00:00 GMT"))
    editor.follow(f"{editor.site.url}/feed.xml")
    editor.site["/feed.xml"] = feed(entry("short", date="24 Nov 2026 10:00:00 GMT", paragraphs=1))
    looked = editor.later(hours=4)
    assert looked
    assert (looked.short, editor.shelf()) == (1, [])


def test_a_page_in_the_place_of_a_feed_is_trouble_that_may_pass(editor: Editor, ada: Ada) -> None:
    editor.site["/feed.xml"] = feed(entry("old"))
    editor.follow(f"{editor.site.url}/feed.xml")
    page(editor.site, "/feed.xml", "")
    told = [looked.tell for looked in (editor.later(hours=8) for _ in range(2)) if looked]
    editor.site["/feed.xml"] = feed(entry("new"), entry("old"))
    editor.later(days=2)
    assert (told, len(editor.shelf())) == ([False, False], 1)
