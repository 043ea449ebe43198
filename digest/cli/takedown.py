"""The command `takedown`: an author who does not wish to be in the digest leaves it, and is not let in again."""

from __future__ import annotations

from typing import Annotated

import typer

from digest import consent
from digest.cli.house import House
from digest.cli.shelf import Json, described
from digest.cli.terminal import confirm, note, one_of, print_json, say, table
from digest.consent import Works
from digest.errors import UsageError


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `digest takedown @ada@example.social`, `digest takedown --list`")(takedown)


def takedown(
    ctx: typer.Context,
    author: Annotated[
        str, typer.Argument(metavar="AUTHOR", help="A handle, the address of a profile, or a name.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Only say who was taken down.")] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Let the author in again; nothing comes back by itself.")
    ] = False,
    json: Json = False,
) -> None:
    """Take an author out of the digest, at their wish.

    Their threads leave the shelf, their issues the archive, letters that wait are not sent, and nothing of theirs is
    imported or picked any more. Letters that arrived stay with their readers.
    """
    house: House = ctx.obj
    if list_:
        _list(house, json=json)
    elif not author:
        raise UsageError("whose?", then="Name an author, or say --list.")
    elif undo:
        consent.undo(author, store=house.kept)
        _tell(author, None, json=json)
    else:
        if not yes:
            _ask(author, consent.works(author, store=house.kept))
        _tell(author, consent.take_down(author, store=house.kept, now=house.time()), json=json)


def _ask(author: str, found: Works) -> None:
    for shelved in found.threads:
        note(f"{shelved.id:>4}  {shelved.title}")
    note(f"{_counted(found)} would go.")
    confirm(f"Take down {author}?", what="a takedown")


def _counted(found: Works) -> str:
    counts = (
        one_of(len(found.threads), "thread on the shelf", "threads on the shelf"),
        one_of(len(found.issues), "issue in the archive", "issues in the archive"),
        one_of(found.letters, "letter that waits", "letters that wait"),
    )
    return ", ".join(counts)


def _tell(author: str, found: Works | None, *, json: bool) -> None:
    """What went; None for an author who is let in again."""
    if json:
        went = {
            "threads": [described(one) for one in found.threads] if found else [],
            "issues": list(found.issues) if found else [],
            "letters": found.letters if found else 0,
        }
        print_json({"author": author, "blocked": found is not None, **went})
    elif found is None:
        say(f"{author} may be imported again. What was taken down does not come back by itself.")
    else:
        say(f"{author} was taken down, and is not let in again.", style="bold")
        say(f"  Gone: {_counted(found)}.")
        if not (found.threads or found.issues or found.letters):
            note(f"Nothing of theirs was here. A slip in the name? `digest takedown --undo {author}` takes it back.")


def _list(house: House, *, json: bool) -> None:
    found = house.kept.authors.blocked()
    if json:
        print_json([{"author": one.said, "since": one.at.isoformat()} for one in found])
    elif found:
        table(["author", "since"], [(one.said, f"{one.at:%Y-%m-%d}") for one in found], give="author")
    else:
        note("Nobody was taken down.")
