"""Pictures in the store, on both engines: each once, by turns, and never read by who only looks at the shelf."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import event

from digest.model import Picture
from digest.store import Store
from store.given import NOW, a_thread

SEA = Picture(digest="5ea", kind="png", width=64, height=48, size=3)


def test_a_picture_comes_back_as_it_was_kept(store: Store) -> None:
    store.pictures.keep(7, "https://example.org/a.png", SEA, b"sea", now=NOW)
    assert store.pictures.data("5ea") == (SEA, b"sea")
    assert store.pictures.of(7)["https://example.org/a.png"].picture == SEA
    assert store.pictures.data("none") is None


def test_a_picture_that_was_had_is_not_lost_to_a_later_failure(store: Store) -> None:
    store.pictures.keep(7, "a", SEA, b"sea", now=NOW)
    store.pictures.miss(7, "a", why="gone", lasting=True, now=NOW)
    assert store.pictures.of(7)["a"].picture == SEA


def test_many_who_keep_the_same_picture_keep_it_once(store: Store) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: store.pictures.keep(n, "a", SEA, b"sea", now=NOW), range(1, 17)))
    assert store.pictures.weight() == (1, 3)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: store.pictures.forget([n]), range(1, 17)))
    assert store.pictures.weight() == (0, 0)


def test_a_thread_that_leaves_the_shelf_takes_along_the_pictures_that_no_other_shows(store: Store) -> None:
    one, other = (store.library.add(a_thread(key), raw=b"", now=NOW).shelved.id for key in "ab")
    ice = Picture(digest="ice", kind="png", width=9, height=9, size=2)
    for id in (one, other):
        store.pictures.keep(id, "a", SEA, b"sea", now=NOW)
    store.pictures.keep(one, "b", ice, b"ic", now=NOW)
    assert store.library.remove([one, 99]) == {one}
    assert (store.pictures.of(one), store.pictures.weight()) == ({}, (1, 3))
    assert store.pictures.of(other)["a"].picture == SEA


def test_a_picture_that_comes_while_its_thread_leaves_is_in_nobodys_way(store: Store) -> None:
    ids = [store.library.add(a_thread(f"k{n}"), raw=b"", now=NOW).shelved.id for n in range(24)]
    with ThreadPoolExecutor(4) as threads:
        both = [
            (
                threads.submit(store.pictures.keep, id, "a", SEA, b"sea", now=NOW),
                threads.submit(store.library.remove, [id]),
            )
            for id in ids
        ]
        assert [(kept.result(), gone.result()) for kept, gone in both] == [(None, {id}) for id in ids]


def test_another_picture_in_its_place_lets_the_old_one_go(store: Store) -> None:
    store.pictures.keep(7, "a", SEA, b"sea", now=NOW)
    store.pictures.keep(7, "a", Picture(digest="ice", kind="png", width=9, height=9, size=2), b"ic", now=NOW)
    assert store.pictures.data("5ea") is None
    assert store.pictures.weight() == (1, 2)


def test_who_shows_the_shelf_hears_of_a_picture_that_came(store: Store) -> None:
    one = store.library.add(a_thread(), raw=b"", now=NOW).shelved
    before = store.spines.stamp()
    store.pictures.keep(one.id, "a", SEA, b"sea", now=NOW)
    assert store.spines.stamp() != before


def test_whoever_looks_at_the_shelf_reads_no_picture(store: Store) -> None:
    one = store.library.add(a_thread(), raw=b"", now=NOW).shelved
    store.pictures.keep(one.id, "a", SEA, b"sea", now=NOW)
    said: list[str] = []
    engine = store._database.engine
    event.listen(engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    store.spines.all()
    store.library.shelf()
    store.spines.search("müsli", at_most=9)
    store.spines.all()
    store.spines.take([one.id])
    assert store.pictures.of(one.id)
    assert said
    assert not [statement for statement in said if "picture.data" in statement]
