"""What a reader's screen and a reader's ear make of the page, in a real Chromium."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from digest.desk.palette import LOOKS
from digest.desk.render import Masthead, Printer

FULL = Masthead(
    name="Unrolled", postal_address="1 Lane", issued_on=date(2026, 11, 24), why="it waited", web=True, marked="Test"
)
WIDTHS = (280, 320, 360, 375, 414, 480, 600, 700, 1024)
# Rules for web sites, which have landmarks; a mail is an article inside somebody else's page.
NOT_FOR_MAIL = {rule: {"enabled": False} for rule in ("region", "landmark-one-main")}


@pytest.fixture
def view(browser):
    """Shows HTML at a width, by day or by night; nothing is ever fetched."""
    opened = []

    def show(html, *, width=375, light="light"):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=light)
        page.route("**/*", lambda route: route.abort())
        page.set_content(html.replace("<details>", "<details open>"))
        opened.append(page)
        return page

    yield show
    for page in opened:
        page.close()


def bare_of_style_sheets(html):
    return re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)


OVERFLOWING = """async ([html, widths]) => {
  const frame = document.createElement("iframe");
  frame.srcdoc = html;
  const loaded = new Promise(resolve => frame.onload = resolve);
  document.body.append(frame);
  await loaded;
  return widths.filter(width => {
    frame.style.width = width + "px";
    frame.style.border = 0;
    return frame.contentDocument.documentElement.scrollWidth > width;
  });
}"""


@pytest.fixture
def overflowing(view):
    """The widths at which a reader would have to scroll sideways."""
    page = view("")
    return lambda html: page.evaluate(OVERFLOWING, [html.replace("<details>", "<details open>"), WIDTHS])


def test_nobody_scrolls_sideways(press, overflowing, shape):
    assert overflowing(press(shape).html) == []


def test_nobody_scrolls_sideways_where_style_sheets_are_stripped(press, overflowing, shape):
    assert overflowing(bare_of_style_sheets(press(shape).html)) == []


def axe(page):
    """What axe-core has against a page, each fault with the elements that have it."""
    page.evaluate(Path(AXE_FILE_PATH).read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, {rules})", NOT_FOR_MAIL)["violations"]
    return [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found]


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("name", ["everything", "hostile", "hebrew", "150 posts", "bare"])
def test_axe_finds_nothing(press, view, threads, *, name, light):
    page = view(press(threads[name], masthead=FULL).html, light=light)
    assert axe(page) == []


def test_the_scale_can_tell_a_page_that_is_too_wide(overflowing):
    assert overflowing("<!DOCTYPE html><body style='margin:0'><div style='width:500px'>x</div>") == [
        280,
        320,
        360,
        375,
        414,
        480,
    ]


def test_the_page_is_read_by_todays_rules(press, view, threads):
    assert view(press(threads["plain"]).html).evaluate("document.compatMode") == "CSS1Compat"


def test_a_citation_jumps_to_its_post(press, view, threads):
    page = view(press(threads["plain"]).html)
    page.set_viewport_size({"width": 375, "height": 400})
    page.click("a[href='#p3']")
    assert page.evaluate("document.querySelector('#p3').getBoundingClientRect().top") < 400
    assert page.evaluate("scrollY") > 0


def test_night_changes_every_ground_and_ink(press, view, threads):
    page = view(press(threads["everything"]).html, light="dark")
    colours = "selector => getComputedStyle(document.querySelector(selector)).{}"
    assert page.evaluate(colours.format("backgroundColor"), ".card") == "rgb(23, 26, 32)"
    assert page.evaluate(colours.format("color"), "#p1 + td") == "rgb(232, 234, 238)"
    assert page.evaluate(colours.format("color"), "#p2 + td a") == "rgb(170, 179, 255)"


def test_outlooks_night_changes_them_too(press, view, threads):
    page = view(press(threads["everything"]).html.replace("<body", "<body data-ogsc"))
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(232, 234, 238)"


def test_a_mirrored_mail_has_its_numbers_on_the_right(press, view, threads):
    page = view(press(threads["hebrew"], title="מה קיר אבן מלמד על סבלנות").html)
    left = "selector => document.querySelector(selector).getBoundingClientRect().left"
    assert page.evaluate(left, "#p1") > page.evaluate(left, "#p1 + td")
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).textAlign") == "right"


def test_the_inbox_line_is_not_seen_on_the_page(press, view, threads):
    page = view(press(threads["plain"]).html)
    assert page.evaluate("document.body.innerText").strip().startswith("The Weekly Thread")


@pytest.mark.parametrize("theme", ["letter", "bulletin"])
@pytest.mark.parametrize("name", ["everything", "arabic", "words without end", "150 posts"])
def test_nobody_scrolls_sideways_in_a_theme(press, overflowing, threads, *, theme, name):
    html = press(threads[name], by=Printer(look=LOOKS[theme]), masthead=FULL).html
    assert overflowing(html) == []
    assert overflowing(bare_of_style_sheets(html)) == []


@pytest.mark.parametrize("theme", ["letter", "bulletin"])
@pytest.mark.parametrize("light", ["light", "dark"])
def test_axe_finds_nothing_in_a_theme(press, view, threads, *, theme, light):
    page = view(press(threads["everything"], by=Printer(look=LOOKS[theme]), masthead=FULL).html, light=light)
    assert axe(page) == []
