"""What the public may read of what went out."""

from __future__ import annotations

from datetime import timedelta

from digest.model import Author, BackIssue
from digest.store import Store
from store.given import NOW, a_page, make_issue


def test_the_archive_lists_what_went_out_oldest_first(store: Store) -> None:
    make_issue(store)
    make_issue(store, key="k2")
    first, second = store.archive.list()
    assert first == BackIssue(
        number=1,
        title="Müsli",
        preheader="A thread about breakfast",
        lang="en",
        author=Author(),
        date=NOW,
        domain="example.org",
    )
    assert second.number == 2
    assert store.archive.page(1) == a_page()


def test_a_withdrawn_issue_is_gone_at_once_and_for_good(store: Store) -> None:
    issue, other = make_issue(store), make_issue(store, key="k2")
    before = store.archive.edition()
    assert store.archive.withdraw(issue.thread_id, now=NOW)
    assert [shown.number for shown in store.archive.list()] == [other.number]
    assert store.archive.page(issue.number) is None
    assert store.archive.edition() != before
    assert (store.archive.is_withdrawn(issue.number), store.archive.is_withdrawn(other.number)) == (True, False)
    assert not store.archive.withdraw(issue.thread_id, now=NOW + timedelta(days=1))


def test_what_never_was_is_neither_there_nor_withdrawn(store: Store) -> None:
    assert store.archive.edition() == (0, 0)
    assert store.archive.page(7) is None
    assert not store.archive.is_withdrawn(7)
    assert not store.archive.withdraw(7, now=NOW)
