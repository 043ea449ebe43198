"""What happens at the hour: slots that came are written down, and the one that is due gets its issue. `digest serve` asks
every half minute, `digest send --due` whenever cron rings; the store decides, so it matters to nobody how often they ask.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from digest import clock, publishing
from digest.cli import checking, originals
from digest.cli.house import House, nonce, spoken
from digest.cli.terminal import far
from digest.errors import CheckFailed, DigestError, StoreError, UsageError
from digest.model import Appointment, Issue, Membership, SlotState

if TYPE_CHECKING:
    from digest.editing import Office

Tell = Callable[[str, str], None]  # a subject, and what the editor should know
NAMED = 5  # slots in one mail
RING = timedelta(minutes=10)  # cron rings at the slot, or a little later: so far back a first ring looks


def schedule(house: House) -> str:
    """The line and the zone, as the store remembers them."""
    return f"{house.settings.digest_schedule} {house.settings.digest_timezone}"


def adopt(house: House, *, since: datetime) -> str | None:
    """Go by the schedule in the settings. Returns what the editor should hear of it, None when nothing changed."""
    s = house.settings
    clock.trigger(s.digest_schedule, zone=s.digest_timezone)  # a line that cannot be meant is refused before it is kept
    before = house.store.slots.adopt(schedule(house), since=since)
    return f"the schedule was “{before}” before; the new one counts from now on" if before else before


def tick(house: House, *, now: datetime, tell: Tell) -> Issue | None:
    """Decide all slots up to `now`; the issue when one was made. Nothing happens while the store is stopped.

    Raises UsageError when another machine goes by another schedule, StoreError when the store fails. What stands in the
    way of an issue is said to the editor, once, and tried again until DIGEST_LATE_LIMIT has passed.
    """
    s, store = house.settings, house.store
    if store.home.stopped():
        return None
    after = store.slots.checked(schedule(house))
    if now - after > s.digest_late_limit and any(
        store.ledger.untried(issue.number) for issue in publishing.owed(store)
    ):
        _stop(house, since=after, tell=tell)
        return None
    arrivals = clock.arrivals(
        s.digest_schedule, zone=s.digest_timezone, after=after, now=now, late_limit=s.digest_late_limit
    )
    if house.approver():
        arrivals = _ask(house, arrivals, now=now, tell=tell)
    struck = publishing.strike(arrivals, store=store, now=now, late_limit=s.digest_late_limit)
    if struck.passed:
        _say_what_passed(house, struck.passed, tell=tell)
    return _make(house, struck.due, now=now, tell=tell) if struck.due else None


def _say_what_passed(house: House, passed: Sequence[Appointment], *, tell: Tell) -> None:
    """In one mail, however many there were; the newest are named, `digest schedule` has more."""
    lines = "\n\n".join(f"{spoken(one.slot.key)}: {one.why}." for one in passed[-NAMED:])
    tell(
        "a slot passed without an issue" if len(passed) == 1 else f"{len(passed)} slots passed without an issue",
        f"Nothing went out for these slots ({house.settings.digest_timezone}), and nothing will by itself:\n\n{lines}\n\n"
        "For an issue before the next slot: `digest send`.",
    )


def _ask(house: House, arrivals: Sequence[Appointment], *, now: datetime, tell: Tell) -> tuple[Appointment, ...]:
    """The editor's part: her words are obeyed, what comes is as she decided, and what is near or held is shown to her."""
    from digest import editing

    office, s = _looking_office(house, tell, now=now), house.settings
    editing.obey(office, now=now)
    decided = tuple(editing.decide(office, arrival) for arrival in arrivals)
    soon = clock.slots(s.digest_schedule, zone=s.digest_timezone, after=now, until=now + s.digest_proof_before)
    held = [one.slot for one in (*house.store.slots.open(), *decided) if one.state is SlotState.HELD]
    for slot in (*held, *islice(soon, 1)):
        editing.show(office, slot, now=now)
    return decided


def _stop(house: House, *, since: datetime, tell: Tell) -> None:
    """Letters that lay still for longer than an issue may be late: perhaps this is a snapshot from before they went."""
    why = f"letters are owed, and nobody was at work on them since {since:%Y-%m-%d %H:%M} UTC: they may have gone out"
    house.store.home.stop(why)
    tell("stopped", f"{why[0].upper()}{why[1:]}.\n\nDecide about them with `digest resume`.")


def _make(house: House, due: Appointment, *, now: datetime, tell: Tell) -> Issue | None:
    try:
        return _issue(house, due, now=now, tell=tell)
    except StoreError:
        raise
    except DigestError as trouble:
        if house.store.slots.explain(due.slot.key, why=str(trouble), now=now):
            until = due.slot.at + house.settings.digest_late_limit
            slot = spoken(due.slot.key)
            tell(
                f"no issue yet for {slot}",
                f"The slot of {slot} ({house.settings.digest_timezone}) has no issue yet:\n\n{trouble}\n\n"
                f"It goes out as soon as this is mended, until {until:%Y-%m-%d %H:%M} UTC; then this slot passes.",
            )
        return None


def _looking_office(house: House, tell: Tell, *, now: datetime) -> Office:
    """One that looks at the original of what is to be shown, or to go."""
    return replace(house.office(), look=house.lookout.look(originals.by_mail(tell), now=now))


def _issue(house: House, due: Appointment, *, now: datetime, tell: Tell) -> Issue:
    """The issue of a slot, on the slot's own date."""
    from digest import editing

    letterhead = replace(house.postroom.letterhead(), date=now.replace(microsecond=0))
    desk = house.desk(on=date.fromisoformat(due.slot.key[:10]), goes_out=True)
    if house.approver():
        drafted, why = editing.compose(_looking_office(house, tell, now=now), due.slot, now=now)
    else:
        look = house.lookout.look(originals.by_mail(tell), now=now)
        drafted, why = publishing.compose(
            house.store, desk=desk, nonce=nonce(), now=now, weights=house.weights(), look=look
        )
    drafted = checking.with_letter(house, drafted, letterhead=letterhead)
    if drafted.errors:
        rules = ", ".join(sorted({finding.rule for finding in drafted.errors}))
        raise CheckFailed(
            f"its check found errors ({rules})",
            where=f"thread {drafted.shelved.id}",
            then=f"See `digest check {drafted.shelved.id}`; mend it, or `digest hold {drafted.shelved.id}`.",
        )
    house.store.subscribers.wake(now=now)  # whose pause is over counts
    if not house.store.subscribers.count(Membership.ACTIVE):
        raise UsageError("nobody is subscribed yet", then="Add readers: `digest subscribers add reader@example.org`.")
    return publishing.keep(drafted, store=house.store, letterhead=letterhead, reason=why, now=now, slot=due.slot.key)


def report(house: House) -> None:
    """Leave the editor a report on each issue that is out, unless she wants none or has given no address of her own: the
    digest's may be read by nobody, or by this very program."""
    from digest import reporting

    office = house.office()
    own = {office.letterhead.list_address, office.letterhead.from_address}
    if house.settings.digest_report == "on" and office.editor not in own:
        reporting.report(office, now=house.time())


def refuse_while_stopped(house: House) -> None:
    """Nothing leaves a store that stands still, or that woke up as a copy. Raises UsageError with the reason."""
    if why := house.store.home.enter():
        raise UsageError(
            why, where=house.store.place, then="Look with `digest schedule`, then decide with `digest resume`."
        )


def next_in_words(house: House, at: datetime) -> str:
    s = house.settings
    found = clock.coming(s.digest_schedule, zone=s.digest_timezone, after=at, count=1)
    return "".join(f"The next is {spoken(slot.key)} {s.digest_timezone}, in {far(slot.at - at)}." for slot in found)
