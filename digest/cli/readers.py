"""`digest subscribers`: the list, kept by hand, by CSV and by what readers do themselves."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.house import now
from digest.cli.shelf import Json
from digest.cli.terminal import complain, confirm, hanging, note, one_of, print_json, say, table
from digest.errors import UsageError
from digest.model import Membership, Subscriber

if TYPE_CHECKING:
    from digest.store.people import Event, Returned

app = typer.Typer(help="The list of readers.", no_args_is_help=True, add_completion=False)
SHOWN = 20  # bad lines of a list that are named one by one
Address = Annotated[str, typer.Argument(metavar="ADDRESS")]


def add_to(program: typer.Typer) -> None:
    program.add_typer(app, name="subscribers")


@app.command(epilog="Example: `digest subscribers add ada@example.org --name Ada`")
def add(
    ctx: typer.Context,
    address: Address,
    name: Annotated[str, typer.Option(help="What the reader is called.")] = "",
    rejoin: Annotated[
        str, typer.Option(metavar="HOW", help="Bring back one who left, because they asked: say how.")
    ] = "",
) -> None:
    """Add a reader who asked for it. One who left is only brought back by --rejoin."""
    from digest import roster

    if rejoin:
        roster.rejoin(address, store=ctx.obj.store, now=now(), how=rejoin)
        say(f"{address}: active")
        return
    answer = roster.add(address, store=ctx.obj.store, name=name, source="by hand", now=now())
    if answer not in ("added", "already"):
        raise UsageError(
            f"{answer} before, and stays away", where=address, then='If they asked to come back: --rejoin "by phone"'
        )
    say(f"{address}: {'added' if answer == 'added' else 'already there'}")


@app.command(epilog="Example: `digest subscribers remove ada@example.org`")
def remove(ctx: typer.Context, address: Address) -> None:
    """Take a reader off the list, by address or by the token that their letter told them to write to."""
    from digest import roster

    house = ctx.obj
    subscriber = roster.remove(address, store=house.kept, tokens=house.postroom.tokens(), now=now())
    say(f"{subscriber.email}: left")


@app.command("list", epilog="Example: `digest subscribers list --state left`")
def list_(
    ctx: typer.Context,
    state: Annotated[Membership | None, typer.Option(help="Only those in this state.")] = None,
    json: Json = False,
) -> None:
    """Who is on the list, and in which state."""
    readers = list(ctx.obj.kept.subscribers.all(state))
    if json:
        print_json([_described(reader) for reader in readers])
        return
    rows = [(reader.email, reader.name, reader.membership, reader.source) for reader in readers]
    table(["address", "name", "state", "source"], rows)
    note(one_of(len(rows), "reader"))


def _described(reader: Subscriber) -> dict[str, object]:
    return {
        "email": reader.email,
        "name": reader.name,
        "state": reader.membership,
        "source": reader.source,
        "consented_at": reader.consented_at.isoformat() if reader.consented_at else None,
        "kind": reader.kind,
        "paused_until": reader.paused_until.isoformat() if reader.paused_until else None,
        "asked": reader.asked,
        "asked_at": reader.asked_at.isoformat() if reader.asked_at else None,
        "struck": reader.struck,
    }


@app.command(epilog="Example: `digest subscribers show ada@example.org`")
def show(ctx: typer.Context, address: Address, json: Json = False) -> None:
    """All that is known of one reader, and how we came to know it."""
    from digest import roster

    reader, events, returned = roster.show(address, store=ctx.obj.kept)
    if json:
        print_json(
            _described(reader) | {"events": [_event(e) for e in events], "bounces": [_bounce(r) for r in returned]}
        )
        return
    for label, value in _in_words(reader).items():
        if value:
            say(f"{label:<13} {value}")
    for event in _happened(events, returned):
        hanging(f"{event.at:%Y-%m-%d %H:%M}", f"{event.what}  {event.how}".rstrip())
        for name, proof in (event.evidence or {}).items():
            say(f"    {name:<11} {proof}", style="dim")


def _happened(events: Sequence[Event], returned: Sequence[Returned]) -> list[Event]:
    """All in the order of time. What came back and cost a place, or was a complaint, is an event already."""
    from digest.store.people import Event

    told = {(one.at, one.how.partition(":")[0]) for one in events if one.what in ("bounced", "complained")}
    came = []
    for one in returned:
        where = f"issue {one.issue}" if one.issue else "a single letter"
        if (one.at, where) not in told:
            came.append(Event(at=one.at, what=one.kind, how=f"{where}: {one.status} {one.said}".rstrip(": ")))
    return sorted([*events, *came], key=lambda one: one.at)


def _in_words(reader: Subscriber) -> dict[str, object]:
    def day(at: datetime | None) -> str:
        return f"{at:%Y-%m-%d %H:%M}" if at else ""

    asked = f"{reader.asked} times, last {day(reader.asked_at)}" if reader.asked else ""
    return {
        "address": reader.email,
        "name": reader.name,
        "state": reader.membership,
        "source": reader.source,
        "consented": day(reader.consented_at),
        "kind": reader.kind,
        "paused until": day(reader.paused_until),
        "asked back": asked,
        "came back": f"issue {reader.struck}" if reader.struck else "",
    }


def _event(event: Event) -> dict[str, object]:
    return {"at": event.at.isoformat(), "what": event.what, "how": event.how, "evidence": event.evidence}


def _bounce(returned: Returned) -> dict[str, object]:
    found = {"issue": returned.issue, "kind": returned.kind, "at": returned.at.isoformat()}
    return found | {"status": returned.status, "said": returned.said}


@app.command(epilog='Example: `digest subscribers suppress ada@example.org --how "asked by phone"`')
def suppress(
    ctx: typer.Context,
    address: Address,
    how: Annotated[str, typer.Option(help="How we know that they want it so.")] = "by hand",
) -> None:
    """Never write to this address again, whoever gives it to us. `add --rejoin` undoes it."""
    from digest import roster

    reader = roster.suppress(address, store=ctx.obj.store, now=now(), how=how)
    say(f"{reader.email}: suppressed")


@app.command("import", epilog="Example: `digest subscribers import subscribers/friends.csv`")
def import_(
    ctx: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="CSV with a column `email`; also name, source, consented_at, state; or what another program exports. "
            "- for standard input.",
        ),
    ],
    json: Json = False,
) -> None:
    """Add the readers of a CSV file. Bad lines are named and left out; who left, here or there, stays away; twice is once."""
    from digest import listing

    done = listing.import_list(
        listing.read_list(file, stdin=sys.stdin.buffer), store=ctx.obj.store, source=Path(file).name, now=now()
    )
    if json:
        print_json(
            {
                "added": done.added,
                "unconfirmed": done.unconfirmed,
                "already": done.already,
                "taken_off": done.taken_off,
                "gone": done.gone,
                "kept_away": done.kept_away,
                "bad": [{"line": bad.line, "reason": bad.reason} for bad in done.bad],
                "unread": list(done.unread),
                "doubt": done.doubt,
            }
        )
    else:
        for bad in done.bad[:SHOWN]:
            complain(f"line {bad.line}: {bad.reason}")
        if len(done.bad) > SHOWN:
            complain(f"and {len(done.bad) - SHOWN:,} more bad lines; --json names them all.")
        if done.unread:
            note(f"Columns that were not read: {', '.join(done.unread)}.")
        if done.doubt:
            note(done.doubt)
        say(f"{done.added:,} added, {done.already:,} already there, {done.taken_off:,} taken off,")
        if done.unconfirmed:
            say(f"{done.unconfirmed:,} never confirmed and get nothing until they do,")
        if done.gone:
            say(f"{one_of(done.gone, 'stranger')} whom this list says not to write to,")
        say(f"{done.kept_away:,} left before and stay away, {one_of(len(done.bad), 'bad line')}.")
    if done.bad:
        raise typer.Exit(1)


@app.command(epilog="Example: `digest subscribers export > readers.csv`")
def export(ctx: typer.Context) -> None:
    """The whole list as CSV on stdout, with state, source and consent; safe to open in a spreadsheet."""
    from digest import listing

    for line in listing.export_list(ctx.obj.kept):
        sys.stdout.write(line)


@app.command(epilog="Example: `digest subscribers erase ada@example.org --yes`")
def erase(
    ctx: typer.Context, address: Address, yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False
) -> None:
    """Delete all that we know of a reader. Only a salted hash stays, so that no import brings them back."""
    from digest import roster

    if not yes:
        confirm(f"Erase {address} for good?", what="an erasure")
    roster.erase(address, store=ctx.obj.kept)
    say("Erased.")
