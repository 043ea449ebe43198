"""A reader who uses the web: `digest serve` with its pages and its mailbox, a real Chromium, real Postfix and Dovecot."""

from __future__ import annotations

import email
import email.policy
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rig import chromium
from rig.daemons import free_ports, listens, wait_until
from rig.mailhost import PASSWORD, Mailhost
from rig.newsletter import Newsletter, found

DIGEST = "comb@example.test"
EVE = "eve-clicks@example.com"


@pytest.fixture
def serving(mailhost: Mailhost) -> Iterator[tuple[Newsletter, str]]:
    if reason := chromium.missing():
        pytest.skip(reason)
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="readers-web-") as folder:
        made = found(
            Path(folder),
            {
                "DIGEST_FROM": DIGEST,
                "DIGEST_REPLY_TO": "comb-editor@example.test",
                "DIGEST_BASE_URL": f"http://127.0.0.1:{port}",
                "WEB_LISTEN": f"127.0.0.1:{port}",
                "SMTP_HOST": "127.0.0.1",
                "SMTP_PORT": mailhost.ports.smtp,
                "SMTP_TLS": "none",
                "IMAP_HOST": "127.0.0.1",
                "IMAP_PORT": mailhost.ports.imaps,
                "IMAP_USERNAME": DIGEST,
                "IMAP_PASSWORD": PASSWORD,
                "IMAP_CA_FILE": mailhost.ca_file,
            },
        )
        running = made.start("serve")
        try:
            wait_until(lambda: listens(port), what="the web pages", within=90)
            yield made, f"http://127.0.0.1:{port}"
        finally:
            running.send_signal(signal.SIGTERM)
            running.communicate(timeout=60)


def text(raw: bytes) -> str:
    body = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))  # type: ignore[attr-defined]
    return str(body.get_content())


def link(raw: bytes, path: str) -> str:
    return next(word for word in text(raw).split() if f"/{path}/" in word)


@pytest.mark.timeout(400)
def test_a_reader_comes_and_goes_by_the_web(mailhost: Mailhost, serving: tuple[Newsletter, str]) -> None:
    made, site = serving

    def standing() -> str:
        return made.json("subscribers", "show", EVE)["state"]  # type: ignore[index, no-any-return, call-overload]

    with chromium.running() as browser:
        page = browser.new_page()
        page.goto(f"{site}/subscribe")
        page.wait_for_timeout(4000)  # a form that is filled in faster than that is asked for once more
        page.locator("#email").fill(EVE)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Look into your mailbox").wait_for()

        (asked_back,) = mailhost.await_mail(EVE, within=60)
        page.goto(link(asked_back, "confirm"))
        assert standing() == "pending"
        page.get_by_role("button", name="Yes").click()
        page.get_by_role("heading", name="You are in").wait_for()
        assert standing() == "active"
        welcome = mailhost.await_mail(EVE, count=2, within=60)[-1]
        assert "Welcome" in text(welcome)
        page.close()

    token = text(welcome).partition("comb+unsubscribe-")[2].partition("@")[0]
    gone = httpx.post(f"{site}/u/{token}", data={"List-Unsubscribe": "One-Click"}, trust_env=False)
    assert (gone.status_code, standing()) == (200, "left")
    goodbye = mailhost.await_mail(EVE, count=3, within=60)[-1]
    assert "You are off the list" in text(goodbye)
    again = httpx.post(link(goodbye, "rejoin"), trust_env=False)
    assert (again.status_code, standing()) == (200, "active")
