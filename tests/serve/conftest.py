"""`digest serve` as a process, with a wall clock that a test sets and a receiver that keeps count."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest import sources
from digest.model import Appointment
from digest.shelving import bring_in
from digest.store import Store, open_store
from digest.store.subscribers import Newcomer
from mail.sending.faulty import Faulty
from rig import wallclock
from rig.daemons import free_ports, wait_until
from rig.newsletter import THREAD, Newsletter
from rig.wallclock import Wallclock

READERS = 24
SLOT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PATIENCE = 60.0  # seconds, on a machine with much else to do


@dataclass(kw_only=True)
class Office:
    """A newsletter, its clock, its receiver, and the daemons that were started for it."""

    newsletter: Newsletter
    clock: Wallclock
    receiver: Faulty
    url: str
    port: int
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        self.running.append(self.newsletter.start(*arguments or ["serve"], environment=self.clock.environment))
        return self.running[-1]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command that goes by this clock, to its end."""
        process = self.start(*arguments)
        out, _ = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(arguments, process.returncode, out.decode())

    def end(self, process: subprocess.Popen[bytes]) -> str:
        """Ask it to stop, and return what it said."""
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said.decode()
        return said.decode()

    def store(self) -> Store:
        return open_store(self.url)

    def slots(self) -> list[Appointment]:
        """What came, the oldest first."""
        store = self.store()
        try:
            return [*store.slots.last(100)][::-1]
        finally:
            store.close()

    def arrived(self) -> Counter[str]:
        return Counter(letter.recipient for letter in self.receiver.accepted)

    def wait_for_letters(self, count: int) -> None:
        wait_until(lambda: len(self.receiver.accepted) >= count, what=f"{count} letters", within=PATIENCE)

    def get(self, path: str) -> tuple[int, str]:
        """Status and body; 0 while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError:
            return 0, ""

    def wait_until_settled(self) -> None:
        """Until the issue was made and owes nothing that anybody would still send."""

        def settled() -> bool:
            store = self.store()
            try:
                return store.issues.newest() is not None and not store.issues.unfinished()
            finally:
                store.close()

        wait_until(settled, what="an issue that owes nothing", within=3 * PATIENCE)

    def wait_until_up(self) -> None:
        wait_until(lambda: self.get("/healthz")[0] == 200, what="an answer of 200", within=PATIENCE)


@pytest.fixture
def receiver() -> Iterator[Faulty]:
    """It runs in a thread of its own, so that a test can look on while letters come in."""
    server, loop = Faulty(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
    yield server
    asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="session")
def wallclock_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if reason := wallclock.missing():
        pytest.skip(reason)
    return wallclock.build(tmp_path_factory.mktemp("wallclock"))


@pytest.fixture
def office(tmp_path: Path, receiver: Faulty, wallclock_library: Path) -> Iterator[Office]:
    """Tuesdays at nine, 24 readers, a SQLite store; its clock is the machine's until it is set."""
    with opened(tmp_path, receiver, wallclock_library, {}) as made:
        yield made


@contextmanager
def opened(folder: Path, receiver: Faulty, library: Path, settings: Mapping[str, object]) -> Iterator[Office]:
    """A newsletter with these settings over sensible ones; its schedule has been gone by since the hour before the slot."""
    (port,) = free_ports(1)
    values = {
        "DATABASE_URL": f"sqlite:///{folder}/data/digest.sqlite3",
        "DIGEST_FROM": "digest@example.test",
        "DIGEST_POSTAL_ADDRESS": "1 Hive Lane, Uppsala",
        "DIGEST_SCHEDULE": "0 9 * * 2",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": receiver.port,
        "SMTP_TLS": "none",
        "SMTP_DOUBT": "hold",
        "WEB_LISTEN": f"127.0.0.1:{port}",
        "WEB_METRICS": "on",
        "DIGEST_REPORT": "off",
    } | dict(settings)
    made = Newsletter(folder=folder)
    made.settings(values)
    _fill(str(values["DATABASE_URL"]), schedule=f"{values['DIGEST_SCHEDULE']} UTC", folder=folder)
    office = Office(
        newsletter=made,
        clock=Wallclock(library=library, file=folder / "ahead"),
        receiver=receiver,
        url=str(values["DATABASE_URL"]),
        port=port,
    )
    try:
        yield office
    finally:
        for process in office.running:
            if process.poll() is None:
                process.kill()
                process.communicate()


def _fill(url: str, *, schedule: str, folder: Path) -> None:
    store, since = open_store(url), SLOT - timedelta(hours=1)
    page = folder / "bees.md"
    page.write_text(THREAD, encoding="utf-8")
    bring_in(sources.fetch(str(page)), store=store, now=since)
    names = [f"reader{n}@example.test" for n in range(READERS)]
    store.subscribers.import_many([Newcomer(email=name, key=name) for name in names], now=since)
    store.slots.adopt(schedule, since=since)
    store.close()
