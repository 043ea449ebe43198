"""Who is who: the marks by which an author is known wherever a thread of theirs was saved. Pure; it keeps no list."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from digest.model import Author

_LAST_OF_PATH = frozenset(["bsky.app", "threadreaderapp.com"])  # /profile/NAME, /user/NAME
_X = frozenset(["x.com", "twitter.com", "mobile.x.com", "mobile.twitter.com"])


@lru_cache(maxsize=16_384)
def marks(author: Author) -> frozenset[str]:
    """By handle, address and name; any of them is enough to know the author again."""
    said = (author.handle if author.handle.startswith("@") else f"@{author.handle}" * bool(author.handle), author.url)
    return frozenset(mark for mark in (*map(_mark, said), _folded(author.name)) if mark)


def meant(ref: str) -> frozenset[str]:
    """The marks of whom a person means by a handle, an address (of a profile or a post) or a name; none for "".

    One word may be either a handle without its @ or a name.
    """
    ref = ref.strip()
    word = bool(ref) and not re.search(r"[\s/]", ref) and not ref.startswith("@")
    return frozenset(mark for mark in (_mark(ref), f"@{_folded(ref)}" if word else "") if mark)


def _mark(said: str) -> str:
    if re.match(r"https?://", said, re.IGNORECASE):
        return _of_address(said)
    return _folded(said)


def _of_address(url: str) -> str:
    """The handle that an address stands for, where its shape is known; else the address without what may vary."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.")
    path = [part for part in parts.path.split("/") if part]
    if host in _X and path:
        return f"@{_folded(path[0])}"
    if host in _LAST_OF_PATH and len(path) > 1 and path[0] in ("profile", "user"):
        return f"@{_folded(path[1])}"
    name = path[0] if path and path[0].startswith("@") else f"@{path[1]}" if path[:1] == ["users"] and path[1:] else ""
    if name:
        return _folded(name if "@" in name[1:] else f"{name}@{host}")
    return _folded("/".join([host, *path]))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
