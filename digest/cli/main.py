"""The command `digest`: its commands by group, and the one place where an error becomes a sentence and an exit code."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from digest import __version__
from digest.errors import DigestError, SettingsError

STOPPED = "Stopped. Nothing is lost: the same command goes on from here."
REFUSED = "Stopped before anything was done."  # a question was answered by no, or by Ctrl-C
TEMPFAIL = 75  # sysexits.h: a mail server that pipes a mail to us keeps it and tries again; for other codes it bounces
GROUPS = {
    "setup": ("demo", "init", "doctor"),
    "importing": ("import",),
    "refresh": ("refresh",),
    "shelf": ("threads", "summary", "pick"),
    "hand": ("pin", "hold", "release", "remove"),
    "follows": ("follow", "follows", "unfollow"),
    "unroll": ("unroll",),
    "takedown": ("takedown",),
    "drafts": ("render", "test"),
    "checking": ("check",),
    "studio": ("preview",),
    "sending": ("send", "resend"),
    "serve": ("serve",),
    "inbox": ("inbox", "receive"),
    "calendar": ("schedule", "resume"),
    "issues": ("issues", "report"),
    "archive": ("archive",),
    "machines": ("work", "move"),
    "backup": ("backup",),
    "readers": ("subscribers",),
    "templates": ("template",),
}
"""Where each command lives. Only the file that is asked for is loaded: all of them, with what they need, take four times
as long, and whoever types a command waits for it."""


def program(word: str = "") -> typer.Typer:
    """The command line with the group that has this command, or with all of them."""
    app = typer.Typer(
        name="digest",
        help="Turns the best thread of the week into an email that people look forward to.",
        epilog="Start with `digest demo`; then `digest init`, `digest import PAGE`, `digest send`.",
        add_completion=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
        callback=main,
    )
    for group in _groups(word):
        import_module(f"digest.cli.{group}").add_to(app)
    return app


def _groups(word: str) -> Iterable[str]:
    """The group of this command; none for the version, all for help or a command that there is not."""
    asked = [group for group, commands in GROUPS.items() if word in commands]
    return asked or ([] if word == "--version" else GROUPS)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"digest {__version__}")
        raise typer.Exit


def main(
    ctx: typer.Context,
    env_file: Annotated[
        Path | None, typer.Option(help="The settings file; `data/` lies beside it. Default: .env here.")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    from digest.cli.house import House

    if env_file and not env_file.is_file() and ctx.invoked_subcommand != "init":
        raise SettingsError("there is no such settings file", where=str(env_file), then="Check --env-file.")
    ctx.obj = House(env_file=env_file or Path(".env"))
    ctx.call_on_close(ctx.obj.close)


def answer(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code of contract: 0 done, 1 failed or in part, 2 wrong usage, 3 findings."""
    debug = "--debug" in arguments
    rest = [argument for argument in arguments if argument != "--debug"] or ["--help"]
    try:
        code: int = program(_word(rest))(rest, standalone_mode=False) or 0
        if code == 130:  # so typer says Ctrl-C, and nothing else
            raise KeyboardInterrupt
        return code
    except BaseException as error:
        sentence, code = _said(error)
        from digest.cli.terminal import complain, show_traceback

        if debug:
            show_traceback(error)
        if sentence:
            complain(sentence)
        return TEMPFAIL if _word(rest) == "receive" else code


def _word(arguments: Sequence[str]) -> str:
    """The command among the arguments, or --version: the first that is no option and no option's value."""
    after = iter(arguments)
    for argument in after:
        if argument == "--env-file":
            next(after, "")
        elif argument == "--version" or not argument.startswith("-"):
            return argument
    return ""


def _said(error: BaseException) -> tuple[str, int]:
    """The last door: whatever went wrong becomes one sentence and an exit code; what is no error goes on its way."""
    from asyncio import CancelledError

    match error:
        case DigestError():
            return str(error), error.exit_code
        case KeyboardInterrupt() | CancelledError() | typer.Abort():
            return REFUSED if isinstance(error, typer.Abort) else STOPPED, 1
        case TyperException() if not error.format_message():  # a group without a command has printed its help
            return "", 0
        case TyperException():
            return f"{_plain(error.format_message())} See `{_path(error)} --help`.", 2
        case BrokenPipeError():
            return "Whoever read the output has gone.", 1
        case Exception():
            fault = f"{type(error).__name__}: {error}"
            return f"That is a fault in digest itself ({fault}). Run it with --debug and report it.", 1
        case _:
            raise error


def _plain(message: str) -> str:
    """typer's English as one sentence."""
    message = message.replace("Value error, ", "").rstrip(".")
    return message if message.endswith("?") else f"{message}."


def _path(error: TyperException) -> str:
    """The command that was typed, as `digest subscribers add`, however the program was started."""
    context = getattr(error, "ctx", None)
    words: list[str] = []
    while context is not None and context.parent is not None:
        words.insert(0, context.info_name)
        context = context.parent
    return " ".join(["digest", *words])


def run() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the same as Ctrl-C, wherever the program is
    sys.exit(answer(sys.argv[1:]))
