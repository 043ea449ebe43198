"""kill -9 at the worst moments of a single letter: nothing is lost, and no more is doubled than was in hand."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from digest.model import Letter, Membership
from digest.posting import HANDS
from digest.store import Store
from digest.store.policy import Policy
from readers.place import NOW, Place

TESTS = Path(__file__).parent.parent
CHILD = """
import asyncio, os, signal, sys
from contextlib import asynccontextmanager
from digest.mail.intents import Subscribe
from digest.posting import Rounds, post
from digest.store import open_store
from digest.store.policy import Policy
from readers.place import ACCEPTED, NOW, Place

store = open_store(f"sqlite:///{sys.argv[1]}")

def die():
    os.kill(os.getpid(), signal.SIGKILL)

class Outbox:
    capacity = 4
    carried = 0
    @asynccontextmanager
    async def carry(self, letter):
        await asyncio.sleep(0.01)
        with open(sys.argv[2], "a") as seen:
            seen.write(letter.message_id + "\\n")
        self.carried += 1
        if self.carried == int(sys.argv[3]):
            die()
        yield ACCEPTED

if sys.argv[3] == "commit":
    Place(store).mail(Subscribe())
    die()
rounds = Rounds(letterbox=store.letterbox, outbox=Outbox(), policy=Policy(), now=lambda: NOW, stop=asyncio.Event())
asyncio.run(post(rounds))
"""


def killed(store: Path, seen: Path, when: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])}
    done = subprocess.run([sys.executable, "-c", CHILD, str(store), str(seen), when], env=environment)
    assert done.returncode == -signal.SIGKILL


def test_killed_after_the_commit_the_letter_still_goes(store: Store, tmp_path: Path) -> None:
    killed(tmp_path / "digest.sqlite3", tmp_path / "seen", "commit")
    place = Place(store)
    assert place.standing() is Membership.PENDING
    assert "is it you" in place.letter()["Subject"]


def test_killed_while_letters_leave_none_is_lost_and_few_are_doubled(store: Store, tmp_path: Path) -> None:
    names = [f"<n.{n}@example.org>" for n in range(20)]
    for name in names:
        letter = Letter(sender="d@example.org", recipient="ada@example.com", message_id=name, parts=(b"Hi\r\n",))
        store.letterbox.put("proof", letter, now=NOW)
    killed(tmp_path / "digest.sqlite3", tmp_path / "seen", "7")
    place = Place(store)
    place.later(minutes=31)
    left = []
    while held := store.letterbox.take(now=place.now + timedelta(seconds=1), policy=Policy()):
        left.append(held.letter.message_id)
    went = Counter((tmp_path / "seen").read_text().split() + left)
    assert went.keys() == set(names)
    assert sum(went.values()) - len(names) <= HANDS
