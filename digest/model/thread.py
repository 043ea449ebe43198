"""A thread, as every source gives it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote it. `handle` has its leading @ ("@ada"); "" where the source gives none."""

    name: str = ""
    handle: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A stretch of a post's text that leads somewhere: `text[start:end]`, in code points."""

    url: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A picture, film or sound beside a post. `url` may be "" when the source only says that there was one; `file` is its
    path beside the thread's own file, where it came along."""

    kind: Literal["image", "video", "gif", "audio"]
    url: str = ""
    alt: str = ""
    poster: str = ""
    width: int = 0
    height: int = 0
    file: str = ""

    @property
    def still(self) -> str:
        """Where the picture to show for it comes from, as its source names it: an address, a path, or ""."""
        return (self.url or self.file) if self.kind == "image" else self.poster


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Another's post that this post shows."""

    text: str
    author: Author = Author()
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The preview of a linked page: its title, its site, where it leads."""

    url: str
    title: str
    site: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer of a poll; `votes` is None where nobody says how many chose it."""

    text: str
    votes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A question to the readers with its answers, as it stood when the thread came in. It cannot be answered here."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post. `text` is plain text with \\n between lines, cleaned; `number` counts from 1.

    `edited_at` is None where it was never changed, or nobody says so.
    """

    number: int
    text: str
    id: str = ""
    url: str = ""
    created_at: datetime | None = None
    links: tuple[Link, ...] = ()
    media: tuple[Media, ...] = ()
    quotes: tuple[Quote, ...] = ()
    card: Card | None = None
    content_warning: str = ""
    poll: Poll | None = None
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another thread by the same author, as a page's "More from" shows it. `date` is the page's own wording."""

    text: str
    date: str = ""
    posts: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """One thread, whatever it came from. `key` tells two threads apart for ever, across imports of the same page.

    `title` is "" unless the source or the editor gave one; `date` is the page's own wording where no
    instant is known; `lang` a BCP 47 tag, or "" when nobody said; `declared` the number of posts that the page claims.
    `engagement` is how often its first post was liked and passed on, None where the source does not count it.
    """

    key: str
    source: str
    posts: tuple[Post, ...]
    author: Author = Author()
    title: str = ""
    url: str = ""
    lang: str = ""
    created_at: datetime | None = None
    date: str = ""
    declared: int | None = None
    engagement: int | None = None
    related: tuple[Related, ...] = ()
    truncated: bool = False
    warnings: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All posts as one text, a blank line between them."""
        return "\n\n".join(post.text for post in self.posts)
