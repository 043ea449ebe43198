"""An issue with its head, its hour, and what the editor said to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.model.page import Page
from digest.model.thread import Author


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
