"""Whatever a stranger's document says, reading it ends in a thread or in one sentence, never in a fault of ours."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import feedparser
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from digest.errors import DigestError, NotAThread
from digest.model import Thread
from digest.sources import decode, read, split

BUSY = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None, max_examples=60
)
SCALARS = st.one_of(
    *(st.none(), st.booleans(), st.integers(-9, 10**18), st.floats(allow_nan=False)),
    st.sampled_from(["", "1", "2", "at://did:plc:a/app.bsky.feed.post/1", "https://example.org/1", "2026-03-01T10:00:00Z",
                     "0001-01-01T00:00:00+14:00", "Note", "Create", "public", "<p>A <b>wall", "https://[", "\ud800", "a\x00b", "@x", "image"]),
)  # fmt: skip


def can_be_kept(thread: Thread) -> bool:
    """Whether every text in it can be written down: as UTF-8, and in PostgreSQL."""
    whole = json.dumps(asdict(thread), ensure_ascii=False, default=str)
    return bool(whole.encode()) and "\\u0000" not in whole


def shaken(document: Any) -> st.SearchStrategy[Any]:
    """Documents like this one, in which anything may be something else."""
    if isinstance(document, dict):
        whole = st.fixed_dictionaries({key: shaken(value) for key, value in document.items()})
    elif isinstance(document, list):
        whole = st.tuples(*map(shaken, document)).map(list)
    else:
        whole = st.just(document)
    # Mostly as it was: a document that is wrong everywhere is refused at the door, and tests nothing behind it.
    return st.integers(0, 24).flatmap(lambda dice: whole if dice else st.one_of(SCALARS, st.just({}), st.just([])))


ACCOUNT = {
    "id": "7",
    "acct": "ada",
    "display_name": "Ada",
    "url": "https://example.social/@ada",
    "emojis": [{"shortcode": "x"}],
}
STATUS = {"id": "1", "in_reply_to_id": None, "uri": "https://example.social/1", "url": "https://example.social/@ada/1", "created_at": "2026-03-01T10:00:00Z",
          "content": "<p>A wall</p>", "account": ACCOUNT, "visibility": "public", "replies_count": 1, "card": {"url": "https://example.org", "title": "W"},
          "poll": {"options": [{"title": "Yes", "votes_count": 1}]}, "quote": {"state": "accepted", "quoted_status": {"content": "q", "account": ACCOUNT, "uri": "u"}},
          "media_attachments": [{"type": "image", "url": "https://example.org/a.png", "meta": {"original": {"width": 1, "height": 1}}}]}  # fmt: skip
MASTODON = {
    "status": STATUS,
    "context": {"ancestors": [], "descendants": [STATUS | {"id": "2", "in_reply_to_id": "1"}]},
}
VIEW = {"uri": "at://did:plc:a/app.bsky.feed.post/1", "author": {"did": "did:plc:a", "handle": "a.example.org", "labels": [{"val": "porn"}]}, "replyCount": 1,
        "record": {"$type": "app.bsky.feed.post", "text": "A wall", "createdAt": "2026-03-01T10:00:00Z", "langs": ["en"],
                   "facets": [{"index": {"byteStart": 0, "byteEnd": 1}, "features": [{"uri": "https://example.org"}]}]},
        "embed": {"$type": "app.bsky.embed.recordWithMedia#view", "record": {"record": {"uri": "at://did:plc:b/app.bsky.feed.post/1", "value": {"text": "q"}}},
                  "media": {"images": [{"fullsize": "https://example.org/a.png", "alt": "", "aspectRatio": {"width": 1, "height": 1}}]}}}  # fmt: skip
BLUESKY = {
    "thread": {
        "$type": "app.bsky.feed.defs#threadViewPost",
        "post": VIEW,
        "replies": [{"post": VIEW}, {"notFound": True, "uri": "at://did:plc:a/x/1"}],
    }
}
NOTE = {"type": "Note", "id": "https://example.social/u/1", "attributedTo": "https://example.social/u", "content": "<p>A wall", "published": "2026-03-01T10:00:00Z",
        "to": ["https://www.w3.org/ns/activitystreams#Public"], "attachment": [{"type": "Document", "mediaType": "image/png", "url": "/a.png"}],
        "contentMap": {"en": "x"}, "oneOf": [{"name": "Yes", "replies": {"totalItems": 1}}]}  # fmt: skip
OUTBOX = {"type": "OrderedCollection", "actor": {"name": "Ada", "preferredUsername": "ada"},
          "orderedItems": [{"type": "Create", "object": NOTE}, {"type": "Create", "object": NOTE | {"id": "https://example.social/u/2", "inReplyTo": NOTE["id"]}}]}  # fmt: skip
TWEET = {"id_str": "1", "full_text": "A wall https://t.co/a", "created_at": "Sun Mar 01 10:00:00 +0000 2026", "display_text_range": ["0", "6"],
         "entities": {"urls": [{"url": "https://t.co/a", "expanded_url": "https://x.com/b/status/1"}]}, "user": {"screen_name": "ada", "name": "Ada"},
         "extended_entities": {"media": [{"type": "video", "url": "u", "media_url_https": "https://example.org/a.png",
                                          "video_info": {"variants": [{"url": "https://example.org/a.mp4", "bitrate": 1}]}}]},
         "card": {"binding_values": [{"key": "choice1_label", "value": {"string_value": "Yes"}}]}, "edit_info": {"initial": {"editTweetIds": ["1", "2"]}}}  # fmt: skip
ARCHIVE = [
    {"account": {"username": "ada"}},
    {"tweet": TWEET},
    {"tweet": TWEET | {"id_str": "2", "in_reply_to_status_id_str": "1"}},
    {"noteTweet": {"core": {"text": "x"}}},
]
SAVED = {
    "instructions": [
        {
            "rest_id": "1",
            "core": {"user_results": {"result": {"core": {"screen_name": "a"}}}},
            "legacy": TWEET,
            "note_tweet": {"note_tweet_results": {"result": {"text": "x"}}},
        }
    ]
}
FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "N",
    "items": [
        {
            "id": "1",
            "content_html": "<p>A wall",
            "authors": [{"name": "A"}],
            "attachments": [{"url": "https://example.org/a.mp3", "mime_type": "audio/mp3"}],
        }
    ],
}


@BUSY
@given(st.sampled_from([MASTODON, BLUESKY, OUTBOX, ARCHIVE, SAVED, FEED, [STATUS], [TWEET]]).flatmap(shaken))
def test_a_document_that_lies_about_its_shape_is_no_fault(document: Any) -> None:
    with suppress(DigestError):
        for raw in split(decode(json.dumps(document).encode(), ref="a.json")).raws:
            thread = read(raw)
            assert thread.posts
            assert can_be_kept(thread)
            assert all(0 <= link.start < link.end <= len(post.text) for post in thread.posts for link in post.links)


TAGS = st.sampled_from(["<p>", "</p>", "<article>", "<a href='x'>", "</a>", "<img src=//[>", "<li>", "<br>", "<div class='tweet'>", "<div data-tweet-id=1>",
                        "<div class=h-entry>", "<div class=e-content>", "<meta property=og:title content='@a'>", "<article data-testid=tweet>", "</div>", "<pre>", "&#0;", "&#xD800;", "]]>", "<!--"])  # fmt: skip


@BUSY
@given(st.lists(TAGS | st.text(max_size=30), max_size=40).map("".join))
def test_no_page_is_a_fault(body: str) -> None:
    with suppress(DigestError):
        assert can_be_kept(read(decode(f"<!doctype html><html><body>{body}".encode(errors="replace"), ref="a.html")))


def feed(body: str) -> bytes:
    text = f"<rss version='2.0'><channel><item><guid>1</guid><description><![CDATA[{body}]]></description></item></channel></rss>"
    return text.encode(errors="replace")


@BUSY
@given(st.lists(TAGS | st.text(max_size=30), max_size=40).map("".join))
@example("]]>&#xD800;")
@example("]]>&#57343;")
@example("]]>&#x0;")
def test_no_feed_is_a_fault(body: str) -> None:
    with suppress(DigestError):
        assert can_be_kept(read(decode(feed(body), ref="a.xml")))


def test_a_reference_to_half_a_character_costs_a_feed_only_that_character() -> None:
    thread = read(decode(feed("The dyke held.]]>&#xD800;<![CDATA[ It always had."), ref="a.xml"))
    assert thread.text == "The dyke held.\ufffd It always had."


def test_a_feed_that_breaks_the_library_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(feedparser, "parse", stumble)
    with pytest.raises(NotAThread, match=r"this feed is broken \(RuntimeError\)"):
        read(decode(feed("A wall"), ref="a.xml"))


@pytest.mark.parametrize("lost", ["\\ud800", "\\uDFFF", "\\udc00\\ud800", "\\u0000"])
def test_half_a_character_in_json_is_marked_and_never_kept(lost: str) -> None:
    text = json.dumps([STATUS | {"content": "A HOLE wall", "url": "https://example.social/@ada/HOLE", "id": "HOLE"}])
    thread = read(decode(text.replace("HOLE", lost).encode(), ref="a.json"))
    assert can_be_kept(thread)
    assert thread.posts[0].text == "A " + "\ufffd" * (len(lost) // 6) + " wall"


def test_a_whole_character_written_as_two_escapes_and_a_backslash_before_a_u_stay_as_they_are() -> None:
    text = json.dumps([STATUS | {"content": "A \U0001f9f1 wall, said \\ud800 twice"}])
    assert read(decode(text.encode(), ref="a.json")).posts[0].text == "A \U0001f9f1 wall, said \\ud800 twice"
