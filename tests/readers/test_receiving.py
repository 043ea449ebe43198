"""Mails as they come, many at once: kept together, each on its own merits, and a storm of bounces with forged ones in it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from digest import subscribing
from digest.errors import StoreError
from digest.mail.arrivals import AT_ONCE, Arrival
from digest.mail.incoming import Ours
from digest.mail.tokens import Purpose, Tokens
from digest.model import Membership
from digest.store.acts import Acts, Sitting
from digest.store.people import Newcomer
from digest.subscribing import Answered
from readers.place import Place

OURS = Ours(list_address="digest@example.org", from_address="digest@example.org")
STRANGER = Tokens(b"another secret, not ours")


def receive(place: Place, *arrivals: Arrival) -> list[str]:
    """What was done with each, or the kind of trouble."""
    answers = subscribing.receive(arrivals, ours=OURS, reception=place.reception, now=place.now)
    return [answer.what if isinstance(answer, Answered) else type(answer).__name__ for answer in answers]


def mail(subject: str, sender: str = "ada@example.com") -> Arrival:
    return Arrival(raw=f"From: {sender}\nTo: digest@example.org\nSubject: {subject}\n\n".encode())


def test_mails_that_come_together_are_answered_each(place: Place) -> None:
    assert receive(place, mail("subscribe"), mail("subscribe", "bob@example.com"), mail("lunch?")) == [
        "asked",
        "asked",
        "passed on",
    ]
    assert len(place.letters()) == 3


def test_a_mail_that_comes_twice_at_once_is_answered_once(place: Place) -> None:
    receive(place, mail("subscribe"), mail("subscribe"))
    assert len(place.letters()) == 1


def test_a_fault_of_ours_in_one_mail_undoes_only_that_one(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(desk: Any, wish: object) -> str:
        desk.act.set_aside(b"half done", why="a fault")
        raise ZeroDivisionError

    monkeypatch.setitem(subscribing._ANSWERS, subscribing.Help, faulty)
    assert receive(place, mail("subscribe"), mail("help"), mail("subscribe", "bob@example.com")) == [
        "asked",
        "ZeroDivisionError",
        "asked",
    ]
    assert sorted(letter["To"] for letter in place.letters()) == ["ada@example.com", "bob@example.com"]
    assert place.store.letterbox.set_aside_mails() == []


def test_what_the_store_cannot_keep_holds_up_only_what_came_after_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Sitting.begin

    def picky(self: Sitting, *, digest: bytes, message_id: str, sender: str) -> Any:
        if sender.startswith("bob"):
            raise StoreError("the disk is full", temporary=True)
        return begin(self, digest=digest, message_id=message_id, sender=sender)

    monkeypatch.setattr(Sitting, "begin", picky)
    mails = [mail("subscribe", f"{name}@example.com") for name in ("ada", "bob", "eve")]
    assert receive(place, *mails) == ["asked", "StoreError", "StoreError"]
    assert [letter["To"] for letter in place.letters()] == ["ada@example.com"]


def test_all_that_came_together_wait_for_the_disk_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    counted, together = Counter[str](), Acts.together

    def counting(self: Acts, *, now: Any) -> Any:
        counted["commits"] += 1
        return together(self, now=now)

    monkeypatch.setattr(Acts, "together", counting)
    receive(place, *(mail("subscribe", f"reader-{n}@example.com") for n in range(AT_ONCE)))
    assert counted["commits"] == 1


# ── a storm ───────────────────────────────────────────────────────────────────────────────────────

READERS = 120


def storm(place: Place) -> Iterator[tuple[int, bool, Arrival]]:
    """A bounce for each reader: their number, whether it is forged, the mail."""
    rng = random.Random(1)
    for number in range(1, READERS + 1):
        forged = rng.random() < 0.3
        token = (STRANGER if forged else place.tokens).mint(Purpose.BOUNCE, subject=number, number=1)
        to = f"digest+bounce-{token}@example.org"
        raw = (
            f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: {to}\nMessage-ID: <{number}@mx.example.net>\n"
            "Subject: Undelivered Mail Returned to Sender\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
            "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
            f"Final-Recipient: rfc822; reader-{number}@example.net\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
        )
        yield number, forged, Arrival(raw=raw.encode(), recipient=to, sender="")


def test_a_storm_of_bounces_pauses_who_is_gone_and_nobody_whom_a_stranger_names(place: Place) -> None:
    names = [f"reader-{number}@example.net" for number in range(1, READERS + 1)]
    place.store.subscribers.import_many([Newcomer(email=name, key=name) for name in names], now=place.now)
    place.issue("k1")
    bounces = list(storm(place))
    rng = random.Random(2)
    arrivals = [arrival for _, _, arrival in bounces]
    rng.shuffle(arrivals)
    for start in range(0, READERS, AT_ONCE):
        receive(place, *arrivals[start : start + AT_ONCE])
    for number, forged, _ in bounces:
        reader = place.reader(names[number - 1])
        assert reader.membership is (Membership.ACTIVE if forged else Membership.PAUSED)
