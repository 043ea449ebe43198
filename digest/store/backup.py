"""A consistent copy of a SQLite store while it is at work. It says inside that it is one, so that it sends nothing by
itself when somebody puts it in the original's place.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from digest.errors import StoreError, UsageError


def backup(source: Path, target: Path, *, now: datetime) -> int:
    """Copy the database at `source` to the new file `target`, readable by its owner alone. Returns its size in bytes.

    Raises UsageError when `target` is there already, StoreError when the copy cannot be made or is not whole: then
    there is no `target`.
    """
    unfinished = target.with_name(f"{target.name}.unfinished")
    if target.exists():
        raise UsageError("is there already", where=str(target), then="Name a new file, or move that one away.")
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
        _copy(source, unfinished, now=now)
        unfinished.rename(target)
    except (OSError, sqlite3.Error) as trouble:
        unfinished.unlink(missing_ok=True)
        reason = getattr(trouble, "strerror", None) or trouble
        raise StoreError(
            f"the backup could not be written ({reason})", where=str(target), then="Choose another place."
        ) from trouble
    return target.stat().st_size


def _copy(source: Path, target: Path, *, now: datetime) -> None:
    """In one read transaction: in WAL mode no writer waits for it, and none can be half in it."""
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
        stopped = f"this store was restored from a backup of {now:%Y-%m-%d %H:%M} UTC"
        new.execute("UPDATE newsletter SET stopped = ?, home = NULL", (stopped,))
        new.commit()
        new.execute("PRAGMA journal_mode = DELETE")
        if new.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("the copy is damaged, so the store may be")
