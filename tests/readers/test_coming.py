"""Coming: asked back before anything is sent, with evidence of both; the same word for whoever asks; never too often."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.mail.intents import Confirm, Help, Rejoin, Stop, Subscribe, Unsubscribe
from digest.mail.tokens import Purpose
from digest.model import Membership
from digest.subscribing import answer
from readers.place import Place, join


def asked_back(place: Place, sender: str = "ada@example.com") -> Confirm:
    place.mail(Subscribe(), sender)
    return Confirm(stamp=place.stamp(Purpose.CONFIRM, place.letter()))


def test_a_stranger_is_asked_back_and_gets_nothing_else(place: Place) -> None:
    assert place.mail(Subscribe()) == "asked"
    letter = place.letter()
    assert letter["To"] == "ada@example.com"
    assert letter["Auto-Submitted"] == "auto-replied"
    assert "is it you" in letter["Subject"]
    assert place.standing() is Membership.PENDING
    place.issue()
    assert place.store.ledger.tally(1).total == 0


def test_the_letter_that_asks_back_holds_nothing_that_the_asker_chose(place: Place) -> None:
    place.mail(Subscribe(), subject="CHEAP WATCHES", message_id="<cheap-watches@spam.test>")
    assert b"watches" not in place.letter().as_bytes().lower()


def test_a_reply_lets_them_in_with_the_latest_issue(place: Place) -> None:
    place.issue("k1")
    place.issue("k2")
    assert place.mail(asked_back(place)) == "confirmed"
    letter = place.letter()
    assert "Welcome" in letter["Subject"]
    for kind in ("plain", "html"):
        body = letter.get_body((kind,))
        assert body
        assert "All of k2" in body.get_content()
        assert "ada@example.com" in body.get_content()
    assert "List-Unsubscribe" in letter
    assert place.standing() is Membership.ACTIVE
    assert place.reader().consented_at == place.now


def test_before_the_first_issue_the_welcome_stands_alone(place: Place) -> None:
    place.mail(asked_back(place))
    body = place.letter().get_body(("plain",))
    assert body
    assert "still being made" in body.get_content()


def test_the_evidence_says_what_was_asked_in_which_words_and_how_it_was_confirmed(place: Place) -> None:
    wish = asked_back(place)
    place.later(hours=2).mail(wish)
    _, asked, confirmed = place.store.subscribers.history(place.reader().id)
    assert asked.evidence
    assert asked.evidence.keys() == {"channel", "message_id", "network", "digest", "number", "words", "sent"}
    assert asked.evidence["words"] == place.reception.stationery.version("confirm")
    assert confirmed.evidence
    assert (confirmed.what, confirmed.evidence["message_id"]) == ("confirmed", "<m2@example.com>")
    assert (confirmed.at - asked.at).total_seconds() == 7200


def test_confirming_again_says_the_same_and_does_nothing(place: Place) -> None:
    wish = asked_back(place)
    place.mail(wish)
    place.letters()
    before = place.reader()
    assert place.press(wish) == "confirmed already"
    assert place.letters() == []
    assert place.reader() == before


def test_the_same_mail_twice_is_one_act(place: Place) -> None:
    for _ in range(2):
        place._mails = 0
        place.mail(Subscribe())
    assert len(place.letters()) == 1
    assert place.reader().asked == 1


def test_the_same_mail_by_another_road_is_one_act(ada: Place) -> None:
    """A second Received line makes other bytes of it."""
    for road in (b"1" * 32, b"2" * 32):
        ada.mail(Help(), message_id="<same@example.com>", digest=road)
    assert len(ada.letters()) == 1


def test_a_message_id_that_another_copied_stops_no_mail(place: Place) -> None:
    place.mail(Subscribe(), "eve@example.com", message_id="<x@example.com>", digest=b"1" * 32)
    assert place.mail(Subscribe(), message_id="<x@example.com>", digest=b"2" * 32) == "asked"


def test_a_token_lives_for_seven_days(place: Place) -> None:
    wish = asked_back(place)
    assert place.later(days=7, seconds=-1).press(wish) == "confirmed"


def test_an_expired_token_does_nothing_on_the_web(place: Place) -> None:
    wish = asked_back(place)
    assert place.later(days=7, seconds=1).press(wish) == "confirmed too late"
    assert place.standing() is Membership.PENDING
    assert place.letters() == []


def test_who_replies_too_late_is_asked_anew(place: Place) -> None:
    wish = asked_back(place)
    assert place.later(days=8).mail(wish) == "confirmed too late"
    assert place.press(Confirm(stamp=place.stamp(Purpose.CONFIRM, place.letter()))) == "confirmed"


def test_the_older_of_two_letters_is_good_as_well(place: Place) -> None:
    first = asked_back(place)
    place.later(days=2)
    second = asked_back(place)
    assert first != second
    assert place.press(first) == "confirmed"


@pytest.mark.parametrize(("id", "number"), [(1, 2), (1, 0), (2, 1), (2**32 - 1, 2**16 - 1)])
def test_a_token_for_what_was_never_asked_confirms_nothing(place: Place, id: int, number: int) -> None:
    place.mail(Subscribe())
    assert place.press(Confirm(stamp=place.stamp(Purpose.CONFIRM, id=id, number=number))) == "confirmed in vain"
    assert place.standing() is Membership.PENDING


def test_a_used_token_does_not_bring_back_who_left(place: Place) -> None:
    wish = asked_back(place)
    place.press(wish)
    place.press(Unsubscribe(stamp=place.stamp(Purpose.UNSUBSCRIBE)))
    assert place.press(wish) == "confirmed before, and left since"
    assert place.standing() is Membership.LEFT


def test_who_left_comes_back_by_asking_and_confirming(ada: Place) -> None:
    ada.press(Unsubscribe(stamp=ada.stamp(Purpose.UNSUBSCRIBE)))
    ada.letters()
    ada.later(days=2)
    ada.mail(asked_back(ada))
    assert ada.standing() is Membership.ACTIVE
    assert ada.reader().epoch == 1


def test_asking_alone_does_not_change_how_somebody_stands_who_left(ada: Place) -> None:
    ada.press(Unsubscribe(stamp=ada.stamp(Purpose.UNSUBSCRIBE)))
    ada.later(days=2).mail(Subscribe())
    assert ada.standing() is Membership.LEFT


def test_who_was_erased_comes_back_by_their_own_wish(ada: Place) -> None:
    ada.store.subscribers.erase("ada@example.com")
    ada.later(days=2)
    ada.mail(asked_back(ada))
    assert ada.standing() is Membership.ACTIVE
    ada.store.subscribers.remove("ada@example.com", now=ada.now)
    ada.store.subscribers.erase("ada@example.com")


# ── the same word for whoever asks ────────────────────────────────────────────────────────────────


def test_a_reader_who_asks_is_told_so_at_their_own_address_alone(ada: Place) -> None:
    ada.later(days=2).press(Subscribe(), sender="ADA@example.com")
    letter = ada.letter()
    assert letter["To"] == "ada@example.com"
    assert "You are a reader" in letter["Subject"]


def test_who_said_never_gets_nothing(place: Place) -> None:
    place.mail(Subscribe())
    number = place.reader().asked
    place.letters()
    assert place.press(Stop(stamp=place.stamp(Purpose.STOP, number=number))) == "suppressed"
    place.later(days=60)
    assert place.press(Subscribe(), sender="ada@example.com") == "asked, not written to"
    assert place.letters() == []


def test_who_said_never_and_writes_in_person_is_asked_back(place: Place) -> None:
    place.store.subscribers.add(replace_newcomer("ada@example.com", Membership.SUPPRESSED), now=place.now)
    place.mail(Subscribe(), aligned=True)
    assert "is it you" in place.letter()["Subject"]


def test_a_stop_token_of_another_time_does_nothing(place: Place) -> None:
    place.mail(Subscribe())
    assert place.press(Stop(stamp=place.stamp(Purpose.STOP, number=9))) == "stopped in vain"
    assert place.standing() is Membership.PENDING


def test_who_complained_is_not_asked_on_a_strangers_word(ada: Place) -> None:
    ada.store.subscribers.depart("ada@example.com", Membership.COMPLAINED, now=ada.now)
    ada.later(days=2).press(Subscribe(), sender="ada@example.com")
    assert ada.letters() == []


# ── never too often ───────────────────────────────────────────────────────────────────────────────


def test_one_address_is_asked_once_a_day_and_three_times_a_month(place: Place) -> None:
    sent = []
    for _ in range(30):
        for _ in range(3):
            place.press(Subscribe(), sender="ada@example.com")
        sent.append(len(place.letters()))
        place.later(days=1)
    assert sent == [1, 1, 1] + [0] * 27


def test_other_spellings_of_an_address_share_its_cap(place: Place) -> None:
    for spelling in ("ada@example.com", "Ada@example.com", "ADA@example.com"):
        place.press(Subscribe(), sender=spelling)
    assert len(place.letters()) == 1


@pytest.mark.parametrize(
    ("networks", "letters"),
    [
        ([f"2001:db8::{n}" for n in range(1, 9)], 2),
        ([f"2001:db8:0:{n}::1" for n in range(1, 9)], 8),
        (["192.0.2.1"] * 8, 2),
        (["::ffff:192.0.2.1", "192.0.2.1"] * 4, 2),
        (["not an address"] * 8, 8),
    ],
)
def test_one_network_brings_no_more_than_its_share(place: Place, networks: list[str], letters: int) -> None:
    place.reception = replace(place.reception, caps=replace(place.reception.caps, network=2))
    for n, network in enumerate(networks):
        place.press(Subscribe(), sender=f"p{n}@d{n}.example.com", network=network)
    assert len(place.letters()) == letters


def test_one_domain_gets_no_more_than_its_share_an_hour(place: Place) -> None:
    place.reception = replace(place.reception, caps=replace(place.reception.caps, domain=2))
    for n in range(5):
        place.press(Subscribe(), sender=f"p{n}@example.com")
    place.press(Subscribe(), sender="p@example.net")
    assert len(place.letters()) == 3
    place.later(hours=1, seconds=1).press(Subscribe(), sender="p9@example.com")
    assert len(place.letters()) == 1


def test_all_together_get_no_more_than_so_many_an_hour(place: Place) -> None:
    place.reception = replace(place.reception, caps=replace(place.reception.caps, hour=3))
    for n in range(9):
        place.press(Subscribe(), sender=f"p{n}@d{n}.example.com")
    assert len(place.letters()) == 3


def test_over_the_cap_nobody_is_added(place: Place) -> None:
    place.reception = replace(place.reception, caps=replace(place.reception.caps, hour=0))
    place.press(Subscribe(), sender="ada@example.com")
    assert place.standing() is None


def test_a_failed_act_leaves_nothing_behind(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change, the evidence and the letter are one transaction."""
    from digest.correspondence import Correspondence

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the power went out")

    monkeypatch.setattr(Correspondence, "ask", broken)
    with pytest.raises(RuntimeError):
        place.mail(Subscribe())
    monkeypatch.undo()
    assert place.standing() is None
    place._mails = 0
    assert place.mail(Subscribe()) == "asked"


# ── back again ────────────────────────────────────────────────────────────────────────────────────


def leave(place: Place) -> Rejoin:
    place.mail(Unsubscribe(stamp=place.stamp(Purpose.UNSUBSCRIBE, number=place.reader().epoch)))
    goodbye = place.letter()
    token = goodbye.get_body(("plain",)).get_content().partition("digest+rejoin-")[2].partition("@")[0]  # type: ignore[union-attr]
    stamp = place.tokens.read(Purpose.REJOIN, token)
    assert stamp
    return Rejoin(stamp=stamp)


def test_the_undo_in_the_goodbye_puts_them_back(ada: Place) -> None:
    undo = leave(ada)
    assert ada.press(undo) == "rejoined"
    assert "Welcome back" in ada.letter()["Subject"]
    assert (ada.standing(), ada.reader().epoch) == (Membership.ACTIVE, 1)


def test_the_undo_twice_is_once(ada: Place) -> None:
    undo = leave(ada)
    ada.press(undo)
    ada.letters()
    assert ada.press(undo) == "rejoined already"
    assert ada.letters() == []


def test_an_undo_of_an_earlier_time_does_nothing(ada: Place) -> None:
    first = leave(ada)
    ada.press(first)
    ada.letters()
    leave(ada)
    assert ada.press(first) == "rejoined in vain"
    assert ada.standing() is Membership.LEFT


def test_an_undo_is_good_for_thirty_days(ada: Place) -> None:
    undo = leave(ada)
    assert ada.later(days=31).press(undo) == "rejoined in vain"


def test_no_undo_brings_back_who_complained(ada: Place) -> None:
    undo = leave(ada)
    ada.store.subscribers.add(replace_newcomer("x@example.com", Membership.ACTIVE), now=ada.now)
    with ada.store.acts.together(now=ada.now) as sitting, sitting.begin(digest=b"", message_id="", sender="") as act:
        act.change(ada.reader(), {"membership": Membership.COMPLAINED})
    assert ada.press(undo) == "rejoined in vain"


def replace_newcomer(email: str, membership: Membership):  # type: ignore[no-untyped-def]
    from digest.store.people import Newcomer

    return Newcomer(email=email, key=email, membership=membership)


def test_two_who_join_are_two(place: Place) -> None:
    join(place, "ada@example.com")
    join(place, "bob@example.com")
    assert place.reader("ada@example.com").id != place.reader("bob@example.com").id


def test_an_act_in_vain_by_nobody_is_still_remembered(place: Place) -> None:
    wish = Confirm(stamp=place.stamp(Purpose.CONFIRM, id=9, number=1))
    from digest.mail.intents import Asked

    asked = Asked(intent=wish, channel="mail", sender="a@example.com", digest=b"3" * 32)
    assert not answer(asked, reception=place.reception, now=place.now).again
    assert answer(asked, reception=place.reception, now=place.now).again
