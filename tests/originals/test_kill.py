"""kill -9 in the middle of a refresh: the thread is as it was, or as it reads now, and the next look brings it there."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from digest.model import Shelved, Sight
from digest.refreshing import Eyes, refresh
from digest.store import Store, open_store, originals
from originals.conftest import NOW, our_web
from originals.town import POSTS, Town

NEW = "The old system had four screens."


@pytest.mark.parametrize("at", ["supersede", "keep", "_keep_raw", "commit"])
def test_a_refresh_that_is_killed_loses_nothing(
    town: Town, take: Callable[[str], Shelved], eyes: Eyes, store: Store, at: str
) -> None:
    kept = take(town.thread())
    before = store.originals.raw(kept.id)
    town.edit(2, NEW)
    pid = os.fork()
    if not pid:
        _refresh_and_die(store.place, kept.id, at=at)
    assert os.waitpid(pid, 0)[1] == signal.SIGKILL
    now = store.library.get(kept.id)
    assert now
    assert [post.text for post in now.thread.posts] == list(POSTS)
    assert (store.originals.raw(kept.id), store.originals.revisions(kept.id)) == (before, [])
    assert refresh(now, eyes=eyes, now=NOW).sight is Sight.EDITED
    assert len(store.originals.revisions(kept.id)) == 1


def _refresh_and_die(path: str, id: int, *, at: str) -> None:
    """In a process of its own: killed where the transaction reaches this step, or right before its end."""
    try:
        own = open_store(f"sqlite:///{path}")
        if at == "commit":
            from sqlalchemy import event

            event.listen(own._database.engine, "commit", lambda _: os.kill(os.getpid(), signal.SIGKILL))
        else:
            setattr(originals, at, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
        shelved = own.library.get(id)
        assert shelved
        refresh(shelved, eyes=Eyes(store=own, web=our_web()), now=NOW)
    finally:
        os._exit(1)
