"""What an editor sees in the studio, in a real Chromium, and by which switch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from web.studio.conftest import FIRST, FOURTH, NOW, SECOND, THIRD, a_thread, opened, wait

GROUND = "element => getComputedStyle(element).backgroundColor"


def mail(page):
    return page.frame_locator("#window iframe:not(.coming)")


def title(wanted):
    return f"document.querySelector('#title').textContent === {wanted!r}"


def key(page, name, *, until):
    """Press a key, and wait for what it does."""
    page.keyboard.press(name)
    wait(page, until)


# ── the shelf ──


def test_the_next_one_stands_on_top_with_its_reason_and_is_shown(standing, visit):
    page = visit(standing)
    assert page.inner_text(".next .title") == FIRST
    assert page.inner_text(".next .reason").startswith("Waited 4 weeks")
    assert page.inner_text("#title") == FIRST
    assert mail(page).locator("h1").inner_text() == FIRST
    assert page.url.endswith("/threads/1")


def test_the_others_wait_below(standing, visit):
    page = visit(standing)
    assert page.locator(".group h2").all_inner_texts() == ["Waiting 3"]
    assert page.locator(".group .title").all_inner_texts() == [FOURTH, THIRD, SECOND]


@pytest.mark.parametrize(("words", "left"), [("choir", [SECOND]), ("quill wall", [FOURTH]), ("@ines bakery", [THIRD])])
def test_a_search_goes_by_title_author_and_handle(standing, visit, words, left):
    page = visit(standing)
    page.keyboard.press("/")
    page.keyboard.type(words)
    assert page.locator(".list [data-find]:visible .title").all_inner_texts() == left


def test_a_search_reaches_into_the_posts(house, visit):
    store = house.store
    told = a_thread("A thread on something else", posts=4)
    last = replace(told.posts[3], text="At the end there was a lighthouse, and nobody in it.")
    store.library.add(replace(told, posts=(*told.posts[:3], last)), raw=b"", headline="x", now=NOW)
    store.close()
    with opened(house) as studio:
        page = visit(studio)
        page.fill("#search", "LIGHTHOUS nobody")
        wait(page, "document.querySelectorAll('#list li:not([hidden])').length === 1")
        assert page.text_content("#list li:not([hidden]) .title") == "A thread on something else"


def test_a_search_without_a_find_says_so(standing, visit):
    page = visit(standing)
    page.fill("#search", "zeppelin")
    assert page.inner_text(".nothing") == "Nothing by these words."


def test_enter_in_the_search_shows_the_first_find(standing, visit):
    page = visit(standing)
    page.fill("#search", "choir")
    page.press("#search", "Enter")
    wait(page, title(SECOND))


# ── the switches ──


def test_by_night_the_mail_really_is_dark_in_a_light_browser(standing, visit):
    page = visit(standing, "/threads/1?light=dark")
    assert mail(page).locator(".card").first.evaluate(GROUND) == "rgb(23, 26, 32)"


def test_by_day_the_mail_really_is_light_in_a_dark_browser(standing, visit):
    page = visit(standing, "/threads/1?light=light", light="dark")
    assert mail(page).locator(".card").first.evaluate(GROUND) == "rgb(255, 255, 255)"


def test_forced_inversion_turns_the_light_mail(standing, visit):
    frame = mail(visit(standing, "/threads/1?light=inverted", light="dark"))
    assert "invert(1)" in frame.locator("html").evaluate("element => getComputedStyle(element).filter")
    assert frame.locator(".card").first.evaluate(GROUND) == "rgb(255, 255, 255)"


def test_a_picture_of_ours_is_shown_and_nobody_elses_is_asked_for(standing, visit):
    page = visit(standing)
    assert page.foreign == []
    assert mail(page).locator(".picture img").evaluate("image => [image.naturalWidth, image.width]") == [640, 502]


def test_with_pictures_off_none_is_fetched_and_their_words_are_there(standing, visit):
    page = visit(standing, "/threads/1?images=off")
    assert page.foreign == []
    assert "The hills at half past six" in mail(page).locator("body").inner_text()
    assert mail(page).locator(".picture img").evaluate("image => image.naturalWidth") == 0


def test_with_styles_stripped_no_sheet_is_left(standing, visit):
    frame = mail(visit(standing, "/threads/1?client=bare"))
    assert frame.locator("style").evaluate_all("all => all.map(one => one.textContent)") == [
        ":root{color-scheme:light!important}"
    ]
    assert frame.locator("h1").evaluate("element => getComputedStyle(element).fontWeight") == "700"


def test_outlook_shows_its_own_tables_and_no_round_corners(standing, visit):
    frame = mail(visit(standing, "/threads/1?client=outlook"))
    assert frame.locator("body table[width='600']").count() == 3
    assert frame.locator(".card").first.evaluate("element => getComputedStyle(element).borderRadius") == "0px"


@pytest.mark.parametrize(
    ("path", "width"), [("?device=phone", 375), ("?device=tablet", 768), ("?width=512", 512), ("?width=1300", 1300)]
)
def test_the_mail_is_as_wide_as_asked_however_narrow_the_table(standing, visit, path, width):
    page = visit(standing, f"/threads/1{path}", width=1200)
    assert mail(page).locator("html").evaluate("() => innerWidth") == width
    assert page.evaluate("document.querySelector('#sheet').getBoundingClientRect().width") <= 1200 - 300 - 372


def test_the_width_can_be_dragged(standing, visit):
    page = visit(standing, "/threads/1?width=400")
    box = page.locator("#handle").bounding_box()
    page.mouse.move(box["x"] + 9, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 59, box["y"] + 210, steps=5)
    page.mouse.up()
    assert mail(page).locator("html").evaluate("() => innerWidth") == 500
    assert page.url.endswith("?width=500")


@pytest.mark.parametrize(("pressed", "width"), [("ArrowRight", 410), ("Shift+ArrowLeft", 399), ("Home", 280)])
def test_the_width_can_be_set_by_the_keyboard(standing, visit, pressed, width):
    page = visit(standing, "/threads/1?width=400")
    before = mail(page).locator("html").element_handle()
    page.focus("#handle")
    page.keyboard.press(pressed)
    assert page.get_attribute("#handle", "aria-valuenow") == str(width)
    assert before.evaluate("() => innerWidth") == width, "it is the same picture, not one that was asked for again"
    assert mail(page).locator("html").evaluate("() => innerWidth") == width


# ── the keys ──


@pytest.mark.parametrize(
    ("pressed", "query"),
    [
        ("1", "device=phone"),
        ("2", "device=tablet"),
        ("5", "light=dark"),
        ("6", "light=inverted"),
        ("7", "images=off"),
        ("8", "client=bare"),
        ("9", "client=outlook"),
    ],
)
def test_each_switch_has_its_key(standing, visit, pressed, query):
    page = visit(standing)
    key(page, pressed, until=f"location.search === '?{query}'")
    assert (
        query.partition("=")[2] in page.query_selector("#window iframe:last-child").get_attribute("src")
        or "device" in query
    )


def test_3_and_4_go_back_to_the_desk_and_the_day(standing, visit):
    page = visit(standing, "/threads/1?device=phone&light=dark")
    page.keyboard.press("3")
    key(page, "4", until="location.search === ''")


def test_j_and_k_walk_down_and_up_the_shelf(standing, visit):
    page = visit(standing)
    key(page, "j", until="location.pathname === '/threads/4'")
    key(page, "j", until="location.pathname === '/threads/3'")
    key(page, "k", until="location.pathname === '/threads/4'")
    wait(page, title(FOURTH))


def test_the_keys_work_inside_the_mail_too(standing, visit):
    page = visit(standing)
    mail(page).locator("h1").click()
    key(page, "j", until="location.pathname === '/threads/4'")


def test_a_question_mark_shows_the_keys(standing, visit):
    page = visit(standing)
    key(page, "?", until="document.querySelector('#help').open")
    assert "Inverted by force" in page.inner_text("#help")
    key(page, "Escape", until="!document.querySelector('#help').open")


def test_a_letter_in_the_search_is_only_a_letter(standing, visit):
    page = visit(standing)
    page.keyboard.press("/")
    page.keyboard.type("jk5?")
    assert page.input_value("#search") == "jk5?"
    assert page.url.endswith("/threads/1")


# ── the details ──


def tab(page, name):
    page.click(f"#tab-{name}")
    wait(page, "!document.querySelector('#panel').textContent.includes('Looking …')")
    return page.locator("#panel")


def test_the_inbox_line_says_where_it_is_cut(standing, visit):
    panel = tab(visit(standing), "inbox")
    assert panel.locator(".phone .subject").inner_text() == FIRST
    assert f"of {len(FIRST)} characters of the subject" in panel.locator(".cut").first.inner_text()


def test_the_text_part_is_there_whole(standing, visit):
    page = visit(standing)
    tab(page, "text")
    wait(page, "document.querySelector('#panel pre').textContent.includes('12 Harbour Lane')")
    assert " 12. Leave twenty minutes early" in page.text_content("#panel pre")


def test_the_headers_are_those_of_the_letter(standing, visit):
    page = visit(standing)
    headers = tab(page, "headers").inner_text()
    assert "The Long Way Round <digest@example.test>" in headers
    assert "List-Unsubscribe" in headers


def test_the_source_is_the_letter_as_it_travels(standing, visit):
    page = visit(standing)
    tab(page, "source")
    wait(page, "document.querySelector('#panel pre').textContent.includes('Content-Transfer-Encoding')")
    page.check("#panel input[value=mjml]", force=True)
    wait(page, "document.querySelector('#panel pre').textContent.startsWith('<mjml')")


def test_the_size_stands_against_the_limit(standing, visit):
    panel = tab(visit(standing), "size").inner_text()
    assert "102,000 bytes where Gmail clips a page" in panel
    assert "For Outlook alone" in panel


def test_the_tabs_are_walked_with_the_arrows(standing, visit):
    page = visit(standing)
    page.focus("#tab-inbox")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert page.get_attribute("#tab-size", "aria-selected") == "true"
    assert page.evaluate("document.activeElement.id") == "tab-size"


def test_an_address_brings_everything_back(standing, visit):
    page = visit(standing, "/threads/3?width=431&light=dark&client=outlook&images=off&tab=headers")
    assert page.inner_text("#title") == THIRD
    assert page.input_value("#width") == "431"
    for switch in ("input[value=dark]", "input[value=outlook]"):
        assert page.is_checked(switch)
    assert not page.is_checked("input[name=images]")
    assert page.get_attribute("#tab-headers", "aria-selected") == "true"


def test_going_back_goes_back_to_the_mail_before(standing, visit):
    page = visit(standing)
    key(page, "j", until="location.pathname === '/threads/4'")
    page.go_back()
    wait(page, title(FIRST))


def test_a_thread_that_is_not_there_is_said_and_the_shelf_stays(standing, visit):
    page = visit(standing, "/threads/99", wait="#fault:not([hidden])")
    assert "no such thread" in page.inner_text("#fault").lower()
    page.wait_for_selector(".next")


# ── for everybody ──

PANES = ["shelf", "mail", "details"]


def faults(page):
    """What axe-core has to say of the studio itself; the mail in its frame is judged in the tests of the page."""
    page.evaluate(Path(AXE_FILE_PATH).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({exclude: [['iframe']]})")["violations"]
    return [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found]


@pytest.mark.parametrize("light", ["light", "dark"])
def test_axe_finds_nothing(standing, visit, light):
    page = visit(standing, f"/threads/1?light={light}", light=light)
    for name in ("inbox", "findings", "text", "headers", "source", "size"):
        tab(page, name)
        wait(page, "!document.querySelector('#panel pre') || document.querySelector('#panel pre').textContent !== ''")
        assert faults(page) == [], name


@pytest.mark.parametrize("light", ["light", "dark"])
def test_axe_finds_nothing_on_a_phone(standing, visit, light):
    page = visit(standing, width=360, height=740, light=light)
    for pane in PANES:
        page.click(f"#panes [data-to={pane}]")
        assert faults(page) == [], pane


def test_axe_finds_nothing_in_what_opens(standing, visit):
    page = visit(standing)
    for pressed, shown in {"?": "#help[open]", "t": "#test[open]", "c": "#copies:popover-open"}.items():
        page.keyboard.press(pressed)
        page.wait_for_selector(shown)
        assert faults(page) == [], shown
        page.keyboard.press("Escape")
        page.wait_for_selector(shown, state="hidden")


@pytest.mark.parametrize("width", [320, 360, 768, 1024, 1440])
def test_nobody_scrolls_sideways(standing, visit, width):
    page = visit(standing, width=width)
    for pane in PANES:
        page.evaluate("pane => document.body.dataset.pane = pane", pane)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, pane


def test_on_a_phone_a_choice_leads_to_the_mail(standing, visit):
    page = visit(standing, width=360, height=740)
    page.click("#panes [data-to=shelf]")
    page.click(f"text={SECOND}")
    wait(page, title(SECOND))
    assert page.is_visible("#window iframe")
    assert mail(page).locator("html").evaluate("() => innerWidth") == 375


def test_everything_is_reached_by_the_tab_key(standing, visit):
    page = visit(standing)
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("document.activeElement.id || document.activeElement.name || document.activeElement.tagName")
        )
    assert {
        "search",
        "pin",
        "hold",
        "copies-open",
        "test-open",
        "device",
        "width",
        "light",
        "client",
        "images",
    } <= reached
    assert {"handle", "tab-inbox", "word-title", "help-open"} <= reached


def test_all_that_the_studio_is_made_of_is_there(standing, visit):
    page, missing = visit(standing), []
    page.on("response", lambda answer: missing.append(answer.url) if answer.status >= 400 else None)
    page.reload()
    page.wait_for_selector("#sheet[data-shown]")
    for tab in ("findings", "text", "headers", "source", "size"):
        page.click(f"#tab-{tab}")
    wait(page, "!document.querySelector('#panel').textContent.includes('Looking …')")
    assert missing == []


def test_the_studio_itself_asks_nobody_else_for_anything(standing, visit):
    page = visit(standing, "/threads/1?images=off")
    for pressed in "jj5k8t":
        page.keyboard.press(pressed)
    page.wait_for_selector("#test[open]")
    assert page.foreign == []
