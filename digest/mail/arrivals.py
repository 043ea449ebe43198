"""A mail as it is handed to us, and whom it is handed to. The transports bring it; what becomes of it is not theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# No provider takes more than some 50 MB; what is bigger is refused by LMTP and read in part from a mailbox.
SIZE_LIMIT = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The bytes of a mail; the envelope's recipient and sender where the transport knows them ("" is the null sender)."""

    raw: bytes
    recipient: str = ""
    sender: str | None = None


# Keeps a mail for good, or raises a DigestError: then it was not kept, and comes again. It is called in a thread.
Take = Callable[[Arrival], None]
