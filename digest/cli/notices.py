"""Words to the editor that are no part of an issue: written as notes into the letterbox, carried from there."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime
from email.utils import parseaddr
from html import escape

from digest.cli.house import House
from digest.mail import note
from digest.model import State


def editor(house: House) -> str:
    """Where the editor reads mail: who approves, else who answers, else who sends."""
    s = house.settings
    approves = "" if s.digest_approve == "off" else s.digest_approve
    return parseaddr(approves or s.digest_reply_to or s.digest_from)[1]


def tell(house: House, subject: str, text: str, *, now: datetime) -> None:
    """Leave a word for the editor; it goes out with the next round of notes."""
    s = house.settings
    words = note.Note(
        to=editor(house),
        subject=f"[{s.digest_name}] {subject}",
        text=text,
        html="".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n")),
        lang="en",
    )
    head = replace(house.postroom.letterhead(), date=now.replace(microsecond=0))
    letter = note.write(words, head=head, tokens=house.postroom.tokens(), signers=house.postroom.signers())
    house.store.letterbox.put("notice", letter, now=now)


async def carry(house: House, *, stop: asyncio.Event) -> Counter[State]:
    """Carry the notes that are due, and forget what is old. No connection is opened when none is due."""
    due = house.store.letterbox.next_due()
    if due is None or due > house.time():
        return Counter()
    outbox = house.postroom.outbox()
    try:
        came = await house.post(outbox=outbox, stop=stop)
    finally:
        await outbox.close()
    await asyncio.to_thread(house.store.letterbox.tidy, now=house.time())
    return came
