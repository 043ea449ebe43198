"""`digest doctor` writes to the digest's own address and looks whether the mail comes back: the only proof that readers'
mail would. It answers nothing."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

from imapclient import SEEN

from digest.cli.house import House, nonce
from digest.cli.inbox import box
from digest.errors import MailError
from digest.mail import mailbox, plus
from digest.mail.note import Note, write
from digest.mail.reading.opened import Part, open_mail
from digest.mail.sending.relay import BRISK
from digest.model import Letter, Outcome

PATIENCE = 60.0  # seconds; who wants to subscribe waits no longer for an answer either
PAUSE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A mail that came back: to which address it was sent, after how long, and who says that it examined it."""

    address: str
    seconds: float
    authserv: str


def go_round(house: House, *, within: float = PATIENCE) -> Returned | None:
    """Write to the digest's address with a tag behind a +, as readers will, and wait for it; None when it did not come.

    Raises MailError when it cannot be sent or the mailbox cannot be read.
    """
    head = house.postroom.letterhead()
    address = plus.tagged(head.list_address, f"doctor-{nonce()}") or head.list_address
    note = Note(to=address, subject="digest doctor", text=_TEXT, html=f"<p>{_TEXT}</p>", lang="en")
    letter = write(note, head=head, tokens=house.postroom.tokens(), signers=house.postroom.signers())
    began = time.monotonic()
    outcome = asyncio.run(_send(house, letter))
    if outcome.verdict != "accepted":
        raise MailError(
            f"the server did not take a mail to {address} ({outcome.reply})", where=house.settings.smtp_host
        )
    found = _await(house, letter.message_id, until=began + within)
    if found is None:
        return None
    server = found.get("authentication-results").partition(";")[0].split()
    return Returned(address=address, seconds=time.monotonic() - began, authserv=server[0] if server else "")


_TEXT = "A mail that digest doctor wrote to itself, to see whether readers' mail arrives. It may be deleted."


async def _send(house: House, letter: Letter) -> Outcome:
    outbox = house.postroom.outbox(timeouts=BRISK)
    try:
        async with outbox.carry(letter) as outcome:
            return outcome
    finally:
        await outbox.close()


def _await(house: House, message_id: str, *, until: float) -> Part | None:
    with mailbox.opened(replace(box(house), timeout=15.0)) as client:
        while True:
            client.noop()
            uids = client.search(["HEADER", "Message-ID", message_id])
            if uids:
                client.add_flags(uids, [SEEN])
                (answer,) = client.fetch(uids[:1], ["BODY.PEEK[HEADER]"]).values()
                return open_mail(answer[b"BODY[HEADER]"])
            if time.monotonic() > until:
                return None
            time.sleep(PAUSE)
