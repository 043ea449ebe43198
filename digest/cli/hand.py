"""The editor's hand on the shelf: `pin`, `hold` and `release` a thread, and `remove` one that came by mistake."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from digest import shelving
from digest.cli.house import House
from digest.cli.shelf import ThreadArg, unpicked
from digest.cli.terminal import confirm, note, one_of, say
from digest.model import Shelved, Standing


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `digest pin 3`")(pin)
    app.command(epilog="Example: `digest hold 3`")(hold)
    app.command(epilog="Example: `digest release 3`")(release)
    app.command(epilog="Example: `digest remove 3`")(remove)


def _put(house: House, ref: str, standing: Standing, *, said: str) -> Shelved:
    shelved = shelving.find(ref, store=house.kept)
    shelving.put(shelved, standing, store=house.store)
    say(f"{shelved.id:>4}  {shelved.title}")
    say(f"      {said}")
    return replace(shelved, standing=standing)


def pin(ctx: typer.Context, thread: ThreadArg) -> None:
    """Let this thread be the next one."""
    _put(ctx.obj, thread, Standing.PINNED, said="Pinned: it goes before all that are not.")


def hold(ctx: typer.Context, thread: ThreadArg) -> None:
    """Keep this thread back until it is released."""
    _put(ctx.obj, thread, Standing.HELD, said="Held back until you release it.")


def release(ctx: typer.Context, thread: ThreadArg) -> None:
    """Let a pinned or held thread, or one that a reader proposed, wait like the others."""
    shelved = _put(ctx.obj, thread, Standing.WAITING, said="Waiting, like the others.")
    if why := unpicked(shelved):
        say(f"      It is not picked by itself ({why}).")


def remove(
    ctx: typer.Context,
    threads: Annotated[list[str], typer.Argument(metavar="THREAD...", help="Numbers on the shelf.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
) -> None:
    """Take threads off the shelf that came by mistake, with what they were read from and their pictures.

    One that an issue was made of stays with it: `digest takedown` is for an author who wants to be out of the digest.
    """
    house: House = ctx.obj
    found = [shelving.unsent(ref, store=house.kept) for ref in dict.fromkeys(threads)]
    if not yes:
        for one in found:
            note(f"{one.id:>4}  {one.title}")
        confirm(f"Take {one_of(len(found), 'thread')} off the shelf for good?", what="a removal")
    shelving.remove(found, store=house.store)
    for one in found:
        say(f"{one.id:>4}  {one.title}")
        say("      Off the shelf, with its original and its pictures.")
