"""What any test may ask for: a real mail host, a real PostgreSQL. And `--no-skip`, under which a skipped test is a failed one."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from rig import mailhost as rig
from rig import postgres

ROOT = Path(__file__).parent.parent
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skip", action="store_true", help="a skipped test is a failed one (set where every part is installed)"
    )


# Where a single test takes minutes. On several cores they go first, so that no core waits at the end for the last of them.
LONG = ("journeys", "serve", "machines", "web", "clock")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    turns = {folder: turn for turn, folder in enumerate(LONG)}
    items.sort(key=lambda item: turns.get(item.path.relative_to(ROOT).parts[1], len(turns)))


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


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """One PostgreSQL for the whole run. Who wants to stop it starts an own one."""
    if reason := postgres.missing():
        pytest.skip(reason)
    with postgres.cluster() as running:
        yield running


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[postgres.Cluster]:
    """A PostgreSQL that a test may stop; it waits for the disk, so that stopping it loses nothing."""
    if reason := postgres.missing():
        pytest.skip(reason)
    with postgres.cluster(durable=True) as running:
        yield running


@pytest.fixture(scope="session")
def tracked() -> list[str]:
    """The files of the project, as git knows them; a checkout may belong to another user than the tests' root."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True
    )
    if listing.returncode:
        pytest.skip("Not a git checkout: git clone the project to test what it ships")
    return [name for name in listing.stdout.split("\0") if name and (ROOT / name).exists()]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _judged((yield), config=item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _judged((yield), config=collector.config)


def _judged(report: Report, *, config: pytest.Config) -> Report:
    """The report as it is, or under --no-skip a failure for a skip. What fails as expected is no skip."""
    if report.skipped and config.getoption("no_skip") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"nothing may be skipped here: {report.longrepr[2]}"
    return report
