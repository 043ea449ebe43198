"""Whose threads a reader wants: it counts towards the pick. Anybody may be followed who can be named for sure, also
somebody of whom nothing has come yet; a bare name only where we know an author of that name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from digest.correspondence import Correspondence, More
from digest.desk import bylines
from digest.desk.notes import Row
from digest.mail.intents import Follow
from digest.model import Author, Subscriber
from digest.text import one_line

MOST = 50  # authors that one reader can follow
_LONGEST = 120  # characters of what names an author
_SURE = re.compile(
    r"@[\w.-]+(?:@[\w.-]+)?|[\w.-]+@[\w.-]+\.\w+|(?:[\w-]+\.)+[A-Za-z][\w-]*|https?://\S+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """An author as a reader named them: how that is kept, and who it is, None when nothing of theirs has come yet."""

    said: str
    author: Author | None


def follow(desk: Correspondence, wish: Follow) -> str:
    """Follow, or no more; with no author, say who is followed. Done at once, whoever asks in the reader's name: it is mild,
    and the letter about it says how to undo it."""
    reader = desk.reader()
    if reader is None:
        desk.tell_stranger("stranger")
        return "asked by a stranger"
    if not wish.author.strip():
        return _list(desk, reader)
    named = _named(desk, wish.author)
    if named is None:
        desk.answer("nobody", reader)
        return "follows nobody that can be found"
    return _begin(desk, reader, named) if wish.on else _end(desk, reader, named)


def _begin(desk: Correspondence, reader: Subscriber, named: _Named) -> str:
    mine = desk.act.favourites(reader.id)
    if not _same(mine, named):
        if len(mine) >= MOST:
            desk.answer("too_many", reader, values={"most": str(MOST)})
            return "follows too many"
        desk.act.follow(reader.id, named.said)
    desk.answer("followed" if named.author else "awaited", reader, values={"author": _shown(desk, reader, named)})
    return "follows"


def _end(desk: Correspondence, reader: Subscriber, named: _Named) -> str:
    for said in _same(desk.act.favourites(reader.id), named):
        desk.act.unfollow(reader.id, said)
    desk.answer("unfollowed", reader, values={"author": _shown(desk, reader, named)})
    return "unfollows"


def _list(desk: Correspondence, reader: Subscriber) -> str:
    known, rows = desk.act.authors(), list[Row]()
    for said in desk.act.favourites(reader.id):
        author = _known(said, known)
        if author:
            rows.append(Row(label=one_line(author.name), text=author.handle or author.url))
        elif desk.proven(reader):
            rows.append(Row(text=said))
    desk.answer("following" if rows else "follows_none", reader, more=More(rows=tuple(rows)))
    return "told whom they follow"


# ── who is meant ──────────────────────────────────────────────────────────────────────────────────


def _named(desk: Correspondence, said: str) -> _Named | None:
    """None for a name that could be anybody's."""
    said = one_line(said)[:_LONGEST].strip(" .,;:!\"'“”„<>()")
    author = _known(said, desk.act.authors())
    if author:
        return _Named(said=author.handle or author.url or author.name, author=author)
    return _Named(said=said, author=None) if _SURE.fullmatch(said) and bylines.meant(said) else None


def _known(said: str, authors: Sequence[Author]) -> Author | None:
    """The one author of ours who is meant; None for nobody, or when several are."""
    meant = bylines.meant(said)
    found = {author.handle or author.url or author.name: author for author in authors if meant & bylines.marks(author)}
    return next(iter(found.values())) if len(found) == 1 else None


def _same(mine: list[str], named: _Named) -> list[str]:
    """Under which of a reader's words this author is followed already."""
    meant = bylines.meant(named.said) | (bylines.marks(named.author) if named.author else frozenset())
    return [said for said in mine if bylines.meant(said) & meant]


def _shown(desk: Correspondence, reader: Subscriber, named: _Named) -> str:
    """What a letter calls them. Words of somebody who may not be the reader are not repeated to the reader."""
    if named.author:
        return _called(named.author)
    return named.said if desk.proven(reader) else desk.stationery.say("awaited", "somebody", {})


def _called(author: Author) -> str:
    if author.name and author.handle:
        return f"{one_line(author.name)} ({author.handle})"
    return one_line(author.name) or author.handle or author.url
