"""A small newsletter before a server that misbehaves: what a fault leaves behind, in the server's books and in ours."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partialmethod
from pathlib import Path

import pytest

from digest import publishing
from digest.cli.house import House
from digest.cli.main import answer
from digest.cli.postroom import Postroom
from digest.mail.sending.outbox import Timeouts
from digest.model import Membership, State, Tally
from digest.store import Store, open_store
from mail.sending.faulty import Faulty, in_a_thread
from rig.newsletter import Newsletter, laid_out

OURS = ("DIGEST_", "SMTP_", "IMAP_", "DKIM_", "LMTP_", "LLM_", "DATABASE_", "WEB_", "PICK_", "LOG_")
SHORT = Timeouts(connect=5, greeting=5, command=1, data=1, dot=1, block=1, pipeline=1, reconnect=5)
EDITOR = "digest@example.test"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The last line, by which a person learns why it ended so."""
        return self.err.strip().splitlines()[-1]


@dataclass(kw_only=True)
class Trial:
    """A newsletter, the server that it sends to, and the processes that a test started."""

    newsletter: Newsletter
    receiver: Faulty
    file: Path
    capsys: pytest.CaptureFixture[str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def digest(self, *arguments: str) -> Said:
        """A command in this process: quick."""
        code = answer(["--env-file", str(self.newsletter.folder / ".env"), *arguments])
        said = self.capsys.readouterr()
        return Said(code=code, out=said.out, err=said.err)

    def start(self) -> subprocess.Popen[bytes]:
        """A send in a process of its own, to be killed."""
        self.running.append(self.newsletter.start("send", "--yes"))
        return self.running[-1]

    def subscribe(self, readers: list[str]) -> None:
        listed = self.newsletter.folder / "list.csv"
        listed.write_text("email\n" + "\n".join(readers), encoding="utf-8")
        said = self.digest("subscribers", "import", str(listed))
        assert said.code == 0, said

    @contextmanager
    def store(self) -> Iterator[Store]:
        with closing(open_store(f"sqlite:///{self.file}")) as store:
            yield store

    def tally(self) -> Tally:
        with self.store() as store:
            return store.ledger.tally(1)

    def states(self) -> dict[str, State]:
        with self.store() as store:
            return {delivery.email: delivery.state for delivery in store.ledger.deliveries(1)}

    def active(self) -> int:
        with self.store() as store:
            return store.subscribers.count(Membership.ACTIVE)

    def report(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.digest("report", "--json").out)
        return found

    def copies(self) -> Counter[str]:
        """How often each reader's letter was accepted; every copy of it the same to the byte. The editor's are not counted."""
        issues = [letter for letter in self.receiver.accepted if letter.recipient != EDITOR]
        found = Counter(letter.recipient for letter in issues)
        assert len({(letter.recipient, letter.data) for letter in issues}) == len(found)
        return found

    def wait(self, condition: Callable[[], object], *, within: float = 40) -> None:
        end = time.monotonic() + within
        while not condition():
            assert time.monotonic() < end, f"not within {within:g} s"
            time.sleep(0.02)

    def wait_for_progress(self, count: int) -> None:
        self.wait(lambda: len(self.receiver.accepted) >= count)

    def end(self, sender: subprocess.Popen[bytes]) -> Said:
        said, _ = sender.communicate(timeout=40)
        return Said(code=sender.returncode, out="", err=said.decode())

    def is_intact(self) -> bool:
        with closing(sqlite3.connect(self.file)) as store:
            return store.execute("PRAGMA integrity_check").fetchone() == ("ok",)


Founded = Callable[..., Trial]


@pytest.fixture
def receiver() -> Iterator[Faulty]:
    with in_a_thread(Faulty()) as server:
        yield server


@pytest.fixture
def trial(
    receiver: Faulty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Founded]:
    """`trial(readers, SMTP_RATE=9)` founds the newsletter, with one thread on its shelf; `at` is its store's file."""
    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "300")
    founded: list[Trial] = []

    def found(readers: list[str], settings: Mapping[str, object] = {}, *, at: Path | None = None) -> Trial:
        file = at or tmp_path / "data/digest.sqlite3"
        chosen = {
            "DATABASE_URL": f"sqlite:///{file}",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": receiver.port,
            "SMTP_TLS": "none",
        }
        made = Trial(
            newsletter=laid_out(tmp_path, chosen | dict(settings)), receiver=receiver, file=file, capsys=capsys
        )
        founded.append(made)
        assert made.digest("import", str(tmp_path / "bees.md")).code == 0
        made.subscribe(readers)
        return made

    yield found
    for process in (process for made in founded for process in made.running):
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is borne for a second, where RFC 5321 bears it for minutes."""
    monkeypatch.setattr(Postroom, "outbox", partialmethod(Postroom.outbox, timeouts=SHORT))


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of twelve megabytes, outside of pytest's own folders: what a killed run leaves mounted there spoils the
    next. No package brings the right to mount, so a machine without it is expected to fail, not told to install."""
    disk = Path(tempfile.mkdtemp(prefix="small-disk-"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "none", disk], capture_output=True).returncode:
        disk.rmdir()
        pytest.xfail("no right to mount a small disk here")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)
    disk.rmdir()


def some(count: int, *, fault: str = "reader", domain: str = "example.test") -> list[str]:
    return [f"{fault}.{n}@{domain}" for n in range(count)]


def later(made: Trial, *, by: timedelta = timedelta(hours=1)) -> Tally:
    """Deliver once more as if so much time had passed."""
    house = House(env_file=made.newsletter.folder / ".env")
    outbox = house.postroom.outbox(timeouts=SHORT)

    async def run() -> Tally:
        (issue,) = publishing.owed(house.store)
        now = house.time() + by
        round_ = house.round(issue, outbox=outbox, heard=lambda *_: None, stop=asyncio.Event())
        return await publishing.deliver(replace(round_, now=lambda: now))

    try:
        return asyncio.run(run())
    finally:
        house.close()
