"""Whatever readers, strangers, servers and the clock do, in whatever order: nobody is mailed who does not want it, nobody
comes back but by their own wish, and an old link undoes nothing."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, precondition, rule

from digest.mail.intents import Bounced, Complained, Confirm, Pause, Rejoin, Resume, Stop, Subscribe, Unsubscribe
from digest.mail.tokens import Purpose, Stamp
from digest.model import Membership
from digest.store import open_store
from readers.place import Place

WHO = "ada@example.com"
GONE = {Membership.LEFT, Membership.BOUNCED, Membership.COMPLAINED, Membership.SUPPRESSED}


class Memberships(RuleBasedStateMachine):
    """One address, and every token that was ever sent to it, used at any time by anybody."""

    tokens = Bundle("tokens")

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.place = Place(open_store(f"sqlite:///{self.folder}/digest.sqlite3"))
        self.issues = 0
        self.before: Membership | None = None
        self.epochs = [0]

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.place.store.close()
            shutil.rmtree(self.folder)

    def did(self, what: str) -> None:
        """The one law of coming: from gone to reading only by a confirmation, an undo, or an issue after a pause."""
        after = self.place.standing(WHO)
        if self.before not in (Membership.ACTIVE, Membership.PAUSED) and after in (
            Membership.ACTIVE,
            Membership.PAUSED,
        ):
            assert what in {"confirmed", "rejoined"}, (self.before, what, after)
        if self.before is Membership.SUPPRESSED:
            assert after is Membership.SUPPRESSED
        self.before = after
        reader = self.place.store.subscribers.find(WHO)
        if reader:
            assert reader.epoch >= self.epochs[-1]
            self.epochs.append(reader.epoch)

    @rule(target=tokens, by_mail=st.booleans())
    def subscribe(self, by_mail: bool):  # type: ignore[no-untyped-def]
        what = self.place.mail(Subscribe(), WHO) if by_mail else self.place.press(Subscribe(), sender=WHO)
        self.did(what)
        reader = self.place.store.subscribers.find(WHO)
        if reader is None or not reader.asked:
            return multiple()
        stamps = [Stamp(purpose=p, subject=reader.id, number=reader.asked) for p in (Purpose.CONFIRM, Purpose.STOP)]
        leaving = [
            Stamp(purpose=p, subject=reader.id, number=reader.epoch) for p in (Purpose.UNSUBSCRIBE, Purpose.REJOIN)
        ]
        return multiple(*stamps, *leaving)

    @rule(stamp=tokens)
    def use(self, stamp: Stamp) -> None:
        wishes = {
            Purpose.CONFIRM: Confirm(stamp=stamp),
            Purpose.STOP: Stop(stamp=stamp),
            Purpose.UNSUBSCRIBE: Unsubscribe(stamp=stamp),
            Purpose.REJOIN: Rejoin(stamp=stamp),
        }
        reader = self.place.store.subscribers.find(WHO)
        self.did(self.place.press(wishes[stamp.purpose]))
        if stamp.purpose is Purpose.UNSUBSCRIBE and reader and stamp.number == reader.epoch:
            assert self.place.standing(WHO) in GONE
        elif stamp.purpose is Purpose.UNSUBSCRIBE:
            after = self.place.store.subscribers.find(WHO)
            assert after
            assert reader
            assert after.membership == reader.membership

    @precondition(lambda self: self.before in (Membership.ACTIVE, Membership.PAUSED))
    @rule(weeks=st.integers(1, 3))
    def pause(self, weeks: int) -> None:
        self.did(self.place.mail(Pause(weeks=weeks), WHO))

    @rule()
    def resume(self) -> None:
        self.did(self.place.mail(Resume(), WHO))

    @rule(days=st.sampled_from([1, 6, 8, 31]))
    def wait(self, days: int) -> None:
        self.place.later(days=days)

    @rule(comes_back=st.booleans())
    def publish(self, comes_back: bool) -> None:
        self.issues += 1
        self.place.issue(f"k{self.issues}")
        due = self.place.store.ledger.tally(self.issues).total
        assert due == (self.place.standing(WHO) is Membership.ACTIVE)
        self.before = self.place.standing(WHO)
        if due and comes_back:
            stamp = Stamp(purpose=Purpose.BOUNCE, subject=self.place.reader(WHO).id, number=self.issues)
            self.did(self.place.mail(Bounced(stamp=stamp, kind="hard", status="5.1.1"), ""))
            assert self.place.standing(WHO) in (Membership.PAUSED, Membership.BOUNCED)

    @precondition(lambda self: self.issues)
    @rule()
    def complain(self) -> None:
        reader = self.place.store.subscribers.find(WHO)
        stamp = Stamp(purpose=Purpose.BOUNCE, subject=reader.id if reader else 1, number=self.issues)
        self.did(self.place.mail(Complained(stamp=stamp), ""))
        assert self.place.standing(WHO) in (None, Membership.COMPLAINED, Membership.SUPPRESSED)

    @invariant()
    def letters_go_to_nobody_else(self) -> None:
        if hasattr(self, "place"):
            assert {letter["To"] for letter in self.place.letters()} <= {WHO, "editor@example.org"}


Memberships.TestCase.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestMemberships = Memberships.TestCase
