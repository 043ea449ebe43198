"""A Mastodon thread by its address and from a file: against a server that speaks the API's own shapes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from digest.errors import InputError, NotAThread, Several, Unwilling, WebError
from digest.model import Card, Choice, Media, Poll
from digest.sources import Web, decode, fetch, read, split
from sources.site import Reply, Site

ADA = {"id": "7", "username": "ada", "acct": "ada", "display_name": "Ada :verified: L.", "url": "https://example.social/@ada",
       "emojis": [{"shortcode": "verified", "url": "https://example.social/v.png"}]}  # fmt: skip
BOB = {"id": "8", "username": "bob", "acct": "bob@example.org", "display_name": "", "url": "https://example.org/@bob"}


def status(
    id_: int, to: int | None = None, *, by: dict[str, Any] = ADA, content: str = "", **more: Any
) -> dict[str, Any]:
    """A status as the API gives it (docs.joinmastodon.org/entities/Status), with what a test says of it."""
    return {
        "id": str(id_),
        "created_at": f"2026-03-01T10:{id_ % 60:02}:00.000Z",
        "in_reply_to_id": str(to) if to else None,
        "in_reply_to_account_id": by["id"] if to else None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"https://example.social/users/ada/statuses/{id_}",
        "url": f"https://example.social/@ada/{id_}",
        "replies_count": 0,
        "edited_at": None,
        "content": content or f"<p>Post {id_} of the story.</p>",
        "reblog": None,
        "account": by,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": None,
    } | more


def serve(site: Site, first: dict[str, Any], *after: dict[str, Any], before: tuple[dict[str, Any], ...] = ()) -> str:
    """The status with its context, at the address that a browser shows."""
    for one in (*before, first, *after):
        site[f"/api/v1/statuses/{one['id']}"] = {**one, "url": f"{site.url}/@ada/{one['id']}"}
        above = [other for other in (*before, first) if int(other["id"]) < int(one["id"])]
        site[f"/api/v1/statuses/{one['id']}/context"] = {
            "ancestors": above,
            "descendants": [other for other in after if int(other["id"]) > int(one["id"])],
        }
    return f"{site.url}/@ada/{first['id']}"


def saved(first: dict[str, Any], *after: dict[str, Any]) -> Any:
    document = {"status": first, "context": {"ancestors": [], "descendants": list(after)}}
    return read(decode(json.dumps(document).encode(), ref="thread.json"))


def test_a_thread_comes_by_its_address(site: Site, web: Web) -> None:
    thread = read(fetch(serve(site, status(1), status(2, 1), status(3, 2)), web=web))
    assert [post.text for post in thread.posts] == [f"Post {number} of the story." for number in (1, 2, 3)]
    assert (thread.author.name, thread.author.handle) == ("Ada L.", "@ada@example.social")
    assert (thread.lang, thread.warnings, thread.truncated) == ("en", (), False)
    assert thread.key == "activitypub:https://example.social/users/ada/statuses/1"


def test_who_asks_says_who_it_is(site: Site, web: Web) -> None:
    fetch(serve(site, status(1), status(2, 1)), web=web)
    assert {asked.headers["user-agent"] for asked in site.asked} == {"thread-digest"}


@pytest.mark.parametrize(
    "path",
    [
        "/@ada/2",
        "/@ada@example.social/2",
        "/users/ada/statuses/2",
        "/web/statuses/2",
        "/web/@ada/2",
        "/deck/@ada/2",
        "/notice/2",
    ],
)
def test_every_form_of_address_leads_to_the_whole_thread(site: Site, web: Web, path: str) -> None:
    serve(site, status(2, 1), status(3, 2), before=(status(1),))
    site["/api/v1/statuses/1/context"] = {"ancestors": [], "descendants": [status(2, 1), status(3, 2)]}
    assert [post.id for post in read(fetch(f"{site.url}{path}", web=web)).posts] == ["1", "2", "3"]


def test_answers_of_others_are_no_part_of_it(site: Site, web: Web) -> None:
    others = (status(4, 1, by=BOB), status(5, 4), status(6, 3, by=BOB))
    thread = read(fetch(serve(site, status(1), status(2, 1), status(3, 2), *others), web=web))
    assert [post.id for post in thread.posts] == ["1", "2", "3"]
    assert thread.dropped == ("3 answers that are not the author's thread",)


def test_a_thread_that_branches_is_kept_whole_in_the_order_of_writing() -> None:
    thread = saved(status(1), status(2, 1), status(3, 2), status(4, 1))
    assert [post.id for post in thread.posts] == ["1", "2", "3", "4"]
    assert any("post 1 more than once" in warning for warning in thread.warnings)


def test_what_one_answer_does_not_hold_is_asked_for(site: Site, web: Web) -> None:
    """Servers give strangers sixty answers at most, and twenty levels."""
    chain = [status(1), *(status(number, number - 1) for number in range(2, 151))]
    by_id = {one["id"]: one for one in chain}
    for one in chain:
        number = int(one["id"])
        one["replies_count"] = 0 if number == 150 else 1
        one["created_at"] = f"2026-03-01T{10 + number // 60:02}:{number % 60:02}:00.000Z"
        site[f"/api/v1/statuses/{number}"] = {**one, "url": f"{site.url}/@ada/{number}"}
        site[f"/api/v1/statuses/{number}/context"] = {"ancestors": [], "descendants": chain[number : number + 20]}
    thread = read(fetch(f"{site.url}/@ada/1", web=web))
    assert [post.id for post in thread.posts] == list(by_id)
    assert not thread.truncated


def test_a_saved_thread_whose_end_was_not_saved_says_so() -> None:
    document = json.dumps(status(1, replies_count=3)).encode()
    thread = read(decode(document, ref="status.json"))
    assert any("may go on" in warning for warning in thread.warnings)


def test_duplicates_and_cycles_do_no_harm() -> None:
    thread = saved(status(1), status(2, 1), status(2, 1), status(3, 4), status(4, 3))
    assert [post.id for post in thread.posts] == ["1", "2"]


@pytest.mark.parametrize(
    ("counted", "engagement"),
    [({"favourites_count": 12, "reblogs_count": 3}, 15), ({"reblogs_count": 0}, 0), ({}, None)],
)
def test_how_its_first_post_was_received_is_kept_where_it_is_counted(
    counted: dict[str, int], engagement: int | None
) -> None:
    first = {name: value for name, value in status(1).items() if not name.endswith("s_count")} | counted
    assert saved(first, status(2, 1)).engagement == engagement


def test_boosts_are_left_out() -> None:
    boost = status(3, 2) | {"reblog": status(9, by=BOB)}
    assert [post.id for post in saved(status(1), status(2, 1), boost).posts] == ["1", "2"]


@pytest.mark.parametrize("visibility", ["private", "direct"])
def test_what_was_not_for_everybody_is_not_imported(visibility: str) -> None:
    assert [post.id for post in saved(status(1), status(2, 1, visibility=visibility)).posts] == ["1"]
    with pytest.raises(NotAThread, match="no public post"):
        saved(status(1, visibility=visibility))


@pytest.mark.parametrize("tag", ["#<span>noarchive</span>", "#NoBot", "#nobots"])
def test_who_asks_to_be_left_alone_by_programs_is_not_imported(tag: str) -> None:
    shy = ADA | {"note": f'<p>Bees. <a href="https://example.social/tags/x">{tag}</a></p>'}
    with pytest.raises(Unwilling, match=r"(?i)#no"):
        saved(status(1, account=shy))


def test_links_mentions_and_tags_are_told_as_they_were_written() -> None:
    html = (
        '<p>See <a href="https://example.org/a/long/path?x=1" target="_blank"><span class="invisible">https://</span>'
        '<span class="ellipsis">example.org/a/long</span><span class="invisible">/path?x=1</span></a>, '
        '<span class="h-card"><a href="https://example.org/@bob" class="u-url mention">@<span>bob</span></a></span> '
        'and <a href="https://example.social/tags/Walls" class="mention hashtag" rel="tag">#<span>Walls</span></a>.</p>'
        "<p>Second<br>line &amp; end</p>"
    )
    post = saved(status(1, content=html), status(2, 1)).posts[0]
    assert post.text == "See https://example.org/a/long/path?x=1, @bob and #Walls.\n\nSecond\nline & end"
    assert [(post.text[link.start : link.end], link.url) for link in post.links] == [
        ("https://example.org/a/long/path?x=1", "https://example.org/a/long/path?x=1"),
        ("@bob", "https://example.org/@bob"),
        ("#Walls", "https://example.social/tags/Walls"),
    ]


def test_lists_and_code_of_richer_servers_are_read() -> None:
    html = "<p>Take:</p><ul><li>flour</li><li><p>salt</p></li></ul><blockquote><p>Bread.</p></blockquote><pre><code>a  b</code></pre>"
    assert saved(status(1, content=html), status(2, 1)).posts[0].text == "Take:\n\n• flour\n• salt\n\nBread.\n\na b"


def test_pictures_films_and_sounds_come_with_their_words() -> None:
    media = [
        {"type": "image", "url": "https://files.example.social/a.png", "preview_url": "https://files.example.social/s.png",
         "description": "A wall", "meta": {"original": {"width": 800, "height": 600}}},
        {"type": "gifv", "url": "https://files.example.social/g.mp4", "preview_url": "https://files.example.social/g.png", "description": None},
        {"type": "audio", "url": "https://files.example.social/s.mp3", "preview_url": None, "description": "Birds"},
        {"type": "unknown", "url": None, "remote_url": "https://example.org/u.bin", "description": ""},
    ]  # fmt: skip
    thread = saved(status(1, media_attachments=media), status(2, 1))
    assert thread.posts[0].media == (
        Media(kind="image", url="https://files.example.social/a.png", alt="A wall", width=800, height=600),
        Media(kind="gif", url="https://files.example.social/g.mp4", poster="https://files.example.social/g.png"),
        Media(kind="audio", url="https://files.example.social/s.mp3", alt="Birds"),
        Media(kind="image", url="https://example.org/u.bin"),
    )
    assert any("does not know" in warning for warning in thread.warnings)


def test_a_poll_is_kept_with_its_votes() -> None:
    poll = {"options": [{"title": "Tea", "votes_count": 3}, {"title": "Coffee", "votes_count": None}], "votes_count": 3}
    assert saved(status(1, poll=poll), status(2, 1)).posts[0].poll == Poll(
        choices=(Choice(text="Tea", votes=3), Choice(text="Coffee"))
    )


def test_a_content_warning_stands_before_the_post() -> None:
    assert (
        saved(status(1, spoiler_text="food &amp; drink", sensitive=True), status(2, 1)).posts[0].content_warning
        == "food & drink"
    )


def test_an_edit_is_dated() -> None:
    edited = saved(status(1, edited_at="2026-03-02T08:00:00.000Z"), status(2, 1)).posts[0].edited_at
    assert edited
    assert edited.isoformat() == "2026-03-02T08:00:00+00:00"


def test_custom_emoji_keep_their_names_and_that_is_said() -> None:
    thread = saved(status(1, content="<p>Bread :sourdough:</p>", emojis=[{"shortcode": "sourdough"}]), status(2, 1))
    assert thread.posts[0].text == "Bread :sourdough:"
    assert "pictures of custom emoji (:sourdough:)" in thread.dropped


@pytest.mark.parametrize(
    "quote",
    [{"state": "accepted", "quoted_status": status(9, by=BOB)}, status(9, by=BOB)],
    ids=["Mastodon 4.4", "before"],
)
def test_a_quoted_post_is_shown_once(quote: dict[str, Any]) -> None:
    html = '<p class="quote-inline">RE: <a href="https://example.org/9">example.org/9</a></p><p>Look at this.</p>'
    post = saved(status(1, content=html, quote=quote), status(2, 1)).posts[0]
    assert post.text == "Look at this."
    assert [(one.text, one.author.handle) for one in post.quotes] == [("Post 9 of the story.", "@bob@example.org")]


def test_a_quote_that_its_author_took_back_is_said() -> None:
    thread = saved(status(1, quote={"state": "revoked", "quoted_status": None}), status(2, 1))
    assert "Post 1 quotes a post that its author does not show (revoked)." in thread.warnings


def test_the_preview_of_a_link_is_kept() -> None:
    card = {"url": "https://example.org/wall", "title": "Walls", "provider_name": "Example", "type": "link"}
    assert saved(status(1, card=card), status(2, 1)).posts[0].card == Card(
        url="https://example.org/wall", title="Walls", site="Example"
    )


def test_a_post_without_words_keeps_its_picture() -> None:
    media = [{"type": "image", "url": "https://files.example.social/a.png", "description": "A wall"}]
    assert len(saved(status(1), status(2, 1, content="", media_attachments=media)).posts) == 2


def test_an_accounts_saved_statuses_give_each_of_its_threads() -> None:
    statuses = [status(1), status(2, 1), status(5), status(7), status(8, 7), status(9, 8)]
    raw = decode(json.dumps(statuses).encode(), ref="statuses.json")
    assert [len(read(part).posts) for part in split(raw).raws] == [2, 3]
    with pytest.raises(Several, match="2 threads"):
        read(raw)


def test_a_list_of_posts_of_which_none_goes_on_is_refused() -> None:
    raw = decode(json.dumps([status(1), status(2), status(3)]).encode(), ref="statuses.json")
    with pytest.raises(NotAThread, match="3 posts and no thread"):
        read(raw)


def test_a_copy_on_another_server_leads_to_the_original(site: Site, web: Web) -> None:
    """Servers hold what came to them, which may be less than all: only the author's own has the whole thread."""
    serve(site, status(1), status(2, 1))
    original = site.url.replace("127.0.0.1", "localhost")
    site["/api/v1/statuses/77"] = status(77) | {"url": f"{original}/@ada/1"}
    assert [post.id for post in read(fetch(f"{site.url}/@ada@example.social/77", web=web)).posts] == ["1", "2"]


def test_a_server_that_keeps_its_api_to_itself_is_read_by_activitypub(site: Site, web: Web) -> None:
    """GoToSocial, Misskey, and Mastodon with its API closed."""
    actor = f"{site.url}/users/ada"
    notes = {
        number: {
            "@context": "https://www.w3.org/ns/activitystreams",
            "type": "Note",
            "id": f"{site.url}/users/ada/statuses/{number}",
            "attributedTo": actor,
            "published": f"2026-03-01T10:0{number}:00Z",
            "inReplyTo": f"{site.url}/users/ada/statuses/{number - 1}" if number > 1 else None,
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "content": f"<p>Note {number}</p>",
            "replies": {"type": "Collection", "first": {"type": "CollectionPage", "items": [f"{site.url}/users/ada/statuses/{number + 1}"]}},
        }
        for number in (1, 2, 3)
    }  # fmt: skip
    for number, note in notes.items():
        site[f"/users/ada/statuses/{number}"] = note
        site[f"/api/v1/statuses/{number}"] = Reply(
            body={"error": "This method requires an authenticated user"}, status=401
        )
    site["/users/ada"] = {"type": "Person", "preferredUsername": "ada", "name": "Ada", "id": actor}
    thread = read(fetch(f"{site.url}/users/ada/statuses/2", web=web))
    assert [post.text for post in thread.posts] == ["Note 1", "Note 2", "Note 3"]
    assert thread.author.name == "Ada"


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(body="<html><title>Log in</title>", status=200), "log-in wall"),
        (Reply(body='{"id": "1", "content": "<p>Cu', status=200), "breaks off"),
        (Reply(status=404), "nothing there"),
        (Reply(status=410), "nothing there"),
        (Reply(status=429), "too many questions"),
        (Reply(status=500), "in trouble"),
    ],
    ids=["a page", "cut", "404", "410", "429", "500"],
)
def test_a_server_that_does_not_give_it_is_told_in_one_sentence(site: Site, web: Web, reply: Reply, said: str) -> None:
    for path in ("/api/v1/statuses/1", "/@ada/1"):
        site[path] = reply
    with pytest.raises((WebError, InputError), match=said):
        read(fetch(f"{site.url}/@ada/1", web=web))
