"""A Thread Reader page saved as text. It reads what the lines still tell, and says where it had to guess."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from digest.model import Media, Post, Thread
from digest.sources import front_matter, furniture, threadreader
from digest.sources.boundaries import blocks
from digest.sources.prose import compose, has_something, pieces, tidy
from digest.sources.raw import Raw, bounded

# A placeholder says "Image" where a picture was; fused to a word unless that word is a name ("DockerImage").
_ONLY_PICTURES = re.compile(r"(?:Image)+")
_CAPTION = re.compile(r"(.{1,1000}?)(?:\.\.\.|…)\s?((?:Image)+)")
_FUSED = re.compile(r"(?<=\S)(?<![A-Z][a-z])((?:Image){2,}|(?<![A-Za-z])Image)$")
_LEAK = re.compile(r"thread#showTweet\"[^>\n]{0,300}?data-tweet=\"?(\d{1,20})[^>\n]{0,100}>?")
_HEM = 50_000  # Long enough for any header, or footer with its teasers.
_LEAKED_NAME = re.compile(r"data-screenname=\"?(\w{1,30})")


def owns(raw: Raw) -> bool:
    """Whether a line of Thread Reader's own stands in it."""
    around = f"{raw.text[:_HEM]}\n{raw.text[-_HEM:]}"
    return furniture.SHOW_TWEET in raw.text or threadreader.is_page(_lines(around))


def read(raw: Raw) -> Thread:
    """The thread on the page. Raises NotAThread for an author's page and for one that lost its posts."""
    matter, body = front_matter.split(bounded(raw.text, ref=raw.ref))
    source = front_matter.word(matter, "source", "url")
    lines = _lines(body)
    page = threadreader.survey(lines, source=source)
    head = [line for line in lines[page.start : page.end] if furniture.kind(line) not in furniture.ANYWHERE]
    if threadreader.is_list(lines, source=source) or not any(head):
        raise threadreader.refuse(lines, ref=raw.ref, source=source)
    if _LEAK.search("\n".join(head)):
        page, posts, certain = *_from_leaks(head, page=page), True
    else:
        texts, certain = blocks(head, declared=page.declared)
        posts = [_post(text) for text in texts]
    kept = list(filter(has_something, posts))
    if not kept:
        raise threadreader.refuse(lines, ref=raw.ref, source=source)
    return threadreader.assemble(kept, page=page, certain=certain)


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.replace("\r\n", "\n").split("\n")]


def _from_leaks(head: Sequence[str], *, page: threadreader.Page) -> tuple[threadreader.Page, list[Post]]:
    """A careless converter left a piece of each post's tag behind: the best separator there is, and its id."""
    parts = _LEAK.split("\n".join(head))
    named = _LEAKED_NAME.search("\n".join(head))
    author = page.author
    if named and not author.handle:
        author = replace(author, handle=f"@{named[1]}", url=f"https://x.com/{named[1]}")
    posts = [replace(_post(text), id=id_) for id_, text in zip(parts[1::2], parts[2::2], strict=True)]
    page = replace(page, author=author, root=page.root or parts[1], dropped=(*page.dropped, "leaked markup"))
    return page, posts


def _post(block: str) -> Post:
    media: list[Media] = []
    text, links = compose(pieces("\n".join(_without_pictures(block, media=media))))
    return Post(number=0, text=text, links=links, media=tuple(media))


def _without_pictures(block: str, *, media: list[Media]) -> Iterator[str]:
    """The lines of a post; what stands for a picture goes to `media` instead."""
    for line in block.split("\n"):
        caption = _CAPTION.fullmatch(line)
        fused = _FUSED.search(line)
        if _ONLY_PICTURES.fullmatch(line):
            media += [Media(kind="image")] * line.count("Image")
        elif caption:
            media.append(Media(kind="image", alt=f"{tidy(caption[1])}…"))
        elif fused:
            media += [Media(kind="image")] * fused[0].count("Image")
            yield line[: fused.start()]
        else:
            yield line
