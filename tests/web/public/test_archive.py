"""The archive: the mailed page for everybody, with nobody in it; the feed; the files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import feedparser
import html5lib
import httpx
import pytest
from lxml import html as markup

from digest import archiving
from digest.desk.archive.catalogue import Catalogue
from digest.desk.archive.feed import feed
from digest.desk.archive.leaf import leaf
from digest.desk.site import Site
from digest.errors import InputError, RenderError, UsageError
from digest.model import Author, BackIssue

PERSONAL = re.compile(r"T[0-9a-f]{16}_|/u/|/manage/|/rejoin/|[a-z2-7]{34}|ada@example|ben@example")


@pytest.fixture
def everything(press) -> dict[str, str]:
    return {name: data.decode() for name, data in archiving.files(press)}


def withdraw(store, number: int) -> None:
    assert store.archive.withdraw(store.issues.get(number).thread_id, now=store.issues.get(number).letterhead.date)


# ── one page ──────────────────────────────────────────────────────────────────────────────────────


def test_nobody_is_in_any_page(everything):
    assert {name: PERSONAL.findall(text) for name, text in everything.items() if PERSONAL.search(text)} == {}


def test_nothing_can_run_or_be_fetched_but_pictures(everything):
    for name, text in everything.items():
        if name.endswith(".html"):
            tree = markup.document_fromstring(text)
            assert tree.xpath("//script | //iframe | //object | //embed | //base | //link[@rel='stylesheet']") == [], (
                name
            )
            assert tree.xpath("//@*[starts-with(name(), 'on')]") == [], name
            assert "default-src 'none'" in tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]


def test_every_page_is_valid_html(everything):
    for name, text in everything.items():
        if name.endswith(".html"):
            assert text.startswith("<!DOCTYPE html>"), name
            html5lib.HTMLParser(strict=name != "issues").parse(text)


def test_a_page_holds_every_post_of_the_mail(store, everything):
    for issue in store.issues.all():
        mailed = markup.document_fromstring(issue.page.html).xpath("//*[starts-with(@id, 'p')]/@id")
        shown = markup.document_fromstring(everything[f"issues/{issue.number}/index.html"])
        assert [i for i in shown.xpath("//@id") if re.fullmatch(r"p\d+", i)] == mailed


def test_a_page_speaks_its_issues_language_and_runs_its_way(everything):
    arabic = markup.document_fromstring(everything["issues/4/index.html"])
    german = everything["issues/3/index.html"]
    assert (arabic.get("lang"), arabic.get("dir")) == ("ar", "rtl")
    assert "Alle Ausgaben" in german


def test_a_page_has_a_card_for_whoever_links_to_it(press):
    press = replace(press, site=replace(press.site, base_url="https://example.org/letter"))
    of = archiving.catalogue(press)
    tree = markup.document_fromstring(archiving.issue(press, of, of.get(1), link=str).html)
    card = {meta.get("property"): meta.get("content") for meta in tree.xpath("//meta[@property]")}
    assert card["og:title"] == "My real job was to write things down"
    assert card["og:url"] == "https://example.org/letter/issues/1"
    assert card["og:description"]
    assert tree.xpath("//link[@rel='canonical']/@href") == ["https://example.org/letter/issues/1"]


def test_a_page_in_which_a_reader_is_left_is_refused(store):
    page = store.issues.get(1).page
    hidden = page.html.replace("</body>", f"<p>{page.marks.email}</p></body>")
    assert "EMAIL" not in leaf(replace(page, html=hidden), web="w").body
    styled = page.html.replace(":root{", f".x{{content:'{page.marks.unsubscribe}'}}:root{{", 1)
    with pytest.raises(RenderError, match="place for a reader"):
        leaf(replace(page, html=styled), web="w")


def test_a_template_that_lets_a_script_in_does_not_get_it_into_the_archive(store):
    page = store.issues.get(1).page
    evil = '<script>alert(1)</script><img src=x onerror="alert(1)"><a href="javascript:alert(1)">x</a><form></form>'
    body = leaf(replace(page, html=page.html.replace("</body>", f"{evil}</body>")), web="w").body
    assert re.search(r"<script|onerror|javascript:|<form", body) is None


# ── the order ─────────────────────────────────────────────────────────────────────────────────────


def by(number: int, name: str, handle: str = "") -> BackIssue:
    return BackIssue(
        number=number,
        title=f"Issue {number}",
        preheader="",
        lang="en",
        author=Author(name=name, handle=handle),
        date=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(weeks=number),
        domain="example.org",
    )


def test_an_author_has_all_of_their_issues_on_one_page():
    of = Catalogue([by(1, "Ada", "@ada"), by(2, "Ben"), by(3, "Ada L.", "@Ada"), by(4, "")])
    assert [(w.slug, w.name, [i.number for i in w.issues]) for w in of.writers] == [
        ("ada", "Ada L.", [3, 1]),
        ("ben", "Ben", [2]),
    ]
    assert of.writer_of(of.get(4)) is None


def test_a_newcomer_with_the_same_name_moves_nobodys_page():
    first = Catalogue([by(1, "Ada B")])
    both = Catalogue([by(1, "Ada B"), by(2, "Ada-B"), by(3, "小林"), by(4, "林小")])
    assert first.writers[0].slug == "ada-b"
    slugs = {w.name: w.slug for w in both.writers}
    assert slugs["Ada B"] == "ada-b"
    assert len(set(slugs.values())) == 4
    assert all(re.fullmatch(r"[a-z0-9-]+", slug) for slug in slugs.values())


# ── the app ───────────────────────────────────────────────────────────────────────────────────────


def test_view_in_browser_leads_to_the_issue(http):
    assert "My real job was to write things down" in http.get("/issues/1").text
    assert http.get("/issues/1/").status_code == 200
    assert http.get("/latest").headers["location"] == "/issues/7"


def test_a_withdrawn_issue_leaves_everything_at_once(house, http):
    author = re.search(r'href="(/authors/[^"]*mira[^"]*)"', http.get("/").text)[1]
    tag = http.get("/issues/1").headers["etag"]
    withdraw(house.store, 1)
    answer = http.get("/issues/1", headers={"if-none-match": tag})
    assert answer.status_code == 410
    assert "withdrawn" in answer.text
    assert "write things down" not in http.get("/").text + http.get("/feed.xml").text + http.get("/issues/2").text
    assert http.get(author).status_code == 404


def test_a_page_that_is_the_same_is_not_sent_twice(http):
    for path in ("/issues/1", "/feed.xml"):
        first = http.get(path)
        again = http.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert first.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(("listed", "wanted"), [(True, None), (False, "noindex")])
def test_search_engines_come_where_the_editor_lets_them(serve, listed, wanted):
    house = serve(listed=listed)
    answer = httpx.get(f"{house.url}/issues/1", trust_env=False)
    assert answer.headers.get("x-robots-tag") == wanted
    assert ('name="robots"' in answer.text) is not listed


def test_an_archive_that_is_off_shows_nothing_but_the_form(serve):
    house = serve(archive=False)
    with httpx.Client(base_url=house.url, trust_env=False) as http:
        for path in ("/issues/1", "/feed.xml", "/latest", "/authors/mirathole"):
            assert http.get(path).status_code == 404
        assert 'action="/subscribe"' in http.get("/").text
        assert "/issues/" not in http.get("/").text


@pytest.mark.parametrize("asked", ["", "/letter"])
def test_a_path_before_the_pages_may_be_cut_off_by_the_proxy_or_not(serve, asked):
    house = serve(base_url="https://example.org/letter")
    with httpx.Client(base_url=house.url, trust_env=False) as http:
        page = http.get(f"{asked}/issues/1")
        assert page.status_code == 200
        ours = [h for h in markup.document_fromstring(page.text).xpath("//@href | //@action") if h.startswith("/")]
        assert ours
        assert all(address.startswith("/letter/") for address in ours)
        assert http.post(f"{asked}/subscribe", data={"email": "eve@example.org"}).status_code == 200


# ── the feed ──────────────────────────────────────────────────────────────────────────────────────


def test_the_feed_is_what_feed_readers_take(press):
    press = replace(press, site=replace(press.site, base_url="https://example.org/letter"))
    found = feedparser.parse(archiving.feed(press, archiving.catalogue(press), link=str))
    assert not found.bozo
    assert found.version == "atom10"
    assert [entry.link.rpartition("/")[2] for entry in found.entries] == ["7", "6", "5", "4", "3", "2", "1"]
    assert len({entry.id for entry in found.entries}) == 7
    assert found.entries[-1].id == "tag:example.org,2026-11-24:issue-1"
    assert all(entry.link.startswith("https://example.org/letter/issues/") for entry in found.entries)
    assert all(entry.updated_parsed and entry.author and entry.title for entry in found.entries)


def test_an_entry_holds_the_whole_thread_and_no_layout(store, press):
    found = feedparser.parse(archiving.feed(press, archiving.catalogue(press), link=str))
    content = found.entries[-1].content[0].value
    for post in store.library.get(store.issues.get(1).thread_id).thread.posts:
        assert post.text.split("\n")[0][:40] in markup.fromstring(f"<div>{content}</div>").text_content()
    assert re.search(r"<table|<td|style=|class=|<h1", content) is None
    assert 'href="#' not in content


def test_a_feed_of_nothing_is_a_feed():
    site = Site(name="Nothing yet", lang="en", domain="example.org")
    found = feedparser.parse(feed([], site=site, page=lambda _: None, link=str))
    assert not found.bozo
    assert found.feed.title == "Nothing yet"


# ── the files ─────────────────────────────────────────────────────────────────────────────────────


def test_the_files_are_the_same_bytes_twice(press, tmp_path):
    first = dict(archiving.files(press))
    assert dict(archiving.files(press)) == first
    archiving.write(press, tmp_path / "a")
    again = archiving.write(press, tmp_path / "a")
    assert (again.changed, again.removed) == (0, ())


def test_every_link_between_files_leads_to_a_file(press, tmp_path):
    archiving.write(press, tmp_path)
    for page in tmp_path.rglob("*.html"):
        tree = markup.document_fromstring(page.read_text(encoding="utf-8"))
        for href in tree.xpath("//a/@href | //link[not(@rel='icon')]/@href | //meta[@http-equiv='refresh']/@content"):
            target = urljoin(page.as_uri(), href.rpartition("url=")[2])
            if target.startswith("file:"):
                parts = urlsplit(target)
                assert Path(unquote(parts.path)).is_file(), (page, href)
                assert Path(unquote(parts.path)).resolve().is_relative_to(tmp_path.resolve())
                assert not parts.fragment or tree.xpath("//*[@id=$name]", name=parts.fragment)


def test_files_of_a_withdrawn_issue_go_and_nobody_elses_do(press, store, tmp_path):
    archiving.write(press, tmp_path)
    (tmp_path / "issues" / "1" / "note.txt").write_text("mine")
    (tmp_path / "CNAME").write_text("example.org")
    withdraw(store, 1)
    withdraw(store, 2)
    written = archiving.write(press, tmp_path)
    assert {"issues/1/index.html", "issues/2/index.html"} <= set(written.removed)
    assert (tmp_path / "issues/1/note.txt").exists()
    assert (tmp_path / "CNAME").exists()
    assert not (tmp_path / "issues/2").exists()


def test_an_old_file_that_somebody_changed_is_left_and_named(press, store, tmp_path):
    archiving.write(press, tmp_path)
    (tmp_path / "issues/1/index.html").write_text("changed by hand")
    withdraw(store, 1)
    written = archiving.write(press, tmp_path)
    assert written.left == ("issues/1/index.html",)
    assert (tmp_path / "issues/1/index.html").read_text() == "changed by hand"


def test_a_strangers_file_in_the_way_stops_it_before_anything_is_written(press, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("my own page")
    with pytest.raises(UsageError, match="did not write it"):
        archiving.write(press, site)
    assert [path.name for path in site.iterdir()] == ["index.html"]


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/hostname", "link/outside.txt"])
def test_a_list_that_somebody_forged_removes_nothing_outside(press, tmp_path, name):
    outside, inside = tmp_path / "outside.txt", tmp_path / "site"
    outside.write_text("not ours")
    archiving.write(press, inside)
    (inside / "link").symlink_to(tmp_path)
    ledger = inside / ".digest-files"
    listed = json.loads(ledger.read_text()) | {name: sha256(b"not ours").hexdigest()}
    ledger.write_text(json.dumps(listed))
    archiving.write(press, inside)
    assert outside.exists()


def test_a_damaged_list_is_said(press, tmp_path):
    (tmp_path / ".digest-files").write_text("[1]")
    with pytest.raises(InputError, match="damaged"):
        archiving.write(press, tmp_path)
