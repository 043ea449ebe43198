"""`digest serve`: the daemon."""

from __future__ import annotations

import asyncio

import typer

from digest.cli.house import House


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `digest serve`, under systemd: docs/running.md")(serve)


def serve(ctx: typer.Context) -> None:
    """Run by itself: issues at their slots, retries, the public pages, mail that comes in. Ctrl-C or SIGTERM ends it."""
    from digest.cli import logs
    from digest.cli.daemon import Daemon

    house: House = ctx.obj
    house.postroom.relays()
    house.postroom.letterhead()
    log = logs.begin(house.settings.log_format)
    with house.store.sole_sender("digest serve") as alone:
        asyncio.run(Daemon(house, log=log, alone=alone).run())
