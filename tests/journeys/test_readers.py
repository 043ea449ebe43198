"""A newsletter's readers, by mail alone: real Postfix and Dovecot, one `digest` command after another, judged by IMAP.

Ada comes, reads, pauses, chooses, asks and leaves; Bob's mail program answers by itself; Cleo's mailbox is gone; Dora calls
it spam. Nobody but Ada's own mails moves Ada, and no machine gets an answer.
"""

from __future__ import annotations

import email
import email.policy
import smtplib
import tempfile
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

import pytest

from rig.mailhost import PASSWORD, Mailhost
from rig.newsletter import Newsletter, found

DIGEST = "hive@example.test"
EDITOR = "hive-editor@example.test"
ADA = "ada-reads@example.com"
VACATION = "vacation-bob@example.com"
GONE = "nobody-cleo@example.com"
DORA = "dora@example.com"

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
    """The newsletter, the mail host, and how many mails everybody has seen."""

    def __init__(self, mailhost: Mailhost, newsletter: Newsletter) -> None:
        self.host, self.newsletter = mailhost, newsletter
        self._seen: dict[str, int] = {}

    def write(self, sender: str, subject: str = "", *, to: str = DIGEST, body: str = "", **fields: str) -> None:
        """A mail from somebody, handed to the real Postfix, and lying in the digest's mailbox when this returns."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Message-ID"], mail["Date"] = make_msgid(domain="example.com"), formatdate()
        for name, value in fields.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(body)
        before = self.host.count(DIGEST)
        with smtplib.SMTP("127.0.0.1", self.host.ports.smtp, timeout=30) as smtp:
            smtp.send_message(mail, from_addr=sender, to_addrs=[to])
        self.host.await_mail(DIGEST, count=before + 1)

    def answer(self) -> dict[str, int]:
        """`digest inbox`: what was done. Whatever that brings about has arrived when this returns."""
        done = self.newsletter.json("inbox")
        self.host.settle()
        return done["done"]  # type: ignore[index, no-any-return]

    def new(self, who: str) -> list[EmailMessage]:
        """The mails that came since we looked last, by IMAP."""
        mails = self.host.mailbox(who)
        fresh = mails[self._seen.get(who, 0) :]
        self._seen[who] = len(mails)
        return [_read(mail) for mail in fresh]

    def only(self, who: str) -> EmailMessage:
        (mail,) = self.new(who)
        return mail

    def asks(self, sender: str, subject: str) -> EmailMessage:
        """One mail, one answer."""
        self.write(sender, subject)
        self.answer()
        return self.only(sender)

    def publish(self, title: str) -> None:
        (self.newsletter.folder / "next.md").write_text(THREAD.format(title=title), encoding="utf-8")
        (thread,) = self.newsletter.json("import", "next.md")  # type: ignore[misc]
        self.newsletter.run("pin", str(thread["id"]))  # it is too much like the last ones to be picked
        self.newsletter.run("send", "--yes")
        self.host.settle()

    def standing(self, who: str) -> str:
        return self.newsletter.json("subscribers", "show", who)["state"]  # type: ignore[index, no-any-return, call-overload]


def _read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body
    return " ".join(body.get_content().split())


@pytest.fixture
def world(mailhost: Mailhost) -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="readers-") as folder:
        settings = {
            "DIGEST_FROM": DIGEST,
            "DIGEST_REPLY_TO": EDITOR,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": mailhost.ports.smtp,
            "SMTP_TLS": "none",
            "IMAP_HOST": "127.0.0.1",
            "IMAP_PORT": mailhost.ports.imaps,
            "IMAP_USERNAME": DIGEST,
            "IMAP_PASSWORD": PASSWORD,
            "IMAP_CA_FILE": mailhost.ca_file,
        }
        yield World(mailhost, found(Path(folder), settings))


@pytest.mark.timeout(1500)
def test_readers_come_stay_and_leave_by_mail_alone(world: World) -> None:
    """One story, told in order: each step starts from what the last one left."""
    # ── Ada asks, is asked back, replies, and is welcome; the first issue is still to come
    asked_back = world.asks(ADA, "Subscribe, please")
    assert "is it you" in asked_back["Subject"]
    assert asked_back["Auto-Submitted"] == "auto-replied"
    world.write(ADA, f"Re: {asked_back['Subject']}", to=asked_back["Reply-To"], body="Yes!\n\n> One more step\n")
    assert world.answer() == {"confirmed": 1}
    assert "Welcome" in world.only(ADA)["Subject"]

    # ── the next digest finds her; of what nobody answers, nothing is answered
    world.newsletter.run("send", "--yes")
    world.host.settle()
    first = world.only(ADA)
    assert first["Auto-Submitted"] == "auto-generated"
    assert "Bees never repair a comb" in text(first)

    # ── she pauses: no issue; she resumes: the next one comes
    assert "a pause until" in world.asks(ADA, "pause 3 weeks")["Subject"]
    world.newsletter.run("subscribers", "add", DORA)
    world.publish("The roof in November")
    assert world.new(ADA) == []
    assert "The roof in November" in text(world.only(DORA))
    assert "comes again" in world.asks(ADA, "Resume")["Subject"]
    world.publish("A ladder and a lamp")
    assert "ladder" in text(world.only(ADA))

    # ── a back issue, the other kinds, why, help
    back = world.asks(ADA, "get 2")
    assert "The roof in November" in text(back)
    assert back["In-Reply-To"]
    assert "summary alone" in world.asks(ADA, "summary")["Subject"]
    world.publish("Three keys on one ring")
    assert "An old carpenter came by" not in text(world.only(ADA))
    assert "plain text" in world.asks(ADA, "TEXT")["Subject"]
    world.publish("What the cellar kept")
    assert world.only(ADA).get_content_type() == "text/plain"
    assert "confirmed by mail" in text(world.asks(ADA, "why"))
    assert "unsubscribe" in text(world.asks(ADA, "Help?"))

    # ── her own words go to the editor, and nobody answers them by machine
    world.write(
        ADA, f"Re: {first['Subject']}", body="I laughed at the ladder. Thank you!", In_Reply_To=first["Message-ID"]
    )
    assert world.answer() == {"passed on": 1}
    passed_on = world.new(EDITOR)[-1]
    assert passed_on["Reply-To"] == ADA
    assert "I laughed at the ladder" in str(passed_on)
    assert world.new(ADA) == []

    # ── a mail program that answers by itself: its reader stays, and it hears nothing back. A mailbox that is gone: the
    # first issue that comes back pauses, the next one is a probe, then it is over
    world.newsletter.run("subscribers", "add", VACATION)
    world.newsletter.run("subscribers", "add", GONE)
    world.publish("Forty steps down")
    assert len(world.new(VACATION)) == 1
    world.write(VACATION, "Automatic reply: away", body="subscribe", Auto_Submitted="auto-replied (vacation)")
    done = world.answer()
    assert done["hard bounce"] == 1
    assert any(what.startswith("ignored: ") for what in done)
    assert (world.standing(GONE), world.standing(VACATION)) == ("paused", "active")
    world.publish("Forty steps up")
    assert world.answer()["hard bounce"] == 1
    assert world.standing(GONE) == "bounced"
    assert len(world.new(VACATION)) == 1

    # ── Dora calls it spam: out at once, and not a word about it
    world.new(ADA)
    (*_, spam) = world.new(DORA)
    complain(world, spam)
    assert world.answer() == {"complained": 1}
    assert world.standing(DORA) == "complained"
    assert world.new(DORA) == []

    # ── Ada leaves by the address in her letter, is let go at once, and may undo it
    (last,) = [_read(world.host.mailbox(ADA)[-1])]
    leave = last["List-Unsubscribe"].partition("mailto:")[2].partition("?")[0]
    world.write(ADA, "unsubscribe", to=leave)
    assert world.answer() == {"left": 1}
    goodbye = world.only(ADA)
    assert "You have left" in goodbye["Subject"]
    world.publish("The wall again")
    assert world.new(ADA) == []
    assert len(world.new(VACATION)) == 1
    undo = next(word for word in text(goodbye).split() if "+rejoin-" in word)
    world.write(ADA, "rejoin", to=undo)
    assert world.answer() == {"rejoined": 1}
    assert "Welcome back" in world.only(ADA)["Subject"]

    # ── looking again changes nothing: every mail was answered once
    assert world.answer() == {}
    assert [world.new(who) for who in (ADA, VACATION, DORA)] == [[], [], []]


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
    before = world.host.count(DIGEST)
    with smtplib.SMTP("127.0.0.1", world.host.ports.smtp, timeout=30) as smtp:
        smtp.sendmail("abuse@example.com", [report["To"]], (head + kind + body).encode())
    world.host.await_mail(DIGEST, count=before + 1)
