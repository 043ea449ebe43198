"""What a person does with the pages in a real Chromium: by keyboard, with scripts off, by day and by night, at any width."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from digest import archiving
from digest.mail.intents import Choose, Pause, Subscribe
from digest.mail.tokens import Purpose
from digest.model import Membership

WIDTHS = (320, 375, 1280)


@pytest.fixture
def view(browser):
    """A new page without scripts; whatever its console says against it fails the test."""
    opened = []

    def show(url, *, width=375, light="light", scripts=False):
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=light, java_script_enabled=scripts
        )
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(url)
        opened.append((context, complaints))
        return page

    yield show
    for context, complaints in opened:
        context.close()
        assert complaints == []


def press_by_keyboard(page, name: str) -> None:
    """Tab until the button of that name has the focus, then Enter."""
    button = page.get_by_role("button", name=name)
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.locator(":focus").count() and page.locator(":focus").inner_text() == button.inner_text():
            break
    else:
        raise AssertionError(f"no way to {name} by keyboard")
    with page.expect_navigation():  # the old page is loaded, too: to ask for that alone looked too early
        page.keyboard.press("Enter")


def heading(page) -> str:
    return page.locator("h1").inner_text()


def test_a_stranger_signs_up_and_confirms_by_keyboard(house, view):
    page = view(f"{house.url}/")
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.locator("#email:focus").count():
            break
    page.keyboard.type("eve@example.org")
    house.clock.forward(5)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert heading(page) == "Look into your mailbox"
    assert house.story.heard[0].intent == Subscribe()
    page = view(house.link("confirm", Purpose.CONFIRM, email="eve@example.org", number=1))
    assert house.reader("eve@example.org").membership is Membership.PENDING
    press_by_keyboard(page, "Yes, send it to me")
    assert heading(page) == "You are in"
    assert house.reader("eve@example.org").membership is Membership.ACTIVE


def test_a_reader_leaves_and_undoes_it_by_keyboard(house, view):
    page = view(house.link("u", Purpose.UNSUBSCRIBE))
    assert house.reader().membership is Membership.ACTIVE
    press_by_keyboard(page, "Unsubscribe")
    assert heading(page) == "You have left"
    assert house.reader().membership is Membership.LEFT
    press_by_keyboard(page, "Undo, I want to stay")
    assert heading(page) == "Good to have you back"
    assert house.reader().membership is Membership.ACTIVE


def test_a_reader_chooses_and_pauses(house, view):
    page = view(house.link("manage", Purpose.MANAGE))
    page.get_by_label("The summary alone, with a link to the thread").check()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("status").inner_text() == "Saved. The next issue comes like that."
    assert page.get_by_label("The summary alone, with a link to the thread").is_checked()
    page.get_by_label("For how long?").select_option("3")
    page.get_by_role("button", name="Pause").click()
    assert "paused until 15 December 2026" in page.locator("main").inner_text()
    assert [asked.intent for asked in house.story.heard] == [Choose(kind="summary"), Pause(weeks=3)]
    page.get_by_role("button", name="Start again now").click()
    assert house.reader().membership is Membership.ACTIVE


def test_a_reader_follows_an_author_and_no_more(house, view):
    page = view(house.link("manage", Purpose.MANAGE))
    page.get_by_label("An author’s handle").fill("@cleo@example.social")
    page.get_by_role("button", name="Follow", exact=True).click()
    assert page.get_by_role("status").inner_text() == "You follow them from now on."
    assert house.store.subscribers.favourites() == [("@cleo@example.social", 1)]
    page.get_by_label("An author’s handle").fill("the white rabbit")
    page.get_by_role("button", name="Follow", exact=True).click()
    assert "Nothing was added" in page.get_by_role("status").inner_text()
    page.get_by_role("button", name="Unfollow @cleo@example.social").click()
    assert page.get_by_role("status").inner_text() == "You no longer follow them."
    assert house.store.subscribers.favourites() == []


def test_who_asks_to_be_forgotten_is_asked_back_by_mail(house, view):
    page = view(house.link("manage", Purpose.MANAGE))
    page.get_by_role("button", name="Delete everything").click()
    assert heading(page) == "Look into your mailbox"
    assert house.reader() is not None
    page = view(house.link("erase", Purpose.ERASE))
    page.get_by_role("button", name="Delete everything").click()
    assert heading(page) == "You are forgotten"
    assert house.reader() is None


def pages(house) -> dict[str, str]:
    author = archiving.catalogue(house.pieces.press).writers[0].slug
    return {
        "first": f"{house.url}/",
        "sign-up": f"{house.url}/subscribe",
        "issue": f"{house.url}/issues/1",
        "arabic issue": f"{house.url}/issues/4",
        "author": f"{house.url}/authors/{author}",
        "leave": house.link("u", Purpose.UNSUBSCRIBE),
        "confirm": house.link("stop", Purpose.STOP, number=1),
        "preferences": house.link("manage", Purpose.MANAGE),
    }


@pytest.mark.parametrize("light", ["light", "dark"])
def test_everybody_can_read_every_page(house, view, light):
    """axe-core finds nothing: names, contrast, landmarks, order."""
    for name, url in pages(house).items():
        page = view(url, light=light, scripts=True)
        page.evaluate(Path(AXE_FILE_PATH).read_text())
        faults = page.evaluate("axe.run().then(found => found.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
        assert faults == [], name


def test_nobody_scrolls_sideways(house, view):
    for name, url in pages(house).items():
        for width in WIDTHS:
            page = view(url, width=width, scripts=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)


def test_every_button_is_large_enough_for_a_thumb(house, view):
    for name in ("sign-up", "leave", "preferences"):
        page = view(pages(house)[name], width=320)
        for button in page.get_by_role("button").all():
            assert button.bounding_box()["height"] >= 44, name


def test_the_files_can_be_read_from_a_disk(press, view, tmp_path):
    archiving.write(press, tmp_path / "site")
    page = view((tmp_path / "site" / "index.html").as_uri())
    page.get_by_role("link", name="My real job was to write things down").click()
    assert heading(page) == "My real job was to write things down"
    page.get_by_role("link", name="Later issue").first.click()
    assert heading(page).startswith("I redesigned the night bus map")
    page.get_by_role("link", name="All issues").first.click()
    assert heading(page) == "The Long Way Round"
