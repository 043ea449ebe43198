"""What the commands do about originals before something goes: they look, they tell the editor, and an issue that is made but
not begun is kept back when its author took the thread back meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from digest.cli.terminal import note
from digest.model import Issue, Shelved, Sight, State

if TYPE_CHECKING:
    from digest.cli.house import House
    from digest.refreshing import Seen

Tell = Callable[[str, str], None]  # a subject, and what the editor should know
_WISHES = (Sight.DELETED, Sight.REFUSED)


def at_the_terminal(seen: Seen) -> None:
    """What a look brought, to a person who waits."""
    held = f"It is held now; `digest release {seen.shelved.id}` lets it go out all the same."
    note(_in_words(seen, held=held))


def in_a_dry_run(seen: Seen) -> None:
    """What a look brought that leaves everything as it is."""
    note(_in_words(seen, held="A send would hold it, and look for another one."))


def _in_words(seen: Seen, *, held: str) -> str:
    what = f"{seen.sight}. {seen.said}" if seen.sight is Sight.EDITED else seen.said
    then = held if seen.barred else "It goes out as it was kept." if seen.sight in (Sight.UNKNOWN, Sight.LESS) else ""
    return f"The original of thread {seen.shelved.id}: {what.rstrip('.')}. {then}".strip()


def by_mail(tell: Tell) -> Callable[[Seen], None]:
    """What an author took back, to an editor who is not here; all else stands in the report."""

    def heard(seen: Seen) -> None:
        if seen.news and seen.sight in _WISHES:
            id, title = seen.shelved.id, seen.shelved.title
            becomes = "is held" if seen.barred else "goes out by DIGEST_DELETED all the same"
            tell(
                f"thread {id} {becomes}: {seen.said}",
                f"“{title}” was to go out. It {becomes}: {seen.said}.\n\n"
                f"`digest release {id}` lets a held thread go out, `digest hold {id}` holds one.",
            )

    return heard


def may_begin(house: House, issue: Issue, *, heard: Callable[[Seen], None], only_look: bool = False) -> bool:
    """Whether an issue may go that was made a while ago. Once a letter of it has left, all have to; edited since, it goes as
    it was made."""
    shelved = _not_begun(house, issue)
    return shelved is None or house.lookout.look(heard, now=house.time(), only_look=only_look)(shelved) is not None


def was_looked_at(house: House, issue: Issue) -> bool:
    """Whether a further machine may carry an issue: it has begun, or its maker looked at the original a moment ago."""
    from digest import refreshing

    shelved = _not_begun(house, issue)
    return shelved is None or not refreshing.is_due(shelved, store=house.store, now=house.time())


def _not_begun(house: House, issue: Issue) -> Shelved | None:
    """The thread of an issue none of whose letters has left; None when one has."""
    tally = house.store.ledger.tally(issue.number)
    begun = tally[State.PENDING] + tally[State.WITHDRAWN] < tally.total
    return None if begun else house.store.library.get(issue.thread_id)
