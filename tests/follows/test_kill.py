"""kill -9 in the middle of a look: the thread comes once, whenever it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from digest.store.follows import LEASE
from follows.author import HOUR, NOW, Ada, Editor

TESTS = Path(__file__).parent.parent
CHILD = """
import os, signal, sys
from datetime import datetime, timedelta
from digest.following import look
from digest.store import open_store
from follows.author import Editor
from sources.site import Site

editor = Editor(open_store(sys.argv[1]), Site(sys.argv[2]))
library, follows = editor.store.library, editor.store.follows
kept = library.add

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def add(*arguments, **named):
    if sys.argv[3] == "fetched":
        die()
    kept(*arguments, **named)
    die()

library.add = add
look(editor.watch, now=datetime.fromisoformat(sys.argv[4]))
"""


@pytest.mark.parametrize("when", ["fetched", "kept"])
def test_a_look_that_was_killed_is_made_again_and_brings_it_once(
    ada: Ada, editor: Editor, database: str, when: str
) -> None:
    editor.follow(ada.address)
    ada.threads(NOW + HOUR, 3)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])}
    at = NOW + 9 * HOUR
    arguments = [sys.executable, "-c", CHILD, database, editor.site.url, when, at.isoformat()]
    done = subprocess.run(arguments, env=environment, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert len(editor.shelf()) == (when == "kept")
    editor.now = at
    assert editor.look() is None, "it is in the hand of who died"
    editor.now += LEASE
    editor.look()
    editor.later(hours=3)
    assert len(editor.shelf()) == 1
    assert editor.store.follows.all()[0].brought == 1
