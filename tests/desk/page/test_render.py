"""A thread becomes a page: whole, safe, small enough, in its reader's language, with nothing of it lost."""

from __future__ import annotations

import re
from dataclasses import replace

import html5lib
import pytest
from lxml import html as markup

from digest.desk.render import LIMIT, Masthead, Printer
from digest.errors import RenderError
from digest.model import Author, Headline, Link, Marks, Point, Post, Summary
from digest.text import clean

SEED_LIKE = "Two hundred and thirty characters or so is what a post of those days came to, once people had learned to "
SEED_LIKE = (SEED_LIKE * 3)[:231]


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_every_shape_stays_under_the_limit_with_its_footer(press, shape):
    page = press(shape)
    assert max(len(page.html.encode()), len(page.text.encode())) <= LIMIT
    assert page.html.count(page.marks.unsubscribe) == page.text.count(page.marks.unsubscribe) == 1


def test_the_desk_may_say_too_much_as_well(printer, threads, masthead):
    big = "& " * 2_000
    page = printer.print(
        threads["too much"],
        summary=Summary(kind="extract", points=tuple(Point(text=big, posts=tuple(range(1, 40))) for _ in range(40))),
        headline=Headline(title=big, subject=big, preheader=big),
        masthead=masthead,
        nonce="0123456789abcdef",
    )
    assert max(len(page.html.encode()), len(page.text.encode())) <= LIMIT


def test_every_shape_parses_strictly(press, shape):
    html5lib.HTMLParser(strict=True).parse(press(shape).html)


def test_every_shape_is_the_same_when_printed_again(press, shape):
    assert press(shape) == press(shape)


def test_nineteen_posts_of_an_old_thread_take_less_than_32000_bytes(press, threads):
    posts = tuple(Post(number=n, text=SEED_LIKE) for n in range(1, 20))
    assert len(press(replace(threads["plain"], posts=posts)).html.encode()) < 32_000


def test_sixty_such_posts_take_less_than_60000_bytes_and_are_whole(press, threads):
    page = press(replace(threads["plain"], posts=tuple(Post(number=n, text=SEED_LIKE) for n in range(1, 61))))
    assert len(page.html.encode()) < 60_000
    assert page.cut == 0


def test_what_barely_does_not_fit_is_set_denser_before_anything_is_cut(press, threads):
    posts = tuple(
        Post(number=n, text="Fourteen words would be many for a post as short as this.") for n in range(1, 401)
    )
    page = press(replace(threads["plain"], posts=posts))
    assert page.cut == 0
    assert 'class="dense"' in page.html


def test_a_cut_says_how_much_is_missing_and_where_to_read_on(press, threads):
    page = press(threads["150 posts"])
    assert 0 < page.cut < 150
    assert f"{page.cut} more posts" in page.html
    assert f"{page.cut} more posts:\nhttps://x.com/ines/status/1" in page.text


def test_a_cut_uses_the_room_there_is(press, threads):
    assert len(press(threads["150 posts"]).html.encode()) > LIMIT - 2_000


def test_a_long_post_is_cut_within_at_a_word(press, threads):
    page = press(threads["one endless post"])
    assert page.cut == 1
    assert re.search(r"word… <a href=\"https://x.com/ines/status/1\"[^>]*>Continue reading</a>", page.html)
    assert "more post" not in page.html


def test_a_long_post_in_the_middle_is_begun_and_the_rest_counted(press, threads):
    page = press(threads["endless after short"])
    assert page.cut == 2
    assert 'id="p2"' in page.html
    assert "1 more post" in page.html


def test_a_citation_of_a_post_that_was_cut_leads_nowhere_rather_than_wrong(press, threads):
    page = press(threads["one endless post"])
    assert 'href="#p1"' in page.html
    assert 'href="#p3"' not in page.html


def test_hostile_text_comes_out_as_text(press, threads):
    tree = markup.document_fromstring(press(threads["hostile"]).html)
    assert not tree.xpath("//script | //svg | //iframe | //link")
    assert len(tree.xpath("//h1")) == 1
    assert not [name for element in tree.iter("*") for name in element.attrib if name.startswith("on")]
    assert not tree.xpath("//a[starts-with(@href, 'javascript') or starts-with(@href, 'data')]")


def test_hostile_text_says_in_both_parts_what_it_said(press, threads):
    page = press(threads["hostile"])
    said = squeezed(markup.document_fromstring(page.html).text_content())
    for post in threads["hostile"].posts:
        assert squeezed(clean(post.text)) in said
        assert squeezed(clean(post.text)) in squeezed(page.text)


def test_hostile_words_of_the_desk_come_out_as_text(printer, threads):
    evil = "<script>{{ x }}</script>\x00\ud800"
    page = printer.print(
        threads["bare"],
        summary=Summary(kind="none"),
        headline=Headline(title=evil, subject=evil, preheader=evil),
        masthead=Masthead(
            name=evil, postal_address=evil, issued_on=threads["plain"].created_at.date(), why=evil, marked=evil
        ),
        nonce="0123456789abcdef",
        lang='"><script>',
    )
    assert "<script" not in page.html
    assert page.lang == "en"


@pytest.mark.parametrize("web", [True, False])
def test_each_mark_stands_once_in_each_part(press, threads, masthead, web):
    page = press(threads["plain"], masthead=replace(masthead, web=web))
    marks = Marks(nonce="0123456789abcdef")
    for part in (page.html, page.text):
        assert [part.count(mark) for mark in (marks.email, marks.unsubscribe, marks.web)] == [1, 1, int(web)]
    assert f'href="{marks.unsubscribe}"' in page.html


def test_a_nonce_that_could_break_out_of_a_link_is_refused(printer, threads, masthead):
    with pytest.raises(RenderError, match="nonce"):
        printer.print(
            threads["bare"],
            summary=Summary(kind="none"),
            headline=Headline(title="a", subject="a", preheader=""),
            masthead=masthead,
            nonce='x"><b>',
        )


def test_a_thread_that_runs_right_to_left_mirrors_the_mail(press, threads):
    page = press(threads["hebrew"])
    assert '<html lang="he" dir="rtl"' in page.html
    assert "direction:ltr" not in page.html
    assert "הסרה מהרשימה" in page.html


def test_a_language_that_nobody_named_is_told_by_its_script(press, threads):
    page = press(threads["arabic"])
    assert (page.lang, 'dir="rtl"' in page.html) == ("ar", True)


def test_one_post_against_the_grain_turns_alone(press, threads):
    page = press(replace(threads["plain"], posts=(Post(number=1, text="One."), Post(number=2, text="שתיים."))))
    assert page.html.count('dir="rtl"') == 1
    assert re.search(r'id="p2"[^>]*>2\s</td><td class="t" dir="rtl" align="right"', page.html)


@pytest.mark.parametrize(
    ("lang", "word"), [("de", "Abmelden"), ("fr-CA", "Se désabonner"), ("ja", "配信を停止する"), ("sv", "Unsubscribe")]
)
def test_the_furniture_speaks_the_threads_language_or_english(press, threads, lang, word):
    page = press(replace(threads["plain"], lang=lang))
    assert word in page.html
    assert word in page.text
    assert f'lang="{lang}"' in page.html


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://twitter.com/a/status/1", "Read the thread on X"),
        ("https://social.example/@a/1099", "Read the thread on Mastodon"),
        ("https://bsky.app/profile/a/post/1", "Read the thread on Bluesky"),
        ("https://www.example.org/notes/1", "Read the thread on example.org"),
    ],
)
def test_the_button_names_the_place(press, threads, url, words):
    assert words in press(replace(threads["plain"], url=url)).html


def test_without_an_address_there_is_no_button(press, threads):
    assert "Read the thread" not in press(threads["no address"]).html


def test_without_an_author_nobody_is_named(press, threads):
    page = press(threads["no author"])
    assert 'class="circle"' not in page.html
    assert "More from this author" in page.html


@pytest.mark.parametrize(
    ("kind", "label"), [("author", "In the author’s words"), ("extract", "In short"), ("none", "")]
)
def test_a_summary_says_whose_words_it_is_in(printer, threads, masthead, *, kind, label):
    page = printer.print(
        threads["plain"],
        summary=Summary(kind=kind, points=(Point(text="Wait.", posts=(2,)),)),
        headline=Headline(title="A", subject="A", preheader="B"),
        masthead=masthead,
        nonce="0123456789abcdef",
    )
    labels = markup.document_fromstring(page.html).xpath("//h2[contains(@class, 'label')]/text()")
    assert labels == [label] * bool(label)
    assert label.upper() in page.text
    assert ("* Wait. [2]" in page.text) == bool(label)


def test_text_links_become_links_that_are_short_to_look_at(press, threads):
    page = press(threads["everything"])
    assert ">example.org/a/very/long/path/that/no/re…</a>" in page.html
    assert "https://example.org/a/very/long/path/that/no/reader/wants/to/see?with=more" in page.text


def test_a_picture_that_we_do_not_have_is_named_not_shown(press, threads):
    page = press(threads["everything"])
    assert "Picture: A wall in rain" in page.html
    assert "<img" not in page.html


def test_the_inbox_line_does_not_run_on_into_the_page(press, threads):
    tree = markup.document_fromstring(press(threads["plain"]).html)
    hidden = tree.xpath("//div[contains(@style, 'display:none')]")[0].text_content()
    assert hidden.startswith("Look for the worst stone first.")
    assert len(hidden) > 200


def test_a_link_that_lies_about_its_place_is_left_as_words(press, threads):
    post = Post(number=1, text="short", links=(Link(url="https://example.org", start=2, end=99),))
    assert "<a" not in re.search(r'class="t"[^>]*>(.*?)</td>', press(replace(threads["bare"], posts=(post,))).html)[1]


def test_owners_set_one_block_and_keep_the_rest(tmp_path, press, threads):
    (tmp_path / "digest.mjml.j2").write_text(
        '{% extends "shipped/digest.mjml.j2" %}{% block title %}<mj-text><h1>MINE</h1></mj-text>{% endblock %}'
    )
    page = press(threads["plain"], by=Printer(tmp_path))
    assert "<h1 style" in page.html
    assert "MINE" in page.html
    assert 'class="n muted"' in page.html


def test_owners_add_a_language(tmp_path, press, threads):
    (tmp_path / "words.toml").write_text('[sv]\nunsubscribe = "Avsluta"\n')
    page = press(replace(threads["plain"], lang="sv"), by=Printer(tmp_path))
    assert "Avsluta" in page.html
    assert "In short" in page.html


def test_a_template_that_names_nothing_known_is_led_back_to_its_line(tmp_path, press, threads):
    (tmp_path / "parts.j2").write_text("{% macro way(text) %}{% endmacro %}\n{{ sheet.colour }}\n")
    with pytest.raises(RenderError) as caught:
        press(threads["plain"], by=Printer(tmp_path))
    assert caught.value.where.endswith("parts.j2:2")
    assert "{{ sheet.colour }}" in caught.value.what


def test_a_template_that_does_not_parse_is_led_back_to_its_line(tmp_path, press, threads):
    (tmp_path / "parts.j2").write_text("fine\n{% if %}\n")
    with pytest.raises(RenderError) as caught:
        press(threads["plain"], by=Printer(tmp_path))
    assert caught.value.where.endswith("parts.j2:2")


def test_mjml_that_does_not_parse_shows_the_line(tmp_path, press, threads):
    (tmp_path / "digest.mjml.j2").write_text("<mjml>\n<mj-body>\n<é></mj-body></mjml>\n")
    with pytest.raises(RenderError, match="MJML does not parse"):
        press(threads["plain"], by=Printer(tmp_path))


def test_a_post_without_text_is_still_a_post(press, threads):
    page = press(replace(threads["plain"], posts=(Post(number=1, text=""), Post(number=2, text="Two."))))
    assert 'id="p1"' in page.html
    assert "  1.\n" in page.text or " 1." in page.text


def test_an_author_with_a_name_of_signs_gets_no_circle(press, threads):
    assert 'class="circle"' not in press(replace(threads["plain"], author=Author(name="★ ★"))).html


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ada Maria Linden", "AL"), ("ada", "A"), ("ليان الحداد", "ل"), ("山田太郎", "山"), ("élan 🎉", "É")],
)
def test_the_circle_holds_what_a_name_is_known_by(press, threads, name, letters):
    assert f">{letters}</div>" in press(replace(threads["plain"], author=Author(name=name))).html


def test_the_words_of_a_picture_stand_once_when_pictures_are_off(press, threads):
    html = press(threads["everything"]).html
    assert html.count("A wall in rain") == 1
