"""Story two: a stranger becomes a subscriber, and may leave. What was asked by mail or web is answered in one transaction:
the change, the evidence of it, and the letters that go out for it. Read it top to bottom.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from digest import favourites, returns, wishes
from digest.correspondence import READING, Correspondence, More, Proposal, Reception
from digest.errors import StoreError
from digest.mail import addresses
from digest.mail.arrivals import Arrival
from digest.mail.incoming import Ours, read
from digest.mail.intents import (
    Asked,
    Bounced,
    Choose,
    Complained,
    Confirm,
    Erase,
    Export,
    Follow,
    Get,
    Help,
    Ignore,
    Instruct,
    Intent,
    Nominate,
    Pause,
    Rate,
    Rejoin,
    Resume,
    Speak,
    Stop,
    Subscribe,
    Unreadable,
    Unsubscribe,
    Why,
)
from digest.mail.tokens import Purpose, Stamp
from digest.model import Membership, Subscriber
from digest.store.acts import Sitting
from digest.store.people import Event, Newcomer

T = TypeVar("T")
CONFIRM_LIFE = timedelta(days=7)
REJOIN_LIFE = timedelta(days=30)
# Who called it spam or said "never" is not asked again on a stranger's word.
_SILENT = frozenset({Membership.COMPLAINED, Membership.SUPPRESSED})
_FRESH: dict[str, object] = {"membership": Membership.ACTIVE, "paused_until": None, "struck": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What was done, as a word of the log. `again`: the same mail had come before, and nothing was done now."""

    what: str
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A mail understood, and what became of the thread that it proposes."""

    asked: Asked
    raw: bytes = b""
    proposal: Proposal | None = None


def receive(
    arrivals: Sequence[Arrival], *, ours: Ours, reception: Reception, now: datetime
) -> Sequence[Answered | Exception]:
    """Read mails and do what they ask, all of them at one wait for the disk. Says of each, in order, what was done; or
    why not: then nothing of it was done, and it may come again."""
    mails = [_tried(partial(_read, arrival, ours=ours, reception=reception, now=now)) for arrival in arrivals]
    try:
        return _answer_all(mails, reception=reception, now=now)
    except StoreError as trouble:
        return [trouble] if len(mails) == 1 else _answer_each(mails, reception=reception, now=now)


def answer(asked: Asked, *, reception: Reception, now: datetime, raw: bytes = b"") -> Answered:
    """Do what is asked, once. The letters that it takes lie in the letterbox afterwards; whoever runs sends them.

    `raw` is the mail as it came. Raises StoreError when the store cannot be written: nothing was done then, and the same
    mail may come again.
    """
    mail = _looked_up(asked, raw=raw, reception=reception, now=now)
    with reception.store.acts.together(now=now) as sitting:
        return _answer(mail, sitting=sitting, reception=reception)


def _read(arrival: Arrival, *, ours: Ours, reception: Reception, now: datetime) -> _Read:
    to, sender = arrival.recipient, arrival.sender
    asked = read(arrival.raw, ours=ours, tokens=reception.tokens, recipient=to, envelope_sender=sender)
    return _looked_up(asked, raw=arrival.raw, reception=reception, now=now)


def _looked_up(asked: Asked, *, raw: bytes, reception: Reception, now: datetime) -> _Read:
    """Before any transaction: a thread may have to be fetched from far away."""
    proposal = wishes.look_up(asked, reception=reception, now=now) if isinstance(asked.intent, Nominate) else None
    return _Read(asked=asked, raw=raw, proposal=proposal)


def _answer_all(
    mails: Sequence[_Read | Exception], *, reception: Reception, now: datetime
) -> Sequence[Answered | Exception]:
    with reception.store.acts.together(now=now) as sitting:
        return [
            mail
            if isinstance(mail, Exception)
            else _tried(partial(_answer, mail, sitting=sitting, reception=reception))
            for mail in mails
        ]


def _answer_each(
    mails: Sequence[_Read | Exception], *, reception: Reception, now: datetime
) -> Sequence[Answered | Exception]:
    """One by one, so that the others are kept where one of them is what the store cannot keep. At the first that fails
    the rest waits for better times."""
    answers: list[Answered | Exception] = []
    try:
        for mail in mails:
            answers += _answer_all([mail], reception=reception, now=now)
    except StoreError as trouble:
        answers += [trouble] * (len(mails) - len(answers))
    return answers


def _tried(step: Callable[[], T]) -> T | Exception:
    """A fault of ours in one mail is that mail's alone; trouble with the store is everybody's."""
    try:
        return step()
    except StoreError:
        raise
    except Exception as fault:
        return fault


def _answer(mail: _Read, *, sitting: Sitting, reception: Reception) -> Answered:
    asked = mail.asked
    with sitting.begin(digest=asked.digest, message_id=asked.message_id, sender=asked.sender) as act:
        if act.earlier:
            return Answered(what=act.earlier, again=True)
        desk = Correspondence(act, asked, reception=reception, raw=mail.raw, proposal=mail.proposal)
        act.what = _ANSWERS[type(asked.intent)](desk, asked.intent)
        return Answered(what=act.what)


# ── coming ────────────────────────────────────────────────────────────────────────────────────────


def _subscribe(desk: Correspondence, _: Subscribe) -> str:
    """Whoever asks, known or not, hears the same word; only the mailbox itself learns more."""
    email = desk.asked.sender
    if not email:
        return "asked by nobody"
    reader = desk.act.find(addresses.key(email))
    unwelcome = reader is not None and reader.membership in _SILENT and not desk.asked.aligned
    if unwelcome or not desk.may_ask(email):
        return "asked, not written to"
    if reader and reader.membership in READING:
        desk.write("already", reader)
        return "asked, a reader already"
    _ask_back(desk, reader or desk.act.add(_newcomer(email, desk)))
    return "asked"


def _newcomer(email: str, desk: Correspondence) -> Newcomer:
    return Newcomer(
        email=email, key=addresses.key(email), source=f"by {desk.asked.channel}", membership=Membership.PENDING
    )


def _ask_back(desk: Correspondence, reader: Subscriber) -> None:
    """ "Is it you?", with a token that counts how often we asked; the evidence says in which words."""
    number = reader.asked + 1
    reader = desk.act.change(reader, {"asked": number, "asked_at": desk.act.now})
    never = desk.way(Purpose.STOP, reader, number=number)
    letter = desk.ask("confirm", reader, Purpose.CONFIRM, number=number, aside=never)
    words = desk.stationery.version("confirm")
    evidence = desk.evidence() | {"number": number, "words": words, "sent": letter.message_id}
    desk.act.witness(reader, "asked", how=f"by {desk.asked.channel}", evidence=evidence)


def _confirm(desk: Correspondence, wish: Confirm) -> str:
    """Once, within seven days of the letter that bore the token. Again, it says the same and does nothing."""
    reader = desk.act.get(wish.stamp.subject)
    history = desk.act.history(reader) if reader else []
    asked = _numbered(history, "asked", wish.stamp)
    if reader is None or asked is None:
        return "confirmed in vain"
    if _numbered(history, "confirmed", wish.stamp) or reader.membership in READING:
        if reader.membership not in READING:
            return "confirmed before, and left since"
        desk.answer("already", reader)
        return "confirmed already"
    if desk.act.now - asked.at > CONFIRM_LIFE or reader.membership in _SILENT:
        return _confirmed_late(desk, reader)
    evidence = desk.evidence() | {"number": wish.stamp.number}
    _let_in(desk, reader, what="confirmed", evidence=evidence)
    return "confirmed"


def _confirmed_late(desk: Correspondence, reader: Subscriber) -> str:
    """Who answers the letter itself gets a new one; a link that is too old only says so."""
    mailed = desk.asked.channel == "mail" and reader.membership not in _SILENT
    if mailed and desk.may_ask(reader.email):
        _ask_back(desk, reader)
    return "confirmed too late"


def _numbered(history: Sequence[Event], what: str, stamp: Stamp) -> Event | None:
    """The event that belongs to a token."""
    return next((e for e in history if e.what == what and (e.evidence or {}).get("number") == stamp.number), None)


def _let_in(desk: Correspondence, reader: Subscriber, *, what: str, evidence: Mapping[str, str | int]) -> None:
    """Active from now on. Who comes back gets a new epoch, so that no link in an older letter can undo it."""
    new = reader.membership is Membership.PENDING
    desk.act.welcome_back(addresses.key(reader.email))
    values = _FRESH | {"consented_at": desk.act.now, "epoch": reader.epoch + (not new)}
    desk.act.witness(reader, what, how=f"by {desk.asked.channel}", evidence=evidence)
    reader = desk.act.change(reader, values)
    newest = wishes.newest(desk)
    if newest:
        desk.write("welcome", reader, more=More(below=newest))
    else:
        desk.write("welcome_first", reader)


# ── going ─────────────────────────────────────────────────────────────────────────────────────────


def _unsubscribe(desk: Correspondence, wish: Unsubscribe) -> str:
    """A token of this epoch takes off at once, and so does a sender whom our mail server vouches for; all others are
    asked back, since a link of an older time must not undo a later wish."""
    reader = desk.act.get(wish.stamp.subject) if wish.stamp else desk.asker()
    if reader is None or reader.membership in (_SILENT | {Membership.LEFT}):
        return _unsubscribed_before(desk, wish, reader)
    proven = wish.stamp.number == reader.epoch if wish.stamp else desk.asked.aligned
    if not proven:
        return _asked_to_leave(desk, reader)
    desk.act.witness(reader, "left", how=f"by {desk.asked.channel}", evidence=desk.evidence())
    was, reader = reader, desk.act.change(reader, {"membership": Membership.LEFT, "paused_until": None})
    if was.membership in READING and not desk.asked.machine:
        undo = desk.way(Purpose.REJOIN, reader, number=reader.epoch)
        desk.write("goodbye", reader, more=More(go=undo))
    return "left"


def _unsubscribed_before(desk: Correspondence, wish: Unsubscribe, reader: Subscriber | None) -> str:
    if reader is None and wish.stamp is None:
        desk.tell_stranger("stranger")
        return "left by a stranger"
    return "left already"


def _asked_to_leave(desk: Correspondence, reader: Subscriber) -> str:
    if not desk.asked.machine and desk.may_ask_reader(reader):
        desk.ask("leave", reader, Purpose.UNSUBSCRIBE, number=reader.epoch)
    return "asked back about leaving"


def _rejoin(desk: Correspondence, wish: Rejoin) -> str:
    """The undo in a goodbye letter: for thirty days, and only for who left by their own wish."""
    reader = desk.act.get(wish.stamp.subject)
    if reader is None:
        return "rejoined in vain"
    if reader.membership in READING and reader.epoch == wish.stamp.number + 1:
        return "rejoined already"
    left = [event.at for event in desk.act.history(reader) if event.what == "left"]
    fresh = left and desk.act.now - left[-1] <= REJOIN_LIFE
    if reader.membership is not Membership.LEFT or reader.epoch != wish.stamp.number or not fresh:
        return "rejoined in vain"
    desk.act.witness(reader, "rejoined", how=f"by {desk.asked.channel}", evidence=desk.evidence())
    back = desk.act.change(reader, _FRESH | {"epoch": reader.epoch + 1, "consented_at": desk.act.now})
    desk.write("back", back)
    return "rejoined"


def _stop(desk: Correspondence, wish: Stop) -> str:
    """Never again, and no letter about it either."""
    reader = desk.act.get(wish.stamp.subject)
    if reader is None or reader.asked < wish.stamp.number:
        return "stopped in vain"
    if reader.membership is not Membership.SUPPRESSED:
        desk.act.witness(reader, "suppressed", how=f"by {desk.asked.channel}", evidence=desk.evidence())
        desk.act.change(reader, {"membership": Membership.SUPPRESSED})
    return "suppressed"


def _ignore(_: Correspondence, wish: Ignore) -> str:
    return f"ignored: {wish.why}"


def _set_aside(desk: Correspondence, wish: Unreadable) -> str:
    desk.act.set_aside(desk.raw, why=wish.why)
    return f"set aside: {wish.why}"


_ANSWERS: dict[type[Intent], Callable[[Correspondence, Any], str]] = {
    Subscribe: _subscribe,
    Confirm: _confirm,
    Unsubscribe: _unsubscribe,
    Rejoin: _rejoin,
    Stop: _stop,
    Pause: wishes.pause,
    Resume: wishes.resume,
    Choose: wishes.choose,
    Get: wishes.get,
    Why: wishes.why,
    Export: wishes.export,
    Erase: wishes.erase,
    Help: wishes.explain,
    Nominate: wishes.nominate,
    Follow: favourites.follow,
    Rate: wishes.rate,
    Instruct: wishes.instruct,
    Speak: wishes.pass_on,
    Bounced: returns.bounced,
    Complained: returns.complained,
    Ignore: _ignore,
    Unreadable: _set_aside,
}
