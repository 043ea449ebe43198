"""Leaving: at once with a token, however it comes; never by a forged name or an old link; and a letter that undoes it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.mail.intents import Asked, Unsubscribe
from digest.mail.tokens import Purpose
from digest.model import Membership, State
from digest.store.people import Newcomer
from digest.store.policy import Policy
from digest.subscribing import answer
from readers.place import Place, join


def leaving(place: Place, *, number: int = 0) -> Unsubscribe:
    return Unsubscribe(stamp=place.stamp(Purpose.UNSUBSCRIBE, number=number))


@pytest.mark.parametrize("channel", ["mail", "web", "one-click"])
def test_a_token_takes_off_at_once_and_a_letter_says_so(ada: Place, channel) -> None:  # type: ignore[no-untyped-def]
    asked = Asked(intent=leaving(ada), channel=channel)
    assert answer(asked, reception=ada.reception, now=ada.now).what == "left"
    assert ada.standing() is Membership.LEFT
    goodbye = ada.letter()
    assert goodbye["To"] == "ada@example.com"
    assert "List-Unsubscribe" not in goodbye
    assert "digest+rejoin-" in str(goodbye)


def test_leaving_twice_is_one_departure_and_one_letter(ada: Place) -> None:
    assert [ada.press(leaving(ada)) for _ in range(3)] == ["left", "left already", "left already"]
    assert len(ada.letters()) == 1


def test_the_evidence_says_how_they_left(ada: Place) -> None:
    ada.press(leaving(ada), network="192.0.2.9")
    left = ada.store.subscribers.history(ada.reader().id)[-1]
    assert (left.what, left.how) == ("left", "by web")
    assert left.evidence == {"channel": "web", "network": "192.0.2.9"}


def test_a_machine_that_leaves_for_its_reader_is_obeyed_and_not_answered(ada: Place) -> None:
    assert ada.mail(leaving(ada), machine="Auto-Submitted says so") == "left"
    assert ada.letters() == []


def test_a_name_that_our_server_vouches_for_is_enough(ada: Place) -> None:
    assert ada.mail(Unsubscribe(), aligned=True) == "left"


def test_a_name_alone_is_asked_back_with_a_button(ada: Place) -> None:
    assert ada.mail(Unsubscribe()) == "asked back about leaving"
    assert ada.standing() is Membership.ACTIVE
    letter = ada.letter()
    assert "In-Reply-To" not in letter
    assert ada.press(Unsubscribe(stamp=ada.stamp(Purpose.UNSUBSCRIBE, letter))) == "left"


def test_who_is_asked_back_over_and_over_gets_three_letters_a_day(ada: Place) -> None:
    for _ in range(9):
        ada.mail(Unsubscribe())
    assert len(ada.letters()) == 3


def test_a_link_of_an_earlier_time_does_not_undo_a_later_wish(ada: Place) -> None:
    ada.store.subscribers.remove("ada@example.com", now=ada.now)
    ada.store.subscribers.rejoin(Newcomer(email="ada@example.com", key="ada@example.com"), now=ada.now, how="phone")
    assert ada.press(leaving(ada)) == "asked back about leaving"
    assert ada.standing() is Membership.ACTIVE
    assert "do you want to leave" in ada.letter()["Subject"]


def test_a_strangers_leaving_is_told_that_nobody_is_there(place: Place) -> None:
    assert place.mail(Unsubscribe(), "eve@example.com") == "left by a stranger"
    assert "does not know this address" in place.letter()["Subject"]


@pytest.mark.parametrize(("id", "number"), [(2, 0), (2**32 - 1, 0)])
def test_a_token_of_nobody_takes_nobody_off(ada: Place, id: int, number: int) -> None:
    assert ada.press(Unsubscribe(stamp=ada.stamp(Purpose.UNSUBSCRIBE, id=id, number=number))) == "left already"
    assert ada.standing() is Membership.ACTIVE


def test_who_was_only_asked_leaves_without_a_letter(place: Place) -> None:
    from digest.mail.intents import Subscribe

    place.mail(Subscribe())
    place.letters()
    assert place.mail(Unsubscribe(), aligned=True) == "left"
    assert place.letters() == []
    assert place.standing() is Membership.LEFT


def test_it_takes_effect_inside_a_running_send(ada: Place) -> None:
    join(ada, "bob@example.com")
    ada.issue()
    ledger = ada.store.ledger
    claims = ledger.claim(1, limit=9, now=ada.now, policy=Policy())
    ada.press(leaving(ada))
    going = ledger.turn(settled=[], starting=claims, now=ada.now, policy=Policy())
    assert [claim.recipient.email for claim in going] == ["bob@example.com"]
    assert ledger.tally(1)[State.WITHDRAWN] == 1


# ── tokens ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("other", [purpose for purpose in Purpose if purpose is not Purpose.UNSUBSCRIBE])
def test_a_token_for_one_purpose_is_nothing_for_another(place: Place, other: Purpose) -> None:
    token = place.tokens.mint(other, subject=1, number=0)
    assert place.tokens.read(Purpose.UNSUBSCRIBE, token) is None


def mailed(place: Place, to: str, *, subject: str = "unsubscribe", sender: str = "eve@example.net") -> str:
    from digest.mail.arrivals import Arrival
    from digest.mail.incoming import Ours
    from digest.subscribing import Answered, receive

    raw = f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{hash(to)}@example.net>\r\n\r\n".encode()
    ours = Ours(list_address="digest@example.org", from_address="digest@example.org")
    (answered,) = receive([Arrival(raw=raw, recipient=to)], ours=ours, reception=place.reception, now=place.now)
    assert isinstance(answered, Answered)
    return answered.what


def test_a_token_in_the_wrong_case_is_the_same_token(ada: Place) -> None:
    token = ada.tokens.mint(Purpose.UNSUBSCRIBE, subject=1, number=0)
    assert mailed(ada, f"DIGEST+Unsubscribe-{token.upper()}@Example.ORG") == "left"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1],
        lambda token: token + "a",
        lambda token: ("b" if token[0] == "a" else "a") + token[1:],
        lambda token: token[:-1] + ("b" if token[-1] == "a" else "a"),
        lambda token: "",
        lambda token: "a" * 34,
    ],
    ids=["cut", "longer", "other reader", "other end", "none", "made up"],
)
def test_a_spoiled_token_takes_nobody_off(ada: Place, spoil) -> None:  # type: ignore[no-untyped-def]
    token = spoil(ada.tokens.mint(Purpose.UNSUBSCRIBE, subject=1, number=0))
    assert mailed(ada, f"digest+unsubscribe-{token}@example.org") != "left"
    assert ada.standing() is Membership.ACTIVE


def test_another_houses_token_takes_nobody_off(ada: Place) -> None:
    from digest.mail.tokens import Tokens

    token = Tokens(b"another secret of another house").mint(Purpose.UNSUBSCRIBE, subject=1, number=0)
    mailed(ada, f"digest+unsubscribe-{token}@example.org")
    assert ada.standing() is Membership.ACTIVE


def test_no_letter_goes_out_over_a_cap_but_leaving_still_works(ada: Place) -> None:
    ada.reception = replace(ada.reception, caps=replace(ada.reception.caps, hour=0, answers=0))
    assert ada.mail(leaving(ada)) == "left"
    assert len(ada.letters()) == 1
