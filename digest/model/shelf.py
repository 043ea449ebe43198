"""Where a thread stands on the shelf, and what became of its original."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.model.thread import Thread


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
