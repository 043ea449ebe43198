"""kill -9, twenty times at random moments of a send to 2,000 readers: nobody missed, judged in the receiver's mailbox."""

from __future__ import annotations

import random
import signal
import sqlite3
import time

import pytest

READERS, KILLS, CONNECTIONS = 2000, 20, 4


def _accepted(newsletter):
    with sqlite3.connect(f"file:{newsletter.folder}/data/digest.sqlite3?mode=ro", uri=True, timeout=30) as store:
        return store.execute("SELECT count(*) FROM delivery WHERE state = 3").fetchone()[0]


def _await_progress(newsletter, running, *, before):
    """Until this run has begun to deliver, or has ended by itself."""
    while running.poll() is None and _accepted(newsletter) <= before:
        time.sleep(0.01)


@pytest.mark.timeout(600)
def test_kill_minus_nine_anywhere_misses_nobody(mailhost, newsletter, tmp_path):
    rng = random.Random(20)
    made = newsletter(
        {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": mailhost.ports.fast,
            "SMTP_TLS": "none",
            "SMTP_CONNECTIONS": CONNECTIONS,
            "SMTP_RATE": 300,
            "DIGEST_FROM": f"{tmp_path.name.lower()[-20:]}@example.test",
        }
    )
    before = mailhost.original_recipients("sink@example.test")
    readers = [f"sink-{number}@example.test" for number in range(READERS)]
    (tmp_path / "list.csv").write_text("email\n" + "\n".join(readers), encoding="utf-8")
    made.run("subscribers", "import", "list.csv")

    for kill in range(KILLS):
        seen = _accepted(made) if kill else 0
        running = made.start("send", "--yes")
        if kill:
            _await_progress(made, running, before=seen)
        else:
            time.sleep(2)
        time.sleep(rng.uniform(0, 0.4))
        running.kill()
        said, _ = running.communicate()
        assert running.returncode == -signal.SIGKILL, f"the send was over before kill {kill + 1}: {said!r}"
        with sqlite3.connect(tmp_path / "data/digest.sqlite3") as store:
            assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    made.run("send", "--yes")
    mailhost.settle()
    got = mailhost.original_recipients("sink@example.test") - before
    missed = [reader for reader in readers if not got[reader]]
    doubles = sum(got[reader] - 1 for reader in readers if got[reader])
    assert missed == []
    assert doubles <= CONNECTIONS * KILLS
    assert made.json("report")["accepted"] == READERS
