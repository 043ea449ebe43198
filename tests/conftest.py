"""What any test may ask for: a real mail host. And a switch under which nothing may be skipped."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig import mailhost as rig

NO_SKIP = os.environ.get("DIGEST_TEST_NO_SKIP") == "1"


@pytest.fixture(scope="session")
def mailhost() -> Iterator[rig.Mailhost]:
    """Postfix, Dovecot and OpenDKIM, started once for the whole run; see tests/rig/mailhost.py for what it offers."""
    if reason := rig.missing():
        pytest.skip(reason)
    # pytest's own folders are closed to the daemons' users and too deep for their sockets.
    with tempfile.TemporaryDirectory(prefix="mailhost-", dir="/tmp") as folder:
        host = rig.start(Path(folder))
        try:
            yield host
        finally:
            host.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    return _unskipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    return _unskipped((yield))


def _unskipped(report: pytest.TestReport | pytest.CollectReport) -> pytest.TestReport | pytest.CollectReport:
    """A skip is a failure where every part is said to be installed (.ci/run sets the switch)."""
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"nothing may be skipped here: {report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr}"
    return report
