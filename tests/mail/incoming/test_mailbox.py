"""A mailbox at a real Dovecot: what is unread is taken once, and marked only when it is kept."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import Literal

import pytest

from digest.errors import CertificateRefused, LoginRefused, StoreError, Unreachable
from digest.mail import mailbox
from digest.mail.arrivals import Arrival, Take
from digest.mail.mailbox import Mailbox
from rig.daemons import free_ports
from rig.mailhost import PASSWORD, Mailhost

_NUMBERS = count(1)
TODAY = datetime.now(UTC).date()


@pytest.fixture
def address() -> str:
    return f"imap-{next(_NUMBERS)}@example.org"


@pytest.fixture
def box(mailhost: Mailhost, address: str) -> Mailbox:
    return at(mailhost, address)


def at(
    host: Mailhost, address: str, *, tls: Literal["tls", "starttls", "none"] = "tls", password: str = PASSWORD
) -> Mailbox:
    port = host.ports.imaps if tls == "tls" else host.ports.imap
    return Mailbox(host="127.0.0.1", port=port, username=address, password=password, tls=tls, ca_file=str(host.ca_file))


def write(host: Mailhost, address: str, *subjects: str) -> None:
    with smtplib.SMTP("127.0.0.1", host.ports.fast, timeout=30) as smtp:
        for number, subject in enumerate(subjects, start=1):
            smtp.sendmail(
                "ada@example.com", address, f"From: ada@example.com\r\nSubject: {subject}\r\n\r\nhi\r\n".encode()
            )
            host.await_mail(address, count=number)  # two that are delivered at once may change places


def each(take: Callable[[Arrival], None]) -> Take:
    """Mails taken one after the other, until the store fails."""

    def fate(arrival: Arrival) -> Exception | None:
        try:
            take(arrival)
        except Exception as trouble:
            return trouble
        return None

    def take_all(arrivals: Sequence[Arrival]) -> list[Exception | None]:
        fates: list[Exception | None] = []
        for arrival in arrivals:
            failed = next((one for one in fates if isinstance(one, StoreError)), None)
            fates.append(failed or fate(arrival))
        return fates

    return take_all


def look(
    box: Mailbox, take: Callable[[Arrival], None], *, today: date = TODAY, tell: Callable[[str], None] = print
) -> int:
    with mailbox.opened(box) as client:
        return mailbox.fetch(client, take=each(take), today=today, tell=tell).taken


def subjects(arrivals: list[Arrival]) -> list[str]:
    return [arrival.raw.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode() for arrival in arrivals]


def test_unread_mail_is_taken_once_and_oldest_first(mailhost: Mailhost, box: Mailbox, address: str) -> None:
    write(mailhost, address, "one", "two")
    arrivals: list[Arrival] = []
    assert look(box, arrivals.append) == 2
    assert subjects(arrivals) == ["one", "two"]
    assert b"X-Original-To: " + address.encode() in arrivals[0].raw
    assert look(box, arrivals.append) == 0


def test_what_could_not_be_kept_stays_unread_and_comes_again(mailhost: Mailhost, box: Mailbox, address: str) -> None:
    write(mailhost, address, "one", "two", "three")
    arrivals: list[Arrival] = []

    def second_fails(arrival: Arrival) -> None:
        if b"Subject: two" in arrival.raw:
            raise StoreError("locked", temporary=True)
        arrivals.append(arrival)

    with pytest.raises(StoreError):
        look(box, second_fails)
    assert subjects(arrivals) == ["one"]
    look(box, arrivals.append)
    assert subjects(arrivals) == ["one", "two", "three"]


def test_a_fault_of_ours_does_not_stop_the_others(mailhost: Mailhost, box: Mailbox, address: str) -> None:
    write(mailhost, address, "one", "two", "three")
    arrivals: list[Arrival] = []
    told: list[str] = []

    def second_breaks(arrival: Arrival) -> None:
        if b"Subject: two" in arrival.raw:
            raise ValueError("a fault")
        arrivals.append(arrival)

    look(box, second_breaks, tell=told.append)
    assert subjects(arrivals) == ["one", "three"]
    assert "a fault" in told[0]


def test_many_are_taken_together_and_none_is_left_out(
    mailhost: Mailhost, box: Mailbox, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "AT_ONCE", 3)
    monkeypatch.setattr(mailbox, "_ASKED", 4)
    write(mailhost, address, *"abcdef")
    sizes: list[int] = []
    found: list[Arrival] = []

    def take(arrivals: Sequence[Arrival]) -> list[Exception | None]:
        sizes.append(len(arrivals))
        found.extend(arrivals)
        return [None for _ in arrivals]

    with mailbox.opened(box) as client:
        assert mailbox.fetch(client, take=take, today=TODAY, tell=print).taken == 6
    assert (sizes, subjects(found)) == ([3, 1, 2], list("abcdef"))


def test_a_renumbered_mailbox_brings_nothing_back(mailhost: Mailhost, box: Mailbox, address: str) -> None:
    write(mailhost, address, "one")
    arrivals: list[Arrival] = []
    look(box, arrivals.append)
    for file in (mailhost.folder / f"mail/example.org/{address.partition('@')[0]}/Maildir").glob("dovecot*"):
        file.unlink()  # Dovecot now gives a new UIDVALIDITY and new numbers
    assert look(box, arrivals.append) == 0


def test_mail_that_lay_unread_for_months_is_left_alone(mailhost: Mailhost, box: Mailbox, address: str) -> None:
    write(mailhost, address, "one")
    assert look(box, print, today=date(TODAY.year + 1, 1, 1)) == 0


def test_of_a_huge_mail_only_the_beginning_is_fetched(
    mailhost: Mailhost, box: Mailbox, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "SIZE_LIMIT", 1_000_000)
    with smtplib.SMTP("127.0.0.1", mailhost.ports.fast, timeout=30) as smtp:
        smtp.sendmail(
            "ada@example.com", address, b"Subject: huge\r\n\r\n" + b"A" * 76 + b"\r\n" + (b"B" * 76 + b"\r\n") * 20_000
        )
    mailhost.await_mail(address)
    arrivals: list[Arrival] = []
    look(box, arrivals.append)
    assert (subjects(arrivals), len(arrivals[0].raw)) == (["huge"], 1_048_576)


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_it_is_read_over_tls(mailhost: Mailhost, address: str, tls: Literal["tls", "starttls"]) -> None:
    write(mailhost, address, "one")
    assert look(at(mailhost, address, tls=tls), print) == 1


def test_a_wrong_password_is_said_so(mailhost: Mailhost, address: str) -> None:
    with pytest.raises(LoginRefused, match="IMAP_PASSWORD"):
        look(at(mailhost, address, password="wrong"), print)


def test_a_strange_certificate_gets_no_password(mailhost: Mailhost, address: str) -> None:
    stranger = Mailbox(host="127.0.0.1", port=mailhost.ports.imaps, username=address, password=PASSWORD)
    with pytest.raises(CertificateRefused, match="IMAP_CA_FILE"):
        look(stranger, print)


def test_a_server_that_is_away_is_a_passing_trouble() -> None:
    (port,) = free_ports(1)
    with pytest.raises(Unreachable) as away:
        look(Mailbox(host="127.0.0.1", port=port, username="x", password="x", tls="none"), print)
    assert away.value.temporary


def test_what_comes_while_we_watch_is_taken_at_once(mailhost: Mailhost, box: Mailbox, address: str) -> None:
    write(mailhost, address, "one")
    arrivals: list[Arrival] = []
    beats: list[int] = []

    async def together() -> None:
        stop = asyncio.Event()
        watching = asyncio.create_task(
            mailbox.watch(
                box,
                take=each(arrivals.append),
                stop=stop,
                today=lambda: TODAY,
                tell=print,
                beat=lambda: beats.append(1),
            )
        )
        await _until(lambda: len(arrivals) == 1)
        await asyncio.to_thread(write, mailhost, address, "two")
        await _until(lambda: len(arrivals) == 2)
        stop.set()
        await asyncio.wait_for(watching, 10)

    asyncio.run(together())
    assert subjects(arrivals) == ["one", "two"]
    assert beats


async def _until(condition: Callable[[], bool], *, within: float = 20) -> None:
    for _ in range(int(within * 20)):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise TimeoutError("it did not come about")
