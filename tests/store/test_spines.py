"""The shelf seen from outside, on either engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from desk.open_shelf import passes
from digest.binding import folded
from digest.binding import spine as spine_of
from digest.model import Author, Post, Standing
from digest.spine import Sieve
from digest.store import Store, open_store
from digest.store.tables import spine, wording
from store.given import NOW, a_thread, make_issue


def shelve(store: Store, key: str, **more: object) -> int:
    return store.library.add(replace(a_thread(key), **more), raw=b"", now=NOW).shelved.id  # type: ignore[arg-type]


def posts(*texts: str) -> tuple[Post, ...]:
    return tuple(Post(number=number, text=text) for number, text in enumerate(texts, start=1))


def found(store: Store, words: str) -> list[str]:
    return [one.key for one in store.spines.search(words, at_most=50).best]


@pytest.mark.parametrize("change", ["title", "standing", "text", "issue", "order"])
def test_the_stamp_changes_with_the_shelf_and_not_without(store: Store, *, change: str) -> None:
    a, b = (store.library.add(a_thread(key), raw=b"", now=NOW).shelved.id for key in ("k1", "b"))
    store.library.set_standing(a, Standing.PINNED)
    store.library.set_standing(b, Standing.PINNED)
    before = store.spines.stamp()
    assert store.spines.stamp() == before
    {
        "title": lambda: store.library.set_title(a, title="Another"),
        "standing": lambda: store.library.set_standing(a, Standing.HELD),
        "text": lambda: store.library.add(a_thread("k1", text="Mended."), raw=b"", now=NOW),
        "issue": lambda: make_issue(store, key="z"),
        "order": lambda: store.library.arrange([b, a]),
    }[change]()
    assert store.spines.stamp() != before


def test_spines_tell_the_same_as_the_open_shelf(store: Store) -> None:
    ids = [shelve(store, key) for key in "abc"]
    store.library.set_standing(ids[1], Standing.PINNED)
    opened = [spine_of(one) for one in store.library.shelf()]
    assert store.spines.all() == opened
    assert store.spines.all(newest=2) == opened[1:]
    assert store.spines.pinned() == opened[1:2]
    assert store.spines.count() == 3


def test_a_thread_from_before_the_spines_gets_one(url: str, store: Store) -> None:
    ids = [shelve(store, key) for key in "abc"]
    with store._database.write() as connection:
        connection.execute(delete(spine).where(spine.c.thread_id == ids[0]))
        connection.execute(delete(wording).where(wording.c.thread_id == ids[0]))
        connection.execute(update(spine).where(spine.c.thread_id == ids[1]).values(edition=0, posts=99))
    later = open_store(url)
    assert [(one.id, one.girth.posts) for one in later.spines.all()] == [(id, 1) for id in ids]
    assert len(later.spines.search("müsli", at_most=9).best) == 3
    later.close()


SIEVES = [
    Sieve(),
    Sieve(least_posts=2),
    Sieve(least_words=9),
    Sieve(truncated=False),
    Sieve(warned=False),
    Sieve(languages=frozenset({"de"})),
    Sieve(by=frozenset({"@ada"})),
    Sieve(by=frozenset()),
    Sieve(not_by=frozenset({"@ada"})),
    Sieve(without=frozenset({1, 3})),
]


@pytest.mark.parametrize("sieve", SIEVES, ids=range(len(SIEVES)))
def test_a_sieve_lets_through_what_it_says_the_oldest_first(store: Store, sieve: Sieve) -> None:
    shelve(store, "held")
    shelve(store, "short", posts=posts("Bread."), author=Author(handle="@Ada"))
    shelve(store, "cut", truncated=True, lang="en")
    shelve(
        store,
        "warned",
        posts=(replace(posts("Spiders in the oven, and what they eat.")[0], content_warning="spiders"),),
    )
    shelve(store, "german", lang="de-AT", author=Author(name="Bob"))
    store.library.set_standing(1, Standing.HELD)
    store.library.add(a_thread("older"), raw=b"", now=NOW - timedelta(days=1))
    expected = sorted(
        (one for one in store.spines.all() if passes(one, sieve)), key=lambda one: (one.imported_at, one.id)
    )
    assert store.spines.waiting(sieve, after=None, at_most=50) == expected
    assert _paged(store, sieve) == expected


def _paged(store: Store, sieve: Sieve) -> Sequence[object]:
    seen = list(store.spines.waiting(sieve, after=None, at_most=1))
    while seen and (more := store.spines.waiting(sieve, after=seen[-1], at_most=1)):
        seen += more
    return seen


# ── search ────────────────────────────────────────────────────────────────────────────────────────


def test_a_search_finds_the_beginning_of_every_word_whatever_its_case_and_accents(store: Store) -> None:
    for key, text in (("a", "Two Cafés at dawn."), ("b", "A café at noon."), ("c", "Decaf at dawn.")):
        shelve(store, key, posts=posts(text))
    assert found(store, "CAFE daw") == ["a"]
    assert found(store, "kaffee") == found(store, "…") == found(store, "") == []


def test_a_search_knows_the_author_and_the_editors_title_too(store: Store) -> None:
    id = shelve(store, "a", author=Author(name="Ada Moor", handle="@ada"))
    store.library.set_title(id, title="Breakfast, solved")
    assert found(store, "moor solved") == ["a"]


def test_a_word_in_the_title_counts_most_then_one_in_the_authors_name_then_how_often_it_is_said(store: Store) -> None:
    filler = "Some other thing that has to be told at length, and then some more of it."
    shelve(store, "once", posts=posts(f"Rye, once. {filler}"))
    shelve(store, "often", posts=posts(f"Rye and rye and rye again, rye for ever. {filler}"))
    shelve(store, "author", posts=posts(filler), author=Author(name="Rye"))
    shelve(store, "title", posts=posts(filler), title="Rye")
    assert found(store, "rye") == ["title", "author", "often", "once"]


def test_a_search_gives_the_best_and_says_how_many_there_are(store: Store) -> None:
    for key in "abcde":
        shelve(store, key, posts=posts("Bread."))
    hits = store.spines.search("bread", at_most=2)
    assert (len(hits.best), hits.count) == (2, 5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("東京の研究者が発表した", "研究"),
        ("東京の研究者が発表した", "者"),
        ("감자를 구웠다", "감자"),
        ("我们在图书馆读书", "图书馆"),
    ],
)
def test_a_search_finds_words_inside_a_script_without_spaces(store: Store, text: str, words: str) -> None:
    shelve(store, "a", posts=posts(text))
    shelve(store, "b", posts=posts("天気がいい"))
    assert found(store, words) == ["a"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1, max_size=60))
@example(text="ᦰ")  # a letter to Python, to SQLite's older tables a mark
def test_whatever_stands_in_a_thread_is_found_by_it(store: Store, text: str) -> None:
    shelve(store, "a", posts=posts(f"x {text}"))
    for word in folded(text):
        assert found(store, word) == ["a"], word


def test_what_was_removed_is_found_no_more_and_what_was_sent_stays(store: Store) -> None:
    sent = make_issue(store, key="sent").thread_id
    gone = shelve(store, "gone")
    store.library.remove([sent, gone])
    assert [one.id for one in store.spines.search("müsli", at_most=9).best] == [sent]
    assert store.library.get(gone) is None


def test_the_words_of_what_was_removed_leave_the_index_too(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    ids = [shelve(store, key, posts=posts(f"{word} and bread")) for key, word in (("a", "zwiebelkuchen"), ("b", "rye"))]
    store.library.remove(ids[:1])
    store.close()
    path = store._database.path
    assert path
    assert b"zwiebelkuchen" not in path.read_bytes()
