"""The sheet that a digest is printed from: everything its templates may set, each part bounded. Knows no markup."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from urllib.parse import urlsplit

from digest.desk.furniture import Words, day, many
from digest.desk.rich import web
from digest.model import Author, Card, Headline, Marks, Media, Point, Post, Quote, Related, Summary, Thread
from digest.text import clean, direction, minutes, one_line, shorten, word_count

LONG = 2_000  # characters; a post beyond this may be cut within, since dropping it whole would lose too much
_LANG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_RIGHT_TO_LEFT = {"ar", "arc", "ckb", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"}
_PLACES = {"x.com": "X", "twitter.com": "X", "bsky.app": "Bluesky", "threads.net": "Threads", "threads.com": "Threads"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead:
    """What the newsletter says of itself. `why` is the line "Why this one"; `reason` stands before the reader's
    address in the footer (else the language's own sentence); `web` says that the page has an address; `marked`
    is a flag such as "Test"."""

    name: str
    postal_address: str
    issued_on: date
    why: str = ""
    reason: str = ""
    web: bool = False
    marked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One digest before it is set. `posts` are those that are printed; `broken` says that the last is only begun."""

    thread: Thread
    summary: Summary
    headline: Headline
    masthead: Masthead
    marks: Marks
    words: Words
    lang: str
    dir: Literal["ltr", "rtl"]
    posts: tuple[Post, ...]
    broken: bool = False
    dense: bool = False

    @property
    def left(self) -> int:
        """How many posts are not printed at all."""
        return len(self.thread.posts) - len(self.posts)

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset(post.number for post in self.posts)

    @property
    def url(self) -> str:
        return web(self.thread.url)

    @property
    def place(self) -> str:
        """Where the original stands: "X", "Mastodon" …, or its host."""
        parts = urlsplit(self.url)
        host = (parts.hostname or "").removeprefix("www.").removeprefix("mobile.")
        return _PLACES.get(host) or ("Mastodon" if re.match(r"/@[^/]+/\d+", parts.path) else host)

    @property
    def byline(self) -> str:
        name, handle = self.thread.author.name, self.thread.author.handle
        return f"{name} ({handle})" if name and handle else name or handle

    @property
    def initials(self) -> str:
        """For the circle in the author's place: one or two letters, "" when the name has none."""
        words = [word for word in re.split(r"[\s.\-_@]+", self.byline.partition(" (")[0]) if word[:1].isalpha()]
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def facts(self) -> tuple[str, ...]:
        """The line under the title: when, how many posts, how long to read."""
        thread, words = self.thread, self.words
        when = day(thread.created_at, words) if thread.created_at else thread.date
        count, length = many(words["posts"], len(thread.posts)), minutes(word_count(thread.text))
        return tuple(filter(None, (when, count, words["minutes"].format(length))))

    @property
    def issued(self) -> str:
        return day(self.masthead.issued_on, self.words)

    @property
    def padding(self) -> str:
        """Blanks after the preheader, or mail programs fill the rest of their inbox line from the page's head."""
        return "\u00a0\u200c" * max(0, 130 - len(self.headline.preheader))


def tongue(lang: str, text: str) -> tuple[str, Literal["ltr", "rtl"]]:
    """The language to declare and the way it runs. Unknown: judged by its script, for a reader's voice needs one."""
    if _LANG.fullmatch(lang):
        return lang, "rtl" if lang.lower().partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
    if direction(text) == "ltr":
        return "en", "ltr"
    return ("he" if re.search("[\u05d0-\u05ea]", text) else "ar"), "rtl"


def upto(sheet: Sheet, allowance: int) -> Sheet:
    """The sheet with as many posts as weigh at most `allowance`; a long post that would not fit is begun, not lost."""
    kept: list[Post] = []
    for post in sheet.thread.posts:
        if _weight(post) > allowance:
            return replace(sheet, posts=(*kept, *_begun(post, allowance)), broken=bool(_begun(post, allowance)))
        kept.append(post)
        allowance -= _weight(post)
    return replace(sheet, posts=tuple(kept), broken=False)


def weight(thread: Thread) -> int:
    """How much a thread weighs: a little less than the bytes that it takes on the page, however densely it is set."""
    return sum(_weight(post) for post in thread.posts)


def _weight(post: Post) -> int:
    return len(post.text) + 60 + 100 * (len(post.media) + len(post.quotes) + bool(post.card)) + 30 * len(post.links)


def _begun(post: Post, allowance: int) -> tuple[Post, ...]:
    if len(post.text) < LONG or allowance < LONG // 4:
        return ()
    text = shorten(post.text, allowance)
    links = tuple(link for link in post.links if link.end < len(text))
    return (replace(post, text=text, links=links, media=(), quotes=(), card=None),)


def bounded(thread: Thread) -> Thread:
    """The thread with every part that surrounds its posts held to a sensible length, and on one line."""
    return replace(
        thread,
        author=_author(thread.author),
        date=_line(thread.date, 60),
        posts=tuple(_post(post) for post in thread.posts),
        related=tuple(_related(other) for other in thread.related[:8]),
    )


def bounded_summary(summary: Summary) -> Summary:
    points = tuple(Point(text=_line(point.text, 700), posts=point.posts[:6]) for point in summary.points[:8])
    return replace(summary, points=() if summary.kind == "none" else points)


def bounded_headline(headline: Headline) -> Headline:
    return Headline(
        title=_line(headline.title, 200), subject=one_line(headline.subject), preheader=_line(headline.preheader, 200)
    )


def _line(text: str, limit: int) -> str:
    return shorten(one_line(text), limit)


def _author(author: Author) -> Author:
    return replace(author, name=_line(author.name, 80), handle=_line(author.handle, 80))


def _post(post: Post) -> Post:
    return replace(
        post,
        media=tuple(_medium(medium) for medium in post.media[:16]),
        quotes=tuple(_quote(quote) for quote in post.quotes[:4]),
        card=post.card and _card(post.card),
        content_warning=_line(post.content_warning, 200),
    )


def _medium(medium: Media) -> Media:
    return replace(medium, alt=_line(medium.alt, 500))


def _quote(quote: Quote) -> Quote:
    return replace(quote, author=_author(quote.author), text=shorten(clean(quote.text), 1_000))


def _card(card: Card) -> Card:
    return replace(card, title=_line(card.title, 160), site=_line(card.site, 60))


def _related(other: Related) -> Related:
    return replace(other, text=_line(other.text, 300), date=_line(other.date, 60))
