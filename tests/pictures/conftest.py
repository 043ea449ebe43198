"""What the tests of pictures stand on: a web server with faults, the way to it, and a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from digest.sources import Web
from digest.store import Store, open_store
from sources.site import Site, running


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as server:
        yield server


@pytest.fixture
def web() -> Iterator[Web]:
    """May go to this machine, as no setting allows; waits for nobody in earnest."""
    with closing(_way(timedelta(seconds=20))) as way:
        yield way


@pytest.fixture
def hasty() -> Iterator[Web]:
    """The same, which gives a server a moment and no more."""
    with closing(_way(timedelta(seconds=0.3))) as way:
        yield way


def _way(deadline: timedelta) -> Web:
    return Web(allow_private=True, deadline=deadline, max_bytes=1_000_000, sleep=lambda _: None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path / 'digest.sqlite3'}")) as opened:
        yield opened
