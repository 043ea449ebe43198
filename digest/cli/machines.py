"""Commands for many machines on one PostgreSQL: a further sender, and the move from SQLite."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from digest import publishing
from digest.cli import originals
from digest.cli.house import House, told_to_stop
from digest.cli.shelf import Json
from digest.cli.terminal import complain, note, one_of, print_json, say, table
from digest.errors import Passing, UsageError
from digest.model import Issue, Outcome

if TYPE_CHECKING:
    from digest.store.ledger import Claim

PAUSE = 5.0  # seconds between two looks for work


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `digest work`, on each further machine")(work)
    app.command(epilog="Example: `digest move --to postgresql://digest@db.example.org/digest`")(move)


# ── work ──────────────────────────────────────────────────────────────────────────────────────────


def work(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Deliver what is due now, then end.")] = False,
) -> None:
    """Deliver what is owed, side by side with other machines, until Ctrl-C or SIGTERM.

    Makes no issue, and begins none that has waited: whoever made it looks at the original first.
    """
    house: House = ctx.obj
    house.postroom.relays()
    if not house.store.shared:
        raise UsageError(
            "a SQLite store has one sender at a time",
            where=house.store.place,
            then="Use `digest send`; or `digest move` to PostgreSQL, for many machines.",
        )
    asyncio.run(_work(house, once=once))


async def _work(house: House, *, once: bool) -> None:
    stop, waiting = told_to_stop(), set[int]()
    note(f"At work on {house.store.place}. Ctrl-C lets the letters in flight arrive, then ends it.")
    while not stop.is_set():
        try:
            await _look_around(house, stop, waiting)
        except Passing as trouble:
            if once or not trouble.temporary:
                raise
            complain(str(trouble))
        if once:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE)


async def _look_around(house: House, stop: asyncio.Event, waiting: set[int]) -> None:
    """Take over what dead senders left, then carry what is due, issue after issue. `waiting`: what others have to begin,
    each said once."""
    now, ledger = house.time(), house.store.ledger
    ledger.recover(now=now, policy=house.policy(), alone=False)
    for issue in publishing.owed(house.store):
        due = ledger.next_due(issue.number)
        if not due or due > now or stop.is_set():
            continue
        if originals.was_looked_at(house, issue):
            await _carry(house, issue, stop)
        elif issue.number not in waiting:
            waiting.add(issue.number)
            note(f"Issue {issue.number} waits for `digest send` or `digest serve`, which look at its original first.")


async def _carry(house: House, issue: Issue, stop: asyncio.Event) -> None:
    answers: Counter[str] = Counter()

    def heard(_claim: Claim, outcome: Outcome) -> None:
        answers[outcome.verdict] += 1

    try:
        tally = await publishing.deliver(house.round(issue, outbox=house.postroom.outbox(), heard=heard, stop=stop))
    finally:
        if answers:
            counted = ", ".join(f"{count:,} {verdict}" for verdict, count in sorted(answers.items()))
            say(f"Issue {issue.number}: {counted} here.")
    if answers:
        say(f"Issue {issue.number}: {one_of(tally.owed(), 'letter')} still owed in all.")


# ── move ──────────────────────────────────────────────────────────────────────────────────────────


def move(
    ctx: typer.Context,
    to: Annotated[str, typer.Option("--to", metavar="URL", help="postgresql://user:password@host/name, empty.")],
    json: Json = False,
) -> None:
    """Carry the whole SQLite store to an empty PostgreSQL, and prove that all of it arrived."""
    house: House = ctx.obj
    moved: dict[str, int] = {}
    with house.kept.sole_sender() as alone:
        house.store.ledger.recover(now=house.time(), policy=house.policy(), alone=alone)
        house.store.move_to(to, heard=moved.__setitem__)
    if json:
        print_json(moved)
        return
    table(["table", "rows"], [(name, f"{count:,}") for name, count in moved.items()], right=["rows"])
    say("All of it arrived, and was counted there. Set DATABASE_URL to the new place; the old file opens no more.")
