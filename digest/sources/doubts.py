"""What looks wrong in a thread as it came in, said to a person. It mends nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from digest.model import Post, Thread
from digest.text import shorten

_POINTS_ON = re.compile(r"(?::|👇|⬇\ufe0f?|➡\ufe0f?|→)\W*$")
_SHORTENED = re.compile(r"(?<![\w@.])[\w-]{1,60}(?:\.[\w-]{1,60}){1,4}/[^\s…]{0,200}…")


def doubted(thread: Thread, *, certain: bool = True) -> Thread:
    """`thread` with its warnings: what is missing, what does not add up, and boundaries that are not `certain`."""
    return replace(thread, warnings=(*thread.warnings, *_doubts(thread, certain=certain)))


def _doubts(thread: Thread, *, certain: bool) -> Iterator[str]:
    if not (thread.author.name or thread.author.handle):
        yield "It does not say who wrote it."
    if not (thread.date or thread.created_at):
        yield "It does not say when it was written."
    if not certain:
        yield "Boundaries uncertain: where one post ends and the next begins was guessed. Check the posts."
    if thread.declared not in (None, len(thread.posts)):
        yield f"The page declares {thread.declared} posts, and {len(thread.posts)} were found."
    yield from _lost_links(thread.posts)


def _lost_links(posts: Sequence[Post]) -> Iterator[str]:
    last = posts[-1]
    if _POINTS_ON.search(last.text[-20:]) and not (last.links or last.media or last.quotes or last.card):
        yield f"Post {last.number} lost its links: “{_end(last.text)}” leads nowhere."
    for post in posts:
        linked = {place for link in post.links for place in range(link.start, link.end)}
        for found in _SHORTENED.finditer(post.text):
            if found.start() not in linked:
                yield f"Post {post.number} lost a link: only “{found[0]}” is left of it."


def _end(text: str) -> str:
    return shorten(text[::-1], 60)[::-1]
