"""A reception desk on a real store, the letters that lie in its letterbox, and the hour."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from hashlib import sha256
from typing import Any

from digest.correspondence import Nominated, Reception
from digest.desk.notes import Stationery
from digest.desk.templates import Templates
from digest.errors import NotAThread
from digest.mail import addresses
from digest.mail.intents import Asked, Confirm, Intent, Nominate, Subscribe
from digest.mail.tokens import Purpose, Stamp, Tokens
from digest.model import (
    Headline,
    Issue,
    Letterhead,
    Marks,
    Membership,
    Outcome,
    Page,
    Post,
    Shelved,
    Standing,
    Subscriber,
    Thread,
)
from digest.store import Store
from digest.store.policy import Policy
from digest.subscribing import answer

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ACCEPTED = Outcome(verdict="accepted", phase="dot", code=250)
HEAD = Letterhead(
    name="Bees & Bytes",
    from_address="digest@example.org",
    list_address="digest@example.org",
    domain="example.org",
    date=NOW,
    verp=True,
)
MARKS = Marks(nonce="00112233aabbccdd")


class Place:
    """The desk, the hour, and what happened so far."""

    def __init__(self, store: Store, *, base_url: str = "") -> None:
        self.store = store
        self.now = NOW
        self.tokens = Tokens(store.secret())
        stationery = Stationery(
            Templates(), name="Bees & Bytes", address="digest@example.org", postal_address="1 Hive Lane", lang="en"
        )
        self.reception = Reception(
            store=store,
            tokens=self.tokens,
            stationery=stationery,
            letterhead=replace(HEAD, base_url=base_url),
            fetch=self.fetch,
            editor="editor@example.org",
            approver="boss@example.org",
        )
        self._mails = 0

    def fetch(self, wish: Nominate) -> Nominated:
        if "thread" not in wish.ref:
            raise NotAThread("it holds no thread", where=wish.ref)
        thread = Thread(key=wish.ref, source="text", posts=(Post(number=1, text="Why bees."),), title="Why bees")
        shelved = Shelved(id=0, thread=thread, standing=Standing.WAITING, imported_at=self.now, headline="Why bees")
        return Nominated(shelved=shelved, raw=b"raw")

    def later(self, **time: float) -> Place:
        self.now += timedelta(**time)
        return self

    def mail(self, intent: Intent, sender: str = "ada@example.com", **more: Any) -> str:
        """A new mail with this wish; says what was done."""
        self._mails += 1
        raw = more.pop("raw", b"Subject: x\r\n\r\nHi")
        name = f"<m{self._mails}@example.com>"
        first = {"message_id": name, "digest": sha256(name.encode()).digest(), "network": "192.0.2.7"}
        asked = Asked(intent=intent, channel="mail", sender=sender, **(first | more))
        return answer(asked, reception=self.reception, now=self.now, raw=raw).what

    def press(self, intent: Intent, **more: Any) -> str:
        """A button on a page."""
        return answer(Asked(intent=intent, channel="web", **more), reception=self.reception, now=self.now).what

    def letters(self) -> list[EmailMessage]:
        """What lay in the letterbox, as mail programs read it; it is empty then."""
        found = []
        while held := self.store.letterbox.take(now=self.now, policy=Policy()):
            message = email.message_from_bytes(held.letter.data, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            assert held.letter.recipient == message["To"]
            found.append(message)
            self.store.letterbox.settle(held, ACCEPTED, now=self.now, policy=Policy())
        return found

    def letter(self) -> EmailMessage:
        (only,) = self.letters()
        return only

    def stamp(self, purpose: Purpose, letter: EmailMessage | None = None, *, id: int = 1, number: int = 0) -> Stamp:
        """The stamp in a letter's Reply-To, or one for these numbers."""
        if letter is None:
            return Stamp(purpose=purpose, subject=id, number=number)
        found = self.tokens.read(purpose, letter["Reply-To"].partition("-")[2].partition("@")[0])
        assert found, letter["Reply-To"]
        return found

    def reader(self, email: str = "ada@example.com") -> Subscriber:
        found = self.store.subscribers.find(addresses.key(email))
        assert found
        return found

    def standing(self, email: str = "ada@example.com") -> Membership | None:
        found = self.store.subscribers.find(addresses.key(email))
        return found.membership if found else None

    def issue(self, key: str = "k1", *, short: bool = False) -> Issue:
        thread = Thread(key=key, source="text", posts=(Post(number=1, text="Why bees."),))
        shelved = self.store.library.add(thread, raw=b"raw", now=self.now).shelved
        called = Headline(title="Bees", subject=f"Why bees ({key})", preheader="")
        html = f"<!DOCTYPE html><html><body><p>All of {key}, {MARKS.email} {MARKS.unsubscribe}</p></body></html>"
        page = Page(
            headline=called,
            html=html,
            text=f"All of {key}\n{MARKS.email}\n1 Hive Lane\n",
            mjml="",
            marks=MARKS,
            lang="en",
        )
        brief = replace(page, html=html.replace("All of", "In short:"), text=f"In short: {key}") if short else None
        head = replace(self.reception.letterhead, date=self.now)
        return self.store.issues.create(
            thread_id=shelved.id, page=page, short=brief, letterhead=head, reason="", now=self.now
        )


def join(place: Place, sender: str = "ada@example.com") -> None:
    place.mail(Subscribe(), sender)
    asked = place.letter()
    place.mail(Confirm(stamp=place.stamp(Purpose.CONFIRM, asked)), sender)
    place.letters()
