"""A Bluesky thread by its address and from a file: against a server that speaks the lexicons' own shapes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from digest.errors import NotAThread, Unwilling, WebError
from digest.model import Card, Media
from digest.sources import Web, decode, live, read, split
from sources.site import Asked, Reply, Site

DID = "did:plc:ada"
ADA = {"did": DID, "handle": "ada.example.org", "displayName": "Ada L.", "labels": []}
BOB = {"did": "did:plc:bob", "handle": "bob.example.org"}


def uri(key: int, did: str = DID) -> str:
    return f"at://{did}/app.bsky.feed.post/{key}"


def view(
    key: int, to: int | None = None, *, by: dict[str, Any] = ADA, root: int = 1, record: Any = None, **more: Any
) -> dict[str, Any]:
    """A post view (app.bsky.feed.defs#postView), with what a test says of it."""
    reply = {"root": {"uri": uri(root), "cid": "c"}, "parent": {"uri": uri(to), "cid": "c"}} if to else None
    told = {"$type": "app.bsky.feed.post", "text": f"Post {key} of the story.", "langs": ["en"], "reply": reply,
            "createdAt": f"2026-03-01T10:{key // 60:02}:{key % 60:02}.000Z"}  # fmt: skip
    return {
        "uri": uri(key, by["did"]),
        "cid": "c",
        "author": by,
        "record": {name: value for name, value in (told | (record or {})).items() if value is not None},
        "replyCount": 0,
        "indexedAt": "2026-03-01T10:00:00.000Z",
        "labels": [],
    } | more


def node(post: dict[str, Any], *replies: dict[str, Any], parent: Any = None) -> dict[str, Any]:
    return {"$type": "app.bsky.feed.defs#threadViewPost", "post": post, "replies": list(replies)} | (
        {"parent": parent} if parent else {}
    )


def nested(posts: list[dict[str, Any]]) -> dict[str, Any]:
    """A straight thread as the API nests it."""
    tree = node(posts[-1])
    for post in reversed(posts[:-1]):
        tree = node(post, tree)
    return tree


def saved(tree: dict[str, Any]) -> Any:
    return read(decode(json.dumps({"thread": tree}).encode(), ref="thread.json"))


def one(**more: Any) -> Any:
    return saved(nested([view(1, **more), view(2, 1)])).posts[0]


def serve(site: Site, trees: dict[str, Any]) -> None:
    def thread(asked: Asked) -> Reply:
        found = trees.get(asked.query["uri"])
        return Reply(body={"thread": found}) if found else Reply(body={"error": "NotFound"}, status=400)

    site["/xrpc/app.bsky.feed.getPostThread"] = thread
    site["/xrpc/com.atproto.identity.resolveHandle"] = {"did": DID}


@pytest.mark.parametrize(
    "ref", ["https://bsky.app/profile/ada.example.org/post/1", uri(1), "at://ada.example.org/app.bsky.feed.post/1"]
)
def test_a_thread_comes_by_its_address(site: Site, web: Web, ref: str) -> None:
    serve(site, {uri(1): nested([view(1), view(2, 1), view(3, 2)])})
    thread = read(live.fetch(ref, web=web, bluesky_api=site.url))
    assert [post.text for post in thread.posts] == [f"Post {number} of the story." for number in (1, 2, 3)]
    assert (thread.author.name, thread.author.handle, thread.key) == ("Ada L.", "@ada.example.org", f"bluesky:{uri(1)}")
    assert thread.posts[1].url == "https://bsky.app/profile/ada.example.org/post/2"
    assert (thread.lang, thread.warnings) == ("en", ())


def test_it_asks_for_more_than_the_six_levels_that_come_unasked(site: Site, web: Web) -> None:
    serve(site, {uri(1): nested([view(1), view(2, 1)])})
    live.fetch(uri(1), web=web, bluesky_api=site.url)
    assert int(site.asked[-1].query["depth"]) >= 200


def test_an_address_in_the_middle_leads_to_the_whole_thread(site: Site, web: Web) -> None:
    middle = node(view(2, 1), node(view(3, 2)), parent=node(view(1)))
    serve(site, {uri(2): middle, uri(1): node(view(1), node(view(2, 1), node(view(3, 2))), node(view(4, 1)))})
    assert [post.id for post in read(live.fetch(uri(2), web=web, bluesky_api=site.url)).posts] == [
        uri(n) for n in (1, 2, 3, 4)
    ]


def test_what_one_answer_does_not_hold_is_asked_for(site: Site, web: Web) -> None:
    posts = [view(1), *(view(number, number - 1) for number in range(2, 41))]
    for post in posts[:-1]:
        post["replyCount"] = 1
    serve(site, {uri(number): nested(posts[number - 1 : number + 9]) for number in range(1, 41)})
    thread = read(live.fetch(uri(1), web=web, bluesky_api=site.url))
    assert [post.number for post in thread.posts] == list(range(1, 41))
    assert not thread.truncated


def test_answers_come_in_any_order() -> None:
    tree = node(view(1), node(view(5, 1, by=BOB)), node(view(3, 1)), node(view(2, 1), node(view(4, 2))))
    thread = saved(tree)
    assert [post.id for post in thread.posts] == [uri(n) for n in (1, 2, 3, 4)]
    assert thread.dropped == ("an answer by others",)


def test_facets_count_bytes() -> None:
    text = "石垣は遅い庭だ https://example.com/… と 🧱 @bob #walls"
    data = text.encode()

    def facet(words: str, feature: dict[str, str]) -> dict[str, Any]:
        start = data.index(words.encode())
        return {"index": {"byteStart": start, "byteEnd": start + len(words.encode())}, "features": [feature]}

    facets = [
        facet("#walls", {"$type": "app.bsky.richtext.facet#tag", "tag": "walls"}),
        facet(
            "https://example.com/…", {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.com/a/long/page"}
        ),
        facet("@bob", {"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:bob"}),
    ]
    post = one(record={"text": text, "facets": facets})
    assert post.text == text
    assert [(post.text[link.start : link.end], link.url) for link in post.links] == [
        ("https://example.com/…", "https://example.com/a/long/page"),
        ("@bob", "https://bsky.app/profile/did:plc:bob"),
        ("#walls", "https://bsky.app/hashtag/walls"),
    ]


@pytest.mark.parametrize(
    "index", [{"byteStart": 5, "byteEnd": 900}, {"byteStart": -3, "byteEnd": 2}, {"byteStart": 6, "byteEnd": 6}, {}]
)
def test_a_facet_that_points_nowhere_is_only_words(index: dict[str, int]) -> None:
    facets = [{"index": index, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.com"}]}]
    assert one(record={"text": "A wall.", "facets": facets}).links == ()


def test_pictures_come_with_their_words_and_shape() -> None:
    images = [{"thumb": "https://cdn.example.com/t.jpg", "fullsize": "https://cdn.example.com/f.jpg", "alt": "A wall",
               "aspectRatio": {"width": 4, "height": 3}}]  # fmt: skip
    embed = {"$type": "app.bsky.embed.images#view", "images": images}
    assert one(embed=embed).media == (
        Media(kind="image", url="https://cdn.example.com/f.jpg", alt="A wall", width=4, height=3),
    )


def test_a_film_comes_with_its_still() -> None:
    embed = {"$type": "app.bsky.embed.video#view", "cid": "c", "playlist": "https://video.example.com/p.m3u8",
             "thumbnail": "https://video.example.com/t.jpg", "alt": "Rain"}  # fmt: skip
    assert one(embed=embed).media == (
        Media(
            kind="video", url="https://video.example.com/p.m3u8", alt="Rain", poster="https://video.example.com/t.jpg"
        ),
    )


def test_a_bare_record_names_its_pictures_by_digest() -> None:
    record = {
        "embed": {
            "$type": "app.bsky.embed.images",
            "images": [{"alt": "A wall", "image": {"$type": "blob", "ref": {"$link": "bafy"}}}],
        }
    }
    assert one(record=record).media[0].url == "https://cdn.bsky.app/img/feed_fullsize/plain/did:plc:ada/bafy@jpeg"


def test_a_linked_page_is_a_card() -> None:
    embed = {
        "$type": "app.bsky.embed.external#view",
        "external": {"uri": "https://www.example.com/w", "title": "Walls", "description": ""},
    }
    assert one(embed=embed).card == Card(url="https://www.example.com/w", title="Walls", site="example.com")


QUOTED = {
    "$type": "app.bsky.embed.record#viewRecord",
    "uri": uri(9, "did:plc:bob"),
    "author": BOB,
    "value": {"text": "Dry stone."},
}


def test_a_quote_is_shown_also_beside_pictures() -> None:
    images = {
        "$type": "app.bsky.embed.images#view",
        "images": [{"fullsize": "https://cdn.example.com/f.jpg", "alt": ""}],
    }
    for embed in (
        {"$type": "app.bsky.embed.record#view", "record": QUOTED},
        {"$type": "app.bsky.embed.recordWithMedia#view", "record": {"record": QUOTED}, "media": images},
    ):
        post = one(embed=embed)
        assert [(quote.text, quote.author.handle, quote.url) for quote in post.quotes] == [
            ("Dry stone.", "@bob.example.org", "https://bsky.app/profile/bob.example.org/post/9")
        ]
    assert len(post.media) == 1


@pytest.mark.parametrize(
    ("kind", "said"), [("viewNotFound", "deleted"), ("viewBlocked", "blocked"), ("viewDetached", "no longer shown")]
)
def test_a_quote_that_cannot_be_shown_is_said(kind: str, said: str) -> None:
    gone = {"$type": f"app.bsky.embed.record#{kind}", "uri": uri(9, "did:plc:bob"), "notFound": True}
    thread = saved(nested([view(1, embed={"$type": "app.bsky.embed.record#view", "record": gone}), view(2, 1)]))
    assert any(f"Post 1 quotes a post that is {said}" in warning for warning in thread.warnings)
    assert not thread.truncated


def test_a_deleted_post_of_the_author_is_said() -> None:
    gone = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri(3), "notFound": True}
    thread = saved(node(view(1), node(view(2, 1), gone)))
    assert thread.truncated
    assert "1 of the author's posts are deleted or blocked, and what hung on them is missing." in thread.warnings


def test_a_thread_whose_first_post_is_gone_says_so() -> None:
    gone = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri(1), "notFound": True}
    thread = saved(node(view(2, 1), node(view(3, 2)), parent=gone))
    assert "The beginning of the thread is missing." in thread.warnings


def test_a_blocked_answer_of_others_is_no_news() -> None:
    blocked = {
        "$type": "app.bsky.feed.defs#blockedPost",
        "uri": uri(8, "did:plc:bob"),
        "blocked": True,
        "author": {"did": "did:plc:bob"},
    }
    assert saved(node(view(1), node(view(2, 1)), blocked)).warnings == ()


def test_who_wants_to_be_read_by_those_who_are_logged_in_is_not_imported() -> None:
    shy = ADA | {"labels": [{"src": DID, "val": "!no-unauthenticated"}]}
    with pytest.raises(Unwilling, match="logged in"):
        saved(nested([view(1, by=shy), view(2, 1, by=shy)]))


def test_a_label_is_a_content_warning() -> None:
    assert one(labels=[{"src": "did:plc:mod", "val": "graphic-media"}]).content_warning == "graphic media"


def test_a_label_that_was_taken_back_is_none() -> None:
    assert one(labels=[{"src": "did:plc:mod", "val": "porn", "neg": True}]).content_warning == ""


def test_the_flat_answers_of_the_second_api_are_read() -> None:
    items = [
        {
            "uri": uri(n),
            "depth": n - 2,
            "value": {"$type": "app.bsky.unspecced.defs#threadItemPost", "post": view(n, n - 1 or None)},
        }
        for n in (1, 2, 3)
    ]
    thread = read(decode(json.dumps({"hasOtherReplies": False, "thread": items}).encode(), ref="v2.json"))
    assert [post.id for post in thread.posts] == [uri(1), uri(2), uri(3)]


def test_a_thread_deeper_than_python_recurses_is_read() -> None:
    posts = [view(1), *(view(number, number - 1) for number in range(2, 401))]
    assert len(saved(nested(posts)).posts) == 400


@pytest.mark.parametrize(
    "ref", ["https://bsky.app/profile/ada.example.org", "https://bsky.app/", "at://did:plc:ada/app.bsky.feed.like/1"]
)
def test_what_is_no_post_is_refused(web: Web, ref: str) -> None:
    with pytest.raises(NotAThread, match="not the address of a post"):
        live.fetch(ref, web=web)


def test_an_unknown_post_is_told(site: Site, web: Web) -> None:
    serve(site, {})
    with pytest.raises(WebError, match="no such post"):
        live.fetch(uri(1), web=web, bluesky_api=site.url)


def test_a_post_that_is_gone_is_told(site: Site, web: Web) -> None:
    serve(site, {uri(1): {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri(1), "notFound": True}})
    with pytest.raises(NotAThread, match="gone"):
        read(live.fetch(uri(1), web=web, bluesky_api=site.url))


# ── lists of posts ────────────────────────────────────────────────────────────────────────────────


def listed(document: Any) -> list[Any]:
    return [read(raw) for raw in split(decode(json.dumps(document).encode(), ref="feed.json")).raws]


def test_an_accounts_feed_gives_each_of_its_threads() -> None:
    """The newest first, as the service lists them; an answer to somebody else comes with what it answers."""
    talk = view(9, 8, root=8)
    talk["record"]["reply"] = {name: {"uri": uri(8, "did:plc:bob"), "cid": "c"} for name in ("root", "parent")}
    answered = view(8, 7, by=BOB, root=7)
    answered["record"]["reply"] = {name: {"uri": uri(7, "did:plc:bob"), "cid": "c"} for name in ("root", "parent")}
    context = {"root": view(7, by=BOB), "parent": answered}
    posts = [view(6, 5, root=4), view(5, 4, root=4), view(4), view(3), view(2, 1), view(1)]
    feed = [{"post": talk, "reply": context}, *({"post": post} for post in posts)]
    assert [[post.id for post in thread.posts] for thread in listed({"feed": feed})] == [
        [uri(1), uri(2)],
        [uri(4), uri(5), uri(6)],
    ]


def test_what_is_in_no_thread_of_a_feed_is_counted() -> None:
    feed = [{"post": post} for post in (view(2, 1), view(1), view(5), view(6))]
    assert split(decode(json.dumps({"feed": feed}).encode(), ref="feed.json")).left_out == (
        "2 posts that are in no thread",
    )


def test_a_feed_of_which_no_post_goes_on_is_refused() -> None:
    with pytest.raises(NotAThread, match="2 posts and no thread"):
        listed({"feed": [{"post": view(1)}, {"post": view(5)}]})


def test_an_accounts_records_give_each_of_its_threads() -> None:
    """com.atproto.repo.listRecords, as backups keep it: no author and no views, only the records."""
    views = [view(1), view(2, 1), view(4), view(5, 4, root=4)]
    records = [{"uri": one["uri"], "cid": "c", "value": one["record"]} for one in views]
    threads = listed({"records": records})
    assert [len(thread.posts) for thread in threads] == [2, 2]
    assert threads[0].posts[0].url == f"https://bsky.app/profile/{DID}/post/1"


def test_the_names_of_the_python_sdk_are_known() -> None:
    text = 'See "did_it": [here]'
    mark = {
        "py_type": "app.bsky.richtext.facet",
        "index": {"byte_start": 15, "byte_end": 19},
        "features": [{"py_type": "app.bsky.richtext.facet#link", "uri": "https://example.org/"}],
    }
    first, second = view(1, record={"text": text, "facets": [mark]}), view(2, 1)
    document = json.dumps({"feed": [{"post": first}, {"post": second}]})
    for api, sdk in (("createdAt", "created_at"), ("$type", "py_type"), ("displayName", "display_name")):
        document = document.replace(f'"{api}"', f'"{sdk}"')
    thread = read(decode(document.encode(), ref="feed.json"))
    assert thread.created_at is not None
    assert thread.author.name == "Ada L."
    assert thread.posts[0].text == text
    assert [link.url for link in thread.posts[0].links] == ["https://example.org/"]


def test_a_saved_answer_that_ends_before_the_thread_does_says_so() -> None:
    tree = nested([view(1), view(2, 1, replyCount=1)])
    assert any("may go on" in warning for warning in saved(tree).warnings)
    assert not any("may go on" in warning for warning in saved(nested([view(1), view(2, 1)])).warnings)
