"""Every way in which a letter can end (the trap table), and how the pool behaves; the server's own ledger is the judge."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from unittest.mock import Mock

import pytest

from digest.errors import MailError, Unreachable
from digest.mail.sending.outbox import Pacer, Relay, SmtpOutbox, Timeouts
from digest.model import Letter, Outcome

from .faulty import OFFERS, Faulty

SHORT = Timeouts(connect=2, greeting=2, command=1, data=1, block=1, dot=0.5, pipeline=0.5, quit=0.5, reconnect=1)
PACES = {
    "stepwise": (("SIZE 30000000", "ENHANCEDSTATUSCODES"), 1),
    "pipelined": (OFFERS, 1),
    "chunked": ((*OFFERS, "CHUNKING"), 3),
}


def letter(name: str, *, body: bytes = b"a line\r\n.a dot\r\n") -> Letter:
    """A letter whose name says what goes wrong with it; sender and recipient alike."""
    address = f"{name}@example.test"
    return Letter(sender=address, recipient=address, message_id=f"<{name}@x>", parts=(b"Subject: hi\r\n\r\n", body))


def relay(server: Faulty, **options: object) -> Relay:
    base = Relay(host="127.0.0.1", port=server.port, tls="none", connections=1, timeouts=SHORT)
    return replace(base, **options)  # type: ignore[arg-type]


def deliver(server: Faulty, letters: list[Letter], **options: object) -> list[Outcome | BaseException]:
    """Send all `letters` at once; what became of each, in their order."""

    async def run() -> list[Outcome | BaseException]:
        async with server:
            outbox = SmtpOutbox(relay(server, **options))
            try:
                return await asyncio.gather(*map(outbox.send, letters), return_exceptions=True)
            finally:
                await outbox.close()

    return asyncio.run(run())


def deliver_beside(fault: str, *, pace: str) -> tuple[Outcome, Faulty]:
    """One letter with `fault` between good ones on one connection; what all became is held against the ledger."""
    offers, window = PACES[pace]
    server = Faulty(offers=offers)
    letters = [letter(name) for name in ("ok.1", "ok.2", f"{fault}.3", "ok.4", "ok.5", "ok.6")]
    outcomes = deliver(server, letters, window=window)
    for sent, outcome in zip(letters, outcomes, strict=True):
        assert isinstance(outcome, Outcome), outcome
        copies = [mail.data for mail in server.accepted if mail.recipient == sent.recipient]
        assert set(copies) <= {sent.data}
        assert all(mail.sender == mail.recipient for mail in server.accepted)
        if outcome.verdict != "ambiguous":
            assert len(copies) == (outcome.verdict == "accepted"), (sent.recipient, outcome)
    found = outcomes[2]
    assert isinstance(found, Outcome)
    return found, server


def test_a_mistake_of_ours_leaves_nobody_waiting() -> None:
    spoiled = letter("ok.1")._replace(parts=(None,))  # type: ignore[arg-type]
    ended, refused = deliver(Faulty(), [spoiled, letter("ok.2")])
    assert isinstance(ended, Outcome)
    assert ended.verdict == "temporary"
    assert "this program made a mistake" in str(refused)


REFUSALS = [
    ("m450", "temporary", "mail", 450),
    ("m550", "permanent", "mail", 550),
    ("r451", "temporary", "rcpt", 451),
    ("r452", "temporary", "rcpt", 452),
    ("r421", "temporary", "rcpt", 421),
    ("r550", "permanent", "rcpt", 550),
    ("r552", "temporary", "rcpt", 552),
    ("r552full", "permanent", "rcpt", 552),
    ("d421", "temporary", "dot", 421),
    ("d451", "temporary", "dot", 451),
    ("d552", "permanent", "dot", 552),
    ("d554", "permanent", "dot", 554),
    ("multi", "accepted", "dot", 250),
    ("slow", "accepted", "dot", 250),
]


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize(("fault", "verdict", "phase", "code"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_a_clean_answer_is_taken_at_its_word(pace: str, fault: str, verdict: str, phase: str, code: int) -> None:
    outcome, server = deliver_beside(fault, pace=pace)
    assert (outcome.verdict, outcome.phase, outcome.code) == (verdict, phase, code)
    assert server.seen[f"{fault}.3@example.test"] <= 1, "it was not asked again"


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("fault", ["lost", "ambig", "hang", "junk", "big", "endless", "odd", "drip"])
def test_no_clean_answer_after_the_dot_leaves_the_letter_in_doubt(pace: str, fault: str) -> None:
    outcome, _ = deliver_beside(fault, pace=pace)
    assert (outcome.verdict, outcome.phase) == ("ambiguous", "dot")


@pytest.mark.parametrize("pace", ["stepwise", "pipelined"])
@pytest.mark.parametrize("fault", ["c450", "c421", "mreset", "rreset", "creset", "rhang", "cjunk"])
def test_what_breaks_before_the_body_may_be_tried_again_safely(pace: str, fault: str) -> None:
    """A reset swallows answers that were on their way, so the phase may be an earlier one than the server's."""
    outcome, _ = deliver_beside(fault, pace=pace)
    assert outcome.verdict == "temporary"
    assert outcome.phase in ("mail", "rcpt", "data", "body")
    assert outcome.code == (int(fault[1:]) if fault[1:].isdigit() else 0)


@pytest.mark.parametrize("pace", PACES)
def test_a_reset_before_the_last_octet_left_is_a_safe_retry(pace: str) -> None:
    """The body is larger than all buffers on the way, so its end is certainly still ours when the reset comes."""
    offers, window = PACES[pace]
    server = Faulty(offers=offers, receive_buffer=4096)
    letters = [letter("ok.1"), letter("mid.2", body=b"x" * 70 + b"\r\n" + b"y" * 20_000_000 + b"\r\n"), letter("ok.3")]
    good, broken, after = deliver(server, letters, window=window)
    assert isinstance(good, Outcome)
    assert isinstance(broken, Outcome)
    assert isinstance(after, Outcome)
    assert broken.verdict == "temporary"
    assert good.verdict == "accepted"
    assert after.verdict in ("accepted", "temporary")


@pytest.mark.parametrize("pace", PACES)
def test_a_server_that_stops_reading_is_left_before_one_that_is_slow_to_answer(pace: str) -> None:
    """What has not left may be tried again; a minute for an answer would only keep the others waiting."""
    offers, window = PACES[pace]
    server = Faulty(offers=offers, receive_buffer=4096)
    stuck = letter("stuck.2", body=b"x" * 70 + b"\r\n" + b"y" * 8_000_000 + b"\r\n")
    found = deliver(server, [letter("ok.1"), stuck], window=window, timeouts=replace(SHORT, block=0.3, dot=60))
    assert [getattr(outcome, "verdict", outcome) for outcome in found] == ["accepted", "temporary"]


def test_a_lone_dot_answers_354_after_a_refused_recipient() -> None:
    outcome, server = deliver_beside("go354", pace="pipelined")
    assert (outcome.verdict, outcome.phase) == ("permanent", "rcpt")
    assert server.unwanted == 0
    assert server.letters_to("ok.4@example.test") == 1


def test_greylisting_is_temporary_and_the_next_try_is_taken() -> None:
    first, second = [*deliver_twice("grey.1")]
    assert (first.verdict, second.verdict) == ("temporary", "accepted")


def deliver_twice(name: str) -> list[Outcome]:
    async def run() -> list[Outcome]:
        async with Faulty() as server:
            outbox = SmtpOutbox(relay(server))
            found = [await outbox.send(letter(name)) for _ in range(2)]
            await outbox.close()
            return found

    return asyncio.run(run())


# ── servers that promise more than they keep ──────────────────────────────────────────────────────


@pytest.mark.parametrize("deaf", ["drops", "refuses", "closes"])
def test_a_server_that_breaks_pipelining_gets_every_letter_stepwise(deaf: str) -> None:
    """And soon: before it kept up with us once, its silence is no slowness."""
    server, slow = Faulty(deaf=deaf), replace(SHORT, command=60, data=60)
    outcomes = deliver(server, [letter(f"ok.{n}") for n in range(6)], timeouts=slow)
    assert [getattr(outcome, "verdict", outcome) for outcome in outcomes] == ["accepted"] * 6
    assert len(server.accepted) == 6


def test_a_server_that_misses_a_dot_in_the_middle_leaves_one_letter_in_doubt_and_no_more() -> None:
    outcomes = deliver(Faulty(deaf="swallows"), [letter(f"ok.{n}") for n in range(6)])
    assert [getattr(outcome, "verdict", outcome) for outcome in outcomes] == ["ambiguous", *["accepted"] * 5]


def test_a_server_that_leaves_without_a_goodbye_can_still_be_pipelined_to() -> None:
    """One letter a connection: RCPT and DATA stand behind MAIL, RSET and QUIT behind nothing."""
    server = Faulty(rude=True)
    deliver(server, [letter(f"ok.{n}") for n in range(4)], per_connection=1)
    assert server.ahead == 4 * 2


def test_a_closed_outbox_takes_no_letter() -> None:
    async def run() -> None:
        async with Faulty() as server:
            outbox = SmtpOutbox(relay(server))
            await outbox.send(letter("ok.1"))
            await outbox.close()
            await outbox.send(letter("ok.2"))

    with pytest.raises(Unreachable, match="closed"):
        asyncio.run(run())


def test_a_letter_that_comes_back_as_the_outbox_closes_is_answered() -> None:
    async def run() -> Outcome:
        async with Faulty(deaf="drops") as server:
            outbox = SmtpOutbox(relay(server))
            waiting = asyncio.create_task(outbox.send(letter("ok.1")))
            await asyncio.sleep(0.2)
            await outbox.close()
            return await asyncio.wait_for(waiting, 5)

    assert asyncio.run(run()).verdict == "temporary"


@pytest.mark.parametrize(("pace", "ahead"), [("stepwise", 0), ("pipelined", 2), ("chunked", 2)])
def test_what_a_server_offers_decides_how_much_is_sent_ahead(pace: str, ahead: int) -> None:
    """RCPT and the third command wait behind MAIL in the server's buffer, for each of ten letters."""
    offers, window = PACES[pace]
    server = Faulty(offers=offers)
    deliver(server, [letter(f"ok.{n}") for n in range(10)], window=window)
    assert server.ahead >= 10 * ahead
    assert bool(server.ahead) == bool(ahead)
    assert bool(server.said("BDAT")) == (pace == "chunked")


def test_pipelining_can_be_turned_off() -> None:
    server = Faulty()
    deliver(server, [letter("ok.1"), letter("ok.2")], pipelining="off")
    assert (server.ahead, len(server.accepted)) == (0, 2)


# ── until it is written down ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("pace", PACES)
def test_no_more_bodies_leave_than_may_be_in_doubt(pace: str) -> None:
    """One connection, and nobody writes an answer down: the server gets its window of letters and no more."""
    offers, window = PACES[pace]
    server = Faulty(offers=offers)

    async def keep(outbox: SmtpOutbox, sent: Letter) -> None:
        async with outbox.carry(sent):
            await asyncio.sleep(60)

    async def run() -> int:
        async with server:
            outbox = SmtpOutbox(relay(server, window=window))
            await outbox.send(letter("ok.0"))  # now the pool knows the server
            waiting = [asyncio.create_task(keep(outbox, letter(f"ok.{n}"))) for n in range(1, 9)]
            await asyncio.sleep(0.2)
            taken = len(server.accepted) - 1
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)
            await outbox.close()
            return taken

    assert asyncio.run(run()) == window


@pytest.mark.parametrize("pace", PACES)
def test_the_next_letter_goes_when_the_one_before_is_written_down(pace: str) -> None:
    """Also when the one who was to write it down was cancelled instead."""
    offers, window = PACES[pace]
    server = Faulty(offers=offers)

    async def note(outbox: SmtpOutbox, sent: Letter) -> None:
        async with outbox.carry(sent):
            await asyncio.sleep(0.01)

    async def run() -> None:
        async with server:
            outbox = SmtpOutbox(relay(server, window=window))
            tasks = [asyncio.create_task(note(outbox, letter(f"ok.{n}"))) for n in range(20)]
            await asyncio.sleep(0.015)
            for task in tasks[::3]:
                task.cancel()
            await asyncio.wait(tasks)
            await outbox.close()

    asyncio.run(asyncio.wait_for(run(), 5))
    assert len(server.accepted) >= 13


def test_the_next_envelope_goes_ahead_of_the_written_answer() -> None:
    server = Faulty()

    async def run() -> int:
        async with server:
            outbox = SmtpOutbox(relay(server))
            async with outbox.carry(letter("ok.1")):
                next_one = asyncio.create_task(outbox.send(letter("ok.2")))
                await asyncio.sleep(0.1)
                envelopes = server.said("DATA")
            await next_one
            await outbox.close()
            return envelopes

    assert asyncio.run(run()) == 2


class Recalling:
    """A consignor whose letter may go so many times as it is asked: once as a connection takes it, once after 354."""

    def __init__(self, *, asked: int) -> None:
        self._asked, self.answer = asked, asyncio.get_running_loop().create_future()

    def may_go(self) -> bool:
        self._asked -= 1
        return self._asked >= 0

    def answered(self, answer: Outcome | MailError, written: Callable[[], None]) -> None:
        self.answer.set_result(answer)
        written()


@pytest.mark.parametrize(("pace", "asked"), [("chunked", 0), ("pipelined", 0), ("pipelined", 1), ("stepwise", 1)])
def test_a_letter_that_was_called_back_does_not_leave(pace: str, asked: int) -> None:
    offers, window = PACES[pace]
    server = Faulty(offers=offers)

    async def run() -> Outcome | MailError:
        async with server:
            outbox = SmtpOutbox(relay(server, window=window))
            await outbox.send(letter("ok.1"))
            consignor = Recalling(asked=asked)
            outbox.post(letter("ok.2"), consignor)
            answer = await consignor.answer
            await outbox.send(letter("ok.3"))
            await outbox.close()
            return answer

    answer = asyncio.run(asyncio.wait_for(run(), 5))
    assert isinstance(answer, Outcome)
    assert (answer.verdict, answer.phase) == ("temporary", "connect")
    assert [one.recipient.partition("@")[0] for one in server.accepted] == ["ok.1", "ok.3"]


def test_a_letter_behind_one_that_is_still_being_written_can_be_called_back() -> None:
    server = Faulty(offers=PACES["chunked"][0], receive_buffer=4096)

    async def run() -> tuple[Outcome | MailError, Outcome | MailError]:
        async with server:
            outbox = SmtpOutbox(relay(server, window=4, timeouts=replace(SHORT, block=9, dot=9)))
            await outbox.send(letter("ok.1"))
            long, behind = Recalling(asked=99), Recalling(asked=1)
            outbox.post(letter("ok.2", body=b"x" * 5_000_000 + b"\r\n"), long)
            outbox.post(letter("ok.3"), behind)
            found = await long.answer, await behind.answer
            await outbox.close()
            return found

    written, recalled = asyncio.run(asyncio.wait_for(run(), 10))
    assert [getattr(one, "verdict", one) for one in (written, recalled)] == ["accepted", "temporary"]
    assert server.letters_to("ok.3@example.test") == 0


# ── the pool ──────────────────────────────────────────────────────────────────────────────────────


def test_one_connection_carries_many_letters() -> None:
    server = Faulty()
    deliver(server, [letter(f"ok.{n}") for n in range(50)])
    assert (server.said("EHLO"), len(server.accepted)) == (1, 50)
    assert server.said("QUIT") == 1


def test_a_limit_of_letters_for_each_connection_is_kept() -> None:
    server = Faulty()
    deliver(server, [letter(f"ok.{n}") for n in range(10)], per_connection=3)
    assert (server.said("EHLO"), server.said("QUIT"), len(server.accepted)) == (4, 4, 10)


@pytest.mark.parametrize("pace", PACES)
def test_a_limit_that_only_the_server_knows_is_learnt_from_its_421(pace: str) -> None:
    offers, window = PACES[pace]
    server = Faulty(offers=offers, per_connection=5)
    outcomes = deliver(server, [letter(f"ok.{n}") for n in range(30)], window=window)
    assert [getattr(outcome, "verdict", outcome) for outcome in outcomes] == ["accepted"] * 30
    assert len(server.accepted) == 30
    assert server.said("EHLO") <= 8
    assert server.said("MAIL") <= 32  # two were sent away, nobody after them


def test_a_relay_that_allows_fewer_connections_than_we_want_still_gets_everything() -> None:
    server = Faulty(connections=2, pause=0.002)
    outcomes = deliver(server, [letter(f"ok.{n}") for n in range(60)], connections=4)
    assert [getattr(outcome, "verdict", outcome) for outcome in outcomes] == ["accepted"] * 60


def test_the_rate_is_kept() -> None:
    begun = time.monotonic()
    deliver(Faulty(), [letter(f"ok.{n}") for n in range(12)], rate=20, connections=3)
    assert 0.5 <= time.monotonic() - begun < 2


def test_an_alarm_that_rang_a_little_late_costs_no_letter() -> None:
    pacer = Pacer(10)
    assert [pacer.wait(now) for now in (7.0, 7.11, 7.2)] == [0, 0, 0]


def test_a_letter_that_waits_for_the_rate_keeps_nobody_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    count, look = Counter[str](), SmtpOutbox._round

    def counted(outbox: SmtpOutbox) -> None:
        count["rounds"] += 1
        look(outbox)

    monkeypatch.setattr(SmtpOutbox, "_round", counted)
    deliver(Faulty(), [letter(f"ok.{n}") for n in range(5)], rate=20, connections=3)
    assert count["rounds"] < 100


def test_a_connection_that_hangs_does_not_hold_up_the_others() -> None:
    server = Faulty()
    letters = [letter("hang.0"), *(letter(f"ok.{n}") for n in range(1, 40))]
    begun = time.monotonic()
    outcomes = deliver(server, letters, connections=3, timeouts=replace(SHORT, dot=1.5))
    assert [getattr(outcome, "verdict", outcome) for outcome in outcomes].count("accepted") >= 38
    assert time.monotonic() - begun < 4


def test_a_relay_that_comes_back_gets_the_rest_as_often_as_it_goes() -> None:
    """Down for a moment in the middle of the run, twice: what was not begun waits, each time as long as was agreed."""

    async def run() -> list[int]:
        servers = [Faulty(), Faulty(), Faulty()]
        async with servers[0]:
            outbox = SmtpOutbox(relay(servers[0], timeouts=replace(SHORT, reconnect=0.6)))
            await outbox.send(letter("ok.1"))
        for server in servers[1:]:
            await asyncio.sleep(0.4)
            waiting = asyncio.create_task(outbox.send(letter("ok.2")))
            await asyncio.sleep(0.1)
            server.port = servers[0].port
            async with server:
                assert (await waiting).verdict == "accepted"
        await outbox.close()
        return [len(server.accepted) for server in servers]

    assert asyncio.run(run()) == [1, 1, 1]


def test_a_relay_that_stays_away_is_unreachable_for_every_letter() -> None:
    server = Faulty()

    async def run() -> list[Outcome | BaseException]:
        async with server:
            pass
        outbox = SmtpOutbox(relay(server, connections=4))
        return await asyncio.gather(*(outbox.send(letter(f"ok.{n}")) for n in range(8)), return_exceptions=True)

    errors = asyncio.run(run())
    assert all(isinstance(error, Unreachable) and error.temporary for error in errors)
    assert f"127.0.0.1:{server.port}: nobody listens there. Check SMTP_PORT" in str(errors[0])


def deliver_after_an_absence(server: Faulty, **options: object) -> list[Outcome | BaseException]:
    """One letter while nobody listens, then ten at once, and one behind them: what became of these."""

    async def run() -> list[Outcome | BaseException]:
        async with server:
            pass
        outbox = SmtpOutbox(relay(server, **options))
        with pytest.raises(Unreachable):
            await outbox.send(letter("ok.0"))
        await asyncio.sleep(0.3)
        async with server:
            ten = (outbox.send(letter(f"ok.{n}")) for n in range(1, 11))
            found = [*await asyncio.gather(*ten, return_exceptions=True)]
            found += await asyncio.gather(outbox.send(letter("ok.11")), return_exceptions=True)
            await outbox.close()
            return found

    return asyncio.run(run())


def test_after_an_absence_too_no_more_connections_are_opened_than_allowed() -> None:
    server = Faulty(pause=0.005)
    found = deliver_after_an_absence(server, connections=1)
    assert [getattr(outcome, "verdict", outcome) for outcome in found] == ["accepted"] * 11
    assert server.greeted == 1


def test_an_absence_is_forgotten_when_somebody_is_let_in() -> None:
    """Though another one is turned away just then, since the relay allows only one."""
    found = deliver_after_an_absence(Faulty(pause=0.005, connections=1), connections=3)
    assert [getattr(outcome, "verdict", outcome) for outcome in found] == ["accepted"] * 11


def test_a_mistake_of_ours_as_a_connection_opens_leaves_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.mail.sending.outbox.open_session", Mock(side_effect=ZeroDivisionError))

    async def run() -> None:
        outbox = SmtpOutbox(Relay(host="127.0.0.1"))
        try:
            await asyncio.wait_for(outbox.send(letter("ok.1")), 2)
        finally:
            await outbox.close()

    with pytest.raises(MailError, match="this program made a mistake"):
        asyncio.run(run())


def test_an_unreachable_relay_is_not_called_again_at_once() -> None:
    server = Faulty(greeting=b"421 4.3.2 too busy\r\n")

    async def run() -> None:
        async with server:
            outbox = SmtpOutbox(relay(server))
            for _ in range(50):
                with pytest.raises(MailError, match="too busy"):
                    await outbox.send(letter("ok.1"))
            await outbox.close()

    asyncio.run(run())
    assert server.greeted <= 2


def test_a_server_that_hangs_up_after_every_hello_is_not_called_without_end() -> None:
    server = Faulty(fickle=True)
    found = deliver(server, [letter(f"ok.{n}") for n in range(20)])
    assert all(isinstance(end, Unreachable) or getattr(end, "verdict", "") == "temporary" for end in found)
    assert server.greeted <= 6


def test_a_letter_that_nobody_waits_for_any_more_is_not_begun() -> None:
    async def run() -> int:
        async with Faulty(pause=0.02) as server:
            outbox = SmtpOutbox(relay(server))
            tasks = [asyncio.create_task(outbox.send(letter(f"ok.{n}"))) for n in range(6)]
            await asyncio.sleep(0.03)
            tasks[5].cancel()
            await asyncio.wait(tasks)
            await outbox.close()
            return server.letters_to("ok.5@example.test")

    assert asyncio.run(run()) == 0


# ── letters that a server cannot take ─────────────────────────────────────────────────────────────


def test_a_letter_over_the_server_s_size_is_not_offered() -> None:
    server = Faulty(offers=("PIPELINING", "SIZE 1000"))
    big, small = deliver(server, [letter("ok.1", body=b"x" * 2000), letter("ok.2")])
    assert isinstance(big, Outcome)
    assert (big.verdict, big.enhanced, big.code) == ("permanent", "5.3.4", 0)
    assert "2015 octets" in big.reply
    assert isinstance(small, Outcome)
    assert small.verdict == "accepted"


@pytest.mark.parametrize(("offers", "verdict"), [(OFFERS, "permanent"), ((*OFFERS, "SMTPUTF8"), "accepted")])
def test_smtputf8_is_used_only_where_it_is_needed_and_offered(offers: tuple[str, ...], verdict: str) -> None:
    server = Faulty(offers=offers)
    found, plain = deliver(server, [letter("bücher"), letter("ok.2")])
    assert isinstance(found, Outcome)
    assert isinstance(plain, Outcome)
    assert (found.verdict, plain.verdict) == (verdict, "accepted")
    assert sum(command.endswith(" SMTPUTF8") for command in server.commands) == (verdict == "accepted")


@pytest.mark.parametrize("name", ["a b", "a>\r\nDATA", "a\0b", "a<b"])
def test_an_address_cannot_smuggle_a_command(name: str) -> None:
    server = Faulty()
    found, _ = deliver(server, [letter(name), letter("ok.2")])
    assert isinstance(found, Outcome)
    assert (found.verdict, found.enhanced) == ("permanent", "5.1.3")
    assert len(server.accepted) == 1


def test_delivery_notices_are_asked_for_where_the_server_offers_them() -> None:
    server = Faulty(offers=(*OFFERS, "DSN"))
    deliver(server, [letter("ok+tag=x")])
    mail, rcpt = server.commands[1:3]
    assert mail.endswith(" RET=HDRS ENVID=ok+2Btag+3Dx@x")
    assert rcpt.endswith(" NOTIFY=FAILURE ORCPT=rfc822;ok+2Btag+3Dx@example.test")
