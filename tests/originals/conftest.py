"""A store, a way to a web server of our own, and a small town on it whose threads come and go."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.conftest import OURS, Said
from digest import sources
from digest.cli.main import answer
from digest.model import Shelved
from digest.refreshing import Eyes
from digest.shelving import bring_in
from digest.sources import Web
from digest.sources import web as digest_web
from digest.store import Store, open_store
from originals.town import Town
from sources.site import Site, running

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as server:
        yield server


@pytest.fixture
def town(site: Site) -> Town:
    return Town(site)


@pytest.fixture
def web() -> Iterator[Web]:
    """May go to this machine, as no setting allows; waits for nobody in earnest."""
    with closing(our_web()) as way:
        yield way


def our_web(**more: object) -> Web:
    return Web(**{"allow_private": True, "deadline": timedelta(seconds=2), "sleep": lambda _: None} | more)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store: copying it is quicker than making one."""
    path = tmp_path_factory.mktemp("migrated") / "digest.sqlite3"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def folder(tmp_path: Path, migrated: Path) -> Path:
    """With an empty store in it, where the settings look for it."""
    (tmp_path / "data").mkdir()
    shutil.copyfile(migrated, tmp_path / "data/digest.sqlite3")
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{folder}/data/digest.sqlite3")) as opened:
        yield opened


@pytest.fixture
def eyes(store: Store, web: Web) -> Eyes:
    return Eyes(store=store, web=web)


@pytest.fixture
def take(store: Store, web: Web) -> Callable[..., Shelved]:
    """`take(address)` imports what lies there, a month ago."""

    def import_one(ref: str) -> Shelved:
        return bring_in(sources.fetch(ref, web=web), store=store, now=NOW - timedelta(days=30)).shelved

    return import_one


@pytest.fixture
def digest(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """The command line in an empty folder, which may go to this machine's own web server."""
    import os

    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(digest_web, "Web", our_web)

    def run(*arguments: str) -> Said:
        code = answer([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run
