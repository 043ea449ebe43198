"""Feeds of every kind: an entry is a thread."""

from __future__ import annotations

import json
from typing import Any

import pytest

from digest.errors import InputError, NotAThread
from digest.model import Media
from digest.sources import decode, read, split

LONG = "A dry stone wall is a slow garden: it takes one season to settle, and a century to fall down again. "

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Ada's notes</title><link>https://example.org/</link><language>en-gb</language>{items}</channel></rss>"""

ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Notizen</title>
<link href="https://example.org/"/><author><name>Ada L.</name></author>
<entry><title type="html">W&amp;auml;lle</title><id>tag:example.org,2026:1</id><link href="https://example.org/1"/>
<updated>2026-03-01T10:00:00+01:00</updated><content type="html">&lt;p&gt;Eine Mauer.&lt;/p&gt;</content></entry></feed>"""

RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://example.org/"><title>Notes</title><link>https://example.org/</link></channel>
<item rdf:about="https://example.org/1"><title>Walls</title><link>https://example.org/1</link><dc:date>2026-03-01T10:00:00Z</dc:date>
<dc:creator>Ada</dc:creator><description>A wall.</description></item></rdf:RDF>"""

JSON_FEED = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Notes", "authors": [{"name": "Ada"}],
    "items": [{"id": "1", "url": "https://example.org/1", "content_text": "A wall.\n\nA stone.", "date_published": "2026-03-01T10:00:00Z"}]})  # fmt: skip


def rss(*items: str) -> Any:
    return decode(RSS.format(items="".join(f"<item>{item}</item>" for item in items)).encode(), ref="feed.xml")


def entry(html: str, more: str = "") -> Any:
    return read(
        rss(
            f"<title>Walls</title><link>https://example.org/w/</link><guid>1</guid><content:encoded><![CDATA[{html}]]></content:encoded>{more}"
        )
    )


@pytest.mark.parametrize(
    "text",
    [
        ATOM,
        RDF,
        JSON_FEED,
        RSS.format(items="<item><title>Walls</title><guid>1</guid><description>A wall.</description></item>"),
    ],
)
def test_every_kind_of_feed_is_read(text: str) -> None:
    thread = read(decode(text.encode(), ref="feed"))
    assert thread.posts
    assert thread.author.name in {"Ada", "Ada L.", "Ada's notes"}


def test_an_entry_is_a_thread_with_its_title_date_and_address() -> None:
    thread = read(decode(ATOM.encode(), ref="feed.xml"))
    assert (thread.title, thread.url, thread.lang, thread.key) == (
        "Wälle",
        "https://example.org/1",
        "de",
        "feed:tag:example.org,2026:1",
    )
    assert thread.created_at
    assert thread.created_at.isoformat() == "2026-03-01T09:00:00+00:00"


def test_each_entry_is_one_and_a_repeated_one_counts_once() -> None:
    one = "<title>A</title><guid>1</guid><description>One.</description>"
    two = "<title>B</title><guid>2</guid><description>Two.</description>"
    assert [read(raw).title for raw in split(rss(one, two, one)).raws] == ["A", "B"]


def test_paragraphs_become_posts_of_a_readable_length() -> None:
    thread = entry(f"<p>{LONG * 3}</p><p>Short.</p><p>{LONG * 3}</p>")
    assert [post.text[:8] for post in thread.posts] == ["A dry st", "Short.\n\n"]


def test_a_heading_begins_a_post_and_a_list_stays_with_its_words() -> None:
    thread = entry(
        f"<p>{LONG * 3}</p><h2>Tools</h2><p>Take these:</p><ul><li>hammer</li><li>string</li></ul><h2>Time</h2><p>{LONG}</p>"
    )
    assert [post.text.split("\n")[0] for post in thread.posts][1:] == ["Tools", "Time"]
    assert thread.posts[1].text == "Tools\n\nTake these:\n\n• hammer\n• string"


def test_relative_links_and_pictures_lead_somewhere() -> None:
    post = entry('<p>See <a href="../stone">stone</a>. <img src="/a.jpg" alt="A wall" width="8" height="6"></p>').posts[
        0
    ]
    assert [link.url for link in post.links] == ["https://example.org/stone"]
    assert post.media == (Media(kind="image", url="https://example.org/a.jpg", alt="A wall", width=8, height=6),)


def test_a_counting_pixel_is_no_picture() -> None:
    assert entry('<p>A wall.<img src="https://example.org/c.gif" width="1" height="1"></p>').posts[0].media == ()


def test_a_sound_beside_the_entry_is_kept() -> None:
    thread = entry("<p>A wall.</p>", '<enclosure url="https://example.org/e.mp3" type="audio/mpeg" length="9"/>')
    assert [medium.kind for medium in thread.posts[-1].media] == ["audio"]


MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'


def described(words: str, beside: str) -> Any:
    """The one entry of a feed with a description, and what Media RSS puts beside it."""
    item = f"<title>Walls</title><guid>1</guid><description>{words}</description>{beside}"
    text = RSS.format(items=f"<item>{item}</item>").replace("<rss ", f"<rss {MEDIA} ")
    return read(decode(text.encode(), ref="feed.xml"))


def test_a_pictures_caption_does_not_take_the_place_of_the_words() -> None:
    thread = described(
        "&lt;p&gt;A dry stone wall is a slow garden.&lt;/p&gt;",
        '<media:content url="https://example.org/a.jpg" medium="image"><media:description>A wall</media:description></media:content>',
    )
    assert thread.text == "A dry stone wall is a slow garden."


def test_of_a_description_and_a_shorter_content_the_longer_is_read() -> None:
    thread = read(
        rss(
            f"<guid>1</guid><description>{LONG}</description><content:encoded><![CDATA[<b>Walls</b>]]></content:encoded>"
        )
    )
    assert thread.text == LONG.strip()


def test_the_picture_beside_an_entry_is_kept_where_its_words_show_none() -> None:
    beside = '<media:content url="https://secure.gravatar.com/avatar/1.jpg" medium="image"/><media:content url="https://example.org/wall" medium="image"/>'
    assert [medium.url for medium in described("A wall.", beside).posts[-1].media] == ["https://example.org/wall"]


def test_a_film_beside_an_entry_is_kept() -> None:
    beside = '<media:content url="https://example.org/wall.mp4" type="video/mp4"/>'
    assert [(m.kind, m.url) for m in described("A wall.", beside).posts[-1].media] == [
        ("video", "https://example.org/wall.mp4")
    ]


def test_a_link_around_whole_paragraphs_is_kept() -> None:
    post = entry('<a href="https://example.org/next"><div><p>Read on.</p></div></a>').posts[0]
    assert [(post.text[link.start : link.end], link.url) for link in post.links] == [
        ("Read on.", "https://example.org/next")
    ]


def test_a_link_that_hung_on_a_picture_alone_is_said_to_be_gone() -> None:
    picture = '<a href="{}"><img src="https://example.org/a.jpg" alt="A wall"></a>'
    assert entry(picture.format("https://example.org/shop")).dropped == ("a link that hung on a picture",)
    assert entry(picture.format("https://example.org/a-large.jpg")).dropped == ()


def test_a_feed_inside_a_page_is_still_a_feed() -> None:
    page = f"<!DOCTYPE html><html><body>{ATOM.partition('?>')[2]}</body></html>"
    assert read(decode(page.encode(), ref="feed.xml")).source == "feed"


def test_an_entry_without_a_title_is_read() -> None:
    thread = read(rss("<guid>1</guid><description>A wall &amp;amp; a stone.</description>"))
    assert (thread.title, thread.posts[0].text) == ("", "A wall & a stone.")


def test_an_excerpt_is_said_to_be_one() -> None:
    thread = read(rss(f"<title>Walls</title><guid>1</guid><description>{LONG} […]</description>"))
    assert thread.truncated
    assert any("only the beginning" in warning for warning in thread.warnings)


def test_nothing_in_an_entry_runs() -> None:
    thread = entry('<p onclick="x()">A wall.<script>alert(1)</script><a href="javascript:alert(1)">go</a></p>')
    assert thread.posts[0].text == "A wall.go"
    assert thread.posts[0].links == ()


def test_a_broken_feed_is_told() -> None:
    with pytest.raises(InputError, match="broken"):
        read(decode(b"<?xml version='1.0'?><rss><channel><item><title>A</tit", ref="feed.xml"))


def test_an_empty_feed_is_told() -> None:
    with pytest.raises((NotAThread, InputError), match="no entries"):
        read(rss())


def told(document: str) -> str:
    """What reading this feed comes to: the words, or the sentence that says why not."""
    try:
        return read(decode(document.encode(), ref="feed.xml")).text
    except InputError as error:
        return str(error)


def test_no_entity_of_a_feed_grows_without_end() -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "boom">{bomb}]>'
    item = "<item><title>A</title><guid>1</guid><description>&e9;</description></item>"
    assert len(told(f'{head}<rss version="2.0"><channel>{item}</channel></rss>')) < 1_000


def test_a_feed_cannot_name_a_file_of_this_machine() -> None:
    head = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    item = "<item><title>A</title><guid>1</guid><description>see &x; here</description></item>"
    assert "root:" not in told(f'{head}<rss version="2.0"><channel>{item}</channel></rss>')
