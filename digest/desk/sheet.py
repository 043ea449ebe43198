"""The sheet that a digest is printed from: everything its templates may set, each part bounded. Knows no markup."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from urllib.parse import urlsplit

from digest.desk.adornments import Logo, Support
from digest.desk.bounds import bounded, bounded_headline, bounded_summary, line
from digest.desk.furniture import Languages, Words, day, many
from digest.desk.furniture import words as words_in
from digest.desk.rich import web
from digest.model import Headline, Marks, Post, Summary, Thread
from digest.text import direction, minutes, shorten, word_count

LONG = 2_000  # characters; a post beyond this may be cut within, since dropping it whole would lose too much
_LANG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_RIGHT_TO_LEFT = {"ar", "arc", "ckb", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"}
_PLACES = {"x.com": "X", "twitter.com": "X", "bsky.app": "Bluesky", "threads.net": "Threads", "threads.com": "Threads"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead:
    """What the newsletter says of itself. `logo` stands for its name, `support` asks for the readers' help. `why` is the line "Why this one"; `reason` stands before the reader's
    address in the footer (else the language's own sentence); `web` says that the page has an address, `opinion` that readers are asked for theirs; `marked`
    is a flag such as "Test"."""

    name: str
    postal_address: str
    issued_on: date
    why: str = ""
    reason: str = ""
    web: bool = False
    opinion: bool = False
    marked: str = ""
    logo: Logo | None = None
    support: Support | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One digest before it is set. `facts` is the line under the title: when, how many posts, how long to read.
    `posts` are those that are printed; `broken` says that the last is only begun, `gone` that the author took the thread back."""

    thread: Thread
    summary: Summary
    headline: Headline
    masthead: Masthead
    marks: Marks
    words: Words
    lang: str
    dir: Literal["ltr", "rtl"]
    facts: tuple[str, ...]
    posts: tuple[Post, ...] = ()
    broken: bool = False
    dense: bool = False
    gone: bool = False

    @property
    def left(self) -> int:
        """How many posts are not printed at all."""
        return len(self.thread.posts) - len(self.posts)

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset(post.number for post in self.posts)

    @property
    def url(self) -> str:
        return "" if self.gone else web(self.thread.url)

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
        """For the circle in the author's place: "" when the name has no letter, else one, or two where letters have
        capitals. Two of a joined script would read as a word: lam and alef are Arabic for "no"."""
        words = [word for word in re.split(r"[\s.\-_@]+", self.byline.partition(" (")[0]) if word[:1].isalpha()]
        letters = "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
        return letters if letters != letters.lower() else letters[:1]

    @property
    def issued(self) -> str:
        return day(self.masthead.issued_on, self.words)

    @property
    def padding(self) -> str:
        """Blanks after the preheader, or mail programs fill the rest of their inbox line from the page's head."""
        return "\u00a0\u200c" * max(0, 130 - len(self.headline.preheader))


def laid(
    thread: Thread,
    *,
    summary: Summary,
    headline: Headline,
    masthead: Masthead,
    marks: Marks,
    languages: Languages,
    lang: str,
) -> Sheet:
    """The sheet for a thread, every part of it bounded, and no post on it yet. `lang` is a BCP 47 tag, or ""."""
    lang, way = _tongue(lang or thread.lang, thread.text)
    words = words_in(languages, lang)
    return Sheet(
        thread=bounded(thread),
        summary=bounded_summary(summary),
        headline=bounded_headline(headline),
        masthead=masthead,
        marks=marks,
        words=words,
        lang=lang,
        dir=way,
        facts=_facts(thread, words),
    )


def _tongue(lang: str, text: str) -> tuple[str, Literal["ltr", "rtl"]]:
    """The language to declare and the way it runs. Unknown: judged by its script, for a reader's voice needs one."""
    if _LANG.fullmatch(lang):
        return lang, "rtl" if lang.lower().partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
    if direction(text) == "ltr":
        return "en", "ltr"
    return ("he" if re.search("[\u05d0-\u05ea]", text) else "ar"), "rtl"


def _facts(thread: Thread, words: Words) -> tuple[str, ...]:
    when = day(thread.created_at, words) if thread.created_at else line(thread.date, 60)
    count, length = many(words["posts"], len(thread.posts)), minutes(word_count(thread.text))
    return tuple(filter(None, (when, count, words["minutes"].format(length))))


def upto(sheet: Sheet, allowance: int) -> Sheet:
    """The sheet with as many posts as weigh at most `allowance`; a long post that would not fit is begun, not lost."""
    kept: list[Post] = []
    for post in sheet.thread.posts:
        if _weight(post) > allowance:
            begun = _begun(post, allowance)
            return replace(sheet, posts=(*kept, *begun), broken=bool(begun))
        kept.append(post)
        allowance -= _weight(post)
    return replace(sheet, posts=tuple(kept), broken=False)


def weight(thread: Thread) -> int:
    """How much a thread weighs: a little less than the bytes that it takes on the page, however densely it is set."""
    return sum(_weight(post) for post in thread.posts)


def _weight(post: Post) -> int:
    beside = len(post.media) + len(post.quotes) + bool(post.card) + (len(post.poll.choices) if post.poll else 0)
    return len(post.text) + 60 + 100 * beside + 30 * len(post.links)


def _begun(post: Post, allowance: int) -> tuple[Post, ...]:
    if len(post.text) < LONG or allowance < LONG // 4:
        return ()
    text = shorten(post.text, allowance)
    links = tuple(link for link in post.links if link.end < len(text))
    return (replace(post, text=text, links=links, media=(), quotes=(), card=None, poll=None),)
