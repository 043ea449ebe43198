"""A thread as sentences that could be shown: each an exact stretch of its post, without numbering, 🧵 and calls to action."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digest.desk import phrases, sentences
from digest.model import Post, Thread

_NUMBER = r"(?:[\[(]?\s*(\d{1,3})\s*(?:/\s*(?:\d{1,3}|n|x)?\s*[\])]?[.:]?)|/\s*(\d{1,3}))"
_LEADING_NUMBER = re.compile(rf"^\W*?{_NUMBER}(?=\s|$|[^\w/])\s*[-–—:.)]?\s*", re.IGNORECASE)
_TRAILING_NUMBER = re.compile(rf"\s*(?<![\w/]){_NUMBER}\s*$", re.IGNORECASE)
_ITEM = re.compile(r"^\s*(?:[-–—•*·▪‣◦→➡✅☑✔👉🔹🔸]️?\s*|(\d{1,3})\s*(?:[.)](?=\s)|️?⃣)\s*)")
_LEADING_MARKS = re.compile(r"^[\s🧵👇⬇️️↓]+")
_TRAILING_MARKS = re.compile(r"(?:\s*(?:🧵|👇|⬇|↓|🔽)️?|[\s:]*(?:👉|➡|⤵)️?)+\s*$")
_BARE = re.compile(r"(?:https?://\S+|www\.\S+|[#@][\w.@-]+|[\W_])*")
_RULE = re.compile(r"[\W_]{40}")
"""A line that is drawn, not written ("-----"); it also would keep the patterns here busy for minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One sentence: the number of its post, the place of that post and of its line in the thread (from 0)."""

    text: str
    post: int
    at: int
    line: int


def read(thread: Thread) -> list[Passage]:
    """All sentences worth showing, in thread order. Posts behind a content warning give none."""
    found: list[Passage] = []
    line = 0
    for at, post in enumerate(thread.posts):
        if post.content_warning:
            continue
        for text in lines(post):
            line += 1
            found += [Passage(text=one, post=post.number, at=at, line=line) for one in _showable(text)]
    return found


def lines(post: Post) -> list[str]:
    """The lines of a post that say something, without the thread's own numbering ("3/", "(3/9)") at either end."""
    raw = [line.strip() for line in post.text.splitlines() if line.strip() and not _RULE.search(line)]
    if raw:
        raw[0] = _unnumbered(raw[0], _LEADING_NUMBER, post.number)
        raw[-1] = _unnumbered(raw[-1], _TRAILING_NUMBER, post.number)
    return [line for line in map(tidy, raw) if not _BARE.fullmatch(line) and not phrases.NOISE.match(line)]


def tidy(text: str) -> str:
    """`text` without the marks of a thread at its ends: 🧵, 👇, "(Thread)", ", a thread"."""
    bare = _TRAILING_MARKS.sub("", _LEADING_MARKS.sub("", text)).strip()
    return phrases.SIGNPOST.sub("", bare).strip() if not phrases.NOISE.match(bare) else bare


def item(text: str) -> re.Match[str] | None:
    """The bullet or number that makes a line one of a list; group 1 is the number, if it is one."""
    return _ITEM.match(text)


def unbulleted(text: str) -> str:
    """`text` without a bullet at its start; a number there is the author's own and stays."""
    mark = item(text)
    return text[mark.end() :] if mark and not mark[1] else text


def idle(text: str) -> bool:
    """Whether a sentence says nothing of its own: links or tags only, "Thread!", a call to action."""
    return bool(_BARE.fullmatch(text) or phrases.NOISE.match(text) or phrases.CALL.search(text))


def _unnumbered(line: str, pattern: re.Pattern[str], number: int) -> str:
    """A number belongs to the thread only if it is near the post's own: "24/7" and "9/11" stay."""
    marker = pattern.search(line)
    if not marker or abs(int(marker[1] or marker[2]) - number) > 1:
        return line
    return (line[: marker.start()] + line[marker.end() :]).strip()


def _showable(line: str) -> Iterator[str]:
    mark = item(line)
    for sentence in sentences.split(line[mark.end() :] if mark else line):
        text = tidy(sentence)
        if text and not idle(text):
            yield text
