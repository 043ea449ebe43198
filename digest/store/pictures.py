"""The pictures of the threads: each kept once, whoever shows it, and gone with the last thread that does. It looks at none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, literal, select, update

from digest.model import Picture
from digest.store.engine import Database
from digest.store.tables import illustration, picture, thread

_FACTS = (picture.c.digest, picture.c.kind, picture.c.width, picture.c.height, picture.c.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Illustration:
    """What became of a picture that a thread names: it is kept, or `why` it is not, whether for good (`lasting`), and
    when it was asked for."""

    picture: Picture | None
    why: str
    lasting: bool
    at: datetime


class Pictures:
    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, thread_id: int) -> Mapping[str, Illustration]:
        """What is known of a thread's pictures, by the address or path that names each in it. Reads no bytes."""
        query = (
            select(illustration, *_FACTS[1:])
            .outerjoin(picture, picture.c.digest == illustration.c.digest)
            .where(illustration.c.thread_id == thread_id)
        )
        with self._database.read() as connection:
            return {row.still: _illustration(row) for row in connection.execute(query)}

    def keep(self, thread_id: int, still: str, found: Picture, data: bytes, *, now: datetime) -> None:
        """The picture that the thread names so. One that is here already, of whatever thread, is not kept twice."""
        values = {"digest": found.digest, "kind": found.kind, "width": found.width, "height": found.height}
        with self._database.write() as connection:
            hold(connection)
            if not connection.scalar(select(literal(1)).where(picture.c.digest == found.digest)):
                connection.execute(insert(picture).values(values | {"size": found.size, "data": data}))
            _link(connection, thread_id, still, {"digest": found.digest, "why": "", "lasting": 0, "at": now})

    def miss(self, thread_id: int, still: str, *, why: str, lasting: bool, now: datetime) -> None:
        """The picture could not be had. One that was had before stays."""
        with self._database.write() as connection:
            kept = select(illustration.c.digest).where(
                illustration.c.thread_id == thread_id, illustration.c.still == still
            )
            if connection.scalar(kept) is None:
                _link(connection, thread_id, still, {"why": why, "lasting": int(lasting), "at": now})

    def retain(self, thread_id: int, stills: Collection[str]) -> None:
        """Let go of what the thread names no more."""
        gone = [still for still in self.of(thread_id) if still not in stills]
        if gone:
            with self._database.write() as connection:
                _drop(connection, illustration.c.thread_id == thread_id, illustration.c.still.in_(gone))

    def forget(self, thread_ids: Sequence[int]) -> None:
        """All pictures of these threads, but for those that others show too."""
        with self._database.write() as connection:
            for thread_id in thread_ids:
                forget(connection, thread_id)

    def data(self, digest: str) -> tuple[Picture, bytes] | None:
        """A picture with its bytes; None when there is none of that name, or no more."""
        with self._database.read() as connection:
            row = connection.execute(select(*_FACTS, picture.c.data).where(picture.c.digest == digest)).one_or_none()
        return (_picture(row), bytes(row.data)) if row else None

    def weight(self) -> tuple[int, int]:
        """How many pictures there are, and their bytes together."""
        with self._database.read() as connection:
            count, size = connection.execute(select(func.count(), func.coalesce(func.sum(picture.c.size), 0))).one()
        return count, int(size)


def forget(connection: Connection, thread_id: int) -> None:
    """All pictures of one thread, but for those that others show too, in a transaction that is under way."""
    _drop(connection, illustration.c.thread_id == thread_id)


def hold(connection: Connection) -> None:
    """Two who keep the same picture, or keep one while another lets it go, take turns."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE picture IN SHARE ROW EXCLUSIVE MODE")


def _link(connection: Connection, thread_id: int, still: str, values: Mapping[str, object]) -> None:
    _drop(connection, illustration.c.thread_id == thread_id, illustration.c.still == still, but=values.get("digest"))
    connection.execute(insert(illustration).values(thread_id=thread_id, still=still, **values))
    # Any update stamps the thread as touched, so that who shows it hears of its pictures.
    connection.execute(update(thread).where(thread.c.id == thread_id).values(rank=thread.c.rank))


def _drop(connection: Connection, *which: Any, but: object = None) -> None:
    """Some illustrations, and with them each picture (`but` one) that no thread shows any more."""
    hold(connection)
    dropped = connection.execute(delete(illustration).where(*which).returning(illustration.c.digest))
    loose = {digest for digest in dropped.scalars() if digest not in (None, but)}
    shown = select(illustration.c.digest).where(illustration.c.digest.in_(loose))
    if loose:
        connection.execute(delete(picture).where(picture.c.digest.in_(loose), picture.c.digest.not_in(shown)))


def _illustration(row: Any) -> Illustration:
    found = _picture(row) if row.kind else None
    return Illustration(picture=found, why=row.why, lasting=bool(row.lasting), at=row.at)


def _picture(row: Any) -> Picture:
    return Picture(digest=row.digest, kind=row.kind, width=row.width, height=row.height, size=row.size)
