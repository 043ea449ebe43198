"""Carrying notes: each goes once, and what the server or the machine does to it loses none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.errors import StoreError, Unreachable
from digest.model import Letter, Outcome, State
from digest.posting import Rounds, post
from digest.store import Store, open_store
from digest.store.letterbox import Letterbox
from digest.store.policy import Policy

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ACCEPTED = Outcome(verdict="accepted", phase="dot", code=250)


class Postbox:
    """An outbox that answers as told, and notes whom it carried."""

    capacity = 6

    def __init__(self, answer: Callable[[Letter], Outcome] = lambda _: ACCEPTED) -> None:
        self._answer = answer
        self.carried: list[str] = []

    def carry(self, letter: Letter) -> AbstractAsyncContextManager[Outcome]:
        return self._carry(letter)

    @asynccontextmanager
    async def _carry(self, letter: Letter):  # type: ignore[no-untyped-def]
        await asyncio.sleep(0)
        self.carried.append(letter.message_id)
        yield self._answer(letter)

    async def close(self) -> None:
        pass


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/digest.sqlite3")
    yield opened
    opened.close()


def put(store: Store, count: int) -> list[str]:
    names = [f"<n.{n}@x.test>" for n in range(count)]
    for name in names:
        letter = Letter(sender="d@x.test", recipient="ada@example.org", message_id=name, parts=(b"Hi\r\n",))
        store.letterbox.put("proof", letter, now=NOW)
    return names


def run(store: Store, outbox: Postbox, *, now: datetime = NOW, policy: Policy | None = None) -> dict[State, int]:
    rounds = Rounds(
        letterbox=store.letterbox,
        outbox=outbox,
        policy=policy or Policy(),
        now=lambda: now,
        stop=asyncio.Event(),
    )
    return dict(asyncio.run(post(rounds)))


def test_every_note_is_carried_once(store: Store) -> None:
    names, outbox = put(store, 20), Postbox()
    assert run(store, outbox) == {State.ACCEPTED: 20}
    assert sorted(outbox.carried) == sorted(names)
    assert run(store, outbox) == {}


def test_a_server_that_cannot_be_spoken_to_loses_none(store: Store) -> None:
    put(store, 9)

    def nobody(_letter: Letter) -> Outcome:
        raise Unreachable("nobody listens there", temporary=True)

    with pytest.raises(Unreachable):
        run(store, Postbox(nobody))
    assert run(store, Postbox()) == {State.ACCEPTED: 9}


def test_a_server_that_refuses_the_sender_loses_none(store: Store) -> None:
    put(store, 1)
    refusal = Outcome(verdict="permanent", phase="mail", code=530, reply="Must issue a STARTTLS command first")
    assert run(store, Postbox(lambda _: refusal)) == {State.PENDING: 1}


def test_an_answer_in_doubt_is_never_held_for_a_person(store: Store) -> None:
    put(store, 1)
    lost = Outcome(verdict="ambiguous", phase="dot", reply="the connection was lost")
    run(store, Postbox(lambda _: lost), policy=Policy(doubt="hold"))
    assert run(store, Postbox(), now=NOW + Policy().doubt_after) == {State.ACCEPTED: 1}


def test_a_store_that_cannot_be_written_says_so_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, 9)

    def full(*_: object, **__: object) -> State:
        raise StoreError("the disk is full", where="digest.sqlite3", then="Make room.")

    monkeypatch.setattr(Letterbox, "settle", full)
    with pytest.raises(StoreError, match="the disk is full"):
        run(store, Postbox())
