"""The journeys: a whole newsletter, driven from outside, against the real mail host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from rig.newsletter import Newsletter, found


@pytest.fixture
def newsletter(tmp_path: Path) -> Callable[[Mapping[str, object]], Newsletter]:
    """`newsletter({"SMTP_HOST": …})` founds one in this test's own folder."""
    return partial(found, tmp_path)
