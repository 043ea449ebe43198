"""The places that threads come from, one file each, and the way to ask them all. Foreign shapes end in this room.

REF ─ gather ─▶ Raw, one for each file or answer ─ split ─▶ Raw, one for each thread ─ read ─▶ Thread
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol

from digest.errors import InputError, NotAThread, Several
from digest.model import Thread
from digest.sources import (
    activitypub,
    bluesky,
    container,
    feeds,
    live,
    markdown,
    mastodon,
    pages,
    readwise,
    threadreader_clip,
    threadreader_html,
    threadreader_text,
    x_archive,
    x_clip,
    x_saved,
)
from digest.sources.container import Found
from digest.sources.raw import Bundle, Raw, decode
from digest.sources.raw import fetch as read_file
from digest.sources.web import Web

__all__ = [
    "SOURCES",
    "Bundle",
    "Found",
    "Raw",
    "Source",
    "Web",
    "decode",
    "fetch",
    "gather",
    "is_many",
    "read",
    "split",
]


class Source(Protocol):
    """What a file of this room offers."""

    def owns(self, raw: Raw, /) -> bool:
        """Whether this is of its shape."""
        ...

    def read(self, raw: Raw, /) -> Thread:
        """The thread in it. Raises NotAThread with the reason when it holds none."""
        ...


class Collection(Source, Protocol):
    """A source whose documents may hold many threads."""

    def split(self, raw: Raw, /) -> Bundle:
        """A Raw for each of the threads, or the one as it is."""
        ...


COLLECTIONS: tuple[Collection, ...] = (
    *(x_archive, bluesky, activitypub, mastodon, x_saved, feeds),
    *(threadreader_clip, x_clip, markdown),
)
SOURCES: tuple[Source, ...] = (
    *(x_archive, bluesky, activitypub, mastodon, x_saved, feeds),
    *(threadreader_html, threadreader_clip, x_clip, readwise, threadreader_text, pages, markdown),
)
"""In the order in which they are asked: the pickiest first."""


def gather(ref: str, *, stdin: BinaryIO | None = None, web: Web | None = None) -> Iterator[Found]:
    """All that REF holds: one file, a page from the web, or everything in a folder, ZIP or tar file.

    What fails inside a folder or an archive is given back as an error, so that the rest goes on. Raises InputError or
    WebError when REF itself cannot be had.
    """
    if live.is_address(ref):
        yield _fetched(ref, web=web)
    elif ref != "-" and container.owns(ref, _head(ref)):
        yield from container.opened(ref)
    elif x_archive.POSTS.fullmatch(Path(ref).name):
        yield from container.siblings(ref)
    else:
        yield read_file(ref, stdin=stdin)


def fetch(ref: str, *, stdin: BinaryIO | None = None, web: Web | None = None) -> Raw:
    """The one thing that REF holds. Raises Several when a folder or an archive holds more."""
    found = list(islice(gather(ref, stdin=stdin, web=web), 2))
    if not found:
        then = "See `digest import --help` for what can be imported."
        raise NotAThread("nothing in it can be read as a thread", where=ref, then=then)
    if len(found) > 1:
        raise Several("it holds several files", where=ref, then="`digest import` takes them all.")
    if isinstance(found[0], InputError):
        raise found[0]
    return found[0]


def _fetched(ref: str, *, web: Web | None) -> Raw:
    if web is None:
        raise InputError("web addresses are not fetched here", where=ref, then="Save the page and name the file.")
    return live.fetch(ref, web=web)


def split(raw: Raw) -> Bundle:
    """The threads of `raw`, each for itself to be read; what holds one is that one."""
    source = _owner(raw)
    collection = next((one for one in COLLECTIONS if one is source), None)
    if collection is None:
        return Bundle(raws=(raw,))
    bundle = collection.split(raw)
    return replace(bundle, raws=tuple(_out_of(raw, part) for part in bundle.raws))


def _out_of(raw: Raw, part: Raw) -> Raw:
    """A part of a document lies where the whole does."""
    told = {name: getattr(raw, name) for name in ("warnings", "address", "etag", "modified", "beside")}
    return replace(part, **told)


def read(raw: Raw) -> Thread:
    """The one thread that `raw` holds, by the first source that knows its shape.

    Raises NotAThread when none does, and Several when there are more than one to choose from.
    """
    bundle = split(raw)
    if len(bundle.raws) > 1:
        then = "`digest import` lists them, and imports those that you choose."
        raise Several(f"it holds {len(bundle.raws)} threads", where=raw.ref, then=then)
    alone = bundle.raws[0]
    thread = _owner(alone).read(alone)
    return replace(thread, warnings=(*alone.warnings, *thread.warnings))


def _owner(raw: Raw) -> Source:
    source = next((source for source in SOURCES if source.owns(raw)), None)
    if source is None:
        then = "See `digest import --help` for what can be imported."
        raise NotAThread("no source here knows this shape", where=raw.ref, then=then)
    return source


def _head(ref: str) -> bytes:
    try:
        with Path(ref).open("rb") as file:
            return file.read(512)
    except (OSError, ValueError):
        return b""
