"""The pictures that came along with a thread: beside it in its archive or folder, or in the folder that a browser saved with
a page. Looks nowhere else, whatever path a stranger's file names."""

from __future__ import annotations

import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol
from urllib.parse import unquote, urlsplit

from digest.model import Media

# How archives say that a file of theirs is broken, encrypted, packed in an unknown way, or that they are closed.
_UNREADABLE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError),
    *(OSError, EOFError, ValueError, RuntimeError, NotImplementedError),
)
MAX_BYTES = 12 * 1024 * 1024  # of one picture
_SAVED = ("_files", "-Dateien", "_fichiers", "_archivos", "_file")  # browsers speak their users' languages
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp)$", re.IGNORECASE)
_COPY = re.compile(r"(?:\(\d+\))?(?:\.\w{2,5})?$")  # "sea(1).jpg" is a second sea.jpg, and X's addresses have no ending


class Files(Protocol):
    """The files around: by name, with slashes."""

    def under(self, folder: str) -> Sequence[str]:
        """The names of the files in that very folder."""
        ...

    def read(self, name: str) -> bytes | None:
        """At most 12 MB of the file; None when there is no such file, or not any more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What lies around a thread's file, which is called `own` among `files`."""

    files: Files
    own: str

    def find(self, medium: Media, *, post: str) -> bytes | None:
        """The picture of a medium of the post with this id, when it came along."""
        found = (self.files.read(name) for name in self._names(medium, post))
        return next((data for data in found if data), None)

    def _names(self, medium: Media, post: str) -> Iterator[str]:
        home, _, own = self.own.rpartition("/")
        if medium.file:
            yield _joined(home, medium.file)
            yield _joined(home, medium.file[max(0, medium.file.find("media_attachments/")) :])  # a Fediverse archive
        wanted = PurePosixPath(unquote(urlsplit(medium.still).path)).name
        if wanted and post:
            yield from (_joined(home, f"{folder}/{post}-{wanted}") for folder in ("tweets_media", "tweet_media"))
        for ending in _SAVED if wanted else ():
            names = self.files.under(_joined(home, PurePosixPath(own).stem + ending))
            yield from sorted(
                (name for name in names if _alike(name, wanted)), key=lambda name: not name.endswith(wanted)
            )


def local(source: str) -> str:
    """`source` as the path of a picture beside the page that names it; "" for an address, for a path that leads out of
    there, and for what is no picture."""
    path = _path(source)
    return path if _PICTURE.search(path) else ""


def saved(source: str) -> str:
    """`source` as a path in the folder that a browser saved with the page, else ""."""
    path = _path(source)
    return path if path.partition("/")[0].endswith(_SAVED) and "/" in path else ""


def _path(source: str) -> str:
    path = unquote(source.strip().partition("?")[0].partition("#")[0]).replace("\\", "/").removeprefix("./")
    if ":" in path or path.startswith("/") or ".." in path.split("/"):
        return ""
    return path


def _joined(home: str, path: str) -> str:
    return f"{home}/{path}".lstrip("/")


def _alike(name: str, wanted: str) -> bool:
    base = name.rpartition("/")[2]
    return base == wanted or _COPY.sub("", base) == _COPY.sub("", wanted)


# ── where the files are ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Packed:
    """The files of an archive, as long as it is open."""

    readers: Mapping[str, Callable[[int], bytes]]

    def under(self, folder: str) -> Sequence[str]:
        return [name for name in self.readers if name.rpartition("/")[0] == folder]

    def read(self, name: str) -> bytes | None:
        reader = self.readers.get(name)
        if reader is None:
            return None
        try:
            data = reader(MAX_BYTES + 1)
        except _UNREADABLE:
            return None
        return data if len(data) <= MAX_BYTES else None


@dataclass(frozen=True, slots=True)
class OnDisk:
    """The files of a folder. No link is followed, and nothing above it is looked at."""

    folder: Path

    def under(self, folder: str) -> Sequence[str]:
        try:
            return [f"{folder}/{path.name}" for path in (self.folder / folder).iterdir()]
        except OSError:
            return []

    def read(self, name: str) -> bytes | None:
        path, home = self.folder / name, self.folder.resolve()
        try:
            if not path.is_file() or path.resolve() != home / name:
                return None
            data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b""
        except (OSError, ValueError):
            return None
        return data or None
