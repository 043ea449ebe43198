"""A post or a thread of X as a web clipper keeps it (Obsidian's and its kin): Markdown, with a line for each author."""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.errors import NotAThread
from digest.model import Author, Media, Post, Thread
from digest.sources import front_matter, furniture, markup, x_post
from digest.sources.doubts import doubted
from digest.sources.numbering import lost, renumber, uncount
from digest.sources.prose import compose, has_something, tidy, web_url
from digest.sources.raw import Bundle, Raw, bounded, cut

NAME = "x"
_SOURCE = re.compile(r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/\w{1,30}/status/(\d{5,20})")
_DATE = r"(?:\[(?P<day>[^\]\n]{1,40})\]\((?P<url>[^)\s]{1,300})\)|(?P<bare>\d{4}-\d\d-\d\d))"
_BY = re.compile(rf"^\*\*(?P<name>[^\n]{{1,200}}?)\*\* (?P<handle>@[\w\\]{{1,60}})(?: {_DATE})?[ \t]*$", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*(?:-{3,}|\*{3,})[ \t]*$", re.MULTILINE)
_TITLE = re.compile(r"(?:Thread|Post) by @\w{1,30}.{0,100}|Unknown")


def owns(raw: Raw) -> bool:
    """Whether its front matter names a post of X, and a line of its own who wrote it."""
    matter, body = front_matter.split(raw.text[:20_000].replace("\r\n", "\n"))
    return bool(_SOURCE.match(front_matter.word(matter, "source", "url"))) and _BY.search(body) is not None


def split(raw: Raw) -> Bundle:
    """A Raw for each clipping that was put into the file."""
    return cut(raw, front_matter.documents(raw.text))


def read(raw: Raw) -> Thread:
    """The author's posts in it, which a line across or their name parts. Raises NotAThread when it holds no words."""
    matter, body = front_matter.split(bounded(raw.text, ref=raw.ref).replace("\r\n", "\n"))
    source = front_matter.word(matter, "source", "url")
    heads = list(_BY.finditer(body))
    handle = heads[0]["handle"].replace("\\", "")
    own = [head for head in heads if head["handle"].replace("\\", "").casefold() == handle.casefold()]
    posts = [post for head in own for post in _posts(body, head, heads) if has_something(post)]
    if not posts:
        raise NotAThread("there are no words in it", where=raw.ref, then="Clip it again when it has loaded.")
    root = _SOURCE.match(source)[1]  # type: ignore[index]
    title = front_matter.word(matter, "title")
    date = heads[0]["day"] or heads[0]["bare"] or front_matter.word(matter, "published")
    others = len(heads) - len(own)
    thread = Thread(
        key=f"x:{root}",
        source=NAME,
        posts=renumber(uncount(posts)),
        author=Author(name=tidy(heads[0]["name"]), handle=handle, url=f"https://x.com/{handle[1:]}"),
        title="" if _TITLE.fullmatch(title) else title,
        url=f"https://x.com/{handle[1:]}/status/{root}",
        created_at=x_post.written(root) or furniture.instant(date),
        date=date,
        truncated=bool(lost(posts)),
        warnings=("It is a single post, as far as it was clipped.",) if len(posts) == 1 else (),
        dropped=(f"{others} posts by others",) if others else (),
    )
    return doubted(thread)


def _posts(body: str, head: re.Match[str], heads: Sequence[re.Match[str]]) -> list[Post]:
    """What stands between a line of the author's and the next line of anybody's."""
    end = next((other.start() for other in heads if other.start() > head.start()), len(body))
    parts = _RULE.split(body[head.end() : end])
    status = _SOURCE.match(head["url"] or "")
    first, *more = [_post(part) for part in parts]
    return [_placed(first, status), *more]


def _placed(post: Post, status: re.Match[str] | None) -> Post:
    if status is None:
        return post
    return Post(
        number=0,
        text=post.text,
        links=post.links,
        media=post.media,
        id=status[1],
        url=web_url(status[0]),
        created_at=x_post.written(status[1]),
    )


def _post(part: str) -> Post:
    media: list[Media] = []
    text, links = compose(markup.read(part, media=media))
    return Post(number=0, text=text, links=links, media=tuple(media))
