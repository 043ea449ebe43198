"""The places that threads come from, one file each, and the way to ask them all. Foreign shapes end in this room."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from digest.errors import NotAThread
from digest.model import Thread
from digest.sources import markdown, threadreader_clip, threadreader_html, threadreader_text
from digest.sources.raw import Raw, decode, fetch

__all__ = ["SOURCES", "Raw", "Source", "decode", "fetch", "read"]


class Source(Protocol):
    """What a file of this room offers."""

    def owns(self, raw: Raw, /) -> bool:
        """Whether this is of its shape."""
        ...

    def read(self, raw: Raw, /) -> Thread:
        """The thread in it. Raises NotAThread with the reason when it holds none."""
        ...


SOURCES: tuple[Source, ...] = (threadreader_html, threadreader_clip, threadreader_text, markdown)
"""In the order in which they are asked: the pickiest first."""


def read(raw: Raw) -> Thread:
    """The thread that `raw` holds, by the first source that knows its shape. Raises NotAThread when none does."""
    source = next((source for source in SOURCES if source.owns(raw)), None)
    if source is None:
        then = "A saved Thread Reader page (text or HTML), Markdown and plain text can be imported."
        raise NotAThread("no source here knows this shape", where=raw.ref, then=then)
    thread = source.read(raw)
    return replace(thread, warnings=(*raw.warnings, *thread.warnings))
