"""Whose threads a reader wants: by mail and by a button, counted in the pick, told and forgotten with everything else."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from digest import publishing
from digest.mail.intents import Erase, Export, Follow
from digest.mail.tokens import Purpose, Stamp
from digest.model import Author, Post, Thread
from readers.place import NOW, Place, join

BEN = Author(name="Ben Okafor", handle="@ben@example.social", url="https://example.social/@ben")


def shelve(place: Place, author: Author, key: str = "k1", *, words: int = 80) -> int:
    posts = tuple(Post(number=n, text=f"{key} " * words) for n in range(1, 7))
    thread = Thread(key=key, source="text", posts=posts, author=author)
    return place.store.library.add(thread, raw=b"raw", now=NOW).shelved.id


def said(place: Place) -> str:
    """The one letter: its subject and its text, on one line."""
    letter = place.letter()
    body = letter.get_body(("plain",))
    assert body
    return " ".join(f"{letter['Subject']} {body.get_content()}".split())


def follows(place: Place) -> list[str]:
    return [name for name, _ in place.store.subscribers.favourites()]


@pytest.mark.parametrize(
    "words", ["@ben@example.social", "ben@example.social", "https://example.social/@ben", "Ben Okafor", "ben okafor."]
)
def test_an_author_is_followed_by_any_name_that_we_know_them_by(ada: Place, words: str) -> None:
    shelve(ada, BEN)
    assert ada.mail(Follow(author=words)) == "follows"
    assert "You follow Ben Okafor (@ben@example.social)" in said(ada)
    assert follows(ada) == ["@ben@example.social"]


def test_each_mail_brings_one_letter_and_one_row(ada: Place) -> None:
    shelve(ada, BEN)
    for _ in range(3):
        ada.mail(Follow(author="@ben@example.social"))
        ada.letter()
    assert ada.store.subscribers.favourites() == [("@ben@example.social", 1)]


def test_unfollow_ends_it_by_any_name(ada: Place) -> None:
    shelve(ada, BEN)
    ada.mail(Follow(author="https://example.social/@ben"))
    ada.letters()
    assert ada.mail(Follow(author="Ben Okafor", on=False)) == "unfollows"
    assert "no longer follow Ben Okafor" in said(ada)
    assert follows(ada) == []


def test_somebody_of_whom_nothing_has_come_can_be_followed(ada: Place) -> None:
    ada.mail(Follow(author="@cleo@example.social"), aligned=True)
    assert "Nothing of theirs has come" in said(ada)
    assert follows(ada) == ["@cleo@example.social"]


def test_words_of_who_may_be_anybody_are_not_sent_to_the_reader(ada: Place) -> None:
    """Else a stranger could have us mail an address of theirs to a reader of ours."""
    ada.mail(Follow(author="https://evil.example.test/buy"))
    assert "evil" not in said(ada)
    ada.mail(Follow(author=""))
    assert "evil" not in said(ada)


@pytest.mark.parametrize("words", ["Ben", "the white rabbit", "!!!", "x" * 500])
def test_a_name_that_could_be_anybodys_is_asked_back_about(ada: Place, words: str) -> None:
    assert ada.mail(Follow(author=words)) == "follows nobody that can be found"
    assert "whom do you mean?" in said(ada)
    assert follows(ada) == []


def test_of_two_authors_with_one_name_neither_is_guessed(ada: Place) -> None:
    shelve(ada, BEN)
    shelve(ada, replace(BEN, handle="@ben@example.org", url="https://example.org/@ben"), "k2")
    ada.mail(Follow(author="Ben Okafor"))
    assert follows(ada) == []


def test_follow_alone_lists_whom_one_follows(ada: Place) -> None:
    shelve(ada, BEN)
    ada.mail(Follow(author="@ben@example.social"))
    ada.letters()
    ada.mail(Follow(author=""))
    assert "* Ben Okafor @ben@example.social" in said(ada)


def test_a_stranger_follows_nobody(place: Place) -> None:
    assert place.mail(Follow(author="@ben@example.social"), "eve@example.net") == "asked by a stranger"
    assert follows(place) == []


def test_nobody_follows_more_than_fifty(ada: Place) -> None:
    for number in range(51):
        ada.press(
            Follow(author=f"@a{number}@example.social"), bearer=Stamp(purpose=Purpose.MANAGE, subject=1, number=0)
        )
    assert len(follows(ada)) == 50


def test_a_copy_of_ones_data_names_them(ada: Place) -> None:
    shelve(ada, BEN)
    ada.mail(Follow(author="@ben@example.social"))
    ada.letters()
    ada.mail(Export(), aligned=True)
    (enclosed,) = ada.letter().iter_attachments()
    assert json.loads(enclosed.get_content())["follows"] == ["@ben@example.social"]


def test_who_is_erased_follows_nobody(ada: Place) -> None:
    ada.mail(Follow(author="@ben@example.social"))
    ada.press(Erase(stamp=ada.stamp(Purpose.ERASE)))
    assert follows(ada) == []


def test_who_leaves_does_not_count_and_who_comes_back_does(ada: Place) -> None:
    ada.mail(Follow(author="@ben@example.social"))
    ada.store.subscribers.remove("ada@example.com", now=ada.now)
    assert follows(ada) == []


def test_the_pick_prefers_whom_more_readers_follow(ada: Place) -> None:
    join(ada, "eve@example.net")
    other = shelve(ada, Author(name="Cleo", handle="@cleo@example.social"), "k1")
    wanted = shelve(ada, BEN, "k2")
    ada.mail(Follow(author="@cleo@example.social"))
    for sender in ("ada@example.com", "eve@example.net"):
        ada.mail(Follow(author="https://example.social/@ben"), sender)
    pick = publishing.choose(ada.store, now=ada.now)
    assert pick.best
    assert [pick.best.shelved.id, *(one.shelved.id for one in pick.runners_up)] == [wanted, other]
    assert {part.name: part.says for part in pick.best.parts}["followers"] == "2 readers follow the author"
