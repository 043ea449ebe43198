"""When a domain refuses us and not a reader: what is still sent, and what the letters' fate is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext

import pytest

from digest.errors import MailError
from digest.mail.sending.breaker import LIMIT, Breaker, about_us
from digest.mail.sending.parcel import Carried
from digest.model import Consignor, Letter, Outcome

ACCEPTED = Outcome(verdict="accepted", phase="dot", code=250, enhanced="2.0.0")
REPUTATION = Outcome(verdict="permanent", phase="dot", code=550, enhanced="5.7.515", reply="SPF or DKIM missing")
NOBODY = Outcome(verdict="permanent", phase="rcpt", code=550, enhanced="5.1.1", reply="no such user")


class Script:
    """An outbox that answers each letter as told, and counts them."""

    def __init__(self, answer: Callable[[Letter], Outcome]) -> None:
        self._answer, self.carried, self.capacity = answer, 0, 1

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()

    def post(self, letter: Letter, consignor: Consignor) -> None:
        self.carried += 1
        consignor.answered(self._answer(letter), lambda: None)

    def carry(self, letter: Letter) -> AbstractAsyncContextManager[Outcome]:
        return Carried(self, letter)

    async def close(self) -> None:
        pass


def send(script: Script, addresses: list[str]) -> list[Outcome]:
    async def run() -> list[Outcome]:
        breaker, outcomes = Breaker(script), []
        for address in addresses:
            letter = Letter(sender="d@example.org", recipient=address, message_id="<1@x>", parts=())
            async with breaker.carry(letter) as outcome:
                outcomes.append(outcome)
        return outcomes

    return asyncio.run(run())


class Recalled:
    """A consignor whose letter may not go."""

    def may_go(self) -> bool:
        return False

    def answered(self, answer: Outcome | MailError, written: Callable[[], None]) -> None:
        written()


def test_a_letter_that_was_called_back_is_so_behind_the_breaker_too() -> None:
    class Asking(Script):
        def post(self, letter: Letter, consignor: Consignor) -> None:
            asked.append(consignor.may_go())

    asked: list[bool] = []
    letter = Letter(sender="d@example.org", recipient="ada@example.org", message_id="<1@x>", parts=())
    Breaker(Asking(lambda _: ACCEPTED)).post(letter, Recalled())
    assert asked == [False]


def at(domain: str, count: int) -> list[str]:
    return [f"reader{n}@{domain}" for n in range(count)]


def test_a_domain_that_refuses_us_gets_twenty_letters_and_no_more() -> None:
    script = Script(lambda _: REPUTATION)
    outcomes = send(script, at("example.com", 100))
    assert script.carried == LIMIT
    assert {outcome.phase for outcome in outcomes[LIMIT:]} == {"breaker"}
    assert "550 5.7.515 SPF or DKIM missing" in outcomes[-1].reply


def test_nobody_is_refused_for_what_a_domain_has_against_us() -> None:
    assert {outcome.verdict for outcome in send(Script(lambda _: REPUTATION), at("example.com", 100))} == {"temporary"}


def test_other_domains_go_on() -> None:
    script = Script(lambda letter: REPUTATION if letter.recipient.lower().endswith("@example.com") else ACCEPTED)
    outcomes = send(script, at("Example.com", 50) + at("example.com", 50) + at("example.net", 50))
    assert [outcome.verdict for outcome in outcomes[100:]] == ["accepted"] * 50
    assert script.carried == LIMIT + 50


def test_more_than_one_in_twenty_is_enough() -> None:
    """Two in every fifteen, from the first on."""
    count = iter(range(1000))
    script = Script(lambda _: REPUTATION if next(count) % 15 < 2 else ACCEPTED)
    send(script, at("example.com", 200))
    assert script.carried == LIMIT


def test_twenty_refusals_are_enough_however_many_letters_it_takes() -> None:
    count = iter(range(5000))
    script = Script(lambda _: REPUTATION if next(count) % 40 == 39 else ACCEPTED)
    send(script, at("example.com", 2000))
    assert script.carried == 40 * LIMIT


def test_a_domain_that_takes_nearly_all_others_refuses_that_reader_for_good() -> None:
    count = iter(range(1000))
    script = Script(lambda _: REPUTATION if next(count) in (0, 50) else ACCEPTED)
    first, *_, last = send(script, at("example.com", 51))
    assert (first.verdict, last.verdict) == ("temporary", "permanent")
    assert script.carried == 51


def test_readers_who_do_not_exist_never_open_it() -> None:
    script = Script(lambda _: NOBODY)
    outcomes = send(script, at("example.com", 100))
    assert script.carried == 100
    assert {outcome.verdict for outcome in outcomes} == {"permanent"}


@pytest.mark.parametrize(
    ("outcome", "blamed"),
    [
        (REPUTATION, True),
        (Outcome(verdict="temporary", phase="rcpt", code=451, enhanced="4.7.0", reply="rate limited"), True),
        (Outcome(verdict="temporary", phase="rcpt", code=421, reply="too many"), True),
        (Outcome(verdict="temporary", phase="mail", code=421, reply="too many"), False),
        (Outcome(verdict="permanent", phase="mail", code=530, enhanced="5.7.0", reply="log in first"), False),
        (Outcome(verdict="temporary", phase="rcpt", code=451, enhanced="4.7.1", reply="Greylisted, come back"), False),
        (Outcome(verdict="temporary", phase="rcpt", code=452, enhanced="4.2.2", reply="mailbox full"), False),
        (Outcome(verdict="accepted", phase="dot", code=250, enhanced="2.7.1"), False),
        (Outcome(verdict="ambiguous", phase="dot"), False),
        (NOBODY, False),
    ],
)
def test_what_counts_as_a_refusal_of_us(outcome: Outcome, blamed: bool) -> None:
    assert about_us(outcome) == blamed
