"""The words of the house: frozen values that travel between the rooms. Standard library only, no behaviour to speak of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Literal, Protocol

from digest.errors import MailError

# ── a thread, as every source gives it ────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote it. `handle` has its leading @ ("@ada"); "" where the source gives none."""

    name: str = ""
    handle: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A stretch of a post's text that leads somewhere: `text[start:end]`, in code points."""

    url: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A picture, film or sound beside a post. `url` may be "" when the source only says that there was one; `file` is its
    path beside the thread's own file, where it came along."""

    kind: Literal["image", "video", "gif", "audio"]
    url: str = ""
    alt: str = ""
    poster: str = ""
    width: int = 0
    height: int = 0
    file: str = ""

    @property
    def still(self) -> str:
        """Where the picture to show for it comes from, as its source names it: an address, a path, or ""."""
        return (self.url or self.file) if self.kind == "image" else self.poster


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as we keep it: upright, nothing in it but its dots, no larger than a page shows it. `digest` names its
    bytes for ever; `width` and `height` count its own dots, `size` its bytes."""

    digest: str
    kind: Literal["jpeg", "png"]
    width: int
    height: int
    size: int

    @property
    def name(self) -> str:
        """What its file is called."""
        return f"{self.digest}.{'jpg' if self.kind == 'jpeg' else self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A picture as a page shows it: `src` is an address of ours, or "cid:…" where it goes along in the letter."""

    src: str
    picture: Picture

    @property
    def enclosed(self) -> bool:
        return self.src.startswith("cid:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Another's post that this post shows."""

    text: str
    author: Author = Author()
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The preview of a linked page: its title, its site, where it leads."""

    url: str
    title: str
    site: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer of a poll; `votes` is None where nobody says how many chose it."""

    text: str
    votes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A question to the readers with its answers, as it stood when the thread came in. It cannot be answered here."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post. `text` is plain text with \\n between lines, cleaned; `number` counts from 1.

    `edited_at` is None where it was never changed, or nobody says so.
    """

    number: int
    text: str
    id: str = ""
    url: str = ""
    created_at: datetime | None = None
    links: tuple[Link, ...] = ()
    media: tuple[Media, ...] = ()
    quotes: tuple[Quote, ...] = ()
    card: Card | None = None
    content_warning: str = ""
    poll: Poll | None = None
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another thread by the same author, as a page's "More from" shows it. `date` is the page's own wording."""

    text: str
    date: str = ""
    posts: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """One thread, whatever it came from. `key` tells two threads apart for ever, across imports of the same page.

    `title` is "" unless the source or the editor gave one; `date` is the page's own wording where no
    instant is known; `lang` a BCP 47 tag, or "" when nobody said; `declared` the number of posts that the page claims.
    `engagement` is how often its first post was liked and passed on, None where the source does not count it.
    """

    key: str
    source: str
    posts: tuple[Post, ...]
    author: Author = Author()
    title: str = ""
    url: str = ""
    lang: str = ""
    created_at: datetime | None = None
    date: str = ""
    declared: int | None = None
    engagement: int | None = None
    related: tuple[Related, ...] = ()
    truncated: bool = False
    warnings: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All posts as one text, a blank line between them."""
        return "\n\n".join(post.text for post in self.posts)


class Standing(StrEnum):
    """Where a thread stands on the shelf."""

    WAITING = "waiting"
    PINNED = "pinned"
    HELD = "held"
    PUBLISHED = "published"
    NOMINATED = "nominated"  # by a reader; the editor's release makes it wait with the others


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """A thread on the shelf: its number there, and where it stands.

    An editor's own title is already in `thread`; their own `subject` and `preheader` are "" where they left them to us.
    `headline` is what the thread's own words call it. `rank` is the place among the pinned, the least first. `gone_at`:
    since when we know that its author deleted it.
    """

    id: int
    thread: Thread
    standing: Standing
    imported_at: datetime
    headline: str = ""
    subject: str = ""
    preheader: str = ""
    rank: int | None = None
    gone_at: datetime | None = None

    @property
    def title(self) -> str:
        """What it is called in a list."""
        return self.thread.title or self.headline


class Sight(StrEnum):
    """What the last look at a thread's original brought."""

    NONE = ""  # nobody has looked since it came in
    SAME = "unchanged"
    EDITED = "edited"  # and the thread on the shelf with it
    LESS = "less"  # it holds less than ours now, and why is not certain: ours stays
    DELETED = "deleted"  # its author took it back, for certain
    REFUSED = "refused"  # its author asks now to be left alone
    UNKNOWN = "unknown"  # nobody can say: no answer, a log-in wall, another page in its place


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """Where a thread was read from, and what came of looking there again.

    `ref` is what was named, a file or an address; `address` where it can be looked at again, "" where it cannot; `etag`
    and `modified` what that server wants to hear then. `said` is a sentence on the last look, `size` the bytes that are
    kept of what was read, 0 when none are.
    """

    ref: str = ""
    address: str = ""
    etag: str = ""
    modified: str = ""
    read_at: datetime | None = None
    looked_at: datetime | None = None
    sight: Sight = Sight.NONE
    said: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A thread as it was `until` then, and what changed, in sentences."""

    until: datetime
    thread: Thread
    changes: tuple[str, ...]


# ── what the desk makes of it ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A sentence of the summary, in the author's words, and the numbers of the posts that it stands in."""

    text: str
    posts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """`kind` says whose words these are: the author's own closing ones, sentences that we took, a model's that were checked,
    or none (a short thread)."""

    kind: Literal["author", "extract", "model", "none"]
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What a thread is called in the mail, the inbox line and the grey line after it."""

    title: str
    subject: str
    preheader: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The places in a page that differ by reader. Their names hold a nonce, so that no post can forge one."""

    nonce: str

    @property
    def email(self) -> str:
        return f"T{self.nonce}_EMAIL"

    @property
    def unsubscribe(self) -> str:
        return f"T{self.nonce}_UNSUBSCRIBE"

    @property
    def web(self) -> str:
        return f"T{self.nonce}_WEB"

    @property
    def good(self) -> str:
        return f"T{self.nonce}_GOOD"

    @property
    def bad(self) -> str:
        return f"T{self.nonce}_BAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A rendered digest that is still nobody's: `html` and `text` hold the `marks`. `cut` counts posts left out for size;
    `pictures` are those that stand in it, each once."""

    headline: Headline
    html: str
    text: str
    mjml: str
    marks: Marks
    lang: str
    cut: int = 0
    pictures: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What every letter of an issue has on its head. Kept with the issue, so that a retry is the same letter.

    Addresses are bare (`digest@example.org`). `name` is the sender's, `list_name` the digest's where that differs. `list_address` is where readers write to; `base_url` is "" or an
    http(s) URL without a slash at its end; `domain` is the right side of Message-IDs; `verp` says that bounces
    are read, so that each letter gets a return address of its own; `seal` tells the secret of its tokens from others,
    "" where nobody noted it.
    """

    name: str
    from_address: str
    list_address: str
    domain: str
    date: datetime
    list_name: str = ""
    reply_to: str = ""
    base_url: str = ""
    verp: bool = False
    seal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A digest that was made: the page, its head, and its number in the row of issues."""

    number: int
    thread_id: int
    page: Page
    letterhead: Letterhead
    reason: str = ""
    short: Page | None = None  # the summary alone, for those who want no more; None where none was made


@dataclass(frozen=True, slots=True, kw_only=True)
class BackIssue:
    """An issue as the archive lists it, without its page. `date` is when it went out, `lang` its page's BCP 47 tag;
    `domain` the right side of its Message-IDs, which names it for ever."""

    number: int
    title: str
    preheader: str
    lang: str
    author: Author
    date: datetime
    domain: str


# ── the hours ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One time that an issue is due. `key` is its local wall clock ("2026-10-25T02:30"), its name for ever; `at` is UTC."""

    key: str
    at: datetime


class SlotState(StrEnum):
    """What was decided about a slot. DUE, HELD and AWAITING are open: what is still open at the late limit is MISSED."""

    AWAITING = "awaiting"  # it is still to come, and the editor was asked about it
    DUE = "due"  # it came, and its issue is to be made
    HELD = "held"  # it came, and the editor keeps it back
    MADE = "made"  # it has its issue
    SKIPPED = "skipped"  # a person decided that nothing goes
    MISSED = "missed"  # the clock came too late


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A slot with what was decided about it. `issue` is the number of its issue, `why` says more where there is more."""

    slot: Slot
    state: SlotState
    issue: int | None = None
    why: str = ""


class ProofState(StrEnum):
    """Where a proof stands. OPEN and HELD wait for the editor's word, or for somebody to obey it."""

    OPEN = "open"  # shown; what silence means, the settings say
    HELD = "held"  # shown again after a HOLD: without a word nothing goes
    APPROVED = "approved"  # it goes out at its slot
    CLOSED = "closed"  # another took its place, or nothing goes


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the editor was shown for a slot (by its key), why that thread, and what she said to it."""

    id: int
    slot: str
    thread_id: int
    why: str
    state: ProofState
    word: str = ""
    number: int | None = None
    subject: str = ""
    made_at: datetime | None = None


# ── the people and their post ─────────────────────────────────────────────────────────────────────


class Membership(StrEnum):
    """Where a subscriber stands. Only the active get issues; who left is never revived by an import."""

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    SUPPRESSED = "suppressed"  # never to be written to, whoever gives us the address


Kind = Literal["full", "summary", "text"]  # which digest a reader gets, from the same issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One reader. `epoch` counts the times that they came back, so that an old link cannot undo a new wish.

    `asked` counts how often we asked them "is it you?", the last time `asked_at`. While they are paused by their own
    wish, `paused_until` says how long; while a bounce pauses them, `struck` is the issue that came back.
    """

    id: int
    email: str
    membership: Membership
    name: str = ""
    source: str = ""
    consented_at: datetime | None = None
    epoch: int = 0
    kind: Kind = "full"
    asked: int = 0
    asked_at: datetime | None = None
    paused_until: datetime | None = None
    struck: int | None = None


class State(IntEnum):
    """The life of a delivery. Everything from ACCEPTED on is settled, but for DOUBTFUL while it may be tried again."""

    PENDING = 0  # owed; after a temporary failure too, then with a later `due_at`
    CLAIMED = 1  # some sender has it in hand, nothing has left yet
    SENDING = 2  # its bytes may have left: written down before they do
    ACCEPTED = 3  # the server took responsibility for it
    REFUSED = 4  # the server said no, for good
    DOUBTFUL = 5  # the answer was lost: perhaps accepted; one late retry with the same bytes, or held
    UNCERTAIN = 6  # in doubt after its last try; never sent again by itself
    EXPIRED = 7  # temporary failures until the limit
    WITHDRAWN = 8  # the reader left before their letter did


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a letter goes to: all that addressing one needs to know."""

    id: int
    email: str
    epoch: int = 0
    kind: Kind = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One issue for one reader: the envelope, and the signed bytes, CRLF, not yet dot-stuffed.

    `dotless` is the press's word that no line begins with a dot and the last one is ended: then nobody need look.
    """

    sender: str
    recipient: str
    message_id: str
    parts: tuple[bytes, ...] = field(repr=False)
    dotless: bool = False

    @property
    def data(self) -> bytes:
        return b"".join(self.parts)


Verdict = Literal["accepted", "temporary", "permanent", "ambiguous"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one letter. `code` is the SMTP reply code, 0 when none came; `enhanced` as in RFC 3463;
    `phase` where it was decided (connect, mail, rcpt, data, body, dot)."""

    verdict: Verdict
    phase: str
    code: int = 0
    enhanced: str = ""
    reply: str = ""


class Consignor(Protocol):
    """Who hands a letter over. It is told what became of it; what it does then must not wait."""

    def may_go(self) -> bool:
        """Asked right before the first octet of the letter leaves: whether it still may."""
        ...

    def answered(self, answer: Outcome | MailError, written: Callable[[], None]) -> None:
        """The outcome, or why the server as a whole cannot be spoken to. The letter is under way until `written` is
        called, once, when the answer is written down."""
        ...


class Outbox(Protocol):
    """Where letters leave the house."""

    @property
    def capacity(self) -> int:
        """How many letters it can have in flight at once."""
        ...

    def post(self, letter: Letter, consignor: Consignor) -> None:
        """Carry one letter, and tell `consignor` what became of it. No more letters are under way at once than a crash
        may leave in doubt. Raises nothing; a letter that may not go any more is answered as temporary."""
        ...

    def carry(self, letter: Letter) -> AbstractAsyncContextManager[Outcome]:
        """The same for one who waits: `async with outbox.carry(letter) as outcome:` write it down. Raises `MailError`
        for a failure of the whole conversation, never for what concerns this letter alone."""
        ...

    async def close(self) -> None:
        """Finish politely."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many deliveries of an issue are in each state. They add up to `total`, always."""

    counts: dict[State, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def __getitem__(self, state: State) -> int:
        return self.counts.get(state, 0)

    def owed(self, states: Sequence[State] = (State.PENDING, State.CLAIMED, State.SENDING, State.DOUBTFUL)) -> int:
        return sum(self[state] for state in states)

    def in_hand(self) -> int:
        """What some sender has, and has not settled."""
        return self[State.CLAIMED] + self[State.SENDING]


# ── what a check says ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check saw: what it is, where, why it matters, how to mend it."""

    rule: str
    level: Literal["error", "warning", "note"]
    what: str
    where: str = ""
    why: str = ""
    fix: str = ""
