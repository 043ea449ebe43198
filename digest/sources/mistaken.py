"""Knows the texts that lie beside a digest and must never become a thread: a list of readers, a file of settings.

A thread is mailed to everybody; `digest import readers.csv`, meant for `digest subscribers import`, would mail the list.
"""

from __future__ import annotations

import re

from digest.errors import NotAThread
from digest.sources.raw import Raw

_ADDRESS = re.compile(r"(?:^|[,;\t<])[ \"']{0,3}\w[\w.+-]*@[\w-]+(?:\.[\w-]+)+[ \"']{0,3}(?:$|[,;\t>])")
_SETTING = re.compile(r"(?:export\s+)?[A-Z][A-Z0-9_]*\s*=")


def refuse(raw: Raw) -> None:
    """Raises NotAThread when two lines in three hold a mail address as a field, or all are settings and comments."""
    lines = [line.strip() for line in raw.text.splitlines() if line.strip()]
    if 3 * sum(_ADDRESS.search(line) is not None for line in lines) >= 2 * len(lines):
        then = f"`digest subscribers import {raw.ref}` takes readers."
        raise NotAThread(
            "it is a list of mail addresses, and a thread is mailed to everybody", where=raw.ref, then=then
        )
    told = [line for line in lines if not line.startswith("#")]
    if told and all(map(_SETTING.match, told)):
        then = "Import the thread's page or text."
        raise NotAThread("it is a file of settings, and a thread is mailed to everybody", where=raw.ref, then=then)
