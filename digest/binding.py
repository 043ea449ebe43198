"""Finds out what the spine of a thread says, and the words by which it is found. Once, when the thread comes in."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from digest.model import Author, Shelved, Thread
from digest.spine import CHECKS, Girth, Spine, Topic
from digest.text import word_count
from digest.tongue import language, words

_SAMPLE = 2_000  # characters of a thread; its topic is plain by then
_SOUGHT = 200_000  # characters of a thread by which it is found
_WORD = re.compile(rf"[{words.DENSE}]+|[^\W_{words.DENSE}]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """The words by which a thread is found, folded, a space between them: where a word stands says how much it counts."""

    title: str
    author: str
    posts: str


def spine(shelved: Shelved) -> Spine:
    """The spine of a thread that is open already."""
    thread = shelved.thread
    return Spine(
        id=shelved.id,
        key=thread.key,
        title=shelved.title,
        author=Author(name=thread.author.name, handle=thread.author.handle, url=thread.author.url),
        girth=girth(thread),
        standing=shelved.standing,
        imported_at=shelved.imported_at,
        rank=shelved.rank,
        gone=shelved.gone_at is not None,
        source=thread.source,
        lang=words.primary(language.of(thread)),
        warned=any(post.content_warning for post in thread.posts),
        flaws=_flaws(thread),
        engagement=thread.engagement,
        date=f"{thread.created_at:%Y-%m-%d}" if thread.created_at else thread.date,
        related=len(thread.related),
        warnings=thread.warnings,
    )


def girth(thread: Thread) -> Girth:
    return Girth(
        posts=len(thread.posts),
        letters=sum(len(post.text) for post in thread.posts),
        words=word_count(thread.text),
        spaced=" " in thread.posts[0].text,
        truncated=thread.truncated,
    )


def topic(thread: Thread) -> Topic:
    return Counter(words.terms(thread.text[:_SAMPLE], lang=language.of(thread)))


def _flaws(thread: Thread) -> int:
    media = [medium for post in thread.posts for medium in post.media]
    checks = (
        not thread.truncated,
        not thread.warnings,
        thread.declared in (None, len(thread.posts)),
        all(medium.alt for medium in media),
        sum(len(post.links) for post in thread.posts) <= len(thread.posts),
    )
    return CHECKS - sum(checks)


# ── to be found by ────────────────────────────────────────────────────────────────────────────────


def sought(shelved: Shelved) -> Sought:
    thread = shelved.thread
    seen = [part for post in thread.posts for part in (post.text, post.content_warning, *(m.alt for m in post.media))]
    return Sought(
        title=" ".join(folded(f"{thread.title} {shelved.headline}")),
        author=" ".join(folded(f"{thread.author.name} {thread.author.handle}")),
        posts=" ".join(folded("\n".join(seen)[:_SOUGHT])),
    )


def folded(text: str) -> list[str]:
    """The words of a text without case and accents, so that "cafe" finds "Café"; pairs of characters, and the last one
    alone, where a script has no spaces between words."""
    bare = text.casefold()
    if not bare.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
        bare = unicodedata.normalize("NFC", bare)  # Korean syllables were taken apart, too
    return [part for word in _WORD.findall(bare) for part in _parts(word)]


def _parts(word: str) -> list[str]:
    if not words.DENSE_RUN.match(word):
        return [word]
    return [*(a + b for a, b in pairwise(word)), word[-1]]
