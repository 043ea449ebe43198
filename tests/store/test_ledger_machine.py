"""Whatever senders, servers, readers and the clock do, in any order: the sums add up, and an accepted letter stays sent."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from digest.model import Outcome, State
from digest.store import open_store
from digest.store.ledger import Claim
from store.given import ACCEPTED, AMBIGUOUS, NOW, PERMANENT, POLICY, TEMPORARY, a_newcomer, owe

READERS = 5


class Senders(RuleBasedStateMachine):
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copyfile(self.template, self.folder / "digest.sqlite3")
        self.store = open_store(f"sqlite:///{self.folder}/digest.sqlite3")
        self.now = NOW
        self.claimed: list[Claim] = []
        self.flying: list[Claim] = []
        self.accepted: set[int] = set()

    @initialize()
    def an_issue(self) -> None:
        owe(self.store, READERS)

    @rule(limit=st.integers(1, 3))
    def claim(self, limit: int) -> None:
        self.claimed += self.store.ledger.claim(1, limit=limit, now=self.now, policy=POLICY)

    @rule(data=st.data(), outcome=st.sampled_from([ACCEPTED, ACCEPTED, TEMPORARY, PERMANENT, AMBIGUOUS]))
    def turn(self, data: st.DataObject, outcome: Outcome) -> None:
        starting = data.draw(st.lists(st.sampled_from(self.claimed), unique_by=id)) if self.claimed else []
        settled = data.draw(st.lists(st.sampled_from(self.flying), unique_by=id)) if self.flying else []
        before = {line.subscriber_id: line.state for line in self.store.ledger.deliveries(1)}
        going = self.store.ledger.turn(
            settled=[(one, outcome) for one in settled], starting=starting, now=self.now, policy=POLICY
        )
        assert {one.recipient.id for one in going}.isdisjoint(self.accepted)
        assert all(before[one.recipient.id] in (State.PENDING, State.DOUBTFUL) for one in going)
        after = {line.subscriber_id: line.state for line in self.store.ledger.deliveries(1)}
        self.accepted |= {id for id, state in after.items() if state is State.ACCEPTED}
        self.flying = [one for one in self.flying if one not in settled]
        self.flying += [one for one in starting if one in going]

    @rule()
    def release(self) -> None:
        self.store.ledger.release(self.claimed, now=self.now)

    @rule(alone=st.booleans())
    def take_over(self, alone: bool) -> None:
        """The old sender's claims stay in our hands: it only hung, and does not know."""
        self.store.ledger.recover(now=self.now, policy=POLICY, alone=alone)

    @rule(reader=st.integers(0, READERS - 1))
    def leave(self, reader: int) -> None:
        self.store.subscribers.remove(f"reader{reader}@example.org", now=self.now)

    @rule(reader=st.integers(0, READERS - 1))
    def come_back(self, reader: int) -> None:
        self.store.subscribers.rejoin(a_newcomer(f"reader{reader}"), now=self.now, how="mail")

    @rule(minutes=st.sampled_from([-90, 1, 20, 60, 600]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @invariant()
    def the_sums_add_up(self) -> None:
        counted = Counter(line.state for line in self.store.ledger.deliveries(1))
        assert self.store.ledger.tally(1).counts == dict(counted)
        assert counted.total() == READERS

    @invariant()
    def accepted_stays_accepted(self) -> None:
        states = {line.subscriber_id: line.state for line in self.store.ledger.deliveries(1)}
        assert all(states[id] is State.ACCEPTED for id in self.accepted)

    @invariant()
    def what_waits_has_an_hour_and_nothing_else_has(self) -> None:
        for line in self.store.ledger.deliveries(1):
            assert (line.due_at is not None) == (line.state in (State.PENDING, State.DOUBTFUL))

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)


def test_no_order_of_events_breaks_the_ledger(migrated_file: Path) -> None:
    Senders.template = migrated_file
    run_state_machine_as_test(
        Senders,
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
