"""A store of each kind: a SQLite file, and a database in a private PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from digest.store import Store, open_store
from digest.store.tables import metadata
from rig.postgres import Cluster


@pytest.fixture
def empty_postgres_url(cluster: Cluster) -> str:
    """A database with nothing in it, for one test."""
    return cluster.database()


@pytest.fixture(scope="session")
def migrated_postgres_url(cluster: Cluster) -> str:
    url = cluster.database()
    open_store(url).close()
    return url


@pytest.fixture
def postgres_url(migrated_postgres_url: str) -> str:
    """The cluster's one store, emptied: a database for each test would take ten times as long."""
    engine = create_engine(migrated_postgres_url.replace("postgresql:", "postgresql+psycopg:"))
    names = ", ".join(table.name for table in metadata.sorted_tables if table.name != "newsletter")
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    engine.dispose()
    return migrated_postgres_url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "digest.sqlite3"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    path = tmp_path / "digest.sqlite3"
    shutil.copyfile(migrated_file, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """Both kinds, one after the other: what is asked of one is asked of the other."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def open_at() -> Iterator[Callable[[str], Store]]:
    """Opens stores, and closes them when the test is over."""
    opened: list[Store] = []

    def open_one(url: str) -> Store:
        opened.append(open_store(url))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def store(url: str, open_at: Callable[[str], Store]) -> Store:
    return open_at(url)


@pytest.fixture
def sqlite_store(sqlite_url: str, open_at: Callable[[str], Store]) -> Store:
    return open_at(sqlite_url)
