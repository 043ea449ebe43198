"""`digest preview`: the studio on this machine, its pieces handed in from the settings as they stand at each moment."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest import publishing
from digest.cli import copies
from digest.cli.drafts import WIDTH, send_test
from digest.cli.house import House, nonce, now
from digest.cli.shelf import read_thread
from digest.cli.terminal import note, say
from digest.desk.shipped import shipped
from digest.drafting import Desk
from digest.errors import SettingsError, UsageError
from digest.model import Issue, Letterhead, Outcome, Page, Recipient, Shelved

if TYPE_CHECKING:
    from digest.desk.picker import Pick, Weights
    from digest.web.studio import Behind, Live
    from digest.web.studio.handed import Handed, Watched

HOST, PORT, TRIES = "127.0.0.1", 8025, 50
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
    bench = Bench(ctx.obj)
    path = bench.take(thread) if thread else "/"
    with _listening(port) as listener:
        taken = listener.getsockname()[1] != port

        def announce() -> None:
            url = f"http://{HOST}:{listener.getsockname()[1]}{path}"
            say(f"The studio is open at {url}")
            if taken:
                note(f"Port {port} is taken, so this is the next free one.")
            note("It answers this machine only. Ctrl-C closes it.")
            if not no_open:
                threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

        asyncio.run(_serve(bench, listener, announce=announce))


class Bench:
    """The house behind the studio, furnished anew whenever settings or templates are saved; the store stays open."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._given = ""
        self._own = house.settings.digest_templates

    def take(self, thread: str) -> str:
        """Where in the studio that THREAD is; it is looked at once, so that a wrong one is said in the terminal."""
        found = read_thread(self._house, thread)
        if found.id:
            return f"/threads/{found.id}"
        if thread == "-":
            raise UsageError("the studio reads a file again when it is saved, and standard input has no file")
        self._given = thread
        return "/file"

    def open(self, live: Live) -> Behind:
        """All that the window does not need, which takes most of the time: the store, the desk, the checks."""
        from digest.web.studio.app import Studio

        return Studio(self._handed(), live=live)

    def _handed(self) -> Handed:
        from digest.web.studio.handed import Handed

        return Handed(
            store=self._house.store,
            weights=self._weights,
            choose=self._choose,
            desk=self._desk,
            head=self._head,
            letter=self._letter,
            filled=self._filled,
            send_test=self._send_test,
            copies={"pdf": _pdf, "png": _png},
            given=self._read_given if self._given else None,
            watched=self._watched,
            renew=self._renew,
            now=now,
            nonce=nonce,
        )

    def _weights(self) -> Weights:
        return self._house.weights()

    def _choose(self, weights: Weights) -> Pick:
        return publishing.choose(self._house.store, now=now(), weights=weights)

    def _desk(self, why: str) -> Desk:
        return self._house.desk(why=why)

    def _head(self) -> Letterhead:
        return self._house.postroom.draft_letterhead()

    def _letter(self, issue: Issue) -> bytes:
        return self._house.postroom.draft_press(issue).address(Recipient(id=1, email="reader@example.org")).data

    def _filled(self, page: Page) -> Page:
        return self._house.filled(page)

    async def _send_test(self, shelved: Shelved, to: str) -> Outcome:
        from digest.mail import addresses

        (outcome,) = await send_test(self._house, shelved, to=[addresses.parse(to)])
        return outcome

    def _read_given(self) -> Shelved:
        return read_thread(self._house, self._given)

    def _renew(self) -> None:
        fresh = House(env_file=self._house.env_file)
        fresh.store = self._house.store
        self._house = fresh

    def _watched(self) -> Watched:
        """While the settings are wrong, the owner's templates are where they were."""
        from digest.web.studio.handed import Watched

        with suppress(SettingsError):
            self._own = self._house.settings.digest_templates
        trees = [shipped(), *([self._own] if self._own and self._own.is_dir() else [])]
        files = [self._house.env_file, *([Path(self._given)] if self._given else [])]
        return Watched(trees=_resolved(trees), files=_resolved(files))


def _resolved(paths: list[Path]) -> tuple[Path, ...]:
    return tuple(path.resolve() for path in paths)


def _pdf(page: Page) -> bytes:
    return copies.to_pdf(page.html, title=page.headline.title)


def _png(page: Page) -> bytes:
    return copies.to_png(page.html, width=WIDTH)


# ── the server ────────────────────────────────────────────────────────────────────────────────────


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


async def _serve(bench: Bench, listener: socket.socket, *, announce: Callable[[], None]) -> None:
    stop = asyncio.Event()
    _end_in_peace(stop)
    announce()
    from digest.cli.listening import serve_on
    from digest.web.studio import Live, studio

    live = Live()
    opening = asyncio.create_task(asyncio.to_thread(bench.open, live))
    opening.add_done_callback(lambda done: stop.set() if not done.cancelled() and done.exception() else None)

    async def hang_up() -> None:
        await stop.wait()
        live.end()

    hanging_up = asyncio.create_task(hang_up())
    await serve_on(listener, app=studio(shipped() / "studio", live=live, opening=opening), stop=stop)
    hanging_up.cancel()
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)  # it has ended; Python would make Ctrl-C deadly again on its last way
    if opening.done():
        opening.result()  # what kept the rooms shut is said in the terminal


def _end_in_peace(stop: asyncio.Event) -> None:
    """Ctrl-C and SIGTERM only set `stop`, from now on until the program is gone. asyncio's own way would give Ctrl-C its
    old meaning back when the loop closes, and a second one would look like a fault."""
    loop = asyncio.get_running_loop()

    def told(*_: object) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)

    for number in ENDINGS:
        signal.signal(number, told)
