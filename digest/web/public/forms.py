"""Reads what a form sent, within bounds and without trust; and knows when the form was shown."""

from __future__ import annotations

import hmac
import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

LARGEST = 65_536  # bytes of a form
_FASTEST, _SLOWEST = timedelta(seconds=2), timedelta(days=1)


async def body(request: Request, *, most: int = LARGEST) -> bytes:
    """What was sent, up to `most` bytes; the rest is not read."""
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > most:
            break
    return bytes(data[: most + 1])


async def fields(request: Request) -> dict[str, str]:
    """The fields of a form, urlencoded or multipart; the first of each name counts. What is no form has no fields.

    Raises HTTPException 413 for more than 64 KiB.
    """
    data = await body(request)
    if len(data) > LARGEST:
        raise HTTPException(413)
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        pairs = await _parts(request, data)
    else:
        pairs = parse_qsl(data.decode("utf-8", "replace"))
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found


async def _parts(request: Request, data: bytes) -> list[tuple[str, str]]:
    async def once() -> AsyncGenerator[bytes, None]:
        yield data

    try:
        form = await MultiPartParser(request.headers, once(), max_files=5, max_fields=50).parse()
    except (MultiPartException, ValueError, KeyError):
        return []
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def stamp(key: bytes, *, now: datetime) -> str:
    """Says when a form was shown, in a way that nobody else can."""
    seconds = str(int(now.timestamp()))
    return f"{seconds}.{_mac(key, seconds)}"


def was_filled_by_hand(given: str, *, key: bytes, now: datetime) -> bool:
    """Whether the form was shown by us, no less than two seconds and no more than a day ago."""
    match = re.fullmatch(r"(\d{1,12})\.([0-9a-f]{32})", given, re.ASCII)
    if not match or not hmac.compare_digest(_mac(key, match[1]), match[2]):
        return False
    return _FASTEST <= now - datetime.fromtimestamp(int(match[1]), UTC) <= _SLOWEST


def _mac(key: bytes, seconds: str) -> str:
    return hmac.digest(key, b"form\0" + seconds.encode(), "sha256").hex()[:32]
