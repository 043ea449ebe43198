"""The bench still runs, and sums up as it says. Nothing is timed here."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import sinks, targets
from bench.chart import chart
from bench.measure import Lap
from bench.ours import PLAIN
from bench.peers import PEERS
from bench.table import WIDTH, Table, lines, versus
from bench.wire import Ground

BODY = b"Subject: x\r\n\r\n.." + b"a line\r\n" * 9000 + b".\r\n"


@contextmanager
def own_sink(folder: Path) -> Iterator[int]:
    if not sinks.compiled("sink", folder):
        pytest.skip("A C compiler is missing: apt-get install gcc")
    with sinks.fast(folder) as port:
        yield port


def test_a_letter_sent_line_by_line_is_answered_in_order(tmp_path: Path) -> None:
    with own_sink(tmp_path) as port, smtplib.SMTP("127.0.0.1", port) as client:
        for _ in range(3):
            assert client.sendmail("a@example.org", ["b@example.org"], BODY) == {}


def test_chunks_are_counted_by_their_length_and_not_by_their_content(tmp_path: Path) -> None:
    body = b"QUIT\r\n.\r\n" * 40_000
    with own_sink(tmp_path) as port, socket.create_connection(("127.0.0.1", port)) as line:
        answers = line.makefile("rb")
        assert answers.readline().startswith(b"220")
        line.sendall(b"BDAT %d LAST\r\n" % len(body) + body + b"BDAT 0 LAST\r\nNOOP\r\nQUIT\r\n")
        assert [answers.readline()[:3] for _ in range(4)] == [b"250", b"250", b"250", b"221"]


def test_a_long_line_passes_on_every_byte_in_order(tmp_path: Path) -> None:
    with (
        own_sink(tmp_path) as port,
        sinks.far(port, milliseconds=2, folder=tmp_path) as far,
        smtplib.SMTP("127.0.0.1", far) as client,
    ):
        assert client.sendmail("a@example.org", ["b@example.org"], BODY) == {}


def test_ours_and_a_peer_finish_a_lap(tmp_path: Path) -> None:
    ground = Ground.at(tmp_path)
    smtplib_peer = next(peer for peer in PEERS if peer.file == "smtplib_ready")
    with sinks.in_python() as port:
        assert ground.ours(40, port=port, errand=PLAIN).letters == 40
        assert smtplib_peer.way(port, material=ground.material).lap(10).letters == 10


def test_a_ratio_is_the_median_of_the_rounds_own_ratios() -> None:
    mine = [Lap(10, seconds, 1, 1) for seconds in (1, 10, 1)]
    theirs = [Lap(10, seconds, 1, 1) for seconds in (2, 20, 8)]
    assert versus({"a": mine, "b": theirs}, "a", "b") == 2


def test_a_target_whose_racer_was_not_there_is_not_judged() -> None:
    judged = targets.table({"From thread to page (…)": {"page of 20 posts: ms": 61.0}})
    assert [row[-1] for row in judged.rows] == ["missed"]


def test_a_table_of_the_longest_names_fits_the_terminal() -> None:
    name = max((peer.name for peer in PEERS), key=len)
    row = (name, "12,345", "12,345..12,345", "12.34", "100", "123.45 ×", "text only")
    table = Table(
        title="", columns=("", "letters/s", "lowest..highest", "CPU s/1000", "MB", "ours is", "personal"), rows=[row]
    )
    assert max(map(len, lines(table))) <= WIDTH


def test_the_chart_is_xml_whatever_the_names() -> None:
    ElementTree.fromstring(chart({"ours": 9, "<b> & co": 3}, title="a < b", note="&"))
