"""Commands for a draft: render it, check it, mail it to yourself. None of them counts as sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest import drafting, publishing
from digest.cli import copies
from digest.cli.house import House, marked, nonce, now
from digest.cli.shelf import Json, read_thread
from digest.cli.terminal import note, one_of, print_json, say, table
from digest.errors import UsageError
from digest.model import Issue, Outcome, Recipient, Shelved

if TYPE_CHECKING:
    from digest.mail.letter import Press

WIDTH = 700  # CSS pixels: the card and some of the ground that it lies on
VERDICTS = {"accepted": "accepted", "temporary": "not now", "permanent": "refused", "ambiguous": "in doubt"}


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `digest render 3 -o out --pdf`")(render)
    app.command(epilog="Example: `digest test me@example.org`")(test)


def render(
    ctx: typer.Context,
    thread: Annotated[str, typer.Argument(metavar="THREAD", help="A number on the shelf, a file, or -.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Where the files go.")],
    pdf: Annotated[bool, typer.Option("--pdf", help="Also digest.pdf, a copy to keep; needs Chromium.")] = False,
    png: Annotated[bool, typer.Option("--png", help="Also digest.png, a picture; needs Chromium.")] = False,
    json: Json = False,
) -> None:
    """Write digest.html, digest.txt, digest.mjml and digest.eml; sends and stores nothing."""
    house: House = ctx.obj
    drafted = drafting.draft(read_thread(house, thread), desk=house.desk(), nonce=nonce())
    letter = house.postroom.draft_press(_as_issue(house, drafted)).address(Recipient(id=1, email="reader@example.org"))
    shown = house.filled(drafted.page)
    files = {
        "digest.html": shown.html.encode(),
        "digest.txt": shown.text.encode(),
        "digest.mjml": drafted.page.mjml.encode(),
        "digest.eml": letter.data,
    }
    if pdf:
        files["digest.pdf"] = copies.to_pdf(shown.html, title=shown.headline.title)
    if png:
        files["digest.png"] = copies.to_png(shown.html, width=WIDTH)
    _write(files, out)
    if json:
        print_json({name: {"path": str(out / name), "bytes": len(data)} for name, data in files.items()})
        return
    say(f"{drafted.page.headline.title}", style="bold")
    table(["file", "bytes"], [(out / name, f"{len(data):,}") for name, data in files.items()], right=["bytes"])
    if drafted.page.cut:
        note(
            f"{one_of(drafted.page.cut, 'post')} did not fit under the size where mail programs clip; the mail links to them."
        )


def _as_issue(house: House, drafted: drafting.Draft) -> Issue:
    return Issue(number=0, thread_id=0, page=drafted.page, letterhead=house.postroom.draft_letterhead())


def _write(files: dict[str, bytes], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
    except OSError as trouble:
        raise UsageError(
            f"cannot write there ({trouble.strerror})", where=str(folder), then="Choose another folder."
        ) from trouble


def next_thread(house: House) -> tuple[Shelved, str]:
    """The pick and its reason, or a sentence why there is none."""
    from digest.desk import picker

    choice = publishing.choose(house.store, now=now(), weights=house.weights())
    if choice.best is None:
        raise publishing.nothing(choice)
    return choice.best.shelved, picker.reason(choice)


def test(
    ctx: typer.Context,
    arguments: Annotated[
        list[str], typer.Argument(metavar="ADDRESS... [THREAD]", help="Who gets it; then, if you like, which thread.")
    ],
) -> None:
    """Send a marked test mail to any address; never counted as sent."""
    house: House = ctx.obj
    to, thread = _addresses_and_thread(arguments)
    house.postroom.relays()  # a missing SMTP_HOST is said before any work
    found = read_thread(house, thread) if thread else next_thread(house)[0]
    outcomes = asyncio.run(send_test(house, found, to=to))
    for address, outcome in zip(to, outcomes, strict=True):
        say(f"{address}: {VERDICTS[outcome.verdict]} ({outcome.code or ''} {outcome.reply})".replace("( ", "("))
    if any(outcome.verdict != "accepted" for outcome in outcomes):
        raise typer.Exit(1)


def _addresses_and_thread(arguments: Sequence[str]) -> tuple[list[str], str]:
    from digest.mail import addresses

    to = [addresses.parse(argument) for argument in arguments if "@" in argument and not Path(argument).exists()]
    rest = [argument for argument in arguments if "@" not in argument or Path(argument).exists()]
    if not to or len(rest) > 1:
        raise UsageError("test takes addresses, and one thread at most", then="Example: digest test me@example.org 3")
    return to, rest[0] if rest else ""


async def send_test(house: House, found: Shelved, *, to: Sequence[str]) -> list[Outcome]:
    """Mail this thread to each address, marked as a test; what the server said, in the same order."""
    from digest.mail.sending.relay import BRISK

    outbox = house.postroom.outbox(timeouts=BRISK)
    press = await asyncio.to_thread(_test_press, house, found)
    outcomes = []
    try:
        for address in to:
            async with outbox.carry(press.address(Recipient(id=0, email=address))) as outcome:
                outcomes.append(outcome)
    finally:
        await outbox.close()
    return outcomes


def _test_press(house: House, found: Shelved) -> Press:
    drafted = drafting.draft(found, desk=house.desk(marked="Test", goes_out=True), nonce=nonce())
    issue = Issue(number=0, thread_id=0, page=drafted.page, letterhead=house.postroom.letterhead())
    return house.postroom.press(marked(issue, as_="Test"))
