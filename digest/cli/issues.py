"""Commands around an issue: render and check a draft, send it, see what became of it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from digest import publishing
from digest.cli.house import House, marked, nonce, now
from digest.cli.shelf import Json, read_thread
from digest.cli.terminal import can_ask, err, note, one_of, print_json, say, table
from digest.delivering import Heard
from digest.desk import picker
from digest.errors import CheckFailed, NotFound, UsageError
from digest.mail import addresses
from digest.model import Finding, Issue, Membership, Outcome, Recipient, Shelved, State, Tally
from digest.store.ledger import Claim

IssueArg = Annotated[int | None, typer.Argument(metavar="ISSUE", help="Its number; the newest when left out.")]
OptionalThread = Annotated[
    str | None, typer.Argument(metavar="THREAD", help="A number on the shelf or a file; the next pick when left out.")
]
STATES = {
    State.PENDING: "waiting",
    State.CLAIMED: "waiting",
    State.SENDING: "on its way",
    State.ACCEPTED: "accepted",
    State.REFUSED: "refused",
    State.DOUBTFUL: "in doubt",
    State.UNCERTAIN: "uncertain",
    State.EXPIRED: "given up",
    State.WITHDRAWN: "withdrawn",
}


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `digest render 3 -o out`")(render)
    app.command(epilog="Example: `digest check`")(check)
    app.command(epilog="Example: `digest test me@example.org`")(test)
    app.command(epilog="Example: `digest send --dry-run`, then `digest send`")(send)
    app.command("issues", epilog="Example: `digest issues`")(issues_)
    app.command(epilog="Example: `digest report 12 --json`")(report)


# ── drafts ────────────────────────────────────────────────────────────────────────────────────────


def render(
    ctx: typer.Context,
    thread: Annotated[str, typer.Argument(metavar="THREAD", help="A number on the shelf, a file, or -.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Where the four files go.")],
    json: Json = False,
) -> None:
    """Write digest.html, digest.txt, digest.mjml and digest.eml; sends and stores nothing."""
    house: House = ctx.obj
    drafted = publishing.draft(read_thread(house, thread), desk=house.desk(), nonce=nonce())
    letter = house.draft_press(_as_issue(house, drafted)).address(Recipient(id=1, email="reader@example.org"))
    shown = house.filled(drafted.page)
    files = {
        "digest.html": shown.html.encode(),
        "digest.txt": shown.text.encode(),
        "digest.mjml": drafted.page.mjml.encode(),
        "digest.eml": letter.data,
    }
    _write(files, out)
    if json:
        print_json({name: {"path": str(out / name), "bytes": len(data)} for name, data in files.items()})
        return
    say(f"{drafted.page.headline.title}", style="bold")
    table(["file", "bytes"], [(out / name, f"{len(data):,}") for name, data in files.items()], right=["bytes"])
    if drafted.page.cut:
        note(
            f"{one_of(drafted.page.cut, 'post')} did not fit under the size where mail programs clip; the mail links to them."
        )


def _as_issue(house: House, drafted: publishing.Draft) -> Issue:
    return Issue(number=0, thread_id=0, page=drafted.page, letterhead=house.draft_letterhead())


def _write(files: dict[str, bytes], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
    except OSError as trouble:
        raise UsageError(
            f"cannot write there ({trouble.strerror})", where=str(folder), then="Choose another folder."
        ) from trouble


def check(ctx: typer.Context, thread: OptionalThread = None, json: Json = False) -> None:
    """The checks that also stand before every send. Exit code 3 when one finds an error."""
    house: House = ctx.obj
    found = read_thread(house, thread) if thread else _next(house)
    drafted = publishing.draft(found, desk=house.desk(), nonce=nonce())
    if json:
        print_json([_finding(finding) for finding in drafted.findings])
    else:
        say(drafted.page.headline.title, style="bold")
        for finding in drafted.findings:
            _print_finding(finding)
        say(
            f"{one_of(len(drafted.errors), 'error')}, {one_of(len(drafted.findings) - len(drafted.errors), 'other finding')}."
        )
    if drafted.errors:
        raise typer.Exit(3)


def _finding(finding: Finding) -> dict[str, str]:
    return {name: getattr(finding, name) for name in ("rule", "level", "what", "where", "why", "fix")}


def _print_finding(finding: Finding) -> None:
    style = {"error": "red", "warning": "yellow", "note": "dim"}[finding.level]
    where = f" ({finding.where})" if finding.where else ""
    say(f"{finding.level}: {finding.what}{where} [{finding.rule}]", style=style)
    say(f"   {finding.why} {finding.fix}".rstrip())


def _next(house: House) -> Shelved:
    choice = publishing.choose(house.store, now=now())
    if choice.best is None:
        raise NotFound(
            "nothing on the shelf can go out", then="`digest pick --explain` says why; `digest import` brings more."
        )
    return choice.best.shelved


def test(
    ctx: typer.Context,
    arguments: Annotated[
        list[str], typer.Argument(metavar="ADDRESS... [THREAD]", help="Who gets it; then, if you like, which thread.")
    ],
) -> None:
    """Send a marked test mail to any address; never counted as sent."""
    house: House = ctx.obj
    to, thread = _addresses_and_thread(arguments)
    house.relay()  # a missing SMTP_HOST is said before any work
    found = read_thread(house, thread) if thread else _next(house)
    drafted = publishing.draft(found, desk=house.desk(marked="Test"), nonce=nonce())
    issue = marked(Issue(number=0, thread_id=0, page=drafted.page, letterhead=house.letterhead()), as_="Test")
    outcomes = asyncio.run(_send_test(house, issue, to))
    for address, outcome in zip(to, outcomes, strict=True):
        say(f"{address}: {outcome.verdict} ({outcome.reply})")
    if any(outcome.verdict != "accepted" for outcome in outcomes):
        raise typer.Exit(1)


def _addresses_and_thread(arguments: Sequence[str]) -> tuple[list[str], str]:
    to = [addresses.parse(argument) for argument in arguments if "@" in argument and not Path(argument).exists()]
    rest = [argument for argument in arguments if "@" not in argument or Path(argument).exists()]
    if not to or len(rest) > 1:
        raise UsageError("test takes addresses, and one thread at most", then="Example: digest test me@example.org 3")
    return to, rest[0] if rest else ""


async def _send_test(house: House, issue: Issue, to: Sequence[str]) -> list[Outcome]:
    press, outbox = house.press(issue), house.outbox()
    letters = [press.address(Recipient(id=0, email=address)) for address in to]
    try:
        return [await outbox.send(letter) for letter in letters]
    finally:
        await outbox.close()


# ── send ──────────────────────────────────────────────────────────────────────────────────────────


def send(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list who would get what.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
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
    house.relay()
    with house.store.sole_sender() as alone:
        house.store.ledger.recover(now=now(), policy=house.policy(), alone=alone)
        issues = publishing.owed(house.store) or [_prepare(house, yes=yes, despite=despite or [])]
        tallies = [(issue, _deliver(house, issue)) for issue in issues]
    if json:
        print_json([_summed(issue, tally) for issue, tally in tallies])
    else:
        for issue, tally in tallies:
            _close(house, issue, tally)
    if any(tally[State.ACCEPTED] + tally[State.WITHDRAWN] < tally.total for _, tally in tallies):
        raise typer.Exit(1)


def _prepare(house: House, *, yes: bool, despite: Sequence[str]) -> Issue:
    """Pick, draft, check, ask, keep."""
    letterhead = house.letterhead()
    choice = publishing.choose(house.store, now=now())
    shelved = _next(house)
    reason = picker.reason(choice)
    drafted = publishing.draft(shelved, desk=house.desk(why=reason), nonce=nonce())
    _refuse_errors(drafted, despite=despite)
    readers = house.store.subscribers.count(Membership.ACTIVE)
    if not readers:
        raise UsageError("nobody is subscribed yet", then="Add readers: `digest subscribers add reader@example.org`.")
    house.press(
        Issue(number=0, thread_id=shelved.id, page=drafted.page, letterhead=letterhead)
    )  # refuses before it is kept
    note(f"Next: “{drafted.page.headline.title}”. {reason}")
    if not yes:
        _ask(f"Send it to {one_of(readers, 'reader')}?")
    return publishing.keep(drafted, store=house.store, letterhead=letterhead, reason=reason, now=now())


def _refuse_errors(drafted: publishing.Draft, *, despite: Sequence[str]) -> None:
    standing = [finding for finding in drafted.errors if finding.rule not in despite]
    for finding in standing:
        _print_finding(finding)
    if standing:
        rules = " ".join(f"--despite {finding.rule}" for finding in standing)
        raise CheckFailed(
            f"{one_of(len(standing), 'error')} stand in the way", then=f"Mend them, or send anyway: {rules}"
        )


def _ask(question: str) -> None:
    if not can_ask():
        raise UsageError(
            "a new issue needs a yes, and nobody is here to give it", then="Add --yes when a script sends."
        )
    typer.confirm(question, abort=True, err=True)


def _deliver(house: House, issue: Issue) -> Tally:
    """Carry with a progress bar; Ctrl-C and SIGTERM let the letters in flight arrive, then stop."""
    already = house.store.ledger.tally(issue.number)
    with _progress() as progress:
        bar = progress.add_task(f"Issue {issue.number}", total=already.total, completed=already.total - already.owed())

        def heard(_claim: Claim, outcome: Outcome) -> None:
            if outcome.verdict in ("accepted", "permanent"):
                progress.advance(bar)

        return asyncio.run(_carried(house, issue, heard))


async def _carried(house: House, issue: Issue, heard: Heard) -> Tally:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return await publishing.deliver(house.round(issue, outbox=house.outbox(), heard=heard, stop=stop))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=err
    )


def _close(house: House, issue: Issue, tally: Tally) -> None:
    """The closing report. Its lines add up to the readers of the issue."""
    say(f"Issue {issue.number}: {issue.page.headline.subject}", style="bold")
    for label, count in _lines(tally):
        say(f"  {count:>7,}  {label}")
    say(f"  {tally.total:>7,}  in all")
    due = house.store.ledger.next_due(issue.number)
    if due:
        say(f"{one_of(tally.owed(), 'letter')} still owed; run `digest send` again after {due.astimezone():%H:%M}.")
    if tally[State.REFUSED] + tally[State.UNCERTAIN] + tally[State.EXPIRED]:
        say(f"`digest report {issue.number}` names each with the server's answer.")


def _lines(tally: Tally) -> list[tuple[str, int]]:
    """States that a person tells apart, in the order of State, without the empty ones."""
    sums: dict[str, int] = {}
    for state in State:
        sums[STATES[state]] = sums.get(STATES[state], 0) + tally[state]
    return [(label, count) for label, count in sums.items() if count]


def _summed(issue: Issue, tally: Tally) -> dict[str, object]:
    return {"issue": issue.number, "subject": issue.page.headline.subject, "total": tally.total, **dict(_lines(tally))}


def _dry_run(house: House, *, json: bool) -> None:
    """Who would get what. Nothing is kept, nothing leaves."""
    store = house.store
    issues = publishing.owed(store)
    if issues:
        subject = issues[0].page.headline.subject
        who = [
            delivery.email for delivery in store.ledger.deliveries(issues[0].number) if delivery.state < State.ACCEPTED
        ]
    else:
        choice = publishing.choose(store, now=now())
        drafted = publishing.draft(_next(house), desk=house.desk(why=picker.reason(choice)), nonce=nonce())
        subject = drafted.page.headline.subject
        who = [subscriber.email for subscriber in store.subscribers.all(Membership.ACTIVE)]
    if json:
        print_json({"subject": subject, "recipients": who})
        return
    say(subject, style="bold")
    for email in who:
        say(f"  {email}")
    say(f"{one_of(len(who), 'reader')} would get it. Nothing was sent or stored.")


# ── afterwards ────────────────────────────────────────────────────────────────────────────────────


def issues_(ctx: typer.Context, json: Json = False) -> None:
    """What went out."""
    store = ctx.obj.store
    rows = [(issue, store.ledger.tally(issue.number)) for issue in store.issues.all()]
    if json:
        print_json([_summed(issue, tally) | {"date": issue.letterhead.date.isoformat()} for issue, tally in rows])
        return
    if not rows:
        note("No issue went out yet. `digest send` makes the first.")
    table(
        ["issue", "date", "subject", "accepted", "of"],
        [
            (
                issue.number,
                f"{issue.letterhead.date:%Y-%m-%d}",
                issue.page.headline.subject,
                tally[State.ACCEPTED],
                tally.total,
            )
            for issue, tally in rows
        ],
        right=["issue", "accepted", "of"],
    )


def report(ctx: typer.Context, issue: IssueArg = None, json: Json = False) -> None:
    """Every recipient's state, with the server's answer."""
    store = ctx.obj.store
    number = issue if issue is not None else store.issues.newest()
    if number is None:
        raise NotFound("no issue went out yet", then="`digest send` makes the first.")
    kept = store.issues.get(number)
    if kept is None:
        raise NotFound("there is no such issue", where=str(number), then="See `digest issues` for the numbers.")
    deliveries = store.ledger.deliveries(number)
    if json:
        print_json(
            _summed(kept, store.ledger.tally(number))
            | {
                "recipients": [
                    {"email": d.email, "state": STATES[d.state], "code": d.code, "reply": d.reply} for d in deliveries
                ]
            }
        )
        return
    table(
        ["reader", "state", "answer"],
        [(d.email, STATES[d.state], f"{d.code or ''} {d.reply}".strip()) for d in deliveries],
    )
    _close(ctx.obj, kept, store.ledger.tally(number))
