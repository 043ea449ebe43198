"""What is kept of where a thread came from, and that it goes with the thread."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from digest.model import Original, Sight, Standing
from digest.store import Store
from digest.store.originals import RAW_LIMIT
from digest.store.tables import origin, raw, revision
from store.given import NOW, POLICY, a_newcomer, a_thread, make_issue, readers

DAY = timedelta(days=1)
LIVE = Original(ref="https://example.org/1", address="https://example.org/1", etag='"1"')


def add(store: Store, key: str = "k1", *, data: bytes = b"the page", original: Original = LIVE) -> int:
    return store.library.add(a_thread(key), raw=data, now=NOW, original=original).shelved.id


def counts(store: Store) -> list[int]:
    """Rows of raw input, of origins, of revisions."""
    with store._database.read() as connection:
        return [connection.scalar(select(func.count()).select_from(table)) or 0 for table in (raw, origin, revision)]


def test_what_a_thread_was_read_from_is_kept_to_the_byte(store: Store) -> None:
    id = add(store, data=bytes(range(256)) * 100)
    assert store.originals.raw(id) == bytes(range(256)) * 100
    kept = store.originals.get(id)
    assert (kept.ref, kept.address, kept.etag, kept.read_at, kept.size) == (LIVE.ref, LIVE.address, '"1"', NOW, 25_600)


def test_the_same_bytes_are_kept_once(store: Store) -> None:
    ids = [add(store, key) for key in "abc"]
    assert counts(store) == [1, 3, 0]
    store.library.remove(ids[:2])
    assert store.originals.raw(ids[2]) == b"the page"
    store.library.remove(ids[2:])
    assert counts(store) == [0, 0, 0]


def test_bytes_beyond_the_limit_are_not_kept_by_half(store: Store) -> None:
    whole, beyond = add(store, "a", data=bytes(RAW_LIMIT)), add(store, "b", data=bytes(RAW_LIMIT + 1))
    assert (store.originals.get(whole).size, store.originals.get(beyond).size) == (RAW_LIMIT, 0)
    assert store.originals.raw(beyond) is None


def test_a_new_copy_takes_the_place_of_the_old_bytes(store: Store) -> None:
    add(store, data=b"old")
    id = add(store, data=b"new")
    assert (store.originals.raw(id), counts(store)) == (b"new", [1, 1, 0])


def test_a_copy_from_a_file_leaves_the_address_known(store: Store) -> None:
    add(store)
    id = add(store, original=Original(ref="saved.html"))
    kept = store.originals.get(id)
    assert (kept.ref, kept.address, kept.etag) == ("saved.html", LIVE.address, "")


def test_a_thread_that_changed_is_kept_as_it_was(store: Store) -> None:
    id = add(store)
    for day, text in enumerate(("Second.", "Third."), start=1):
        store.library.add(a_thread(text=text), raw=b"", now=NOW + day * DAY, changes=["Post 1 was edited."])
    before = store.originals.revisions(id)
    assert [(one.thread.text, one.until) for one in before] == [
        ("Second.", NOW + 2 * DAY),
        (a_thread().text, NOW + DAY),
    ]
    assert before[0].changes == ("Post 1 was edited.",)


@pytest.mark.parametrize(("day", "text"), [(0, a_thread().text), (1, "Second."), (2, None)])
def test_a_thread_is_known_as_it_read_at_an_instant(store: Store, day: int, text: str | None) -> None:
    id = add(store)
    for then, new in enumerate(("Second.", "Third."), start=1):
        store.library.add(a_thread(text=new), raw=b"", now=NOW + then * DAY, changes=["Post 1 was edited."])
    found = store.originals.as_of(id, NOW + day * DAY)
    assert (found and found.text) == text


def test_a_look_is_written_down(store: Store) -> None:
    id = add(store)
    store.originals.looked(id, Sight.UNKNOWN, said="it did not answer in time", at=NOW + DAY)
    kept = store.originals.get(id)
    assert (kept.sight, kept.said, kept.looked_at) == (Sight.UNKNOWN, "it did not answer in time", NOW + DAY)
    assert store.originals.all() == {id: kept}


def test_a_deleted_thread_is_gone_since_it_was_first_seen_and_held_once(store: Store) -> None:
    id = add(store)
    store.originals.looked(id, Sight.DELETED, said="410", at=NOW, hold=True)
    store.library.set_standing(id, Standing.WAITING)
    store.originals.looked(id, Sight.DELETED, said="410", at=NOW + DAY)
    found = store.library.get(id)
    assert found
    assert (found.gone_at, found.standing) == (NOW, Standing.WAITING)


def test_an_outage_makes_nothing_gone_and_nothing_come_back(store: Store) -> None:
    id = add(store)
    store.originals.looked(id, Sight.UNKNOWN, said="", at=NOW)
    assert store.library.get(id).gone_at is None  # type: ignore[union-attr]
    store.originals.looked(id, Sight.DELETED, said="", at=NOW)
    store.originals.looked(id, Sight.UNKNOWN, said="", at=NOW + DAY)
    assert store.library.get(id).gone_at == NOW  # type: ignore[union-attr]
    store.originals.looked(id, Sight.SAME, said="", at=NOW + DAY)
    assert store.library.get(id).gone_at is None  # type: ignore[union-attr]


def test_an_issue_is_kept_back_while_no_letter_of_it_has_left(store: Store) -> None:
    readers(store, 2)
    made = make_issue(store)
    store.originals.looked(made.thread_id, Sight.DELETED, said="", at=NOW, hold=True)
    assert (store.issues.unfinished(), store.archive.list(), store.archive.page(made.number)) == ([], [], None)
    assert store.library.get(made.thread_id).standing is Standing.PUBLISHED  # type: ignore[union-attr]
    assert store.issues.release(made.thread_id)
    assert not store.issues.release(made.thread_id)
    assert (store.issues.unfinished(), len(store.archive.list())) == ([made], 1)


def test_an_issue_that_has_begun_goes_on_for_everybody(store: Store) -> None:
    readers(store, 2)
    made = make_issue(store)
    (claim,) = store.ledger.claim(made.number, limit=1, now=NOW, policy=POLICY)
    store.ledger.turn(settled=[], starting=[claim], now=NOW, policy=POLICY)
    store.originals.looked(made.thread_id, Sight.DELETED, said="", at=NOW, hold=True)
    assert store.issues.unfinished() == [made]


def test_an_issue_that_is_kept_back_can_still_be_withdrawn(store: Store) -> None:
    readers(store, 1)
    made = make_issue(store)
    store.originals.looked(made.thread_id, Sight.DELETED, said="", at=NOW, hold=True)
    assert store.archive.withdraw(made.thread_id, now=NOW)
    assert store.archive.is_withdrawn(made.number)


def test_of_a_sent_thread_all_but_the_thread_can_be_forgotten(store: Store) -> None:
    id = make_issue(store).thread_id
    store.library.add(a_thread(text="Mended."), raw=b"new", now=NOW, changes=["Post 1 was edited."])
    store.originals.forget([id])
    assert counts(store) == [0, 0, 0]
    assert store.library.get(id) is not None


def test_what_a_reader_mailed_goes_with_the_reader(store: Store) -> None:
    ada = store.subscribers.add(a_newcomer("ada"), now=NOW)[0]
    mailed = store.library.add(
        a_thread("a"), raw=b"my thread, Ada", now=NOW, nominated_by=ada.id, original=Original(ref="ada.txt")
    )
    linked = store.library.add(a_thread("b"), raw=b"a page", now=NOW, nominated_by=ada.id, original=LIVE)
    store.subscribers.erase("ada@example.org")
    assert store.originals.raw(mailed.shelved.id) is None
    assert store.originals.get(mailed.shelved.id).ref == ""
    assert store.originals.raw(linked.shelved.id) == b"a page"
    assert store.library.get(mailed.shelved.id) == mailed.shelved


def test_a_list_of_the_shelf_reads_no_raw_input(store: Store) -> None:
    from store.given import listening

    add(store)
    with listening(store) as heard:
        store.library.shelf()
        store.spines.all()
        store.spines.search("musli", at_most=9)
        store.originals.all()
    assert not [statement for statement, _ in heard if "raw.data" in statement]
