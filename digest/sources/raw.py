"""Brings the bytes of a file or of standard input into the house, and makes them text and data. It judges no content."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import BinaryIO

from digest.errors import InputError
from digest.sources.beside import Beside, OnDisk
from digest.sources.data import parse

MAX_BYTES = 100 * 1024 * 1024  # an archive of ten years of posts
MAX_TEXT = 1_000_000
MAX_LINES = 50_000

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE)
# Only plain character sets may be asked for by a page; Python knows "codecs" that are none (unicode_escape, idna).
_PLAIN_CHARSET = re.compile(r"(windows-|cp)125\d|iso-8859-\d\d?|koi8-[ru]|gb(k|2312|18030)|big5|shift_jis|euc-(jp|kr)")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_CP874_BULLET = "โ€"  # The first two bytes of every UTF-8 bullet, dash and curly quote, read as Thai.


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """What was handed in: where from, its bytes, and the text they spell. `warnings` say what reading them took.

    `document` is the JSON in it, None when it is no JSON. `address` is where it can be looked at again, "" for a file and
    for an address that holds a secret; `etag` and `modified` what that server said of its one answer. `beside` knows the files that came along.
    """

    ref: str
    text: str = field(repr=False)
    data: bytes = field(default=b"", repr=False)
    document: object = field(default=None, repr=False, compare=False)
    warnings: tuple[str, ...] = ()
    address: str = ""
    etag: str = ""
    modified: str = ""
    beside: Beside | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What holds several threads, taken apart: a Raw for each, in the order of writing; `left_out` says what is in none."""

    raws: tuple[Raw, ...]
    left_out: tuple[str, ...] = ()


def pack(document: object, *, ref: str, warnings: tuple[str, ...] = ()) -> Raw:
    """A document that we put together ourselves (from several answers, or out of a larger one), as if it had come so."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Raw(ref=ref, text=text, data=text.encode("utf-8", errors="replace"), document=document, warnings=warnings)


def fetch(ref: str, *, stdin: BinaryIO | None = None) -> Raw:
    """The file at path `ref`, or `stdin` when `ref` is "-", at most 100 MB.

    Raises InputError when it is missing, unreadable, empty, a folder, too large, binary, in no known encoding, or
    JSON that is broken.
    """
    data = _read_stream(ref, stdin) if ref == "-" else _read_file(ref)
    if len(data) > MAX_BYTES:
        then = "A saved thread is far smaller: check that this is the right file."
        raise InputError(f"it is larger than {MAX_BYTES // 2**20} MB", where=ref, then=then)
    beside = Beside(files=OnDisk(Path(ref).parent), own=Path(ref).name) if ref != "-" else None
    return replace(decode(data, ref=ref), beside=beside)


def decode(data: bytes, *, ref: str) -> Raw:
    """`data` as text: UTF-8, UTF-16 by its mark, else what the page declares, else Windows-1252 with a warning."""
    text, warnings = _spell(data, ref=ref)
    if len(_CONTROLS.findall(text[:100_000])) > len(text[:100_000]) // 100:
        raise _binary(ref)
    if not text.strip():
        raise InputError("it is empty", where=ref, then="Save the thread's page again and import that file.")
    if _CP874_BULLET in text:
        text, warnings = _repair(text), (*warnings, "The text was UTF-8 misread as Thai; it has been repaired.")
    return Raw(ref=ref, data=data, text=text, document=parse(text, ref=ref), warnings=warnings)


def bounded(text: str, *, ref: str) -> str:
    """`text` itself. Raises InputError when it is longer than any thread, so that no reader toils on a flood."""
    if len(text) > MAX_TEXT or text.count("\n") > MAX_LINES:
        what = f"it holds more than any thread ({MAX_TEXT:,} characters or {MAX_LINES:,} lines)"
        raise InputError(what, where=ref, then="Check that this is the right file.")
    return text


def cut(raw: Raw, texts: Sequence[str]) -> Bundle:
    """Several threads in one text, each for itself; one stays as it is."""
    if len(texts) < 2:
        return Bundle(raws=(raw,))
    return Bundle(raws=tuple(Raw(ref=raw.ref, text=text, data=text.encode()) for text in texts))


def _read_stream(ref: str, stdin: BinaryIO | None) -> bytes:
    if stdin is None:
        raise InputError("there is no standard input to read", where=ref, then="Name a file instead of -.")
    return stdin.read(MAX_BYTES + 1)


def _read_file(ref: str) -> bytes:
    try:
        with Path(ref).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        then = "Only http and https addresses are fetched." if "://" in ref else "Check the path."
        raise InputError("there is no such file", where=ref, then=then) from error
    except IsADirectoryError as error:
        raise InputError("it is a folder", where=ref, then="Name the files in it, one by one.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"it cannot be read ({reason})", where=ref, then="Check the path and its rights.") from error


def _spell(data: bytes, *, ref: str) -> tuple[str, tuple[str, ...]]:
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16"), ()
        if b"\x00" in data:
            raise _binary(ref)
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return _guess(data, ref=ref)


def _guess(data: bytes, *, ref: str) -> tuple[str, tuple[str, ...]]:
    """Text in an encoding that is not UTF-8, or in a UTF-8 that was damaged on the way."""
    patched = data.decode("utf-8", errors="replace")
    damage = patched.count("\ufffd")
    if damage * 20 < sum(len(run) for run in _FOREIGN.findall(patched)):
        return patched.lstrip("\ufeff"), (f"{damage} characters are not valid UTF-8 and were lost.",)
    declared = _CHARSET.search(data[:4096])
    name = declared[1].decode("ascii").lower() if declared else ""
    charset = name if _PLAIN_CHARSET.fullmatch(name) else "cp1252"
    try:
        return data.decode(charset), (f"The text is not UTF-8; it was read as {charset}.",)
    except UnicodeDecodeError as error:
        then = "Save it again with the encoding UTF-8."
        raise InputError("its characters are in no encoding known here", where=ref, then=then) from error


def _binary(ref: str) -> InputError:
    then = "Import the page saved as text, as HTML or as Markdown."
    return InputError("it is a binary file, not text", where=ref, then=then)


def _repair(text: str) -> str:
    """UTF-8 that somebody read as Windows-874 (Thai), read right again."""
    return _FOREIGN.sub(lambda run: b"".join(map(_byte_behind, run[0])).decode("utf-8", errors="replace"), text)


@cache
def _byte_behind(character: str) -> bytes:
    for charset in ("cp874", "cp1252", "latin-1"):
        try:
            return character.encode(charset)
        except UnicodeEncodeError:
            continue
    return character.encode("utf-8", errors="replace")
