"""A folder of files that is ours in part: what we wrote there is kept in step, what others put there is never touched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from digest.errors import InputError, UsageError

LEDGER = ".digest-files"  # in the folder: path → SHA-256 of everything that we wrote there


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a writing did: how many files there are, how many of them are new or changed, which old ones went, and which
    were left because somebody else had changed them."""

    files: int
    changed: int
    removed: tuple[str, ...]
    left: tuple[str, ...]


def write(files: Mapping[str, bytes], folder: Path) -> Written:
    """Bring the folder in step with `files` (path with "/" → content). A file that is right already is not written.

    Raises UsageError, before anything is written, when a file that we did not write stands in the way; InputError when
    the folder cannot be read or written.
    """
    try:
        before = _ledger(folder)
        _refuse_strangers(folder, files, before)
        # Said before it is done: were this to be stopped half-way, the next writing would know its own files.
        _put(folder / LEDGER, _listing(before | {name: _digest(data) for name, data in files.items()}))
        changed = sum(_put(folder / name, data) for name, data in files.items())
        removed, left = _clear(folder, {name: before[name] for name in before if name not in files})
        _put(folder / LEDGER, _listing({name: _digest(data) for name, data in files.items()}))
    except OSError as trouble:
        raise InputError(
            f"cannot be written ({trouble.strerror})",
            where=str(trouble.filename or folder),
            then="Choose another folder.",
        ) from trouble
    return Written(files=len(files), changed=changed, removed=removed, left=left)


def _ledger(folder: Path) -> dict[str, str]:
    path = folder / LEDGER
    if not path.exists():
        return {}
    try:
        return {str(name): str(digest) for name, digest in json.loads(path.read_text(encoding="utf-8")).items()}
    except (ValueError, AttributeError) as wrong:
        raise InputError("is damaged", where=str(path), then="Delete the folder's content and start again.") from wrong


def _listing(digests: Mapping[str, str]) -> bytes:
    return (json.dumps(digests, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def _refuse_strangers(folder: Path, files: Mapping[str, bytes], before: Mapping[str, str]) -> None:
    for name, data in files.items():
        path = folder / name
        if name not in before and path.exists() and path.read_bytes() != data:
            raise UsageError(
                "stands there already, and we did not write it",
                where=str(path),
                then="Move it, or choose another folder.",
            )


def _put(path: Path, data: bytes) -> bool:
    """Whole or not at all, so that a reader never gets half a page. True when it was not right already."""
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(data)
    fresh.replace(path)
    return True


def _clear(folder: Path, stale: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Remove what is ours and unchanged; say what went and what was left. The list is a file that anyone may have
    edited, so it is believed only within the folder."""
    removed, left = [], []
    home = folder.resolve()
    for name, digest in sorted(stale.items()):
        path = folder / name
        if not path.resolve().is_relative_to(home) or not path.is_file():
            continue
        if _digest(path.read_bytes()) != digest:
            left.append(name)
            continue
        path.unlink()
        removed.append(name)
        _tidy(path.parent, home=home)
    return tuple(removed), tuple(left)


def _tidy(folder: Path, *, home: Path) -> None:
    """Folders that are empty now go too."""
    while folder.resolve() != home and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
