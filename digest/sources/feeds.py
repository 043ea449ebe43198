"""RSS, Atom, RDF and JSON feeds: an entry is a thread, its paragraphs the posts.

Every feed is first written as JSON Feed (jsonfeed.org/version/1.1), one entry each, and read from there.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import feedparser

from digest.errors import NotAThread
from digest.model import Author, Media, Post, Thread
from digest.sources import article, hypertext
from digest.sources.data import Json, moment, object_at, objects, word
from digest.sources.doubts import doubted
from digest.sources.numbering import renumber
from digest.sources.prose import fingerprint, has_something, tidy, web_url
from digest.sources.raw import Bundle, Raw, bounded, pack

NAME = "feed"
_VERSION = "https://jsonfeed.org/version/1.1"
_IS_FEED = re.compile(
    r"\s*(?:<\?xml[^>]{0,500}>\s*|<!--.{0,5000}?-->\s*|<\?.{0,500}?\?>\s*|<!doctype[^>]{0,500}>\s*)*"
    r"(?:<html[^>]{0,200}>\s*<body[^>]{0,200}>\s*)?<(?:rss|feed|rdf:RDF|channel)\b",
    re.S | re.I,
)
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|gif)\b", re.IGNORECASE)
_FACE = re.compile(r"gravatar\.com/|/avatar", re.IGNORECASE)  # who wrote it, not what it is about
_MOST_ENTRIES = 2_000
# A reference to a character that is none: feedparser turns it into half a pair, and stumbles over it (6.0.12).
_NO_CHARACTER = re.compile(r"&(?:amp;)*#(?:x0*d[89a-f][0-9a-f]{2}|0*5(?:529[6-9]|5[3-9]\d\d|[67]\d{3}));?", re.I)
_CUT = re.compile(
    r"(?:\[?(?:…|\.\.\.)\]?|\[&#8230;\]|\b(?:read more|continue reading|weiterlesen|lire la suite|leer más)\W*)$", re.I
)


def owns(raw: Raw) -> bool:
    """Whether it is a feed of any kind."""
    if raw.document is not None:
        return word(raw.document, "version").startswith(("https://jsonfeed.org/", "http://jsonfeed.org/"))
    return _IS_FEED.match(raw.text[:20_000]) is not None


def split(raw: Raw) -> Bundle:
    """A Raw for each entry. Raises NotAThread for a feed that is broken or empty."""
    feed = object_at(raw.document) or _converted(raw)
    items = list(
        {_identity(item): item for item in objects(feed, "items") if _content(item) or item.get("image")}.values()
    )
    broken = word(feed, "broken")
    if not items:
        what = f"this feed is broken ({broken})" if broken else "this feed has no entries with words"
        raise NotAThread(what, where=raw.ref, then="Check it with a feed validator.")
    head = {name: value for name, value in feed.items() if name not in ("items", "broken")}
    left_out = (f"{len(items) - _MOST_ENTRIES:,} older entries",) if len(items) > _MOST_ENTRIES else ()
    left_out = (*left_out, f"what follows a fault in the feed ({broken})") if broken else left_out
    kept = items[:_MOST_ENTRIES]
    raws = (pack({**head, "items": [item]}, ref=raw.ref) for item in kept)
    return Bundle(raws=tuple(raws), left_out=left_out)


def glance(raw: Raw) -> tuple[str, datetime | None]:
    """The key of the one entry in `raw`, and when it was published; its words are read only
    where nothing else tells it from others."""
    item = objects(raw.document, "items")[0]
    date = word(item, "date_published") or word(item, "date_modified")
    named = _identity(item)
    return f"{NAME}:{named}" if named else read(raw).key, moment(date)


def read(raw: Raw) -> Thread:
    """The first entry as a thread; `split` gives each its own."""
    feed = object_at(raw.document) or object_at(split(raw).raws[0].document)
    item = objects(feed, "items")[0] if objects(feed, "items") else {}
    url = web_url(word(item, "url") or word(item, "external_url"))
    blocks = hypertext.blocks(bounded(_content(item), ref=raw.ref), ref=raw.ref, base=url)
    posts = renumber([post for post in _posts(item, blocks) if has_something(post)])
    if not posts:
        raise NotAThread("this entry has no words", where=raw.ref, then="Check the address.")
    date = word(item, "date_published") or word(item, "date_modified")
    excerpt = not word(item, "content_html") and _CUT.search(posts[-1].text) is not None
    cut = excerpt or (len(posts) == 1 and _CUT.search(posts[-1].text) is not None)
    thread = Thread(
        key=f"{NAME}:{_identity(item) or fingerprint(posts)}",
        source=NAME,
        posts=posts,
        author=_author(item, feed),
        title=hypertext.plain(word(item, "title")),
        url=url,
        lang=word(item, "language") or word(feed, "language"),
        created_at=moment(date),
        date=date,
        truncated=cut,
        warnings=("The feed gives only the beginning of this entry; the rest is on its page.",) if cut else (),
        dropped=article.unlinked(blocks),
    )
    return doubted(thread)


def _posts(item: Json, blocks: Sequence[hypertext.Block]) -> list[Post]:
    posts = article.posts(blocks)
    shown = {medium.url for post in posts for medium in post.media}
    extra = [medium for medium in _attached(item) if medium.url not in shown]
    if not extra:
        return posts
    return [*posts[:-1], _with(posts[-1], extra)] if posts else [Post(number=0, text="", media=tuple(extra))]


def publisher(raw: Raw) -> Author:
    """Whose feed it is: its author where it names one, else the feed by its own name."""
    return _author({}, object_at(raw.document) or _converted(raw))


def _with(post: Post, media: list[Media]) -> Post:
    return Post(number=0, text=post.text, links=post.links, media=(*post.media, *media))


def _attached(item: Json) -> list[Media]:
    """The entry's own picture, and files beside it: a podcast's sound, a film."""
    found = [Media(kind="image", url=url)] if (url := web_url(word(item, "image"))) else []
    for attachment in objects(item, "attachments"):
        kind = word(attachment, "mime_type").partition("/")[0]
        url = web_url(word(attachment, "url"))
        if url and kind in ("image", "audio", "video"):
            found.append(Media(kind=kind, url=url, alt=tidy(word(attachment, "title"))))  # type: ignore[arg-type]
    return found


def _content(item: Json) -> str:
    return word(item, "content_html") or word(item, "content_text") or word(item, "summary")


def _identity(item: Json) -> str:
    return word(item, "id") or word(item, "url") or word(item, "title") + word(item, "date_published")


def _author(item: Json, feed: Json) -> Author:
    people = [
        *objects(item, "authors"),
        object_at(item, "author"),
        *objects(feed, "authors"),
        object_at(feed, "author"),
    ]
    person = next((one for one in people if word(one, "name")), {})
    home = web_url(word(person, "url") or word(feed, "home_page_url"))
    name = hypertext.plain(word(person, "name")) or hypertext.plain(word(feed, "title"))
    return Author(name=name or (urlsplit(home).hostname or ""), url=home)


# ── XML ───────────────────────────────────────────────────────────────────────────────────────────


def _converted(raw: Raw) -> Json:
    """The feed in `raw` as JSON Feed. feedparser reads from a stream: a text it might take for an address or a path."""
    text = _NO_CHARACTER.sub("\ufffd", raw.text)
    whole = raw.data and "\ufffd" not in text  # as it came, since feedparser knows better which encoding an XML names
    try:
        found = feedparser.parse(BytesIO(raw.data if whole else text.encode("utf-8", errors="replace")))
    except Exception as error:  # another's code on a stranger's document: whatever it stumbles over, the import goes on
        what = f"this feed is broken ({type(error).__name__})"
        raise NotAThread(what, where=raw.ref, then="Check it with a feed validator.") from error
    return {
        "version": _VERSION,
        "title": found.feed.get("title", ""),
        "home_page_url": found.feed.get("link", ""),
        "language": found.feed.get("language", ""),
        "authors": [_person(found.feed)],
        "items": [_entry(entry) for entry in found.entries],
        "broken": _fault(found.get("bozo_exception")),
    }


def _fault(error: object) -> str:
    """Why the XML could not be read to its end; "" when it could. A wrong label on good XML is no fault."""
    if not isinstance(error, Exception) or isinstance(error, feedparser.exceptions.ThingsNobodyCaresAboutButMe):
        return ""
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _entry(entry: Mapping[str, Any]) -> Json:
    bodies = [body for body in entry.get("content", []) if body.get("value")]
    # A picture's caption (media:description) comes as content, too.
    ranked = sorted(bodies, key=lambda body: (body.get("type") != "text/plain", len(body["value"])))
    html = ranked[-1]["value"] if ranked else ""
    summary = entry.get("summary", "")
    if _weight(summary) > _weight(html):
        html = ""
    files = [
        {"url": file.get("href", ""), "mime_type": file.get("type", ""), "title": file.get("title", "")}
        for file in entry.get("enclosures", [])
    ] or _films(entry)
    item: dict[str, object] = {
        "id": entry.get("id") or entry.get("link", ""),
        "url": entry.get("link", ""),
        "title": entry.get("title", ""),
        "content_html": html,
        "summary": "" if html else summary,
        "date_published": _date(entry),
        "authors": [_person(entry)],
        "language": (bodies[0].get("language") or "") if bodies else "",
        "attachments": files,
        "image": "" if "<img" in (html or summary) else _picture(entry),
    }
    return {name: value for name, value in item.items() if value}


def _weight(html: str) -> int:
    """How many letters of it are no mark-up."""
    return len(re.sub(r"<[^>]*>|\s+", "", html))


def _films(entry: Mapping[str, Any]) -> list[dict[str, str]]:
    """The film or sound beside an entry that encloses none; of its sizes the first."""
    beside = [(one.get("url", ""), one.get("type") or one.get("medium", "")) for one in entry.get("media_content", [])]
    return [{"url": url, "mime_type": kind} for url, kind in beside if kind.startswith(("video", "audio"))][:1]


def _picture(entry: Mapping[str, Any]) -> str:
    """The picture beside an entry that shows none in its words."""
    beside = (*entry.get("media_content", []), *entry.get("media_thumbnail", []))
    named = (
        one.get("url", "") for one in beside if one.get("medium") == "image" or _PICTURE.search(one.get("url", ""))
    )
    return next((url for url in named if not _FACE.search(url)), "")


def _person(told: Mapping[str, Any]) -> Json:
    detail = told.get("author_detail", {})
    return {"name": detail.get("name") or told.get("author", ""), "url": detail.get("href", "")}


def _date(entry: Mapping[str, Any]) -> str:
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC).isoformat() if parsed else ""
    except (ValueError, OverflowError):
        return ""
