"""A newsletter's readers, all of them in one story: real Postfix and Dovecot, a real Chromium, judged by IMAP.

Ada comes, reads, pauses, chooses, asks and leaves by mail alone; Eve comes and goes by the web; Bob's mail program answers
by itself; Cleo's mailbox is gone; Dora calls it spam. Nobody but Ada's own mails moves Ada, and no machine gets an answer.
"""

from __future__ import annotations

import email
import email.policy
import signal
import smtplib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from rig import chromium
from rig.daemons import free_ports, listens, wait_until
from rig.mailhost import PASSWORD, Mailhost
from rig.newsletter import Newsletter, found

DIGEST = "hive@example.test"
EDITOR = "hive-editor@example.test"
ADA = "ada-reads@example.com"
BOB = "vacation-bob@example.com"
CLEO = "nobody-cleo@example.com"
DORA = "dora@example.com"
EVE = "eve-clicks@example.com"
TITLES = ("The roof in November", "Three keys on one ring", "What the cellar kept", "The wall again")

THREAD = """\
---
title: {title}
author: Mara Lindqvist
handle: "@maralindqvist"
---

{title}. A thread about an old house, told in the order in which it happened, from the first night to the last repair.

---

The first thing was a noise at night, low and steady, and nobody wanted to be the one who got up and looked. We lay awake
and gave it names. It is easier to name a thing than to open a wall.

---

On the third day we drew a plan of the house by candle light, with every pipe and beam that we could find. Half of what we
drew was wrong, and that was the useful half: it told us where we had never looked.

---

An old carpenter came by and listened with a glass against the plaster. He said that houses talk when they dry, and that
one should write down what they say before one answers with a hammer.

---

We opened one board, not ten. Behind it lay a nest, a newspaper of 1911 and a wet beam. The beam was the noise. It had
been getting wet for a year, a spoon of water at a time.

---

In summary: name what you hear, draw what you know, open one board and not ten, and write all of it down.
"""


class World:
    """The newsletter, the mail host, the pages, and how many mails everybody has seen."""

    def __init__(self, mailhost: Mailhost, newsletter: Newsletter, *, port: int) -> None:
        self.host, self.newsletter, self._port = mailhost, newsletter, port
        self.site = f"http://127.0.0.1:{port}"
        self._seen: dict[str, int] = {}

    @contextmanager
    def serving(self) -> Iterator[None]:
        """`digest serve` answers by itself, mail and pages."""
        running = self.newsletter.start("serve")
        try:
            wait_until(lambda: listens(self._port), what="the web pages", within=90)
            yield
        finally:
            running.send_signal(signal.SIGTERM)
            running.communicate(timeout=60)

    def write(self, sender: str, subject: str = "", *, to: str = DIGEST, body: str = "", **fields: str) -> str:
        """A mail from somebody, handed to the real Postfix, and lying in the digest's mailbox when this returns; its
        Message-ID."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Message-ID"], mail["Date"] = make_msgid(domain="example.com"), formatdate()
        for name, value in fields.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(body)
        self.hand_in(mail.as_bytes(policy=email.policy.SMTP), sender=sender, to=to)
        return str(mail["Message-ID"])

    def hand_in(self, mail: bytes, *, sender: str, to: str) -> None:
        before = self.host.count(DIGEST)
        with smtplib.SMTP("127.0.0.1", self.host.ports.smtp, timeout=30) as smtp:
            smtp.sendmail(sender, [to], mail)
        self.host.await_mail(DIGEST, count=before + 1)

    def answer(self) -> dict[str, int]:
        """`digest inbox`: what was done. Whatever that brings about has arrived when this returns."""
        done = self.newsletter.json("inbox")
        self.host.settle()
        return done["done"]  # type: ignore[index, no-any-return, call-overload]

    def new(self, who: str) -> list[EmailMessage]:
        """The mails that came since we looked last, by IMAP."""
        mails = self.host.mailbox(who)
        fresh = mails[self._seen.get(who, 0) :]
        self._seen[who] = len(mails)
        return [_read(mail) for mail in fresh]

    def only(self, who: str) -> EmailMessage:
        (mail,) = self.new(who)
        return mail

    def awaited(self, who: str) -> EmailMessage:
        """The next mail, which `digest serve` sends by itself."""
        self.host.await_mail(who, count=self._seen.get(who, 0) + 1, within=60)
        return self.only(who)

    def answers(self, who: str, *questions: str) -> list[EmailMessage]:
        """One answer to each of these mails, and nothing else, in the order of the questions."""
        found = {str(mail["In-Reply-To"]): mail for mail in self.new(who)}
        assert set(found) == set(questions)
        return [found[question] for question in questions]

    def shelve(self, *titles: str) -> None:
        """Threads that go out one after the other; they are too much like each other to be picked by themselves."""
        for title in titles:
            (self.newsletter.folder / f"{title}.md").write_text(THREAD.format(title=title), encoding="utf-8")
        threads = self.newsletter.json("import", *(f"{title}.md" for title in titles))
        for thread in threads:  # type: ignore[attr-defined]
            self.newsletter.run("pin", str(thread["id"]))

    def publish(self) -> None:
        """The next issue; what comes back of it has arrived, too."""
        self.newsletter.run("send", "--yes")
        self.host.settle()

    def standings(self) -> dict[str, str]:
        listed = self.newsletter.json("subscribers", "list")
        return {reader["email"]: reader["state"] for reader in listed}  # type: ignore[attr-defined]


def _read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body
    return " ".join(body.get_content().split())


def link(mail: EmailMessage, path: str) -> str:
    return next(word for word in text(mail).split() if f"/{path}/" in word)


@pytest.fixture
def world(mailhost: Mailhost) -> Iterator[World]:
    if reason := chromium.missing():
        pytest.skip(reason)
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="readers-") as folder:
        settings = {
            "DIGEST_FROM": DIGEST,
            "DIGEST_REPLY_TO": EDITOR,
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
        }
        yield World(mailhost, found(Path(folder), settings), port=port)


@pytest.mark.timeout(900)
def test_readers_come_stay_and_leave(world: World) -> None:
    """One story, told in order: each step starts from what the last one left."""
    with chromium.running() as browser:
        with world.serving():
            they_come(world, browser)
        they_read(world)
        with world.serving():
            they_leave(world, browser)
    nothing_is_done_twice(world)


def they_come(world: World, browser: Browser) -> None:
    """Ada by mail, Eve by the web; both are asked back, and nothing but their own yes lets them in."""
    page = browser.new_page()
    page.goto(f"{world.site}/subscribe")
    world.write(ADA, "Subscribe, please")
    asked_back = world.awaited(ADA)
    assert "is it you" in asked_back["Subject"]
    assert asked_back["Auto-Submitted"] == "auto-replied"
    page.wait_for_timeout(4000)  # a form that is filled in faster than that is asked for once more
    page.locator("#email").fill(EVE)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Look into your mailbox").wait_for()
    world.write(ADA, f"Re: {asked_back['Subject']}", to=asked_back["Reply-To"], body="Yes!\n\n> One more step\n")
    assert "Welcome" in world.awaited(ADA)["Subject"]
    page.goto(link(world.awaited(EVE), "confirm"))
    assert world.standings() == {ADA: "active", EVE: "pending"}
    page.get_by_role("button", name="Yes").click()
    page.get_by_role("heading", name="You are in").wait_for()
    page.close()
    assert "Welcome" in text(world.awaited(EVE))
    for name in (BOB, CLEO, DORA):
        world.newsletter.run("subscribers", "add", name)
    world.shelve(*TITLES)


def they_read(world: World) -> None:
    # ── the first issue finds all five. Bob's mail program answers it by itself (a decent one
    # would not, as ours is a list's mail), Cleo's server sends it back
    world.publish()
    first = world.only(ADA)
    assert first["Auto-Submitted"] == "auto-generated"
    assert all(TITLES[0] in text(mail) for mail in (first, world.only(EVE), world.only(DORA)))
    world.write(BOB, "Automatic reply: away", body="subscribe", Auto_Submitted="auto-replied (vacation)")
    pause = world.write(ADA, "pause 3 weeks")
    done = world.answer()
    assert (done.pop("hard bounce"), done.pop("paused")) == (1, 1)
    assert [what.partition(":")[0] for what in done] == ["ignored"]
    (paused,) = world.answers(ADA, pause)
    assert "a pause until" in paused["Subject"]
    standing = {BOB: "active", CLEO: "paused", DORA: "active", EVE: "active"}
    assert world.standings() == standing | {ADA: "paused"}

    # ── the second does not come to Ada. For Cleo it was the probe, and it is over. Dora calls it spam: out, not a word
    # about it. Ada resumes, and wants the summary alone
    world.publish()
    assert world.new(ADA) == []
    spam = world.only(DORA)
    assert TITLES[1] in text(spam)
    complain(world, spam)
    wishes = [world.write(ADA, wish) for wish in ("Resume", "summary")]
    done = world.answer()
    assert (done["hard bounce"], done["complained"]) == (1, 1)
    resumed, short = world.answers(ADA, *wishes)
    assert ("comes again" in resumed["Subject"], "summary alone" in short["Subject"]) == (True, True)
    assert world.standings() == standing | {ADA: "active", CLEO: "bounced", DORA: "complained"}

    # ── the third comes as she chose. A back issue, why, help, another kind; her own words go to the editor, and no machine
    # answers them
    world.publish()
    third = world.only(ADA)
    assert TITLES[2] in text(third)
    assert "An old carpenter came by" not in text(third)
    wishes = [world.write(ADA, wish) for wish in ("get 2", "why", "Help?", "TEXT")]
    world.write(
        ADA, f"Re: {first['Subject']}", body="I laughed at the carpenter. Thank you!", In_Reply_To=first["Message-ID"]
    )
    assert world.answer()["passed on"] == 1
    back, why, help_, plain = world.answers(ADA, *wishes)
    assert (TITLES[1] in text(back), "confirmed by mail" in text(why)) == (True, True)
    assert ("unsubscribe" in text(help_), "plain text" in plain["Subject"]) == (True, True)
    passed_on = world.new(EDITOR)[-1]
    assert passed_on["Reply-To"] == ADA
    assert "I laughed at the carpenter" in str(passed_on)
    world.publish()


def they_leave(world: World, browser: Browser) -> None:
    """Ada by the address in her letter, Eve by one click; each is let go at once, and may undo it."""
    last = world.only(ADA)
    assert last.get_content_type() == "text/plain"
    world.write(ADA, "unsubscribe", to=last["List-Unsubscribe"].partition("mailto:")[2].partition("?")[0])
    *_, newest = world.new(EVE)
    token = newest["List-Unsubscribe"].partition("+unsubscribe-")[2].partition("@")[0]
    one_click = f"{world.site}/u/{token}"  # the header says so itself where there is https
    page = browser.new_page()
    page.goto(one_click)  # as a scanner does, too: it changes nothing
    assert "You have left" in world.awaited(ADA)["Subject"]
    assert world.standings() | {ADA: "left", EVE: "active"} == world.standings()
    page.get_by_role("button").first.click()
    page.get_by_role("heading", name="You have left").wait_for()
    goodbye = world.awaited(EVE)
    again = httpx.post(one_click, data={"List-Unsubscribe": "One-Click"}, trust_env=False)  # RFC 8058: twice is fine
    assert (again.status_code, world.standings()[EVE]) == (200, "left")
    page.goto(link(goodbye, "rejoin"))
    page.get_by_role("button").first.click()
    page.get_by_role("heading", name="Good to have you back").wait_for()
    assert "Welcome back" in world.awaited(EVE)["Subject"]
    page.close()


def nothing_is_done_twice(world: World) -> None:
    """The last issue goes to who is left, Bob and Eve; every mail was answered once, and nobody got more than theirs."""
    world.publish()
    assert "Bees never repair a comb" in text(world.only(EVE))
    assert world.answer() == {}
    assert [world.new(who) for who in (ADA, DORA, EVE)] == [[], [], []]
    assert len(world.new(BOB)) == 5
    assert world.standings() == {ADA: "left", BOB: "active", CLEO: "bounced", DORA: "complained", EVE: "active"}


def complain(world: World, spam: EmailMessage) -> None:
    """A provider's report in the form of RFC 5965, to the address that the letter names."""
    report = EmailMessage()
    report["From"], report["To"] = "abuse@example.com", spam["Return-Path"].strip("<>")
    report["Subject"], report["Message-ID"] = "FW: complaint", make_msgid(domain="example.com")
    report["MIME-Version"] = "1.0"
    original = spam.as_bytes().decode("ascii", errors="replace")
    body = (
        "--r\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n"
        "--r\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: Test/1\r\nVersion: 1\r\n\r\n"
        f"--r\r\nContent-Type: message/rfc822\r\n\r\n{original}\r\n--r--\r\n"
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in report.items())
    kind = 'Content-Type: multipart/report; report-type=feedback-report; boundary="r"\r\n\r\n'
    world.hand_in((head + kind + body).encode(), sender="abuse@example.com", to=report["To"])
