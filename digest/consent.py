"""Story: what authors wish. Who does not want to be in the digest leaves shelf, archive and queue, and is not let in again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from digest.desk import bylines
from digest.errors import NotFound, Unwilling, UsageError
from digest.model import Author, Standing, State

if TYPE_CHECKING:
    from digest.spine import Spine
    from digest.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """What there is of an author: threads that were not sent, and the numbers of issues, with letters that still wait."""

    threads: tuple[Spine, ...]
    issues: tuple[int, ...]
    letters: int


def works(ref: str, *, store: Store) -> Works:
    """All that a takedown of `ref` (a handle, an address or a name) would touch. Raises UsageError when it names nobody."""
    meant = bylines.meant(ref)
    if not meant:
        raise UsageError("this names nobody", where=repr(ref), then="Give a handle, an address or a name.")
    theirs = [shelved for shelved in store.spines.all() if meant & bylines.marks(shelved.author)]
    sent = {shelved.id for shelved in theirs if shelved.standing is Standing.PUBLISHED}
    listed = [number for number, thread_id, _ in store.issues.listed() if thread_id in sent]
    issues = tuple(number for number in sorted(listed) if not store.archive.is_withdrawn(number))
    waiting = sum(store.ledger.tally(number).owed((State.PENDING, State.DOUBTFUL)) for number in issues)
    return Works(threads=tuple(one for one in theirs if one.id not in sent), issues=issues, letters=waiting)


def take_down(ref: str, *, store: Store, now: datetime) -> Works:
    """Block the author, take their threads off the shelf and their issues out of the archive, and send no more of them.

    The block comes first: what is broken off half way lets nothing in, and the same command goes on. Letters in a
    sender's hand at this moment still go.
    """
    store.authors.block(ref.strip(), now=now)
    found = works(ref, store=store)
    store.library.remove([shelved.id for shelved in found.threads])
    threads = {number: thread_id for number, thread_id, _ in store.issues.listed()}
    store.originals.forget([threads[number] for number in found.issues])
    for number in found.issues:
        store.ledger.give_up(number, now=now)
        store.archive.withdraw(threads[number], now=now)
        store.pictures.forget([threads[number]])
    return found


def undo(ref: str, *, store: Store) -> None:
    """Let the author in again. What was taken down does not come back by itself. Raises NotFound."""
    if not store.authors.unblock(ref.strip()):
        raise NotFound("nobody was taken down by this name", where=ref, then="See `digest takedown --list`.")


def blocked(store: Store) -> frozenset[str]:
    """The marks of all who are not to be let in."""
    return frozenset(mark for one in store.authors.blocked() for mark in bylines.meant(one.said))


def refuse(author: Author, *, where: str, store: Store) -> None:
    """Raises Unwilling when the author was taken down."""
    if blocked(store) & bylines.marks(author):
        then = "`digest takedown --list` says who else; --undo lets an author in again."
        raise Unwilling("its author does not wish to be in this digest", where=where, then=then)
