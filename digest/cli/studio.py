"""`digest preview`: the studio on this machine. Its address is said, and its window served, before anything else is loaded;
the window's server is in `window`, what is behind it in `behind`."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.cli.house import House
    from digest.web.studio import Behind, Live

HOST, PORT, TRIES = "127.0.0.1", 8025, 50
FILE = "/file"  # where in the studio the file of the command line is
ENDINGS = (signal.SIGINT, signal.SIGTERM)


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `digest preview`, `digest preview 3 --no-open`")(preview)


def preview(
    ctx: typer.Context,
    thread: Annotated[
        str | None,
        typer.Argument(metavar="THREAD", help="A number on the shelf, or a file; the next pick when left out."),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where to begin looking for a free port.")] = PORT,
    no_open: Annotated[bool, typer.Option("--no-open", help="Only say the address; open no browser.")] = False,
) -> None:
    """The studio: the shelf, and each mail as its readers will see it. Saves show at once. Ctrl-C ends it."""
    house: House = ctx.obj
    path = _path(house, thread) if thread else "/"
    ending = Ending()
    with _listening(port) as listener:
        at = listener.getsockname()[1]
        url = f"http://{HOST}:{at}{path}"
        typer.echo(f"The studio is open at {url}")
        if not no_open:
            threading.Thread(target=_show, args=(url,), daemon=True).start()
        from digest.cli import window

        def open_rooms(live: Live) -> Behind:
            from digest.cli.behind import Bench
            from digest.cli.terminal import note

            if at != port:
                note(f"Port {port} is taken, so this is the next free one.")
            note("It answers this machine only. Ctrl-C closes it.")
            return Bench(house, given=thread or "" if path == FILE else "").open(live)

        try:
            window.serve(listener, open_rooms, end=ending.then)
        finally:
            ending.over()


def _path(house: House, thread: str) -> str:
    """Where in the studio that THREAD is; it is looked at once, so that a wrong one is said in the terminal."""
    from digest.cli.shelf import read_thread

    found = read_thread(house, thread)
    if found.id:
        return f"/threads/{found.id}"
    if thread == "-":
        raise UsageError("the studio reads a file again when it is saved, and standard input has no file")
    return FILE


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """A socket at the first free port from `port` on. It listens at once: a browser that comes early waits."""
    for candidate in range(port, min(port + TRIES, 65536)):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, candidate))
            except OSError:
                continue
            listener.listen()
            yield listener
            return
    raise UsageError(f"no port is free from {port} on", where=HOST, then="Name another one with --port.")


def _show(url: str) -> None:
    import webbrowser

    webbrowser.open(url)


class Ending:
    """Ctrl-C and SIGTERM only ask for the end, from now on until the program is gone. asyncio's own way would give Ctrl-C
    its old meaning back when the loop closes, and a second one would look like a fault."""

    def __init__(self) -> None:
        self._asked = False
        self._heard: Callable[[], object] | None = None
        for number in ENDINGS:
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self._asked = True
        if self._heard:
            self._heard()

    def then(self, heard: Callable[[], object]) -> None:
        """Do this whenever it is asked for, and at once when it was."""
        self._heard = heard
        if self._asked:
            heard()

    def over(self) -> None:
        """It has ended; Python would make Ctrl-C deadly again on its last way."""
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
