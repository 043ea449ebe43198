"""What a server is told on one session, and which answers it owes for that. It does not know what an answer means."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from digest.mail.sending import wire
from digest.mail.sending.experience import Pace
from digest.mail.sending.parcel import Parcel
from digest.mail.sending.wire import Offer, Reply
from digest.model import Outcome

Phases = tuple[str, ...]  # of what goes out together: one for each answer to it
BEFORE_BODY = frozenset({"rset", "mail", "rcpt", "data"})
_ENVELOPE: Phases = ("mail", "rcpt", "data")
_AFRESH: Phases = ("rset", *_ENVELOPE)
_WHOLE: Phases = ("rset", "mail", "rcpt", "dot")
_DOT: Phases = ("dot",)
_RSET, _DATA = b"RSET\r\n", b"DATA\r\n"
_IN_STEP = [250, 250, 250, 354]  # the dot was taken, and so was the envelope behind it


class Speech:
    """Commands and bodies in the order in which they are to be written; answers come in the same order."""

    def __init__(self, offer: Offer, *, pace: Pace) -> None:
        self._offer, self._pace = offer, pace
        self._owed: deque[tuple[Phases, Parcel | None]] = deque()
        self._heard = 0  # how many of the first of those are answered
        self._steps: deque[tuple[str, bytes]] = deque()  # a stepwise envelope: each waits for the answer before it
        self._outgoing: list[bytes] = []
        self._size = 0  # octets of that
        self._end = -1  # of those, where a letter ends
        self._whole: deque[tuple[Parcel, list[bytes], int]] = (
            deque()
        )  # letters that are sent in one, and not handed out yet
        self.unclean = False  # a refused transaction may still stand open

    # ── what is said ──────────────────────────────────────────────────────────────────────────────

    def begin(self, parcel: Parcel) -> Outcome | None:
        """A letter's envelope, and its body where that needs no leave. The outcome when this server cannot be asked to
        take it."""
        envelope = wire.envelope(parcel.letter, size=parcel.size, offer=self._offer)
        if isinstance(envelope, Outcome):
            return envelope
        if self._pace == "chunked":
            self._say_whole(parcel, *envelope)
        else:
            self._say_envelope(parcel, *envelope)
        return None

    def _say_whole(self, parcel: Parcel, mail: bytes, rcpt: bytes) -> None:
        """RSET first, since the letter in front may be refused, which cannot be known yet, and MAIL in a transaction that
        still stands open would mix two envelopes."""
        head = b"RSET\r\n%b%bBDAT %d LAST\r\n" % (mail, rcpt, parcel.size)
        self._owed.append((_WHOLE, parcel))
        self._whole.append((parcel, [head, *parcel.letter.parts], len(head) + parcel.size))

    def _say_envelope(self, parcel: Parcel, mail: bytes, rcpt: bytes) -> None:
        """RSET first where a refused transaction may still stand open."""
        phases, commands = _ENVELOPE, [mail, rcpt, _DATA]
        if self.unclean:
            phases, commands, self.unclean = _AFRESH, [_RSET, *commands], False
        if self._pace == "stepwise":
            self._steps.extend(zip(phases, commands, strict=True))
            self.step(parcel)
        else:
            said = b"".join(commands)
            self._say(phases, parcel, [said], size=len(said))

    def step(self, parcel: Parcel) -> None:
        """The next command of a stepwise envelope, if there is one."""
        if self._steps:
            phase, command = self._steps.popleft()
            self._say((phase,), parcel, [command], size=len(command))

    def no_further(self) -> None:
        """The rest of a stepwise envelope stays unsaid."""
        self._steps.clear()

    def say_body(self, parcel: Parcel) -> None:
        letter = parcel.letter
        if letter.dotless:
            self._say(_DOT, parcel, [*letter.parts, wire.DOT], size=parcel.size + len(wire.DOT))
        else:
            stuffed = wire.stuffed(letter.parts)
            self._say(_DOT, parcel, stuffed, size=sum(map(len, stuffed)))
        self._end = self._size

    def say_nothing(self, parcel: Parcel) -> None:
        """A lone dot ends what a server asked for that had refused its only reader (RFC 2920, 3.1)."""
        self._say(("void",), parcel, [wire.DOT], size=len(wire.DOT))

    def quit(self) -> None:
        self._say(("quit",), None, [b"QUIT\r\n"], size=6)

    def _say(self, phases: Phases, parcel: Parcel | None, chunks: list[bytes], *, size: int) -> None:
        self._owed.append((phases, parcel))
        self._outgoing += chunks
        self._size += size

    # ── what is to be written ─────────────────────────────────────────────────────────────────────

    @property
    def collected(self) -> bool:
        """No letter ends in what is still to be written."""
        return self._end < 0

    def collect(self) -> tuple[list[bytes], int, int]:
        """What is to be written now, its size in octets, and how many of those follow the last octet of a letter (-1: no
        letter ends in it)."""
        chunks, size, after = self._outgoing, self._size, self._size - self._end if self._end >= 0 else -1
        self._outgoing, self._size, self._end = [], 0, -1
        return chunks, size, after

    def collect_whole(self) -> list[tuple[list[bytes], int]]:
        """The letters to be written that are sent in one, each with its size: several may go together, and `handed_out`
        hears how many did."""
        return [(chunks, size) for _, chunks, size in self._whole]

    def handed_out(self, count: int) -> None:
        """So many of `collect_whole` were given to the system, if not all of the last."""
        for _ in range(count):
            self._whole.popleft()[0].handed = True

    def recall(self) -> list[Parcel]:
        """The letters that wait to be handed out are as if never begun, if one of them may not go any more. Nothing is
        behind them in any order."""
        if all(parcel.consignor.may_go() for parcel, _, _ in self._whole):
            return []
        back = [parcel for parcel, _, _ in self._whole]
        for _ in back:
            self._owed.pop()
        self._whole.clear()
        self._heard = self._heard if self._owed else 0
        return back

    # ── which answers are owed ────────────────────────────────────────────────────────────────────

    @property
    def awaited(self) -> str:
        """The phase of the oldest answer that is owed, "" when none is."""
        return self._owed[0][0][self._heard] if self._owed else ""

    @property
    def ahead(self) -> bool:
        """Whether commands before a body are unanswered."""
        return self.awaited in BEFORE_BODY or any(phases[0] in BEFORE_BODY for phases, _ in list(self._owed)[1:])

    def answered(self) -> tuple[str, Parcel | None]:
        """What the next answer is about: its phase and letter."""
        phases, parcel = self._owed[0]
        phase = phases[self._heard]
        self._heard += 1
        if self._heard == len(phases):
            self._owed.popleft()
            self._heard = 0
        return phase, parcel

    def end(self) -> None:
        """Nothing more is written, and no more answers come."""
        self._whole.clear()
        self._owed.clear()
        self._heard = 0

    def in_step(self, replies: Sequence[Reply]) -> Parcel | None:
        """The letter whose envelope was taken, if `replies` are what is said to nearly every letter, all at once, and
        nothing else is owed: the dot in front was taken too. One by one they take three times as long."""
        if len(self._owed) != 2 or self._owed[0][0] != _DOT or self._owed[1][0] != _ENVELOPE:
            return None
        if [reply.code for reply in replies] != _IN_STEP:
            return None
        behind = self._owed[1][1]
        self._owed.clear()
        return behind

    def all_taken(self, replies: Sequence[Reply]) -> Sequence[Reply]:
        """The same for letters that were sent whole: the last reply to each, if each was taken; else none."""
        count, odd = divmod(len(replies), len(_WHOLE))
        if odd or self._heard or not 0 < count <= len(self._owed) or {reply.code for reply in replies} != {250}:
            return ()
        last = self._owed[count - 1][1]
        if not (last and last.handed):
            return ()
        for _ in range(count):
            self._owed.popleft()
        return replies[len(_WHOLE) - 1 :: len(_WHOLE)]
