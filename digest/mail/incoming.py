"""A mail that came in becomes what it asks: raw bytes in, one `Asked` out. Pure; it answers, stores and sends nothing.

Nothing raises out of `read`, whoever wrote the mail: what cannot be read is an `Unreadable`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from digest.mail import bounces, nominations
from digest.mail.intents import (
    Asked,
    Choose,
    Confirm,
    Erase,
    Export,
    Follow,
    Get,
    Help,
    Ignore,
    Instruct,
    Intent,
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
from digest.mail.reading import commands, machines, origin, spoken
from digest.mail.reading.commands import Command
from digest.mail.reading.opened import Part, open_mail, words
from digest.mail.reading.vocabulary import REFUSALS
from digest.mail.tokens import TOKEN_LENGTH, Purpose, Stamp, Tokens

_LONG = 300  # characters of their own words, from which on "Help" or "Why" is how a letter begins and no command
_ALWAYS = frozenset({"unsubscribe", "subscribe", "erase", "unroll"})
_TOKEN: Final = re.compile(rf"(?<![a-z0-9])[a-z2-7]{{{TOKEN_LENGTH}}}(?![a-z0-9])", re.IGNORECASE)
_TOKENS_LOOKED_AT = 40
_NEW_SUBJECT = re.compile(
    r"(?:new )?(?:subject|betreff|objet|asunto|oggetto|onderwerp|assunto|temat|ämne)\s?[:：]\s*(\S.{0,198})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """Who we are: the address that readers write to, the one that letters come from, the editor's ("" for none), and
    the names under which mail servers that we trust write Authentication-Results (RFC 8601, 2.5)."""

    list_address: str
    from_address: str
    editor: str = ""
    authservs: frozenset[str] = frozenset()

    @property
    def own(self) -> frozenset[str]:
        """The addresses whose mail is our own coming back; an editor who sends from the digest's is a person."""
        return frozenset({self.list_address.lower(), self.from_address.lower()} - {self.editor.lower()})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mail:
    """What all the questions below are asked of."""

    opened: Part
    raw: bytes
    tokens: Tokens
    sender: str
    tags: tuple[str, ...]
    subject: str
    reply: bool
    lines: tuple[str, ...]


def read(raw: bytes, *, ours: Ours, tokens: Tokens, recipient: str = "", envelope_sender: str | None = None) -> Asked:
    """What a mail asks. `recipient` and `envelope_sender` are the envelope's where the transport knows them.

    Of a mail of any size the first half megabyte is read (16 MB for an attached thread), in well under two seconds.
    """
    opened = open_mail(raw)
    sender = origin.sender(opened)
    machine = machines.why(opened, sender=sender, own=ours.own, envelope_sender=envelope_sender)
    mail = _Mail(
        opened=opened,
        raw=raw,
        tokens=tokens,
        sender=sender,
        tags=tuple(_tags(opened, ours=ours, recipient=recipient)),
        subject=commands.unprefixed(words(opened.get("subject"))[:300]),
        reply=bool(opened.all("in-reply-to")) or commands.is_reply(words(opened.get("subject"))[:300]),
        lines=tuple(spoken.own_words(opened)),
    )
    return Asked(
        intent=_intent(mail, machine=machine),
        channel="mail",
        sender=sender,
        aligned=origin.aligned(opened, sender=sender, authservs=ours.authservs),
        machine=machine,
        bearer=_bearer(mail),
        message_id=next(iter(origin.message_ids(opened, "message-id")), ""),
        network=origin.network(opened),
        digest=hashlib.sha256(raw).digest(),
        subject=mail.subject,
    )


def _intent(mail: _Mail, *, machine: str) -> Intent:
    if mail.raw[:100_000].strip() == b"" or not mail.opened.fields:
        return Unreadable(why="there is no mail in it")
    leaving = _leaves_by_token(mail)
    if leaving:
        return leaving
    returned = bounces.returned(mail.opened, tokens=mail.tokens, tags=mail.tags)
    if returned:
        return returned
    if machine:
        return Ignore(why=machine)
    if not mail.sender:
        count = len(mail.opened.all("from"))
        return Unreadable(why="it has no sender that could be answered" if count < 2 else "it has two senders")
    return (
        _by_token(mail)
        or _by_address(mail)
        or _by_words(mail)
        or nominations.pasted(mail.opened, lines=mail.lines, reply=mail.reply)
        or Speak()
    )


# ── by a token ────────────────────────────────────────────────────────────────────────────────────


def _tags(mail: Part, *, ours: Ours, recipient: str) -> Iterator[str]:
    """What stands behind the + in our address, wherever it was written to: the envelope first, then the header."""
    local, _, domain = ours.list_address.lower().rpartition("@")
    origin_local, _, origin_domain = ours.from_address.lower().rpartition("@")
    pattern = rf"(?<![\w.+-])(?:{re.escape(local)}\+([\w-]{{1,60}})@{re.escape(domain)}|{re.escape(origin_local)}\+([\w-]{{1,60}})@{re.escape(origin_domain)})(?![\w.-])"
    fields = [
        value for name in ("x-original-to", "delivered-to", "envelope-to", "to", "cc") for value in mail.all(name)[:5]
    ]
    for value in [recipient, *fields]:
        for found in re.findall(pattern, value.lower()):
            yield found[0] or found[1]


def _leaves_by_token(mail: _Mail) -> Intent | None:
    """Whoever sends it, a program of the reader's too (RFC 8058, 1: "mailto" is pressed for them)."""
    for tag in mail.tags:
        stamp = _stamp(mail, tag, Purpose.UNSUBSCRIBE)
        if tag.startswith("unsubscribe") and stamp:
            return Unsubscribe(stamp=stamp)
    command = commands.read(mail.subject)
    stamp = _stamp(mail, mail.subject, Purpose.UNSUBSCRIBE)
    return Unsubscribe(stamp=stamp) if stamp and command and command.word == "unsubscribe" else None


def _stamp(mail: _Mail, text: str, *purposes: Purpose) -> Stamp | None:
    """The first token in `text` that is good for one of these purposes."""
    found = [match[0] for match in _TOKEN.finditer(text)][:_TOKENS_LOOKED_AT]
    return next((stamp for word in found for purpose in purposes if (stamp := mail.tokens.read(purpose, word))), None)


def _bearer(mail: _Mail) -> Stamp | None:
    """The MANAGE token that comes with a word, "+pause-TOKEN" or in the subject: it says whose wish it is."""
    return _stamp(mail, " ".join((*mail.tags, mail.subject)), Purpose.MANAGE)


_PRESENTED: Final = (
    *(purpose for purpose in Purpose if purpose not in {Purpose.BOUNCE, Purpose.UNSUBSCRIBE, Purpose.MANAGE}),
)


def _by_token(mail: _Mail) -> Intent | None:
    """A token behind the + of our address, in the subject, or in what it answers: its purpose is the wish.

    In the text only the two count to which any reply is an answer, since every letter of ours holds tokens.
    """
    referred = origin.message_ids(mail.opened, "in-reply-to", "references")
    stamp = _stamp(mail, " ".join((*mail.tags, mail.subject, *referred)), *_PRESENTED)
    if not stamp and mail.reply:
        stamp = _stamp(mail, spoken.text(mail.opened), Purpose.CONFIRM, Purpose.PROOF)
    return _stamped(stamp, mail) if stamp else None


def _by_address(mail: _Mail) -> Intent | None:
    """A word behind the + of our address: "+subscribe", "+pause-TOKEN"."""
    for tag in mail.tags:
        command = commands.read(tag.replace("-", " "))
        if command and (intent := _answered(command, mail)):
            return intent
    return None


def _stamped(stamp: Stamp, mail: _Mail) -> Intent | None:
    match stamp.purpose:
        case Purpose.CONFIRM:
            return _confirmed(stamp, mail)
        case Purpose.PROOF:
            return _instructed(stamp, mail)
        case Purpose.STOP | Purpose.REJOIN | Purpose.ERASE | Purpose.GOOD | Purpose.BAD as purpose:
            return _BY_PURPOSE[purpose](stamp=stamp)
    return None


_BY_PURPOSE: Final[dict[Purpose, Callable[..., Intent]]] = {
    Purpose.STOP: Stop,
    Purpose.REJOIN: Rejoin,
    Purpose.ERASE: Erase,
    Purpose.GOOD: Rate,
    Purpose.BAD: Rate,
}


def _confirmed(stamp: Stamp, mail: _Mail) -> Intent:
    """A reply is enough, unless it says that it was not they who asked."""
    first = commands.read(mail.lines[0]) if mail.lines else None
    said = (
        set(" ".join(mail.lines).casefold().replace("’", "'").split())
        if not first or first.word != "confirm"
        else set()
    )
    if not {word.strip(".,!?;:…。、！") for word in said} & REFUSALS:
        return Confirm(stamp=stamp)
    stopping = _stamp(mail, spoken.text(mail.opened), Purpose.STOP)
    if first and first.word == "unsubscribe":
        return Stop(stamp=stopping) if stopping else Unsubscribe()
    return Speak()


_INSTRUCTIONS: Final = {
    "confirm": "ok",
    "skip": "skip",
    "pause": "hold",
    "next": "next",
    "pin": "pin",
    "unsubscribe": "stop",
}


def _instructed(stamp: Stamp, mail: _Mail) -> Intent:
    """The editor's first line is the word; a line "subject: …" is the new subject, and alone it means nothing else."""
    new = next((found[1].strip() for line in mail.lines[:20] if (found := _NEW_SUBJECT.fullmatch(line))), "")
    orders = [line for line in mail.lines[:20] if not _NEW_SUBJECT.fullmatch(line)]
    command = commands.read(orders[0] if orders else mail.subject)
    match _INSTRUCTIONS.get(command.word if command else ""):
        case "pin":
            number = commands.number(command.rest) if command else None
            return Instruct(stamp=stamp, word="pin", number=number, subject=new) if number else Help(unknown="pin")
        case "ok" | "skip" | "hold" | "next" | "stop" as word:
            return Instruct(stamp=stamp, word=word, subject=new)
    return Instruct(stamp=stamp, word="retitle", subject=new) if new and not orders else Speak()


# ── by its words ──────────────────────────────────────────────────────────────────────────────────


def _by_words(mail: _Mail) -> Intent | None:
    """The subject when all of it is a command, else the first line when all of it is one.

    In a reply the subject is what was asked before: it counts when they added nothing, or when they want to leave.
    """
    titled = commands.read(mail.subject)
    opening = commands.read(mail.lines[0]) if mail.lines else None
    if titled and mail.reply and mail.lines and titled.word != "unsubscribe":
        titled = None
    for command in (titled, opening):
        if command and (command.word in _ALWAYS or not _is_letter(mail, beside=command is opening)):
            intent = _answered(command, mail)
            if intent:
                return intent
    lone = mail.lines[0] if len(mail.lines) == 1 else mail.subject if not mail.lines else ""
    nearly = "" if mail.reply or titled or opening else commands.guess(lone)
    return Help(unknown=nearly) if nearly else None


def _is_letter(mail: _Mail, *, beside: bool) -> bool:
    """Whether they say so much more that the word is only how their letter begins."""
    return sum(map(len, mail.lines[1:] if beside else mail.lines)) > _LONG


def _answered(command: Command, mail: _Mail) -> Intent | None:
    """The intent of a command; None for one that means nothing by itself, like "yes"."""
    intent = _PLAIN.get(command.word)
    match command.word:
        case "unsubscribe":
            intent = Unsubscribe(stamp=_stamp(mail, spoken.text(mail.opened), Purpose.UNSUBSCRIBE))
        case "rejoin":
            stamp = _stamp(mail, spoken.text(mail.opened), Purpose.REJOIN)
            intent = Rejoin(stamp=stamp) if stamp else None
        case "erase":
            intent = Erase(stamp=_stamp(mail, spoken.text(mail.opened), Purpose.ERASE))
        case "pause":
            count = commands.weeks(command.rest)
            intent = Pause(weeks=count) if count else Help(unknown=f"pause {command.rest}")
        case "latest" | "get":
            intent = _got(command)
        case "unroll":
            intent = nominations.named(mail.raw, mail.opened, rest=command.rest, lines=mail.lines)
        case "follow":
            intent = Follow(author=command.rest)
        case "unfollow" if command.rest:
            intent = Follow(author=command.rest, on=False)
    return intent


_PLAIN: Final[dict[str, Intent]] = {
    "subscribe": Subscribe(),
    "resume": Resume(),
    "full": Choose(kind="full"),
    "summary": Choose(kind="summary"),
    "text": Choose(kind="text"),
    "why": Why(),
    "export": Export(),
    "help": Help(),
}


def _got(command: Command) -> Intent | None:
    if command.word == "latest" and not command.rest:
        return Get()
    number = commands.number(command.rest)
    return Get(number=number) if number else Help(unknown=f"get {command.rest}".strip())
