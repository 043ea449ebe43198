"""The editor's hand by mail: a proof before the slot, a word that is obeyed once, silence that means what was set."""

from __future__ import annotations

import email
import email.policy
from datetime import timedelta
from email.message import EmailMessage
from hashlib import sha256

import pytest

from clock.conftest import Opened, Times, utc
from digest import editing, reporting
from digest.mail.intents import Asked, Instruct
from digest.mail.tokens import Purpose, Stamp
from digest.model import Outcome, SlotState, Standing
from digest.store.policy import Policy
from digest.subscribing import answer

TUESDAY = "2026-11-24T09:00"
BEFORE, SLOT, AFTER = "2026-11-23T09:30", "2026-11-24T09:00", "2026-11-24T09:05"
BOSS = "boss@example.org"
ACCEPTED = Outcome(verdict="accepted", phase="dot", code=250)


@pytest.fixture
def asked(times: Opened) -> Times:
    """A newsletter whose editor approves; silence sends."""
    return adopted(times, digest_silence="send")


@pytest.fixture
def strict(times: Opened) -> Times:
    """The same, where silence holds."""
    return adopted(times, digest_silence="hold")


def adopted(times: Opened, **settings: str) -> Times:
    made = times(digest_approve=BOSS, **settings)
    made.adopt("2026-11-23T08:00")
    return made


def letters(times: Times) -> list[EmailMessage]:
    """What waits for the editor, as her mail program reads it; the letterbox is empty then."""
    found, box, now = [], times.house.store.letterbox, utc("2030-01-01")
    while held := box.take(now=now, policy=Policy()):
        message = email.message_from_bytes(held.letter.data, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        assert held.letter.recipient == BOSS
        found.append(message)
        box.settle(held, ACCEPTED, now=now, policy=Policy())
    return found


def proof(times: Times, at: str = BEFORE) -> EmailMessage:
    """The one proof that a tick at this time brings."""
    times.tick(at)
    (only,) = letters(times)
    return only


def stamp(times: Times, letter: EmailMessage) -> Stamp:
    token = letter["Reply-To"].partition("-")[2].partition("@")[0]
    found = times.house.postroom.tokens().read(Purpose.PROOF, token)
    assert found
    return found


def say(
    times: Times,
    letter: EmailMessage,
    word: str,
    *,
    number: int | None = None,
    subject: str = "",
    sender: str = BOSS,
    aligned: bool = True,
) -> str:
    """A reply to a proof; says what was done."""
    wish = Instruct(stamp=stamp(times, letter), word=word, number=number, subject=subject)  # type: ignore[arg-type]
    digest = sha256(f"{letter['Message-ID']}{word}{sender}{aligned}".encode()).digest()
    mail = Asked(intent=wish, channel="mail", sender=sender, aligned=aligned, digest=digest, message_id=digest.hex())
    return answer(mail, reception=times.house.reception(), now=utc("2026-11-23T10:00")).what


def state(times: Times) -> SlotState | None:
    found = times.house.store.slots.get(TUESDAY)
    return found.state if found else None


def text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body
    return " ".join(body.get_content().split())


# ── the proof ─────────────────────────────────────────────────────────────────────────────────────


def test_the_proof_comes_once_a_day_before_the_slot(asked: Times) -> None:
    asked.tick("2026-11-23T08:59")
    assert letters(asked) == []
    assert proof(asked, "2026-11-23T09:01")["To"] == BOSS
    asked.sweep("2026-11-23T09:02", "2026-11-24T08:59", every=timedelta(hours=1))
    assert letters(asked) == []


def test_the_proof_is_the_digest_with_what_there_is_to_know(asked: Times) -> None:
    letter = text(proof(asked))
    best = editing.compose(asked.house.office(), asked.house.store.slots.open()[0].slot, now=utc(BEFORE))[0]
    assert best.page.headline.title in letter
    assert all(word in letter for word in ("OK", "NEXT", "SKIP", "HOLD", "PIN", "STOP", "Runners-up", "Readers"))
    assert "If you say nothing, it goes out then." in letter


def test_without_an_approver_nobody_is_asked(times: Opened) -> None:
    made = times()
    made.adopt("2026-11-23T08:00")
    made.tick(BEFORE)
    assert letters(made) == []


# ── her words ─────────────────────────────────────────────────────────────────────────────────────


def test_ok_sends_what_was_shown_though_a_better_one_came(strict: Times) -> None:
    shown = proof(strict)
    say(strict, shown, "ok")
    strict.tick("2026-11-23T11:00")
    strict.house.store.library.set_standing(7, Standing.PINNED)
    issue = strict.tick(AFTER)
    assert issue
    assert issue.page.headline.subject in shown["Subject"]
    assert state(strict) is SlotState.MADE


def test_skip_sends_nothing(asked: Times) -> None:
    say(asked, proof(asked), "skip")
    assert asked.sweep("2026-11-23T11:00", "2026-11-24T20:00") == []
    assert state(asked) is SlotState.SKIPPED


def test_hold_keeps_it_back_until_ok(asked: Times) -> None:
    say(asked, proof(asked), "hold")
    again = proof(asked, "2026-11-23T11:00")
    assert "Nothing goes out until you say OK" in text(again)
    assert asked.tick(AFTER) is None
    assert state(asked) is SlotState.HELD
    say(asked, again, "ok")
    assert asked.tick("2026-11-24T10:00")


def test_what_is_held_until_the_late_limit_does_not_go_out(asked: Times) -> None:
    say(asked, proof(asked), "hold")
    again = proof(asked, "2026-11-23T11:00")
    assert asked.sweep(SLOT, "2026-11-24T20:00") == []
    say(asked, again, "ok")
    assert asked.tick("2026-11-24T20:01") is None
    assert "Too late" in letters(asked)[-1]["Subject"]


def test_next_shows_the_runner_up_and_then_the_one_after_it(asked: Times) -> None:
    first = proof(asked)
    say(asked, first, "next")
    second = proof(asked, "2026-11-23T11:00")
    say(asked, second, "next")
    third = proof(asked, "2026-11-23T11:01")
    assert len({letter["Subject"] for letter in (first, second, third)}) == 3
    issue = asked.tick(AFTER)
    assert issue
    assert issue.page.headline.subject in third["Subject"]


def test_who_wants_none_of_them_is_told_that_there_is_no_other(asked: Times) -> None:
    letter, minute = proof(asked), 0
    while "Nothing else" not in letter["Subject"]:
        say(asked, letter, "next")
        letter, minute = proof(asked, f"2026-11-23T11:{minute:02}"), minute + 1
    assert 2 < minute <= 7
    assert asked.tick(AFTER) is None


def test_pin_shows_another_one_and_unknown_numbers_change_nothing(asked: Times) -> None:
    first = proof(asked)
    say(asked, first, "pin", number=99)
    still = proof(asked, "2026-11-23T11:00")
    assert "no such thread" in text(still)
    say(asked, still, "pin", number=7)
    pinned = proof(asked, "2026-11-23T11:01")
    issue = asked.tick(AFTER)
    assert issue
    assert issue.thread_id == 7
    assert issue.page.headline.subject in pinned["Subject"]


def test_a_subject_in_the_reply_becomes_the_subject(asked: Times) -> None:
    say(asked, proof(asked), "ok", subject="What a lamp teaches")
    asked.tick("2026-11-23T11:00")
    issue = asked.tick(AFTER)
    assert issue
    assert issue.page.headline.subject == "What a lamp teaches"


def test_a_new_subject_alone_is_shown_again(strict: Times) -> None:
    say(strict, proof(strict), "retitle", subject="What a lamp teaches")
    assert "What a lamp teaches" in proof(strict, "2026-11-23T11:00")["Subject"]
    assert strict.tick(AFTER) is None


def test_stop_stops_everything(asked: Times) -> None:
    say(asked, proof(asked), "stop")
    asked.tick("2026-11-23T11:00")
    assert asked.house.store.home.stopped()
    assert asked.tick(AFTER) is None


# ── silence ───────────────────────────────────────────────────────────────────────────────────────


def test_silence_sends_where_it_is_to_send(asked: Times) -> None:
    shown = proof(asked)
    issue = asked.tick(AFTER)
    assert issue
    assert issue.page.headline.subject in shown["Subject"]


def test_silence_holds_where_it_is_to_hold_and_a_late_ok_still_counts(strict: Times) -> None:
    shown = proof(strict)
    assert strict.tick(AFTER) is None
    assert state(strict) is SlotState.HELD
    say(strict, shown, "ok")
    assert strict.tick("2026-11-24T10:00")


def test_a_machine_that_slept_until_the_slot_asks_before_it_sends(strict: Times) -> None:
    assert strict.tick(AFTER) is None
    (shown,) = letters(strict)
    say(strict, shown, "ok")
    assert strict.tick("2026-11-24T10:00")


# ── who may answer ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("sender", "aligned"), [("mallory@example.com", True), (BOSS, False), ("", False)])
def test_a_word_that_nobody_vouches_for_changes_nothing(strict: Times, sender: str, aligned: bool) -> None:
    shown = proof(strict)
    assert say(strict, shown, "ok", sender=sender, aligned=aligned) == "an instruction that nobody vouches for"
    assert strict.tick(AFTER) is None
    assert [letter["Subject"] for letter in letters(strict)] == ["An answer that was not obeyed"]
    assert say(strict, shown, "ok") == "instructed"


def test_a_token_works_once(asked: Times) -> None:
    shown = proof(asked)
    say(asked, shown, "ok")
    asked.tick("2026-11-23T11:00")
    assert say(asked, shown, "skip") == "an instruction, and no proof waits for one"
    assert asked.tick(AFTER)


def test_a_proof_whose_slot_is_over_is_answered_for_nothing(asked: Times) -> None:
    shown = proof(asked)
    assert asked.tick(AFTER)
    say(asked, shown, "skip")
    asked.tick("2026-11-24T09:30")
    assert state(asked) is SlotState.MADE


def test_a_word_is_obeyed_once_though_the_machine_dies_in_between(asked: Times) -> None:
    """It is written down with the mail; whoever ticks next obeys."""
    say(asked, proof(asked), "next")
    office = asked.house.office()
    assert editing.obey(office, now=utc("2026-11-23T11:00")) == 1
    assert editing.obey(office, now=utc("2026-11-23T11:00")) == 0
    assert len(letters(asked)) == 1


# ── the report ────────────────────────────────────────────────────────────────────────────────────


def test_the_report_comes_once_when_the_issue_is_out(asked: Times) -> None:
    proof(asked)
    issue = asked.tick(AFTER)
    assert issue
    office, ledger = asked.house.office(), asked.house.store.ledger
    assert reporting.report(office, now=utc(AFTER)) == 0
    (claim,) = ledger.claim(issue.number, limit=9, now=utc(AFTER), policy=Policy())
    ledger.turn(settled=[], starting=[claim], now=utc(AFTER), policy=Policy())
    refused = Outcome(verdict="permanent", phase="rcpt", code=550, enhanced="5.1.1", reply="no such user")
    ledger.turn(settled=[(claim, refused)], starting=[], now=utc(AFTER), policy=Policy())
    assert reporting.report(office, now=utc(AFTER)) == 1
    assert reporting.report(office, now=utc(AFTER)) == 0
    (letter,) = letters(asked)
    assert claim.recipient.email in text(letter)
    assert "no such user" in text(letter)


def test_an_issue_that_is_still_on_its_way_after_a_day_is_reported_all_the_same(asked: Times) -> None:
    proof(asked)
    assert asked.tick(AFTER)
    assert reporting.report(asked.house.office(), now=utc("2026-11-26T09:05")) == 1
    assert "Still on their way" in text(letters(asked)[-1])
