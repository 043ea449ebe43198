"""A Thread Reader page as lines: what lies above, in and below its thread. Shared by the text, clipping and HTML forms.

It does not find the posts; each form does that in its own way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from digest.errors import NotAThread
from digest.model import Author, Post, Related, Thread
from digest.sources import furniture, x_post
from digest.sources.doubts import doubted
from digest.sources.numbering import lost, renumber, uncount
from digest.sources.prose import cut, fingerprint, tidy

NAME = "threadreader"
_HEADER_LINES = 120  # No header of any year is longer.
_ID = re.compile(r"(?:threadreaderapp\.com/(?:thread|scrolly)/|/status/|\bdata-tweet=\"?)(\d{3,20})")
_USER = re.compile(r"threadreaderapp\.com/user/", re.IGNORECASE)
_REQUEST = re.compile(r"\W{0,3}@(?:threadreaderapp|threader_app|unrollme|rattibha)\b.{0,40}", re.IGNORECASE)
_POINTERS = re.compile(r"(?:\s|🧵|👇[\U0001f3fb-\U0001f3ff]?|⬇\ufe0f?)+$")
_SAVE_AGAIN = "Open one thread (threadreaderapp.com/thread/…), save that page whole, and import it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says beside its posts, which stand in `lines[start:end]`; `root` is the first post's id, or ""."""

    start: int
    end: int
    author: Author
    root: str = ""
    date: str = ""
    declared: int | None = None
    related: tuple[Related, ...] = ()
    dropped: tuple[str, ...] = ()


def is_page(lines: Sequence[str]) -> bool:
    """Whether one of these lines is certainly printed by Thread Reader."""
    return any(furniture.kind(line) in furniture.SURE or _counts_alone(line) for line in lines)


def survey(lines: Sequence[str], *, source: str = "") -> Page:
    """All that `lines` (stripped, without mark-up) say around the posts; `source` is the address, where known."""
    kinds = [furniture.kind(line) for line in lines]
    end = next((place for place, kind in enumerate(kinds) if kind in furniture.ENDS), len(lines))
    top = min(end, _HEADER_LINES)
    counted = next((place for place, line in enumerate(lines[:top]) if furniture.counts(line)), -1)
    start = _first_post(lines, kinds, after=counted, end=end)
    found = furniture.counts(lines[counted]) if counted >= 0 else None
    root = _ID.search(source) or _ID.search("\n".join(lines[:start]))
    author = _author(lines, start=start, end=end)
    return Page(
        start=start,
        end=end,
        author=author,
        root=root[1] if root else "",
        date=(found["date"] if found else None) or _day_above(lines[:start]),
        declared=int(found["count"]) if found else None,
        related=_related(lines[_teasers(lines, end=end) :], author=author),
        dropped=tuple(dict.fromkeys(kind for kind in kinds if kind)),
    )


def refuse(lines: Sequence[str], *, ref: str, source: str = "") -> NotAThread:
    """The reason why a page without posts is none of ours to read."""
    if _USER.search(source) or sum(1 for line in lines if furniture.counts(line)) > 1:
        return NotAThread(
            "this page lists several threads (an author's page or the home page)", where=ref, then=_SAVE_AGAIN
        )
    what = "the page was saved without its thread: it begins at the footer"
    return NotAThread(what, where=ref, then=_SAVE_AGAIN)


def is_list(lines: Sequence[str], *, source: str) -> bool:
    """Whether the page lists threads: an author's page has counts for each, and no place to refresh one."""
    refreshes = any(furniture.kind(line) == "refresh notice" for line in lines)
    return bool(_USER.search(source)) or (not refreshes and sum(1 for line in lines if furniture.counts(line)) > 1)


def assemble(posts: Iterable[Post], *, page: Page, certain: bool = True, warnings: Sequence[str] = ()) -> Thread:
    """The thread of these posts (at least one, none empty), cleaned of what the page and its habits left in them, with its warnings."""
    kept = list(posts)
    if len(kept) > 1 and _REQUEST.fullmatch(kept[-1].text):
        kept.pop()
        warnings = (*warnings, "The last post only asked a robot to unroll the thread, and was left out.")
    missing = lost(kept)
    if missing:
        warnings = (*warnings, f"By the author's own numbering, posts are missing: {', '.join(map(str, missing))}.")
    numbered = renumber([_pointed_nowhere(post) for post in uncount(kept)])
    thread = Thread(
        key=f"x:{page.root}" if page.root else f"{NAME}:{fingerprint(numbered)}",
        source=NAME,
        posts=tuple(replace(post, url=_post_url(post, page.author)) for post in numbered),
        author=page.author,
        url=f"https://threadreaderapp.com/thread/{page.root}.html" if page.root else "",
        created_at=furniture.instant(page.date) or x_post.written(page.root),
        date=page.date,
        declared=page.declared,
        related=page.related,
        truncated=bool(missing),
        warnings=tuple(warnings),
        dropped=page.dropped,
    )
    return doubted(thread, certain=certain)


def _counts_alone(line: str) -> bool:
    found = furniture.counts(line)
    return bool(found and found["minutes"])


def _first_post(lines: Sequence[str], kinds: Sequence[str], *, after: int, end: int) -> int:
    """The place of the first line that belongs to a post: past the counts line, buttons, and the author's name."""
    place = after + 1
    while place < end and (
        not lines[place]
        or kinds[place] in furniture.ABOVE
        or furniture.HANDLE.fullmatch(lines[place])
        or furniture.DAY.fullmatch(lines[place])
        or (after < 0 and _names_author(lines, kinds, place))
    ):
        place += 1
    return place


def _names_author(lines: Sequence[str], kinds: Sequence[str], place: int) -> bool:
    """A short line just above "Subscribe" or "@handle" is the author's name."""
    following = [at for at in range(place + 1, min(place + 4, len(lines))) if lines[at]][:2]
    return len(lines[place]) <= 60 and any(
        lines[at] == "Subscribe" or furniture.HANDLE.fullmatch(lines[at]) for at in following
    )


def _author(lines: Sequence[str], *, start: int, end: int) -> Author:
    around = [line for line in (*lines[:start], *lines[end:]) if line]
    handle = next(_handles(around), "")
    name = next((name for name in _names(around) if not furniture.kind(name)), "")
    url = f"https://x.com/{handle[1:]}" if handle else ""
    return Author(name=tidy(name), handle=handle, url=url)


def _handles(lines: Sequence[str]) -> Iterator[str]:
    for pattern in (furniture.MORE_FROM, furniture.THREAD_BY, furniture.HANDLE, furniture.YOU_CAN_FOLLOW):
        for line in lines:
            found = pattern.fullmatch(line)
            if found and "@" in (handle := found[found.re.groups]):
                yield handle


def _names(lines: Sequence[str]) -> Iterator[str]:
    """Every line, or part of one, that stands where a page prints its author's name; the surest first."""
    for pattern in (furniture.KEEP_CURRENT, furniture.PICTURE_OF):
        for place, line in enumerate(lines):
            found = pattern.fullmatch(line)
            if found and found[1]:
                yield found[1]
            elif found and pattern is furniture.KEEP_CURRENT:
                yield from lines[place + 1 : place + 2]
    for place, line in enumerate(lines[1:], start=1):
        if line == "Subscribe" or furniture.HANDLE.fullmatch(line):
            yield lines[place - 1]


def _day_above(lines: Sequence[str]) -> str:
    days = (furniture.DAY.fullmatch(line) for line in reversed(lines))
    return next((day[1] for day in days if day), "")


def _teasers(lines: Sequence[str], *, end: int) -> int:
    marked = (at for at in range(end, len(lines)) if furniture.MORE_FROM.fullmatch(lines[at]))
    return next(marked, end)


def _related(lines: Sequence[str], *, author: Author) -> tuple[Related, ...]:
    """The threads in a "More from" box: a date, some posts, "Read 8 tweets"; either of the two may be missing."""
    found: list[Related] = []
    date, words = "", [""]
    for line in (*lines, "Jan 1"):
        day, more = furniture.DAY.fullmatch(line), furniture.READ_MORE.fullmatch(line)
        if (day and date) or more:
            found += _teaser(words, date=date, posts=int(more[1]) if more else None)
        if day or more:
            date, words = day[1] if day else "", []
        elif not furniture.kind(line) and line not in (author.name, author.handle):
            words.append(line)
    return tuple(dict.fromkeys(found))


def _teaser(words: Iterable[str], *, date: str, posts: int | None) -> list[Related]:
    text = tidy(re.sub(r"(?:Image)+$", "", "\n".join(words), flags=re.MULTILINE))
    return [Related(text=text, date=date, posts=posts)] if text else []


def _pointed_nowhere(post: Post) -> Post:
    """A trailing 🧵👇 points down a page that is left behind."""
    found = _POINTERS.search(post.text)
    return cut(post, found.start(), found.end()) if found and found.start() else post


def _post_url(post: Post, author: Author) -> str:
    return f"https://x.com/{author.handle[1:]}/status/{post.id}" if post.id and author.handle else ""
