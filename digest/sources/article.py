"""An article as a thread: its paragraphs in posts of a readable length. Shared by feeds and by pages of any kind.

The words stay as they are and in their order; only where a post ends is ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from digest.model import Post
from digest.sources.hypertext import Block, join
from digest.sources.prose import compose

_ENOUGH = 240  # characters; a post shorter than this takes the next paragraph in
_TOO_LONG = 1_200  # a list or a quotation goes on to the next post beyond this


def posts(blocks: Iterable[Block]) -> list[Post]:
    """Posts, not yet numbered. A heading begins one; a picture, list or quotation stays with the words before it."""
    groups: list[list[Block]] = []
    for block in _opened(blocks):
        if not groups or _begins(block, groups[-1]):
            groups.append([block])
        else:
            groups[-1].append(block)
    return [_post(group) for group in groups]


def illustrated(posts: Iterable[Post]) -> list[Post]:
    """Pictures that stand alone belong to the post before them."""
    found: list[Post] = []
    for post in posts:
        if post.text or (post.media and not found):
            found.append(post)
        elif post.media:
            found[-1] = replace(found[-1], media=(*found[-1].media, *post.media))
    return found


def unlinked(blocks: Iterable[Block]) -> tuple[str, ...]:
    """What is said of links that hung on pictures alone: a letter has no words to hang them on."""
    behind = {url for block in blocks for url in block.behind}
    if not behind:
        return ()
    return (f"{len(behind)} links that hung on pictures alone" if len(behind) > 1 else "a link that hung on a picture",)


def _opened(blocks: Iterable[Block]) -> list[Block]:
    """Loose lines that an empty line parts are paragraphs: many pages break lines only by <br>."""
    opened: list[Block] = []
    for block in blocks:
        parts = _paragraphs(block) if block.kind in ("line", "p") else [block]
        opened += parts
    return opened


def _paragraphs(block: Block) -> list[Block]:
    parts = [Block(kind=block.kind)]
    blank = False
    for word, url in block.words:
        newline = word == "\n"
        if newline and blank and parts[-1].text:
            parts.append(Block(kind=block.kind))
        parts[-1].words.append((word, url))
        blank = newline or (blank and not word.strip())
    parts[-1].media += block.media
    return [part for part in parts if part.text or part.media]


def _begins(block: Block, group: Sequence[Block]) -> bool:
    """Whether `block` begins a new post after `group`."""
    length = sum(len(part.text) for part in group)
    if block.kind == "heading":
        return any(part.kind != "heading" for part in group)
    if block.kind in ("li", "quote", "pre", "caption") or not block.text:
        return length > _TOO_LONG
    return length >= _ENOUGH and group[-1].kind != "heading"


def _post(group: Sequence[Block]) -> Post:
    text, links = compose(join(group))
    media = tuple(dict.fromkeys(medium for block in group for medium in block.media))
    return Post(number=0, text=text, links=links, media=media)
