"""Thread Reader pages saved as HTML, in the markup of 2018, 2019 and 2020 onwards."""

from __future__ import annotations

import pytest

from digest.errors import InputError, NotAThread
from digest.model import Author, Card, Media, Post, Quote, Related, Thread
from digest.sources import Raw, read, threadreader_html


def saved(body: str, *, head: str = "") -> Thread:
    page = (
        f"<!DOCTYPE html><html><head><title>Thread by @ivobrandl on Thread Reader App</title>{head}</head><body>{body}"
    )
    return read(Raw(ref="page.html", text=page))


def post(inner: str, *, number: int = 1) -> Post:
    kept = f'<div id="tweet_{number}" class="content-tweet allow-preview" data-tweet="100{number}" dir="auto">{inner}</div>'
    return saved(kept).posts[0]


PAGE_2019 = """<div class="t-main">
<div class="row t-tweet"><div class="col-12"><div id="tweet_1" class="content-tweet allow-preview" dir="auto">A wall
 is a slow garden.<br><br>It begins with dust.</div></div></div>
<div class="row t-tweet"><div class="col-12"><div id="tweet_2" class="content-tweet allow-preview" dir="auto">Moss &amp;
 ferns.</div></div></div></div>"""

PAGE_2020 = """<div>Ivo Brandl Profile picture</div><div>Ivo Brandl</div><div>Feb 5, 2023 2 tweets 5 min read Read on X</div>
<div class="col-12 hide-mentions"><div id="tweet_1" class="content-tweet allow-preview" data-controller="thread"
 data-action="click->thread#showTweet" data-screenname="ivobrandl" data-tweet="1001" dir="auto">A wall.
 <sup class="tw-permalink"><i class="fas fa-link"></i></sup></div><ins class="adsbygoogle">Buy bricks</ins>
<script>var bricks</script><div id="tweet_2" class="content-tweet allow-preview" data-screenname="ivobrandl"
 data-tweet="1002" dir="auto">A garden.</div></div><p>• • •</p><p>Missing some Tweet in this thread? You can try to
 <a href="#">force a refresh</a></p>
<div class="col-12" data-controller="link" data-link-href="/thread/77777.html"><span class="time">Aug 8, 2020</span>
<div class="card-tweetsv2"><div class="content-tweet" data-tweet="77777">On gates.</div></div><a>Read 8 tweets</a></div>"""

CARDS_2018 = """<div class="thread-card"><div class="box-user"><span class="username">Ivo</span></div>
<span class="time" data-time="1520000000">Mar 2, 2018</span><div class="card-tweets"><div class="content-tweet">On gates.
</div></div></div>"""


def test_a_page_of_2019_gives_its_posts_and_paragraphs() -> None:
    assert [post.text for post in saved(PAGE_2019).posts] == [
        "A wall is a slow garden.\n\nIt begins with dust.",
        "Moss & ferns.",
    ]


def test_a_page_of_2020_gives_posts_without_buttons_and_advertisements() -> None:
    thread = saved(PAGE_2020, head='<link rel="canonical" href="https://threadreaderapp.com/thread/1001.html">')
    assert [(post.id, post.text) for post in thread.posts] == [("1001", "A wall."), ("1002", "A garden.")]
    assert thread.author == Author(name="Ivo Brandl", handle="@ivobrandl", url="https://x.com/ivobrandl")
    assert (thread.key, thread.date, thread.declared) == ("x:1001", "Feb 5, 2023", 2)
    assert thread.url == "https://threadreaderapp.com/thread/1001.html"


def test_cards_of_other_threads_are_related_and_no_posts() -> None:
    url = "https://threadreaderapp.com/thread/77777.html"
    assert saved(PAGE_2020).related == (Related(text="On gates.", date="Aug 8, 2020", posts=8, url=url),)


def test_a_page_of_cards_alone_is_refused() -> None:
    with pytest.raises(NotAThread):
        saved(CARDS_2018)


def test_a_shortened_link_leads_to_its_real_target() -> None:
    found = post('See <a class="entity-url" href="https://example.org/walls">example.org/wa…</a> now')
    assert found.text == "See example.org/wa… now"
    assert [(found.text[link.start : link.end], link.url) for link in found.links] == [
        ("example.org/wa…", "https://example.org/walls")
    ]


def test_a_link_that_is_no_web_address_is_only_text() -> None:
    assert post('<a href="javascript:alert(1)">press</a>') == Post(
        number=1, text="press", id="1001", url="https://x.com/ivobrandl/status/1001"
    )


def test_a_lazy_picture_has_its_real_address_and_the_authors_words() -> None:
    inner = '<span class="entity-image"><a href="https://example.org/a.jpg"><img src="/images/1px.png" data-src="https://example.org/a.jpg" alt="Moss on brick"></a></span>'
    assert post(inner).media == (Media(kind="image", url="https://example.org/a.jpg", alt="Moss on brick"),)


def test_an_alternative_text_that_only_says_image_is_none() -> None:
    assert post('<img src="https://example.org/a.jpg" alt="Image">').media[0].alt == ""


def test_of_a_film_the_largest_mp4_and_the_poster_are_kept() -> None:
    inner = """<div class="entity-video"><video poster="https://example.org/p.jpg">
    <source src="https://example.org/pl/a.m3u8"><source src="https://example.org/320x180/a.mp4?tag=1">
    <source src="https://example.org/1280x720/a.mp4?tag=1"></video></div>"""
    assert post(inner).media == (
        Media(kind="video", url="https://example.org/1280x720/a.mp4?tag=1", poster="https://example.org/p.jpg"),
    )


def test_a_film_that_plays_as_a_gif_is_a_gif() -> None:
    assert (
        post('<div class="entity-video-gif"><video><source src="https://example.org/a.mp4"></video></div>')
        .media[0]
        .kind
        == "gif"
    )


def test_an_embedded_post_is_a_quote() -> None:
    inner = '<span class="entity-embed"><blockquote data-tweet-id="555">So it is.<a href="https://twitter.com/fern/status/555"></a></blockquote></span>'
    assert post(inner).quotes == (
        Quote(text="So it is.", author=Author(handle="@fern"), url="https://x.com/fern/status/555"),
    )


def test_an_embed_of_which_only_the_number_is_left_is_still_a_quote() -> None:
    inner = (
        '<span class="entity-embed"><span class="twitter-player"><iframe data-tweet-id="555"></iframe></span></span>'
    )
    assert post(inner).quotes == (Quote(text="", url="https://x.com/i/status/555"),)


def test_a_link_preview_is_a_card_and_hides_its_link() -> None:
    inner = """See:<a class="entity-url" href="https://example.org/w" style="display: none;">example.org/w</a>
    <div class="entity-url-preview"><a href="https://example.org/w" class="img-cover"><img src="/images/sticky-note-regular.png"></a>
    <a href="https://example.org/w"><strong>Walls</strong> All about them</a><small class="pre-url">example.org/w</small></div>"""
    found = post(inner)
    assert (found.text, found.card) == ("See:", Card(url="https://example.org/w", title="Walls", site="example.org"))
    assert found.media == ()


def test_hidden_mentions_of_a_reply_are_not_text() -> None:
    inner = '<a class="entity-mention entity-mention-first">@ada</a> <a class="entity-mention">@bo</a> Hello <a class="entity-mention">@cy</a>'
    assert post(inner).text == "Hello @cy"


def test_a_numbered_line_of_the_author_keeps_its_number() -> None:
    assert (
        post('Two things:<br><span class="nop nop-start">1. </span>dust<br>2. moss').text
        == "Two things:\n1. dust\n2. moss"
    )


def test_html_nested_beyond_reading_is_refused_and_not_cut() -> None:
    with pytest.raises(InputError, match="nested too deeply"):
        saved("<div>" * 5000 + '<div id="tweet_1" class="content-tweet">A wall.</div>')


def test_floods_of_markup_are_refused_quickly() -> None:
    with pytest.raises(InputError, match="more mark-up"):
        saved('<div id="tweet_1" class="content-tweet">' + "<br>" * 4_000_000)


def test_a_page_of_another_site_is_another_sources() -> None:
    assert not threadreader_html.owns(Raw(ref="page.html", text="<!doctype html><title>A wall</title><p>A wall."))
