"""What a reader may ask besides coming and going: a pause, another kind, a back issue, what we know of them, a thread for
the shelf. Each wish gives one letter; a person's own words go to the editor."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from digest import consent
from digest.correspondence import READING, Correspondence, More, Proposal, Reception
from digest.desk.notes import Row
from digest.errors import DigestError
from digest.mail import addresses
from digest.mail.intents import (
    Asked,
    Choose,
    Erase,
    Export,
    Get,
    Help,
    Instruct,
    Nominate,
    Pause,
    Rate,
    Resume,
    Speak,
    Why,
)
from digest.mail.note import Enclosure
from digest.mail.tokens import Purpose
from digest.model import Issue, Membership, Standing, Subscriber
from digest.store.people import Event
from digest.text import one_line, shorten

_PASSED_ON_LIMIT = 10 * 1024 * 1024  # bytes of a mail that the editor gets as an enclosure


# ── what comes, and when ──────────────────────────────────────────────────────────────────────────


def pause(desk: Correspondence, wish: Pause) -> str:
    """Done at once, whoever asks in the reader's name: the letter about it says how to undo it."""
    reader = desk.reader()
    if reader is None:
        return _strange(desk)
    until = desk.act.now + timedelta(weeks=wish.weeks)
    _witnessed(desk, reader, "paused", how=f"until {until:%Y-%m-%d}")
    reader = desk.act.change(reader, {"membership": Membership.PAUSED, "paused_until": until})
    again = desk.way(Purpose.MANAGE, reader, number=reader.epoch, word="resume")
    desk.answer("paused", reader, values={"until": desk.stationery.day(until)}, more=More(go=again))
    return "paused"


def resume(desk: Correspondence, _: Resume) -> str:
    """Who writes to us can be reached, so what came back from them before is forgiven."""
    reader = desk.reader()
    if reader is None:
        return _strange(desk)
    if reader.membership is Membership.PAUSED:
        _witnessed(desk, reader, "resumed", how=f"by {desk.asked.channel}")
        values = {"membership": Membership.ACTIVE, "paused_until": None, "struck": None}
        reader = desk.act.change(reader, values)
    desk.answer("resumed", reader)
    return "resumed"


def choose(desk: Correspondence, wish: Choose) -> str:
    reader = desk.reader()
    if reader is None:
        return _strange(desk)
    if reader.kind != wish.kind:
        _witnessed(desk, reader, "chose", how=wish.kind)
        reader = desk.act.change(reader, {"kind": wish.kind})
    desk.answer(wish.kind, reader)
    return f"chose {wish.kind}"


def get(desk: Correspondence, wish: Get) -> str:
    """A back issue, as this reader gets issues."""
    reader = desk.reader()
    if reader is None:
        return _strange(desk)
    last = newest(desk)
    if last is None:
        desk.answer("no_issue_yet", reader)
        return "asked for an issue before the first"
    issue = desk.issue(wish.number) if wish.number else last
    if issue is None:
        desk.answer("no_issue", reader, values={"number": str(last.number)})
        return "asked for an issue that is not there"
    told = {"number": str(issue.number), "subject": issue.page.headline.subject}
    day = desk.stationery.day(issue.letterhead.date)
    desk.answer("issue", reader, values={**told, "date": day}, more=More(below=issue))
    return f"got issue {issue.number}"


def newest(desk: Correspondence) -> Issue | None:
    """The newest issue that stands."""
    number = desk.reception.store.issues.newest() or 0
    return next((issue for n in range(number, 0, -1) if (issue := desk.issue(n))), None)


# ── what we know of them ──────────────────────────────────────────────────────────────────────────


def why(desk: Correspondence, _: Why) -> str:
    """Every event, in words. It goes to the address itself, so nobody else learns it."""
    reader = desk.asker()
    if reader is None:
        return _strange(desk)
    rows = tuple(_told(desk, event) for event in desk.act.history(reader))
    desk.answer("why", reader, more=More(rows=rows))
    return "told why"


def _told(desk: Correspondence, event: Event) -> Row:
    channel = str((event.evidence or {}).get("channel", ""))
    told = {"how": event.how, "channel": desk.stationery.say("channels", channel, {})}
    day = desk.stationery.day(event.at)
    return Row(label=f"{day}, {event.at:%H:%M} UTC", text=desk.stationery.say("events", event.what, told))


def export(desk: Correspondence, _: Export) -> str:
    """At once when it is proven who asks; else they are asked back."""
    reader = desk.asker()
    if reader is None:
        return _strange(desk)
    if not desk.proven(reader):
        if desk.may_ask_reader(reader):
            desk.ask("ask_export", reader, Purpose.MANAGE, number=reader.epoch, word="export")
        return "asked back about an export"
    data = json.dumps(_known(desk, reader), ensure_ascii=False, indent=2).encode()
    enclosed = Enclosure(name="your-data.json", media_type="application/json", data=data)
    desk.write("export", reader, more=More(enclosures=(enclosed,)))
    return "exported"


def _known(desk: Correspondence, reader: Subscriber) -> dict[str, object]:
    row = {
        "address": reader.email,
        "name": reader.name,
        "source": reader.source,
        "state": reader.membership,
        "kind": reader.kind,
        "consented_at": _said(reader.consented_at),
        "paused_until": _said(reader.paused_until),
    }
    events = [
        {"at": _said(e.at), "what": e.what, "how": e.how, "evidence": e.evidence} for e in desk.act.history(reader)
    ]
    returned = [
        {"issue": r.issue, "kind": r.kind, "at": _said(r.at), "status": r.status, "said": r.said}
        for r in desk.act.bounces(reader)
    ]
    issues = [{"issue": number, "state": state.name.lower()} for number, state in desk.act.got(reader.id)]
    ratings = [{"issue": number, "good": good} for number, good in desk.act.ratings(reader.id)]
    known = {"events": events, "letters_that_came_back": returned, "issues": issues, "ratings": ratings}
    return row | known | {"follows": desk.act.favourites(reader.id)}


def _said(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def erase(desk: Correspondence, wish: Erase) -> str:
    """With a token of this epoch all is deleted at once; without one they are asked back, whoever vouches for them."""
    reader = desk.act.get(wish.stamp.subject) if wish.stamp else desk.asker()
    if reader is None:
        return "erased already" if wish.stamp else _strange(desk)
    if wish.stamp is None or wish.stamp.number != reader.epoch:
        if desk.may_ask_reader(reader):
            desk.ask("ask_erase", reader, Purpose.ERASE, number=reader.epoch)
        return "asked back about erasing"
    desk.act.forget(reader, key=addresses.key(reader.email))
    desk.say_farewell(reader)
    return "erased"


# ── help, and threads for the shelf ───────────────────────────────────────────────────────────────


def explain(desk: Correspondence, wish: Help) -> str:
    kind, rows = ("unknown" if wish.unknown else "help"), tuple(desk.stationery.commands())
    reader = desk.asker()
    if reader:
        desk.answer(kind, reader, more=More(rows=rows))
    else:
        desk.tell_stranger(kind, rows=rows)
    return "helped"


def look_up(asked: Asked, *, reception: Reception, now: datetime) -> Proposal | None:
    """Fetch what a reader proposes and lay it on the shelf, for the editor to release; None when no reader asks.

    It may take the network's time, so it happens before the transaction, and doing it again changes nothing.
    """
    reader = reception.store.subscribers.find(addresses.key(asked.sender)) if asked.sender else None
    if reader is None or reader.membership not in READING or not isinstance(asked.intent, Nominate):
        return None
    try:
        found = reception.fetch(asked.intent)
        consent.refuse(found.shelved.thread.author, where=found.shelved.title, store=reception.store)
    except DigestError as refused:
        return Proposal(reason=one_line(refused.what))
    thread, headline = found.shelved.thread, found.shelved.headline
    library = reception.store.library
    if library.find(thread.key) is None:  # what lies there already is the editor's, whatever a reader's copy says
        library.add(
            thread,
            raw=found.raw,
            headline=headline,
            now=now,
            standing=Standing.NOMINATED,
            nominated_by=reader.id,
            original=found.original,
        )
    return Proposal(title=thread.title or headline)


def nominate(desk: Correspondence, wish: Nominate) -> str:
    """Only readers propose; anybody else's mail is one for the editor to read."""
    reader, proposal = desk.reader(), desk.proposal
    if reader is None or proposal is None:
        return pass_on(desk, Speak())
    if proposal.reason:
        desk.answer("not_nominated", reader, values={"reason": shorten(proposal.reason, 200)})
        return "proposed nothing that could be read"
    desk.answer("nominated", reader, values={"title": shorten(one_line(proposal.title), 120)})
    return "nominated"


# ── words ─────────────────────────────────────────────────────────────────────────────────────────


def rate(desk: Correspondence, wish: Rate) -> str:
    """Written down, and not answered: it was one click, or one line."""
    good = wish.stamp.purpose is Purpose.GOOD
    if desk.act.get(wish.stamp.subject) is None:
        return "rated by nobody"
    desk.act.rate(wish.stamp.subject, issue=wish.stamp.number, good=good)
    return "rated"


def instruct(desk: Correspondence, wish: Instruct) -> str:
    """The editor's word on a proof is written down here, and obeyed by the clock. It takes the token, which a proof that
    was passed on gives away, and her own address, for which a mail server has to vouch."""
    approver, sender = desk.reception.approver, desk.asked.sender
    if not approver:
        return "an instruction, and nobody approves issues here"
    said = {"word": wish.word.upper(), "who": sender or "nobody"}
    if addresses.key(sender) != addresses.key(approver) or not desk.asked.aligned:
        desk.tell_approver("forged", said)
        return "an instruction that nobody vouches for"
    if not desk.act.instruct(wish.stamp.subject, word=wish.word, number=wish.number, subject=wish.subject):
        desk.tell_approver("spent", said)
        return "an instruction, and no proof waits for one"
    return "instructed"


def pass_on(desk: Correspondence, _: Speak) -> str:
    """A person's mail, to the person who edits: as it came, so that a reply goes to who wrote it. Never answered by us."""
    sender = desk.asked.sender
    if not sender or desk.asked.machine:
        return "read, for nobody"
    if fault := _cannot_pass_on(desk, sender):
        desk.act.set_aside(desk.raw, why=fault)
        return f"set aside: {fault}"
    mail = Enclosure(name="mail.eml", media_type="message/rfc822", data=desk.raw)
    told = {"who": sender, "subject": shorten(one_line(desk.asked.subject), 120) or "…"}
    desk.tell_editor("word", told, more=More(reply_to=sender, enclosures=(mail,)))
    return "passed on"


def _cannot_pass_on(desk: Correspondence, sender: str) -> str:
    """Why a mail is better kept here; "" when it can go. To send it to the digest's own address would be to get it again."""
    if not desk.reception.editor:
        return "a person's words, and DIGEST_REPLY_TO names nobody to read them"
    if addresses.key(sender) == addresses.key(desk.reception.editor):
        return "the editor's own words, which ask for nothing that we know"
    if len(desk.raw) > _PASSED_ON_LIMIT or not desk.may_pass_on(sender):
        return "a person's words, too many or too long to pass on"
    return ""


def _strange(desk: Correspondence) -> str:
    desk.tell_stranger("stranger")
    return "asked by a stranger"


def _witnessed(desk: Correspondence, reader: Subscriber, what: str, *, how: str) -> None:
    desk.act.witness(reader, what, how=how, evidence=desk.evidence())
