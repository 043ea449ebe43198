"""Posts of X as Readwise exports them, for Obsidian and for Logseq: highlights, each with the address of its post, or a whole
document.

Of a document nobody says where one post ends; that is said. Notes of whoever collected them are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digest.errors import NotAThread
from digest.model import Author, Media, Post, Thread
from digest.sources import article, markup, x_post
from digest.sources.doubts import doubted
from digest.sources.hypertext import Block
from digest.sources.numbering import renumber, uncount
from digest.sources.prose import compose, fingerprint, has_something, tidy, web_url
from digest.sources.raw import Raw, bounded

NAME = "readwise"
_HEAD = re.compile(r"^## Metadata\n(.{0,50000}?)^## (?:Highlights|Full Document)", re.MULTILINE | re.DOTALL)
_TOLD = re.compile(r"^- (Author|Full Title|Category|URL): (.+)$", re.MULTILINE)
_PROPERTY = re.compile(r"^([a-z-]{1,40}):: (.+)$", re.MULTILINE)
_SECTION = re.compile(r"^## (Highlights|New highlights added|Full Document)[^\n]*\n", re.MULTILINE)
_BULLET = re.compile(r"^- ", re.MULTILINE)
_VIEW = re.compile(
    r"\s*\(\[View (?:Tweet|Highlight)\]\((?:(https?://[^\s()]+?/status/(\d{1,20}))|https?://read\.readwise\.io/)[^\s()]*\)\)"
)
_STATUS = re.compile(r"/status/(\d{1,20})")
_NOTES = re.compile(r"^ {2,4}- (?:Note|Tags): .*$", re.MULTILINE)
_PASSAGES = "These are passages that somebody marked, and not the whole thread."
_HANDLE = re.compile(r"@\w{1,30}")


def owns(raw: Raw) -> bool:
    """Whether it is Readwise's export of posts."""
    if "## Metadata" not in raw.text[:2000] and "category::" not in raw.text[:2000]:
        return False
    head = _HEAD.search(_spelt(raw.text))
    return head is not None and "#tweets" in _told(head[1]).get("Category", "")


def read(raw: Raw) -> Thread:
    """The posts in it. Raises NotAThread when there are none."""
    text = _spelt(bounded(raw.text, ref=raw.ref))
    told = _told(text[: _SECTION.search(text).start()])  # type: ignore[union-attr]
    status = _STATUS.search(told.get("URL", ""))
    marked = _in_order([_highlight(chunk) for chunk in _chunks(text)], of_one=bool(status))
    whole = [post for post in article.posts(_blocks(text)) if has_something(post)]
    marked = marked if _letters(marked) >= _letters(whole) else []  # of a whole document, only parts may be marked
    posts = marked or whole
    passages = bool(marked) and not any(post.id for post in marked)
    if not posts:
        raise NotAThread("there are no posts in it", where=raw.ref, then="Export it from Readwise again.")
    root = status[1] if status else ""
    thread = Thread(
        key=f"x:{root}" if root else f"{NAME}:{fingerprint(posts)}",
        source=NAME,
        posts=renumber(uncount(posts) if marked else posts),
        author=_author(told.get("Author", "")),
        url=web_url(told.get("URL", "").partition("?")[0]),
        created_at=x_post.written(root or posts[0].id),
        truncated=passages,
        warnings=(_PASSAGES,) if passages else tuple(_warnings(posts, marked=bool(marked), status=bool(status))),
        dropped=("notes of who collected it",) if _NOTES.search(text) else (),
    )
    return doubted(thread)


def _letters(posts: Sequence[Post]) -> int:
    return sum(len(post.text) for post in posts)


def _spelt(text: str) -> str:
    """The export as Obsidian gets it; Logseq's has properties ("author:: Ada"), and lists of highlights a tab further in."""
    text = text.replace("\r\n", "\n")
    if not re.match(r"\s*[a-z-]{1,40}:: ", text):
        return text
    head, _, body = text.partition("\n\n")
    told = [f"- {name.replace('-', ' ').title()}: {value}" for name, value in _PROPERTY.findall(head)]
    body = re.sub(
        r"^- (?:Highlights first synced|New highlights added)[^\n]*", "## Highlights", body, flags=re.MULTILINE
    )
    body = re.sub(r"^\t", "", body, flags=re.MULTILINE).replace("\n\t", "\n    ")
    return "\n".join(["## Metadata", *told, "", body]).replace("- Url:", "- URL:", 1)


def _warnings(posts: Sequence[Post], *, marked: bool, status: bool) -> Iterator[str]:
    if not marked:
        yield "Readwise does not keep where one post ends and the next begins: that was guessed. Check the posts."
    elif not status:
        yield "These are single posts that somebody collected: they may belong to several threads, or to none."
    elif len(posts) == 1:
        yield "It is a single post, as far as it was collected."


def _told(head: str) -> dict[str, str]:
    return {name: value.strip() for name, value in _TOLD.findall(head)}


def _author(said: str) -> Author:
    name = re.sub(r"\s+on Twitter$", "", said.strip("[] "))
    handle = _HANDLE.search(name)
    return Author(
        name="" if handle else tidy(name),
        handle=handle[0] if handle else "",
        url=f"https://x.com/{handle[0][1:]}" if handle else "",
    )


def _sections(text: str, *, whole: bool) -> Iterator[str]:
    """What stands below the headings of the highlights, or of the whole document."""
    heads = list(_SECTION.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    for head, end in zip(heads, ends, strict=True):
        if (head[1] == "Full Document") is whole:
            yield text[head.end() : end]


def _chunks(text: str) -> list[str]:
    """The highlights that are posts, without the two blanks that their lines are moved in by."""
    chunks = [chunk for part in _sections(text, whole=False) for chunk in _BULLET.split(part)[1:]]
    return [re.sub(r"^ {2}", "", _NOTES.sub("", chunk), flags=re.MULTILINE) for chunk in chunks]


def _highlight(chunk: str) -> Post:
    media: list[Media] = []
    at = _VIEW.search(chunk)
    words, links = compose(markup.read(_VIEW.sub("", chunk), media=media))
    return Post(
        number=0,
        text=words,
        links=links,
        media=tuple(media),
        id=(at[2] or "") if at else "",
        url=web_url(at[1] or "") if at else "",
        created_at=x_post.written(at[2] or "") if at else None,
    )


def _in_order(posts: Sequence[Post], *, of_one: bool) -> list[Post]:
    """Each post once. A thread's come in the order of writing: who marks some later finds them at the end of the file."""
    kept = list({post.id or id(post): post for post in posts if has_something(post)}.values())
    return sorted(kept, key=lambda post: int(post.id or 0)) if of_one and all(post.id for post in kept) else kept


def _blocks(text: str) -> Iterator[Block]:
    for part in _sections(text, whole=True):
        for chunk in re.split(r"\n{2,}", part):
            block = Block(kind="heading" if chunk.startswith("#") else "p")
            block.words = list(markup.read(chunk, media=block.media))
            if block.text or block.media:
                yield block
