"""`digest preview` as a command."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

from web.studio.conftest import opened


def test_a_taken_port_gives_way_to_the_next_free_one_and_that_is_said(house):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with opened(house, "--port", str(port)) as studio:
            assert int(studio.url.rpartition(":")[2]) > port
            assert f"Port {port} is taken" in studio.process.stderr.readline()


def test_ctrl_c_closes_it_in_peace(studio):
    studio.process.send_signal(signal.SIGINT)
    assert studio.process.wait(30) == 0


def test_a_thread_that_is_not_there_is_said_in_the_terminal(house):
    command = [sys.executable, "-m", "digest", "preview", "--no-open", "99"]
    done = subprocess.run(command, cwd=house.folder, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "no such thread" in done.stderr
