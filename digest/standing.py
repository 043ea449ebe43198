"""What the status columns of other programs' lists say of a reader: a table of columns and words, and no parser a program.

Where each of them comes from stands in docs/imports.md. A word that is not here is an error, and never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from digest.errors import InputError
from digest.model import Membership

_ACTIVE, _PENDING, _LEFT = Membership.ACTIVE, Membership.PENDING, Membership.LEFT
_BOUNCED, _COMPLAINED, _SUPPRESSED = Membership.BOUNCED, Membership.COMPLAINED, Membership.SUPPRESSED

GONE = frozenset({_LEFT, _BOUNCED, _COMPLAINED, _SUPPRESSED})
_GRAVEST = (_SUPPRESSED, _COMPLAINED, _LEFT, _BOUNCED, _PENDING, Membership.PAUSED, _ACTIVE)
_WORDS: Mapping[str, Membership] = {str(each): each for each in Membership} | {
    word: meaning
    for meaning, words in {
        # What somebody pays says nothing against writing to them.
        _ACTIVE: "subscribed enabled confirmed regular premium free paid comp gift gifted trialed past_due churning "
        "churned",
        _PENDING: "unconfirmed unactivated unpaid validating needs_attention nonsubscribed non_subscribed",
        # To beehiiv the inactive have left, to Kit they never confirmed: neither may be written to.
        _LEFT: "unsubscribed cancelled canceled inactive disabled removed",
        _BOUNCED: "cleaned invalid undeliverable malformed disposable",
        _COMPLAINED: "junk spam",
        _SUPPRESSED: "blocklisted blacklisted spammy",
    }.items()
    for word in words.split()
}
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")


def _switch(*, yes: Membership, no: Membership) -> Mapping[str, Membership]:
    return dict.fromkeys(_YES, yes) | dict.fromkeys(_NO, no)


# A column, and what its words mean; or what any date in it means.
_COLUMNS: Mapping[str, Mapping[str, Membership] | Membership] = (
    dict.fromkeys(("state", "status", "subscription_status", "subscriber_type", "type"), _WORDS)
    | dict.fromkeys(("subscribed_to_emails", "subscribed"), _switch(yes=_ACTIVE, no=_LEFT))
    | dict.fromkeys(("email_disabled", "unsubscribed"), _switch(yes=_LEFT, no=_ACTIVE))
    | dict.fromkeys(
        ("blacklisted", "email_blacklisted", "blocklisted", "email_blocklisted"), _switch(yes=_SUPPRESSED, no=_ACTIVE)
    )
    | dict.fromkeys(("unsub_time", "unsubscribed_at", "deleted_at"), _LEFT)
    | {"clean_time": _BOUNCED}
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def tells(column: str) -> bool:
    """Whether this column, in small letters and with underscores, says where a reader stands."""
    return column in _COLUMNS


def read(cells: Iterable[tuple[str, str]]) -> Membership:
    """The gravest thing that a line's cells, each with the name of its column, say. Nothing said is active.

    Raises InputError for a word that is not known, with the word and its column."""
    said = [_one(column, cell) for column, cell in cells if tells(column) and cell.strip()]
    return min(said, key=_GRAVEST.index, default=_ACTIVE)


def _one(column: str, cell: str) -> Membership:
    known, word = _COLUMNS[column], cell.strip().casefold()
    if isinstance(known, Membership):
        if _YEAR.search(word):
            return known
    elif meaning := known.get(re.sub(r"[ -]+", "_", word)):
        return meaning
    raise InputError(f"nobody here knows what “{cell.strip()}” means in the column {column}")
