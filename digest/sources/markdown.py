"""Threads as a person writes them, in Markdown or plain text, and the library's own export. What it writes, it reads back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import cast

import yaml
from pydantic import TypeAdapter, ValidationError

from digest.errors import InputError, NotAThread
from digest.model import Author, Media, Post, Thread
from digest.sources import article, boundaries, front_matter, furniture, markup, mistaken, x_post
from digest.sources.doubts import doubted
from digest.sources.numbering import renumber, uncount
from digest.sources.prose import compose, fingerprint, has_something, pieces, tidy, web_url
from digest.sources.raw import Bundle, Raw, bounded, cut

NAME = "text"
_NOT_PROSE = re.compile(
    r"\s*(?:<(?:!doctype|html|head|body|\?xml)|\{\s*[\"\[{]|\[\s*(?:[\"{]|\[\s*[\"\[{])|window\.YTD)", re.IGNORECASE
)
_STATUS = re.compile(r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/(\w{1,30})/status/(\d{1,20})\S{0,200}")
_NOT_CALLED = frozenset([".js", ".json", ".xml", ".rss", ".atom", ".css", ".py"])
_RULE = re.compile(r"^[ \t]*(?:-{3,}|\*{3,}|_{3,}|(?:\* ){2,}\*)[ \t]*$", re.MULTILINE)
_WIDE = re.compile(r"\n{3,}")  # who leaves two lines empty between posts, has paragraphs in them
_TITLE = re.compile(r"\s*# +([^\n]{1,300})\n")
_NAME_AND_HANDLE = re.compile(r"([^@]*?)(?:^|\s+)\(?(@[\w.-]+(?:@[\w.-]+)?)\)?")
_MORE = re.compile(r"\n*^```post\n(.*?)\n^```\s*\Z", re.MULTILINE | re.DOTALL)
_THREAD, _POST = TypeAdapter(Thread), TypeAdapter(Post)


def owns(raw: Raw) -> bool:
    """Whether it is prose: anything but HTML, XML, data and what is called so."""
    called = PurePath(raw.ref).suffix.lower()
    return raw.document is None and called not in _NOT_CALLED and _NOT_PROSE.match(raw.text) is None


def split(raw: Raw) -> Bundle:
    """A Raw for each front matter: clippings that were put into one file are several threads."""
    return cut(raw, front_matter.documents(raw.text))


def read(raw: Raw) -> Thread:
    """The thread in `raw`: posts between "---" lines, or numbered ("1/"), or between blank lines.

    Front matter may give title, author, handle, url, date and lang. It is Markdown when it has front matter or is
    called so (.md), plain text otherwise. Raises NotAThread without words and for a list of addresses or of settings,
    InputError for a damaged export.
    """
    matter, body = front_matter.split(bounded(raw.text, ref=raw.ref).replace("\r\n", "\n"))
    if not matter:
        mistaken.refuse(raw)
    marked = bool(matter) or PurePath(raw.ref).suffix.lower() in {".md", ".markdown"}
    title = _TITLE.match(body) if marked and "key" not in matter else None
    chunks = _chunks(body[title.end() :] if title else body, marked=marked)
    try:
        found = [_marked(chunk) if marked else _plain(chunk) for chunk in chunks]
        posts = renumber(list(filter(has_something, found)))
        if not any(character.isalnum() for post in posts for character in post.text):
            raise NotAThread("there are no words in it", where=raw.ref, then="Check that this is the right file.")
        if "key" in matter:
            return _exported(matter, posts)
        if not _RULE.search(body):
            posts = renumber(article.illustrated(posts))
    except (ValidationError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"this export is damaged ({reason})", where=raw.ref, then="Export the thread again."
        ) from error
    return doubted(_handwritten(matter, renumber(uncount(posts)), title=title[1] if title else ""))


def write(thread: Thread) -> str:
    """`thread` as Markdown with front matter, such that `read` gives back an equal thread.

    What Markdown has no words for (ids, quotes, cards, films) stands in a fenced block of JSON after its post.
    """
    matter = cast(
        dict[str, object], _THREAD.dump_python(thread, mode="json", exclude={"posts", "author"}, exclude_defaults=True)
    )
    author = {"author": thread.author.name, "handle": thread.author.handle, "profile": thread.author.url}
    head = {"title": matter.pop("title", ""), **author, **matter}
    block = yaml.safe_dump({k: v for k, v in head.items() if v}, allow_unicode=True, sort_keys=False, width=1000)
    return f"---\n{block}---\n\n" + "".join(f"{_write_post(post)}\n\n---\n\n" for post in thread.posts)


def _chunks(body: str, *, marked: bool) -> list[str]:
    """The posts' sources."""
    if _RULE.search(body):
        return _RULE.split(body)
    lines = [" ".join(line.split()) for line in body.split("\n")]
    numbered = boundaries.by_numbers(lines)
    if numbered:
        return numbered
    # In Markdown, a line of two blanks is a break inside a paragraph, not the end of one.
    if marked:
        return re.split(r"\n{3,}" if len(_WIDE.findall(body.strip())) > 1 else r"\n{2,}", body)
    found = boundaries.by_blank_lines(lines)
    return found if len(found) > 1 else boundaries.by_lists(lines)


def _plain(chunk: str) -> Post:
    text, links = compose(pieces(chunk))
    return Post(number=0, text=text, links=links)


def _marked(chunk: str) -> Post:
    """A post in Markdown, and what its fenced block adds."""
    more = _MORE.search(chunk)
    media: list[Media] = []
    text, links = compose(markup.read(chunk[: more.start()] if more else chunk, media=media))
    told = _washed(json.loads(more[1])) if more else {}
    post = (
        _POST.validate_python({**told, "number": 0, "text": text})
        if isinstance(told, dict)
        else Post(number=0, text=text)
    )
    return replace(post, links=links, media=post.media or tuple(media))


def _washed(value: object, key: str = "") -> object:
    """Values out of somebody's file: texts cleaned, and only web addresses left where an address stands."""
    if isinstance(value, dict):
        return {str(name): _washed(inner, str(name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [_washed(inner, key) for inner in value]
    if isinstance(value, str):
        return web_url(value) if key in {"url", "poster"} else tidy(value)
    return value


def _exported(matter: Mapping[str, object], posts: Sequence[Post]) -> Thread:
    told = cast(dict[str, object], _washed(dict(matter)))
    author = Author(
        name=str(told.pop("author", "")), handle=str(told.pop("handle", "")), url=web_url(str(told.pop("profile", "")))
    )
    return replace(_THREAD.validate_python({**told, "posts": ()}), posts=tuple(posts), author=author)


def _handwritten(matter: Mapping[str, object], posts: Sequence[Post], *, title: str) -> Thread:
    date = front_matter.word(matter, "date", "published")
    name, handle = front_matter.word(matter, "author").strip("[]"), front_matter.word(matter, "handle")
    url, posts = _placed(front_matter.word(matter, "url", "source"), posts)
    status = _STATUS.fullmatch(url)
    if not handle:
        name, handle = _told_apart(name if name != "Unknown" else "")  # so Obsidian's web clipper calls nobody
    if status and not (name or handle) and status[1] != "i":
        handle = status[1]
    return Thread(
        key=f"{NAME}:{fingerprint(posts)}",
        source=NAME,
        posts=tuple(posts),
        author=Author(name=name, handle=f"@{handle.lstrip('@')}" if handle else ""),
        title=front_matter.word(matter, "title") or tidy(title),
        url=web_url(url),
        lang=front_matter.word(matter, "lang", "language"),
        created_at=furniture.instant(date) or (x_post.written(status[2]) if status else None),
        date=date,
    )


def _placed(url: str, posts: Sequence[Post]) -> tuple[str, Sequence[Post]]:
    """Where the thread stands, and its posts: some keep its address as the first line, which is no post."""
    first = posts[0].text.strip()
    if url or len(posts) == 1 or not _STATUS.fullmatch(first):
        return url, posts
    return first, renumber(posts[1:])


def _told_apart(author: str) -> tuple[str, str]:
    """Name and handle where one entry holds both: "Ada (@ada@example.social)", or "@ada" alone."""
    both = _NAME_AND_HANDLE.fullmatch(author)
    return (both[1], both[2]) if both else (author, "")


def _write_post(post: Post) -> str:
    """Text, pictures that are no more than words and address, then the rest as JSON."""
    simple = all(
        picture == Media(kind="image", url=picture.url, alt=picture.alt) and picture.url and "\n" not in picture.alt
        for picture in post.media
    )
    shown = [markup.write_picture(picture) for picture in post.media] if simple else []
    omitted = {"number", "text", "links"} | ({"media"} if simple else set())
    more = _POST.dump_python(post, mode="json", exclude=omitted, exclude_defaults=True)
    fence = [f"```post\n{json.dumps(more, ensure_ascii=False, indent=1)}\n```"] if more else []
    text = markup.write(post.text, links=post.links)
    return "\n\n".join([*([text] if text else []), *shown, *fence])
