"""Who is followed, who looks, and what was found: a row that one takes in hand at a time, and another that is never lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from digest.model import Author
from digest.store import Store
from digest.store.follows import LEASE, Follow
from store.given import NOW, SECOND, a_thread

HOUR = timedelta(hours=1)
ADA = Author(name="Ada", handle="@ada@example.social", url="https://example.social/@ada")


def follow(store: Store, address: str = "https://example.social/@ada", **more: object) -> Follow:
    told = {"kind": "mastodon", "author": ADA, "at_least": 4, "since": NOW, "now": NOW} | more
    return store.follows.add(address=address, **told)[0]  # type: ignore[arg-type]


def test_a_follow_comes_back_as_it_was_settled(store: Store) -> None:
    held = store.follows.take(now=NOW, id=follow(store).id)
    assert held
    after = replace(held, etag="e", seen_until=NOW + HOUR, due_at=NOW + HOUR, failures=2, trouble="gone", looked_at=NOW)
    assert store.follows.settle(after)
    assert list(store.follows.all()) == [after]


def test_who_is_in_hand_is_taken_by_nobody_else_until_the_lease_is_over(store: Store) -> None:
    follow(store)
    assert store.follows.take(now=NOW)
    assert store.follows.take(now=NOW + LEASE - SECOND) is None
    assert store.follows.take(now=NOW + LEASE)


def test_nobody_is_taken_before_their_turn(store: Store) -> None:
    held = store.follows.take(now=NOW, id=follow(store).id)
    assert held
    store.follows.settle(replace(held, due_at=NOW + HOUR))
    assert store.follows.take(now=NOW + HOUR - SECOND) is None
    assert store.follows.take(now=NOW + HOUR)


def test_the_one_who_waits_longest_is_taken_first(store: Store) -> None:
    follow(store, "https://example.org/later", now=NOW + SECOND)
    first = follow(store, "https://example.org/first")
    taken = store.follows.take(now=NOW + HOUR)
    assert taken
    assert taken.id == first.id


def test_who_was_slow_writes_nothing_over_who_took_it_over(store: Store) -> None:
    follow(store)
    slow = store.follows.take(now=NOW)
    quick = store.follows.take(now=NOW + LEASE)
    assert slow
    assert quick
    assert store.follows.settle(replace(quick, etag="quick"))
    assert not store.follows.settle(replace(slow, etag="slow"))
    assert store.follows.all()[0].etag == "quick"


def test_of_many_machines_one_looks(store: Store, url: str, open_at: Callable[[str], Store]) -> None:
    follow(store)
    machines = [store, *(open_at(url) for _ in range(3))]
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda one: one.follows.take(now=NOW), machines))
    assert sum(one is not None for one in taken) == 1


def test_two_who_follow_the_same_at_once_follow_once(store: Store, url: str, open_at: Callable[[str], Store]) -> None:
    machines = [store, open_at(url)]
    with ThreadPoolExecutor(2) as pool:
        ids = {one.id for one in pool.map(follow, machines)}
    assert len(ids) == len(store.follows.all()) == 1


def test_an_earlier_day_goes_back_and_a_later_one_changes_nothing(store: Store) -> None:
    held = store.follows.take(now=NOW, id=follow(store).id)
    assert held
    store.follows.settle(replace(held, seen_until=NOW + HOUR))
    assert (follow(store, since=NOW + 9 * HOUR).since, follow(store).seen_until) == (NOW, NOW + HOUR)
    assert (follow(store, since=NOW - HOUR).since, follow(store).seen_until) == (NOW - HOUR, NOW - HOUR)


def test_following_again_forgets_the_trouble(store: Store) -> None:
    held = store.follows.take(now=NOW, id=follow(store).id)
    assert held
    store.follows.settle(replace(held, failures=9, trouble="gone", told_at=NOW, due_at=NOW + 99 * HOUR))
    again = follow(store, now=NOW + HOUR)
    assert (again.failures, again.trouble, again.told_at, again.due_at) == (0, "", None, NOW + HOUR)


def test_what_was_found_is_kept_with_the_thread_or_not_at_all(store: Store) -> None:
    held = follow(store)
    store.library.add(a_thread("k1"), raw=b"raw", now=NOW, follow=held.id)
    assert {key: found.what for key, found in store.follows.sightings(["k1", "k2"]).items()} == {"k1": "brought"}
    assert store.follows.all()[0].brought == 1


def test_what_was_on_the_shelf_before_is_not_counted_as_brought(store: Store) -> None:
    held = follow(store)
    store.library.add(a_thread("k1"), raw=b"raw", now=NOW)
    store.library.add(a_thread("k1"), raw=b"raw", now=NOW, follow=held.id)
    assert (store.follows.sightings(["k1"])["k1"].what, store.follows.all()[0].brought) == ("known", 0)


def test_what_was_found_outlives_the_shelf_and_the_follow(store: Store) -> None:
    held = follow(store)
    shelved = store.library.add(a_thread("k1"), raw=b"raw", now=NOW, follow=held.id).shelved
    store.library.remove([shelved.id])
    assert store.follows.remove(held.id)
    assert store.follows.sightings(["k1"])["k1"].what == "brought"


def test_what_came_once_stays_that_whatever_is_noted_later(store: Store) -> None:
    held = follow(store)
    store.follows.note(held.id, {"k1": "brought"}, now=NOW)
    store.follows.note(held.id, {"k1": "known"}, now=NOW + HOUR)
    found = store.follows.sightings(["k1"])["k1"]
    assert (found.what, found.at) == ("brought", NOW + HOUR)


def test_a_thousand_keys_are_asked_for_at_once(store: Store) -> None:
    held = follow(store)
    store.follows.note(held.id, dict.fromkeys((f"k{n}" for n in range(1_200)), "before"), now=NOW)
    assert len(store.follows.sightings(f"k{n}" for n in range(1_300))) == 1_200
