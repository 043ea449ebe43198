"""The shelf and the row of issues."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.errors import NotFound, UsageError
from digest.model import Standing
from digest.store import Store
from store.given import NOW, a_letterhead, a_page, a_thread, make_issue, readers


def test_a_thread_comes_back_as_it_went_in(store: Store) -> None:
    arrival = store.library.add(a_thread(), raw=b"the page", now=NOW)
    assert not arrival.refreshed
    assert arrival.shelved.thread == a_thread()
    assert store.library.get(arrival.shelved.id) == store.library.find("k1") == arrival.shelved
    assert (arrival.shelved.standing, arrival.shelved.imported_at) == (Standing.WAITING, NOW)


def test_the_same_key_twice_is_one_thread_refreshed(store: Store) -> None:
    first = store.library.add(a_thread(), raw=b"old", now=NOW).shelved
    store.library.set_standing(first.id, Standing.PINNED)
    again = store.library.add(a_thread(text="Mended."), raw=b"new", now=NOW + timedelta(days=1))
    assert again.refreshed
    assert (again.shelved.id, again.shelved.standing) == (first.id, Standing.PINNED)
    assert again.shelved.thread.posts[0].text == "Mended."
    assert store.originals.raw(first.id) == b"new"
    assert len(store.library.shelf()) == 1


def test_the_editors_words_outlive_an_import(store: Store) -> None:
    id = store.library.add(a_thread(), raw=b"", now=NOW).shelved.id
    store.library.set_title(id, title="Breakfast", subject="Read this", preheader="Now")
    again = store.library.add(replace(a_thread(), title="The page's own"), raw=b"", now=NOW).shelved
    assert (again.thread.title, again.subject, again.preheader) == ("Breakfast", "Read this", "Now")
    store.library.set_title(id)
    assert store.library.add(replace(a_thread(), title="Own"), raw=b"", now=NOW).shelved.thread.title == "Own"


def test_the_shelf_can_be_seen_by_standing(store: Store) -> None:
    ids = [store.library.add(a_thread(key), raw=b"", now=NOW).shelved.id for key in "abc"]
    store.library.set_standing(ids[1], Standing.HELD)
    assert [one.id for one in store.library.shelf()] == ids
    assert [one.id for one in store.library.shelf(Standing.HELD)] == [ids[1]]


def test_a_missing_thread_is_named(store: Store) -> None:
    assert store.library.get(9) is store.library.find("k9") is None
    with pytest.raises(NotFound, match="9"):
        store.library.set_standing(9, Standing.HELD)


def test_an_issue_comes_back_to_the_byte(store: Store) -> None:
    made = make_issue(store)
    assert (made.number, made.page, made.letterhead) == (1, a_page(), a_letterhead())
    assert store.issues.get(1) == made
    assert list(store.issues.all()) == [made]


def test_issues_are_numbered_in_a_row(store: Store) -> None:
    assert store.issues.newest() is None
    assert [make_issue(store, key=key).number for key in "abc"] == [1, 2, 3]
    assert store.issues.newest() == 3
    assert store.issues.get(4) is None


def test_a_thread_is_never_sent_twice(store: Store) -> None:
    readers(store, 1)
    make_issue(store)
    with pytest.raises(UsageError, match="already sent, as issue 1"):
        make_issue(store)
    assert store.issues.newest() == 1
    assert store.ledger.tally(1).total == 1


def test_a_slot_has_one_issue(store: Store) -> None:
    first = make_issue(store, key="a", slot="2026-11-24T09:00")
    second = make_issue(store, key="b", slot="2026-11-24T09:00")
    assert second == first
    shelved = store.library.find("b")
    assert shelved
    assert shelved.standing is Standing.WAITING


def test_what_was_published_is_known_newest_first(store: Store) -> None:
    make_issue(store, key="a")
    make_issue(store, key="b")
    assert [(sent.spine.key, sent.at) for sent in store.spines.sent()] == [("b", NOW), ("a", NOW)]
    assert [one.standing for one in store.library.shelf()] == [Standing.PUBLISHED] * 2


def shelved(store: Store, *keys: str) -> list[int]:
    return [store.library.add(a_thread(key), raw=b"", now=NOW).shelved.id for key in keys]


def queue(store: Store) -> list[int]:
    pinned = store.library.shelf(Standing.PINNED)
    return [one.id for one in sorted(pinned, key=lambda one: one.rank or 0)]


def test_who_is_pinned_comes_after_the_pinned(store: Store) -> None:
    for id in (first := shelved(store, "a", "b", "c")):
        store.library.set_standing(id, Standing.PINNED)
    assert queue(store) == first
    store.library.set_standing(first[0], Standing.PINNED)
    assert queue(store) == [first[1], first[2], first[0]]


def test_a_thread_that_is_let_go_loses_its_place(store: Store) -> None:
    (id,) = shelved(store, "a")
    store.library.set_standing(id, Standing.PINNED)
    store.library.set_standing(id, Standing.WAITING)
    assert [one.rank for one in store.library.shelf()] == [None]


def test_the_editor_orders_the_pinned(store: Store) -> None:
    a, b, c, d = shelved(store, "a", "b", "c", "d")
    for id in (a, b, c):
        store.library.set_standing(id, Standing.PINNED)
    store.library.arrange([c, d, a])
    assert queue(store) == [c, a, b]
    assert [one.id for one in store.library.shelf() if one.rank is None] == [d]


def test_a_pulse_is_felt_when_somebody_writes(store: Store) -> None:
    before = store.pulse()
    shelved(store, "a")
    until = time.monotonic() + 30  # PostgreSQL counts a second late
    while store.pulse() == before and time.monotonic() < until:
        time.sleep(0.1)
    assert store.pulse() != before


def test_issues_are_listed_without_their_pages(store: Store) -> None:
    first, second = make_issue(store, key="a"), make_issue(store, key="b")
    assert store.issues.listed() == [(2, second.thread_id, NOW), (1, first.thread_id, NOW)]
