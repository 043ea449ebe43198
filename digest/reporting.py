"""When an issue is out, the editor hears what became of it: a short letter, once. It changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import chain, islice

from digest.desk.notes import Row
from digest.editing import Office, letter, original_row
from digest.model import Letter, State

_FAILED = (State.REFUSED, State.UNCERTAIN, State.EXPIRED)
_ALWAYS = ("accepted", "failed", "new", "left")  # what a report says even when it is nothing
_NAMED = 50  # of the failed, in a report
REPORT_AFTER = timedelta(hours=24)  # an issue still on its way is reported all the same


def report(office: Office, *, now: datetime) -> int:
    """A short letter on each issue that is out, or has been on its way for a day, once; how many there were."""
    due = [
        number
        for number, made_at in office.store.reports.due()
        if now - made_at > REPORT_AFTER or not office.store.ledger.tally(number).owed()
    ]
    for number in due:
        office.store.reports.send(number, _report(office, number), now=now)
    return len(due)


def _report(office: Office, number: int) -> Letter:
    """What became of the letters, who failed by name, what came back, who came and went since the issue before."""
    store, say = office.store, office.stationery.say
    tally, people, issue = store.ledger.tally(number), store.reports.people(number), store.issues.get(number)
    counts = {
        "accepted": tally[State.ACCEPTED],
        "owed": tally.owed(),
        "withdrawn": tally[State.WITHDRAWN],
        "failed": sum(tally[state] for state in _FAILED),
        "bounced": people.bounced,
        "new": people.new,
        "left": people.left,
    }
    rows = [
        Row(label=say("counts", name, {}), text=f"{count:,}")
        for name, count in counts.items()
        if count or name in _ALWAYS
    ]
    rows += original_row(office, issue.thread_id) if issue else []
    values = {"number": str(number), "subject": issue.page.headline.subject if issue else ""}
    paper = office.stationery.paper("report", values, foot="editor", rows=[*rows, *_failures(office, number)])
    return letter(office, paper)


def _failures(office: Office, number: int) -> list[Row]:
    """By name, as many as a person reads; `digest report` has them all."""
    failed = chain.from_iterable(office.store.ledger.deliveries(number, state) for state in _FAILED)
    return [Row(label=one.email, text=one.reply or one.state.name.lower()) for one in islice(failed, _NAMED)]
