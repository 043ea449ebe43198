"""Commands about the hours: what comes, what came, and the word that lets a store go on that stands still."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from digest import clock, publishing
from digest.cli import hours
from digest.cli.house import House, spoken
from digest.cli.shelf import Json
from digest.cli.terminal import can_ask, complain, far, note, print_json, say, table
from digest.errors import StoreError, UsageError
from digest.model import Appointment, Issue

Owed = Literal["send", "drop"]
LAST = 5  # slots that came, in the list


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `digest schedule --count 3`")(schedule)
    app.command(epilog="Example: `digest resume --owed drop`")(resume)


def schedule(
    ctx: typer.Context,
    count: Annotated[int, typer.Option(min=1, max=100, help="How many.")] = 5,
    json: Json = False,
) -> None:
    """The next slots, each with its zone and how far off it is; what will go out; what became of the last ones."""
    house: House = ctx.obj
    s, store, at = house.settings, house.kept, house.time()
    coming = clock.coming(s.digest_schedule, zone=s.digest_timezone, after=at, count=count)
    best = publishing.choose(store, now=at, weights=house.weights()).best
    came = [one for one in store.slots.last(LAST + count) if one.slot.at <= at][:LAST]
    stopped = store.home.stopped()
    if json:
        print_json(
            {
                "zone": s.digest_timezone,
                "next": [{"slot": slot.key, "at": slot.at.isoformat()} for slot in coming],
                "thread": {"id": best.shelved.id, "title": best.shelved.title} if best else None,
                "last": [_described(one) for one in came],
                "stopped": stopped,
            }
        )
        return
    table(["next", "zone", "in"], [(spoken(slot.key), s.digest_timezone, far(slot.at - at)) for slot in coming])
    if best:
        say(f"\nAs things stand, next goes: {best.shelved.id}  {best.shelved.title}")
    else:
        say("\nNothing on the shelf can go out: `digest pick --explain` says why.", style="yellow")
    if came:
        say()
        table(["came", "outcome"], [(spoken(one.slot.key), _outcome(one)) for one in came], give="outcome")
    if stopped:
        complain(f"Nothing leaves by itself: {stopped}. Decide with `digest resume`.")


def _described(one: Appointment) -> dict[str, object]:
    return {"slot": one.slot.key, "at": one.slot.at.isoformat(), "state": one.state, "issue": one.issue, "why": one.why}


def _outcome(one: Appointment) -> str:
    return f"issue {one.issue}" if one.issue else f"{one.state}: {one.why}" if one.why else str(one.state)


def resume(
    ctx: typer.Context,
    owed: Annotated[Owed | None, typer.Option(help="What becomes of letters that are still owed.")] = None,
) -> None:
    """Let a store go on that stands still: after a restore, a move, or a long silence with letters owed."""
    go_on(ctx.obj, owed=owed)


def go_on(house: House, *, owed: Owed | None) -> None:
    """Decide what is owed, pass over the slots that came meanwhile, and go on. Raises UsageError when nobody decides."""
    store, at = house.kept, house.time()
    why = store.home.enter()
    if not why:
        note("It does not stand still; nothing to do.")
        return
    say(f"Why it stands still: {why}.")
    _take_over(house)
    issues = list(publishing.owed(store))
    if issues and (owed or _asked(issues)) == "drop":
        for issue in issues:
            store.ledger.give_up(issue.number, now=at)
    publishing.pass_over(store, now=at)
    store.home.resume()
    say(f"It goes on. {hours.next_in_words(house, at)}")
    say("For an issue before that: `digest send`.")


def _take_over(house: House) -> None:
    """What the original had in hand. A `digest serve` that stands still may hold the sender's lock: it sends nothing."""
    try:
        with house.store.sole_sender("digest resume") as alone:
            house.store.ledger.recover(now=house.time(), policy=house.policy(), alone=alone)
    except StoreError:
        house.store.ledger.recover(now=house.time(), policy=house.policy(), alone=False)


def _asked(issues: list[Issue]) -> Owed:
    named = ", ".join(str(issue.number) for issue in issues)
    if not can_ask():
        raise UsageError(
            f"issue {named} still owes letters, which may have gone out from the original",
            then="Say what becomes of them: --owed send, or --owed drop.",
        )
    send = typer.confirm(f"Issue {named} still owes letters, which may have gone out. Send them?", err=True)
    return "send" if send else "drop"
