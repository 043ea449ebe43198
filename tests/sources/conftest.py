"""What the tests of the sources stand on: a web server of their own, and the way to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from digest.sources import Web
from sources.site import Site, running


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as server:
        yield server


@pytest.fixture
def web() -> Iterator[Web]:
    """May go to this machine, as no setting allows; waits for nobody in earnest."""
    with closing(Web(allow_private=True, deadline=timedelta(seconds=5), sleep=lambda _: None)) as way:
        yield way
