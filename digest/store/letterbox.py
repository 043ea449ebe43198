"""Single letters that wait to go out, and the mails that nobody could read. It sends nothing and reads no mail.

A note is kept in the transaction of the act that caused it, so neither is there without the other. Every step raises
its `version`, and only who saw the last one may take the next. What was accepted is deleted: nothing of it is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, case, delete, func, insert, literal, select, update

from digest.model import Letter, Outcome, State
from digest.store.engine import Database
from digest.store.policy import UNTRIED, Policy, fate
from digest.store.tables import NEWSLETTER, Instant, act, asking, note, quarantine
from digest.text import one_line

REPLY_LIMIT = 500  # characters of a server's answer that are kept
# An act is remembered for as long as a mail may come twice, an asking as long as a cap looks back, a note that failed
# as long as somebody may ask for it.
_KEPT = ((act, timedelta(days=180)), (asking, timedelta(days=31)))
_FAILED_KEPT = timedelta(days=30)
# Whoever sends us rubbish must not fill the disk: of each mail the beginning, of all the newest, for some months.
ASIDE_MAILS, ASIDE_BYTES, ASIDE_KEPT = 500, 100 * 1024 * 1024, timedelta(days=90)
_BEGINNING = 1024 * 1024
_FAILED = (int(State.REFUSED), int(State.UNCERTAIN), int(State.EXPIRED))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held:
    """A note in our hand: nobody else may send it while `version` stands."""

    id: int
    letter: Letter
    attempts: int
    doubts: int
    doubtful: bool
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A note that did not get through, and the server's last word on it."""

    kind: str
    recipient: str
    at: datetime
    state: State
    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A mail that nobody could read, its first megabyte, and why. `id` counts all that ever were, from 1."""

    id: int
    at: datetime
    why: str
    raw: bytes


class Letterbox:
    """Every method is one transaction, durable when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ── notes ─────────────────────────────────────────────────────────────────────────────────────

    def put(self, kind: str, letter: Letter, *, now: datetime) -> None:
        """A note that no act caused: a proof, a report. The same letter twice is one."""
        with self._database.write() as connection:
            if connection.scalar(select(note.c.id).where(note.c.message_id == letter.message_id)) is None:
                post(connection, kind, letter, now=now)

    def take(self, *, now: datetime, policy: Policy) -> Held | None:
        """The note that is due longest, ours for `policy.lease` and written down as under way; None when none is due.

        What a sender had in hand that has fallen silent is due again: it may have arrived, so it is in doubt.
        """

        def step(connection: Connection) -> Held | None:
            _take_over(connection, now, policy)
            due = select(note).where(note.c.newsletter_id == NEWSLETTER, note.c.due_at <= now)
            row = connection.execute(
                due.order_by(note.c.due_at, note.c.id).limit(1).with_for_update(skip_locked=True)
            ).one_or_none()
            if row is None:
                return None
            started = {"state": int(State.SENDING), "due_at": None, "lease_until": now + policy.lease}
            counted = {"version": row.version + 1, "attempts": row.attempts + 1}
            connection.execute(update(note).where(note.c.id == row.id).values(started | counted))
            return _held(row)

        return self._database.insist(step)

    def keep(self, held: Held, *, now: datetime, policy: Policy) -> None:
        """We are alive: this note stays ours for another `policy.lease`."""

        def step(connection: Connection) -> None:
            connection.execute(update(note).where(*_ours(held)).values(lease_until=now + policy.lease))

        self._database.insist(step)

    def settle(self, held: Held, outcome: Outcome, *, now: datetime, policy: Policy) -> State:
        """Write down the answer, unless another sender took the note over meanwhile. Says where it stands now."""
        untried = outcome.phase in UNTRIED
        attempts = held.attempts if untried else held.attempts + 1
        end = fate(outcome, attempts=attempts, doubts=held.doubts, doubtful=held.doubtful, now=now, policy=policy)

        def step(connection: Connection) -> None:
            if end.state is State.ACCEPTED:
                connection.execute(delete(note).where(*_ours(held)))
                return
            left = {"state": int(end.state), "attempts": attempts, "doubts": end.doubts, "due_at": end.due_at}
            said = {"reply": one_line(outcome.reply)[:REPLY_LIMIT], "lease_until": None, "version": held.version + 1}
            over = {} if end.due_at else {"settled_at": now, "data": b""}
            connection.execute(update(note).where(*_ours(held)).values(left | said | over))

        self._database.insist(step)
        return end.state

    def waiting(self) -> int:
        """How many notes have still to go."""
        query = select(func.count()).where(note.c.newsletter_id == NEWSLETTER, note.c.state.not_in(_FAILED))
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def next_due(self) -> datetime | None:
        """When the next note may go; None when none waits."""
        query = select(func.min(func.coalesce(note.c.due_at, note.c.lease_until), type_=Instant))
        with self._database.read() as connection:
            earliest: datetime | None = connection.execute(query.where(note.c.state.not_in(_FAILED))).scalar_one()
        return earliest

    def failed(self) -> Sequence[Failed]:
        """The notes that did not get through, oldest first."""
        query = select(note).where(note.c.newsletter_id == NEWSLETTER, note.c.state.in_(_FAILED)).order_by(note.c.id)
        with self._database.read() as connection:
            return [
                Failed(kind=r.kind, recipient=r.recipient, at=r.settled_at, state=State(r.state), reply=r.reply)
                for r in connection.execute(query)
            ]

    def tidy(self, *, now: datetime) -> None:
        """Forget what nobody will ask for any more."""
        with self._database.write() as connection:
            for table, kept in _KEPT:
                connection.execute(delete(table).where(table.c.at < now - kept))
            connection.execute(delete(note).where(note.c.settled_at < now - _FAILED_KEPT))
            connection.execute(delete(quarantine).where(quarantine.c.at < now - ASIDE_KEPT))

    # ── mails that nobody could read ──────────────────────────────────────────────────────────────

    def set_aside(self, raw: bytes, *, why: str, now: datetime) -> None:
        with self._database.write() as connection:
            set_aside(connection, raw, why=why, now=now)

    def set_aside_mails(self) -> Sequence[SetAside]:
        """All that was set aside and is still kept, oldest first."""
        query = select(quarantine).where(quarantine.c.newsletter_id == NEWSLETTER).order_by(quarantine.c.id)
        with self._database.read() as connection:
            return [SetAside(id=r.id, at=r.at, why=r.why, raw=r.raw) for r in connection.execute(query)]


def post(connection: Connection, kind: str, letter: Letter, *, now: datetime) -> None:
    """Keep a note, due at once, in a transaction that is under way."""
    values = {
        "newsletter_id": NEWSLETTER,
        "kind": kind,
        "sender": letter.sender,
        "recipient": letter.recipient,
        "message_id": letter.message_id,
        "data": letter.data,
        "state": int(State.PENDING),
        "made_at": now,
        "due_at": now,
    }
    connection.execute(insert(note).values(values))


def set_aside(connection: Connection, raw: bytes, *, why: str, now: datetime) -> None:
    """Keep a mail that nobody could read, in a transaction that is under way; the oldest make room for it."""
    values = {"newsletter_id": NEWSLETTER, "at": now, "why": one_line(why)[:REPLY_LIMIT], "raw": raw[:_BEGINNING]}
    connection.execute(insert(quarantine).values(values))
    ours = quarantine.c.newsletter_id == NEWSLETTER
    sizes = select(quarantine.c.id, func.length(quarantine.c.raw)).where(ours).order_by(quarantine.c.id.desc())
    count = total = 0
    for id, size in connection.execute(sizes):
        count, total = count + 1, total + size
        if count > ASIDE_MAILS or total > ASIDE_BYTES:
            connection.execute(delete(quarantine).where(ours, quarantine.c.id <= id))
            return


def _take_over(connection: Connection, now: datetime, policy: Policy) -> None:
    """As for an issue's letters: what killed ten senders is not tried again."""
    last = note.c.attempts >= policy.crashes
    doubted = {
        "state": case((last, int(State.UNCERTAIN)), else_=int(State.DOUBTFUL)),
        "due_at": case((last, literal(None, Instant)), else_=literal(now, Instant)),
        "settled_at": case((last, literal(now, Instant)), else_=literal(None, Instant)),
        "lease_until": None,
        "version": note.c.version + 1,
    }
    connection.execute(update(note).where(note.c.lease_until <= now).values(doubted))


def _held(row: Row[*tuple[Any, ...]]) -> Held:
    letter = Letter(sender=row.sender, recipient=row.recipient, message_id=row.message_id, parts=(bytes(row.data),))
    return Held(
        id=row.id,
        letter=letter,
        attempts=row.attempts,
        doubts=row.doubts,
        doubtful=row.state == State.DOUBTFUL,
        version=row.version + 1,
    )


def _ours(held: Held) -> tuple[Any, ...]:
    return note.c.id == held.id, note.c.version == held.version
