"""What a database says when it fails, in one sentence for a person. It never repeats a password."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from digest.errors import StoreError

_Said = tuple[str, str, bool]  # what happened, what to do next, whether later may be better

_SQLITE: dict[str, _Said] = {
    "SQLITE_READONLY": ("is read-only", "Make the file and its folder writable for this user.", False),
    "SQLITE_CANTOPEN": ("cannot be opened", "Check that the folder exists and is writable for this user.", False),
    "SQLITE_PERM": ("may not be opened", "Check who owns the file.", False),
    "SQLITE_NOTADB": ("is not a SQLite database", "Move the file away, or name another one in DATABASE_URL.", False),
    "SQLITE_CORRUPT": ("is damaged", "Restore a backup; sqlite3's `.recover` may save what is left.", False),
    "SQLITE_FULL": ("cannot grow: the disk is full", "Free some space and run it again; nothing is lost.", True),
    # The file that its users share in memory cannot be made; for this SQLite does not say SQLITE_FULL.
    "SQLITE_IOERR_SHMSIZE": (
        "cannot be used: the disk is full",
        "Free some space and run it again; nothing is lost.",
        True,
    ),
    "SQLITE_IOERR": ("cannot be read or written: the disk failed", "Check the disk, then run it again.", True),
}
_POSTGRES: dict[str, _Said] = {
    "28": ("refused the name or password", "Check the user and password in DATABASE_URL.", False),
    "3D": ("has no such database", "Make it with `createdb`, or correct DATABASE_URL.", False),
    "42501": (
        "does not let this user do that",
        "Grant it the rights on its database, or let it own the schema.",
        False,
    ),
    "25006": ("is read-only", "Name the primary server in DATABASE_URL, not a standby.", False),
    "53100": ("cannot grow: its disk is full", "Free some space and run it again; nothing is lost.", True),
    "53": ("has no room for one more connection", "Wait, or raise max_connections.", True),
    "25P03": ("ended a transaction in which we had fallen silent", "Run it again; nothing is lost.", True),
    "55P03": ("kept us waiting for a lock", "Look for a long transaction in pg_stat_activity.", True),
    "40": ("met another transaction on the same rows", "Run it again.", True),
}
_GONE: _Said = ("does not answer", "Check that the server runs and that DATABASE_URL names its host and port.", True)
_LOGIN = ("password", "authentication failed", "no pg_hba.conf entry", 'role "')


def sqlite_fault(error: sqlite3.Error, path: str, *, holder: Callable[[], str]) -> StoreError:
    """`error` about the file at `path`; `holder` says who may be keeping it locked."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError(
            "is locked by another program", where=path, then=f"{holder()} Try again then.", temporary=True
        )
    for prefix, (what, then, temporary) in _SQLITE.items():
        if name.startswith(prefix):
            return StoreError(what, where=path, then=then, temporary=temporary)
    return StoreError(f"the database said: {error}", where=path, then="Check the file with `PRAGMA integrity_check`.")


def postgres_fault(error: Exception, name: str) -> StoreError:
    """`error` about the database `name`. A failed connection carries no SQLSTATE, only the server's words (libpq)."""
    state, said = getattr(error, "sqlstate", None) or "", str(error).strip()
    what, then, temporary = _postgres_words(state, said)
    return StoreError(what, where=name, then=then, temporary=temporary)


def _postgres_words(state: str, said: str) -> _Said:
    for prefix in (state, state[:2]):
        if prefix in _POSTGRES:
            return _POSTGRES[prefix]
    if not state and any(word in said for word in _LOGIN):
        return _POSTGRES["28"]
    if not state and "database" in said and "does not exist" in said:
        return _POSTGRES["3D"]
    if not state or state.startswith(("08", "57P")):
        return _GONE
    return f"the database said: {said.splitlines()[0]}", "See the server's log.", False
