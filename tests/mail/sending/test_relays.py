"""Several relays as one: who gets how much, and who takes over when one is gone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import pytest

from digest.errors import LoginRefused, MailError, SettingsError, Unreachable
from digest.mail.sending.breaker import Breaker
from digest.mail.sending.outbox import Relay, Timeouts
from digest.mail.sending.relays import Relays, named
from digest.model import Letter, Outbox, Outcome

from .faulty import OFFERS, Faulty

SHORT = Timeouts(connect=1, greeting=1, command=1, data=1, block=1, dot=1, pipeline=1, quit=0.5, reconnect=0.3)


def letter(n: int) -> Letter:
    address = f"ok.{n}@example.test"
    return Letter(sender=address, recipient=address, message_id=f"<{n}@x>", parts=(b"Subject: hi\r\n\r\nhi\r\n",))


class Nobody:
    """A consignor who writes nothing down."""

    def may_go(self) -> bool:
        return True

    def answered(self, answer: Outcome | MailError, written: Callable[[], None]) -> None:
        written()


def relay(server: Faulty, *, weight: int = 1, connections: int = 2, username: str = "") -> Relay:
    return Relay(
        host="127.0.0.1",
        port=server.port,
        tls="none",
        connections=connections,
        weight=weight,
        username=username,
        password=username,
        timeouts=SHORT,
    )


async def carry(relays: Relays, count: int) -> list[Outcome | BaseException]:
    async def one(n: int) -> Outcome:
        async with relays.carry(letter(n)) as outcome:
            return outcome

    try:
        return await asyncio.gather(*(one(n) for n in range(count)), return_exceptions=True)
    finally:
        await relays.close()


def verdicts(found: list[Outcome | BaseException]) -> set[object]:
    return {getattr(outcome, "verdict", outcome) for outcome in found}


def test_each_relay_carries_its_share() -> None:
    async def run() -> tuple[int, int]:
        async with Faulty(pause=0.001) as big, Faulty(pause=0.001) as small:
            relays = Relays([relay(big, weight=3, connections=3), relay(small, weight=1, connections=1)])
            assert relays.capacity == 3 * 3 + 3
            assert verdicts(await carry(relays, 120)) == {"accepted"}
            return len(big.accepted), len(small.accepted)

    big, small = asyncio.run(run())
    assert big + small == 120
    assert 70 <= big <= 105


@pytest.mark.parametrize("behind", [Breaker, lambda outbox: outbox])
def test_what_is_posted_together_is_written_before_anything_else_happens(
    behind: Callable[[Outbox], Outbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each later round of the event loop asks the system for news, which cost a letter a tenth of its time."""
    written, write = list[bytes](), os.writev

    def spy(descriptor: int, chunks: list[bytes]) -> int:
        written.extend(chunks)
        return write(descriptor, chunks)

    async def run() -> None:
        async with Faulty() as server:
            outbox = behind(Relays([relay(server, connections=1)]))
            async with outbox.carry(letter(0)):
                pass
            monkeypatch.setattr(os, "writev", spy)
            with outbox.together():
                outbox.post(letter(1), Nobody())
                before = len(written)
            said = b"".join(written)
            await outbox.close()
            assert not before
            assert said.startswith(b"MAIL FROM:<ok.1@")

    asyncio.run(run())


def test_letters_one_by_one_keep_to_the_weights() -> None:
    async def run() -> tuple[int, int]:
        async with Faulty() as big, Faulty() as small:
            relays = Relays([relay(big, weight=3), relay(small, weight=1)])
            for n in range(20):
                async with relays.carry(letter(n)) as outcome:
                    assert outcome.verdict == "accepted"
            await relays.close()
            return len(big.accepted), len(small.accepted)

    assert asyncio.run(run()) == (15, 5)


def test_the_others_take_what_an_absent_relay_cannot() -> None:
    async def run() -> tuple[list[Outcome | BaseException], int]:
        async with Faulty() as gone:
            pass
        async with Faulty() as there:
            return await carry(Relays([relay(gone), relay(there)]), 30), len(there.accepted)

    found, accepted = asyncio.run(run())
    assert verdicts(found) == {"accepted"}
    assert accepted == 30


def test_a_relay_that_refuses_the_login_is_asked_once() -> None:
    async def run() -> tuple[set[object], Faulty, Faulty]:
        closed = Faulty(offers=(*OFFERS, "AUTH PLAIN"))
        async with closed, Faulty() as there:
            found = await carry(Relays([relay(closed, username="me"), relay(there)]), 30)
            return verdicts(found), closed, there

    found, closed, there = asyncio.run(run())
    assert found == {"accepted"}
    assert closed.greeted == 1
    assert len(there.accepted) == 30


def test_a_letter_that_was_called_back_goes_to_none() -> None:
    class Recalled:
        def __init__(self) -> None:
            self.answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()

        def may_go(self) -> bool:
            return False

        def answered(self, answer: object, written: Callable[[], None]) -> None:
            self.answer.set_result(answer)
            written()

    async def run() -> int:
        async with Faulty() as one, Faulty() as other:
            relays, recalled = Relays([relay(one), relay(other)]), Recalled()
            relays.post(letter(1), recalled)
            await asyncio.wait_for(recalled.answer, 5)
            await relays.close()
            return len(one.accepted) + len(other.accepted)

    assert asyncio.run(run()) == 0


def test_a_relay_that_dies_in_the_middle_loses_no_letter() -> None:
    async def run() -> tuple[list[Outcome], int]:
        stays, dies = Faulty(), Faulty()
        outcomes = []
        async with stays:
            async with dies:
                relays = Relays([relay(stays), relay(dies)])
                for n in range(4):
                    async with relays.carry(letter(n)) as outcome:
                        outcomes.append(outcome)
            for n in range(4, 12):
                async with relays.carry(letter(n)) as outcome:
                    outcomes.append(outcome)
            await relays.close()
        return outcomes, len(stays.accepted) + len(dies.accepted)

    outcomes, accepted = asyncio.run(run())
    assert {outcome.verdict for outcome in outcomes} == {"accepted"}
    assert accepted == 12


def test_when_all_are_gone_the_letters_are_told_why() -> None:
    async def run() -> list[Outcome | BaseException]:
        async with Faulty() as one, Faulty() as two:
            pass
        return await carry(Relays([relay(one), relay(two)]), 6)

    found = asyncio.run(run())
    assert all(isinstance(failure, Unreachable) for failure in found)


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ("mail.example.org", [("mail.example.org", 587, 1, 8)]),
        (
            "mx1.example.org*3, mx2.example.org:2525",
            [("mx1.example.org", 587, 3, 6), ("mx2.example.org", 2525, 1, 2)],
        ),
        ("[2001:db8::1]:25*2,[::1]", [("2001:db8::1", 25, 2, 5), ("::1", 587, 1, 3)]),
        ("a*1000,b", [("a", 587, 1000, 8), ("b", 587, 1, 1)]),
    ],
)
def test_hosts_are_read_with_their_shares(hosts: str, expected: list[tuple[str, int, int, int]]) -> None:
    found = named(hosts, like=Relay(host="", connections=8, rate=100))
    assert [(relay.host, relay.port, relay.weight, relay.connections) for relay in found] == expected
    assert sum(relay.rate for relay in found) == pytest.approx(100)


@pytest.mark.parametrize("hosts", ["a,,b", "a:0", "a:70000", "a*0", "a b", "a*-1", "smtp://a", "a:25:25", "[::1"])
def test_what_is_not_a_server_is_said_by_the_setting_s_name(hosts: str) -> None:
    with pytest.raises(SettingsError, match="SMTP_HOST"):
        named(hosts, like=Relay(host=""))


def test_what_all_are_away_for_stays_the_failure_that_it_was() -> None:
    async def run() -> None:
        async with Faulty(offers=(*OFFERS, "AUTH PLAIN")) as closed:
            relays = Relays([relay(closed, username="me")])
            for n in range(2):
                with pytest.raises(LoginRefused) as raised:
                    async with relays.carry(letter(n)):
                        pass
                assert isinstance(raised.value, MailError)
            await relays.close()

    asyncio.run(run())
