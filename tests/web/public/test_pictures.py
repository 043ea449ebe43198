"""The pictures of the archive: ours, kept by browsers, the same for everybody, and gone when their author wishes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import feedparser
import httpx
import pytest
from lxml import html as markup
from sqlalchemy import update

from digest import archiving, consent
from digest.model import Picture, Shown
from digest.store import tables
from pictures.drawn import drawing, packed

SUN = packed(drawing())
OURS = Picture(digest="5ea", kind="png", width=640, height=400, size=len(SUN))
FOREIGN = '<div class="picture muted"><img src="https://tracker.example/x.jpg" alt="The sea"></div>'
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LOGO = '<img class="logo" src="https://brand.example/logo.png" alt="The Long Way Round" width="99" height="9">'


@pytest.fixture
def illustrated(store):
    """Issue 1 was sent with a picture that went along, one from a time when they were loaded from anywhere, and a logo."""
    issue = store.issues.get(1)
    ours = '<div class="picture"><img src="cid:5ea@example.org" alt="" width="502" height="314"></div>'
    html = issue.page.html.replace("</body>", f"{ours}{FOREIGN}{LOGO}</body>")
    page = replace(issue.page, html=html, pictures=(Shown(src="cid:5ea@example.org", picture=OURS),))
    store.pictures.keep(issue.thread_id, "https://example.org/a.png", OURS, SUN, now=NOW)
    with store._database.write() as connection:
        connection.execute(update(tables.issue).where(tables.issue.c.number == 1).values(page=page))
    return store


def test_a_picture_is_served_to_everybody_and_kept(illustrated, http):
    answer = http.get("/pictures/5ea.png")
    assert (answer.content, answer.headers["content-type"]) == (SUN, "image/png")
    assert answer.headers["cache-control"] == "public, max-age=2592000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    again = http.get("/pictures/5ea.png", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["5ea.jpg", "5ea", "none.png", "..%2f5ea.png", "5ea.png.svg", "%00.png"])
def test_nothing_else_is_behind_that_address(illustrated, http, name):
    assert http.get(f"/pictures/{name}").status_code == 404


def test_no_picture_of_a_closed_archive_is_served(illustrated, serve):
    house = serve(archive=False)
    assert httpx.get(f"{house.url}/pictures/5ea.png", trust_env=False).status_code == 404


def test_a_page_of_the_archive_shows_pictures_of_ours_alone(illustrated, http):
    answer = http.get("/issues/1")
    tree = markup.document_fromstring(answer.text)
    assert tree.xpath("//article//img/@src") == ["/pictures/5ea.png", "https://brand.example/logo.png"]
    assert tree.xpath("//a[@href='https://tracker.example/x.jpg']/text()") == ["The sea"]
    policy = answer.headers["content-security-policy"]
    assert "img-src 'self' data: https://brand.example;" in policy


def test_the_files_of_the_archive_bring_their_pictures(illustrated, press):
    files = dict(archiving.files(press))
    assert files["pictures/5ea.png"] == SUN
    tree = markup.document_fromstring(files["issues/1/index.html"].decode())
    assert "../../pictures/5ea.png" in tree.xpath("//article//img/@src")


def test_whoever_links_to_an_issue_gets_its_picture(illustrated, press):
    press = replace(press, site=replace(press.site, base_url="https://example.org/letter"))
    of = archiving.catalogue(press)
    tree = markup.document_fromstring(archiving.issue(press, of, of.get(1), link=str).html)
    assert tree.xpath("//meta[@property='og:image']/@content") == ["https://example.org/letter/pictures/5ea.png"]


def test_the_feed_shows_pictures_by_their_full_address(illustrated, press):
    press = replace(press, site=replace(press.site, base_url="https://example.org/letter"))
    text = archiving.feed(press, archiving.catalogue(press), link=press.site.url)
    entry = feedparser.parse(text.encode()).entries[-1]
    assert "https://example.org/letter/pictures/5ea.png" in entry.content[0].value
    assert 'src="https://tracker.example' not in entry.content[0].value


def test_a_takedown_takes_the_pictures_out_of_the_archive(illustrated, http):
    author = illustrated.library.get(illustrated.issues.get(1).thread_id).thread.author
    consent.take_down(author.handle or author.name, store=illustrated, now=NOW)
    assert http.get("/pictures/5ea.png").status_code == 404
    assert illustrated.pictures.weight() == (0, 0)
