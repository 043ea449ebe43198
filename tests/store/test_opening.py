"""Opening a store: made when missing, upgraded once, and refused in one sentence when something is in the way."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from digest.errors import StoreError
from digest.store import Store, engine, migrations, open_store
from digest.store.tables import metadata
from rig.postgres import Cluster
from store.given import NOW, a_newcomer, a_thread, readers

OPEN = (
    "import sys; from digest.store import open_store; s = open_store(sys.argv[1]); print(s.secret().hex()); s.close()"
)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where nothing is yet, not even the folder."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/digest.sqlite3"
    return str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody wants to wait ten seconds for a lock in a test."""
    hurried = [pragma.replace("10000", "50") for pragma in engine._PRAGMAS]
    monkeypatch.setattr(engine, "_PRAGMAS", hurried)


def _is_ours(_: object, name: str | None, *__: object) -> bool:
    """All but the full-text index, which is each engine's own."""
    return not str(name).startswith("finding") and name not in ("found", "wording_found")


def _differences(url: str) -> list[object]:
    made = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with made.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"include_object": _is_ours}), metadata)
    made.dispose()
    return list(found)


def test_processes_that_start_together_make_one_store_as_the_code_knows_it(empty_url: str) -> None:
    starting = [
        subprocess.Popen([sys.executable, "-c", OPEN, empty_url], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60) for process in starting]
    assert [err.decode() for _, err in said] == [""] * 2
    assert len({out for out, _ in said}) == 1, "one secret, made once"
    assert _differences(empty_url) == []


def test_the_newest_step_is_the_one_that_the_program_knows() -> None:
    steps = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert steps.get_current_head() == migrations.HEAD


def test_a_store_that_is_up_to_date_opens_without_alembic(sqlite_url: str) -> None:
    script = f"{OPEN}; assert 'alembic' not in sys.modules"
    subprocess.run([sys.executable, "-c", script, sqlite_url], check=True, stdout=subprocess.DEVNULL)


def test_the_secret_stays(sqlite_url: str, open_at: Callable[[str], Store]) -> None:
    assert len(open_at(sqlite_url).secret()) == 32
    assert open_at(sqlite_url).secret() == open_at(sqlite_url).secret()


def test_a_sqlite_store_is_durable(sqlite_store: Store) -> None:
    with sqlite_store._database.read() as connection:
        asked = ["journal_mode", "synchronous", "foreign_keys", "secure_delete"]
        assert [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked] == ["wal", 2, 1, 1]


# ── in the way ────────────────────────────────────────────────────────────────────────────────────


def _refused(url: str) -> StoreError:
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert caught.value.then, "a person must know what to do next"
    return caught.value


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("email,name\n" * 200)
    assert "is not a SQLite database" in str(_refused(f"sqlite:///{path}"))
    assert path.read_text() == "email,name\n" * 200


def test_a_damaged_file_is_named(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "digest.sqlite3"
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 8192)
    assert "is damaged" in str(_refused(sqlite_url))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert f"{tmp_path}/file/data" in str(_refused(f"sqlite:///{tmp_path}/file/data/digest.sqlite3"))


@pytest.mark.parametrize("mode", [0o500, 0o400])
def test_a_folder_without_rights_is_named(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=mode)
    assert str(folder) in _as_nobody(tmp_path, f"sqlite:///{folder}/digest.sqlite3")


def test_a_read_only_file_is_named(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "digest.sqlite3").chmod(0o444)
    tmp_path.chmod(0o555)
    write = "s = __import__('digest.store').store.open_store(sys.argv[1]); s.library.set_title(1)"
    assert "read-only" in _as_nobody(tmp_path, sqlite_url, then=write)


def _as_nobody(tmp_path: Path, url: str, *, then: str = "open_store(sys.argv[1])") -> str:
    """What a user without rights is told. Root may write anywhere, so root becomes somebody else first."""
    script = (
        "import os, sys; from digest.errors import StoreError; from digest.store import open_store\n"
        f"if os.geteuid() == 0: os.setuid(65534)\n"
        f"try:\n    {then}\nexcept StoreError as error:\n    print(error)"
    )
    for folder in [tmp_path, *list(tmp_path.parents)[:-1]]:
        if os.geteuid() == 0 and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)
    return subprocess.run([sys.executable, "-c", script, url], capture_output=True, text=True, check=True).stdout


@pytest.mark.usefixtures("impatient")
def test_a_locked_store_says_so_and_that_later_may_be_better(sqlite_store: Store, tmp_path: Path) -> None:
    with _locked(tmp_path / "digest.sqlite3"), pytest.raises(StoreError, match="locked by another program") as caught:
        sqlite_store.subscribers.add(a_newcomer("a"), now=NOW)
    assert caught.value.temporary
    assert sqlite_store.subscribers.add(a_newcomer("a"), now=NOW)[1] == "added"


@pytest.mark.usefixtures("impatient")
def test_a_locked_store_names_the_sender_that_may_hold_it(sqlite_store: Store, tmp_path: Path) -> None:
    locked = _locked(tmp_path / "digest.sqlite3")
    with sqlite_store.sole_sender(), locked, pytest.raises(StoreError, match=f"process {os.getpid()}"):
        sqlite_store.library.set_title(1)


def test_readers_do_not_wait_for_a_writer(sqlite_store: Store, tmp_path: Path) -> None:
    with _locked(tmp_path / "digest.sqlite3"):
        assert sqlite_store.library.shelf() == []


def test_a_full_disk_is_named_and_nothing_is_half_written(sqlite_store: Store, tmp_path: Path) -> None:
    readers(sqlite_store, 50)
    with sqlite_store._database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    with sqlite_store._database.engine.connect().execution_options(begin="") as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")  # this connection goes back to the pool as it is
    with pytest.raises(StoreError, match="the disk is full") as caught:
        sqlite_store.library.add(a_thread(text="x" * 100_000), raw=b"", now=NOW)
    assert caught.value.temporary
    assert sqlite_store.library.shelf() == []


def test_a_store_of_a_newer_program_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "digest.sqlite3")) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        other.commit()
    assert "newer version of this program" in str(_refused(sqlite_url))


@pytest.mark.parametrize("url", ["mysql://host/db", "just words", "sqlite://", "sqlite:///:memory:"])
def test_a_url_of_no_known_kind_is_refused_with_an_example(url: str) -> None:
    assert "sqlite:///path/to/file" in str(_refused(url))


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    error = _refused("postgresql://digest:geheim@127.0.0.1:9/digest")
    assert "127.0.0.1:9" in str(error)
    assert "does not answer" in str(error)
    assert "geheim" not in str(error)
    assert error.temporary


def test_a_refused_password_is_named_and_never_shown(cluster: Cluster) -> None:
    error = _refused(f"postgresql://nobody:geheim@/postgres?host={cluster.folder}")
    assert "refused the name or password" in str(error)
    assert "geheim" not in str(error)


def test_a_database_that_does_not_exist_is_named(cluster: Cluster) -> None:
    assert "has no such database" in str(_refused(cluster.url("nowhere")))


def test_postgresql_without_its_driver_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "pip install 'psycopg[binary]'" in str(_refused("postgresql://localhost/digest"))


# ── one sender ────────────────────────────────────────────────────────────────────────────────────


def test_a_second_sender_is_refused_and_told_who_is_first(sqlite_url: str, open_at: Callable[[str], Store]) -> None:
    with open_at(sqlite_url).sole_sender() as alone:
        assert alone
        with pytest.raises(StoreError, match=f"process {os.getpid()} on ") as caught, open_at(sqlite_url).sole_sender():
            pass
    assert caught.value.temporary
    with open_at(sqlite_url).sole_sender():
        pass


def test_a_sender_that_was_killed_holds_nothing(sqlite_url: str, sqlite_store: Store) -> None:
    script = (
        f"{OPEN.replace('s.close()', 'held = s.sole_sender(); held.__enter__(); print(flush=True); sys.stdin.read()')}"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, sqlite_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    process.stdout.readline()
    process.stdout.readline()
    with pytest.raises(StoreError, match=f"process {process.pid}"), sqlite_store.sole_sender():
        pass
    process.kill()
    process.communicate()
    with sqlite_store.sole_sender():
        pass


def test_senders_on_postgresql_are_not_alone(postgres_url: str, open_at: Callable[[str], Store]) -> None:
    with open_at(postgres_url).sole_sender() as one, open_at(postgres_url).sole_sender() as other:
        assert not one
        assert not other


@pytest.mark.usefixtures("impatient")
def test_a_sender_that_is_done_is_not_suspected(sqlite_store: Store, tmp_path: Path) -> None:
    with sqlite_store.sole_sender():
        pass
    with _locked(tmp_path / "digest.sqlite3"), pytest.raises(StoreError) as caught:
        sqlite_store.library.set_title(1)
    assert "process" not in str(caught.value)
