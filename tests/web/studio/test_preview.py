"""`digest preview` as a command."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest

from digest.desk.shipped import shipped
from digest.errors import SettingsError
from digest.web.studio import studio as the_window
from web.studio.conftest import opened


def test_a_taken_port_gives_way_to_the_next_free_one_and_that_is_said(house):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with opened(house, "--port", str(port)) as studio:
            assert int(studio.url.rpartition(":")[2]) > port
            assert f"Port {port} is taken" in studio.process.stderr.readline()


def test_ctrl_c_closes_it_in_peace_even_while_it_opens(studio):
    studio.process.send_signal(signal.SIGINT)
    assert studio.process.wait(30) == 0


def test_impatience_closes_it_in_peace_too(studio):
    while studio.process.poll() is None:
        studio.process.send_signal(signal.SIGINT)
        time.sleep(0.01)
    assert studio.process.returncode == 0


def test_a_thread_that_is_not_there_is_said_in_the_terminal(house):
    command = [sys.executable, "-m", "digest", "preview", "--no-open", "99"]
    done = subprocess.run(command, cwd=house.folder, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "no such thread" in done.stderr


def test_wrong_settings_are_said_in_the_terminal(house):
    house.write(DIGEST_FROM="nobody")
    command = [sys.executable, "-m", "digest", "preview", "--no-open"]
    done = subprocess.run(command, cwd=house.folder, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "DIGEST_FROM" in done.stderr


def test_what_keeps_the_rooms_shut_is_said_to_the_page_too():
    async def shut():
        opening = asyncio.get_running_loop().create_future()
        opening.set_exception(SettingsError("“nobody” is not an address", where="DIGEST_FROM"))
        said = []
        scope = {"type": "http", "method": "GET", "path": "/api/shelf", "server": ("127.0.0.1", 8025)}
        scope["headers"] = [(b"host", b"127.0.0.1:8025")]
        app = the_window(shipped() / "studio", opening=opening, asked=asyncio.Event())
        await app(scope, None, lambda message: _kept(said, message))
        return said

    start, body = asyncio.run(shut())
    assert (start["status"], json.loads(body["body"])["where"]) == (422, "DIGEST_FROM")


async def _kept(said, message):
    said.append(message)


def test_a_store_that_cannot_be_opened_is_said_in_the_terminal(house):
    (house.folder / "data/digest.sqlite3").write_bytes(b"not a database at all, but some other file" * 100)
    command = [sys.executable, "-m", "digest", "preview", "--no-open"]
    done = subprocess.run(command, cwd=house.folder, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "digest.sqlite3" in done.stderr


def test_the_window_needs_no_second_answer_to_be_painted(studio):
    with urlopen(f"{studio.url}/", timeout=20) as window:
        page = window.read().decode()
    assert 'rel="stylesheet"' not in page
    assert page.count("<style>") == len(list((shipped() / "studio").glob("*.css")))


def test_the_window_is_there_before_the_store_is_open(house):
    """Another writer holds the store, so it cannot be opened yet: made anew, it wants its first tables."""
    (house.folder / "data/digest.sqlite3").unlink()
    with sqlite3.connect(house.folder / "data/digest.sqlite3") as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with opened(house) as studio:
            with urlopen(f"{studio.url}/", timeout=20) as window:
                assert "Studio" in window.read().decode()
            with pytest.raises(TimeoutError):
                urlopen(f"{studio.url}/api/shelf", timeout=1)
            holder.rollback()
            with urlopen(f"{studio.url}/api/shelf", timeout=20) as shelf:
                assert shelf.status == 200
