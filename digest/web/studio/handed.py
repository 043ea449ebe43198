"""What the command line hands the studio: each thing that needs settings, the network or the hour."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.desk.picker import Pick, Weights
from digest.drafting import Desk
from digest.model import Issue, Letterhead, Outcome, Page, Shelved
from digest.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Where a save changes the picture: whole `trees` of templates, and single `files`."""

    trees: tuple[Path, ...]
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """The pieces, put together. Whatever reads the settings raises SettingsError while they are wrong.

    `choose` says what is next by these `weights`; `desk` takes the line "Why this one"; `head` is the letterhead of a draft; `letter` makes the bytes that
    reader@example.org would get, and `filled` the page that they would see; `send_test` mails a marked test to one
    address; `copies` makes files to keep, by their ending ("pdf", "png"); `given` reads the file that the command line
    named, None when it named none; `renew` forgets settings and templates, since a file of them was saved.
    """

    store: Store
    weights: Callable[[], Weights]
    choose: Callable[[Weights], Pick]
    desk: Callable[[str], Desk]
    head: Callable[[], Letterhead]
    letter: Callable[[Issue], bytes]
    filled: Callable[[Page], Page]
    send_test: Callable[[Shelved, str], Awaitable[Outcome]]
    copies: Mapping[str, Callable[[Page], bytes]]
    given: Callable[[], Shelved] | None
    watched: Callable[[], Watched]
    renew: Callable[[], None]
    now: Callable[[], datetime]
    nonce: Callable[[], str]
