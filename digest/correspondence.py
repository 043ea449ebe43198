"""Writes the letters of one act, and sees to it that nobody is written to more often than they can want. It changes nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from digest import illustrating
from digest.desk import notes
from digest.desk.notes import Foot, Paper, Row, Stationery
from digest.mail import addresses, plus
from digest.mail.dkim import Signer
from digest.mail.intents import Asked, Nominate
from digest.mail.letter import opinions, ways_out
from digest.mail.note import Enclosure, Note, write
from digest.mail.tokens import Purpose, Tokens
from digest.model import Issue, Letter, Letterhead, Membership, Original, Page, Shelved, Subscriber
from digest.store import Store
from digest.store.acts import Act

_HOUR, _DAY, _MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """How often we write because somebody asked who may be anybody: to one address in a `day` and a `month`, and within
    an hour to one `domain`, for one `network` (an IPv4 address or the /64 of an IPv6 one), and at all (`hour`).
    In a day a reader gets so many `answers`, and is asked "is it you?" about so many of their wishes (`asks`); the editor
    gets so many mails of one person (`words`)."""

    day: int = 1
    month: int = 3
    domain: int = 100
    network: int = 20
    hour: int = 500
    answers: int = 20
    asks: int = 3
    words: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Nominated:
    """A thread that a reader proposed, read and named, what it was read from, and where that lies."""

    shelved: Shelved
    raw: bytes = field(repr=False)
    original: Original = field(default_factory=Original)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What became of a nomination: the title under which it lies on the shelf, or the reason why it does not."""

    title: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """All that answering needs. `editor` is where people's own words go, "" for nowhere; the letterhead's date is now.

    `fetch` reads a nominated thread, over the network where it must, and raises a DigestError when there is none;
    `approver` is whose word on a proof is obeyed, "" where nobody is asked.
    """

    store: Store
    tokens: Tokens
    stationery: Stationery
    letterhead: Letterhead
    fetch: Callable[[Nominate], Nominated]
    signers: tuple[Signer, ...] = ()
    editor: str = ""
    approver: str = ""
    caps: Caps = Caps()


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """What a letter may hold besides its words: rows, a button that leads to `go`, a quiet link `aside`, things enclosed, an
    issue `below`, an address of its own for replies."""

    rows: tuple[Row, ...] = ()
    go: str = ""
    aside: str = ""
    reply_to: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    below: Issue | None = None


NOTHING: Mapping[str, str] = {}
READING = frozenset({Membership.ACTIVE, Membership.PAUSED})


class Correspondence:
    """The letters of one act, kept in its transaction. `raw` is the mail that asked, as it came; `proposal` what became
    of the thread that it nominates."""

    def __init__(
        self, act: Act, asked: Asked, *, reception: Reception, raw: bytes = b"", proposal: Proposal | None = None
    ) -> None:
        self.act, self.asked, self.raw, self.proposal = act, asked, raw, proposal
        self.reception = reception
        self.stationery = reception.stationery
        self._head = replace(reception.letterhead, date=act.now.replace(microsecond=0))

    # ── who asks ──────────────────────────────────────────────────────────────────────────────────

    def asker(self) -> Subscriber | None:
        """Whom the wish is of: by a token that came with it, else by the address that it came from."""
        bearer, sender = self.asked.bearer, self.asked.sender
        if bearer:
            reader = self.act.get(bearer.subject)
            return reader if reader and reader.epoch == bearer.number else None
        return self.act.find(addresses.key(sender)) if sender else None

    def reader(self) -> Subscriber | None:
        """The same, but only somebody who gets issues, or has paused them."""
        asker = self.asker()
        return asker if asker and asker.membership in READING else None

    def proven(self, reader: Subscriber) -> bool:
        """Whether it is really they: they hold a token that only their letters have, or our mail server vouches."""
        return bool(self.asked.bearer) or (
            self.asked.aligned and self.asked.sender.casefold() == reader.email.casefold()
        )

    def issue(self, number: int) -> Issue | None:
        """An issue that stands: kept, and not withdrawn."""
        store = self.reception.store
        return None if store.archive.is_withdrawn(number) else store.issues.get(number)

    # ── who may be written to ─────────────────────────────────────────────────────────────────────

    def may_ask(self, email: str) -> bool:
        """Whether a letter may go to somebody of whom we know nothing but that this address was given to us. Yes or no,
        it is noted down."""
        caps, now, domain, network = self.reception.caps, self.act.now, email.rpartition("@")[2], self._network()
        counts = (
            (self.act.count("confirm", since=now - _DAY, email=email), caps.day),
            (self.act.count("confirm", since=now - _MONTH, email=email), caps.month),
            (self.act.count("confirm", since=now - _HOUR, domain=domain), caps.domain),
            (self.act.count("confirm", since=now - _HOUR, network=network) if network else 0, caps.network),
            (self.act.count("confirm", since=now - _HOUR), caps.hour),
        )
        allowed = all(count < cap for count, cap in counts)
        self.act.note_asking("confirm" if allowed else "refused", email=email, network=network)
        return allowed

    def may_ask_reader(self, reader: Subscriber) -> bool:
        """The same for a wish in the name of somebody who reads us: what strangers asked for does not stand in its way."""
        if reader.membership not in READING:
            return self.may_ask(reader.email)
        return self._within("ask", reader.email, self.reception.caps.asks)

    def may_answer(self, email: str) -> bool:
        return self._within("answer", email, self.reception.caps.answers)

    def may_pass_on(self, email: str) -> bool:
        return self._within("word", email, self.reception.caps.words)

    def _within(self, kind: str, email: str, cap: int) -> bool:
        allowed = self.act.count(kind, since=self.act.now - _DAY, email=email) < cap
        if allowed:
            self.act.note_asking(kind, email=email, network=self._network())
        return allowed

    def _network(self) -> str:
        try:
            address = ip_address(self.asked.network)
        except ValueError:
            return ""
        if isinstance(address, IPv6Address):
            return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
        return str(address)

    # ── letters ───────────────────────────────────────────────────────────────────────────────────

    def answer(
        self, kind: str, reader: Subscriber, *, values: Mapping[str, str] = NOTHING, more: More = More()
    ) -> None:
        """The one answer to a reader's mail. Who pressed a button sees a page instead, and gets no mail for it."""
        if self.asked.channel == "mail" and self.may_answer(reader.email):
            self.write(kind, reader, values=values, more=more)

    def write(
        self, kind: str, reader: Subscriber, *, values: Mapping[str, str] = NOTHING, more: More = More()
    ) -> Letter:
        """A letter to a reader, whatever they asked by."""
        token = self.reception.tokens.mint(Purpose.UNSUBSCRIBE, subject=reader.id, number=reader.epoch)
        leaving = token if reader.membership in READING else ""
        foot: Foot = "none" if more.below else "reader"
        paper = self._paper(kind, reader.email, values, more, foot=foot, leave=leaving)
        if more.below:
            page = _edition(more.below, reader)
            paper = notes.before(paper, self._page(more.below, reader, leave=token), pictures=page.pictures)
        return self._post(kind, reader.email, paper, more, reader=reader, unsubscribe=leaving)

    def ask(
        self, kind: str, reader: Subscriber, purpose: Purpose, *, number: int, aside: str = "", word: str = ""
    ) -> Letter:
        """A letter that asks back: its button says yes, and so does a reply to it. It repeats nothing of who asked,
        unless our own server vouches for them: it may not have been they. `word` is what a reply asks for, where its
        token alone does not say that."""
        token = self.reception.tokens.mint(purpose, subject=reader.id, number=number)
        word = word or purpose
        reply_to = plus.tagged(self._head.list_address, f"{word}-{token}")
        more = More(go=self.way(purpose, reader, number=number, word=word), aside=aside, reply_to=reply_to)
        paper = self._paper(kind, reader.email, NOTHING, more, foot="asked", leave="")
        if not reply_to:
            paper = replace(paper, subject=f"{paper.subject} ({word} {token})")
        return self._post(kind, reader.email, paper, more, reader=reader, threaded=self.asked.aligned)

    def say_farewell(self, reader: Subscriber) -> None:
        """The last letter to somebody of whom nothing is known any more."""
        paper = self._paper("erased", reader.email, NOTHING, More(), foot="asked", leave="")
        self._post("erased", reader.email, paper, More())

    def tell_stranger(self, kind: str, *, values: Mapping[str, str] = NOTHING, rows: Sequence[Row] = ()) -> None:
        """An answer to an address that is no reader's, and may be anybody's: within the caps for such, or none."""
        to, more = self.asked.sender, More(rows=tuple(rows))
        if self.asked.channel == "mail" and to and self.may_ask(to):
            paper = self._paper(kind, to, values, more, foot="asked", leave="")
            self._post(kind, to, paper, more, threaded=self.asked.aligned)

    def tell_approver(self, kind: str, values: Mapping[str, str]) -> None:
        """A few times a day: whoever has a proof could otherwise have us write to her without end."""
        if self.may_pass_on(self.reception.approver):
            self.tell_editor(kind, values, to=self.reception.approver)

    def tell_editor(self, kind: str, values: Mapping[str, str], *, more: More = More(), to: str = "") -> bool:
        """False when there is no editor to tell."""
        to = to or self.reception.editor
        if to:
            paper = self._paper(kind, to, values, more, foot="editor", leave="")
            self._post(kind, to, paper, more, threaded=False)
        return bool(to)

    def way(self, purpose: Purpose, reader: Subscriber, *, number: int, word: str = "") -> str:
        """Where a button leads: to the web where there is one, else it writes a mail that asks for `word`."""
        token = self.reception.tokens.mint(purpose, subject=reader.id, number=number)
        if purpose is Purpose.UNSUBSCRIBE:
            return ways_out(self._head, token=token)[0]
        if self._head.base_url:
            return f"{self._head.base_url}/{purpose}/{token}"
        return plus.mailto(self._head.list_address, word or purpose, token)

    def evidence(self) -> dict[str, str | int]:
        """How we know what was asked: kept with what was done."""
        asked = self.asked
        known = {"channel": asked.channel, "message_id": asked.message_id, "network": asked.network}
        known |= {"digest": asked.digest.hex(), "aligned": "yes" if asked.aligned else ""}
        return {name: value for name, value in known.items() if value}

    def _paper(self, kind: str, email: str, values: Mapping[str, str], more: More, *, foot: Foot, leave: str) -> Paper:
        way_out = ways_out(self._head, token=leave)[0] if leave else ""
        told = {"email": email, **values}
        return self.stationery.paper(kind, told, foot=foot, rows=more.rows, go=more.go, aside=more.aside, leave=way_out)

    def _page(self, issue: Issue, reader: Subscriber, *, leave: str) -> tuple[str, str]:
        page = _edition(issue, reader)
        way_out = ways_out(self._head, token=leave)[0]
        web = f"{self._head.base_url}/issues/{issue.number}" if self._head.base_url else ""
        marks, tokens = page.marks, self.reception.tokens
        good, bad = opinions(self._head, tokens=tokens, reader=reader.id, issue=issue.number)
        values = {marks.email: reader.email, marks.unsubscribe: way_out, marks.web: web}
        return notes.filled(page, values | {marks.good: good, marks.bad: bad})

    def _post(
        self,
        kind: str,
        to: str,
        paper: Paper,
        more: More,
        *,
        reader: Subscriber | None = None,
        unsubscribe: str = "",
        threaded: bool = True,
    ) -> Letter:
        note = Note(
            to=to,
            subject=paper.subject,
            text=paper.text,
            html=paper.html,
            lang=paper.lang,
            reader=reader.id if reader else 0,
            answers=self.asked.message_id if threaded else "",
            answered=self.asked.channel == "mail",
            reply_to=more.reply_to,
            unsubscribe=unsubscribe,
            enclosures=more.enclosures,
            pictures=paper.pictures,
            data=illustrating.enclosed(paper.pictures, store=self.reception.store),
        )
        r = self.reception
        letter = write(note, head=self._head, tokens=r.tokens, signers=r.signers)
        self.act.post(kind, letter)
        return letter


def _edition(issue: Issue, reader: Subscriber) -> Page:
    return issue.short if issue.short and reader.kind == "summary" else issue.page
