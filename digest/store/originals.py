"""What each thread was read from and how it read before: kept with the thread, gone with it. It fetches and reads nothing."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from digest.model import Original, Revision, Sight, Standing, Thread
from digest.store import issues
from digest.store.engine import Database
from digest.store.tables import NEWSLETTER, Instant, origin, raw, revision, thread

RAW_LIMIT = 8 * 1024 * 1024  # bytes: no thread is so long, and half a document cannot be read again
_COMING = (Standing.WAITING, Standing.PINNED, Standing.NOMINATED)


class Originals:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, id: int) -> Original:
        """An empty one for a thread that nobody knows the origin of."""
        with self._database.read() as connection:
            row = connection.execute(_originals().where(origin.c.thread_id == id)).one_or_none()
        return _original(row) if row else Original()

    def all(self) -> Mapping[int, Original]:
        """By the threads' numbers."""
        query = _originals().join(thread, thread.c.id == origin.c.thread_id).where(thread.c.newsletter_id == NEWSLETTER)
        with self._database.read() as connection:
            return {row.thread_id: _original(row) for row in connection.execute(query)}

    def raw(self, id: int) -> bytes | None:
        """What the thread was read from, to the byte; None when it is not kept."""
        query = select(raw.c.data).join(origin, origin.c.raw == raw.c.digest).where(origin.c.thread_id == id)
        with self._database.read() as connection:
            kept = connection.scalar(query)
        return zlib.decompress(kept) if kept is not None else None

    def looked(self, id: int, sight: Sight, *, said: str, at: datetime, hold: bool = False) -> None:
        """Write down what a look brought that left the thread as it is. With `hold` a thread that is to come is held, and an
        issue of it kept back that no letter has left of yet."""
        seen = update(origin).where(origin.c.thread_id == id).values(looked_at=at, sight=sight, said=said)
        gone = func.coalesce(thread.c.gone_at, literal(at, Instant)) if sight is Sight.DELETED else None
        ours = update(thread).where(thread.c.newsletter_id == NEWSLETTER, thread.c.id == id)
        with self._database.write() as connection:
            connection.execute(seen)
            if sight in (Sight.DELETED, Sight.SAME):
                connection.execute(ours.values(gone_at=gone))
            if hold:
                held = {"standing": Standing.HELD, "rank": None}
                connection.execute(ours.where(thread.c.standing.in_(_COMING)).values(held))
                issues.keep_back(connection, id, now=at)

    def revisions(self, id: int) -> Sequence[Revision]:
        """How the thread read before, the newest first."""
        query = select(*revision.c).where(revision.c.thread_id == id).order_by(revision.c.id.desc())
        with self._database.read() as connection:
            return [_revision(row) for row in connection.execute(query)]

    def as_of(self, id: int, at: datetime) -> Thread | None:
        """The thread as it read at that instant; None when it has not changed since."""
        query = (
            select(revision.c.document)
            .where(revision.c.thread_id == id, revision.c.until > at)
            .order_by(revision.c.id)
            .limit(1)
        )
        with self._database.read() as connection:
            found: Thread | None = connection.scalar(query)
        return found

    def forget(self, ids: Sequence[int]) -> None:
        """Keep nothing of what these threads were read from, nor how they read before."""
        with self._database.write() as connection:
            for id in ids:
                forget(connection, id)


# ── within a transaction ──────────────────────────────────────────────────────────────────────────


def keep(connection: Connection, id: int, found: Original, *, data: bytes, now: datetime) -> None:
    """Where a thread was read from now, and what. An address that was known stays where the new origin has none."""
    before = connection.execute(select(origin).where(origin.c.thread_id == id)).one_or_none()
    digest = _keep_raw(connection, data)
    row = {
        "thread_id": id,
        "ref": found.ref,
        "address": found.address or (before.address if before else ""),
        "etag": found.etag,
        "modified": found.modified,
        "raw": digest,
        "read_at": now,
        "looked_at": found.looked_at,
        "sight": found.sight,
        "said": found.said,
    }
    if before is None:
        connection.execute(insert(origin).values(row))
        return
    connection.execute(update(origin).where(origin.c.thread_id == id).values(row))
    if before.raw != digest:
        _drop_raw(connection, before.raw)


def supersede(connection: Connection, id: int, before: Thread, *, changes: Sequence[str], now: datetime) -> None:
    """Keep a thread as it was until now."""
    row = {"thread_id": id, "until": now, "document": before, "changes": list(changes)}
    connection.execute(insert(revision).values(row))


def forget(connection: Connection, id: int) -> None:
    """All of one thread."""
    digest = connection.scalar(select(origin.c.raw).where(origin.c.thread_id == id))
    connection.execute(delete(origin).where(origin.c.thread_id == id))
    connection.execute(delete(revision).where(revision.c.thread_id == id))
    _drop_raw(connection, digest)


def forget_proposer(connection: Connection, reader: int) -> None:
    """What a reader mailed us may say who they are: it goes with them, the thread that was in it stays."""
    theirs = thread.c.nominated_by == reader
    mailed = select(origin.c.thread_id, origin.c.raw).join(thread, thread.c.id == origin.c.thread_id)
    for row in connection.execute(mailed.where(theirs, origin.c.address == "")).all():
        connection.execute(update(origin).where(origin.c.thread_id == row.thread_id).values(raw=None, ref=""))
        _drop_raw(connection, row.raw)
    connection.execute(update(thread).where(theirs).values(nominated_by=None))


def _keep_raw(connection: Connection, data: bytes) -> bytes | None:
    """The digest under which these bytes lie; None for none, and for too many."""
    if not 0 < len(data) <= RAW_LIMIT:
        return None
    digest = hashlib.sha256(data).digest()
    if connection.scalar(select(raw.c.digest).where(raw.c.digest == digest)) is None:
        into = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        row = {"digest": digest, "size": len(data), "data": zlib.compress(data)}
        connection.execute(into(raw).values(row).on_conflict_do_nothing())
    return digest


def _drop_raw(connection: Connection, digest: bytes | None) -> None:
    """Unless another thread was read from the same."""
    used = select(origin.c.thread_id).where(origin.c.raw == digest).exists()
    connection.execute(delete(raw).where(raw.c.digest == digest, ~used))


def _originals() -> Select[*tuple[object, ...]]:
    size = func.coalesce(select(raw.c.size).where(raw.c.digest == origin.c.raw).scalar_subquery(), 0)
    return select(*origin.c, size.label("size"))


def _original(row: Row[*tuple[Any, ...]]) -> Original:
    return Original(
        ref=row.ref,
        address=row.address,
        etag=row.etag,
        modified=row.modified,
        read_at=row.read_at,
        looked_at=row.looked_at,
        sight=Sight(row.sight),
        said=row.said,
        size=row.size,
    )


def _revision(row: Row[*tuple[Any, ...]]) -> Revision:
    return Revision(until=row.until, thread=row.document, changes=tuple(row.changes))
