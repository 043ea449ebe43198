"""What can be seen of a thread on the shelf without opening it: enough to put aside most of ten thousand. Judges nothing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from digest.model import Author, Shelved, Standing, Thread
from digest.text import word_count

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Girth:
    """How much there is of a thread. `letters` are characters; `spaced` says whether its script has spaces between words."""

    posts: int
    letters: int
    words: int
    spaced: bool
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Spine:
    """A thread on the shelf, closed: who wrote it, how much it is, and where it stands."""

    id: int
    key: str
    author: Author
    girth: Girth
    standing: Standing
    imported_at: datetime
    rank: int | None = None


def spine(shelved: Shelved) -> Spine:
    """The spine of a thread that is open already."""
    return Spine(
        id=shelved.id,
        key=shelved.thread.key,
        author=shelved.thread.author,
        girth=girth(shelved.thread),
        standing=shelved.standing,
        imported_at=shelved.imported_at,
        rank=shelved.rank,
    )


def girth(thread: Thread) -> Girth:
    return Girth(
        posts=len(thread.posts),
        letters=sum(len(post.text) for post in thread.posts),
        words=word_count(thread.text),
        spaced=" " in thread.posts[0].text,
        truncated=thread.truncated,
    )


def sought(thread: Thread) -> str:
    """Every word by which a thread is found, once, each after a space, folded: its title, its author, its posts."""
    author = (thread.author.name, thread.author.handle)
    seen = [part for post in thread.posts for part in (post.text, post.content_warning, *(m.alt for m in post.media))]
    return "".join(f" {word}" for word in sorted(set(folded(" ".join([thread.title, *author, *seen])))))


def folded(text: str) -> list[str]:
    """The words of a text without case and accents, so that "cafe" finds "Café"."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return _WORD.findall(bare)
