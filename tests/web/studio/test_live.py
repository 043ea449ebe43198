"""What is saved on disk or changed in the store is seen in the studio, by itself."""

from __future__ import annotations

import pytest

from digest.model import Standing
from web.studio.conftest import FIRST, NOW, SECOND, a_thread, founded, opened, wait

BLUE = '{% extends "shipped/digest.mjml.j2" %}{% block head %}<mj-style>h1{color:rgb(0, 0, 255)!important}</mj-style>{% endblock %}'
WRONG = '{% extends "shipped/digest.mjml.j2" %}\n{% block button %}\n{{ sheet.nothing.here }}\n{% endblock %}\n'
UNCLOSED = '{% extends "shipped/digest.mjml.j2" %}\n\n{% block button %}\n'
COLOUR = (
    "getComputedStyle(document.querySelector('#window iframe:not(.coming)').contentDocument.querySelector('h1')).color"
)
HEADING = "document.querySelector('#window iframe:not(.coming)').contentDocument.querySelector('h1').textContent"
SCROLL = "document.querySelector('#window iframe:not(.coming)').contentWindow.scrollY"


def test_a_saved_template_changes_the_picture_and_keeps_the_scroll(studio, visit):
    page = visit(studio)
    page.evaluate("document.querySelector('#window iframe').contentWindow.scrollTo(0, 333)")
    studio.house.override("digest.mjml.j2", BLUE)
    wait(page, f"{COLOUR} === 'rgb(0, 0, 255)'")
    assert page.evaluate(SCROLL) == 333


def test_a_template_that_is_taken_away_gives_way_to_the_shipped_one(house, visit):
    house.override("digest.mjml.j2", BLUE)
    with opened(house) as studio:
        page = visit(studio)
        assert page.evaluate(COLOUR) == "rgb(0, 0, 255)"
        (house.folder / "own/digest.mjml.j2").unlink()
        wait(page, f"{COLOUR} !== 'rgb(0, 0, 255)'")


def test_a_saved_style_sheet_changes_the_picture(studio, visit):
    page = visit(studio)
    studio.house.override("page.css", "h1{color:rgb(0, 128, 0)!important}")
    wait(page, f"{COLOUR} === 'rgb(0, 128, 0)'")


def test_saved_settings_change_the_picture_and_the_shelf(studio, visit):
    page = visit(studio)
    studio.house.write(DIGEST_NAME="Another Name")
    wait(page, "document.querySelector('#head').textContent.includes('digest@example.test')")
    wait(
        page,
        "document.querySelector('#window iframe:not(.coming)').contentDocument.body.textContent.includes('Another Name')",
    )
    wait(page, "document.querySelector('#name').textContent === 'Another Name'")


def test_templates_may_move_while_the_studio_is_open(studio, visit):
    page = visit(studio)
    other = studio.house.folder / "other"
    other.mkdir()
    studio.house.write(DIGEST_TEMPLATES="other", DIGEST_NAME="Moved")
    wait(page, "document.querySelector('#name').textContent === 'Moved'")
    page.wait_for_timeout(300)
    (other / "digest.mjml.j2").write_text(BLUE)
    wait(page, f"{COLOUR} === 'rgb(0, 0, 255)'")


@pytest.mark.parametrize(
    ("wrong", "line", "said"), [(WRONG, 3, "nothing"), (UNCLOSED, 3, "unexpected end of template")]
)
def test_a_fault_in_a_template_shows_its_place_and_goes_when_it_is_mended(studio, visit, *, wrong, line, said):
    page = visit(studio)
    studio.house.override("digest.mjml.j2", wrong)
    page.wait_for_selector("#fault:not([hidden])")
    assert said in page.inner_text("#fault h2").lower()
    assert page.inner_text("#fault .where") == f"own/digest.mjml.j2, line {line}"
    assert page.inner_text("#fault .here .no") == str(line)
    assert page.is_hidden("#sheet")
    studio.house.override("digest.mjml.j2", BLUE)
    page.wait_for_selector("#fault", state="hidden")
    wait(page, f"{COLOUR} === 'rgb(0, 0, 255)'")


def test_wrong_settings_are_said_in_the_pictures_place_until_they_are_mended(studio, visit):
    page = visit(studio)
    studio.house.write(DIGEST_FROM="nobody")
    page.wait_for_selector("#fault:not([hidden])")
    assert "DIGEST_FROM" in page.inner_text("#fault")
    studio.house.write()
    page.wait_for_selector("#sheet:not([hidden])")


def test_what_another_command_does_to_the_shelf_is_seen(studio, visit):
    page = visit(studio)
    store = studio.house.store
    store.library.set_standing(2, Standing.PINNED)
    wait(page, f"document.querySelector('.next .title').textContent === {SECOND!r}")
    store.library.add(a_thread("A thread that came in meanwhile"), raw=b"", headline="x", now=NOW)
    store.close()
    wait(page, "document.querySelector('#list').textContent.includes('came in meanwhile')")


def test_a_thread_that_is_imported_again_changes_the_picture(studio, visit):
    page = visit(studio)
    store = studio.house.store
    store.library.set_title(1, title="A better title")
    store.close()
    wait(page, f"{HEADING} === 'A better title'")


def test_a_saved_file_changes_its_picture(house, visit):
    file = house.folder / "thread.md"
    text = "\n\n---\n\n".join(["One new thing a day. Forty mornings, forty things, and here they are."] * 5)
    file.write_text(f"---\ntitle: Forty things\n---\n\n{text}\n")
    with opened(house, "thread.md") as studio:
        assert studio.said.strip().endswith("/file")
        page = visit(studio, "/file")
        assert page.evaluate(HEADING) == "Forty things"
        assert page.is_hidden("#pin")
        file.write_text(f"---\ntitle: Forty-one things\n---\n\n{text}\n")
        wait(page, f"{HEADING} === 'Forty-one things'")


def test_an_empty_shelf_says_how_to_fill_it_and_notices_the_first_thread(tmp_path, visit):
    house = founded(tmp_path / "house", titles=())
    with opened(house) as studio:
        page = visit(studio, wait="#empty:not([hidden])")
        assert "digest import" in page.inner_text("#empty")
        store = house.store
        store.library.add(a_thread(FIRST), raw=b"", headline=FIRST, now=NOW)
        store.close()
        wait(page, f"document.querySelector('#title').textContent === {FIRST!r}")


def test_a_studio_that_was_closed_is_said(studio, visit):
    page = visit(studio)
    wait(page, "document.querySelector('#live').textContent.trim() === 'Live'")
    studio.process.terminate()
    studio.process.wait(30)
    wait(page, "document.querySelector('#live').textContent.trim() === 'Not connected'")
