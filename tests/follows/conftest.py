"""A store, a web server that speaks the services' shapes, and an editor who follows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from digest.store import open_store
from follows.author import Ada, Editor
from sources.site import Site, running


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "digest.sqlite3"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def database(tmp_path: Path, migrated: Path) -> str:
    shutil.copyfile(migrated, tmp_path / "digest.sqlite3")
    return f"sqlite:///{tmp_path}/digest.sqlite3"


@pytest.fixture
def editor(database: str, site: Site) -> Iterator[Editor]:
    with closing(open_store(database)) as store:
        made = Editor(store, site)
        with closing(made.watch.web):
            yield made


@pytest.fixture
def ada(site: Site) -> Ada:
    return Ada(site)
