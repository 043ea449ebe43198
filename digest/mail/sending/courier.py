"""What becomes of letters on one open session: which may be begun, and what each reply means for which letter.

It is told of replies, and has them told what to write. It waits for nothing and opens nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from digest.mail.sending import wire
from digest.mail.sending.experience import Experience, Pace
from digest.mail.sending.parcel import RECALLED, Parcel
from digest.mail.sending.speech import Speech
from digest.mail.sending.wire import Garbled, Reply
from digest.model import Outcome

# What a server answers that lost its place in the conversation; RFC 5321, 4.2.2.
_OUT_OF_STEP = frozenset({500, 502, 503})
GOODBYE = "the server closed the session"
_NEXT = {"rset": "mail", "mail": "rcpt", "rcpt": "data"}


class Courier:
    """One session's letters, in the order in which they were begun; replies come in the same order.

    A letter counts as under way until its outcome is written down: the next envelope may go ahead of that, but no
    more bodies than the window. So a crash leaves no more letters in doubt than that. What is to be written lies in
    `speech`.
    """

    def __init__(self, speech: Speech, *, pace: Pace, window: int, experience: Experience) -> None:
        self._speech, self._pace, self._window, self._experience = speech, pace, window, experience
        self._parcels: deque[Parcel] = deque()
        self._unwritten: set[Parcel] = set()  # answered, but not written down yet
        self._ready: Parcel | None = None  # the server waits for its body, and we for our window
        self.carried = 0
        self.closing = False  # no further letter is begun
        self.over = ""  # why the session is at its end

    @property
    def idle(self) -> bool:
        return not (self._parcels or self._speech.awaited or self._unwritten)

    @property
    def _untested(self) -> bool:
        return self._pace != "stepwise" and not self._experience.proven

    @property
    def daring(self) -> bool:
        """Commands that were sent ahead are unanswered, and the relay has yet to show that it can take that."""
        return self._untested and self._speech.ahead

    @property
    def room(self) -> int:
        """How many letters can be begun now."""
        if self.closing:
            return 0
        if self._pace == "pipelined":
            return int(not self._parcels or self._parcels[-1].handed)
        if self._pace == "stepwise":
            return int(not self._parcels)
        return (self._window if self._experience.proven else 1) - len(self._parcels) - len(self._unwritten)

    # ── letters begin ─────────────────────────────────────────────────────────────────────────────

    def begin(self, parcel: Parcel) -> bool:
        """Start with a letter; False when this server cannot be asked to take it, which is then its outcome."""
        ahead = bool(self._parcels)
        self._parcels.append(parcel)  # first: whatever happens from here on, it ends with this session
        parcel.start(ahead=ahead)
        misfit = self._speech.begin(parcel)
        if misfit:
            self._parcels.pop().settle(misfit)
        return not misfit

    def quit(self) -> None:
        self.closing = True
        self._speech.quit()

    def recall(self) -> None:
        """Letters that wait to be handed out are as if never begun, if one of them may not go any more. A session that is
        over gives them back by itself."""
        for parcel in () if self.over else reversed(self._speech.recall()):
            self._parcels.pop()
            parcel.settle(RECALLED)

    def written(self, parcel: Parcel) -> None:
        """The outcome of a letter that was carried is written down."""
        self._unwritten.discard(parcel)
        self._hand_over()

    def _hand_over(self) -> None:
        """Say the body that the server waits for, if the window has room for it.

        One that may not go any more can only be kept back by ending the session: after 354 there is no other way, and
        all letters before it were answered.
        """
        if self._ready and len(self._unwritten) < self._window:
            parcel, self._ready = self._ready, None
            if not parcel.consignor.may_go():
                self.closing, self.over = True, "a letter was called back"
                return
            parcel.handed = True
            self._speech.say_body(parcel)

    # ── what a reply means ────────────────────────────────────────────────────────────────────────

    def receive(self, replies: Iterable[Reply]) -> bool:
        """Take replies, until one ends the session, and say whether there were any. `Garbled` when none is due, or one
        makes no sense here."""
        if type(replies) is tuple and self._at_once(replies):
            return True
        any_came = False
        for reply in replies:
            any_came = True
            self._receive(reply)
            if self.over:
                break
        return any_came

    def _at_once(self, replies: tuple[Reply, ...]) -> bool:
        """Whether it was what is said to nearly every letter. It comes to the same as one by one, in a third of the time."""
        if self._pace == "chunked":
            last = self._speech.all_taken(replies)
            self._experience.proven |= bool(last)
            for reply in last:
                self._settle(wire.judged("dot", reply))
            return bool(last)
        behind = self._speech.in_step(replies)
        if not behind:
            return False
        self._settle(wire.judged("dot", replies[0]))
        self._go_ahead(behind)
        return True

    def _receive(self, reply: Reply) -> None:
        if reply.code == 421:
            return self._sent_away(reply)
        if not self._speech.awaited:
            raise Garbled("the server spoke out of turn")
        phase, parcel = self._speech.answered()
        if parcel is None:
            self.over = GOODBYE
        elif phase in ("dot", "void"):
            self._arrived(parcel, reply)
        elif phase == "data":
            self._asked(parcel, reply)
        else:
            self._enveloped(phase, parcel, reply)
        return None

    def _enveloped(self, phase: str, parcel: Parcel, reply: Reply) -> None:
        """RSET, MAIL or RCPT was answered."""
        if reply.positive:
            parcel.phase = _NEXT[phase]
            return self._speech.step(parcel)
        if phase == "rset":
            raise Garbled("the server did not take RSET")
        refusal = self._refused(phase, parcel, reply)
        if self._pace == "stepwise":
            self._speech.no_further()
            self._settle(refusal)
        return None

    def _asked(self, parcel: Parcel, reply: Reply) -> None:
        """DATA was answered. A server may say 354 though it refused the reader; then a lone dot ends it (RFC 2920, 3.1)."""
        if reply.code != 354:
            return self._settle(self._refused("data", parcel, reply))
        if parcel.refusal:
            self._experience.proven |= parcel.ahead
            parcel.phase, parcel.handed = "body", True
            return self._speech.say_nothing(parcel)
        return self._go_ahead(parcel)

    def _go_ahead(self, parcel: Parcel) -> None:
        self._experience.proven |= parcel.ahead
        parcel.phase = "body"
        self._ready = parcel
        self._hand_over()

    def _refused(self, phase: str, parcel: Parcel, reply: Reply) -> Outcome:
        """Keep the first refusal: what comes after it is only its echo."""
        if reply.code < 400:
            raise Garbled("the answer does not fit the command")
        if self._untested and reply.code in _OUT_OF_STEP and not parcel.refusal:
            parcel.handed = False  # whatever it read, it said no to this letter
            raise Garbled("the server lost its place in pipelined commands")
        self._speech.unclean = True
        parcel.refusal = parcel.refusal or wire.judged(phase, reply)
        return parcel.refusal

    def _arrived(self, parcel: Parcel, reply: Reply) -> None:
        """The last octet was answered: only here can a letter be accepted."""
        if 300 <= reply.code < 400 or not parcel.handed:
            raise Garbled("the answer does not fit the command")
        if self._pace == "chunked" and not reply.positive:
            self._refused("dot", parcel, reply)
        self._experience.proven |= self._pace == "chunked" and reply.positive
        self._settle(wire.judged("dot", reply))

    def _settle(self, outcome: Outcome) -> None:
        """The oldest letter is done: with its refusal if it had one."""
        parcel = self._parcels.popleft()
        self.carried += 1
        self._unwritten.add(parcel)
        parcel.settle(parcel.refusal or outcome)

    # ── how it ends ───────────────────────────────────────────────────────────────────────────────

    def _sent_away(self, reply: Reply) -> None:
        """421: the server closes the channel, and has not looked at anything after it (RFC 5321, 3.8).

        Said in place of an answer to MAIL after other letters went well, it is a limit of this connection and
        no word about the letter, which stays with us for another one.
        """
        self.closing, self.over = True, GOODBYE
        phase, parcel = self._speech.answered() if self._speech.awaited else ("", None)
        if phase in ("rset", "mail") and self.carried:
            self._experience.sent_away(after=self.carried)
        elif parcel:
            self._settle(wire.judged("mail" if phase == "rset" else phase, reply))

    def abandon(self, why: str, *, unsent: bool) -> list[Parcel]:
        """The session broke, or 421 ended it. Settles what was refused or may have been accepted, and gives back
        the letters that certainly were not: their last octet never left. `unsent` says so of the last one collected."""
        handed = [parcel for parcel in self._parcels if parcel.handed]
        unread = set(handed) if self.over else set(handed[-1:]) if unsent or not self._speech.collected else set()
        back: list[Parcel] = []
        for parcel in self._parcels:
            if parcel.refusal:
                parcel.settle(parcel.refusal)
            elif parcel.handed and parcel not in unread:
                parcel.settle(Outcome(verdict="ambiguous", phase="dot", reply=why))
            else:
                back.append(parcel)
        self._parcels.clear()
        self._speech.end()
        return back
