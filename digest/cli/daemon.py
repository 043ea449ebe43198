"""The process behind `digest serve`: clock, delivery, notes, pages and mail that comes in, each a part that can fail alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

from digest import clock, following, publishing
from digest.cli import follows, hours, inbox, listening, notices, originals, pages
from digest.cli.house import House, told_to_stop
from digest.cli.logs import Log
from digest.cli.parts import Part, keep_up, rest
from digest.cli.terminal import far
from digest.cli.watch import Watch
from digest.model import Issue, Membership, Outcome
from digest.store.ledger import Claim
from digest.subscribing import Answered
from digest.web import public

SWEEP = 30.0  # seconds after which the clock looks again, whatever the alarm does
PAUSE = 15.0  # seconds between two looks for letters that are due
PAUSE_FOLLOWS = 30.0  # and for authors whose turn it is
PAUSE_NOTES = 2.0  # and for notes: a person who just asked for something waits for one


class Daemon:
    """The process while it runs: its parts, and what one part tells another."""

    def __init__(self, house: House, *, log: Log, alone: bool) -> None:
        self._house, self._log, self._alone = house, log, alone
        self._owed = asyncio.Event()  # something may be owed: look at once
        parts = {
            "clock": self._clock,
            "delivery": self._delivery,
            "notes": self._notes,
            "web": self._web,
            "follows": self._follows,
        }
        if house.settings.lmtp_listen:
            parts["lmtp"] = self._lmtp
        if house.settings.imap_host:
            parts["mailbox"] = self._mailbox
        self.parts = [Part(name=name, run=run) for name, run in parts.items()]
        self.watch = Watch(self.parts, facts=self._facts)

    async def run(self) -> None:
        stop = told_to_stop()
        self._greet()
        async with asyncio.TaskGroup() as group:
            for part in self.parts:
                group.create_task(keep_up(part, stop=stop, log=self._log))
        self._log.info("ended")

    def _greet(self) -> None:
        """Say what it will do next, before it does anything."""
        house, s = self._house, self._house.settings
        if changed := hours.adopt(house, since=house.time()):
            self._log.warning("schedule", what=changed)
        if why := house.store.home.enter():
            self._log.error("stopped", why=why, then="Nothing leaves by itself until `digest resume`.")
        now = house.time()
        (slot,) = clock.coming(s.digest_schedule, zone=s.digest_timezone, after=now, count=1)
        best = publishing.choose(house.store, now=now, weights=house.weights()).best
        self._log.info(
            "serving",
            store=house.store.place,
            next_slot=slot.key,
            zone=s.digest_timezone,
            wait=far(slot.at - now),
            thread=best.shelved.title if best else "none yet: `digest import`",
            readers=house.store.subscribers.count(Membership.ACTIVE),
            web=s.web_listen,
        )

    # ── the clock ─────────────────────────────────────────────────────────────────────────────────

    async def _clock(self, part: Part, stop: asyncio.Event) -> None:
        """Tick at the start, whenever the alarm rings, and every half minute: a clock that was set, a laptop that slept or an
        alarm that failed costs half a minute and no issue."""
        s, ring = self._house.settings, asyncio.Event()
        alarm = clock.alarm(s.digest_schedule, zone=s.digest_timezone, ring=ring.set)
        alarm.start()
        try:
            while not stop.is_set():
                ring.clear()
                await self._tick()
                part.beat()
                await rest(SWEEP, stop, ring)
        finally:
            alarm.shutdown(wait=False)

    async def _tick(self) -> None:
        house = self._house
        made = await asyncio.to_thread(lambda: hours.tick(house, now=house.time(), tell=self._tell))
        if made:
            self.watch.issue()
            self._log.info("issue made", issue=made.number, subject=made.page.headline.subject, why=made.reason)
            self._owed.set()

    def _tell(self, subject: str, text: str) -> None:
        self._log.warning("told the editor", subject=subject, text=" ".join(text.split()))
        notices.tell(self._house, subject, text, now=self._house.time())

    # ── delivery ──────────────────────────────────────────────────────────────────────────────────

    async def _delivery(self, part: Part, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._owed.clear()
            if not self._house.store.home.stopped():
                await self._carry_all(stop)
            part.beat()
            await rest(PAUSE, stop, self._owed)

    async def _carry_all(self, stop: asyncio.Event) -> None:
        """Take over what dead senders left, then carry what is due, issue after issue."""
        house, ledger = self._house, self._house.store.ledger
        now = house.time()
        await asyncio.to_thread(lambda: ledger.recover(now=now, policy=house.policy(), alone=self._alone))
        for issue in await asyncio.to_thread(publishing.owed, house.store):
            due = ledger.next_due(issue.number)
            if due and due <= now and not stop.is_set() and await asyncio.to_thread(self._may_begin, issue):
                await self._carry(issue, stop)
        await asyncio.to_thread(hours.report, house)

    def _may_begin(self, issue: Issue) -> bool:
        heard = originals.by_mail(self._tell)
        if may := originals.may_begin(self._house, issue, heard=heard):
            return may
        self._log.warning("kept back", issue=issue.number, thread=issue.thread_id)
        return False

    async def _carry(self, issue: Issue, stop: asyncio.Event) -> None:
        answers: Counter[str] = Counter()

        def heard(_claim: Claim, outcome: Outcome) -> None:
            answers[outcome.verdict] += 1
            self.watch.letter(outcome)

        house = self._house
        try:
            await publishing.deliver(house.round(issue, outbox=house.postroom.outbox(), heard=heard, stop=stop))
        finally:
            if answers:
                owed = house.store.ledger.tally(issue.number).owed()
                self._log.info("carried", issue=issue.number, owed=owed, **answers)

    async def _notes(self, part: Part, stop: asyncio.Event) -> None:
        """Single letters: answers to readers, words to the editor. They go while issues stand still, too."""
        while not stop.is_set():
            came = await notices.carry(self._house, stop=stop)
            if came:
                self._log.info("notes", **{state.name.lower(): count for state, count in came.items()})
            part.beat()
            await rest(PAUSE_NOTES, stop)

    # ── who is followed ───────────────────────────────────────────────────────────────────────────

    async def _follows(self, part: Part, stop: asyncio.Event) -> None:
        """Look at who is due, one after the other. What is wrong with a source is no fault of this part."""
        watch = replace(self._house.lookout.watch, ended=stop.is_set)
        while not stop.is_set():
            looked = None if self._house.store.home.stopped() else await asyncio.to_thread(self._look, watch)
            part.beat()
            if looked is None:
                await rest(PAUSE_FOLLOWS, stop)

    def _look(self, watch: following.Watch) -> following.Looked | None:
        looked = following.look(watch, now=self._house.time())
        if looked is None:
            return None
        who = looked.follow.address
        for shelved in looked.brought:
            self._log.info("thread came", follow=who, thread=shelved.id, title=shelved.title)
        if looked.follow.trouble:
            self._log.warning("follow", who=who, trouble=looked.follow.trouble)
        if looked.tell:
            follows.tell(self._house, looked)
        return looked

    # ── mail that comes in ────────────────────────────────────────────────────────────────────────

    async def _lmtp(self, part: Part, stop: asyncio.Event) -> None:
        await inbox.listen(self._house, heard=self._heard, tell=self._told, beat=part.beat, stop=stop)

    async def _mailbox(self, part: Part, stop: asyncio.Event) -> None:
        told, warn = self._told, self._tell
        await inbox.watch(self._house, heard=self._heard, tell=told, warn=warn, beat=part.beat, stop=stop)

    def _heard(self, answered: Answered) -> None:
        self._log.info("mail", what=answered.what, again=answered.again)

    def _told(self, trouble: str) -> None:
        self._log.warning("mail", trouble=trouble)

    # ── the web ───────────────────────────────────────────────────────────────────────────────────

    async def _web(self, part: Part, stop: asyncio.Event) -> None:
        routes = self.watch.routes(metrics=self._house.settings.web_metrics == "on")
        app = public.app(await asyncio.to_thread(pages.public, self._house), extra=routes)
        part.beat()
        await listening.serve(app, at=self._house.settings.web_listen, stop=stop)

    # ── facts for /metrics ────────────────────────────────────────────────────────────────────────

    def _facts(self) -> dict[str, float]:
        store = self._house.store
        (slot,) = clock.coming(
            self._house.settings.digest_schedule,
            zone=self._house.settings.digest_timezone,
            after=self._house.time(),
            count=1,
        )
        return {
            "next_slot_timestamp_seconds": slot.at.timestamp(),
            "letters_owed": sum(store.ledger.tally(issue.number).owed() for issue in publishing.owed(store)),
            "readers_active": store.subscribers.count(Membership.ACTIVE),
            "stopped": float(bool(store.home.stopped())),
        }
