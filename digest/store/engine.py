"""Opens the database and sees to it that a failure reaches the house as a StoreError. It knows no table."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import ArgumentError, IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, PoolResetState

from digest.errors import StoreError
from digest.store.faults import postgres_fault, sqlite_fault
from digest.store.sender import who

PATIENCE = 30.0  # seconds in which a database server that was restarted should be back
# A machine that hangs in the middle of a transaction holds its locks; after so many seconds the server throws it out.
IDLE_LIMIT = 20.0
LOCK_WAIT = 10.0  # seconds; longer than any transaction of ours but a fan-out on a slow disk
# Deleted bytes are overwritten (secure_delete), so that an erased address is gone from the file too.
_PRAGMAS = (
    f"PRAGMA busy_timeout = {LOCK_WAIT * 1000:.0f}",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)


T = TypeVar("T")
C = TypeVar("C")
Fault = Callable[[Any], StoreError]  # what a failure of the driver is called in the house


class Database:
    """An engine, and the two ways to use it."""

    def __init__(self, engine: Engine, *, name: str, path: Path | None, fault: Fault) -> None:
        self.engine = engine
        self._fault = fault
        self._ear: Connection | None = None
        self._hush = Lock()
        self._kept: list[PoolProxiedConnection] = []  # for `by_hand`; as many as ever wrote at once
        self._alone: list[PoolProxiedConnection] = []  # the same for `at_once`
        _translate(engine, fault)
        self.name = name  # for people; without a password
        self.path = path  # of the SQLite file; None on PostgreSQL

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view. On SQLite it waits for no writer, and no writer waits for it."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: durable when the block ends, undone when it raises."""
        with self.engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection, connection.begin():
            yield connection

    @contextmanager
    def by_hand(self) -> Iterator[DBAPICursor]:
        """`write` without SQLAlchemy between: for `script`s, a thousand times a second.

        The connection is kept for the next time. Asking it each time whether it lives, as the pool does, is a round trip
        on PostgreSQL; a dead one is thrown away when it fails, and `insist_by_hand` begins again.
        """
        driver = self.engine.dialect.loaded_dbapi
        try:
            held = self._kept.pop() if self._kept else self.engine.raw_connection()
            try:
                cursor = held.cursor()
                if self.path:
                    cursor.execute("BEGIN IMMEDIATE")
                yield cursor
                held.commit()
            except BaseException:
                held.invalidate()  # whatever was begun ends with it
                raise
            self._kept.append(held)
        except driver.Error as error:
            if isinstance(error, driver.IntegrityError):
                raise
            raise self._fault(error) from error

    @contextmanager
    def at_once(self) -> Iterator[DBAPICursor]:
        """On a server, a cursor of which each statement is a transaction: it begins and commits without a round trip of its
        own. The connection is kept as in `by_hand`."""
        driver = self.engine.dialect.loaded_dbapi
        try:
            held = self._alone.pop() if self._alone else self._on_its_own()
            try:
                yield held.cursor()
            except BaseException:
                held.invalidate()
                raise
            self._alone.append(held)
        except driver.Error as error:
            if isinstance(error, driver.IntegrityError):
                raise
            raise self._fault(error) from error

    def _on_its_own(self) -> PoolProxiedConnection:
        """Planning anew, for what is told this time, took the server longer than to do it."""
        held = self.engine.raw_connection()
        held.driver_connection.set_autocommit(True)  # type: ignore[union-attr]
        held.cursor().execute("SET plan_cache_mode = force_generic_plan", ())
        return held

    def insist(self, step: Callable[[Connection], T]) -> T:
        """Do `step` in a transaction; while a server is away, or in the way, again. It may happen twice, since a commit
        can succeed and its answer be lost: only for steps that then find nothing left to do. Raises StoreError."""
        return self._insist(self.write, step)

    def insist_on_reading(self, step: Callable[[Connection], T]) -> T:
        """`insist`, for a step that only reads."""
        return self._insist(self.read, step)

    def insist_by_hand(self, step: Callable[[DBAPICursor], T]) -> T:
        """`insist`, for a step that needs no SQLAlchemy."""
        return self._insist(self.by_hand, step)

    def insist_at_once(self, step: Callable[[DBAPICursor], T]) -> T:
        """`insist`, for a step that is one statement, on a server."""
        return self._insist(self.at_once, step)

    def _insist(self, transaction: Callable[[], AbstractContextManager[C]], step: Callable[[C], T]) -> T:
        until = 0.0
        while True:
            try:
                with transaction() as connection:
                    return step(connection)
            except StoreError as trouble:
                until = until or time.monotonic() + PATIENCE  # from the first trouble: we ourselves may have slept long
                if self.path or not trouble.temporary or time.monotonic() > until:
                    raise
            time.sleep(0.25)

    def pulse(self) -> object:
        """Another value after anybody wrote, and sometimes without; cheap enough to be asked for all the time."""
        if self.path:
            return self._listen()
        with self.read() as connection:
            counted = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables"
            return connection.exec_driver_sql(
                f"{counted} WHERE relname IN ('thread', 'issue', 'illustration')"
            ).scalar()

    def _listen(self) -> object:
        """SQLite's own count, on a connection that does nothing else: https://sqlite.org/pragma.html#pragma_data_version.

        The files' times will not do. They change when a transaction is written, which is before anybody can read it:
        who looks in between sees the old state, and nothing changes after that.
        """
        with self._hush:
            if self._ear is None:
                self._ear = self.engine.connect().execution_options(begin="")
            return self._ear.exec_driver_sql("PRAGMA data_version").scalar()

    def close(self) -> None:
        if self._ear:
            self._ear.close()
            self._ear = None
        for held in (*self._kept, *self._alone):
            held.close()
        self._kept, self._alone = [], []
        self.engine.dispose()

    def scrub(self) -> None:
        """Leave no trace on the disk of what was deleted. PostgreSQL's own vacuum does that there, in its own time."""
        self._pragma("wal_checkpoint(TRUNCATE)")

    def keep_a_write_ahead_log(self) -> None:
        """Readers and the writer do not wait for each other (WAL). The file remembers it."""
        self._pragma("journal_mode = WAL")

    def _pragma(self, pragma: str) -> None:
        """For SQLite alone, and outside any transaction."""
        if self.path:
            with self.engine.connect().execution_options(begin="") as connection:
                connection.exec_driver_sql(f"PRAGMA {pragma}")


def connect(url: str) -> Database:
    """The database that `url` names: `sqlite:///path` or `postgresql://user:password@host/name`. Raises StoreError."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _unknown("DATABASE_URL is not a URL") from error
    kind = parsed.drivername.partition("+")[0]
    if kind == "sqlite":
        return _sqlite(parsed)
    if kind in ("postgresql", "postgres"):
        return _postgres(parsed)
    raise _unknown(f"this program knows no database called {kind}")


def is_made(url: str) -> bool:
    """Whether a store lies at `url` already. Nobody knows that of a server before it is asked: True."""
    parsed = make_url(url)
    return not parsed.drivername.startswith("sqlite") or Path(parsed.database or "").exists()


def _unknown(what: str) -> StoreError:
    return StoreError(what, then="Write sqlite:///path/to/file or postgresql://user:password@host/name.")


# ── SQLite ────────────────────────────────────────────────────────────────────────────────────────


def _sqlite(url: URL) -> Database:
    if not url.database or url.database == ":memory:":
        raise _unknown("DATABASE_URL names no file")
    path = Path(url.database).absolute()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # addresses, and the secret of the links
    except OSError as error:
        raise StoreError(
            f"the folder cannot be made ({error.strerror})",
            where=str(path.parent),
            then="Make it yourself, or name another place in DATABASE_URL.",
        ) from error
    engine = create_engine(url.set(drivername="sqlite", database=str(path)), json_serializer=_json)
    event.listen(engine, "connect", _settle)
    event.listen(engine, "begin", _begin)
    return Database(
        engine,
        name=str(path),
        path=path,
        fault=lambda error: sqlite_fault(error, str(path), holder=lambda: who(path)),
    )


def _settle(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin by itself, and never IMMEDIATE
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    """A writer takes the lock at once: one that reads first and writes later is refused without a wait."""
    begin = connection.get_execution_options().get("begin", "BEGIN")
    if begin:
        connection.exec_driver_sql(begin)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# ── PostgreSQL ────────────────────────────────────────────────────────────────────────────────────


def _postgres(url: URL) -> Database:
    name = url.render_as_string(hide_password=True)
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            json_serializer=_json,
            pool_pre_ping=True,
            pool_reset_on_return=None,  # `_clear` does it
            connect_args={"connect_timeout": int(LOCK_WAIT)},
        )
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs one more part", where=name, then="pip install 'psycopg[binary]'") from error
    event.listen(engine, "connect", _limit)
    event.listen(engine, "reset", _clear)
    return Database(engine, name=name, path=None, fault=lambda error: postgres_fault(error, name))


def _limit(connection: Any, _record: object) -> None:
    connection.execute(f"SET idle_in_transaction_session_timeout = {IDLE_LIMIT * 1000:.0f}")
    connection.commit()


def _clear(connection: Any, record: ConnectionPoolEntry, state: PoolResetState) -> None:
    """Undo what was begun on a connection that comes back to the pool. One that cannot is dead and is thrown away: the
    pool itself would log a traceback about it, and whoever used it has heard already."""
    if state.transaction_was_reset:
        return
    try:
        connection.rollback()
    except Exception as dead:  # the driver's, which only who has PostgreSQL can import
        record.invalidate(dead)


# ── both ──────────────────────────────────────────────────────────────────────────────────────────


def _translate(engine: Engine, put: Fault) -> None:
    """Every failure of the driver, wherever it happens, becomes what `put` makes of it.

    A broken constraint stays as it is: that is a mistake of this program, not of its surroundings.
    """

    def translate(context: ExceptionContext) -> None:
        if not isinstance(context.sqlalchemy_exception, IntegrityError | None) or context.is_disconnect:
            raise put(context.original_exception) from context.original_exception

    event.listen(engine, "handle_error", translate)
