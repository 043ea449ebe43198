"""Notes that wait: taken by one, settled by the same, lost by nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.model import Letter, State
from digest.store import Store, letterbox
from digest.store.mailbox import Unread
from store.given import ACCEPTED, AMBIGUOUS, NOW, PERMANENT, POLICY, SECOND, TEMPORARY

LETTER = Letter(sender="d@example.org", recipient="ada@example.org", message_id="<n.1@example.org>", parts=(b"Hi\r\n",))


def test_a_note_is_taken_once_and_is_the_same_letter(store: Store) -> None:
    store.letterbox.put("proof", LETTER, now=NOW)
    held = store.letterbox.take(now=NOW, policy=POLICY)
    assert held
    assert held.letter == LETTER
    assert store.letterbox.take(now=NOW, policy=POLICY) is None


def test_the_same_letter_put_twice_is_one(store: Store) -> None:
    store.letterbox.put("proof", LETTER, now=NOW)
    store.letterbox.put("proof", LETTER, now=NOW)
    assert store.letterbox.waiting() == 1


def test_what_was_accepted_leaves_nothing_behind(store: Store) -> None:
    store.letterbox.put("proof", LETTER, now=NOW)
    held = store.letterbox.take(now=NOW, policy=POLICY)
    assert held
    assert store.letterbox.settle(held, ACCEPTED, now=NOW, policy=POLICY) is State.ACCEPTED
    assert (store.letterbox.waiting(), store.letterbox.failed()) == (0, [])


def test_what_was_refused_is_named_with_the_reason(store: Store) -> None:
    store.letterbox.put("proof", LETTER, now=NOW)
    held = store.letterbox.take(now=NOW, policy=POLICY)
    assert held
    store.letterbox.settle(held, PERMANENT, now=NOW, policy=POLICY)
    (failed,) = store.letterbox.failed()
    assert (failed.kind, failed.recipient, failed.reply) == ("proof", "ada@example.org", "no such user")
    assert store.letterbox.waiting() == 0


def test_a_temporary_failure_is_tried_again_later_with_the_same_bytes(store: Store) -> None:
    store.letterbox.put("proof", LETTER, now=NOW)
    held = store.letterbox.take(now=NOW, policy=POLICY)
    assert held
    store.letterbox.settle(held, TEMPORARY, now=NOW, policy=POLICY)
    assert store.letterbox.take(now=NOW, policy=POLICY) is None
    later = NOW + POLICY.first_retry
    assert store.letterbox.next_due() == later
    again = store.letterbox.take(now=later, policy=POLICY)
    assert again
    assert (again.letter, again.attempts, again.doubtful) == (LETTER, 1, False)


def test_a_lost_answer_is_tried_once_more_and_then_never(store: Store) -> None:
    store.letterbox.put("proof", LETTER, now=NOW)
    first = store.letterbox.take(now=NOW, policy=POLICY)
    assert first
    store.letterbox.settle(first, AMBIGUOUS, now=NOW, policy=POLICY)
    second = store.letterbox.take(now=NOW + POLICY.doubt_after, policy=POLICY)
    assert second
    assert second.doubtful
    assert store.letterbox.settle(second, AMBIGUOUS, now=NOW, policy=POLICY) is State.UNCERTAIN


def test_a_silent_sender_loses_its_note_and_its_word(store: Store) -> None:
    store.letterbox.put("proof", LETTER, now=NOW)
    hung = store.letterbox.take(now=NOW, policy=POLICY)
    taken_over = store.letterbox.take(now=NOW + POLICY.lease + SECOND, policy=POLICY)
    assert hung
    assert taken_over
    assert taken_over.doubtful
    store.letterbox.settle(hung, PERMANENT, now=NOW, policy=POLICY)
    assert store.letterbox.failed() == []
    store.letterbox.settle(taken_over, ACCEPTED, now=NOW, policy=POLICY)
    assert store.letterbox.waiting() == 0


def test_who_says_that_they_are_alive_keeps_their_note(store: Store) -> None:
    store.letterbox.put("proof", LETTER, now=NOW)
    held = store.letterbox.take(now=NOW, policy=POLICY)
    assert held
    store.letterbox.keep(held, now=NOW + POLICY.lease, policy=POLICY)
    assert store.letterbox.take(now=NOW + POLICY.lease + SECOND, policy=POLICY) is None


def test_what_kills_its_senders_is_given_up(store: Store) -> None:
    policy = replace(POLICY, crashes=2)
    store.letterbox.put("proof", LETTER, now=NOW)
    at = NOW
    for _ in range(2):
        assert store.letterbox.take(now=at, policy=policy)
        at += policy.lease + SECOND
    assert store.letterbox.take(now=at, policy=policy) is None
    assert [failed.state for failed in store.letterbox.failed()] == [State.UNCERTAIN]


def test_the_oldest_note_goes_first(store: Store) -> None:
    for n in range(3):
        letter = LETTER._replace(message_id=f"<n.{n}@example.org>")
        store.letterbox.put("proof", letter, now=NOW + n * SECOND)
    taken = [store.letterbox.take(now=NOW + 9 * SECOND, policy=POLICY) for _ in range(3)]
    assert [held.letter.message_id for held in taken if held] == [f"<n.{n}@example.org>" for n in range(3)]


def test_a_failure_is_forgotten_after_a_month(store: Store) -> None:
    store.letterbox.put("proof", LETTER, now=NOW)
    held = store.letterbox.take(now=NOW, policy=POLICY)
    assert held
    store.letterbox.settle(held, PERMANENT, now=NOW, policy=POLICY)
    store.letterbox.tidy(now=NOW + timedelta(days=29))
    assert store.letterbox.failed()
    store.letterbox.tidy(now=NOW + timedelta(days=31))
    assert store.letterbox.failed() == []


def test_what_nobody_could_read_is_kept_as_it_came(store: Store) -> None:
    store.letterbox.set_aside(b"\0\xff", why="it has\n1,000 parts", now=NOW)
    (kept,) = store.letterbox.set_aside_mails()
    assert (kept.raw, kept.why, kept.at) == (b"\0\xff", "it has 1,000 parts", NOW)


@pytest.mark.parametrize(("limit", "value"), [("ASIDE_MAILS", 3), ("ASIDE_BYTES", 3 * 1000)])
def test_rubbish_does_not_fill_the_disk(store: Store, monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    monkeypatch.setattr(letterbox, limit, value)
    for number in range(10):
        store.letterbox.set_aside(b"x" * 1000, why=f"mail {number}", now=NOW)
    assert [mail.why for mail in store.letterbox.set_aside_mails()] == ["mail 7", "mail 8", "mail 9"]


def test_of_a_huge_mail_that_nobody_could_read_the_beginning_is_kept(store: Store) -> None:
    store.letterbox.set_aside(b"x" * 3_000_000, why="huge", now=NOW)
    (kept,) = store.letterbox.set_aside_mails()
    assert len(kept.raw) == 1024 * 1024


def test_what_nobody_could_read_is_kept_for_ninety_days(store: Store) -> None:
    store.letterbox.set_aside(b"old", why="x", now=NOW)
    store.letterbox.set_aside(b"new", why="x", now=NOW + timedelta(days=1))
    store.letterbox.tidy(now=NOW + timedelta(days=90, hours=1))
    assert [mail.raw for mail in store.letterbox.set_aside_mails()] == [b"new"]


# ── the mailbox that readers write to ─────────────────────────────────────────────────────────────


def test_since_when_the_mailbox_is_unread_stays_while_it_fails_and_goes_when_it_opens(store: Store) -> None:
    assert store.mailbox.unread() is None
    for hours, why in enumerate(["refused", "no\nsuch host"]):
        store.mailbox.failed(why, now=NOW + timedelta(hours=hours))
    assert store.mailbox.unread() == Unread(since=NOW, why="no such host")
    store.mailbox.opened()
    assert store.mailbox.unread() is None


def test_the_editor_is_told_of_the_mailbox_after_a_while_and_then_once_a_day(store: Store) -> None:
    def told(days: float) -> bool:
        hour, day = timedelta(hours=1), timedelta(days=1)
        return store.mailbox.ask_to_tell(now=NOW + timedelta(days=days), after=hour, again=day)

    assert not told(0)
    store.mailbox.failed("refused", now=NOW)
    assert [told(days) for days in (0, 0.1, 0.2, 1.0, 1.2, 1.3)] == [False, True, False, False, True, False]
    store.mailbox.opened()
    store.mailbox.failed("refused", now=NOW + timedelta(days=1.4))
    assert [told(days) for days in (1.4, 1.5)] == [False, True], "another trouble"
