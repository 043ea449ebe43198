"""Carries letters over one open session: what to write next, and what each reply means for which letter.

Pure: bytes to write are collected from it, replies are given to it. It waits for nothing and opens nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from digest.mail import wire
from digest.mail.experience import Experience, Pace
from digest.mail.parcel import RECALLED, Parcel
from digest.mail.wire import Garbled, Offer, Reply
from digest.model import Outcome

# What a server answers that lost its place in the conversation; RFC 5321, 4.2.2.
_OUT_OF_STEP = frozenset({500, 502, 503})
GOODBYE = "the server closed the session"
BEFORE_BODY = frozenset({"rset", "mail", "rcpt", "data"})
_IN_STEP, _DOT_AND_ENVELOPE = [250, 250, 250, 354], ["dot", "mail", "rcpt", "data"]
_WHOLE = ("rset", "mail", "rcpt", "dot")  # what is answered to a letter that is sent in one
_NEXT = {"rset": "mail", "mail": "rcpt", "rcpt": "data"}


class Courier:
    """One session's letters, in the order in which they were begun; replies come in the same order.

    A letter counts as under way until its outcome is written down: the next envelope may go ahead of that, but no
    more bodies than the window. So a crash leaves no more letters in doubt than that.
    """

    def __init__(self, offer: Offer, *, pace: Pace, window: int, experience: Experience) -> None:
        self._offer, self._pace, self._window, self._experience = offer, pace, window, experience
        self._parcels: deque[Parcel] = deque()
        self._unwritten: set[Parcel] = set()  # answered, but not written down yet
        self._ready: Parcel | None = None  # the server waits for its body, and we for our window
        self._owed: deque[tuple[str, Parcel | None]] = deque()
        self._steps: deque[tuple[str, list[bytes]]] = deque()
        self._outgoing: list[bytes] = []
        self._whole: deque[tuple[Parcel, list[bytes]]] = deque()  # letters that are sent in one, and not handed out yet
        self._after = -1
        self._unclean = False
        self.carried = 0
        self.closing = False  # no further letter is begun
        self.over = ""  # why the session is at its end

    @property
    def idle(self) -> bool:
        return not (self._parcels or self._owed or self._unwritten)

    @property
    def awaited(self) -> str:
        """The phase of the oldest answer that is owed, "" when none is."""
        return self._owed[0][0] if self._owed else ""

    @property
    def _untested(self) -> bool:
        return self._pace != "stepwise" and not self._experience.proven

    @property
    def daring(self) -> bool:
        """Commands that were sent ahead are unanswered, and the relay has yet to show that it can take that."""
        return self._untested and any(phase in BEFORE_BODY for phase, _ in self._owed)

    @property
    def wants(self) -> bool:
        """Whether another letter can be begun now."""
        if self.closing:
            return False
        if self._pace == "pipelined":
            return not self._parcels or self._parcels[-1].handed
        if self._pace == "stepwise":
            return not self._parcels
        return len(self._parcels) + len(self._unwritten) < (self._window if self._experience.proven else 1)

    # ── what to write ─────────────────────────────────────────────────────────────────────────────

    def begin(self, parcel: Parcel) -> bool:
        """Start with a letter; False when this server cannot be asked to take it, which is then its outcome."""
        letter = parcel.letter
        parcel.start(ahead=bool(self._parcels))
        self._parcels.append(parcel)
        size = sum(map(len, letter.parts))
        envelope = wire.envelope(letter, size=size, offer=self._offer)
        if isinstance(envelope, Outcome):
            self._parcels.pop().settle(envelope)
            return False
        if self._pace == "pipelined" and not self._unclean:
            self._say_envelope(parcel, *envelope)
        elif self._pace == "chunked":
            self._say_whole(parcel, *envelope, size=size)
        elif self._pace == "stepwise":
            self._steps.extend(self._envelope(*envelope))
            self._step()
        else:
            for phase, chunks in self._envelope(*envelope):
                self._say(phase, parcel, chunks)
        return True

    def _say_envelope(self, parcel: Parcel, mail: bytes, rcpt: bytes) -> None:
        """What `_envelope` comes to for nearly every letter, in one piece."""
        said = mail + rcpt + b"DATA\r\n"
        self._owed += (("mail", parcel), ("rcpt", parcel), ("data", parcel))
        self._outgoing.append(said)
        if self._after >= 0:
            self._after += len(said)

    def _say_whole(self, parcel: Parcel, mail: bytes, rcpt: bytes, *, size: int) -> None:
        """Envelope and body. RSET first, since the letter in front may be refused, which cannot be known yet, and MAIL in
        a transaction that still stands open would mix two envelopes."""
        self._owed += [(phase, parcel) for phase in _WHOLE]
        said = [b"RSET\r\n%b%bBDAT %d LAST\r\n" % (mail, rcpt, size), *parcel.letter.parts]
        self._whole.append((parcel, said))

    def _envelope(self, mail: bytes, rcpt: bytes) -> list[tuple[str, list[bytes]]]:
        """The steps up to a letter's body. RSET first where a refused transaction may still stand open."""
        steps = [("mail", [mail]), ("rcpt", [rcpt]), ("data", [b"DATA\r\n"])]
        if self._unclean:
            steps.insert(0, ("rset", [b"RSET\r\n"]))
            self._unclean = False
        return steps

    def quit(self) -> None:
        self.closing = True
        self._say("quit", None, [b"QUIT\r\n"])

    def collect(self) -> tuple[list[bytes], int]:
        """What is to be written now, and how many octets of it follow the last octet of a letter (-1: no letter in it)."""
        chunks, after = self._outgoing, self._after
        self._outgoing, self._after = [], -1
        return chunks, after

    def recall(self) -> None:
        """Letters that wait to be handed out are as if never begun, if one of them may not go any more. Nothing is behind
        them in any order, unless the session is over, which gives them back by itself."""
        if self.over or all(parcel.consignor.may_go() for parcel, _ in self._whole):
            return
        for parcel, _ in reversed(self._whole):
            self._parcels.pop()
            for _phase in _WHOLE:
                self._owed.pop()
            parcel.settle(RECALLED)
        self._whole.clear()

    def collect_whole(self) -> list[list[bytes]]:
        """The letters to be written that are sent in one: several may go together, and `handed_out` hears how many did."""
        return [said for _, said in self._whole]

    def handed_out(self, count: int) -> None:
        """So many of `collect_whole` were given to the system, if not all of the last."""
        for _ in range(count):
            self._whole.popleft()[0].handed = True

    def _say(self, phase: str, parcel: Parcel | None, chunks: list[bytes]) -> None:
        self._owed.append((phase, parcel))
        self._outgoing += chunks
        if phase == "dot":
            self._after = 0
        elif self._after >= 0:
            self._after += sum(map(len, chunks))

    def _step(self) -> None:
        phase, chunks = self._steps.popleft()
        self._say(phase, self._parcels[0], chunks)

    # ── what a reply means ────────────────────────────────────────────────────────────────────────

    def receive(self, replies: Iterable[Reply]) -> bool:
        """Take replies, until one ends the session, and say whether there were any. `Garbled` when none is due, or one
        makes no sense here."""
        if type(replies) is tuple and self._in_step(replies):
            return True
        any_came = False
        for reply in replies:
            any_came = True
            self._receive(reply)
            if self.over:
                break
        return any_came

    def _in_step(self, replies: tuple[Reply, ...]) -> bool:
        """Whether it was what is said to nearly every letter, all at once: the one in front was taken, and so was the
        envelope of the one behind. It comes to the same as one by one, in a third of the time."""
        if self._pace == "chunked":
            return self._all_taken(replies)
        if [reply.code for reply in replies] != _IN_STEP or [phase for phase, _ in self._owed] != _DOT_AND_ENVELOPE:
            return False
        _, behind = self._owed.pop()
        self._owed.clear()
        self._settle(wire.judged("dot", replies[0]))
        if behind:
            self._go_ahead(behind)
        return True

    def _all_taken(self, replies: tuple[Reply, ...]) -> bool:
        """The same for letters that were sent whole: whether each of them was taken."""
        count, owed = len(replies), self._owed
        if not 0 < count <= len(owed) or {reply.code for reply in replies} != {250}:
            return False
        (first, _), (last, parcel) = owed[0], owed[count - 1]
        if first != _WHOLE[0] or last != _WHOLE[-1] or not (parcel and parcel.handed):
            return False
        self._experience.proven = True
        for reply in replies[len(_WHOLE) - 1 :: len(_WHOLE)]:
            for _ in _WHOLE:
                owed.popleft()
            self._settle(wire.judged("dot", reply))
        return True

    def _receive(self, reply: Reply) -> None:
        if reply.code == 421:
            return self._sent_away(reply)
        if not self._owed:
            raise Garbled("the server spoke out of turn")
        phase, parcel = self._owed.popleft()
        if parcel is None:
            self.over = GOODBYE
            return None
        if phase in ("dot", "void"):
            self._arrived(parcel, reply)
        elif phase == "data":
            self._asked(parcel, reply)
        else:
            self._enveloped(phase, parcel, reply)
        if self._steps:
            self._step()
        return None

    def _enveloped(self, phase: str, parcel: Parcel, reply: Reply) -> None:
        """RSET, MAIL or RCPT was answered."""
        if reply.positive:
            parcel.phase = _NEXT[phase]
            return
        if phase == "rset":
            raise Garbled("the server did not take RSET")
        refusal = self._refused(phase, parcel, reply)
        if self._pace == "stepwise":
            self._steps.clear()
            self._settle(refusal)

    def _asked(self, parcel: Parcel, reply: Reply) -> None:
        """DATA was answered. A server may say 354 though it refused the reader; then a lone dot ends it (RFC 2920, 3.1)."""
        if reply.code != 354:
            return self._settle(self._refused("data", parcel, reply))
        if parcel.refusal:
            self._experience.proven |= parcel.ahead
            parcel.phase, parcel.handed = "body", True
            return self._say("void", parcel, [wire.DOT])
        return self._go_ahead(parcel)

    def _go_ahead(self, parcel: Parcel) -> None:
        self._experience.proven |= parcel.ahead
        parcel.phase = "body"
        self._ready = parcel
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
            letter = parcel.letter
            self._say("dot", parcel, [*letter.parts, wire.DOT] if letter.dotless else wire.stuffed(letter.parts))

    def written(self, parcel: Parcel) -> None:
        """The outcome of a letter that was carried is written down."""
        self._unwritten.discard(parcel)
        self._hand_over()

    def _refused(self, phase: str, parcel: Parcel, reply: Reply) -> Outcome:
        """Keep the first refusal: what comes after it is only its echo."""
        if reply.code < 400:
            raise Garbled("the answer does not fit the command")
        if self._untested and reply.code in _OUT_OF_STEP and not parcel.refusal:
            parcel.handed = False  # whatever it read, it said no to this letter
            raise Garbled("the server lost its place in pipelined commands")
        self._unclean = True
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
        phase, parcel = self._owed.popleft() if self._owed else ("", None)
        if phase in ("rset", "mail") and self.carried:
            self._experience.sent_away(after=self.carried)
        elif parcel:
            self._settle(wire.judged("mail" if phase == "rset" else phase, reply))

    def abandon(self, why: str, *, unsent: bool) -> list[Parcel]:
        """The session broke, or 421 ended it. Settles what was refused or may have been accepted, and gives back
        the letters that certainly were not: their last octet never left. `unsent` says so of the last one collected."""
        handed = [parcel for parcel in self._parcels if parcel.handed]
        uncollected = self._after >= 0
        unread = set(handed) if self.over else set(handed[-1:]) if unsent or uncollected else set()
        back: list[Parcel] = []
        for parcel in self._parcels:
            if parcel.refusal:
                parcel.settle(parcel.refusal)
            elif parcel.handed and parcel not in unread:
                parcel.settle(Outcome(verdict="ambiguous", phase="dot", reply=why))
            else:
                back.append(parcel)
        self._parcels.clear()
        self._owed.clear()
        self._whole.clear()
        return back
