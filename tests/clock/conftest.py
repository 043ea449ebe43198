"""A newsletter whose hours can be stepped through: a real store, a real desk, and a clock that a test holds in its hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest import sources
from digest.cli import hours
from digest.cli.house import House
from digest.model import Issue, SlotState
from digest.samples import samples
from digest.settings import Settings
from digest.shelving import bring_in
from digest.store import open_store
from digest.store.subscribers import Newcomer


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(kw_only=True)
class Times:
    """A house, and what its editor was told."""

    house: House
    told: list[tuple[str, str]] = field(default_factory=list)

    def adopt(self, at: str) -> None:
        hours.adopt(self.house, since=utc(at))

    def tick(self, at: str) -> Issue | None:
        return hours.tick(self.house, now=utc(at), tell=lambda subject, text: self.told.append((subject, text)))

    def sweep(self, since: str, until: str, *, every: timedelta = timedelta(minutes=30)) -> list[Issue]:
        """Tick from one instant to another, and return the issues that were made."""
        at, made = utc(since), []
        while at <= utc(until):
            issue = self.tick(at.replace(tzinfo=None).isoformat())
            made += [issue] if issue else []
            at += every
        return made

    def states(self) -> list[tuple[str, SlotState]]:
        """The slots that came, the oldest first."""
        return [(one.slot.key, one.state) for one in self.house.store.slots.last(100)][::-1]

    def fill(self) -> None:
        """All sample threads onto the shelf."""
        for sample in samples():
            bring_in(sources.fetch(str(sample)), store=self.house.store, now=utc("2026-01-01"))


Opened = Callable[..., Times]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store: copying it is quicker than making one."""
    path = tmp_path_factory.mktemp("migrated") / "digest.sqlite3"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def times(tmp_path: Path, migrated: Path) -> Iterator[Opened]:
    """`times()` is a newsletter of Tuesdays at nine with one reader and seven threads; keywords are its settings."""
    with opener(tmp_path, migrated) as open_one:
        yield open_one


@contextmanager
def opener(folder: Path, migrated: Path) -> Iterator[Opened]:
    opened: list[House] = []
    shutil.copyfile(migrated, folder / "digest.sqlite3")

    def open_one(*, filled: bool = True, **settings: object) -> Times:
        values = {
            "digest_from": "digest@example.org",
            "digest_postal_address": "1 Hive Lane, Uppsala",
            "database_url": f"sqlite:///{folder}/digest.sqlite3",
            **settings,
        }
        house = House(env_file=folder / ".env", settings=Settings.model_validate(values))
        opened.append(house)
        made = Times(house=house)
        if filled:
            made.fill()
            house.store.subscribers.import_many(
                [Newcomer(email="ada@example.org", key="ada@example.org")], now=utc("2026-01-01")
            )
        return made

    yield open_one
    for house in opened:
        house.close()
