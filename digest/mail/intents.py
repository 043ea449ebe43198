"""What a mail or a link may ask of us, as values: what comes in is read into one of these, and one story answers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from digest.mail.tokens import Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """To get the digest. Whoever asks is asked back before anything comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """It was me, says a CONFIRM token."""

    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribe:
    """To leave: proven by an UNSUBSCRIBE token, or by nothing but the sender's address."""

    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejoin:
    """It was a mistake that I left, says a REJOIN token."""

    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Never write to me again, says a STOP token, whoever gives you my address."""

    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """No issues for so many weeks, 1 to 52."""

    weeks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Issues again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """Which kind of digest to get from now on."""

    kind: Literal["full", "summary", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Get:
    """A back issue; None is the latest."""

    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """How we came to have this address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A copy of all that we know of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase:
    """To be forgotten: done when an ERASE token comes with it, asked back about when not."""

    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What can be asked, and how. Also the answer to a command that nobody knows: `unknown` is the word."""

    unknown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nominate:
    """A thread for the shelf: a link to it, or the thread itself as pasted text or an attached file."""

    ref: str = ""
    raw: bytes = b""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """To want an author's threads, or no more; with no author, to hear who is wanted."""

    author: str
    on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A good pick, or not for me: a GOOD or BAD token."""

    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruct:
    """The editor's word on a proof, with its PROOF token. `number` goes with "pin"; `subject` is a new subject, or "".

    "retitle" is a new subject and nothing else: no OK. A subject changed in place is `Asked.subject`, for comparing.
    """

    stamp: Stamp
    word: Literal["ok", "skip", "hold", "next", "pin", "stop", "retitle"]
    number: int | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounced:
    """A letter came back. Its BOUNCE token says whose and of which issue; `kind` what it says of the reader's address:

    "hard" there is no such mailbox, "soft" not now, "ours" something about us and nothing about the reader.
    `status` is the enhanced code of RFC 3463, or ""; `said` the server's own words, for people.
    """

    stamp: Stamp
    kind: Literal["hard", "soft", "ours"]
    status: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complained:
    """A reader called it spam (RFC 5965): the stamp is that of the letter complained of."""

    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Speak:
    """A person's own words to a person: passed on to the editor, never answered by us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """Nothing to do, and why: a machine wrote it, or a bounce that nobody can vouch for."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Nobody can say who wrote it or what it is: kept in quarantine for the editor to see, and why."""

    why: str


Intent = (
    Subscribe
    | Confirm
    | Unsubscribe
    | Rejoin
    | Stop
    | Pause
    | Resume
    | Choose
    | Get
    | Why
    | Export
    | Erase
    | Help
    | Nominate
    | Follow
    | Rate
    | Instruct
    | Bounced
    | Complained
    | Speak
    | Ignore
    | Unreadable
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One wish, and who brought it: what the story answers, and the evidence that it keeps.

    `sender` is the address that it came from ("" for a link that was pressed); `aligned` says that our own mail server
    vouches for it (DMARC, or DKIM or SPF aligned with From). `machine` says why a program seems to have written it, ""
    for a person: it is never answered, and obeyed only with an UNSUBSCRIBE token. `channel` is "mail", "web" or "one-click"; `message_id`,
    `network` (the address of the machine that handed it in) and `digest` (SHA-256 of the raw mail) are its evidence.
    `subject`, without its "Re:", is for the answer's. `bearer` is the MANAGE token that came with a wish that has no stamp of its own
    (a page of preferences, a mail to +manage-TOKEN@ or +export-TOKEN@ and the like): it proves whose wish it is.
    """

    intent: Intent
    channel: Literal["mail", "web", "one-click"]
    sender: str = ""
    aligned: bool = False
    machine: str = ""
    message_id: str = ""
    network: str = ""
    digest: bytes = b""
    subject: str = ""
    bearer: Stamp | None = None
