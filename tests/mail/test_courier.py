"""What a courier makes of replies, whether they come one by one or many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from hypothesis import example, given
from hypothesis import strategies as st

from digest.errors import MailError
from digest.mail.courier import Courier
from digest.mail.experience import Experience, Pace
from digest.mail.parcel import Parcel
from digest.mail.wire import Garbled, Offer, Reply
from digest.model import Letter, Outcome

OK, GO, REPLY = Reply(250, ("ok",)), Reply(354, ("go on",)), st.sampled_from([250, 251, 354, 421, 450, 550, 503])
IN_STEP = [250, 250, 250, 354]


class Log:
    """A consignor who writes everything down at once."""

    def __init__(self) -> None:
        self.heard: list[Outcome | MailError] = []

    def may_go(self) -> bool:
        return True

    def answered(self, answer: Outcome | MailError, written: Callable[[], None]) -> None:
        self.heard.append(answer)
        written()


def told(batches: Sequence[Sequence[Reply]], *, pace: Pace, window: int, at_once: bool) -> tuple[object, ...]:
    """All that a courier says and tells when it writes after each batch of replies, hearing those at once or one by one.
    It takes a letter whenever it wants one."""
    courier, log, said = _courier(pace, window), Log(), b""
    try:
        for batch in ((), *batches):
            if courier.over:
                break
            for replies in (tuple(batch),) if at_once else ((reply,) for reply in batch if not courier.over):
                courier.receive(replies)
            while courier.wants:
                parcel = Parcel(Letter("a@example.org", "b@example.org", "<1@example.org>", (b"Body\r\n",)), log)
                parcel.carrier = courier.written
                courier.begin(parcel)
            said += b"".join(courier.collect()[0])
    except Garbled as error:
        return log.heard, str(error)
    back = courier.abandon("the end", unsent=False)
    return log.heard, said, courier.over, courier.carried, len(back)


def _courier(pace: Pace, window: int) -> Courier:
    offer = Offer(pipelining=True, chunking=True)
    return Courier(offer, pace=pace, window=window, experience=Experience(proven=pace == "chunked"))


@example([250, 250, 354, *IN_STEP, *IN_STEP, 250, 550, 503, 450], [3, 4, 4], 1)
@given(st.lists(REPLY | st.just(250), max_size=24), st.lists(st.integers(1, 6), max_size=24), st.integers(1, 2))
def test_replies_at_once_come_to_the_same_as_one_by_one(codes: list[int], sizes: list[int], window: int) -> None:
    assert_alike(codes, sizes, pace="pipelined", window=window)


@example([250] * 24, [4, 8, 8], 2)
@example([250] * 12, [12], 2)  # more than was asked
@example([250] * 12, [1, 7], 2)
@example([250] * 12, [2, 5], 2)
@example([250] * 7 + [550, 250, 250, 550, 503] + [250] * 12, [8, 4, 8], 3)
@given(st.lists(REPLY | st.just(250), max_size=40), st.lists(st.integers(1, 12), max_size=12), st.integers(2, 4))
def test_so_they_do_where_letters_are_sent_whole(codes: list[int], sizes: list[int], window: int) -> None:
    assert_alike(codes, sizes, pace="chunked", window=window)


def assert_alike(codes: Sequence[int], sizes: Sequence[int], *, pace: Pace, window: int) -> None:
    replies = [{250: OK, 354: GO}.get(code, Reply(code, ("no",))) for code in codes]
    left = iter(replies)
    batches = [list(islice(left, size)) for size in sizes] + [list(left)]
    assert told(batches, pace=pace, window=window, at_once=True) == told(
        batches, pace=pace, window=window, at_once=False
    )
