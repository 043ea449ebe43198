"""The list of readers: who left stays gone, and who was erased leaves no trace."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from digest.errors import NotFound
from digest.model import Membership
from digest.store import Store
from store.given import NOW, PERMANENT, POLICY, SECOND, a_newcomer, make_issue, readers

ADA = a_newcomer("Ada")


def test_a_reader_comes_back_as_they_joined(store: Store) -> None:
    added, answer = store.subscribers.add(replace(ADA, consented_at=NOW), now=NOW)
    assert answer == "added"
    assert added
    assert (added.email, added.name, added.source) == ("Ada@example.org", "Ada", "form")
    assert (added.membership, added.consented_at, added.epoch) == (Membership.ACTIVE, NOW, 0)
    assert store.subscribers.get(added.id) == store.subscribers.find(ADA.key) == added


def test_adding_twice_changes_nothing(store: Store) -> None:
    first, _ = store.subscribers.add(ADA, now=NOW)
    assert store.subscribers.add(replace(ADA, name="Other"), now=NOW) == (first, "already")


def test_who_left_is_not_revived_by_adding(store: Store) -> None:
    store.subscribers.add(ADA, now=NOW)
    gone = store.subscribers.remove(ADA.key, now=NOW)
    assert gone.membership is Membership.LEFT
    assert store.subscribers.add(ADA, now=NOW) == (gone, "left")


@pytest.mark.parametrize("membership", [Membership.LEFT, Membership.BOUNCED, Membership.COMPLAINED])
def test_an_import_never_revives(store: Store, membership: Membership) -> None:
    store.subscribers.import_many([replace(ADA, membership=membership)], now=NOW)
    assert store.subscribers.import_many([ADA], now=NOW) == Counter({membership.value: 1})
    assert [one.membership for one in store.subscribers.all()] == [membership]


def test_an_import_never_brings_back_who_was_erased(store: Store) -> None:
    store.subscribers.add(ADA, now=NOW)
    store.subscribers.erase(ADA.key)
    assert store.subscribers.import_many([ADA], now=NOW) == Counter(erased=1)
    assert store.subscribers.add(ADA, now=NOW) == (None, "erased")
    assert list(store.subscribers.all()) == []


def test_an_import_again_changes_nothing(store: Store) -> None:
    people = [a_newcomer(f"p{n}") for n in range(1201)]
    assert store.subscribers.import_many(iter(people), now=NOW) == Counter(added=1201)
    assert store.subscribers.import_many(iter(people), now=NOW) == Counter(already=1201)
    assert len({one.id for one in store.subscribers.all()}) == 1201


def test_a_list_may_name_someone_twice(store: Store) -> None:
    assert store.subscribers.import_many([ADA, ADA], now=NOW) == Counter(added=1, already=1)


def test_readers_are_listed_by_membership(store: Store) -> None:
    readers(store, 2)
    store.subscribers.remove("reader0@example.org", now=NOW)
    assert [one.name for one in store.subscribers.all(Membership.LEFT)] == ["reader0"]


def test_who_asks_to_come_back_is_active_again_with_a_new_epoch(store: Store) -> None:
    store.subscribers.add(ADA, now=NOW)
    left = store.subscribers.remove(ADA.key, now=NOW, how="one click")
    back = store.subscribers.rejoin(ADA, now=NOW + SECOND, how="mail")
    assert (back.id, back.membership, back.epoch) == (left.id, Membership.ACTIVE, left.epoch + 1)
    assert back.consented_at == NOW + SECOND
    assert store.subscribers.rejoin(ADA, now=NOW + SECOND, how="mail") == back
    assert [(e.what, e.how) for e in store.subscribers.history(back.id)] == [
        ("added", "form"),
        ("left", "one click"),
        ("rejoined", "mail"),
    ]


def test_who_was_erased_may_come_back_by_their_own_wish(store: Store) -> None:
    first, _ = store.subscribers.add(ADA, now=NOW)
    store.subscribers.erase(ADA.key)
    back = store.subscribers.rejoin(ADA, now=NOW, how="mail")
    assert back.membership is Membership.ACTIVE
    assert first
    assert back.id != first.id, "an id is never given to another reader: old links hold it"


def test_removing_twice_is_one_departure(store: Store) -> None:
    store.subscribers.add(ADA, now=NOW)
    gone = store.subscribers.remove(ADA.key, now=NOW)
    assert store.subscribers.remove(ADA.key, now=NOW) == gone
    assert len(store.subscribers.history(gone.id)) == 2


def test_a_stranger_is_named(store: Store) -> None:
    assert store.subscribers.find("nobody@example.org") is None
    with pytest.raises(NotFound, match=r"nobody@example\.org"):
        store.subscribers.remove("nobody@example.org", now=NOW)
    with pytest.raises(NotFound, match=r"nobody@example\.org"):
        store.subscribers.erase("nobody@example.org")


def test_an_erased_reader_keeps_a_line_without_an_address(store: Store) -> None:
    store.subscribers.add(ADA, now=NOW)
    make_issue(store)
    claims = store.ledger.claim(1, limit=9, now=NOW, policy=POLICY)
    store.ledger.turn(settled=[], starting=claims, now=NOW, policy=POLICY)
    refused = PERMANENT._replace(reply="550 <Ada@example.org> unknown")
    store.ledger.turn(settled=[(claims[0], refused)], starting=[], now=NOW, policy=POLICY)
    store.subscribers.erase(ADA.key)
    (line,) = store.ledger.deliveries(1)
    assert (line.email, line.reply, line.code) == ("", "", 550)
    assert store.ledger.tally(1).total == 1


def test_erased_addresses_are_gone_from_every_byte_of_the_file(
    sqlite_url: str, tmp_path: Path, open_at: Callable[[str], Store]
) -> None:
    """Among so many rows, in no order, that pages of the tables and indexes were split over and over."""
    store = open_at(sqlite_url)
    names = [f"person-{n:05}" for n in range(4000)]
    random.Random(5).shuffle(names)
    store.subscribers.import_many((a_newcomer(name) for name in names), now=NOW)
    chosen = names[::80]
    for name in chosen:
        store.subscribers.remove(a_newcomer(name).key, now=NOW, how=f"mail from {name}@example.org")
        store.subscribers.erase(a_newcomer(name).key)
    disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert [name for name in chosen if name.encode() in disk] == []
    assert b"person-" in disk
