"""What went out: the issues, and what became of each letter."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.house import House, now
from digest.cli.shelf import Json
from digest.cli.terminal import complain, note, one_of, print_json, say, table
from digest.errors import NotFound
from digest.model import Issue, State, Tally

IssueArg = Annotated[int | None, typer.Argument(metavar="ISSUE", help="Its number; the newest when left out.")]
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
    app.command("issues", epilog="Example: `digest issues`")(issues_)
    app.command(epilog="Example: `digest report 12 --json`")(report)


def issues_(ctx: typer.Context, json: Json = False) -> None:
    """What went out."""
    store = ctx.obj.kept
    rows = [(issue, store.ledger.tally(issue.number)) for issue in store.issues.all()]
    if json:
        print_json([summed(issue, tally) | {"date": issue.letterhead.date.isoformat()} for issue, tally in rows])
        return
    if not rows:
        note("No issue went out yet. `digest send` makes the first.")
        return
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
        give="subject",
    )


def report(ctx: typer.Context, issue: IssueArg = None, json: Json = False) -> None:
    """Every recipient's state, with the server's answer."""
    house: House = ctx.obj
    kept, tally = newest_or(house, issue)
    deliveries = house.store.ledger.deliveries(kept.number)
    unread = house.store.mailbox.unread() if house.settings.imap_host else None
    if json:
        print_json(
            summed(kept, tally)
            | {
                "mailbox_unread_since": unread.since.isoformat() if unread else None,
                "recipients": [
                    {
                        "email": d.email,
                        "state": STATES[d.state],
                        "code": d.code,
                        "enhanced": d.enhanced,
                        "reply": d.reply,
                    }
                    for d in deliveries
                ],
            }
        )
        return
    table(
        ["reader", "state", "answer"],
        [(d.email, STATES[d.state], f"{d.code or ''} {d.enhanced} {d.reply}".strip()) for d in deliveries],
        give="answer",
    )
    close(house, kept, tally, named=True)
    if failed := house.store.letterbox.failed():
        say("\nAnswers and words to you that did not get through", style="bold")
        table(["what", "to", "answer"], [(one.kind, one.recipient, one.reply) for one in failed], give="answer")
    if unread:
        complain(
            f"Since {unread.since:%Y-%m-%d %H:%M} UTC the mailbox that readers write to cannot be read: {unread.why}"
        )


def newest_or(house: House, number: int | None) -> tuple[Issue, Tally]:
    """The issue of this number, or the newest, and where its letters stand. Raises NotFound."""
    wanted = number if number is not None else house.kept.issues.newest()
    if wanted is None:
        raise NotFound("no issue went out yet", then="`digest send` makes the first.")
    kept = house.store.issues.get(wanted)
    if kept is None:
        raise NotFound("there is no such issue", where=str(wanted), then="See `digest issues` for the numbers.")
    return kept, house.store.ledger.tally(wanted)


def close(house: House, issue: Issue, tally: Tally, *, named: bool = False) -> None:
    """The closing report. Its lines add up to the readers of the issue, who were `named` above or not."""
    say(f"Issue {issue.number}: {issue.page.headline.subject}", style="bold")
    for label, count in _lines(tally):
        say(f"  {count:>7,}  {label}")
    say(f"  {tally.total:>7,}  in all")
    due = house.store.ledger.next_due(issue.number)
    if due:
        when = f" after {due.astimezone():%Y-%m-%d %H:%M}" if due > now() else ""
        say(f"{one_of(tally.owed(), 'letter')} still owed; run `digest send` again{when}.")
    if in_hand := tally.in_hand():
        say(
            f"{one_of(in_hand, 'letter')} in the hand of another machine; if it died, they are taken over after DIGEST_LEASE."
        )
    if not named and tally[State.REFUSED] + tally[State.UNCERTAIN] + tally[State.EXPIRED]:
        say(f"`digest report {issue.number}` names each with the server's answer.")
    if doubtful := tally[State.UNCERTAIN] + tally[State.DOUBTFUL] * (due is None):
        say(f"{one_of(doubtful, 'letter')} may have arrived; `digest resend {issue.number}` sends them once more.")


def _lines(tally: Tally) -> list[tuple[str, int]]:
    """States that a person tells apart, in the order of State, without the empty ones."""
    sums: dict[str, int] = {}
    for state in State:
        sums[STATES[state]] = sums.get(STATES[state], 0) + tally[state]
    return [(label, count) for label, count in sums.items() if count]


def summed(issue: Issue, tally: Tally) -> dict[str, object]:
    return {"issue": issue.number, "subject": issue.page.headline.subject, "total": tally.total, **dict(_lines(tally))}
