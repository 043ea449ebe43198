"""Pages of any site, saved or fetched: known shapes, articles, and what is no thread."""

from __future__ import annotations

from typing import Any

import pytest

from digest.errors import InputError, NotAThread
from digest.model import Media
from digest.sources import Web, decode, fetch, read
from sources.site import Reply, Site

PARAGRAPH = "A dry stone wall is a slow garden: it takes one season to settle, and a century to fall down again."


def page(body: str, *, head: str = "", ref: str = "page.html") -> Any:
    return read(
        decode(f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{body}</body></html>'.encode(), ref=ref)
    )


def nitter(number: int, words: str, *, who: str = "ada", more: str = "") -> str:
    return (
        f'<div class="timeline-item thread"><a class="tweet-link" href="/{who}/status/100000{number}#m"></a><div class="tweet-body">'
        f'<a class="fullname" href="/{who}">Ada L.</a><a class="username" href="/{who}">@{who}</a>'
        f'<span class="tweet-date"><a href="/{who}/status/100000{number}#m" title="Mar 1, 2026 · 10:0{number} PM UTC">1 Mar</a></span>'
        f'<div class="tweet-content media-body" dir="auto">{words}</div>{more}</div></div>'
    )


def test_a_page_of_nitter_gives_the_authors_thread() -> None:
    picture = '<div class="attachments"><a class="still-image" href="/pic/orig/media%2Fa.jpg"><img src="/pic/media%2Fa.jpg%3Fname%3Dsmall"></a></div>'
    quote = '<div class="quote"><div class="quote-text">Dry stone.</div></div>'
    thread = page(
        f'<div class="main-thread">{nitter(1, "First.")}{nitter(2, "Second <a href=https://example.org>example.org</a>", more=picture + quote)}</div>'
        f'<div id="r" class="replies">{nitter(3, "Not mine", who="bob")}</div>'
    )
    assert [post.text for post in thread.posts] == ["First.", "Second example.org"]
    assert (thread.key, thread.author.handle, thread.author.name) == ("x:1000001", "@ada", "Ada L.")
    assert thread.posts[1].media == (Media(kind="image", url="https://pbs.twimg.com/media/a.jpg"),)
    assert thread.posts[1].quotes[0].text == "Dry stone."
    assert thread.created_at
    assert thread.created_at.isoformat() == "2026-03-01T22:01:00+00:00"


def on_x(number: int, words: str, *, who: str = "ada") -> str:
    return (
        f'<article data-testid="tweet"><div data-testid="User-Name"><a href="/{who}"><span>Ada L.</span></a><a href="/{who}">@{who}</a>'
        f'<a href="/{who}/status/100000{number}"><time datetime="2026-03-01T10:00:00.000Z">1 Mar</time></a></div>'
        f'<div data-testid="tweetText"><span>{words}</span><img alt="🧱" src="https://abs-0.twimg.com/emoji/v2/svg/1f9f1.svg"></div>'
        f'<div data-testid="tweetPhoto"><img alt="Image" src="https://pbs.twimg.com/media/{number}?format=jpg"></div></article>'
    )


def test_a_thread_saved_on_x_itself_is_read() -> None:
    thread = page(on_x(1, "First ") + on_x(2, "Second ") + on_x(3, "Not mine", who="bob"))
    assert [post.text for post in thread.posts] == ["First 🧱", "Second 🧱"]
    assert thread.posts[0].media == (Media(kind="image", url="https://pbs.twimg.com/media/1?format=jpg"),)
    assert any("first and the last" in warning for warning in thread.warnings)


@pytest.mark.parametrize(
    "body",
    [
        "<div class='mainarticle'><p>First wall.</p><p>Second wall.</p><p>Third wall.</p></div>",
        "<div data-tweet-id='1'>First wall.</div><div data-tweet-id='2'>Second wall.</div><div data-tweet-id='3'>Third wall.</div>",
        "<div class='tweet'><div class='tweet-text'>First wall.</div></div><div class='tweet'>Second wall.</div><div class='tweet'>Third wall.</div>",
        "".join(
            f"<div class='h-entry'><div class='e-content'>{nth} wall.</div></div>"
            for nth in ("First", "Second", "Third")
        ),
    ],
    ids=["UnrollNow", "numbered", "classes", "microformats"],
)
def test_pages_of_other_unrollers_keep_their_posts(body: str) -> None:
    thread = page(body, head='<meta property="og:title" content="Thread by @ada: walls">')
    assert [post.text for post in thread.posts] == ["First wall.", "Second wall.", "Third wall."]
    assert thread.author.handle == "@ada"
    assert any("not known for sure" in warning for warning in thread.warnings)


def test_any_other_page_is_an_article() -> None:
    head = '<title>Walls | Example</title><meta name="author" content="Ada L."><link rel="canonical" href="https://example.org/walls"><meta property="article:published_time" content="2026-03-01T10:00:00Z">'
    thread = page(
        f"<nav>Home</nav><article><h1>Walls</h1><p>{PARAGRAPH * 3}</p><p>{PARAGRAPH * 3}</p></article><footer>© all</footer>",
        head=head,
    )
    assert len(thread.posts) == 2
    assert (thread.author.name, thread.url, thread.lang) == ("Ada L.", "https://example.org/walls", "en")
    assert "Home" not in thread.text
    assert "©" not in thread.text
    assert any("not known for sure" in warning for warning in thread.warnings)


@pytest.mark.parametrize(
    "body",
    [
        "<title>Log in</title><p>Sign in to X",
        "<title>Just a moment...</title><p>Checking your browser",
        "<title>X</title><noscript>JavaScript is not available.</noscript>",
    ],
)
def test_a_wall_of_another_kind_is_told(body: str) -> None:
    with pytest.raises(NotAThread, match=r"log-in wall|builds itself"):
        page(body)


def test_a_page_that_builds_itself_by_script_is_told() -> None:
    with pytest.raises(NotAThread, match="builds itself by script"):
        page('<div id="root"></div><script>render()</script>')


def test_a_page_nested_beyond_reading_is_told() -> None:
    with pytest.raises(InputError, match="nested too deeply"):
        page("<div>" * 3_000 + PARAGRAPH * 3)


def test_a_page_with_its_pictures_inside_is_read() -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 2_000_000}">'
    assert PARAGRAPH in page(f"<article><p>{PARAGRAPH}</p>{picture}<p>{PARAGRAPH}</p></article>").text


# ── by address ────────────────────────────────────────────────────────────────────────────────────


def test_a_thread_reader_page_is_fetched_and_read(site: Site, web: Web) -> None:
    posts = "".join(
        f'<div id="tweet_{n}" class="content-tweet" data-tweet="200{n}" data-screenname="ada" dir="auto">Post {n}</div>'
        for n in (1, 2)
    )
    site["/thread/2001.html"] = f"<!DOCTYPE html><html><body>{posts}<p>threadreaderapp.com</p></body></html>"
    thread = read(fetch(f"{site.url}/thread/2001.html", web=web))
    assert [post.text for post in thread.posts] == ["Post 1", "Post 2"]


def test_a_feed_is_fetched_and_read(site: Site, web: Web) -> None:
    site["/feed"] = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>N</title><item><title>Walls</title><guid>1</guid><description>A wall.</description></item></channel></rss>'
    )
    assert read(fetch(f"{site.url}/feed", web=web)).title == "Walls"


def test_a_page_that_is_a_post_of_the_fediverse_leads_to_its_thread(site: Site, web: Web) -> None:
    note = {
        "type": "Note",
        "id": f"{site.url}/n/1",
        "attributedTo": f"{site.url}/u/ada",
        "content": "<p>A wall.</p>",
        "published": "2026-03-01T10:00:00Z",
        "inReplyTo": None,
    }
    site["/blog/1"] = (
        f'<html><head><link rel="alternate" type="application/activity+json" href="{site.url}/n/1"></head><body><p>Shell'
    )
    site["/n/1"] = note
    assert read(fetch(f"{site.url}/blog/1", web=web)).posts[0].text == "A wall."


@pytest.mark.parametrize(
    "ref",
    [
        "https://x.com/ada/status/123456789",
        "https://twitter.com/ada/status/123456789",
        "https://mobile.twitter.com/ada/status/123456789?s=20",
    ],
)
def test_a_post_of_x_is_refused_with_the_way_to_do_it(web: Web, ref: str) -> None:
    with pytest.raises(InputError, match=r"threadreaderapp\.com/thread/123456789\.html"):
        fetch(ref, web=web)


def test_a_picture_is_no_page(site: Site, web: Web) -> None:
    site["/a.png"] = Reply(body=b"\x89PNG", headers={"Content-Type": "image/png"})
    with pytest.raises(InputError, match="no page but a file"):
        fetch(f"{site.url}/a.png", web=web)
