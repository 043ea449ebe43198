"""`digest send`: make the next issue if none is owed, then deliver what is owed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from digest import drafting, publishing
from digest.cli import checking, hours, originals
from digest.cli.checking import print_finding, refuse_unknown
from digest.cli.house import House, nonce, told_to_stop
from digest.cli.issues import IssueArg, close, newest_or, summed
from digest.cli.shelf import Json
from digest.cli.terminal import complain, confirm, err, note, one_of, print_json, say
from digest.errors import CheckFailed, MailError, UsageError
from digest.model import Issue, Membership, Outcome, State, Tally

if TYPE_CHECKING:
    from rich.progress import Progress

    from digest.delivering import Heard
    from digest.store.ledger import Claim

LOOK = 1.0  # seconds between two looks at what other machines have in hand


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `digest send --dry-run`, then `digest send`")(send)
    app.command(epilog="Example: `digest report`, then `digest resend 12`")(resend)


def send(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list who would get what.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
    due: Annotated[
        bool, typer.Option("--due", help="For cron: make an issue only at a slot of DIGEST_SCHEDULE; ask nothing.")
    ] = False,
    despite: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="Send although this check found an error.")
    ] = None,
    json: Json = False,
) -> None:
    """Prepare the next issue if none is owed, then deliver what is owed. Run it again, and it goes on."""
    house: House = ctx.obj
    if dry_run:
        _dry_run(house, json=json)
        return
    refuse_unknown(despite or [])
    house.postroom.relays()
    with house.store.sole_sender() as alone:
        hours.refuse_while_stopped(house)
        house.store.ledger.recover(now=house.time(), policy=house.policy(), alone=alone)
        if due:
            _ring(house)
            issues = publishing.owed(house.store)
        else:
            issues = _begun(house) or [_prepare(house, yes=yes, despite=despite or [])]
        tallies = [(issue, _deliver(house, issue)) for issue in issues]
        _report(house)
    if json:
        print_json([summed(issue, tally) for issue, tally in tallies])
    else:
        for issue, tally in tallies:
            close(house, issue, tally)
    if any(tally[State.ACCEPTED] + tally[State.WITHDRAWN] < tally.total for _, tally in tallies):
        raise typer.Exit(1)


def resend(
    ctx: typer.Context,
    issue: IssueArg = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
) -> None:
    """Send once more the letters that are in doubt: those held by SMTP_DOUBT=hold, and those uncertain after their last try.

    Each goes with the same bytes and the same Message-ID. Some readers may get theirs twice.
    """
    house: House = ctx.obj
    kept, tally = newest_or(house, issue)
    if house.store.archive.is_withdrawn(kept.number):
        raise UsageError(f"issue {kept.number} was withdrawn: nothing of it is sent any more")
    count = tally[State.DOUBTFUL] + tally[State.UNCERTAIN]
    if not count:
        note(f"No letter of issue {kept.number} is in doubt.")
        return
    if not yes:
        confirm(f"Send {one_of(count, 'letter')} of issue {kept.number} once more?", what="a second copy")
    house.postroom.relays()
    with house.store.sole_sender() as alone:
        hours.refuse_while_stopped(house)
        house.store.ledger.recover(now=house.time(), policy=house.policy(), alone=alone)
        house.store.ledger.try_again(kept.number, now=house.time())
        tally = _deliver(house, kept)
    close(house, kept, tally)
    if tally[State.ACCEPTED] + tally[State.WITHDRAWN] < tally.total:
        raise typer.Exit(1)


def _ring(house: House) -> None:
    """Cron has rung: make the issue of the slot that is due, if one is."""
    from digest.cli import notices

    at = house.time()
    if changed := hours.adopt(house, since=at - hours.RING):
        note(changed)

    def tell(subject: str, text: str) -> None:
        complain(f"{subject}. {' '.join(text.split())}")
        notices.tell(house, subject, text, now=at)

    if hours.tick(house, now=at, tell=tell) is None:
        hours.refuse_while_stopped(house)
        if err.is_terminal:  # cron mails each word
            note(f"No slot is due. {hours.next_in_words(house, at)}")


def _report(house: House) -> None:
    """A report on what is out, and whatever single letters wait. They are kept, so a server that fails now costs nothing."""
    from digest.cli import notices

    hours.report(house)
    try:
        asyncio.run(notices.carry(house, stop=asyncio.Event()))
    except MailError as trouble:
        complain(f"The report to the editor waits: {trouble}")


def _begun(house: House) -> Sequence[Issue]:
    """The issues that are owed already, but for one that its author took back before it began."""
    return [one for one in publishing.owed(house.store) if _may_begin(house, one)]


def _may_begin(house: House, issue: Issue, *, only_look: bool = False) -> bool:
    heard = originals.in_a_dry_run if only_look else originals.at_the_terminal
    may = originals.may_begin(house, issue, heard=heard, only_look=only_look)
    if not may:
        note(f"Issue {issue.number} {'would be' if only_look else 'is'} kept back.")
    return may


def _prepare(house: House, *, yes: bool, despite: Sequence[str]) -> Issue:
    """Pick, draft, check, ask, keep."""
    letterhead, at = house.postroom.letterhead(), house.time()
    drafted, reason = publishing.compose(
        house.store,
        desk=house.desk(goes_out=True),
        nonce=nonce(),
        now=at,
        weights=house.weights(),
        look=house.lookout.look(originals.at_the_terminal, now=at),
    )
    _refuse_errors(checking.with_letter(house, drafted, letterhead=letterhead), despite=despite)
    house.store.subscribers.wake(now=house.time())  # whose pause is over counts
    readers = house.store.subscribers.count(Membership.ACTIVE)
    if not readers:
        raise UsageError("nobody is subscribed yet", then="Add readers: `digest subscribers add reader@example.org`.")
    note(f"Next: “{drafted.page.headline.title}”. {reason}")
    if not yes:
        confirm(f"Send it to {one_of(readers, 'reader')}?", what="a new issue")
    return publishing.keep(
        drafted, store=house.store, letterhead=letterhead, reason=reason, now=at, slot=publishing.open_slot(house.store)
    )


def _refuse_errors(drafted: drafting.Draft, *, despite: Sequence[str]) -> None:
    standing = [finding for finding in drafted.errors if finding.rule not in despite]
    for finding in standing:
        print_finding(finding)
    if standing:
        rules = " ".join(f"--despite {rule}" for rule in dict.fromkeys(finding.rule for finding in standing))
        raise CheckFailed(
            f"{one_of(len(standing), 'error')} stand in the way", then=f"Mend them, or send anyway: {rules}"
        )


def _deliver(house: House, issue: Issue) -> Tally:
    """Carry with a progress bar; Ctrl-C and SIGTERM let the letters in flight arrive, then stop."""
    already = house.store.ledger.tally(issue.number)
    held_back: Counter[str] = Counter()
    with _progress() as progress:
        bar = progress.add_task(f"Issue {issue.number}", total=already.total, completed=already.total - already.owed())

        def heard(_claim: Claim, outcome: Outcome) -> None:
            if outcome.verdict in ("accepted", "permanent"):
                progress.advance(bar)
            elif outcome.phase == "breaker":
                held_back[outcome.reply] += 1

        def looked(now: Tally) -> None:
            progress.update(bar, completed=now.total - now.owed())

        tally = asyncio.run(_see_through(house, issue, heard=heard, looked=looked))
    for why, count in held_back.items():
        note(f"{one_of(count, 'letter')} held back: {why}")
    return tally


async def _see_through(house: House, issue: Issue, *, heard: Heard, looked: Callable[[Tally], None]) -> Tally:
    """Deliver; then stay while other machines still have letters of the issue in hand, and take over those of one that
    died. `looked` is told how it stands meanwhile."""
    stop = told_to_stop()
    tally = await _carried(house, issue, heard, stop)
    told = False
    while (in_hand := tally.in_hand()) and not stop.is_set():
        if not told:
            note(f"Waiting for another machine with {one_of(in_hand, 'letter')} in hand. Ctrl-C leaves them to it.")
            told = True
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK)
        tally = await asyncio.to_thread(_look, house, issue)
        looked(tally)
        due = house.store.ledger.next_due(issue.number)
        if due and due <= house.time() and not stop.is_set():
            tally = await _carried(house, issue, heard, stop)
    return tally


def _look(house: House, issue: Issue) -> Tally:
    """How it stands, after taking over what a machine left that fell silent."""
    house.store.ledger.recover(now=house.time(), policy=house.policy(), alone=False)
    return house.store.ledger.tally(issue.number)


async def _carried(house: House, issue: Issue, heard: Heard, stop: asyncio.Event) -> Tally:
    """Deliver. A server may be silent for five minutes before that is a failure, so a person is told of the wait."""
    silence = asyncio.get_running_loop().call_later(
        10, note, f"{house.settings.smtp_host} is slow to answer; waiting …"
    )

    def broken(claim: Claim, outcome: Outcome) -> None:
        silence.cancel()
        heard(claim, outcome)

    try:
        return await publishing.deliver(house.round(issue, outbox=house.postroom.outbox(), heard=broken, stop=stop))
    finally:
        silence.cancel()


def _progress() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        disable=not err.is_terminal,
    )


def _dry_run(house: House, *, json: bool) -> None:
    """Who would get what. Nothing is kept, nothing leaves."""
    store = house.kept
    issues = [one for one in publishing.owed(store) if _may_begin(house, one, only_look=True)]
    if issues:
        subject = issues[0].page.headline.subject
        who = [
            delivery.email for delivery in store.ledger.deliveries(issues[0].number) if delivery.state < State.ACCEPTED
        ]
    else:
        at, desk = house.time(), house.desk()
        look = house.lookout.look(originals.in_a_dry_run, now=at, only_look=True)
        drafted, _ = publishing.compose(
            house.store, desk=desk, nonce=nonce(), now=at, weights=house.weights(), look=look
        )
        subject = drafted.page.headline.subject
        who = [subscriber.email for subscriber in store.subscribers.all(Membership.ACTIVE)]
    if json:
        print_json({"subject": subject, "recipients": who})
        return
    say(subject, style="bold")
    for email in who:
        say(f"  {email}")
    say(f"{one_of(len(who), 'reader')} would get it. Nothing was sent or stored.")
    if not who:
        note("Nobody is subscribed: `digest subscribers add ADDRESS`, or `digest subscribers import FILE`.")
