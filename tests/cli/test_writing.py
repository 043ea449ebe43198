"""A model as the writer, behind a real HTTP server that answers well, badly, slowly or not at all."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from digest.cli import writing
from digest.llm import Server
from digest.model import Author, Post, Summary, Thread
from digest.store import open_store
from digest.store.library import Library

FILLER = "We lay awake and gave it names, and it was easier to name a thing than to open a wall in the cold house."
THREAD = Thread(
    key="k",
    source="test",
    author=Author(name="Mira"),
    posts=tuple(Post(number=n, text=f"Board {n} was opened on day {n}. {FILLER}") for n in range(1, 9)),
)
GOOD = {"bullets": [{"text": f"Board {n} was opened on day {n}.", "post": n} for n in (2, 5)]}

Answers = Callable[..., tuple[Server, list[dict[str, Any]]]]


@pytest.fixture
def answers() -> Iterator[Answers]:
    """`answers(text, status=…)` is a server that always says so, and the requests that it got."""
    running: list[ThreadingHTTPServer] = []

    def start(text: str, *, status: int = 200, whole: bool = False) -> tuple[Server, list[dict[str, Any]]]:
        asked: list[dict[str, Any]] = []
        body = text if whole else json.dumps({"choices": [{"message": {"content": text}}]})

        class Model(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                asked.append({"key": self.headers["Authorization"], **json.loads(self.rfile.read(length))})
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return Server(url=f"http://127.0.0.1:{server.server_port}/v1", model="small", key="hush", timeout=5), asked

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    store = open_store(f"sqlite:///{tmp_path / 'digest.sqlite3'}")
    store.library.add(THREAD, raw=b"", now=datetime.now(UTC))
    yield store.library
    store.close()


def write(server: Server, library: Library) -> Summary | None:
    return writing.writer(server, library=library, lang="en")(THREAD)


def test_a_good_answer_is_the_summary_and_is_asked_for_once(answers: Answers, library: Library) -> None:
    server, asked = answers(json.dumps(GOOD))
    found = write(server, library)
    assert found
    assert (found.kind, [point.posts for point in found.points]) == ("model", [(2,), (5,)])
    assert write(server, library) == found
    assert [(request["model"], request["key"]) for request in asked] == [("small", "Bearer hush")]


@pytest.mark.parametrize(
    "text", ["I would rather not.", json.dumps({"bullets": [{"text": "Lies of 1850.", "post": 1}] * 2})]
)
def test_an_answer_that_may_not_stand_is_asked_for_twice_and_then_left(
    answers: Answers, library: Library, text: str
) -> None:
    server, asked = answers(text)
    assert write(server, library) is None
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("text", "status"), [("", 500), ("", 401), ("<html>", 200), ('{"choices": []}', 200), ("[]", 200)]
)
def test_a_server_that_fails_costs_no_issue(answers: Answers, library: Library, text: str, status: int) -> None:
    server, _ = answers(text, status=status, whole=True)
    assert write(server, library) is None


def test_a_server_that_is_not_there_costs_no_issue(library: Library) -> None:
    assert write(Server(url="http://127.0.0.1:9/v1", model="small", timeout=2), library) is None
