"""A mail as it is handed to us, and whom it is handed to. The transports bring it; what becomes of it is not theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

# No provider takes more than some 50 MB; what is bigger is refused by LMTP and read in part from a mailbox.
SIZE_LIMIT = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The bytes of a mail; the envelope's recipient and sender where the transport knows them ("" is the null sender)."""

    raw: bytes
    recipient: str = ""
    sender: str | None = None


# Keeps mails for good, all of them at one wait for the disk, and says of each in their order: None, or why it was not
# kept; it comes again then. It is called in a thread, with at most AT_ONCE.
Take = Callable[[Sequence[Arrival]], Sequence[Exception | None]]
AT_ONCE = 50
