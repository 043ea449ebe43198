"""A Thread Reader page as a web clipper keeps it: Markdown with front matter. It reads that shape only."""

from __future__ import annotations

import re
from dataclasses import replace

from digest.model import Media, Post, Thread
from digest.sources import article, boundaries, front_matter, furniture, markup, threadreader
from digest.sources.prose import compose
from digest.sources.raw import Bundle, Raw, bounded, cut

_SOURCE = re.compile(r"threadreaderapp\.com/(?:thread|scrolly|user)/")


def owns(raw: Raw) -> bool:
    """Whether it is Markdown (pictures and links on the page's own lines) around a Thread Reader page."""
    text = raw.text
    clipped = "](" in text and _SOURCE.search(front_matter.word(front_matter.split(text[:4000])[0], "source", "url"))
    return bool(clipped) or "[force a refresh](" in text


def split(raw: Raw) -> Bundle:
    """A Raw for each clipping that was put into the file."""
    return cut(raw, front_matter.documents(raw.text))


def read(raw: Raw) -> Thread:
    """The thread in the clipping. Raises NotAThread for an author's page and for one that lost its posts."""
    matter, body = front_matter.split(bounded(raw.text, ref=raw.ref).replace("\r\n", "\n"))
    source = front_matter.word(matter, "source", "url")
    lines = body.split("\n")
    shown = [" ".join(markup.plain(line).split()) for line in lines]
    page = _told(threadreader.survey(shown, source=source), matter)
    kept = [
        "" if furniture.kind(seen) in furniture.ANYWHERE else line
        for line, seen in zip(lines[page.start : page.end], shown[page.start : page.end], strict=True)
    ]
    posts = _posts(kept)
    if threadreader.is_list(shown, source=source) or not posts:
        raise threadreader.refuse(shown, ref=raw.ref, source=source)
    return threadreader.assemble(posts, page=page)


def _told(page: threadreader.Page, matter: front_matter.Matter) -> threadreader.Page:
    """`page` with what only the front matter says: its author ("[[@ada]]") and its day (not the clipping's)."""
    name = front_matter.word(matter, "author").strip("[]")
    author = page.author
    if name.startswith("@") and not author.handle:
        author = replace(author, handle=name, url=f"https://x.com/{name[1:]}")
    return replace(page, author=author, date=page.date or front_matter.word(matter, "published"))


def _posts(lines: list[str]) -> list[Post]:
    """A blank line ends a post; a line of two blanks is a break inside one. Without such breaks, counters rule."""
    text = "\n".join(lines)
    numbered = boundaries.by_numbers([line.strip() for line in lines]) if "  \n" not in text else []
    return article.illustrated(_post(chunk) for chunk in numbered or re.split(r"\n{2,}", text))


def _post(chunk: str) -> Post:
    media: list[Media] = []
    text, links = compose(markup.read(chunk, media=media))
    return Post(number=0, text=text, links=links, media=tuple(media))
