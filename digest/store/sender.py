"""The one sender at a time that a SQLite store allows. The kernel lets go of the lock when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from digest.errors import StoreError


@contextmanager
def sole_sender(database: Path, *, called: str) -> Iterator[None]:
    """Hold the sender's lock beside `database`, `called` so. Raises StoreError (temporary) naming who has it."""
    descriptor = _open(_beside(database))
    try:
        _lock(descriptor, database)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _card(called), 0)
        yield
    finally:
        os.close(descriptor)


def who(database: Path) -> str:
    """Who may be keeping the store busy, as a sentence. A card whose lock nobody holds is a dead sender's."""
    try:
        with _beside(database).open("rb") as file:
            card = json.loads(file.read())
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return (
            f"`{card['called']}` may hold it: process {card['pid']} on {card['host']}, at work since {card['since']}."
        )
    except (OSError, ValueError):
        pass  # no sender has been here yet, or its card is not written yet
    return "An open `sqlite3` shell, a backup or another digest command may hold it."


def _beside(database: Path) -> Path:
    return database.with_name(f"{database.name}-sender")


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"cannot be opened ({error.strerror})", where=str(path), then="Make its folder writable for this user."
        ) from error


def _lock(descriptor: int, database: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StoreError(
            "another sender is at work on this store",
            where=str(database),
            then=f"{who(database)} Let it finish; a `digest serve` sends what is owed by itself, and is to be stopped for an issue between slots.",
            temporary=True,
        ) from error


def _card(called: str) -> bytes:
    """The lock's visiting card. It tells a person whom to look for; nothing is decided by it."""
    since = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return json.dumps({"called": called, "pid": os.getpid(), "host": socket.gethostname(), "since": since}).encode()
