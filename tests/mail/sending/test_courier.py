"""What a courier makes of replies, whether they come one by one or many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.errors import MailError
from digest.mail.sending.courier import Courier
from digest.mail.sending.experience import Experience, Pace
from digest.mail.sending.parcel import Parcel
from digest.mail.sending.speech import Speech
from digest.mail.sending.wire import Garbled, Offer, Reply
from digest.model import Letter, Outcome

OK, GO, REPLY = Reply(250, ("ok",)), Reply(354, ("go on",)), st.sampled_from([250, 251, 354, 421, 450, 550, 503])
IN_STEP = [250, 250, 250, 354]


class Log:
    """A consignor who writes everything down at once."""

    def __init__(self) -> None:
        self.heard: list[Outcome | MailError] = []
        self.may = True

    def may_go(self) -> bool:
        return self.may

    def answered(self, answer: Outcome | MailError, written: Callable[[], None]) -> None:
        self.heard.append(answer)
        written()


def a_parcel(log: Log) -> Parcel:
    return Parcel(Letter("a@example.org", "b@example.org", "<1@example.org>", (b"Body\r\n",)), log)


def told(batches: Sequence[Sequence[Reply]], *, pace: Pace, window: int, at_once: bool) -> tuple[object, ...]:
    """All that a courier says and tells when it writes after each batch of replies, hearing those at once or one by one.
    It takes a letter whenever it wants one."""
    (courier, speech), log, said = at_work(pace, window), Log(), b""
    try:
        for batch in ((), *batches):
            if courier.over:
                break
            for replies in (tuple(batch),) if at_once else ((reply,) for reply in batch if not courier.over):
                courier.receive(replies)
            while courier.room > 0:
                parcel = a_parcel(log)
                parcel.carrier = courier.written
                courier.begin(parcel)
            whole = speech.collect_whole()
            speech.handed_out(len(whole))
            said += b"".join([*(chunk for letter, _ in whole for chunk in letter), *speech.collect()[0]])
    except Garbled as error:
        return log.heard, str(error)
    back = courier.abandon("the end", unsent=False)
    return log.heard, said, courier.over, courier.carried, len(back)


def at_work(pace: Pace, window: int) -> tuple[Courier, Speech]:
    speech = Speech(Offer(pipelining=True, chunking=True), pace=pace)
    return Courier(speech, pace=pace, window=window, experience=Experience(proven=pace == "chunked")), speech


@example([250, 250, 354, *IN_STEP, *IN_STEP, 250, 550, 503, 450], [3, 4, 4], 1)
@example([250, 550, 503, *IN_STEP, 250], [3, 4], 1)  # RSET and an envelope are answered as a dot and an envelope
@given(st.lists(REPLY | st.just(250), max_size=24), st.lists(st.integers(1, 6), max_size=24), st.integers(1, 2))
def test_replies_at_once_come_to_the_same_as_one_by_one(codes: list[int], sizes: list[int], window: int) -> None:
    assert_alike(codes, sizes, pace="pipelined", window=window)


@example([250] * 24, [4, 8, 8], 2)
@example([250] * 12, [12], 2)  # more than was asked
@example([250] * 12, [1, 7], 2)
@example([250] * 12, [2, 5], 2)
@example([250] * 12, [5, 7], 2)
@example([250] * 12, [2, 4, 2], 2)
@example([250] * 7 + [550, 250, 250, 550, 503] + [250] * 12, [8, 4, 8], 3)
@given(st.lists(REPLY | st.just(250), max_size=40), st.lists(st.integers(1, 12), max_size=12), st.integers(2, 4))
def test_so_they_do_where_letters_are_sent_whole(codes: list[int], sizes: list[int], window: int) -> None:
    assert_alike(codes, sizes, pace="chunked", window=window)


def assert_alike(codes: Sequence[int], sizes: Sequence[int], *, pace: Pace, window: int) -> None:
    replies = [Reply(code, (f"answer {n}",)) for n, code in enumerate(codes)]
    left = iter(replies)
    batches = [list(islice(left, size)) for size in sizes] + [list(left)]
    assert told(batches, pace=pace, window=window, at_once=True) == told(
        batches, pace=pace, window=window, at_once=False
    )


def three_begun_and_two_handed_out() -> tuple[Courier, Speech, Log]:
    (courier, speech), log = at_work("chunked", 4), Log()
    for _ in range(3):
        courier.begin(a_parcel(log))
    speech.handed_out(2)
    return courier, speech, log


def verdicts(log: Log) -> list[str]:
    return [outcome.verdict for outcome in log.heard if isinstance(outcome, Outcome)]


def test_a_letter_that_waits_for_the_way_to_be_free_can_still_be_called_back() -> None:
    courier, speech, log = three_begun_and_two_handed_out()
    courier.recall()
    assert not log.heard
    log.may = False
    courier.recall()
    assert verdicts(log) == ["temporary"]
    assert not speech.collect_whole()
    courier.receive((OK,) * 8)
    assert verdicts(log) == ["temporary", "accepted", "accepted"]
    assert speech.awaited == ""
    assert not courier.abandon("the end", unsent=False), "it is not given back as well"


def test_a_server_that_goes_answers_a_letter_that_waits_once() -> None:
    (courier, _), log = at_work("chunked", 4), Log()
    courier.begin(a_parcel(log))
    courier.receive([Reply(421, ("closing",))])
    log.may = False
    courier.recall()
    assert not courier.abandon("the end", unsent=False)
    assert verdicts(log) == ["temporary"]


def test_nothing_is_called_back_from_a_session_that_broke() -> None:
    """A connection may still look after its end what it was going to write."""
    courier, speech, log = three_begun_and_two_handed_out()
    assert len(courier.abandon("the end", unsent=False)) == 1
    log.may = False
    courier.recall()
    assert not speech.collect_whole()
    assert verdicts(log) == ["ambiguous", "ambiguous"]


def test_of_several_letters_only_the_last_can_have_been_held_up_on_its_way() -> None:
    """Those in front of it left, and may have arrived."""
    courier, _, log = three_begun_and_two_handed_out()
    assert len(courier.abandon("the end", unsent=True)) == 2
    assert verdicts(log) == ["ambiguous"]


def test_a_refusal_stands_though_the_session_breaks_behind_it() -> None:
    (courier, _), log = at_work("pipelined", 1), Log()
    courier.begin(a_parcel(log))
    courier.receive([OK, Reply(550, ("no such user",))])
    assert not courier.abandon("the end", unsent=False)
    assert verdicts(log) == ["permanent"]


def test_a_letter_that_was_refused_out_of_step_did_not_arrive() -> None:
    """It was sent whole, to a server that promised to keep up and did not."""
    speech, log = Speech(Offer(pipelining=True, chunking=True), pace="chunked"), Log()
    courier = Courier(speech, pace="chunked", window=4, experience=Experience())
    courier.begin(a_parcel(log))
    speech.handed_out(1)
    with pytest.raises(Garbled):
        courier.receive([OK, Reply(503, ("bad sequence",))])
    assert len(courier.abandon("the end", unsent=False)) == 1
    assert not log.heard


def test_a_letter_whose_body_was_not_even_written_did_not_arrive() -> None:
    (courier, _), log = at_work("pipelined", 1), Log()
    courier.begin(a_parcel(log))
    courier.receive([OK, OK, GO])
    assert len(courier.abandon("the end", unsent=False)) == 1
    assert not log.heard


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("pace", ["pipelined", "chunked"])
def test_who_took_what_was_sent_ahead_is_trusted_with_more(pace: Pace, *, at_once: bool) -> None:
    speech, log, experience = Speech(Offer(pipelining=True, chunking=True), pace=pace), Log(), Experience()
    courier = Courier(speech, pace=pace, window=4, experience=experience)
    courier.begin(a_parcel(log))
    if pace == "pipelined":
        courier.receive([OK, OK, GO])
        courier.begin(a_parcel(log))
    speech.handed_out(len(speech.collect_whole()))
    assert not experience.proven
    replies = (OK, OK, OK, GO if pace == "pipelined" else OK)
    courier.receive(replies if at_once else iter(replies))
    assert experience.proven


def test_who_has_proven_nothing_yet_gets_one_letter() -> None:
    speech = Speech(Offer(pipelining=True, chunking=True), pace="chunked")
    courier = Courier(speech, pace="chunked", window=4, experience=Experience())
    assert courier.room == 1
    courier.begin(a_parcel(Log()))
    assert courier.room == 0


def test_a_session_waits_with_its_goodbye_until_the_last_answer_is_written_down() -> None:
    """Else another session would carry more before that than may be in doubt."""
    (courier, speech), parcel = at_work("chunked", 4), a_parcel(Log())
    courier.begin(parcel)
    speech.handed_out(1)
    courier.receive([OK] * 4)
    assert not courier.idle
    courier.written(parcel)
    assert courier.idle


def test_a_server_that_does_not_forget_a_transaction_gets_no_other_one() -> None:
    (courier, speech), log = at_work("chunked", 4), Log()
    courier.begin(a_parcel(log))
    speech.handed_out(1)
    with pytest.raises(Garbled, match="RSET"):
        courier.receive([Reply(550, ("no",))])


def test_who_speaks_out_of_turn_is_not_listened_to_any_further() -> None:
    courier, _ = at_work("pipelined", 1)
    with pytest.raises(Garbled, match="out of turn"):
        courier.receive([OK])


def test_an_answer_too_early_is_none_to_the_letter_that_takes_the_place_of_one_called_back() -> None:
    (courier, speech), log = at_work("chunked", 4), Log()
    courier.begin(a_parcel(log))
    courier.receive([OK])
    log.may = False
    courier.recall()
    courier.begin(a_parcel(log))
    assert speech.awaited == "rset"


def test_what_follows_a_letter_is_counted_from_its_last_octet() -> None:
    (courier, speech), log = at_work("pipelined", 1), Log()
    courier.begin(a_parcel(log))
    speech.collect()
    courier.receive([OK, OK, GO])
    courier.begin(a_parcel(log))
    chunks, size, after = speech.collect()
    said = b"".join(chunks)
    assert (size, after) == (len(said), len(said.partition(b"\r\n.\r\n")[2]))
    assert said.endswith(b"DATA\r\n")


@pytest.mark.parametrize("at_once", [True, False])
def test_no_letter_is_accepted_before_it_left(*, at_once: bool) -> None:
    """A server that says more than it was asked."""
    courier, _, log = three_begun_and_two_handed_out()
    said = (OK,) * 12
    with pytest.raises(Garbled):
        courier.receive(said if at_once else iter(said))
    assert verdicts(log) == ["accepted", "accepted"]
    assert len(courier.abandon("the end", unsent=False)) == 1
