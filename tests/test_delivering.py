"""Carrying an issue: what the ledger says afterwards, whatever the outbox, the reader, the disk or the hour did meanwhile."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest

from digest import delivering, publishing
from digest.delivering import Round
from digest.errors import InputError, MailError, StoreError, Unreachable
from digest.mail.sending.outbox import Relay, SmtpOutbox
from digest.model import (
    Consignor,
    Headline,
    Issue,
    Letter,
    Letterhead,
    Marks,
    Membership,
    Outbox,
    Outcome,
    Page,
    Post,
    Recipient,
    State,
    Thread,
)
from digest.store import Store, open_store
from digest.store.journal import Journal
from digest.store.ledger import Claim, Ledger, Policy
from digest.store.subscribers import Newcomer
from mail.sending.faulty import Faulty, in_a_thread

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
POLICY = Policy()
ACCEPTED = Outcome(verdict="accepted", phase="dot", code=250)
Answer = Callable[[Letter], Outcome]


class Press:
    """Letters with nothing in them. `slow` as asked; who is in `nameless` cannot be addressed."""

    def __init__(self, *, slow: bool = False, nameless: str = "") -> None:
        self.slow, self._nameless = slow, nameless
        self.made: Counter[str] = Counter()

    def address(self, recipient: Recipient) -> Letter:
        if recipient.email == self._nameless:
            raise InputError("no letter can be addressed to this", where=recipient.email)
        self.made[recipient.email] += 1
        return Letter(sender="d@example.org", recipient=recipient.email, message_id="<1@x>", parts=(b"\r\n",))


class Postbox:
    """An outbox that answers as told, after a turn of the loop, and counts whom it carried."""

    def __init__(self, answer: Answer = lambda _: ACCEPTED, *, capacity: int = 6) -> None:
        self._answer, self.capacity = answer, capacity
        self.carried: Counter[str] = Counter()
        self.under_way = self.most = 0

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()

    def post(self, letter: Letter, consignor: Consignor) -> None:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        asyncio.get_running_loop().call_soon(self._deliver, letter, consignor)

    def _deliver(self, letter: Letter, consignor: Consignor) -> None:
        self.carried[letter.recipient] += 1
        try:
            answer: Outcome | MailError = self._answer(letter)
        except MailError as trouble:
            answer = trouble
        consignor.answered(answer, self._written)

    def _written(self) -> None:
        self.under_way -= 1

    def carry(self, letter: Letter) -> AbstractAsyncContextManager[Outcome]:
        raise NotImplementedError("nobody waits here")

    async def close(self) -> None:
        pass


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/digest.sqlite3")
    yield opened
    opened.close()


def owing(store: Store, readers: int) -> Issue:
    """An issue that owes a letter to each of reader0@example.org, reader1@example.org, …"""
    names = [f"reader{n}@example.org" for n in range(readers)]
    store.subscribers.import_many((Newcomer(email=name, key=name) for name in names), now=NOW)
    thread = Thread(key="k", source="text", posts=(Post(number=1, text="Why bees."),))
    shelved = store.library.add(thread, raw=b"raw", now=NOW).shelved
    called = Headline(title="Bees", subject="Bees", preheader="")
    page = Page(headline=called, html="<p>", text="", mjml="", marks=Marks(nonce="00"), lang="en")
    head = Letterhead(name="D", from_address="d@x.test", list_address="d@x.test", domain="x.test", date=NOW)
    return store.issues.create(thread_id=shelved.id, page=page, letterhead=head, reason="", now=NOW)


def deliver(
    store: Store,
    issue: Issue,
    outbox: Outbox,
    *,
    press: Press | None = None,
    heard: Callable[[Claim, Outcome], None] = lambda *_: None,
    stop: asyncio.Event | None = None,
    now: Callable[[], datetime] = lambda: NOW,
    policy: Policy = POLICY,
) -> None:
    round_ = Round(
        issue=issue,
        ledger=store.ledger,
        press=press or Press(),
        outbox=outbox,
        policy=policy,
        now=now,
        heard=heard,
        stop=stop or asyncio.Event(),
    )
    asyncio.run(publishing.deliver(round_))


@pytest.mark.parametrize("slow", [False, True])
def test_every_reader_is_carried_once_and_heard_once(store: Store, slow: bool) -> None:
    """More of them than fit into two batches of claims."""
    issue, outbox, press = owing(store, 600), Postbox(), Press(slow=slow)
    heard: Counter[str] = Counter()
    deliver(store, issue, outbox, press=press, heard=lambda claim, _: heard.update([claim.recipient.email]))
    assert store.ledger.tally(issue.number).counts == {State.ACCEPTED: 600}
    assert outbox.carried == heard == press.made
    assert set(heard.values()) == {1}


def test_no_more_letters_are_under_way_than_the_outbox_takes(store: Store) -> None:
    outbox = Postbox(capacity=3)
    deliver(store, owing(store, 50), outbox)
    assert outbox.most == 3


@pytest.mark.parametrize("disk", ["has room", "is full"])
def test_a_letter_is_under_way_until_its_answer_survives_a_kill(
    store: Store, tmp_path: Path, disk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a place in the outbox is free again, what it carried before is in the store or in the journal beside it; in the
    store alone when the disk takes no more entries, or there is no journal."""
    if disk == "is full":
        monkeypatch.setattr(Journal, "add", lambda *_: False)
    issue, journal = owing(store, 40), Journal(tmp_path / "digest.sqlite3", secret=store.secret())

    class Strict(Postbox):
        def post(self, letter: Letter, consignor: Consignor) -> None:
            known = {reader for _, readers in journal.left_behind() for reader in readers}
            known |= {line.subscriber_id for line in store.ledger.deliveries(issue.number, State.ACCEPTED)}
            assert sum(self.carried.values()) - len(known) <= self.capacity
            super().post(letter, consignor)

    deliver(store, issue, Strict(capacity=2))
    assert not list(journal.left_behind())
    assert store.ledger.tally(issue.number)[State.ACCEPTED] == 40


def test_letters_are_signed_beside_the_wire_a_few_at_a_time(store: Store) -> None:
    """Not a whole batch at once: a mail server on the same machine would stand still meanwhile."""
    issue, hands, ahead = owing(store, 100), set[int](), list[int]()

    class Signing(Press):
        def address(self, recipient: Recipient) -> Letter:
            hands.add(threading.get_ident())
            return super().address(recipient)

    press = Signing(slow=True)

    def first(letter: Letter) -> Outcome:
        ahead.append(press.made.total())
        return ACCEPTED

    deliver(store, issue, Postbox(first), press=press)
    assert threading.get_ident() not in hands
    assert ahead[0] <= 6
    assert press.made.total() == 100


def test_who_leaves_during_the_send_gets_nothing(store: Store) -> None:
    """Reader 39 leaves while the first letters go: their letter is claimed by then, and not started."""
    issue = owing(store, 40)
    outbox = Postbox(capacity=2)

    def heard(_claim: Claim, _outcome: Outcome) -> None:
        if sum(outbox.carried.values()) == 2:
            store.subscribers.remove("reader39@example.org", now=NOW)

    deliver(store, issue, outbox, heard=heard)
    assert not outbox.carried["reader39@example.org"]
    assert store.ledger.tally(issue.number).counts == {State.ACCEPTED: 39, State.WITHDRAWN: 1}


def test_a_stop_finishes_what_is_in_flight_and_owes_the_rest(store: Store) -> None:
    issue, stop = owing(store, 300), asyncio.Event()

    class Watched(Postbox):
        def post(self, letter: Letter, consignor: Consignor) -> None:
            assert not stop.is_set(), "nothing is begun any more"
            super().post(letter, consignor)

    def heard(_claim: Claim, _outcome: Outcome) -> None:
        if sum(outbox.carried.values()) >= 20:
            stop.set()

    outbox = Watched(capacity=4)
    deliver(store, issue, outbox, heard=heard, stop=stop)
    tally = store.ledger.tally(issue.number)
    carried = sum(outbox.carried.values())
    assert 20 <= carried <= 28
    assert tally.counts == {State.ACCEPTED: carried, State.PENDING: 300 - carried}
    assert store.ledger.next_due(issue.number) == NOW


def claimable(store: Store, issue: Issue) -> int:
    count = 0
    while claims := store.ledger.claim(issue.number, limit=300, now=NOW, policy=POLICY):
        count += len(claims)
    return count


def test_what_a_stop_leaves_over_can_be_claimed_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was claimed for this run, and the batch that it fetched ahead."""
    monkeypatch.setattr(delivering, "BATCH", 50)
    issue, outbox, stop = owing(store, 300), Postbox(capacity=4), asyncio.Event()
    deliver(store, issue, outbox, heard=lambda *_: stop.set(), stop=stop)
    assert claimable(store, issue) == 300 - sum(outbox.carried.values()) > 200


def test_a_stop_is_clean_though_the_batch_ahead_could_not_be_claimed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "BATCH", 50)
    issue, outbox, stop, claim = owing(store, 300), Postbox(capacity=4), asyncio.Event(), Ledger.claim

    def locked(*args: object, **more: object) -> object:
        monkeypatch.setattr(Ledger, "claim", Mock(side_effect=StoreError("it is locked", where="digest.sqlite3")))
        return claim(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Ledger, "claim", locked)
    deliver(store, issue, outbox, heard=lambda *_: stop.set(), stop=stop)
    monkeypatch.undo()
    assert claimable(store, issue) == 300 - sum(outbox.carried.values()) > 200


def test_a_server_that_cannot_be_spoken_to_fails_nobody(store: Store) -> None:
    issue = owing(store, 30)
    outbox = Postbox(capacity=4)

    def answer(_letter: Letter) -> Outcome:
        if sum(outbox.carried.values()) > 10:
            raise Unreachable("nobody listens there", where="mail.example.org:25", temporary=True)
        return ACCEPTED

    outbox._answer = answer
    with pytest.raises(Unreachable, match="nobody listens"):
        deliver(store, issue, outbox)
    assert store.ledger.tally(issue.number).counts == {State.ACCEPTED: 10, State.PENDING: 20}
    deliver(store, issue, Postbox())
    assert store.ledger.tally(issue.number).counts == {State.ACCEPTED: 30}


def test_a_server_that_refuses_the_sender_refuses_no_reader(store: Store) -> None:
    issue = owing(store, 30)
    refusal = Outcome(verdict="permanent", phase="mail", code=530, reply="Must issue a STARTTLS command first")
    outbox = Postbox(lambda _: refusal, capacity=4)
    with pytest.raises(MailError, match="does not take mail from us"):
        deliver(store, issue, outbox)
    assert sum(outbox.carried.values()) <= 4
    assert store.ledger.tally(issue.number).counts == {State.PENDING: 30}


def test_a_letter_that_its_server_cannot_be_asked_to_take_is_refused_alone(store: Store) -> None:
    """Nobody was asked: that is no word of the server about us."""
    issue = owing(store, 5)
    unfit = Outcome(verdict="permanent", phase="mail", enhanced="5.6.7", reply="it does not offer SMTPUTF8")
    deliver(store, issue, Postbox(lambda one: unfit if one.recipient == "reader3@example.org" else ACCEPTED))
    assert store.ledger.tally(issue.number).counts == {State.ACCEPTED: 4, State.REFUSED: 1}


def test_a_mailbox_that_is_not_there_counts_against_its_reader(store: Store) -> None:
    issue = owing(store, 2)
    nobody = Outcome(verdict="permanent", phase="rcpt", code=550, enhanced="5.1.1", reply="no such user")
    deliver(store, issue, Postbox(lambda one: nobody if one.recipient == "reader1@example.org" else ACCEPTED))
    standing = [store.subscribers.find(f"reader{n}@example.org") for n in range(2)]
    assert [one and one.membership for one in standing] == [Membership.ACTIVE, Membership.PAUSED]


def test_a_try_that_reached_no_server_costs_none_of_a_letters_tries(store: Store) -> None:
    issue = owing(store, 1)

    def nobody(_letter: Letter) -> Outcome:
        raise Unreachable("nobody listens there", temporary=True)

    for _ in range(40):
        with pytest.raises(Unreachable):
            deliver(store, issue, Postbox(nobody))
    greylisted = Outcome(verdict="temporary", phase="rcpt", code=451, reply="come back later")
    deliver(store, issue, Postbox(lambda _: greylisted))
    assert store.ledger.tally(issue.number).counts == {State.PENDING: 1}
    assert store.ledger.next_due(issue.number) == NOW + POLICY.first_retry


@pytest.mark.parametrize("slow", [False, True])
def test_a_reader_who_cannot_be_addressed_is_refused_alone(store: Store, slow: bool) -> None:
    issue = owing(store, 5)
    deliver(store, issue, Postbox(), press=Press(slow=slow, nameless="reader3@example.org"))
    assert store.ledger.tally(issue.number).counts == {State.ACCEPTED: 4, State.REFUSED: 1}
    (refused,) = store.ledger.deliveries(issue.number, State.REFUSED)
    assert (refused.email, refused.phase) == ("reader3@example.org", "address")


def fill_the_disk_at_the_third_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    write, turns = Ledger.turn, Counter[str]()

    def full(*args: object, **more: object) -> object:
        turns["asked"] += 1
        if turns["asked"] > 2:
            raise StoreError("the disk is full", where="digest.sqlite3", then="Make room.")
        return write(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Ledger, "turn", full)


def test_a_ledger_that_cannot_be_written_stops_everything_and_says_so(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its third turn on the disk is full: nothing goes out that was not started before, and nothing twice."""
    issue, outbox = owing(store, 300), Postbox(capacity=4)
    fill_the_disk_at_the_third_turn(monkeypatch)
    with pytest.raises(StoreError, match="the disk is full"):
        deliver(store, issue, outbox)
    monkeypatch.undo()
    started = {line.email for line in store.ledger.deliveries(issue.number) if line.state is not State.PENDING}
    assert outbox.carried.keys() <= started
    assert len(started) < 300
    store.ledger.recover(now=NOW, policy=POLICY, alone=True)
    again = Postbox()
    deliver(store, issue, again)
    assert not outbox.carried.keys() & again.carried.keys(), "what was answered was noted"
    assert store.ledger.tally(issue.number).counts == {State.ACCEPTED: 300}


def test_what_was_accepted_after_the_ledger_failed_is_not_sent_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server answers while the outbox is closed. What breaks then by our own hand is no word on a letter."""
    issue, write, silent = owing(store, 40), Ledger.turn, list[tuple[str, Consignor]]()

    def full(*args: object, **more: object) -> object:
        if silent:
            raise StoreError("the disk is full", where="digest.sqlite3", then="Make room.")
        return write(*args, **more)  # type: ignore[arg-type]

    class Slow(Postbox):
        """Answers only one of the first four; that one's turn meets the full disk."""

        def _deliver(self, letter: Letter, consignor: Consignor) -> None:
            if len(silent) < 3:
                silent.append((letter.recipient, consignor))
            else:
                super()._deliver(letter, consignor)

        async def close(self) -> None:
            lost = Outcome(verdict="ambiguous", phase="dot", reply="the connection broke")
            for answer, (_, consignor) in zip((ACCEPTED, ACCEPTED, lost), silent, strict=True):
                assert not consignor.may_go(), "nothing leaves any more"
                consignor.answered(answer, lambda: None)
            await asyncio.sleep(0.01)

    monkeypatch.setattr(Ledger, "turn", full)
    with pytest.raises(StoreError, match="the disk is full"):
        deliver(store, issue, Slow(capacity=4))
    monkeypatch.undo()
    store.ledger.recover(now=NOW, policy=POLICY, alone=True)
    again = Postbox()
    deliver(store, issue, again)
    assert [again.carried[email] for email, _ in silent] == [0, 0, 1]
    assert store.ledger.tally(issue.number).counts == {State.ACCEPTED: 40}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("pause", [0, 0.02], ids=["before the end", "after it"])
def test_the_outbox_can_be_closed_though_no_answer_can_be_written_down(
    store: Store, monkeypatch: pytest.MonkeyPatch, pause: float
) -> None:
    """Its connections wait for that, each with its window full; what is answered later is waited for no more."""
    issue = owing(store, 60)
    fill_the_disk_at_the_third_turn(monkeypatch)
    monkeypatch.setattr(Journal, "add", lambda *_: False)
    with in_a_thread(Faulty(pause=pause)) as server, pytest.raises(StoreError, match="the disk is full"):
        deliver(store, issue, SmtpOutbox(Relay(host="127.0.0.1", port=server.port, tls="none")))


@pytest.mark.timeout(30)
def test_a_fault_of_ours_ends_the_send_and_is_heard_of(store: Store) -> None:
    def heard(_claim: Claim, _outcome: Outcome) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        deliver(store, owing(store, 40), Postbox(), heard=heard)


def test_a_worker_that_woke_up_after_its_lease_sends_nothing_that_was_taken_over(store: Store) -> None:
    """It sleeps with four letters in the outbox; when it wakes up, its lease is over and another may have them."""
    issue, hour = owing(store, 40), [NOW]

    class Sleeper(Postbox):
        def _deliver(self, letter: Letter, consignor: Consignor) -> None:
            if sum(self.carried.values()) == 8:
                hour[0] = NOW + POLICY.lease
            if consignor.may_go():
                super()._deliver(letter, consignor)
            else:
                asleep.append(letter.recipient)
                consignor.answered(Outcome(verdict="temporary", phase="connect"), self._written)

    asleep: list[str] = []
    outbox = Sleeper(capacity=4)
    deliver(store, issue, outbox, now=lambda: hour[0])
    assert asleep
    assert set(outbox.carried.values()) == {1}
    assert store.ledger.tally(issue.number).counts == {State.ACCEPTED: 40}, "nobody had taken them over, so they went"


def test_a_letter_that_hangs_keeps_no_other_answer_from_the_ledger(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though they came while a turn was written, and no other will follow them."""
    issue, write, settled = owing(store, 20), Ledger.turn, list[int]()

    def slowly(*args: object, **more: object) -> object:
        time.sleep(0.02)
        return write(*args, **more)  # type: ignore[arg-type]

    class Hanging(Postbox):
        def _deliver(self, letter: Letter, consignor: Consignor) -> None:
            if letter.recipient != "reader0@example.org":
                return super()._deliver(letter, consignor)
            settled.append(store.ledger.tally(issue.number)[State.ACCEPTED])
            if settled[-1] < 19 and len(settled) < 1000:
                asyncio.get_running_loop().call_later(0.001, self._deliver, letter, consignor)
            else:
                super()._deliver(letter, consignor)
            return None

    monkeypatch.setattr(Ledger, "turn", slowly)
    deliver(store, issue, Hanging())
    assert settled[-1] == 19


def test_a_slow_server_costs_nobody_their_lease(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """While its one letter is under way, we say again and again that we are alive."""
    keep, kept, looked = Ledger.keep, Counter[str](), Counter[str]()

    def counting(*args: object, **more: object) -> None:
        keep(*args, **more)  # type: ignore[arg-type]
        kept["lease"] += 1

    class Slow(Postbox):
        def _deliver(self, letter: Letter, consignor: Consignor) -> None:
            looked["for it"] += 1
            if kept["lease"] < 2 and looked["for it"] < 2000:
                asyncio.get_running_loop().call_later(0.001, self._deliver, letter, consignor)
            else:
                super()._deliver(letter, consignor)

    monkeypatch.setattr(Ledger, "keep", counting)
    deliver(store, owing(store, 1), Slow(), policy=Policy(lease=timedelta(milliseconds=30)))
    assert kept["lease"] >= 2


@pytest.mark.timeout(60)
def test_the_next_batch_is_claimed_while_this_one_goes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """No letter of a batch of ten is answered before the next batch was asked for, so a later claim would hang."""
    monkeypatch.setattr(delivering, "BATCH", 10)
    issue, claims = owing(store, 40), Counter[str]()
    claim = Ledger.claim

    def counting(*args: object, **more: object) -> object:
        claims["asked"] += 1
        return claim(*args, **more)  # type: ignore[arg-type]

    class Waiting(Postbox):
        def _deliver(self, letter: Letter, consignor: Consignor) -> None:
            if claims["asked"] < sum(self.carried.values()) // 10 + 2:
                asyncio.get_running_loop().call_later(0.001, self._deliver, letter, consignor)
            else:
                super()._deliver(letter, consignor)

    monkeypatch.setattr(Ledger, "claim", counting)
    outbox = Waiting(capacity=1)
    deliver(store, issue, outbox)
    assert sum(outbox.carried.values()) == 40


def test_a_letter_that_is_answered_leaves_memory_without_a_search_for_cycles(store: Store) -> None:
    """Python searches seldom while letters go: circles of them took 11 MB."""
    issue = owing(store, 300)
    gc.collect()
    gc.disable()
    try:
        with in_a_thread(Faulty()) as server:
            deliver(store, issue, SmtpOutbox(Relay(host="127.0.0.1", port=server.port, tls="none")))
        left = sum(isinstance(one, Letter) for one in gc.get_objects())
    finally:
        gc.enable()
    assert store.ledger.tally(issue.number).counts == {State.ACCEPTED: 300}
    assert left <= 10, "of 300, at most the last one of each connection"


def test_python_searches_for_cycles_as_before_when_a_send_is_over(store: Store) -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    deliver(store, owing(store, 1), Postbox())
    assert (gc.get_threshold(), gc.get_freeze_count()) == before
