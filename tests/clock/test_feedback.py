"""Good pick and not for me: two links in the footer, a word that is kept, and a pick that heeds it in the open."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage

import pytest

from clock.conftest import Opened, Times, utc
from digest import publishing
from digest.mail.intents import Asked, Rate
from digest.mail.tokens import Purpose
from digest.model import Recipient
from digest.subscribing import answer

AFTER = "2026-11-24T09:05"


@pytest.fixture
def read(times: Opened) -> Times:
    """A newsletter that reads its mail, and has sent an issue."""
    made = times(lmtp_listen="127.0.0.1:2424")
    made.adopt("2026-11-23T08:00")
    assert made.tick(AFTER)
    return made


def letter(times: Times) -> EmailMessage:
    issue = times.house.store.issues.get(1)
    assert issue
    data = times.house.postroom.press(issue).address(Recipient(id=1, email="ada@example.org")).data
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def links(times: Times, part: str) -> dict[str, str]:
    """The word of each link, and its token."""
    body = letter(times).get_body((part,))
    assert body
    return dict(re.findall(r"mailto:digest\+(good|bad)-([a-z2-7]{34})@example\.org", body.get_content()))


@pytest.mark.parametrize("part", ["plain", "html"])
def test_the_footer_asks_for_an_opinion_by_mail(read: Times, part: str) -> None:
    tokens, found = read.house.postroom.tokens(), links(read, part)
    assert {
        word: (stamp.subject, stamp.number)
        for word, token in found.items()
        if (stamp := tokens.read(Purpose(word), token))
    } == {
        "good": (1, 1),
        "bad": (1, 1),
    }


def test_a_digest_that_reads_no_mail_asks_for_none(times: Opened) -> None:
    made = times()
    made.adopt("2026-11-23T08:00")
    assert made.tick(AFTER)
    assert links(made, "html") == {}


@pytest.mark.parametrize(("word", "standing"), [("good", 1), ("bad", -1)])
def test_a_word_is_kept_and_moves_the_score_of_its_like(read: Times, word: str, standing: int) -> None:
    stamp = read.house.postroom.tokens().read(Purpose(word), links(read, "html")[word])
    assert stamp
    before = parts(read)
    mail = Asked(intent=Rate(stamp=stamp), channel="mail", sender="ada@example.org", digest=b"1", message_id="1")
    answer(mail, reception=read.house.reception(), now=utc(AFTER))
    moved = [(after - was) * standing for was, after in zip(before, parts(read), strict=True)]
    assert min(moved) >= 0
    assert max(moved) > 0


def parts(times: Times) -> list[float]:
    """What readers' words make of each thread that may be next, by id."""
    pick = publishing.choose(times.house.store, now=utc("2026-11-25T09:00"), weights=times.house.weights())
    scored = [*([pick.best] if pick.best else []), *pick.runners_up]
    return [
        part.value
        for one in sorted(scored, key=lambda one: one.shelved.id)
        for part in one.parts
        if part.name == "readers"
    ]
