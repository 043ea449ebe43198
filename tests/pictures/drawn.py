"""Pictures of our own, for tests: drawn on the spot, and spoilt in the ways that pictures are."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw

TEAL, SAND = (20, 110, 120), (240, 225, 190)


def drawing(width: int = 640, height: int = 400, *, mode: str = "RGB") -> Image.Image:
    """A sun over the sea: red in its upper left corner, so that a turn shows."""
    made = Image.new("RGB", (width, height), SAND)
    pen = ImageDraw.Draw(made)
    pen.rectangle((0, height // 2, width, height), fill=TEAL)
    pen.rectangle((0, 0, width // 8, height // 8), fill=(220, 30, 30))
    return made.convert(mode)


def packed(made: Image.Image, kind: str = "PNG", **how: Any) -> bytes:
    out = io.BytesIO()
    made.save(out, kind, **how)
    return out.getvalue()


def photo(width: int = 1600, height: int = 1200, **how: Any) -> bytes:
    """As heavy as a real one: grain that no encoder can leave out."""
    grain = Image.effect_noise((width, height), 60)
    return packed(Image.merge("RGB", (grain, grain.rotate(180), grain)), "JPEG", **{"quality": 92, **how})


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few bytes that says it has billions of dots."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(1000))) + _chunk(b"IEND")


def _chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
