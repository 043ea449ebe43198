"""Folders, ZIP and tar files: what in them can be a thread, one Raw each. An archive of X or of the Fediverse is one.

Nothing is ever written to disk, no link is followed, and what comes out is bounded in count, size and depth.
"""

from __future__ import annotations

import gzip
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PurePosixPath

from digest.errors import InputError
from digest.sources import activitypub, x_archive
from digest.sources.beside import Beside, Files, Packed
from digest.sources.raw import MAX_BYTES, Raw, decode

MOST_FILES = 20_000
MOST_BYTES = 600 * 1024 * 1024  # everything together
_MOST_PATHS = 10 * MOST_FILES  # looked at in a folder
MOST_DEPTH = 2  # archives inside archives
_READABLE = re.compile(r"\.(?:html?|xhtml|txt|text|md|markdown|json|jsonl|jsonfeed|xml|rss|atom|rdf)$", re.IGNORECASE)
_PACKED = re.compile(r"\.(?:zip|tar|tgz|tar\.gz|tar\.xz|tar\.bz2)$", re.IGNORECASE)
_ASIDE = re.compile(
    r"(?:^|/)(?:\.|__MACOSX/|node_modules/|[^/]+_files/)"
)  # hidden, and what browsers save beside a page
_THEN = "Unpack it yourself, and import what you trust."
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, lzma.LZMAError, zlib.error, EOFError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file in a container: its name with slashes, its size as told, and the way to its bytes (at most `limit`)."""

    name: str
    size: int
    read: Callable[[int], bytes]


Found = Raw | InputError
"""One thing out of a container, or why it could not be had: one bad file does not end the rest."""


def owns(ref: str, head: bytes = b"") -> bool:
    """Whether REF is a folder, or a file that holds files."""
    path = Path(ref)
    if path.is_dir():
        return True
    return head.startswith(b"PK\x03\x04") or (head[257:262] == b"ustar") or bool(head and _PACKED.search(ref.lower()))


def opened(ref: str) -> Iterator[Found]:
    """All that REF holds, file by file, in the order of their names. Raises InputError when it cannot be opened."""
    path = Path(ref)
    budget = _Budget()
    if path.is_dir():
        yield from _sorted_out(_in_folder(path), ref=ref, budget=budget, depth=0)
        return
    with path.open("rb") as file:
        yield from _unpacked(file, ref=ref, budget=budget, depth=0)


def siblings(ref: str) -> Iterator[Found]:
    """One file of an X archive that lies on disk, with the others of that archive beside it."""
    folder = Path(ref).parent
    members = _regular(folder, sorted(folder.iterdir()))
    yield from _sorted_out(members, ref=ref, budget=_Budget(), depth=0, wanted=x_archive.FILES)


class _Budget:
    """How many bytes may still come out, over all depths."""

    def __init__(self) -> None:
        self.left = MOST_BYTES

    def take(self, member: Member, *, ref: str) -> bytes:
        data = member.read(min(MAX_BYTES, self.left) + 1)
        if len(data) > MAX_BYTES:
            raise InputError(f"it is larger than {MAX_BYTES // 2**20} MB", where=ref, then=_THEN)
        self.left -= len(data)
        if self.left < 0:
            raise InputError(f"it unpacks to more than {MOST_BYTES // 2**20} MB", where=ref, then=_THEN)
        return data


# ── what kind of container ────────────────────────────────────────────────────────────────────────


def _in_folder(folder: Path) -> list[Member]:
    """The regular files below `folder`."""
    return _regular(folder, sorted(islice(folder.rglob("*"), _MOST_PATHS)))


def _regular(folder: Path, paths: Sequence[Path]) -> list[Member]:
    """What of these are files; links lead elsewhere and are left alone."""
    return [
        Member(name=path.relative_to(folder).as_posix(), size=path.stat().st_size, read=_reader(path))
        for path in paths
        if path.is_file() and not path.is_symlink() and not _linked(path, folder)
    ]


def _linked(path: Path, folder: Path) -> bool:
    return any((folder / parent).is_symlink() for parent in path.relative_to(folder).parents)


def _reader(path: Path) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        with path.open("rb") as file:
            return file.read(limit)

    return read


def _unpacked(file: io.BufferedIOBase | io.BufferedReader, *, ref: str, budget: _Budget, depth: int) -> Iterator[Found]:
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as zipped:
                yield from _sorted_out(_in_zip(zipped), ref=ref, budget=budget, depth=depth)
        else:
            file.seek(0)
            with tarfile.open(fileobj=file, mode="r:*") as tar:
                yield from _sorted_out(_in_tar(tar, ref=ref), ref=ref, budget=budget, depth=depth)
    except _BROKEN as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"this archive is broken ({reason})", where=ref, then="Download or pack it again.") from error


def _in_zip(zipped: zipfile.ZipFile) -> list[Member]:
    def reader(entry: zipfile.ZipInfo) -> Callable[[int], bytes]:
        def read(limit: int) -> bytes:
            with zipped.open(entry) as file:
                return file.read(limit)

        return read

    entries = (entry for entry in zipped.infolist() if not entry.is_dir() and (entry.external_attr >> 28) != 0o12)
    return [Member(name=entry.filename, size=entry.file_size, read=reader(entry)) for entry in entries]


def _in_tar(tar: tarfile.TarFile, *, ref: str) -> list[Member]:
    def reader(entry: tarfile.TarInfo) -> Callable[[int], bytes]:
        def read(limit: int) -> bytes:
            file = tar.extractfile(entry)
            return file.read(limit) if file else b""

        return read

    members: list[Member] = []
    unpacked = 0
    for entry in tar:  # a tar has no list of contents: to know its names is to unpack it, so that is bounded too
        unpacked += entry.size
        if len(members) > MOST_FILES or unpacked > 20 * MOST_BYTES:
            raise InputError("it unpacks to more than any archive of threads", where=ref, then=_THEN)
        if entry.isfile():
            members.append(Member(name=entry.name, size=entry.size, read=reader(entry)))
    return members


# ── what is in it ─────────────────────────────────────────────────────────────────────────────────


def _sorted_out(
    members: Sequence[Member],
    *,
    ref: str,
    budget: _Budget,
    depth: int,
    wanted: re.Pattern[str] = _READABLE,
) -> Iterator[Found]:
    """An account's archive as one Raw; else every readable file by itself."""
    if len(members) > MOST_FILES:
        raise InputError(f"it holds more than {MOST_FILES:,} files", where=ref, then=_THEN)
    around = Packed({_plain(member.name): member.read for member in members})
    posts = [member for member in members if x_archive.POSTS.fullmatch(_base(member))]
    outboxes = [member for member in members if _base(member) == "outbox.json"]
    if posts:
        yield _with(_of_x(members, posts, ref=ref, budget=budget), around, own=_account(posts[0].name))
    elif outboxes:
        for outbox in outboxes:
            yield _with(_outbox(outbox, members, ref=ref, budget=budget), around, own=outbox.name)
    else:
        for member in sorted(members, key=lambda member: _natural(member.name)):
            for found in _file(member, ref=ref, budget=budget, depth=depth):
                yield _with(found, around, own=member.name)


def _with(found: Found, around: Files, *, own: str) -> Found:
    """What was found, and the files that lie around it; inside an archive of its own it has others."""
    if isinstance(found, InputError) or found.beside:
        return found
    return replace(found, beside=Beside(files=around, own=_plain(own)))


def _plain(name: str) -> str:
    return name.replace("\\", "/").removeprefix("./")


def _account(posts: str) -> str:
    """Where the folder of an X archive's pictures lies: beside its posts, or above them in the oldest ones."""
    return _plain(posts).replace("/js/tweets/", "/").replace("/tweets/", "/")


def _file(member: Member, *, ref: str, budget: _Budget, depth: int) -> Iterator[Found]:
    where = f"{ref}/{member.name}"
    readable, packed = _READABLE.search(member.name), _PACKED.search(member.name)
    if not (readable or packed):
        return
    try:
        if ".." in PurePosixPath(member.name.replace("\\", "/")).parts or member.name.startswith(("/", "\\")):
            raise InputError("its name leads out of the archive, and it was not read", where=where, then=_THEN)
        if _ASIDE.search(member.name):
            return
        if packed:
            yield from _nested(member, where=where, budget=budget, depth=depth)
        else:
            yield decode(_data(member, where=where, budget=budget), ref=where)
    except InputError as error:
        yield error


def _nested(member: Member, *, where: str, budget: _Budget, depth: int) -> Iterator[Found]:
    if depth + 1 > MOST_DEPTH:
        raise InputError("archives are packed into each other too deeply", where=where, then=_THEN)
    data = _data(member, where=where, budget=budget)
    yield from _unpacked(io.BytesIO(data), ref=where, budget=budget, depth=depth + 1)


def _data(member: Member, *, where: str, budget: _Budget) -> bytes:
    try:
        return budget.take(member, ref=where)
    except (RuntimeError, NotImplementedError) as error:  # how zipfile says: encrypted, or packed in an unknown way
        raise InputError(f"it cannot be unpacked ({error})", where=where, then=_THEN) from error
    except _BROKEN as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise InputError(f"it cannot be read ({reason})", where=where, then="Pack or download it again.") from error


def _of_x(members: Sequence[Member], posts: Sequence[Member], *, ref: str, budget: _Budget) -> Found:
    """The files of an X archive, those beside the posts alone."""
    folder = posts[0].name.rpartition("/")[0]
    chosen = {member.name: member for member in posts}
    around = (folder, folder.removesuffix("/tweets").removesuffix("/js"))
    chosen |= {
        member.name: member
        for member in members
        if x_archive.FILES.fullmatch(_base(member)) and member.name.rpartition("/")[0] in around
    }
    try:
        raws = [
            decode(_data(member, where=f"{ref}/{member.name}", budget=budget), ref=f"{ref}/{member.name}")
            for member in sorted(chosen.values(), key=lambda member: _natural(member.name))
        ]
    except InputError as error:
        return error
    warnings = tuple(dict.fromkeys(warning for raw in raws for warning in raw.warnings))
    return x_archive.gathered((raw.document for raw in raws), ref=ref, warnings=warnings)


def _outbox(outbox: Member, members: Sequence[Member], *, ref: str, budget: _Budget) -> Found:
    """An account's outbox, with the actor that lies beside it."""
    folder = outbox.name.rpartition("/")[0]
    where = f"{ref}/{outbox.name}"
    actors = [member for member in members if member.name == f"{folder}/actor.json".lstrip("/")]
    try:
        raw = decode(_data(outbox, where=where, budget=budget), ref=where)
        actor = decode(_data(actors[0], where=where, budget=budget), ref=where).document if actors else None
    except InputError as error:
        return error
    return activitypub.with_actor(raw, actor)


def _base(member: Member) -> str:
    return member.name.rpartition("/")[2]


def _natural(name: str) -> list[tuple[int, str]]:
    """ "2.txt" before "10.txt"."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d{1,18})", name)]
