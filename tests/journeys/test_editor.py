"""The editor, by mail alone: a proof, NEXT, another proof, OK, the slot, the digests, the report; real Postfix, Dovecot and
OpenDKIM, one `digest` command after another, a wall clock that is set to the slot. Who only pretends to be her moves nothing.
"""

from __future__ import annotations

import base64
import email
import email.policy
import smtplib
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from rig import wallclock
from rig.mailhost import PASSWORD, Mailhost
from rig.newsletter import Newsletter, found
from rig.wallclock import Wallclock

DIGEST, BOSS, MALLORY = "edit-hive@example.test", "edit-boss@example.com", "edit-mallory@example.com"
READERS = ("edit-one@example.org", "edit-two@example.org")
# As near as can be: the mail host lives in the present, and so do its certificates.
SLOT = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=2)
THREAD = """\
---
title: {title}
author: {author}
handle: "@{author}"
---

{title}. A thread about an old house, told in the order in which it happened, from the first night to the last repair.

---

The first thing was a noise at night, low and steady, and nobody wanted to be the one who got up and looked. We lay awake
and gave it names. It is easier to name a thing than to open a wall.

---

On the third day we drew a plan of the house by candle light, with every pipe and beam that we could find. Half of what we
drew was wrong, and that was the useful half: it told us where we had never looked. {title} was on none of the plans.

---

We opened one board, not ten. Behind it lay a nest, a newspaper of 1911 and a wet beam. The beam was the noise. It had
been getting wet for a year, a spoon of water at a time.
"""


class World:
    """The newsletter at a time of our choosing, the mail host, and the editor at her mail program."""

    def __init__(self, mailhost: Mailhost, newsletter: Newsletter, clock: Wallclock, key: bytes) -> None:
        self.host, self.newsletter, self.clock, self.key = mailhost, newsletter, clock, key
        self._seen = 0

    def at(self, moment: datetime, *arguments: str) -> str:
        """A `digest` command at this moment; whatever it sends has arrived when this returns."""
        self.clock.set(moment)
        process = self.newsletter.start(*arguments, environment=self.clock.environment)
        said = process.communicate(timeout=120)[0].decode()
        assert process.returncode == 0, said
        self.host.settle()
        return said

    def new(self) -> list[EmailMessage]:
        """What came to the editor since she looked last."""
        mails = self.host.mailbox(BOSS)
        fresh, self._seen = mails[self._seen :], len(mails)
        return [_read(mail) for mail in fresh]

    def proof(self) -> EmailMessage:
        (mail,) = self.new()
        assert "Proof" in mail["Subject"] or "Held" in mail["Subject"]
        return mail

    def reply(self, proof: EmailMessage, word: str, *, sender: str = BOSS, signed: bool = True) -> None:
        """As a mail program writes it: her word above, the proof quoted below; signed by her provider, or not."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, proof["Reply-To"], f"Re: {proof['Subject']}"
        mail["Message-ID"], mail["In-Reply-To"] = make_msgid(domain="example.com"), proof["Message-ID"]
        mail.set_content(f"{word}\n\nOn Monday the digest wrote:\n> OK\n> It goes out as it is\n")
        raw = mail.as_bytes(policy=SMTP)
        seal = dkim.sign(raw, b"rig", b"example.com", self.key) if signed else b""
        before = self.host.count(DIGEST)
        with smtplib.SMTP("127.0.0.1", self.host.ports.smtp, timeout=30) as smtp:
            smtp.sendmail(sender, [proof["Reply-To"]], seal + raw)
        self.host.await_mail(DIGEST, count=before + 1)


def _read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def title(proof: EmailMessage) -> str:
    """The thread that a proof shows."""
    return next(name for name in TITLES if f": {name}" in " ".join(proof["Subject"].split()))


TITLES = ("A noise in the wall", "The roof in November", "Three keys on one ring")


@pytest.fixture
def world(mailhost: Mailhost) -> Iterator[World]:
    if reason := wallclock.missing():
        pytest.skip(reason)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    mailhost.publish_key("rig", domain="example.com", record=f"v=DKIM1; k=rsa; p={public}")
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    with tempfile.TemporaryDirectory(prefix="editor-") as name:
        folder = Path(name)
        settings = {
            "DIGEST_FROM": DIGEST,
            "DIGEST_APPROVE": BOSS,
            "DIGEST_SILENCE": "hold",
            "DIGEST_SCHEDULE": f"0 9 * * {SLOT.isoweekday()}",
            "AUTHSERV_ID": "mx.example.test",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": mailhost.ports.smtp,
            "SMTP_TLS": "none",
            "IMAP_HOST": "127.0.0.1",
            "IMAP_PORT": mailhost.ports.imaps,
            "IMAP_USERNAME": DIGEST,
            "IMAP_PASSWORD": PASSWORD,
            "IMAP_CA_FILE": mailhost.ca_file,
        }
        clock = Wallclock(library=wallclock.build(folder), file=folder / "ahead")
        world = World(mailhost, found(folder, settings), clock, private)
        shelve(world)
        yield world


def shelve(world: World) -> None:
    """Three threads by three authors, two readers; the thread that every rig has is held."""
    for number, name in enumerate(TITLES):
        (world.newsletter.folder / f"{number}.md").write_text(THREAD.format(title=name, author=f"author{number}"))
        world.newsletter.run("import", f"{number}.md")
    world.newsletter.run("hold", "1")
    for reader in READERS:
        world.newsletter.run("subscribers", "add", reader)


@pytest.mark.timeout(600)
def test_the_editor_decides_by_mail(world: World) -> None:
    """One story, told in order: each step starts from what the last one left."""
    day_before = SLOT - timedelta(hours=20)
    world.at(day_before - timedelta(hours=5), "send", "--due")
    assert world.new() == []

    # ── the proof, once; a forged NEXT, one from a stranger, and a machine's answer change nothing
    world.at(day_before, "send", "--due")
    first = world.proof()
    world.at(day_before, "send", "--due")
    assert world.new() == []
    world.reply(first, "NEXT", signed=False)
    world.reply(first, "NEXT", sender=MALLORY)
    world.at(day_before + timedelta(hours=1), "inbox")
    world.at(day_before + timedelta(hours=1), "send", "--due")
    assert {mail["Subject"] for mail in world.new()} == {"An answer that was not obeyed"}

    # ── NEXT: another proof; the first one's token is spent
    world.reply(first, "Next, please")
    world.at(day_before + timedelta(hours=2), "inbox")
    world.at(day_before + timedelta(hours=2), "send", "--due")
    second = world.proof()
    assert title(second) != title(first)
    world.reply(first, "OK")
    world.at(day_before + timedelta(hours=3), "inbox")
    world.at(day_before + timedelta(hours=3), "send", "--due")
    assert [mail["Subject"] for mail in world.new()] == ["That changed nothing"]

    # ── OK, with a subject of her own
    world.reply(second, "OK\nSubject: What the house said")
    world.at(day_before + timedelta(hours=4), "inbox")
    world.at(day_before + timedelta(hours=4), "send", "--due")
    assert [mail["Subject"] for mail in world.new()] == [f"OK: {title(second)}"]
    assert [world.host.count(reader) for reader in READERS] == [0, 0]

    # ── the slot: each reader gets what she approved, once; she gets the report
    world.at(SLOT + timedelta(minutes=1), "send", "--due")
    world.at(SLOT + timedelta(minutes=2), "send", "--due")
    for reader in READERS:
        (raw,) = world.host.mailbox(reader)
        digest = _read(raw)
        assert digest["Subject"] == "What the house said"
        assert title(second) in str(digest.get_body(("html",)))
    (report,) = world.new()
    assert report["Subject"] == "Issue 1 is out: What the house said"

    # ── a word on the old proof moves nothing any more
    world.reply(second, "SKIP")
    world.at(SLOT + timedelta(hours=1), "inbox")
    world.at(SLOT + timedelta(hours=1), "send", "--due")
    assert [mail["Subject"] for mail in world.new()] == ["That changed nothing"]
