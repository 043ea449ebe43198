"""The slots of the clock and what was decided at each. A slot is a row, claimed in a transaction: whatever wakes twice,
on however many machines, decides it once. It computes no slot and makes no issue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, Select, Update, delete, insert, select, update

from digest.errors import UsageError
from digest.model import Appointment, Slot, SlotState
from digest.store.engine import Database
from digest.store.tables import NEWSLETTER, newsletter
from digest.store.tables import slot as table

OPEN = (SlotState.AWAITING, SlotState.DUE, SlotState.HELD)


class Slots:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ── how far the clock has come ────────────────────────────────────────────────────────────────

    def adopt(self, schedule: str, *, since: datetime) -> str | None:
        """Go by this schedule (line and zone) from `since` on, unless we do already. Returns the one before, "" for none,
        None when nothing changed. What was foreseen by the other schedule and has not come yet is forgotten.
        """

        def step(connection: Connection) -> str | None:
            before = _locked(connection)
            if before.schedule == schedule:
                return None
            ahead = table.c.state == SlotState.AWAITING, table.c.at > since
            connection.execute(delete(table).where(table.c.newsletter_id == NEWSLETTER, *ahead))
            _note(connection, {"schedule": schedule, "checked_at": since})
            return before.schedule or ""

        return self._database.insist(step)

    def checked(self, schedule: str) -> datetime:
        """Up to when the slots of this schedule were looked at. Raises UsageError when another one was adopted since."""
        with self._database.read() as connection:
            row = connection.execute(_newsletter()).one()
        if row.schedule != schedule or row.checked_at is None:
            raise UsageError(
                f"another `digest` on this store goes by “{row.schedule}”, this one by “{schedule}”",
                where="DIGEST_SCHEDULE",
                then="Give both the same DIGEST_SCHEDULE and DIGEST_TIMEZONE, and start them again.",
            )
        at: datetime = row.checked_at
        return at

    def come(self, arrivals: Sequence[Appointment], *, now: datetime) -> Sequence[Appointment]:
        """Write down what came up to `now`, in one transaction; a slot that was decided already stays as it is. Returns
        what was new.

        A clock that was set back forgets what it missed in a future that is to come again: only that, since an issue
        made then was made.
        """

        def step(connection: Connection) -> Sequence[Appointment]:
            _locked(connection)
            unreal = table.c.state == SlotState.MISSED, table.c.at > now
            connection.execute(delete(table).where(table.c.newsletter_id == NEWSLETTER, *unreal))
            _note(connection, {"checked_at": now})
            return [one for one in arrivals if _arrive(connection, one, now=now)]

        return self._database.insist(step)

    def go_on(self, *, now: datetime) -> None:
        """Count from `now` on: what came before is not looked at any more."""
        self._database.insist(lambda connection: _note(connection, {"checked_at": now}))

    # ── one slot ──────────────────────────────────────────────────────────────────────────────────

    def foresee(self, slot: Slot, *, now: datetime) -> bool:
        """Open a slot that is still to come, for the editor to decide about. False when somebody did before."""

        def step(connection: Connection) -> bool:
            _locked(connection)
            return _insert(connection, Appointment(slot=slot, state=SlotState.AWAITING), now=now)

        return self._database.insist(step)

    def move(
        self, key: str, *, to: SlotState, now: datetime, why: str = "", out_of: Sequence[SlotState] = OPEN
    ) -> bool:
        """Decide an open slot. False when it is not (any more) in one of the states `out_of`."""
        change = _that(key, out_of).values(state=to, why=why, changed_at=now)
        return self._database.insist(lambda connection: connection.execute(change).rowcount == 1)

    def explain(self, key: str, *, why: str, now: datetime) -> bool:
        """Say why an open slot has no issue yet. False when that was said already: so that a person is told once."""
        change = _that(key, OPEN).where(table.c.why != why).values(why=why, changed_at=now)
        return self._database.insist(lambda connection: connection.execute(change).rowcount == 1)

    # ── what is known ─────────────────────────────────────────────────────────────────────────────

    def get(self, key: str) -> Appointment | None:
        with self._database.read() as connection:
            row = connection.execute(_slots().where(table.c.key == key)).one_or_none()
        return _appointment(row) if row else None

    def open(self) -> Sequence[Appointment]:
        """Those that are not decided for good, the earliest first."""
        query = _slots().where(table.c.state.in_(OPEN)).order_by(table.c.at)
        with self._database.read() as connection:
            return [_appointment(row) for row in connection.execute(query)]

    def last(self, count: int) -> Sequence[Appointment]:
        """The latest, the newest first."""
        query = _slots().order_by(table.c.at.desc()).limit(count)
        with self._database.read() as connection:
            return [_appointment(row) for row in connection.execute(query)]


def await_word(connection: Connection, slot: Slot, now: datetime) -> bool:
    """Within a transaction: open a slot that is still to come. False when it is decided already."""
    _locked(connection)
    if _insert(connection, Appointment(slot=slot, state=SlotState.AWAITING), now=now):
        return True
    return connection.execute(_slots().where(table.c.key == slot.key, table.c.state.in_(OPEN))).first() is not None


def decide(connection: Connection, key: str, *, to: SlotState, why: str, now: datetime) -> None:
    """Within a transaction: what a person decided about an open slot; one that is not open stays as it is."""
    connection.execute(_that(key, OPEN).values(state=to, why=why, changed_at=now))


def made(connection: Connection, key: str, *, issue: int, now: datetime) -> None:
    """Within the transaction that keeps the issue. Raises UsageError when the slot is not open (any more)."""
    change = _that(key, OPEN).values(state=SlotState.MADE, issue=issue, why="", changed_at=now)
    if connection.execute(change).rowcount == 0:
        raise UsageError("is no open slot, so it gets no issue", where=key, then="See `digest schedule`.")


def _locked(connection: Connection) -> Row[*tuple[object, ...]]:
    """The newsletter's row, for which all who decide slots queue. SQLite's writers queue anyway."""
    return connection.execute(_newsletter().with_for_update()).one()


def _newsletter() -> Select[*tuple[object, ...]]:
    return select(*newsletter.c).where(newsletter.c.id == NEWSLETTER)


def _note(connection: Connection, values: Mapping[str, object]) -> None:
    connection.execute(update(newsletter).where(newsletter.c.id == NEWSLETTER).values(values))


def _slots() -> Select[*tuple[object, ...]]:
    return select(*table.c).where(table.c.newsletter_id == NEWSLETTER)


def _that(key: str, states: Sequence[SlotState]) -> Update:
    return update(table).where(table.c.newsletter_id == NEWSLETTER, table.c.key == key, table.c.state.in_(states))


def _arrive(connection: Connection, arrival: Appointment, *, now: datetime) -> bool:
    """A slot that was foreseen becomes what was decided about it; one that came before stays: False."""
    decided = {"state": arrival.state, "why": arrival.why, "changed_at": now}
    foreseen = _that(arrival.slot.key, [SlotState.AWAITING]).values(decided)
    return _insert(connection, arrival, now=now) or connection.execute(foreseen).rowcount == 1


def _insert(connection: Connection, one: Appointment, *, now: datetime) -> bool:
    """False when its row is there already. Only under the newsletter's lock."""
    if connection.execute(_slots().where(table.c.key == one.slot.key)).first():
        return False
    row = {"newsletter_id": NEWSLETTER, "key": one.slot.key, "at": one.slot.at, "state": one.state, "why": one.why}
    connection.execute(insert(table).values({**row, "changed_at": now}))
    return True


def _appointment(row: Row[*tuple[object, ...]]) -> Appointment:
    slot = Slot(key=row.key, at=row.at)
    return Appointment(slot=slot, state=SlotState(row.state), issue=row.issue, why=row.why)
