"""Answers that a killed sender had only noted: the next run writes them down, once, and nothing else."""

from __future__ import annotations

import resource
from contextlib import closing
from pathlib import Path

import pytest

from digest.model import State
from digest.store import Store, open_store
from digest.store.journal import Journal
from digest.store.ledger import Claim
from store.given import ACCEPTED, NOW, POLICY, TEMPORARY, owe


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/digest.sqlite3"


@pytest.fixture
def journal(url: str, tmp_path: Path) -> Journal:
    with closing(open_store(url)) as store:
        return Journal(tmp_path / "digest.sqlite3", secret=store.secret())


def _started(store: Store, count: int) -> list[Claim]:
    """So many letters that are owed and under way."""
    owe(store, count)
    claims = store.ledger.claim(1, limit=count, now=NOW, policy=POLICY)
    store.ledger.turn(settled=[], starting=claims, now=NOW, policy=POLICY)
    return [*claims]


def _recovered(url: str) -> dict[State, int]:
    """Where the letters stand after the next start."""
    store = open_store(url)
    store.ledger.recover(now=NOW, policy=POLICY, alone=True)
    counts = store.ledger.tally(1).counts
    assert counts == {state: count for state in State if (count := len([*store.ledger.deliveries(1, state)]))}, (
        "it adds up"
    )
    store.close()
    return counts


def test_what_was_noted_and_not_settled_is_settled_at_the_next_start(url: str) -> None:
    store = open_store(url)
    first, second, *_ = _started(store, 4)
    assert store.ledger.note([(first, ACCEPTED), (second, TEMPORARY)], now=NOW, policy=POLICY)
    store.close()
    assert _recovered(url) == {State.ACCEPTED: 1, State.PENDING: 1, State.DOUBTFUL: 2}


def test_an_entry_that_was_settled_before_its_sender_died_is_read_without_harm(url: str, journal: Journal) -> None:
    store = open_store(url)
    (claim,) = _started(store, 1)
    store.ledger.note([(claim, ACCEPTED)], now=NOW, policy=POLICY)
    store.ledger.turn(settled=[(claim, ACCEPTED)], starting=[], now=NOW, policy=POLICY)
    store.close()
    assert len([*journal.left_behind()]) == 1
    assert _recovered(url) == {State.ACCEPTED: 1}
    assert not [*journal.left_behind()]


def test_a_turn_forgets_what_it_wrote_down_and_keeps_what_came_meanwhile(url: str, journal: Journal) -> None:
    store = open_store(url)
    first, second = _started(store, 2)
    store.ledger.note([(first, ACCEPTED)], now=NOW, policy=POLICY)
    store.ledger.turn_page()
    store.ledger.note([(second, ACCEPTED)], now=NOW, policy=POLICY)
    store.ledger.turn(settled=[], starting=[], now=NOW, policy=POLICY)
    assert [readers for _, readers in journal.left_behind()] == [[second.recipient.id]]
    store.close()
    assert _recovered(url) == {State.ACCEPTED: 2}


def test_who_may_not_be_alone_leaves_the_journal_to_who_wrote_them(url: str, journal: Journal) -> None:
    store = open_store(url)
    (claim,) = _started(store, 1)
    store.ledger.note([(claim, ACCEPTED)], now=NOW, policy=POLICY)
    store.ledger.recover(now=NOW, policy=POLICY, alone=False)
    assert len([*journal.left_behind()]) == 1
    store.close()


def test_a_torn_entry_tells_nothing_and_spoils_no_other(tmp_path: Path, journal: Journal) -> None:
    journal.add([((1, 1, "it said ] and\n more"), [1])])
    page = tmp_path / "digest.sqlite3-answers1"
    whole = page.read_bytes()
    page.write_bytes(whole + whole[:-9] + b"\0\0")
    journal.add([((1, 1, None), [3, 4])])
    assert [*journal.left_behind()] == [((1, 1, "it said ] and\n more"), [1]), ((1, 1, None), [3, 4])]


def test_an_entry_that_the_disk_does_not_take_whole_is_not_noted(journal: Journal) -> None:
    """It is full in the middle of the first one."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, limits[1]))
    try:
        assert [journal.add([((1, 1, None), [reader])]) for reader in (3, 4)] == [False, False]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert journal.add([((1, 1, None), [5])])
    assert [*journal.left_behind()] == [((1, 1, None), [5])]


def test_what_was_noted_beside_another_store_is_no_answer_of_this_one(url: str, tmp_path: Path) -> None:
    """The other one's file was taken away and this one put in its place by hand, with the same rows under way."""
    other = open_store(f"sqlite:///{tmp_path}/other.sqlite3")
    (claim,) = _started(other, 1)
    other.ledger.note([(claim, ACCEPTED)], now=NOW, policy=POLICY)
    other.close()
    for page in tmp_path.glob("other.sqlite3-answers*"):
        page.rename(page.with_name(page.name.replace("other", "digest")))
    store = open_store(url)
    _started(store, 1)
    store.close()
    assert _recovered(url) == {State.DOUBTFUL: 1}
    assert not [*tmp_path.glob("*-answers*")]


def test_a_run_that_is_over_leaves_no_journal_behind(url: str, tmp_path: Path) -> None:
    store = open_store(url)
    (claim,) = _started(store, 1)
    store.ledger.note([(claim, ACCEPTED)], now=NOW, policy=POLICY)
    store.ledger.turn_page()
    store.ledger.turn(settled=[], starting=[], now=NOW, policy=POLICY)
    store.ledger.release([], now=NOW)
    assert not [*tmp_path.glob("*-answers*")]
    store.close()


def test_what_was_noted_and_not_settled_outlives_a_release(url: str) -> None:
    store = open_store(url)
    (claim,) = _started(store, 1)
    store.ledger.note([(claim, ACCEPTED)], now=NOW, policy=POLICY)
    store.ledger.release([], now=NOW)
    store.close()
    assert _recovered(url) == {State.ACCEPTED: 1}
