"""Story three: the editor's hand on an issue before it goes, by mail. Read it top to bottom: show a proof, obey the word on
it, decide at the slot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from digest import drafting, illustrating, publishing, refreshing, shelving
from digest.desk import notes, picker
from digest.desk.notes import Paper, Row, Stationery
from digest.errors import NotFound, NothingToSend, UsageError
from digest.mail import note, plus
from digest.mail.dkim import Signer
from digest.mail.tokens import Purpose, Tokens
from digest.model import (
    Appointment,
    Letter,
    Letterhead,
    Membership,
    Proof,
    ProofState,
    Shelved,
    Slot,
    SlotState,
    Standing,
)
from digest.store import Store
from digest.store.proofs import Showing
from digest.store.slots import OPEN
from digest.text import shorten


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """All that the editor's letters need. `editor` is where they go; `silence` what no answer means; `spoken` a slot's key
    in words; the letterhead's date is now. `desk` is what the page of a day is made with, `nonce` makes a new one. `look`
    looks at the original of what is to be shown, or to go."""

    store: Store
    editor: str
    silence: Literal["send", "hold"]
    stationery: Stationery
    letterhead: Letterhead
    tokens: Tokens
    desk: Callable[[date], drafting.Desk]
    nonce: Callable[[], str]
    spoken: Callable[[str], str]
    weights: picker.Weights
    look: publishing.Look | None = None
    signers: tuple[Signer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """What is shown: a thread, why this one, and who would be next."""

    shelved: Shelved
    why: str
    next: tuple[picker.Scored, ...] = ()


# ── show ──────────────────────────────────────────────────────────────────────────────────────────


def show(office: Office, slot: Slot, *, now: datetime) -> bool:
    """The proof of the issue that the slot would get, once. False when there is one, or nothing to show."""
    appointed = office.store.slots.get(slot.key)
    if office.store.proofs.alive(slot.key) or (appointed and appointed.state not in _UNDECIDED):
        return False
    pick = _seen(office, slot.key, now=now)
    if pick.best is None:
        return False
    held = bool(appointed and appointed.state is SlotState.HELD)
    choice = _choice(pick, pick.best.shelved, why=picker.reason(pick))
    return _show(office, slot, choice, kind="held" if held else "proof", held=held, now=now)


_UNDECIDED = (SlotState.AWAITING, SlotState.HELD)


def _pick(office: Office, slot: str, *, now: datetime) -> picker.Pick:
    """Among the threads that the editor has not declined for this slot."""
    declined = office.store.proofs.declined(slot)
    return publishing.choose(office.store, now=now, weights=office.weights, without=declined)


def _seen(office: Office, slot: str, *, now: datetime) -> picker.Pick:
    """The same, after a look at the original of the best."""
    declined = office.store.proofs.declined(slot)

    def pick(barred: frozenset[int]) -> picker.Pick:
        return publishing.choose(office.store, now=now, weights=office.weights, without=declined | barred)

    return publishing.looked_at(pick, look=office.look)


def _choice(pick: picker.Pick, shelved: Shelved, *, why: str) -> _Choice:
    """This thread, and the foremost of the others."""
    foremost = (*((pick.best,) if pick.best else ()), *pick.runners_up)
    return _Choice(shelved=shelved, why=why, next=tuple(one for one in foremost if one.shelved.id != shelved.id)[:4])


def _show(
    office: Office,
    slot: Slot,
    choice: _Choice,
    *,
    kind: Literal["proof", "held", "unpinned"],
    now: datetime,
    held: bool = False,
    instead: Proof | None = None,
    subject: str = "",
) -> bool:
    shelved = replace(choice.shelved, subject=subject or choice.shelved.subject)
    desk = office.desk(date.fromisoformat(slot.key[:10]))
    marked = replace(desk, masthead=replace(desk.masthead, why=choice.why, marked="Proof"))
    drafted = drafting.draft(shelved, desk=marked, nonce=office.nonce())

    def write(id: int) -> Letter:
        return _proof(office, slot, drafted, choice, id=id, kind=kind, held=held)

    state = ProofState.HELD if held else ProofState.OPEN
    showing = Showing(slot=slot, thread_id=shelved.id, why=choice.why, subject=subject, state=state)
    return office.store.proofs.show(showing, instead=instead, write=write, now=now)


def _proof(
    office: Office, slot: Slot, drafted: drafting.Draft, choice: _Choice, *, id: int, kind: str, held: bool
) -> Letter:
    """The letter: what she may answer, what there is to know, and the digest itself below."""
    token = office.tokens.mint(Purpose.PROOF, subject=id, number=0)
    values = {
        "slot": office.spoken(slot.key),
        "subject": drafted.page.headline.subject,
        "silence": office.stationery.say("silence", "hold" if held else office.silence, {}),
    }
    rows = (*_words(office, choice, values, token=token), *_facts(office, drafted, choice))
    paper = office.stationery.paper(kind, values, foot="editor", rows=rows, go=_answer(office, "OK", token))
    web = office.letterhead.base_url or "https://example.org"
    marks, way = drafted.page.marks, f"mailto:{office.letterhead.list_address}"
    values = {marks.email: office.editor, marks.unsubscribe: f"{web}/u/proof", marks.web: web}
    page = notes.filled(drafted.page, values | {marks.good: f"{way}?subject=good", marks.bad: f"{way}?subject=bad"})
    return letter(office, notes.before(paper, page, pictures=drafted.page.pictures), token=token)


def _words(office: Office, choice: _Choice, values: Mapping[str, str], *, token: str) -> list[Row]:
    """A row for each answer, with a link that writes it."""
    told = {**values, "next": _named(choice.next[0]) if choice.next else "", "number": str(_a_number(choice))}
    answers = [word for word in ("ok", "next", "skip", "hold", "pin", "stop") if choice.next or word != "next"]
    return [
        Row(
            label=f"PIN {told['number']}" if word == "pin" else word.upper(),
            text=office.stationery.say("answers", word, told),
            link=_answer(office, f"PIN {told['number']}" if word == "pin" else word.upper(), token),
        )
        for word in answers
    ]


def _a_number(choice: _Choice) -> int:
    """A thread to give an example with."""
    return choice.next[-1].shelved.id if choice.next else choice.shelved.id


def _facts(office: Office, drafted: drafting.Draft, choice: _Choice) -> list[Row]:
    """Why this one, who else, what the checks say, how many readers."""
    say, readers = office.stationery.say, office.store.subscribers.count(Membership.ACTIVE)
    others = "\n".join(f"{one.shelved.id}  {_named(one)} ({one.score:.2f})" for one in choice.next)
    found = "\n".join(f"{finding.level}: {finding.what}" for finding in drafted.findings if finding.level != "note")
    facts = {
        "why": choice.why,
        "next": others,
        "findings": found or say("facts", "no_findings", {}),
        "readers": f"{readers:,}",
    }
    rows = [Row(label=say("facts", name, {}), text=text) for name, text in facts.items() if text]
    return [*rows, *original_row(office, choice.shelved.id)]


def original_row(office: Office, thread_id: int) -> list[Row]:
    """What the last look at the thread's original brought; nothing for one that has none."""
    say, known = office.stationery.say, office.store.originals.get(thread_id)
    if not (known.address and known.sight):
        return []
    text = say("originals", known.sight.value, {"said": known.said.rstrip(".")})
    return [Row(label=say("facts", "original", {}), text=text, link=known.address)]


def _named(scored: picker.Scored) -> str:
    return f"“{shorten(scored.shelved.title, 70)}”"


def _answer(office: Office, word: str, token: str) -> str:
    """A link that writes the answer: to an address that holds the token, or with the token in the subject."""
    to = plus.tagged(office.letterhead.list_address, f"proof-{token}")
    spoken = word.replace(" ", "%20")
    return (
        f"mailto:{to}?subject={spoken}" if to else f"mailto:{office.letterhead.list_address}?subject={spoken}%20{token}"
    )


def letter(office: Office, paper: Paper, *, token: str = "") -> Letter:
    reply_to = plus.tagged(office.letterhead.list_address, f"proof-{token}") if token else ""
    subject = paper.subject if reply_to or not token else f"{paper.subject} (proof {token})"
    words = note.Note(
        to=office.editor,
        subject=subject,
        text=paper.text,
        html=paper.html,
        lang=paper.lang,
        reply_to=reply_to,
        pictures=paper.pictures,
        data=illustrating.enclosed(paper.pictures, store=office.store),
    )
    return note.write(words, head=office.letterhead, tokens=office.tokens, signers=office.signers)


# ── obey ──────────────────────────────────────────────────────────────────────────────────────────


def obey(office: Office, *, now: datetime) -> int:
    """Do what the editor's answers ask, each once; how many there were."""
    answered = office.store.proofs.answered()
    for proof in answered:
        appointed = office.store.slots.get(proof.slot)
        if appointed is None or appointed.state not in OPEN:
            _settle(office, proof, "late", to=ProofState.CLOSED, now=now)
        else:
            _OBEDIENCE[proof.word](office, proof, appointed, now)
    return len(answered)


def _ok(office: Office, proof: Proof, appointed: Appointment, now: datetime) -> None:
    """It goes out at its slot, or at once when that has come."""
    came = SlotState.DUE if appointed.state is SlotState.HELD else None
    _settle(office, proof, "approved", to=ProofState.APPROVED, slot=came, now=now)


def _skip(office: Office, proof: Proof, _: Appointment, now: datetime) -> None:
    why = "the editor skipped it"
    _settle(office, proof, "skipped", to=ProofState.CLOSED, slot=SlotState.SKIPPED, why=why, now=now)


def _stop(office: Office, proof: Proof, _: Appointment, now: datetime) -> None:
    office.store.home.stop("the editor said STOP")
    _settle(office, proof, "stopped", to=ProofState.CLOSED, now=now)


def _again(office: Office, proof: Proof, appointed: Appointment, now: datetime) -> None:
    """HOLD, or a new subject: the same thread shown anew, since a token works once."""
    shelved = shelving.find(str(proof.thread_id), store=office.store)
    _replace(office, proof, appointed, _choice(_pick(office, proof.slot, now=now), shelved, why=proof.why), now=now)


def _runner_up(office: Office, proof: Proof, appointed: Appointment, now: datetime) -> None:
    pick = _seen(office, proof.slot, now=now)
    if pick.best is None:
        _settle(office, proof, "nothing", to=ProofState.CLOSED, now=now)
    else:
        choice = _choice(pick, pick.best.shelved, why=picker.reason(pick))
        _replace(office, replace(proof, subject=""), appointed, choice, now=now)


def _pin(office: Office, proof: Proof, appointed: Appointment, now: datetime) -> None:
    """Another thread by its number: pinned, and shown in the place of this one."""
    try:
        shelved = shelving.find(str(proof.number), store=office.store)
        shelving.put(shelved, Standing.PINNED, store=office.store)
    except (NotFound, UsageError):
        _again(office, proof, appointed, now)
        return
    choice = _choice(_pick(office, proof.slot, now=now), shelved, why="Pinned.")
    _replace(office, replace(proof, subject=""), appointed, choice, now=now)


def _replace(office: Office, proof: Proof, appointed: Appointment, choice: _Choice, *, now: datetime) -> None:
    """Another proof in the place of this one. What was held stays held until she says OK."""
    held = proof.word == "hold" or proof.state is ProofState.HELD
    unpinned = proof.word == "pin" and proof.number != choice.shelved.id
    kind: Literal["proof", "held", "unpinned"] = "unpinned" if unpinned else "held" if held else "proof"
    _show(office, appointed.slot, choice, kind=kind, held=held, now=now, instead=proof, subject=proof.subject)


def _settle(
    office: Office,
    proof: Proof,
    kind: str,
    *,
    to: ProofState,
    now: datetime,
    slot: SlotState | None = None,
    why: str = "",
) -> None:
    """The answer is obeyed, and a short letter says so."""
    shelved = office.store.library.get(proof.thread_id)
    told = {"slot": office.spoken(proof.slot), "title": shelved.title if shelved else f"thread {proof.thread_id}"}
    said = letter(office, office.stationery.paper(kind, told, foot="editor"))
    office.store.proofs.settle(proof, to=to, letter=said, slot=slot, why=why, now=now)


_OBEDIENCE: Mapping[str, Callable[[Office, Proof, Appointment, datetime], None]] = {
    "ok": _ok,
    "skip": _skip,
    "stop": _stop,
    "hold": _again,
    "retitle": _again,
    "next": _runner_up,
    "pin": _pin,
}


# ── at the slot ───────────────────────────────────────────────────────────────────────────────────


def decide(office: Office, arrival: Appointment) -> Appointment:
    """What becomes of a slot that comes: approved, or silent where silence sends, it is due; else it is held."""
    if arrival.state is not SlotState.DUE:
        return arrival
    proof = office.store.proofs.alive(arrival.slot.key)
    if proof and proof.state is ProofState.HELD:
        return replace(arrival, state=SlotState.HELD, why="the editor holds it")
    if office.silence == "send" or (proof and proof.state is ProofState.APPROVED):
        return arrival
    return replace(arrival, state=SlotState.HELD, why="the editor has not said OK")


def compose(office: Office, slot: Slot, *, now: datetime) -> tuple[drafting.Draft, str]:
    """The draft of the slot's issue, and why it is this thread: the one that was shown, as long as it may go out, else
    the best now; where nothing goes without her OK, that alone. Raises NothingToSend."""
    shown = _shown(office, slot)
    if shown is None and office.silence == "hold" and (proof := office.store.proofs.alive(slot.key)):
        what, then = (
            "what you approved may not go out any more",
            "See `digest threads`; release it, or `digest send` another.",
        )
        raise NothingToSend(what, where=f"thread {proof.thread_id}", then=then)
    shelved, why, subject = shown or _best(office, slot, now=now)
    desk = office.desk(date.fromisoformat(slot.key[:10]))
    explained = replace(desk, masthead=replace(desk.masthead, why=why))
    titled = replace(shelved, subject=subject or shelved.subject)
    return drafting.draft(titled, desk=explained, nonce=office.nonce()), why


def _shown(office: Office, slot: Slot) -> tuple[Shelved, str, str] | None:
    """What the editor saw, why that, and her subject; None when it may not go out any more. What she approved goes in the
    words that she approved, whatever its author edited since."""
    proof = office.store.proofs.alive(slot.key)
    shelved = office.store.library.get(proof.thread_id) if proof else None
    if proof and shelved and shelved.standing in (Standing.WAITING, Standing.PINNED):
        seen = office.look(shelved) if office.look else shelved
        if seen and proof.state is ProofState.APPROVED and proof.made_at:
            seen = refreshing.as_approved(seen, store=office.store, at=proof.made_at)
        return (seen, proof.why, proof.subject) if seen else None
    return None


def _best(office: Office, slot: Slot, *, now: datetime) -> tuple[Shelved, str, str]:
    pick = _seen(office, slot.key, now=now)
    if pick.best is None:
        raise publishing.nothing(pick)
    return pick.best.shelved, picker.reason(pick), ""
