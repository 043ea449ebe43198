"""A desk of their own for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.store import Store, open_store
from readers.place import Place, join


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "digest.sqlite3"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def store(tmp_path: Path, migrated: Path) -> Iterator[Store]:
    shutil.copyfile(migrated, tmp_path / "digest.sqlite3")
    opened = open_store(f"sqlite:///{tmp_path}/digest.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def place(store: Store) -> Place:
    return Place(store)


@pytest.fixture
def ada(place: Place) -> Place:
    """Where Ada is a reader, and the letters that made her one are gone."""
    join(place)
    return place
