"""The reply reader, the dot and the meaning of codes, for all bytes and all ways of cutting them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.mail.sending import wire
from digest.mail.sending.wire import Garbled, Offer, Reply, ReplyReader
from digest.model import Letter, Outcome

LINE = st.tuples(
    st.sampled_from([b"250", b"354", b"451", b"554"]), st.sampled_from([b" ", b"-", b""]), st.binary(max_size=9)
)
STREAM = st.one_of(
    st.binary(max_size=60),
    st.lists(LINE.map(b"".join) | st.binary(max_size=4), max_size=8).map(lambda lines: b"\r\n".join([*lines, b""])),
)


def read(pieces: list[bytes]) -> tuple[list[Reply], bool]:
    """What a reader made of `pieces`, and whether it could go on to the end."""
    reader, found = ReplyReader(), []
    try:
        for piece in pieces:
            for reply in reader.replies(piece):
                found.append(reply)  # noqa: PERF402 - those before the garbled one count
    except Garbled:
        return found, False
    return found, True


def cut(data: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(data) + 1) for place in at}), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@given(STREAM, st.lists(st.integers(min_value=0)))
def test_replies_are_the_same_however_the_bytes_come(data: bytes, at: list[int]) -> None:
    assert read(cut(data, at)) == read([data])


@given(st.lists(st.tuples(st.integers(200, 599), st.lists(st.text("abc 1.-", max_size=9), min_size=1, max_size=4))))
def test_replies_are_read_as_they_were_meant(meant: list[tuple[int, list[str]]]) -> None:
    said = b""
    for code, lines in meant:
        marks = ["-"] * (len(lines) - 1) + [" "]
        said += "".join(f"{code}{mark}{line}\r\n" for mark, line in zip(marks, lines, strict=True)).encode()
    assert read([said]) == ([Reply(code, tuple(lines)) for code, lines in meant], True)


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"25 0\r\n",
        b"\r\n",
        b"150 no\r\n",
        b"650 no\r\n",
        b"2500 no\r\n",
        b"250-a\r\n251 b\r\n",
        b"250 " + b"x" * 5000,
        b"250-x\r\n" * 2000,
        "２５０ wide\r\n".encode(),
    ],
)
def test_what_is_no_reply_is_noticed(said: bytes) -> None:
    assert read([said]) == ([], False)


def test_what_was_said_before_the_garbage_counts() -> None:
    assert read([b"250 ok\r\nwhat\r\n"]) == ([Reply(250, ("ok",))], False)


# ── the dot ───────────────────────────────────────────────────────────────────────────────────────

LINES = st.lists(st.binary(max_size=6).map(lambda b: b.replace(b"\r", b".").replace(b"\n", b"."))).map(
    lambda lines: b"".join(line + b"\r\n" for line in lines)
)


def unstuffed(data: bytes) -> tuple[bytes, bytes]:
    """What a server keeps of DATA, and what it reads as the next command (RFC 5321, 4.5.2)."""
    kept, rest = b"", data
    while True:
        line, end, rest = rest.partition(b"\r\n")
        assert end, "the last dot never came"
        if line == b".":
            return kept, rest
        kept += line.removeprefix(b".") + end


@given(LINES, st.lists(st.integers(min_value=0)))
def test_a_server_reads_back_exactly_what_was_written(data: bytes, at: list[int]) -> None:
    assert unstuffed(b"".join(wire.stuffed(cut(data, at)))) == (data, b"")


@given(st.binary(), st.lists(st.integers(min_value=0)))
def test_no_bytes_can_end_the_letter_early(data: bytes, at: list[int]) -> None:
    kept, rest = unstuffed(b"".join(wire.stuffed(cut(data, at))))
    assert (kept.removesuffix(b"\r\n"), rest) == (data.removesuffix(b"\r\n"), b"")


def test_a_letter_without_such_a_line_is_not_copied() -> None:
    parts = [b"Subject: x\r\n\r\n", b"y" * 1000 + b"\r\n"]
    assert all(mine is theirs for mine, theirs in zip(parts, wire.stuffed(parts), strict=False))


# ── what an answer means ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("line", "enhanced", "reply"),
    [
        ("5.1.1 no such user", "5.1.1", "no such user"),
        ("5.1 .1 no", "", "5.1 .1 no"),
        ("4.1.1 of another class", "", "4.1.1 of another class"),
        ("5.1.1234 too long", "", "5.1.1234 too long"),
        ("no code", "", "no code"),
        ("", "", ""),
        ("5.7.1 \x1b[31mred\x00\u202e", "5.7.1", "[31mred"),
        ("5.7.1 " + "x" * 300, "5.7.1", "x" * 200),
    ],
)
def test_the_enhanced_code_and_the_words_are_told_apart(line: str, enhanced: str, reply: str) -> None:
    outcome = wire.judged("rcpt", Reply(550, (line,)))
    assert (outcome.verdict, outcome.enhanced, outcome.reply) == ("permanent", enhanced, reply)


def test_the_lines_of_a_refusal_become_one_sentence() -> None:
    outcome = wire.judged("rcpt", Reply(550, ("5.1.1 The account does", "5.1.1 not exist.")))
    assert outcome.reply == "The account does not exist."


def test_an_offer_is_read_whatever_its_case() -> None:
    said = ("mx", "pipelining", "SIZE 1000", "AUTH PLAIN login", "8BITMIME", "", "Dsn")
    offer = wire.offer_of(Reply(250, said))
    assert offer == Offer(
        words=("PIPELINING", "SIZE", "AUTH", "8BITMIME", "DSN"),
        logins=("PLAIN", "LOGIN"),
        size=1000,
        pipelining=True,
        dsn=True,
    )


@given(st.text(), st.text())
def test_no_address_makes_two_lines_of_a_command(sender: str, recipient: str) -> None:
    letter = Letter(sender=sender, recipient=recipient, message_id="<1@x>", parts=())
    offer = Offer(smtputf8=True, dsn=True, size=9)
    envelope = wire.envelope(letter, size=0, offer=offer)
    if not isinstance(envelope, Outcome):
        commands = b"".join(envelope)
        assert commands.count(b"\r\n") == commands.count(b"\n") == 2
        assert commands.count(b"<") == commands.count(b">") == 2
