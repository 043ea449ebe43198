"""The LMTP door: spoken to over a real socket, and by a real Postfix."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import threading
import time
from collections.abc import Callable, Sequence

import pytest

from digest.errors import DigestError, SettingsError, StoreError
from digest.mail import lmtp
from digest.mail.arrivals import Arrival
from digest.mail.lmtp import LmtpListener
from rig.daemons import wait_until
from rig.mailhost import Mailhost

MAIL = b"From: ada@example.com\r\nSubject: help\r\n\r\n..two dots\r\n.\tone\r\n"


class Keeper:
    """What takes the mails in these tests, and what it does with some."""

    def __init__(self, *failures: Exception) -> None:
        self.arrivals: list[Arrival] = []
        self.together: list[int] = []
        self.told: list[str] = []
        self._failures = list(failures)

    def take(self, arrivals: Sequence[Arrival]) -> list[Exception | None]:
        self.together.append(len(arrivals))
        return [self._fate(arrival) for arrival in arrivals]

    def _fate(self, arrival: Arrival) -> Exception | None:
        if self._failures:
            return self._failures.pop(0)
        self.arrivals.append(arrival)
        return None


def talk(keeper: Keeper, conversation: Callable[[int], object], *, limit: int = 1_000_000) -> object:
    """Run a blocking conversation against a listener, and give what it gave."""

    async def together() -> object:
        known = ("digest", "weekly")
        async with LmtpListener(
            "127.0.0.1:0",
            take=keeper.take,
            known=lambda to: to.lower().startswith(known),
            tell=keeper.told.append,
            limit=limit,
        ) as listener:
            return await asyncio.to_thread(conversation, listener.port)

    return asyncio.run(together())


def deliver(*recipients: str, mail: bytes = MAIL) -> Callable[[int], object]:
    def conversation(port: int) -> object:
        with smtplib.LMTP("127.0.0.1", port, timeout=10) as client:
            return client.sendmail("", recipients, mail)

    return conversation


def raw(*pieces: bytes) -> Callable[[int], bytes]:
    """Say the pieces one after the other without waiting, and give all that was answered."""

    def conversation(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
            for piece in pieces:
                wire.sendall(piece)
            wire.shutdown(socket.SHUT_WR)
            answers = b""
            while data := wire.recv(65536):
                answers += data
            return answers

    return conversation


def test_a_mail_is_taken_as_it_was_sent() -> None:
    keeper = Keeper()
    talk(keeper, deliver("digest+help@example.org"))
    assert keeper.arrivals == [Arrival(raw=MAIL, recipient="digest+help@example.org", sender="")]


def test_each_recipient_has_an_answer() -> None:
    keeper = Keeper(StoreError("the disk is full", temporary=True))
    pieces = (
        b"LHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<digest@x>\r\nRCPT TO:<weekly@x>\r\nDATA\r\n" + MAIL + b".\r\nQUIT\r\n"
    )
    answers = talk(keeper, raw(pieces))
    assert isinstance(answers, bytes)
    assert [line[:3] for line in answers.splitlines()[-4:]] == [b"354", b"451", b"250", b"221"]
    assert [arrival.recipient for arrival in keeper.arrivals] == ["weekly@x"]


@pytest.mark.parametrize("failure", [StoreError("locked", temporary=True), DigestError("x"), ValueError("a fault")])
def test_what_could_not_be_kept_comes_again(failure: Exception) -> None:
    keeper = Keeper(failure)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        talk(keeper, deliver("digest@example.org"))
    assert refused.value.smtp_code == 451
    assert keeper.told


def test_a_stranger_is_refused_at_once() -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        talk(Keeper(), deliver("postmaster@example.org"))


def test_what_is_too_big_is_refused_and_the_next_is_taken() -> None:
    keeper = Keeper()
    big = b"A" * 5000 + b"\r\n"
    start = b"MAIL FROM:<a@b>\r\nRCPT TO:<digest@x>\r\nDATA\r\n"
    answers = talk(keeper, raw(b"LHLO me\r\n" + start + big * 3 + b".\r\n" + start + b"hi\r\n.\r\n"), limit=10_000)
    assert isinstance(answers, bytes)
    assert b"552 5.3.4" in answers
    assert [arrival.raw for arrival in keeper.arrivals] == [b"hi\r\n"]


def test_an_announced_size_is_believed() -> None:
    answers = talk(Keeper(), raw(b"LHLO me\r\nMAIL FROM:<a@b> SIZE=999999999\r\n"))
    assert isinstance(answers, bytes)
    assert b"552 5.3.4" in answers


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"a\n.\nb\r\n.\r\n", b"a\n.\nb\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b"x\r\n..\r\n.\r\n", b"x\r\n.\r\n"),
    ],
)
def test_only_a_lone_dot_between_whole_line_ends_ends_a_mail(data: bytes, expected: bytes) -> None:
    keeper = Keeper()
    talk(keeper, raw(b"LHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<digest@x>\r\nDATA\r\n" + data))
    assert [arrival.raw for arrival in keeper.arrivals] == [expected]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"MAIL FROM:<a@b>\r\n", b"503"),
        (b"LHLO me\r\nRCPT TO:<digest@x>\r\n", b"503"),
        (b"LHLO me\r\nMAIL FROM:a@b\r\n", b"501"),
        (b"LHLO me\r\nMAIL TO:<a@b>\r\n", b"501"),
        (b"LHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<>\r\n", b"501"),
        (b"LHLO me\r\nDATA\r\n", b"503"),
        (b"HELO me\r\n", b"500"),
        (b"\0\xff\r\n", b"500"),
        (b"X" * 5000, b"500"),
        (b"VRFY x\r\n", b"252"),
        (b"NOOP\r\n", b"250"),
    ],
)
def test_what_makes_no_sense_is_said_so(said: bytes, answer: bytes) -> None:
    answers = talk(Keeper(), raw(said))
    assert isinstance(answers, bytes)
    assert answers.splitlines()[-1].startswith(answer)


def test_a_connection_that_breaks_leaves_no_mail() -> None:
    keeper = Keeper()
    talk(keeper, raw(b"LHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<digest@x>\r\nDATA\r\nhalf a ma"))
    assert keeper.arrivals == []


def test_a_mail_that_is_being_kept_is_kept_though_the_program_ends() -> None:
    kept: list[bytes] = []

    async def ends() -> None:
        begun, loop = asyncio.Event(), asyncio.get_running_loop()

        def slowly(arrivals: Sequence[Arrival]) -> list[None]:
            loop.call_soon_threadsafe(begun.set)
            time.sleep(0.3)
            kept.extend(arrival.raw for arrival in arrivals)
            return [None for _ in arrivals]

        async with LmtpListener("127.0.0.1:0", take=slowly, known=lambda _: True, tell=print) as listener:
            _, writer = await asyncio.open_connection("127.0.0.1", listener.port)
            writer.write(b"LHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<digest@x>\r\nDATA\r\nhi\r\n.\r\n")
            await begun.wait()
        writer.close()

    asyncio.run(ends())
    assert kept == [b"hi\r\n"]


def test_mails_that_come_meanwhile_are_kept_together() -> None:
    keeper, free = Keeper(), threading.Event()

    def take(arrivals: Sequence[Arrival]) -> list[Exception | None]:
        free.wait(60)  # while the first are being kept, the others come
        return keeper.take(arrivals)

    async def together() -> int:
        async with LmtpListener("127.0.0.1:0", take=take, known=lambda _: True, tell=print) as listener:
            first = asyncio.create_task(asyncio.to_thread(deliver("digest@example.org"), listener.port))
            await asyncio.to_thread(wait_until, lambda: listener._tray._keeping, what="the first", within=30)
            rest = [asyncio.to_thread(deliver("digest@example.org"), listener.port) for _ in range(3)]
            waiting = asyncio.gather(first, *rest)
            await asyncio.to_thread(wait_until, lambda: len(listener._tray._waiting) == 3, what="the others", within=30)
            free.set()
            return len(await waiting)

    assert asyncio.run(together()) == 4
    assert keeper.together == [1, 3]


def test_one_that_takes_long_does_not_hold_up_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lmtp, "SLOW", 0.05)
    done, kept = threading.Event(), []

    def take(arrivals: Sequence[Arrival]) -> list[None]:
        if b"slow" in arrivals[0].raw:
            assert done.wait(10)
        kept.extend(arrivals)
        return [None for _ in arrivals]

    async def together() -> None:
        async with LmtpListener("127.0.0.1:0", take=take, known=lambda _: True, tell=print) as listener:
            slow = asyncio.create_task(
                asyncio.to_thread(deliver("digest@example.org", mail=b"slow\r\n"), listener.port)
            )
            await asyncio.sleep(0.2)
            await asyncio.to_thread(deliver("digest@example.org", mail=b"quick\r\n"), listener.port)
            done.set()
            await slow

    asyncio.run(together())
    assert [arrival.raw for arrival in kept] == [b"quick\r\n", b"slow\r\n"]


@pytest.mark.parametrize("at", ["nowhere", "127.0.0.1:", "127.0.0.1:99999999", "192.0.2.1:25"])
def test_a_place_where_nobody_can_listen_is_named(at: str) -> None:
    async def listen() -> None:
        async with LmtpListener(at, take=lambda arrivals: [None for _ in arrivals], known=lambda _: True, tell=print):
            pass

    with pytest.raises(SettingsError, match="LMTP_LISTEN"):
        asyncio.run(listen())


# ── a real Postfix ────────────────────────────────────────────────────────────────────────────────


def test_postfix_hands_in_and_keeps_what_we_cannot_take(mailhost: Mailhost) -> None:
    keeper = Keeper(StoreError("locked", temporary=True))
    recipients = ["door+help@example.org", "door+two@example.org"]

    async def together() -> None:
        async with LmtpListener("127.0.0.1:0", take=keeper.take, known=lambda _: True, tell=keeper.told.append) as door:
            await asyncio.to_thread(_handed_in, mailhost, door.port)

    def _handed_in(host: Mailhost, port: int) -> None:
        with host.handing_to(port, local="door"):
            _send(host.ports.fast, recipients)
            wait_until(lambda: len(keeper.arrivals) == 2, what="both mails", within=40)

    asyncio.run(together())
    assert [arrival.recipient for arrival in keeper.arrivals] == recipients[::-1]  # the first was kept for later
    assert {arrival.sender for arrival in keeper.arrivals} == {"ada@example.com"}
    assert all(arrival.raw.endswith(b"\r\n\r\nhi\r\n") for arrival in keeper.arrivals)


def _send(port: int, recipients: list[str]) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.sendmail("ada@example.com", recipients, b"From: ada@example.com\r\nSubject: by postfix\r\n\r\nhi\r\n")
