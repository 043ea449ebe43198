"""Threads of X out of an account's archive and out of saved answers, in the shapes of their years."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from digest.errors import NotAThread, Several
from digest.model import Card, Choice, Media, Poll, Quote, Thread
from digest.sources import Bundle, decode, fetch, gather, read, split

BASE = 1_700_000_000_000_000_000


def id_of(number: int) -> str:
    return str(BASE + number)


def date(number: int) -> str:
    return f"Sun Mar 01 10:{number // 60:02}:{number % 60:02} +0000 2026"


def tweet(number: int, to: int | None = None, *, text: str = "", **more: Any) -> dict[str, Any]:
    """A post as an archive keeps it: every number a string, and no word of who wrote it."""
    return (
        {
            "id_str": id_of(number),
            "id": id_of(number),
            "full_text": text or f"Post {number} of the story.",
            "created_at": date(number),
            "lang": "en",
            "entities": {"urls": [], "user_mentions": [], "hashtags": []},
            "display_text_range": ["0", "30"],
        }
        | (
            {"in_reply_to_status_id_str": id_of(to), "in_reply_to_user_id_str": "77", "in_reply_to_screen_name": "ada"}
            if to
            else {}
        )
        | more
    )


ACCOUNT = [{"account": {"accountId": "77", "username": "ada", "accountDisplayName": "Ada L."}}]


def js(name: str, entries: list[Any]) -> str:
    return f"window.YTD.{name} = {json.dumps(entries, indent=1)}"


def archive(
    folder: Path, *tweets: dict[str, Any], notes: list[Any] = (), parts: list[Any] = (), account: bool = True
) -> str:  # type: ignore[assignment]
    data = folder / "data"
    data.mkdir(parents=True)
    (data / "tweets.js").write_text(js("tweets.part0", [{"tweet": one} for one in tweets]))
    for number, part in enumerate(parts, start=1):
        (data / f"tweets-part{number}.js").write_text(js(f"tweets.part{number}", [{"tweet": one} for one in part]))
    (data / "note-tweet.js").write_text(js("note_tweet.part0", [{"noteTweet": note} for note in notes]))
    (data / "like.js").write_text(js("like.part0", [{"like": {"tweetId": "1", "fullText": "Not mine"}}]))
    if account:
        (data / "account.js").write_text(js("account.part0", ACCOUNT))
    return str(folder)


def bundle(ref: str) -> Bundle:
    (raw,) = gather(ref)
    return split(raw)


def threads(ref: str) -> list[Thread]:
    return [read(raw) for raw in bundle(ref).raws]


def one(tmp_path: Path, first: dict[str, Any], *more: dict[str, Any], **around: Any) -> Any:
    (thread,) = threads(archive(tmp_path / "archive", first, tweet(2, 1), *more, **around))
    return thread


# ── the archive ───────────────────────────────────────────────────────────────────────────────────


def test_an_archive_gives_each_thread_that_the_account_wrote(tmp_path: Path) -> None:
    ref = archive(tmp_path, tweet(1), tweet(2, 1), tweet(3, 2), tweet(10), tweet(20), tweet(21, 20))
    found = threads(ref)
    assert [[post.id for post in thread.posts] for thread in found] == [
        [id_of(n) for n in (1, 2, 3)],
        [id_of(20), id_of(21)],
    ]
    assert (found[0].author.name, found[0].author.handle, found[0].key) == ("Ada L.", "@ada", f"x:{id_of(1)}")
    assert found[0].url == f"https://x.com/ada/status/{id_of(1)}"
    assert found[0].warnings == ()


def test_the_parts_of_an_archive_are_one(tmp_path: Path) -> None:
    (thread,) = threads(archive(tmp_path, tweet(1), parts=[[tweet(2, 1)], [tweet(3, 2)]]))
    assert len(thread.posts) == 3


def test_one_file_of_an_archive_finds_the_others_beside_it(tmp_path: Path) -> None:
    archive(tmp_path, tweet(1), tweet(2, 1))
    assert read(fetch(str(tmp_path / "data" / "tweets.js"))).author.name == "Ada L."


def test_an_archive_without_its_account_knows_the_handle_from_the_answers(tmp_path: Path) -> None:
    (thread,) = threads(archive(tmp_path, tweet(1), tweet(2, 1), account=False))
    assert thread.author.handle == "@ada"


def test_what_is_in_no_thread_is_counted(tmp_path: Path) -> None:
    answer = tweet(5, text="@bob Yes.") | {"in_reply_to_status_id_str": "9", "in_reply_to_user_id_str": "8"}
    ref = archive(
        tmp_path, tweet(1), tweet(2, 1), tweet(4), answer, tweet(6, text="RT @bob: Walls"), tweet(8), tweet(9, 8)
    )
    assert bundle(ref).left_out == (
        "1 posts that are in no thread",
        "1 answers to others",
        "1 repeats of others' posts",
    )


def test_an_archive_without_a_thread_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotAThread, match="never answered itself"):
        read(fetch(archive(tmp_path, tweet(1), tweet(2))))


def test_several_threads_are_not_read_as_one(tmp_path: Path) -> None:
    with pytest.raises(Several, match="2 threads"):
        read(fetch(archive(tmp_path, tweet(1), tweet(2, 1), tweet(5), tweet(6, 5))))


def test_links_are_written_out_and_escapes_undone(tmp_path: Path) -> None:
    text = "石 &lt;walls&gt; &amp; 🧱 https://t.co/aaa and @bob on #walls https://t.co/zzz"
    urls = [
        {
            "url": "https://t.co/aaa",
            "expanded_url": "https://example.org/a?b=1&c=2",
            "display_url": "example.org/a",
            "indices": ["3", "9"],
        }
    ]
    post = one(tmp_path, tweet(1, text=text, entities={"urls": urls})).posts[0]
    assert post.text == "石 <walls> & 🧱 https://example.org/a?b=1&c=2 and @bob on #walls https://t.co/zzz"
    assert [(post.text[link.start : link.end], link.url) for link in post.links] == [
        ("https://example.org/a?b=1&c=2", "https://example.org/a?b=1&c=2"),
        ("@bob", "https://x.com/bob"),
        ("#walls", "https://x.com/hashtag/walls"),
        ("https://t.co/zzz", "https://t.co/zzz"),
    ]


def test_pictures_and_films_are_taken_out_of_the_text(tmp_path: Path) -> None:
    media = [
        {"type": "photo", "url": "https://t.co/pic", "media_url_https": "https://pbs.twimg.com/media/a.jpg", "sizes": {"large": {"w": "800", "h": "600"}}},
        {"type": "video", "url": "https://t.co/pic", "media_url_https": "https://pbs.twimg.com/t.jpg", "ext_alt_text": "Rain &amp; wind",
         "video_info": {"variants": [{"bitrate": "832000", "content_type": "video/mp4", "url": "https://video.twimg.com/s.mp4"},
                                     {"content_type": "application/x-mpegURL", "url": "https://video.twimg.com/p.m3u8"},
                                     {"bitrate": "2176000", "content_type": "video/mp4", "url": "https://video.twimg.com/l.mp4"}]}},
        {"type": "animated_gif", "url": "https://t.co/pic", "media_url_https": "https://pbs.twimg.com/g.jpg",
         "video_info": {"variants": [{"bitrate": "0", "url": "https://video.twimg.com/g.mp4"}]}},
    ]  # fmt: skip
    first = tweet(
        1, text="Look. https://t.co/pic", entities={"urls": [], "media": media[:1]}, extended_entities={"media": media}
    )
    post = one(tmp_path, first).posts[0]
    assert (post.text, post.links) == ("Look.", ())
    assert post.media == (
        Media(kind="image", url="https://pbs.twimg.com/media/a.jpg", width=800, height=600),
        Media(
            kind="video", url="https://video.twimg.com/l.mp4", alt="Rain & wind", poster="https://pbs.twimg.com/t.jpg"
        ),
        Media(kind="gif", url="https://video.twimg.com/g.mp4", poster="https://pbs.twimg.com/g.jpg"),
    )


def test_a_quoted_post_is_known_by_its_address(tmp_path: Path) -> None:
    urls = [{"url": "https://t.co/q", "expanded_url": "https://twitter.com/bob/status/123"}]
    post = one(tmp_path, tweet(1, text="This. https://t.co/q", entities={"urls": urls})).posts[0]
    assert (post.text, [(quote.url, quote.author.handle) for quote in post.quotes]) == (
        "This.",
        [("https://twitter.com/bob/status/123", "@bob")],
    )


def test_a_long_post_gets_its_whole_text_back(tmp_path: Path) -> None:
    whole = "A dry stone wall is a slow garden. " * 20 + "See https://t.co/n."
    note = {"noteTweetId": "1", "createdAt": "2026-03-01T10:00:01.000Z",
            "core": {"text": whole, "urls": [{"shortUrl": "https://t.co/n", "expandedUrl": "https://example.org/w"}]}}  # fmt: skip
    thread = one(tmp_path, tweet(1, text=whole[:270].rstrip() + "…"), notes=[note])
    assert thread.posts[0].text.endswith("slow garden. See https://example.org/w.")
    assert thread.warnings == ()


def test_a_long_post_without_its_note_is_said_to_be_cut(tmp_path: Path) -> None:
    thread = one(tmp_path, tweet(1, text="A dry stone wall is a slow garden. " * 8 + "A…"))
    assert thread.truncated
    assert "Post 1 is only the beginning of a longer one." in thread.warnings


def test_of_an_edited_post_the_last_version_counts(tmp_path: Path) -> None:
    info = {"initial": {"editTweetIds": [id_of(1), id_of(3)], "editableUntil": "2026-03-01T11:00:00.000Z"}}
    versions = [tweet(1, text="A wal.", edit_info=info), tweet(3, text="A wall.", edit_info=info)]
    (thread,) = threads(archive(tmp_path, *versions, tweet(4, 1)))
    assert [post.text for post in thread.posts] == ["A wall.", "Post 4 of the story."]


def test_a_thread_whose_beginning_was_deleted_is_kept_and_that_is_said(tmp_path: Path) -> None:
    (thread,) = threads(archive(tmp_path, tweet(5, 4), tweet(6, 5)))
    assert (len(thread.posts), thread.truncated) == (2, True)
    assert "The beginning of the thread is missing." in thread.warnings


def test_the_mentions_that_a_reply_begins_with_are_not_shown(tmp_path: Path) -> None:
    thread = one(tmp_path, tweet(1), tweet(3, 2, text="@ada @bob And so on.", display_text_range=["10", "20"]))
    assert thread.posts[2].text == "And so on."


def test_an_archive_of_2013_is_read(tmp_path: Path) -> None:
    """Each month was a file, `text` not `full_text`, and the user stood in each post."""
    user = {"name": "Ada L.", "screen_name": "ada", "id_str": "77"}
    months = [{"source": "web", "id_str": str(n), "text": f"Old {n}", "user": user, "created_at": "2013-02-01 10:00:00 +0000", "entities": {}}
              | ({"in_reply_to_status_id_str": str(n - 1), "in_reply_to_user_id_str": "77"} if n > 1 else {}) for n in (1, 2, 3)]  # fmt: skip
    folder = tmp_path / "data" / "js" / "tweets"
    folder.mkdir(parents=True)
    (folder / "2013_02.js").write_text(f"Grailbird.data.tweets_2013_02 = \n {json.dumps(months)}")
    (thread,) = threads(str(tmp_path))
    assert [post.text for post in thread.posts] == ["Old 1", "Old 2", "Old 3"]
    assert thread.author.handle == "@ada"


# ── GraphQL ───────────────────────────────────────────────────────────────────────────────────────

OLD_USER = {"rest_id": "77", "legacy": {"name": "Ada L.", "screen_name": "ada"}}
NEW_USER = {"rest_id": "77", "core": {"name": "Ada L.", "screen_name": "ada"}, "legacy": {"followers_count": 1}}
BOB = {"rest_id": "8", "core": {"name": "Bob", "screen_name": "bob"}}


def result(
    number: int,
    to: int | None = None,
    *,
    user: dict[str, Any] = NEW_USER,
    more: dict[str, Any] | None = None,
    **legacy: Any,
) -> dict[str, Any]:
    told = tweet(number, to, **legacy) | {"conversation_id_str": id_of(1), "user_id_str": user["rest_id"]}
    return {
        "__typename": "Tweet",
        "rest_id": id_of(number),
        "core": {"user_results": {"result": user}},
        "legacy": told,
    } | (more or {})


def item(tweet_result: Any, **more: Any) -> dict[str, Any]:
    return {"itemContent": {"itemType": "TimelineTweet", "tweet_results": {"result": tweet_result}} | more}


def detail(*results: Any, module: list[Any] = (), extra: list[Any] = ()) -> Thread:  # type: ignore[assignment]
    """TweetDetail: the first posts as items of their own, the rest in a module."""
    entries = [
        {"entryId": f"tweet-{n}", "content": {"entryType": "TimelineTimelineItem", **item(one)}}
        for n, one in enumerate(results)
    ]
    entries.append({"entryId": "conversationthread-1", "content": {"items": [{"item": item(one)} for one in module]}})
    instructions = [{"type": "TimelineClearCache"}, {"type": "TimelineAddEntries", "entries": [*entries, *extra]}]
    document = {"data": {"threaded_conversation_with_injections_v2": {"instructions": instructions}}}
    return read(decode(json.dumps(document).encode(), ref="detail.json"))


@pytest.mark.parametrize("user", [OLD_USER, NEW_USER], ids=["before 2025", "since 2025"])
def test_a_conversation_is_read_whatever_the_users_shape(user: dict[str, Any]) -> None:
    thread = detail(result(1, user=user), result(2, 1, user=user), module=[result(3, 2, user=user)])
    assert [post.id for post in thread.posts] == [id_of(n) for n in (1, 2, 3)]
    assert (thread.author.name, thread.author.handle, thread.url) == (
        "Ada L.",
        "@ada",
        f"https://x.com/ada/status/{id_of(1)}",
    )


def test_others_and_advertisements_are_no_part_of_it() -> None:
    promoted = {"entryId": "promoted-1", "content": item(result(50, user=BOB), promotedMetadata={"advertiser": "x"})}
    thread = detail(result(1), result(2, 1), module=[result(3, 2, user=BOB), result(4, 3, user=BOB)], extra=[promoted])
    assert [post.id for post in thread.posts] == [id_of(1), id_of(2)]
    assert thread.dropped == ("2 posts that are not the author's thread",)


def test_a_wrapped_post_is_unwrapped() -> None:
    wrapped = {"__typename": "TweetWithVisibilityResults", "tweet": result(2, 1)}
    assert len(detail(result(1), wrapped).posts) == 2


def test_a_long_post_is_read_from_its_note() -> None:
    note = {
        "is_expandable": True,
        "note_tweet_results": {
            "result": {
                "text": "Long &amp; whole https://t.co/n",
                "entity_set": {"urls": [{"url": "https://t.co/n", "expanded_url": "https://example.org/"}]},
            }
        },
    }
    thread = detail(result(1, more={"note_tweet": note}, text="Long &amp;…"), result(2, 1))
    assert thread.posts[0].text == "Long & whole https://example.org/"


def test_a_quoted_post_is_shown_with_its_words() -> None:
    quoted = {"quoted_status_result": {"result": result(9, user=BOB, text="Dry &amp; stone")}}
    permalink = {"url": "https://t.co/q", "expanded": f"https://x.com/bob/status/{id_of(9)}"}
    first = result(
        1, more=quoted, text="This. https://t.co/q", quoted_status_id_str=id_of(9), quoted_status_permalink=permalink
    )
    post = detail(first, result(2, 1)).posts[0]
    assert post.text == "This."
    assert post.quotes == (
        Quote(text="Dry & stone", author=post.quotes[0].author, url=f"https://x.com/bob/status/{id_of(9)}"),
    )
    assert post.quotes[0].author.handle == "@bob"


def test_a_poll_and_a_card_are_kept() -> None:
    def card(**values: str) -> dict[str, Any]:
        return {
            "card": {
                "legacy": {
                    "url": "https://t.co/c",
                    "binding_values": [{"key": key, "value": {"string_value": value}} for key, value in values.items()],
                }
            }
        }

    poll = result(1, more=card(choice1_label="Tea", choice1_count="3", choice2_label="Coffee", choice2_count="1"))
    urls = [{"url": "https://t.co/c", "expanded_url": "https://example.org/w"}]
    page = result(
        2,
        1,
        more=card(title="Walls &amp; more", vanity_url="example.org", card_url="https://t.co/c"),
        entities={"urls": urls},
    )
    first, second = detail(poll, page).posts
    assert first.poll == Poll(choices=(Choice(text="Tea", votes=3), Choice(text="Coffee", votes=1)))
    assert second.card == Card(url="https://example.org/w", title="Walls & more", site="example.org")


def test_what_x_had_not_loaded_is_said() -> None:
    cursor = {
        "entryId": "cursor-showmorethreads-1",
        "content": {"itemContent": {"itemType": "TimelineTimelineCursor", "cursorType": "ShowMoreThreads"}},
    }
    thread = detail(result(1), result(2, 1), extra=[cursor])
    assert thread.truncated
    assert any("goes on" in warning for warning in thread.warnings)


def test_a_post_that_is_gone_leaves_a_gap_that_is_said() -> None:
    tomb = {"__typename": "TweetTombstone", "tombstone": {"text": {"text": "This Post was deleted"}}}
    thread = detail(result(1), tomb, result(3, 2), result(4, 3))
    assert [post.id for post in thread.posts] == [id_of(n) for n in (1, 3, 4)]
    assert "A post is missing before post 2." in thread.warnings
    assert any("deleted or hidden" in warning for warning in thread.warnings)


def test_an_accounts_page_gives_each_of_its_threads() -> None:
    other = [result(11), result(12, 11)]
    for one_ in other:
        one_["legacy"]["conversation_id_str"] = id_of(11)
    entries = [{"content": item(one_)} for one_ in (result(1), result(2, 1), *other)]
    document = {"data": {"user": {"result": {"timeline": {"timeline": {"instructions": [{"entries": entries}]}}}}}}
    assert len(split(decode(json.dumps(document).encode(), ref="user.json")).raws) == 2


def listed(*results: dict[str, Any]) -> Any:
    """A timeline of posts, each of a conversation of its own unless it answers one of them."""
    for one_ in results:
        told = one_["legacy"]
        told["conversation_id_str"] = told.get("in_reply_to_status_id_str", told["id_str"])
    document = {
        "data": {"list": {"timeline": {"instructions": [{"entries": [{"content": item(r)} for r in results]}]}}}
    }
    return decode(json.dumps(document).encode(), ref="list.json")


def by_bob(number: int, to: int | None = None) -> dict[str, Any]:
    return result(
        number, to, user=BOB, **({"in_reply_to_user_id_str": "8", "in_reply_to_screen_name": "bob"} if to else {})
    )


def test_a_list_gives_the_threads_of_all_its_authors() -> None:
    bundle_ = split(listed(result(1), result(2, 1), by_bob(11), by_bob(12, 11), result(20)))
    assert [read(raw).author.handle for raw in bundle_.raws] == ["@ada", "@bob"]
    assert bundle_.left_out == ("1 posts that are in no thread",)


def test_posts_of_which_none_goes_on_are_refused() -> None:
    with pytest.raises(NotAThread, match="2 posts and no thread"):
        read(listed(result(1), by_bob(11)))


def test_the_thread_that_was_asked_for_is_taken_though_another_is_longer() -> None:
    thread = detail(result(1), module=[by_bob(3, 1), by_bob(4, 3), by_bob(5, 4)])
    assert [post.id for post in thread.posts] == [id_of(1)]


def test_what_x_recommends_below_a_thread_is_none_of_it() -> None:
    other = {"entryId": "tweetdetailrelatedtweets-1", "content": {"items": [{"item": item(by_bob(50))}]}}
    tomb = {"__typename": "TweetTombstone"}
    with pytest.raises(NotAThread, match="does not show the post that was asked for"):
        detail(tomb, extra=[other])


def test_more_answers_without_the_thread_are_refused() -> None:
    """What X loads as one scrolls on: the answers of others, and no post that they answer."""
    with pytest.raises(NotAThread, match="2 posts and no thread"):
        detail(module=[by_bob(3, 1), result(4, 3)])


def test_a_quoted_post_that_x_does_not_show_is_known_by_its_number() -> None:
    hidden = {"quoted_status_result": {"result": {"__typename": "TweetUnavailable", "reason": "Suspended"}}}
    post = detail(result(1, more=hidden, quoted_status_id_str="999"), result(2, 1)).posts[0]
    assert [quote.url for quote in post.quotes] == ["https://x.com/i/status/999"]


def test_five_thousand_posts_are_read() -> None:
    results = [result(1), *(result(number, number - 1) for number in range(2, 5_001))]
    assert len(detail(*results).posts) == 5_000


# ── syndication ───────────────────────────────────────────────────────────────────────────────────


def embedded(number: int, to: int | None = None, **more: Any) -> dict[str, Any]:
    told = tweet(number, to) | {"created_at": f"2026-03-01T10:00:{number:02}.000Z"}
    words = told.pop("full_text")
    return (
        told
        | {"__typename": "Tweet", "text": words, "user": {"id_str": "77", "name": "Ada L.", "screen_name": "ada"}}
        | more
    )


def test_an_embedded_post_brings_the_ones_above_it() -> None:
    media = [
        {
            "type": "photo",
            "url": "https://t.co/p",
            "media_url_https": "https://pbs.twimg.com/media/a.jpg",
            "original_info": {"width": 8, "height": 6},
        }
    ]
    document = embedded(3, 2, text="End. https://t.co/p", mediaDetails=media, parent=embedded(2, 1, parent=embedded(1)))
    thread = read(decode(json.dumps(document).encode(), ref="result.json"))
    assert [post.id for post in thread.posts] == [id_of(n) for n in (1, 2, 3)]
    assert (thread.posts[2].text, thread.posts[2].media) == (
        "End.",
        (Media(kind="image", url="https://pbs.twimg.com/media/a.jpg", width=8, height=6),),
    )


def test_answers_saved_one_a_line_are_one_thread() -> None:
    lines = "\n".join(json.dumps(embedded(n, n - 1 or None)) for n in (1, 2, 3))
    assert len(read(decode(lines.encode(), ref="results.jsonl")).posts) == 3


def test_an_embedded_long_post_is_said_to_be_cut() -> None:
    document = [embedded(1, note_tweet={"id": "abc"}), embedded(2, 1)]
    assert (
        "Post 1 is only the beginning of a longer one."
        in read(decode(json.dumps(document).encode(), ref="r.json")).warnings
    )
