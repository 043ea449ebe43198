"""Compares two copies of a thread: whether they are the same thread, what changed between them, in sentences, and what the
newer would lose. It decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import zip_longest

from digest.model import Media, Post, Thread
from digest.text import one_line, shorten

Pair = tuple[Post | None, Post | None]
_ALIKE = 0.5  # of the words: below that, another post or another thread stands there


# ── the same thread? ──────────────────────────────────────────────────────────────────────────────


def same(before: Thread, after: Thread) -> bool:
    """Whether both are one thread: by their keys, or where those come from the words, by half of the words."""
    return before.key == after.key or _likeness(before.text, after.text) >= _ALIKE


def _likeness(one: str, other: str) -> float:
    """The share of the words of `one` that `other` has, in any order."""
    words, there = one.casefold().split(), set(other.casefold().split())
    return sum(word in there for word in words) / len(words) if words else 0.0


# ── what changed ──────────────────────────────────────────────────────────────────────────────────


def changed(before: Thread, after: Thread) -> tuple[str, ...]:
    """What a reader would see to be different, a sentence each. Posts that are gone count as they did before, all others as
    they do now."""
    pairs = matched(before, after)
    return (
        *_edited(pairs),
        *_gone([old for old, new in pairs if old and not new]),
        *_came([new for old, new in pairs if new and not old]),
        *_named(before, after),
    )


def spared(before: Thread, after: Thread) -> Thread:
    """`before`, without the posts that are gone in `after`."""
    left = [old for old, new in matched(before, after) if old and new]
    return replace(before, posts=tuple(replace(post, number=n) for n, post in enumerate(left, start=1)))


def matched(before: Thread, after: Thread) -> list[Pair]:
    """The posts of both, each with what it became; None where there is none."""
    olds, news = ({post.id: post for post in thread.posts if post.id} for thread in (before, after))
    if len(olds) < len(before.posts) or len(news) < len(after.posts) or not olds.keys() & news.keys():
        return list(_by_words(before.posts, after.posts))
    kept: list[Pair] = [(post, news.get(post.id)) for post in before.posts]
    return [*kept, *((None, post) for post in after.posts if post.id not in olds)]


def _by_words(before: Sequence[Post], after: Sequence[Post]) -> Iterator[Pair]:
    """Where posts have no ids: equal ones in the same order, and between them what is alike."""
    old_texts, new_texts = ([post.text for post in posts] for posts in (before, after))
    for kind, i, j, k, m in SequenceMatcher(None, old_texts, new_texts, autojunk=False).get_opcodes():
        for old, new in zip_longest(before[i:j], after[k:m]):
            if kind == "replace" and old and new and _likeness(old.text, new.text) < _ALIKE:
                yield from ((old, None), (None, new))
            else:
                yield old, new


def _edited(pairs: Sequence[Pair]) -> Iterator[str]:
    """The posts by what is different in them."""
    found: dict[tuple[str, ...], list[int]] = {}
    for old, new in pairs:
        if old and new and (kinds := tuple(_different(old, new))):
            found.setdefault(kinds, []).append(new.number)
    for kinds, numbers in found.items():
        yield f"{_posts(numbers)} edited ({', '.join(kinds)})."


def _different(old: Post, new: Post) -> Iterator[str]:
    if old.text != new.text:
        yield "words"
    if [link.url for link in old.links] != [link.url for link in new.links] and old.text == new.text:
        yield "links"
    if [medium.kind for medium in old.media] != [medium.kind for medium in new.media]:
        yield "pictures"
    elif [medium.alt for medium in old.media] != [medium.alt for medium in new.media]:
        yield "descriptions of pictures"
    if old.content_warning != new.content_warning:
        yield "content warning"
    if [quote.text for quote in old.quotes] != [quote.text for quote in new.quotes]:
        yield "quotes"


def _gone(posts: Sequence[Post]) -> Iterator[str]:
    if 0 < len(posts) <= 3:
        for post in posts:
            yield f"The former post {post.number} is gone: “{shorten(one_line(post.text), 60)}”"
    elif posts:
        yield f"{len(posts)} posts are gone."


def _came(posts: Sequence[Post]) -> Iterator[str]:
    if posts:
        yield f"{_posts([post.number for post in posts])} added."


def _named(before: Thread, after: Thread) -> Iterator[str]:
    if after.title != before.title:
        yield f"Its title is “{shorten(one_line(after.title), 80)}” now." if after.title else "Its title is gone."
    if after.author.name != before.author.name and after.author.name:
        yield f"Its author is called “{shorten(one_line(after.author.name), 80)}” now."


def _posts(numbers: Sequence[int]) -> str:
    """ "Post 3 was", "Posts 1, 2 and 5 were"."""
    *most, last = map(str, numbers)
    return f"Posts {', '.join(most)} and {last} were" if most else f"Post {last} was"


# ── what would be lost ────────────────────────────────────────────────────────────────────────────


def loss(copy: Thread, kept: Thread) -> str:
    """What would be lost if `copy`, from anywhere, took the place of `kept`; "" when nothing would."""
    if len(copy.posts) < len(kept.posts):
        return f"this copy has {len(copy.posts)} posts, the one on the shelf {len(kept.posts)}"
    if copy.truncated and not kept.truncated:
        return "this copy is not whole, the one on the shelf is"
    if len(copy.text) * 10 < len(kept.text) * 9:
        return "this copy has less text than the one on the shelf"
    lost = [what for what, (new, old) in _wealth(copy, kept).items() if new * 2 < old]
    return f"this copy has lost {' and '.join(lost)} that the one on the shelf has" if lost else ""


def shrunk(copy: Thread, kept: Thread) -> str:
    """What makes a page that was looked at again doubtful: an author may shorten a text, a wall leaves a third of it."""
    if copy.truncated and not kept.truncated:
        return "it is not whole any more"
    if len(copy.text) * 3 < len(kept.text) * 2:
        return "it has less than two thirds of its text"
    lost = [what for what, (new, old) in _wealth(copy, kept).items() if old > 1 and new * 2 < old]
    return f"it has lost {' and '.join(lost)}" if lost else ""


def _wealth(*threads: Thread) -> dict[str, list[int]]:
    """How much of what is easily lost on the way there is in each."""
    media = [[medium for post in thread.posts for medium in post.media] for thread in threads]
    return {
        "pictures": [sum(bool(medium.url) for medium in own) for own in media],
        "descriptions of pictures": [sum(_described(medium) for medium in own) for own in media],
        "links": [sum(len(post.links) for post in thread.posts) for thread in threads],
        "quotes": [sum(len(post.quotes) for post in thread.posts) for thread in threads],
        "content warnings": [sum(bool(post.content_warning) for post in thread.posts) for thread in threads],
        "its author": [bool(thread.author.name or thread.author.handle) for thread in threads],
    }


def _described(medium: Media) -> bool:
    return bool(medium.alt)
