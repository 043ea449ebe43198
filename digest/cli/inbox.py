"""Mail that comes in: `digest inbox` looks into the mailbox once, `digest receive` takes one mail from a pipe, and what
`digest serve` needs to take mail all the time."""

from __future__ import annotations

import asyncio
import base64
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.house import House
from digest.cli.shelf import Json
from digest.cli.terminal import note, one_of, out, print_json, say, table
from digest.errors import DigestError, MailError, SettingsError, UsageError
from digest.text import shorten

if TYPE_CHECKING:
    from digest.cli import hours
    from digest.mail.arrivals import Arrival, Take
    from digest.mail.incoming import Ours
    from digest.mail.mailbox import Mailbox
    from digest.store.letterbox import SetAside
    from digest.subscribing import Answered

Heard = Callable[["Answered"], None]
Tell = Callable[[str], None]
TELL_AFTER, TELL_AGAIN = timedelta(hours=1), timedelta(days=1)  # of a mailbox that cannot be read


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `digest inbox`, or `digest inbox --quarantine`")(inbox)
    app.command(
        epilog='Example, in an aliases file of its own: `digest: "|/usr/local/bin/digest --env-file /srv/digest/.env receive"`'
    )(receive)


# ── what takes a mail ─────────────────────────────────────────────────────────────────────────────


def ours(house: House) -> Ours:
    """Who we are to those who write."""
    from digest.mail.incoming import Ours

    head = house.postroom.letterhead()
    names = house.settings.authserv_id.lower().replace(",", " ").split()
    return Ours(
        list_address=head.list_address,
        from_address=head.from_address,
        editor=house.reception().editor,
        authservs=frozenset(names),
    )


def taker(house: House, *, heard: Heard) -> Take:
    """What the transports hand mails to: those of which it says None are answered and kept when it returns."""
    from digest import subscribing

    who = ours(house)

    def take(arrivals: Sequence[Arrival]) -> list[Exception | None]:
        return [
            fate(one) for one in subscribing.receive(arrivals, ours=who, reception=house.reception(), now=house.time())
        ]

    def fate(answer: Answered | Exception) -> Exception | None:
        if isinstance(answer, Exception):
            return answer
        heard(answer)
        return None

    return take


def in_words(answered: Answered) -> str:
    return f"had come before: {answered.what}" if answered.again else answered.what


def known(house: House) -> Callable[[str], bool]:
    """Whether an address, with whatever stands behind a + in it, is one that readers write to."""
    own = {
        address.lower()
        for address in (house.postroom.letterhead().list_address, house.postroom.letterhead().from_address)
    }

    def is_known(recipient: str) -> bool:
        local, _, domain = recipient.lower().rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" in own

    return is_known


def box(house: House) -> Mailbox:
    from digest.mail.mailbox import Mailbox

    s = house.settings
    if not s.imap_host:
        raise SettingsError(
            "is not set, so there is no mailbox to look into",
            where="IMAP_HOST",
            then="See “Mail that comes in” in README.md.",
        )
    return Mailbox(
        host=s.imap_host,
        port=s.imap_port,
        username=s.imap_username,
        password=s.imap_password.get_secret_value(),
        tls=s.imap_tls,
        ca_file=str(house.env_file.parent / s.imap_ca_file) if s.imap_ca_file else "",
    )


# ── all the time, in `digest serve` ───────────────────────────────────────────────────────────────


async def listen(house: House, *, heard: Heard, tell: Tell, beat: Callable[[], None], stop: asyncio.Event) -> None:
    """Take what our mail server hands in at LMTP_LISTEN, until `stop` is set."""
    from digest.mail.lmtp import LmtpListener

    take = taker(house, heard=heard)
    async with LmtpListener(house.settings.lmtp_listen, take=take, known=known(house), tell=tell):
        beat()
        await stop.wait()


async def watch(
    house: House, *, heard: Heard, tell: Tell, warn: hours.Tell, beat: Callable[[], None], stop: asyncio.Event
) -> None:
    """Take what comes into the mailbox of IMAP_HOST, until `stop` is set. `warn` gets what the editor should know."""
    from digest.mail import mailbox

    def well() -> None:
        house.store.mailbox.opened()
        beat()

    take = taker(house, heard=heard)
    try:
        await mailbox.watch(box(house), take=take, stop=stop, today=lambda: house.time().date(), tell=tell, beat=well)
    except MailError as trouble:
        await asyncio.to_thread(_unread, house, trouble, warn=warn)
        raise


def _unread(house: House, trouble: MailError, *, warn: hours.Tell) -> None:
    """Remember since when the mailbox cannot be read, and tell the editor once it is more than a passing trouble."""
    from digest.mail.mailbox import OLDEST

    store, now = house.store.mailbox, house.time()
    store.failed(str(trouble), now=now)
    unread = store.unread()
    if unread and store.ask_to_tell(now=now, after=TELL_AFTER, again=TELL_AGAIN):
        warn(
            "the mailbox cannot be read",
            f"Since {unread.since:%Y-%m-%d %H:%M} UTC nothing can be fetched from the mailbox that readers write to:\n\n"
            f"{trouble}\n\n"
            "Meanwhile nobody who subscribes or unsubscribes by mail is heard, and no bounce is counted. It is tried again "
            f"by itself, and what waits there is answered then, as long as it is not older than {OLDEST.days} days. "
            "While it lasts, you hear of it once a day.",
        )


# ── digest inbox ──────────────────────────────────────────────────────────────────────────────────


def inbox(
    ctx: typer.Context,
    quarantine: Annotated[bool, typer.Option("--quarantine", help="List the mails that nobody could read.")] = False,
    save: Annotated[Path | None, typer.Option(help="With --quarantine: write each as a file into this folder.")] = None,
    json: Json = False,
) -> None:
    """Fetch and answer the mail that waits in the mailbox, once."""
    from digest.mail import mailbox

    house: House = ctx.obj
    if quarantine:
        _show_quarantine(house.kept.letterbox.set_aside_mails(), save=save, json=json)
        return
    done: Counter[str] = Counter()
    take = taker(house, heard=lambda answered: done.update([in_words(answered)]))
    try:
        with mailbox.opened(box(house)) as client:
            fetched = mailbox.fetch(client, take=take, today=house.time().date(), tell=note)
    except MailError as trouble:
        house.store.mailbox.failed(str(trouble), now=house.time())
        raise
    house.store.mailbox.opened()
    _send_answers(house)
    if json:
        print_json({"taken": fetched.taken, "left": len(fetched.left), "done": done})
        return
    if fetched.taken or out.is_terminal:  # cron mails each word
        say(f"{one_of(fetched.taken, 'mail')} taken." if fetched.taken else "No mail waits.")
    if done:
        table(["mails", "what was done"], [(str(count), what) for what, count in done.most_common()], right=["mails"])
    if fetched.left:
        raise DigestError(f"{one_of(len(fetched.left), 'mail')} could not be taken and stay unread", then="See above.")


def _send_answers(house: House) -> None:
    """Answers lie in the letterbox by now: when no server takes them, they go out with the next run."""
    try:
        asyncio.run(_post(house))
    except (MailError, SettingsError) as trouble:
        note(f"The answers wait: {trouble}")


async def _post(house: House) -> None:
    outbox = house.postroom.outbox()
    try:
        await house.post(outbox=outbox, stop=asyncio.Event())
    finally:
        await outbox.close()


def _show_quarantine(mails: Sequence[SetAside], *, save: Path | None, json: bool) -> None:
    if save:
        for mail in mails:
            _write(mail, folder=save)
    if json:
        print_json([_document(mail) for mail in mails])
        return
    if not mails:
        say("Nothing is in quarantine.")
        return
    from digest.store.letterbox import ASIDE_BYTES, ASIDE_KEPT, ASIDE_MAILS

    rows = [(mail.id, f"{mail.at:%m-%d %H:%M}", shorten(_heading(mail, "from"), 22), mail.why) for mail in mails]
    table(["mail", "came", "from", "why"], rows, right=["mail"], give="why")
    kept = f"at most {ASIDE_MAILS} mails or {ASIDE_BYTES >> 20} MB are kept, for {ASIDE_KEPT.days} days"
    gone = "; older ones were let go" if mails[0].id > 1 else ""
    note(f"{one_of(len(mails), 'mail')}, {sum(len(mail.raw) for mail in mails) / 1000:,.0f} KB: {kept}{gone}.")
    if save:
        note(f"Written to {save}.")


def _document(mail: SetAside) -> dict[str, object]:
    return {
        "id": mail.id,
        "at": mail.at.isoformat(),
        "why": mail.why,
        "from": _heading(mail, "from"),
        "subject": _heading(mail, "subject"),
        "raw": base64.b64encode(mail.raw).decode("ascii"),
    }


def _heading(mail: SetAside, name: str) -> str:
    from digest.mail.reading.opened import open_mail, words

    return shorten(words(open_mail(mail.raw).get(name)), 200)


def _write(mail: SetAside, *, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{mail.id}.eml").write_bytes(mail.raw)
    except OSError as trouble:
        raise UsageError(
            f"cannot write there ({trouble.strerror})", where=str(folder), then="Choose another folder."
        ) from trouble


# ── digest receive ────────────────────────────────────────────────────────────────────────────────


def receive(
    ctx: typer.Context,
    to: Annotated[str, typer.Option(help="The envelope's recipient, as the mail server says it.")] = "",
    sender: Annotated[str | None, typer.Option("--from", help="The envelope's sender; “” for none.")] = None,
) -> None:
    """Take one mail from standard input. Ends with 0 when it is kept, and with 75 when the mail server shall try again."""
    from digest.mail.arrivals import SIZE_LIMIT, Arrival

    house: House = ctx.obj
    raw = sys.stdin.buffer.read(SIZE_LIMIT)
    arrival = Arrival(raw=raw, recipient=to, sender=sender)
    (trouble,) = taker(house, heard=lambda answered: note(in_words(answered)))([arrival])
    if trouble:
        raise trouble
    _send_answers(house)
