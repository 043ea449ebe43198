"""What an editor may do in the studio, and that it is kept."""

from __future__ import annotations

import asyncio
import email
import email.policy
import io
import shutil
import threading

import pytest
from PIL import Image
from pypdf import PdfReader

from digest.mail.receiver import Receiver
from digest.model import Standing
from web.studio.conftest import FIRST, FOURTH, SECOND, THIRD, opened, wait


def kept(house):
    """Where each thread stands, by number."""
    store = house.store
    try:
        return {one.id: one for one in store.library.shelf()}
    finally:
        store.close()


def order(house):
    pinned = [one for one in kept(house).values() if one.standing is Standing.PINNED]
    return [one.id for one in sorted(pinned, key=lambda one: one.rank)]


def queue(page):
    return [int(key) for key in page.eval_on_selector_all(".queue li", "all => all.map(one => one.dataset.key)")]


@pytest.fixture
def pinned(house):
    """A house with three threads in its queue: 1, 2, 3."""
    store = house.store
    for id in (1, 2, 3):
        store.library.set_standing(id, Standing.PINNED)
    store.close()
    return house


# ── where it stands ──


@pytest.mark.parametrize("by", ["button", "key"])
def test_a_thread_is_pinned_released_and_held(studio, visit, by):
    page = visit(studio, "/threads/2")
    for name, standing, chip in (
        ("pin", "pinned", "pinned"),
        ("release", "waiting", "waiting"),
        ("hold", "held", "held back"),
    ):
        if by == "button":
            page.click(f"#{name}")
        else:
            page.keyboard.press(name[0])
        wait(page, f"document.querySelector('#about .chip').textContent === {chip!r}")
        assert kept(studio.house)[2].standing == standing
        wait(page, f"document.querySelector('li[data-key=\"2\"]').dataset.standing === {standing!r}")


def test_what_is_pinned_is_next(studio, visit):
    page = visit(studio, "/threads/2")
    page.click("#pin")
    wait(page, f"document.querySelector('.next .title').textContent === {SECOND!r}")
    assert "Pinned" in page.inner_text(".next .reason")


# ── the order ──


def test_the_queue_is_ordered_by_dragging(pinned, visit):
    with opened(pinned) as studio:
        page = visit(studio)
        assert queue(page) == [1, 2, 3]
        grip, last = (page.locator(f".queue li[data-key='{id}']").bounding_box() for id in (1, 3))
        page.locator(".queue li[data-key='1'] .grip").hover()
        page.mouse.down()
        page.mouse.move(grip["x"] + 200, last["y"] + last["height"], steps=12)
        page.mouse.up()
        assert queue(page) == [2, 3, 1]
        wait(page, f"document.querySelector('.next .title').textContent === {SECOND!r}")
        assert order(pinned) == [2, 3, 1]
        page.reload()
        page.wait_for_selector(".queue")
        assert queue(page) == [2, 3, 1]


def test_the_queue_is_ordered_by_the_keyboard_and_the_focus_stays(pinned, visit):
    with opened(pinned) as studio:
        page = visit(studio)
        page.focus(".queue li[data-key='3'] .grip")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        wait(page, f"document.querySelector('.next .title').textContent === {THIRD!r}")
        assert order(pinned) == [3, 1, 2]
        assert page.evaluate("document.activeElement.closest('li').dataset.key") == "3"
        assert page.inner_text("#said") == "Now in place 1 of 3."


def test_alt_and_an_arrow_move_the_one_that_is_looked_at(pinned, visit):
    with opened(pinned) as studio:
        page = visit(studio, "/threads/1")
        page.keyboard.press("Alt+ArrowDown")
        wait(page, f"document.querySelector('.next .title').textContent === {SECOND!r}")
        assert order(pinned) == [2, 1, 3]


# ── its words ──


def test_the_editors_words_are_seen_while_typed_and_kept_when_saved(studio, visit):
    page = visit(studio)
    page.fill("#word-title", "Forty mornings")
    page.fill("#word-subject", "Walk to work, forty times")
    page.fill("#word-preheader", "And one parrot")
    assert page.inner_text(".phone .subject") == "Walk to work, forty times"
    page.click("#words button[type=submit]")
    wait(page, "document.querySelector('#title').textContent === 'Forty mornings'")
    assert page.inner_text("#head .subject") == "Walk to work, forty times"
    one = kept(studio.house)[1]
    assert (one.thread.title, one.subject, one.preheader) == (
        "Forty mornings",
        "Walk to work, forty times",
        "And one parrot",
    )


def test_an_emptied_field_gives_the_choice_back(studio, visit):
    page = visit(studio)
    for title, shown in (("Forty mornings", "Forty mornings"), ("", FIRST)):
        page.fill("#word-title", title)
        page.press("#word-title", "Enter")
        wait(page, f"document.querySelector('#title').textContent === {shown!r}")


def test_words_that_are_being_typed_outlive_a_change_of_the_shelf(studio, visit):
    page = visit(studio)
    page.fill("#word-title", "Half a tit")
    store = studio.house.store
    store.library.set_standing(4, Standing.HELD)
    store.close()
    wait(page, f"document.querySelector('li[data-standing=held]')?.textContent.includes({FOURTH!r})")
    assert page.input_value("#word-title") == "Half a tit"


# ── a test mail ──


@pytest.fixture
def receiver(tmp_path):
    """A real SMTP server in a thread of its own."""
    ready, loop, held = threading.Event(), asyncio.new_event_loop(), {}

    async def serve():
        async with Receiver(tmp_path / "mail") as running:
            held["receiver"], held["stop"] = running, asyncio.Event()
            ready.set()
            await held["stop"].wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait()
    yield held["receiver"]
    loop.call_soon_threadsafe(held["stop"].set)
    thread.join()
    loop.close()


def send_test(page, to):
    page.keyboard.press("t")
    page.fill("#test-to", to)
    page.press("#test-to", "Enter")
    wait(page, "document.querySelector('#test-answer').dataset.level")
    return page.inner_text("#test-answer")


def test_a_test_arrives_marked_and_the_servers_answer_is_shown(house, receiver, visit):
    house.write(SMTP_HOST="127.0.0.1", SMTP_PORT=receiver.port, SMTP_TLS="none")
    with opened(house) as studio:
        page = visit(studio, "/threads/2")
        assert send_test(page, "me@example.test") == "me@example.test: accepted (250 laid in the folder)"
    (mail,) = receiver.received
    message = email.message_from_bytes(mail.path.read_bytes(), policy=email.policy.default)
    assert message["Subject"] == f"[Test] {SECOND}"
    assert kept(house)[2].standing is Standing.WAITING


def test_a_test_reaches_a_real_mailbox(house, mailhost, visit):
    house.write(SMTP_HOST="127.0.0.1", SMTP_PORT=mailhost.ports.smtp, SMTP_TLS="none")
    with opened(house) as studio:
        assert "accepted" in send_test(visit(studio), "editor-of-the-studio@example.test")
    (raw,) = mailhost.await_mail("editor-of-the-studio@example.test")
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["Subject"] == f"[Test] {FIRST}"
    assert "Leave twenty minutes early" in message.get_body(preferencelist=("plain",)).get_content()


def test_a_server_that_is_not_there_is_said_in_the_card(studio, visit):
    page = visit(studio)
    assert "SMTP_HOST" in send_test(page, "me@example.test")
    page.keyboard.press("Escape")
    page.fill("#search", "")
    assert page.is_hidden("#test")


# ── a copy to take away ──


def taken(page, kind):
    page.click("#copies-open")
    with page.expect_download() as download:
        page.click(f"[data-kind={kind}]")
    assert download.value.suggested_filename == f"digest-1.{kind}"
    return download.value.path().read_bytes()


def test_the_texts_can_be_taken_away(studio, visit):
    page = visit(studio)
    assert taken(page, "html").startswith(b"<!DOCTYPE html>")
    assert FIRST.encode() in taken(page, "txt")
    assert email.message_from_bytes(taken(page, "eml"), policy=email.policy.default)["Subject"] == FIRST


def test_a_pdf_and_a_picture_can_be_taken_away(studio, visit):
    page = visit(studio, "/threads/1?images=off")
    assert FIRST.split()[0] in PdfReader(io.BytesIO(taken(page, "pdf"))).pages[0].extract_text()
    assert Image.open(io.BytesIO(taken(page, "png"))).width in {700, 1400}


def test_without_a_printer_the_button_says_how_to_get_one(house, visit, monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert not shutil.which("chromium")
    with opened(house) as studio:
        page = visit(studio)
        page.click("#copies-open")
        page.click("[data-kind=png]")
        wait(page, "document.querySelector('#toast').classList.contains('up')")
        assert "apt install chromium" in page.text_content("#toast")
