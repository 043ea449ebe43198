"""What readers may ask: one letter for each mail, none for a button, and nothing for a machine."""

from __future__ import annotations

import json
from dataclasses import replace
from email.message import EmailMessage

import pytest

from digest.mail.intents import (
    Choose,
    Erase,
    Export,
    Get,
    Help,
    Ignore,
    Instruct,
    Nominate,
    Pause,
    Rate,
    Resume,
    Speak,
    Subscribe,
    Unreadable,
    Why,
)
from digest.mail.tokens import Purpose
from digest.model import Kind, Membership, Standing, State
from digest.store.policy import Policy
from readers.place import ACCEPTED, Place, join


def text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body
    return str(body.get_content())


# ── a pause ───────────────────────────────────────────────────────────────────────────────────────


def test_a_pause_holds_issues_back_and_ends_by_itself(ada: Place) -> None:
    assert ada.mail(Pause(weeks=2)) == "paused"
    assert "8 December 2026" in ada.letter()["Subject"]
    ada.issue("k1")
    ada.later(days=13).issue("k2")
    ada.later(days=2).issue("k3")
    assert [ada.store.ledger.tally(n).total for n in (1, 2, 3)] == [0, 0, 1]
    assert ada.standing() is Membership.ACTIVE
    assert ada.reader().paused_until is None
    assert [event.what for event in ada.store.subscribers.history(1)][-2:] == ["paused", "resumed"]


def test_a_pause_can_be_ended_before_its_time(ada: Place) -> None:
    ada.mail(Pause(weeks=9))
    assert ada.mail(Resume()) == "resumed"
    ada.issue()
    assert ada.store.ledger.tally(1).total == 1


def test_a_second_pause_counts_from_now(ada: Place) -> None:
    ada.mail(Pause(weeks=9))
    ada.mail(Pause(weeks=1))
    assert ada.reader().paused_until == ada.later(weeks=1).now


def test_a_pause_stops_letters_that_have_not_left(ada: Place) -> None:
    ada.issue()
    ada.mail(Pause(weeks=1))
    assert ada.store.ledger.claim(1, limit=9, now=ada.now, policy=Policy()) == []


# ── which kind ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["full", "summary", "text"])
def test_a_chosen_kind_is_what_the_next_issue_is_claimed_as(ada: Place, kind: Kind) -> None:
    ada.mail(Choose(kind=kind))
    ada.letters()
    ada.issue()
    (claim,) = ada.store.ledger.claim(1, limit=9, now=ada.now, policy=Policy())
    assert claim.recipient.kind == kind


def test_a_button_shows_a_page_and_sends_no_letter(ada: Place) -> None:
    manage = ada.stamp(Purpose.MANAGE)
    assert ada.press(Choose(kind="text"), bearer=manage) == "chose text"
    assert ada.letters() == []


def test_an_old_page_of_preferences_changes_nothing(ada: Place) -> None:
    assert ada.press(Choose(kind="text"), bearer=ada.stamp(Purpose.MANAGE, number=5)) == "asked by a stranger"
    assert ada.reader().kind == "full"


# ── issues ────────────────────────────────────────────────────────────────────────────────────────


def test_a_back_issue_comes_as_its_page_addressed_to_them(ada: Place) -> None:
    ada.issue("k1")
    ada.issue("k2")
    assert ada.mail(Get(number=1)) == "got issue 1"
    letter = ada.letter()
    assert letter["Subject"] == "Why bees (k1)"
    assert letter["In-Reply-To"] == "<m3@example.com>"
    assert "All of k1" in text(letter)
    assert "ada@example.com" in text(letter)
    assert letter["Message-ID"] != ada.store.issues.get(1)


def test_latest_is_the_newest(ada: Place) -> None:
    ada.issue("k1")
    ada.issue("k2")
    ada.mail(Get())
    assert "All of k2" in text(ada.letter())


def test_who_gets_summaries_gets_them_of_back_issues_too(ada: Place) -> None:
    ada.issue("k1", short=True)
    ada.mail(Choose(kind="summary"))
    ada.letters()
    ada.mail(Get(number=1))
    assert "In short: k1" in text(ada.letter())


@pytest.mark.parametrize("number", [3, 99_999_999_999])
def test_an_issue_that_is_not_there_is_named_with_the_newest(ada: Place, number: int) -> None:
    ada.issue("k1")
    ada.mail(Get(number=number))
    assert "number 1" in " ".join(text(ada.letter()).split())


def test_before_the_first_issue_there_is_none_to_get(ada: Place) -> None:
    ada.mail(Get())
    assert "no issue yet" in ada.letter()["Subject"]


# ── what we know of them ──────────────────────────────────────────────────────────────────────────


def test_why_tells_every_step(ada: Place) -> None:
    ada.mail(Why())
    said = text(ada.letter())
    assert "asked by mail" in said
    assert "confirmed by mail" in said
    assert "24 November 2026, 09:00 UTC" in said


def test_their_data_comes_at_once_when_it_is_proven_who_asks(ada: Place) -> None:
    ada.issue()
    assert ada.mail(Export(), aligned=True) == "exported"
    (enclosed,) = list(ada.letter().iter_attachments())
    known = json.loads(enclosed.get_content())
    assert known["address"] == "ada@example.com"
    assert known["issues"] == [{"issue": 1, "state": "pending"}]
    assert [event["what"] for event in known["events"]] == ["added", "asked", "confirmed"]
    assert known["events"][2]["evidence"]["network"] == "192.0.2.7"


def test_a_name_alone_is_asked_back_before_data_leaves(ada: Place) -> None:
    ada.later(days=2)
    assert ada.mail(Export()) == "asked back about an export"
    letter = ada.letter()
    assert letter["Reply-To"].startswith("digest+export-")
    bearer = ada.tokens.read(Purpose.MANAGE, letter["Reply-To"].partition("export-")[2].partition("@")[0])
    assert bearer
    assert ada.mail(Export(), bearer=bearer) == "exported"


def test_erasing_is_asked_back_even_from_who_is_vouched_for(ada: Place) -> None:
    ada.later(days=2)
    assert ada.mail(Erase(), aligned=True) == "asked back about erasing"
    assert ada.standing() is Membership.ACTIVE
    stamp = ada.stamp(Purpose.ERASE, ada.letter())
    assert ada.mail(Erase(stamp=stamp)) == "erased"
    assert ada.standing() is None
    assert "Forgotten" in text(ada.letter())
    assert ada.press(Erase(stamp=stamp)) == "erased already"


def test_what_waits_for_who_was_erased_is_forgotten_too(ada: Place) -> None:
    ada.mail(Help())
    ada.mail(Erase(stamp=ada.stamp(Purpose.ERASE)))
    (last,) = ada.letters()
    assert "forgotten you" in last["Subject"]


def test_nothing_of_who_was_erased_stays_in_the_file(ada: Place, tmp_path) -> None:  # type: ignore[no-untyped-def]
    ada.issue()
    ada.mail(Why())
    ada.mail(Erase(stamp=ada.stamp(Purpose.ERASE)))
    ada.letters()
    ada.store._database.scrub()
    disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"ada@example.com" not in disk.lower()


def test_an_erased_reader_is_not_brought_back_by_a_list(ada: Place) -> None:
    from digest.store.people import Newcomer

    ada.press(Erase(stamp=ada.stamp(Purpose.ERASE)))
    again = Newcomer(email="ada@example.com", key="ada@example.com")
    assert ada.store.subscribers.add(again, now=ada.now)[1] == "erased"


# ── help, threads, words ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("wish", [Help(), Help(unknown="subscrieb")])
def test_help_names_every_word(ada: Place, wish: Help) -> None:
    ada.mail(wish)
    said = text(ada.letter())
    for word in ("unsubscribe", "pause 3 weeks", "latest", "export", "erase"):
        assert word in said


def test_a_strangers_help_comes_once_a_day(place: Place) -> None:
    for _ in range(4):
        place.mail(Help(), "eve@example.net")
    assert len(place.letters()) == 1


@pytest.mark.parametrize("wish", [Pause(weeks=1), Resume(), Choose(kind="text"), Get(), Why(), Export(), Erase()])
def test_a_stranger_is_told_that_nobody_here_has_this_address(place: Place, wish: Pause) -> None:
    place.issue()
    assert place.mail(wish, "eve@example.net") == "asked by a stranger"
    assert "does not know this address" in place.letter()["Subject"]


def test_a_nomination_lies_on_the_shelf_until_the_editor_releases_it(ada: Place) -> None:
    assert ada.mail(Nominate(ref="https://example.net/thread")) == "nominated"
    (shelved,) = ada.store.library.shelf()
    assert shelved.standing is Standing.NOMINATED
    assert "editor’s desk" in text(ada.letter())


def test_a_nomination_does_not_touch_what_lies_there_already(ada: Place) -> None:
    from digest.model import Post, Thread

    pinned = Thread(key="https://example.net/thread", source="text", posts=(Post(number=1, text="The true one."),))
    shelved = ada.store.library.add(pinned, raw=b"", now=ada.now).shelved
    ada.store.library.set_standing(shelved.id, Standing.PINNED)
    ada.mail(Nominate(ref="https://example.net/thread"))
    (kept,) = ada.store.library.shelf()
    assert (kept.standing, kept.thread.text) == (Standing.PINNED, "The true one.")


def test_what_holds_no_thread_is_said_to_hold_none(ada: Place) -> None:
    assert ada.mail(Nominate(ref="https://example.net/cat")) == "proposed nothing that could be read"
    assert "it holds no thread" in text(ada.letter())
    assert ada.store.library.shelf() == []


def test_a_strangers_proposal_is_a_mail_for_the_editor(place: Place) -> None:
    assert place.mail(Nominate(ref="https://example.net/thread"), "eve@example.net") == "passed on"
    assert place.store.library.shelf() == []


def test_a_persons_words_go_to_the_editor_as_they_came(ada: Place) -> None:
    raw = b"From: ada@example.com\r\nSubject: Thanks\r\n\r\nLovely issue.\r\n"
    assert ada.mail(Speak(), subject="Thanks", raw=raw) == "passed on"
    letter = ada.letter()
    assert letter["To"] == "editor@example.org"
    assert letter["Reply-To"] == "ada@example.com"
    assert letter["Subject"] == "ada@example.com: Thanks"
    (enclosed,) = list(letter.iter_attachments())
    assert "Lovely issue." in str(enclosed)


@pytest.mark.parametrize(
    ("editor", "sender", "why"),
    [("", "ada@example.com", "names nobody"), ("editor@example.org", "Editor@example.org", "editor's own")],
)
def test_words_that_nobody_could_read_elsewhere_are_kept(place: Place, editor: str, sender: str, why: str) -> None:
    place.reception = replace(place.reception, editor=editor)
    assert why in place.mail(Speak(), sender)
    (kept,) = place.store.letterbox.set_aside_mails()
    assert b"Hi" in kept.raw


def test_one_person_cannot_flood_the_editor(ada: Place) -> None:
    for _ in range(25):
        ada.mail(Speak())
    assert len(ada.letters()) == 20
    assert len(ada.store.letterbox.set_aside_mails()) == 5


def test_a_machines_words_go_to_nobody(ada: Place) -> None:
    ada.mail(Speak(), machine="it bears List-Id")
    assert ada.letters() == []


def test_a_reader_gets_no_more_than_twenty_answers_a_day(ada: Place) -> None:
    for _ in range(25):
        ada.mail(Help())
    assert len(ada.letters()) == 20
    ada.later(days=1, seconds=1).mail(Help())
    assert len(ada.letters()) == 1


def test_a_word_on_a_pick_is_written_down_and_not_answered(ada: Place) -> None:
    ada.press(Rate(stamp=ada.stamp(Purpose.GOOD, number=3)))
    ada.press(Rate(stamp=ada.stamp(Purpose.BAD, number=3)))
    with ada.store.acts.together(now=ada.now) as sitting, sitting.begin(digest=b"", message_id="", sender="") as act:
        assert act.ratings(1) == [(3, False)]
    assert ada.letters() == []


@pytest.mark.parametrize(
    ("sender", "aligned", "done"),
    [
        ("boss@example.org", True, "an instruction, and no proof waits for one"),
        ("boss@example.org", False, "an instruction that nobody vouches for"),
        ("editor@example.org", True, "an instruction that nobody vouches for"),
    ],
)
def test_a_word_on_no_proof_moves_nothing_and_is_told_to_who_approves(
    place: Place, sender: str, aligned: bool, done: str
) -> None:
    wish = Instruct(stamp=place.stamp(Purpose.PROOF), word="ok")
    assert place.mail(wish, sender, aligned=aligned) == done
    assert place.letter()["To"] == "boss@example.org"


def test_what_is_ignored_is_not_answered(place: Place) -> None:
    assert place.mail(Ignore(why="it is a report")) == "ignored: it is a report"
    assert place.letters() == []


def test_what_cannot_be_read_is_set_aside(place: Place) -> None:
    place.mail(Unreadable(why="it has two senders"))
    (kept,) = place.store.letterbox.set_aside_mails()
    assert kept.why == "it has two senders"


@pytest.mark.parametrize("base_url", ["", "https://bees.example.org"])
def test_every_letter_fits_its_columns_and_names_the_digest(place: Place, base_url: str) -> None:
    place = Place(place.store, base_url=base_url)
    place.reception = replace(place.reception, caps=replace(place.reception.caps, day=99, month=99))
    join(place, "bob@example.com")
    place.mail(Subscribe())
    place.issue(short=True)
    for wish in (Pause(weeks=1), Resume(), Get(), Why(), Export(), Erase(), Help(), Choose(kind="text")):
        place.mail(wish, "bob@example.com")
        place.mail(wish, "eve@example.net")
    letters = place.letters()
    assert len(letters) >= 16
    for letter in letters:
        said = text(letter)
        assert "Bees & Bytes" in said
        assert "1 Hive Lane" in said
        assert [line for line in said.splitlines() if len(line) > 72 and " " in line.strip()] == []
        assert "Date" in letter
        assert letter["List-Id"]


def test_a_claimed_issue_is_settled_all_the_same(ada: Place) -> None:
    ada.issue()
    claims = ada.store.ledger.claim(1, limit=9, now=ada.now, policy=Policy())
    ada.store.ledger.turn(settled=[], starting=claims, now=ada.now, policy=Policy())
    ada.store.ledger.turn(settled=[(claims[0], ACCEPTED)], starting=[], now=ada.now, policy=Policy())
    assert ada.store.ledger.tally(1)[State.ACCEPTED] == 1


def test_an_issue_that_was_taken_back_is_given_to_nobody(ada: Place) -> None:
    ada.issue("k1")
    taken_back = ada.issue("k2")
    ada.store.archive.withdraw(taken_back.thread_id, now=ada.now)
    assert ada.mail(Get(number=2)) == "asked for an issue that is not there"
    assert ada.mail(Get()) == "got issue 1"
