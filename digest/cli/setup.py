"""Commands to begin with: the demo, the settings file, and the doctor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.shelf import Json
from digest.cli.terminal import can_ask, hanging, note, print_json, say, verbatim
from digest.errors import UsageError
from digest.settings import example, is_address

PRESETS = {
    "gmail": {"SMTP_HOST": "smtp.gmail.com", "SMTP_PORT": "465", "SMTP_TLS": "tls"},
    "outlook": {"SMTP_HOST": "smtp-mail.outlook.com", "SMTP_PORT": "587", "SMTP_TLS": "starttls"},
    "fastmail": {"SMTP_HOST": "smtp.fastmail.com", "SMTP_PORT": "465", "SMTP_TLS": "tls"},
    "mailbox.org": {"SMTP_HOST": "smtp.mailbox.org", "SMTP_PORT": "465", "SMTP_TLS": "tls"},
    "icloud": {"SMTP_HOST": "smtp.mail.me.com", "SMTP_PORT": "587", "SMTP_TLS": "starttls"},
    "ses": {"SMTP_HOST": "email-smtp.eu-west-1.amazonaws.com", "SMTP_PORT": "465", "SMTP_TLS": "tls"},
    "mailgun": {"SMTP_HOST": "smtp.mailgun.org", "SMTP_PORT": "465", "SMTP_TLS": "tls"},
    "postmark": {"SMTP_HOST": "smtp.postmarkapp.com", "SMTP_PORT": "587", "SMTP_TLS": "starttls"},
    "sendgrid": {"SMTP_HOST": "smtp.sendgrid.net", "SMTP_PORT": "465", "SMTP_TLS": "tls"},
    "local": {"SMTP_HOST": "localhost", "SMTP_PORT": "25", "SMTP_TLS": "none"},
}


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `digest demo --no-open`")(demo)
    app.command(epilog="Example: `digest init --preset fastmail`")(init)
    app.command(epilog="Example: `digest doctor`")(doctor)


def demo(
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="DIR", help="Where the demo's store and mails go.")
    ] = None,
) -> None:
    """See it work: no settings, no network. A sample thread becomes an issue and is sent over real SMTP."""
    from digest.cli import demo as demonstration

    demonstration.run(folder=out, browse=not no_open)


def init(
    ctx: typer.Context,
    preset: Annotated[str, typer.Option(help=f"Your mail provider: {', '.join(PRESETS)}, or other.")] = "",
    name: Annotated[str, typer.Option(help="What the digest is called.")] = "",
    sender: Annotated[str, typer.Option("--from", help="The address it comes from.")] = "",
    postal: Annotated[str, typer.Option(help="Your postal address, for the footer.")] = "",
    username: Annotated[str, typer.Option(help="SMTP login name.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite the settings file that is there.")] = False,
) -> None:
    """Write .env by asking little. What you leave empty can be filled in later."""
    path: Path = ctx.obj.env_file
    if path.exists() and not force:
        if not can_ask():
            raise UsageError("is there already", where=str(path), then="Move it away, or add --force.")
        typer.confirm(f"{path} is there already. Overwrite it?", abort=True, err=True)
    preset = _provider(preset) if preset else _asked_provider()
    sender = _sender(sender) if sender else _asked("The digest's address", default="", check=_sender)
    server = PRESETS.get(preset) or {"SMTP_HOST": _asked("Your SMTP server, as smtp.example.org", default="")}
    values = {
        "DIGEST_NAME": name or _asked("What is the digest called?", default="The Digest"),
        "DIGEST_FROM": sender,
        "DIGEST_POSTAL_ADDRESS": postal or _asked("Your postal address, on one line", default=""),
        **server,
        "SMTP_USERNAME": username or ("" if preset == "local" else _asked("SMTP login name", default=sender)),
    }
    if values["SMTP_USERNAME"]:
        values["SMTP_PASSWORD"] = _asked_secret("SMTP password (or app password)")
    _write_private(path, example(values))
    for needed in ("DIGEST_FROM", "DIGEST_POSTAL_ADDRESS", "SMTP_HOST"):
        if not values.get(needed):
            say(f"Still to fill in: {needed}")
    say(f"Wrote {path}, readable by you alone. Next: `digest doctor`, then `digest import` a saved thread.")


def _provider(name: str) -> str:
    if name not in {*PRESETS, "other"}:
        raise UsageError(f"“{name}” is no provider that I know", then=f"Use one of {', '.join(PRESETS)}, or other.")
    return name


def _sender(address: str) -> str:
    if address and not is_address(address):
        raise UsageError(f"“{address}” is not an address", then="Write digest@example.org.")
    return address


def _asked_provider() -> str:
    if can_ask():
        note(f"Who carries your mail? {', '.join(PRESETS)}, or other.")
    return _asked("Mail provider", default="other", check=_provider)


def _asked(question: str, *, default: str, check: Callable[[str], str] = str) -> str:
    """The answer, asked again until it passes `check`; the default when nobody is here."""

    def checked(answer: str) -> str:
        try:
            return check(answer.strip())
        except UsageError as wrong:
            raise typer.BadParameter(str(wrong)) from wrong

    if not can_ask():
        return default
    answer: str = typer.prompt(question, default=default, err=True, show_default=bool(default), value_proc=checked)
    return answer


def _asked_secret(question: str) -> str:
    return typer.prompt(question, default="", hide_input=True, err=True, show_default=False) if can_ask() else ""


def _write_private(path: Path, text: str) -> None:
    try:
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(text, encoding="utf-8")
    except OSError as trouble:
        raise UsageError(
            f"cannot be written ({trouble.strerror})", where=str(path), then="Choose another --env-file."
        ) from trouble


def doctor(ctx: typer.Context, json: Json = False) -> None:
    """Look at everything an issue needs: each line with its next step. Exit code 1 when something is ill."""
    from digest.cli import doctor as surgery

    findings = surgery.examine(ctx.obj)
    if json:
        print_json(
            [{"part": f.part, "state": f.state, "what": f.what, "then": f.then, "copy": f.copy} for f in findings]
        )
    else:
        for finding in findings:
            mark, style = {"well": ("✓", "green"), "note": ("·", "dim"), "ill": ("✗", "red")}[finding.state]
            hanging(f"{mark} {finding.part:<8}", finding.what, style=style)
            if finding.then:
                hanging(" " * 10, finding.then)
            if finding.copy:
                verbatim(finding.copy)
    if any(finding.state == "ill" for finding in findings):
        raise typer.Exit(1)
