"""Ten thousand bounces at once, three in ten of them forged: read, and written down in a durable store, within a minute."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from bench import newsletter, stores
from bench.table import Table
from digest.cli import inbox
from digest.cli.house import House
from digest.mail.arrivals import AT_ONCE, Arrival
from digest.mail.lmtp import LmtpListener
from digest.mail.tokens import Purpose, Tokens
from digest.model import Membership

BOUNCES, FORGED = 10_000, 0.3
STRANGER = Tokens(b"a secret that is not ours")


@dataclass(frozen=True, slots=True)
class _Storm:
    """The mails, and the readers whose letter really came back."""

    arrivals: Sequence[Arrival]
    gone: frozenset[int]


def run(folder: Path) -> Table:
    """One store and one storm for each way in."""
    ways: dict[str, Callable[[House, _Storm], None]] = {
        "LMTP, 20 connections": partial(_by_lmtp, connections=20),
        "LMTP, 1 connection": partial(_by_lmtp, connections=1),
        f"a mailbox, {AT_ONCE} at once": _by_groups,
    }
    found = {name: _weathered(folder, way) for name, way in ways.items()}
    return Table(
        title=f"A storm of {BOUNCES:,} bounces, {FORGED:.0%} of them forged, into SQLite (one run each)",
        columns=("", "seconds", "bounces/s", "CPU ms each"),
        rows=[
            (name, f"{seconds:.1f}", f"{BOUNCES / seconds:,.0f}", f"{cpu / BOUNCES * 1000:.2f}")
            for name, (seconds, cpu) in found.items()
        ],
        notes=(
            "From the first byte to the last 250, each after its commit (synchronous FULL). No forged one counted.",
        ),
        facts={f"{name}: seconds": round(seconds, 1) for name, (seconds, _) in found.items()},
    )


def _weathered(folder: Path, way: Callable[[House, _Storm], None]) -> tuple[float, float]:
    """Seconds by the clock and of the processor; refuses a store that believed the wrong ones."""
    url = SecretStr(stores.fresh(folder, readers=BOUNCES))
    settings = newsletter.SETTINGS.model_copy(update={"database_url": url, "lmtp_listen": "127.0.0.1:0"})
    house = newsletter.house(settings, folder=folder)
    try:
        storm = _storm(house.postroom.tokens())
        began, worked = time.perf_counter(), time.process_time()
        way(house, storm)
        took = time.perf_counter() - began, time.process_time() - worked
        paused = frozenset(reader.id for reader in house.store.subscribers.all(Membership.PAUSED))
    finally:
        house.close()
    if paused != storm.gone:
        raise RuntimeError(f"{len(paused ^ storm.gone)} readers were judged wrongly")
    return took


def _by_lmtp(house: House, storm: _Storm, *, connections: int) -> None:
    async def together() -> None:
        take, known = inbox.taker(house, heard=lambda _: None), inbox.known(house)
        async with LmtpListener("127.0.0.1:0", take=take, known=known, tell=print) as door:
            shares = [storm.arrivals[first::connections] for first in range(connections)]
            await asyncio.gather(*(_hand_in(share, port=door.port) for share in shares))

    asyncio.run(together())


async def _hand_in(arrivals: Sequence[Arrival], *, port: int) -> None:
    """As a mail server does, several commands in a packet."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"LHLO bench\r\n")
    while not (await reader.readline()).startswith(b"250 "):
        pass
    for arrival in arrivals:
        writer.write(f"MAIL FROM:<>\r\nRCPT TO:<{arrival.recipient}>\r\nDATA\r\n".encode())
        for expected in (b"250", b"250", b"354"):
            await _hear(reader, expected)
        writer.write(arrival.raw.replace(b"\n", b"\r\n") + b".\r\n")
        await _hear(reader, b"250")
    writer.close()


async def _hear(reader: asyncio.StreamReader, expected: bytes) -> None:
    said = await reader.readline()
    if not said.startswith(expected):
        raise RuntimeError(f"{said!r}, not {expected!r}")


def _by_groups(house: House, storm: _Storm) -> None:
    take = inbox.taker(house, heard=lambda _: None)
    for first in range(0, len(storm.arrivals), AT_ONCE):
        if any(take(storm.arrivals[first : first + AT_ONCE])):
            raise RuntimeError("a bounce was not kept")


# ── bounces ───────────────────────────────────────────────────────────────────────────────────────


def _storm(tokens: Tokens) -> _Storm:
    rng = random.Random(1)
    forged = {number: rng.random() < FORGED for number in range(1, BOUNCES + 1)}
    arrivals = [_bounce(number, tokens=STRANGER if lie else tokens) for number, lie in forged.items()]
    rng.shuffle(arrivals)
    return _Storm(arrivals, frozenset(number for number, lie in forged.items() if not lie))


def _bounce(number: int, *, tokens: Tokens) -> Arrival:
    to = f"digest+bounce-{tokens.mint(Purpose.BOUNCE, subject=number, number=1)}@example.org"
    return Arrival(raw="\n".join(_lines(number, to=to)).encode(), recipient=to, sender="")


def _lines(number: int, *, to: str) -> Iterator[str]:
    """As Postfix writes it, of some 3 KB."""
    mailbox = f"reader-{number}@example.net"
    yield f"Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.net>\nTo: {to}"
    yield f"Message-ID: <{number}@mx.example.net>\nSubject: Undelivered Mail Returned to Sender"
    yield 'Auto-Submitted: auto-replied\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n'
    yield f"--b\nContent-Type: text/plain\n\n<{mailbox}>: host mx.example.net[192.0.2.1] said: 550 5.1.1"
    yield f"    <{mailbox}>: Recipient address rejected: User unknown (in reply to RCPT TO command)\n"
    yield "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n"
    yield f"Final-Recipient: rfc822; {mailbox}\nAction: failed\nStatus: 5.1.1"
    yield f"Diagnostic-Code: smtp; 550 5.1.1 <{mailbox}>: Recipient address rejected: User unknown\n"
    yield f"--b\nContent-Type: text/rfc822-headers\n\nFrom: digest@example.org\nTo: {mailbox}"
    yield from ["X-Some-Header: of the usual length, more or less"] * 30
    yield "\n--b--\n"
