"""`digest demo`: the whole path on one machine, with a real SMTP receiver inside the program and sample readers."""

from __future__ import annotations

import asyncio
import email
import email.message
import email.policy
import tempfile
import webbrowser
from base64 import b64encode
from pathlib import Path

from pydantic import SecretStr

from digest import drafting, publishing, roster, shelving, sources
from digest.cli.house import House, nonce, now
from digest.cli.terminal import note, one_of, say
from digest.desk import picker
from digest.mail.receiver import Receiver
from digest.mail.sending.outbox import Relay, SmtpOutbox
from digest.model import Issue, State, Tally
from digest.samples import samples
from digest.settings import Settings

READERS = ("ada@example.org", "grace@example.org", "katherine@example.org", "linus@example.org", "margaret@example.org")


def run(*, folder: Path | None, browse: bool) -> None:
    """Import the samples, make an issue, send it to the sample readers, open it."""
    folder = folder or Path(tempfile.mkdtemp(prefix="digest-demo-"))
    house = _furnish(folder)
    try:
        _fill(house)
        issue = _prepare(house)
        say(f"Issue {issue.number}: {issue.page.headline.subject}", style="bold")
        tally, mails = asyncio.run(_send(house, issue, folder=folder / "mail"))
    finally:
        house.close()
    say(f"{one_of(tally[State.ACCEPTED], 'letter')} of {tally.total} accepted over SMTP. Each lies here as it arrived:")
    for mail in mails:
        say(f"  {mail}")
    page = _page_of(mails[0], folder=folder)
    say(f"The digest as a page: {page}")
    if browse and not webbrowser.open(page.absolute().as_uri()):
        note("No browser could be opened here; open that file by hand.")


def _furnish(folder: Path) -> House:
    """A house of its own: nothing of the real settings or store is read or touched."""
    chosen = Settings(
        digest_name="Sunday Thread",
        digest_from="digest@example.org",
        digest_postal_address="Sunday Thread, 1 Example Street, 10115 Berlin",
        database_url=SecretStr(f"sqlite:///{folder.absolute() / 'digest.sqlite3'}"),
    )
    return House(env_file=folder / ".env", settings=chosen)


def _fill(house: House) -> None:
    for path in samples():
        raw = sources.fetch(str(path))
        arrival = shelving.bring_in(raw, store=house.store, now=now())
        house.gallery.collect(arrival.shelved, beside=raw.beside, offline=True)
    for reader in READERS:
        roster.add(reader, store=house.store, name="", source="demo", now=now())


def _prepare(house: House) -> Issue:
    """What `digest send` does, without the questions: the pick is the first sample that was not sent yet."""
    choice = publishing.choose(house.store, now=now())
    waiting = house.store.library.shelf()
    shelved = choice.best.shelved if choice.best else waiting[0]
    reason = picker.reason(choice) if choice.best else ""
    drafted = drafting.draft(shelved, desk=house.desk(why=reason), nonce=nonce())
    return publishing.keep(drafted, store=house.store, letterhead=house.postroom.letterhead(), reason=reason, now=now())


async def _send(house: House, issue: Issue, *, folder: Path) -> tuple[Tally, list[Path]]:
    async with Receiver(folder) as receiver:
        outbox = SmtpOutbox(Relay(host="127.0.0.1", port=receiver.port, tls="none"))
        round_ = house.round(issue, outbox=outbox, heard=lambda *_: None, stop=asyncio.Event())
        return await publishing.deliver(round_), [mail.path for mail in receiver.received]


def _page_of(mail: Path, *, folder: Path) -> Path:
    """The HTML part of a received mail, as a file that a browser opens, with the pictures that came along in it."""
    message = email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)
    body = message.get_body(preferencelist=("html",))
    html = body.get_content() if body else ""
    for part in message.walk():
        if name := str(part.get("Content-ID", "")).strip("<>"):
            assert isinstance(part, email.message.EmailMessage)  # noqa: S101 - the policy makes it one
            inside = b64encode(part.get_content()).decode()
            html = html.replace(f'"cid:{name}"', f'"data:{part.get_content_type()};base64,{inside}"')
    page = folder / "digest.html"
    page.write_text(html, encoding="utf-8")
    return page
