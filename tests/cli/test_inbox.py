"""Mail that comes in, by the commands: from a pipe, and from a real mailbox."""

from __future__ import annotations

import asyncio
import smtplib
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes, policy
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.cli import inbox, loop
from digest.cli.doctor import Examined, examine
from digest.cli.house import House
from digest.errors import LoginRefused
from digest.settings import load
from rig.daemons import free_ports, listens, wait_until
from rig.mailhost import PASSWORD, Mailhost
from rig.newsletter import Newsletter, found, laid_out

_NUMBERS = count(1)
WISH = "From: Ada <{who}>\nTo: {to}\nSubject: {subject}\nMessage-ID: <{name}@example.com>\n\n"


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="inbox-") as made:
        yield Path(made)


@pytest.fixture
def letters(mailhost: Mailhost, folder: Path) -> Newsletter:
    return found(folder, reaching(mailhost))


def reaching(mailhost: Mailhost) -> dict[str, object]:
    """The settings of a newsletter with an address of its own on this host."""
    address = f"news-{next(_NUMBERS)}@example.test"
    return {
        "DIGEST_FROM": address,
        "DIGEST_REPLY_TO": "editor@example.test",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": mailhost.ports.smtp,
        "SMTP_TLS": "none",
        "IMAP_HOST": "127.0.0.1",
        "IMAP_PORT": mailhost.ports.imaps,
        "IMAP_USERNAME": address,
        "IMAP_PASSWORD": PASSWORD,
        "IMAP_CA_FILE": mailhost.ca_file,
    }


def address_of(letters: Newsletter) -> str:
    settings = (letters.folder / ".env").read_text()
    return settings.partition("DIGEST_FROM='")[2].partition("'")[0]


def test_a_stranger_subscribes_and_confirms_by_mail_alone(mailhost: Mailhost, letters: Newsletter) -> None:
    who, to = f"ada-{next(_NUMBERS)}@example.com", address_of(letters)
    with smtplib.SMTP("127.0.0.1", mailhost.ports.smtp, timeout=30) as smtp:
        smtp.sendmail(who, to, WISH.format(who=who, to=to, subject="subscribe", name="one").replace("\n", "\r\n"))
        mailhost.await_mail(to)
        assert letters.json("inbox") == {"taken": 1, "left": 0, "done": {"asked": 1}}
        [asked_back] = mailhost.await_mail(who)
        reply_to = message_from_bytes(asked_back, policy=policy.default)["Reply-To"].addresses[0].addr_spec
        assert reply_to != to
        smtp.sendmail(
            who, reply_to, WISH.format(who=who, to=reply_to, subject="Re: Is it you?", name="two").replace("\n", "\r\n")
        )
    mailhost.await_mail(to, count=2)
    letters.run("inbox")
    mailhost.await_mail(who, count=2)
    [reader] = letters.json("subscribers", "list")
    assert (reader["email"], reader["state"]) == (who, "active")
    assert letters.run("inbox") == "", "cron mails each word"


def test_doctor_finds_its_own_mail_again(mailhost: Mailhost, letters: Newsletter) -> None:
    lines = {(line["part"], line["state"]): line["what"] for line in letters.json("doctor")}
    assert "+doctor-" in lines["inbox", "well"]
    assert "mx.example.test" in lines["inbox", "note"]


def test_doctor_says_when_its_mail_does_not_come(mailhost: Mailhost, letters: Newsletter) -> None:
    env = letters.folder / ".env"
    env.write_text(env.read_text() + f"DIGEST_ADDRESS='other-{next(_NUMBERS)}@example.test'\n")
    house = House(env_file=env, settings=load(environ={}, env_file=env))
    try:
        assert loop.go_round(house, within=2) is None
    finally:
        house.close()


@pytest.mark.parametrize(
    "broken", [{"SMTP_PORT": 1}, {"DKIM_KEY_FILE": "gone.pem"}, {"DIGEST_POSTAL_ADDRESS": ""}], ids=str
)
def test_doctor_says_once_what_is_wrong_and_that_the_mailbox_opens(mailhost: Mailhost, folder: Path, broken) -> None:
    """The mail round the whole loop needs all of it, and would only say the same under another heading."""
    dkim = {"DKIM_DOMAIN": "example.test", "DKIM_SELECTOR": "s1"} if "DKIM_KEY_FILE" in broken else {}
    lines = examined(laid_out(folder, reaching(mailhost) | dkim | broken))
    assert len([line for line in lines if line.state == "ill"]) == 1
    assert [line.what for line in lines if line.part == "inbox" and "opens" in line.what]


def test_doctor_sends_a_mail_round_though_its_signature_is_of_another_domain(mailhost: Mailhost, folder: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    dkim = {"DKIM_DOMAIN": "example.org", "DKIM_SELECTOR": "s1", "DKIM_KEY_FILE": "key.pem"}
    lines = examined(laid_out(folder, reaching(mailhost) | dkim))
    assert [line.part for line in lines if line.state == "ill"] == ["dkim"]
    assert any("+doctor-" in line.what for line in lines)


def test_doctor_looks_at_each_relay_though_the_first_is_down(mailhost: Mailhost, folder: Path) -> None:
    lines = examined(laid_out(folder, reaching(mailhost) | {"SMTP_HOST": "127.0.0.1:1, 127.0.0.1"}))
    first, second, *_ = [line.what for line in lines if line.part == "smtp"]
    assert first == "127.0.0.1:1: nobody listens there"
    assert second.startswith(f"127.0.0.1:{mailhost.ports.smtp} answers")


def examined(letters: Newsletter) -> list[Examined]:
    """What the doctor says, in this process: it is quicker."""
    house = opened(letters)
    try:
        return examine(house)
    finally:
        house.close()


def opened(letters: Newsletter) -> House:
    env = letters.folder / ".env"
    url = f"DATABASE_URL='sqlite:///{letters.folder}/digest.sqlite3'\nWEB_LISTEN='127.0.0.1:0'\n"
    env.write_text(env.read_text() + url)
    return House(env_file=env, settings=load(environ={}, env_file=env))


def test_the_editor_hears_of_a_mailbox_that_cannot_be_read_for_an_hour(mailhost: Mailhost, folder: Path) -> None:
    house, words = opened(laid_out(folder, reaching(mailhost) | {"IMAP_PASSWORD": "wrong"})), list[str]()
    try:
        watch(house, words)
        assert words == [], "it may pass"
        since = house.store.mailbox.unread().since - timedelta(hours=2)
        house.store.mailbox.opened()
        house.store.mailbox.failed("", now=since)
        watch(house, words)
        watch(house, words)
    finally:
        house.close()
    (word,) = words
    assert word.startswith(f"the mailbox cannot be read: Since {since:%Y-%m-%d %H:%M} UTC")
    assert "the login was refused. Check IMAP_USERNAME" in word


def test_a_mailbox_that_opens_again_is_no_trouble_any_more(mailhost: Mailhost, folder: Path) -> None:
    house = opened(laid_out(folder, reaching(mailhost)))
    try:
        house.store.mailbox.failed("refused", now=house.time())
        watch(house, [])
        assert house.store.mailbox.unread() is None
    finally:
        house.close()


def watch(house: House, words: list[str]) -> None:
    """Look into the mailbox once, as `digest serve` does; the `words` are to the editor."""

    async def look() -> None:
        stop, here = asyncio.Event(), asyncio.get_running_loop()
        with suppress(LoginRefused):
            await inbox.watch(
                house,
                heard=lambda _: None,
                tell=words.append,
                warn=lambda subject, text: words.append(f"{subject}: {text}"),
                beat=lambda: here.call_soon_threadsafe(stop.set),
                stop=stop,
            )

    asyncio.run(look())


def test_the_daemon_takes_mail_by_lmtp_and_from_the_mailbox(mailhost: Mailhost, letters: Newsletter) -> None:
    to, (lmtp, web) = address_of(letters), free_ports(2)
    env = letters.folder / ".env"
    env.write_text(env.read_text() + f"LMTP_LISTEN='127.0.0.1:{lmtp}'\nWEB_LISTEN='127.0.0.1:{web}'\n")
    wishes = {way: f"{way}-{next(_NUMBERS)}@example.com" for way in ("lmtp", "imap")}
    daemon = letters.start("serve")
    try:
        wait_until(lambda: listens(lmtp), what="the LMTP port", within=60)
        with smtplib.LMTP("127.0.0.1", lmtp, timeout=30) as door:
            door.sendmail(
                wishes["lmtp"],
                to,
                WISH.format(who=wishes["lmtp"], to=to, subject="subscribe", name="by-lmtp").replace("\n", "\r\n"),
            )
        with smtplib.SMTP("127.0.0.1", mailhost.ports.smtp, timeout=30) as smtp:
            smtp.sendmail(
                wishes["imap"],
                to,
                WISH.format(who=wishes["imap"], to=to, subject="subscribe", name="by-imap").replace("\n", "\r\n"),
            )
        for who in wishes.values():
            mailhost.await_mail(who, within=60)
    finally:
        daemon.terminate()
        output, _ = daemon.communicate(timeout=60)
    assert daemon.returncode == 0, output.decode()


# ── from a pipe ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def piped(folder: Path) -> Newsletter:
    return found(folder, {"DIGEST_REPLY_TO": "editor@example.test"})


def test_a_piped_mail_is_kept_though_no_server_takes_the_answer(piped: Newsletter) -> None:
    wish = WISH.format(who="ada@example.com", to="digest@example.test", subject="subscribe", name="one")
    piped.run("receive", "--to", "digest@example.test", "--from", "ada@example.com", stdin=wish)
    [reader] = piped.json("subscribers", "list")
    assert (reader["email"], reader["state"]) == ("ada@example.com", "pending")


def test_a_mail_that_cannot_be_kept_is_left_to_the_mail_server(piped: Newsletter) -> None:
    (piped.folder / "data").rename(piped.folder / "gone")
    (piped.folder / "data").write_text("no folder")
    piped.run("receive", stdin="From: ada@example.com\n\nsubscribe\n", code=75)


@pytest.mark.parametrize("settings", ["nowhere/.env", "."])
def test_whatever_is_wrong_with_the_settings_no_piped_mail_bounces(piped: Newsletter, settings: str) -> None:
    piped.run("--env-file", settings, "receive", stdin="From: ada@example.com\n\nsubscribe\n", code=75)


def test_what_nobody_can_read_lies_in_quarantine_and_writes_no_colours(piped: Newsletter) -> None:
    piped.run("receive", stdin="Subject: \033[31mred\r\nFrom: a@x.example, b@y.example\r\n\r\nhi\n")
    listed = piped.run("inbox", "--quarantine", "--save", "set-aside")
    assert "no sender" in listed
    assert "older ones" not in listed
    assert "\033" not in listed
    [document] = piped.json("inbox", "--quarantine")
    assert document["subject"] == "[31mred"
    assert (piped.folder / "set-aside/1.eml").read_bytes().startswith(b"Subject: \033[31mred")


def test_without_a_mailbox_the_setting_is_named(piped: Newsletter) -> None:
    piped.run("inbox", code=2)
