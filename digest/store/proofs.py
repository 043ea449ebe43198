"""The proofs that the editor was shown, one of them alive for a slot, and her words on them. It decides nothing.

A word is first written down, in the transaction of the mail that brought it, and obeyed afterwards: whatever dies in
between, it is obeyed once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, Update, insert, select, update

from digest.model import Letter, Proof, ProofState, Slot, SlotState
from digest.store import letterbox, slots
from digest.store.engine import Database
from digest.store.tables import NEWSLETTER
from digest.store.tables import proof as table

ASKING = (ProofState.OPEN, ProofState.HELD)
ALIVE = (*ASKING, ProofState.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """What is to be shown for a slot: a thread, why this one, under which subject ("" for its own)."""

    slot: Slot
    thread_id: int
    why: str
    subject: str = ""
    state: ProofState = ProofState.OPEN


class Proofs:
    """Every method is one transaction, durable when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def show(self, showing: Showing, *, instead: Proof | None, write: Callable[[int], Letter], now: datetime) -> bool:
        """Keep a proof, with the letter that `write` makes of its id, `instead` of the one alive. False when the slot is
        decided, or another proof was shown for it meanwhile."""

        def step(connection: Connection) -> bool:
            alive = _alive(connection, showing.slot.key)
            if (alive and alive.id) != (instead and instead.id) or not slots.await_word(connection, showing.slot, now):
                return False
            if instead:
                connection.execute(_that(instead.id).values(state=ProofState.CLOSED))
            id = _insert(connection, showing, now=now)
            letterbox.post(connection, "proof", write(id), now=now)
            return True

        return self._database.insist(step)

    def settle(
        self,
        proof: Proof,
        *,
        to: ProofState,
        letter: Letter,
        now: datetime,
        slot: SlotState | None = None,
        why: str = "",
    ) -> bool:
        """The word on it was obeyed: where it stands now, what became of its slot, the letter that says so. False when
        somebody else obeyed."""

        def step(connection: Connection) -> bool:
            obeyed = _that(proof.id).where(table.c.state.in_(ASKING)).values(state=to)
            if connection.execute(obeyed).rowcount == 0:
                return False
            if slot:
                slots.decide(connection, proof.slot, to=slot, why=why, now=now)
            letterbox.post(connection, "proof", letter, now=now)
            return True

        return self._database.insist(step)

    def get(self, id: int) -> Proof | None:
        with self._database.read() as connection:
            row = connection.execute(_proofs().where(table.c.id == id)).one_or_none()
        return _proof(row) if row else None

    def alive(self, slot: str) -> Proof | None:
        """The one that counts for the slot with this key."""
        with self._database.read() as connection:
            return _alive(connection, slot)

    def answered(self) -> Sequence[Proof]:
        """Those with a word that is still to be obeyed, oldest first."""
        query = _proofs().where(table.c.state.in_(ASKING), table.c.word != "").order_by(table.c.id)
        with self._database.read() as connection:
            return [_proof(row) for row in connection.execute(query)]

    def declined(self, slot: str) -> frozenset[int]:
        """The threads that the editor did not want for this slot."""
        query = select(table.c.thread_id).where(
            table.c.newsletter_id == NEWSLETTER, table.c.slot == slot, table.c.word == "next"
        )
        with self._database.read() as connection:
            return frozenset(connection.scalars(query))


def answer(connection: Connection, id: int, *, word: str, number: int | None, subject: str, now: datetime) -> bool:
    """Write down a word on a proof, in a transaction that is under way. False when it waits for none (any more)."""
    said: dict[str, object] = {"word": word, "number": number, "answered_at": now}
    own = {"subject": subject} if subject else {}
    waiting = _that(id).where(table.c.state.in_(ASKING), table.c.word == "")
    return connection.execute(waiting.values(said | own)).rowcount == 1


def _proofs() -> Select[*tuple[object, ...]]:
    return select(*table.c).where(table.c.newsletter_id == NEWSLETTER)


def _that(id: int) -> Update:
    return update(table).where(table.c.newsletter_id == NEWSLETTER, table.c.id == id)


def _alive(connection: Connection, slot: str) -> Proof | None:
    query = _proofs().where(table.c.slot == slot, table.c.state.in_(ALIVE)).order_by(table.c.id.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return _proof(row) if row else None


def _insert(connection: Connection, showing: Showing, *, now: datetime) -> int:
    row = {
        "newsletter_id": NEWSLETTER,
        "slot": showing.slot.key,
        "thread_id": showing.thread_id,
        "why": showing.why,
        "state": showing.state,
        "subject": showing.subject,
        "made_at": now,
    }
    id: int = connection.execute(insert(table).values(row).returning(table.c.id)).scalar_one()
    return id


def _proof(row: Row[*tuple[object, ...]]) -> Proof:
    return Proof(
        id=row.id,
        slot=row.slot,
        thread_id=row.thread_id,
        why=row.why,
        state=ProofState(row.state),
        word=row.word,
        number=row.number,
        subject=row.subject,
        made_at=row.made_at,
    )
