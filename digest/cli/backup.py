"""`digest backup`: the store in one file, whoever is at work on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digest.cli.house import House
from digest.cli.shelf import Json
from digest.cli.terminal import print_json, say
from digest.errors import UsageError
from digest.model import Membership


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `digest backup monday.sqlite3`")(backup)


def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")],
    json: Json = False,
) -> None:
    """Copy the whole store to a new file, also while `digest serve` runs. Restoring it: docs/running.md."""
    house: House = ctx.obj
    store = house.kept
    if not (store.spines.count() or any(map(store.subscribers.count, Membership))):
        raise UsageError(
            "has no thread and no reader in it, so a backup of it would be one of nothing",
            where=store.place,
            then="Is the disk with the store mounted, and is DATABASE_URL right?",
        )
    size = store.backup(file, now=house.time())
    if json:
        print_json({"file": str(file), "bytes": size})
        return
    say(f"{file}: {size:,} bytes, whole. It holds addresses and the secret of your links: keep it as you keep those.")
