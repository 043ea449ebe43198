"""Bytes of strangers → a picture that may go into a mail: checked, turned upright, stripped of all but its dots, made small.
It fetches nothing and keeps nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from digest.errors import InputError
from digest.model import Picture

if TYPE_CHECKING:
    from PIL.Image import Image

WIDEST, TALLEST = 1_004, 1_240  # dots: twice what a page shows, for dense screens
HEAVIEST = 150_000  # bytes that a picture in a mail may weigh; it is made smaller until it does
MOST_DOTS = 40_000_000  # of what comes in: more than cameras make that people post with, and 160 MB when unpacked
LEAST = 8  # dots either way; what is smaller is a spacer, or counts who opens the page
_MOST_SCANS = 100  # of a JPEG: ten are many; each costs a pass over all dots, and takes but a few bytes
_FORMATS = (
    "JPEG",
    "PNG",
    "GIF",
    "WEBP",
    "AVIF",
    "BMP",
)  # Pillow knows many more that nobody posts, each with its own faults
_DRAWN = {"PNG", "GIF", "BMP"}  # lossless by nature: letters and lines, which JPEG frays
_LIGHT, _DARK = (255, 255, 255), (30, 33, 39)
_ORIENTATION = 0x0112  # EXIF


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """A picture, ready to be kept."""

    picture: Picture
    data: bytes = field(repr=False)


def develop(data: bytes) -> Print:
    """The picture in `data`: JPEG, PNG, GIF, WebP, AVIF or BMP; the first one where it moves.

    Raises InputError when it is none, is damaged, too large when unpacked, or a mere dot. The same bytes give the same
    print, as long as Pillow and its libraries stay the same.
    """
    try:
        whole, drawn = _opened(data)
        return _printed(_plated(_upright(whole)), drawn=drawn)
    except InputError:
        raise
    except Exception as error:  # on hostile bytes Pillow's readers raise whatever they stumble over
        raise InputError("the picture is damaged, or no picture") from error


def _opened(data: bytes) -> tuple[Image, bool]:
    """The first frame, unpacked no larger than needed, and whether it was drawn rather than taken."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - who handles no picture need not wait for it

    Image.MAX_IMAGE_PIXELS = None  # it would only warn of what is refused below
    head = data[:512].lstrip().lower()
    if head.startswith((b"<", b"\xef\xbb\xbf<")):
        svg = b"<svg" in head
        raise InputError("it is an SVG, which mail programs do not show" if svg else "it is a page, not a picture")
    if data.count(b"\xff\xda") > _MOST_SCANS and head.startswith(b"\xff\xd8"):
        raise InputError("it is made to keep its readers busy")
    try:
        found = Image.open(io.BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise InputError("it is no picture of a kind that is known here") from error
    width, height = found.size
    if width * height > MOST_DOTS:
        raise InputError(f"it has {width:,} × {height:,} dots, which is too many")
    if min(width, height) < LEAST:
        raise InputError("it is a mere dot")
    found.draft("RGB", (2 * max(WIDEST, TALLEST),) * 2)  # a JPEG is unpacked at half or a quarter of its size at once
    found.load()
    return found, found.format in _DRAWN


def _upright(picture: Image) -> Image:
    """As its camera was held, in the colours of the web."""
    from PIL import ImageOps  # noqa: PLC0415

    if picture.getexif().get(_ORIENTATION, 1) != 1:
        picture = ImageOps.exif_transpose(picture)
    return _in_srgb(picture)


def _in_srgb(picture: Image) -> Image:
    """Without its profile, which is dropped, the colours of a phone's picture would come out pale."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA"):
        return picture
    from PIL import ImageCms  # noqa: PLC0415

    try:
        srgb = ImageCms.createProfile("sRGB")
        made = ImageCms.profileToProfile(picture, io.BytesIO(profile), srgb, outputMode=picture.mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture  # a broken profile: the dots as they are
    return made or picture


def _plated(picture: Image) -> Image:
    """In plain colours, what shows through laid on a plate that what is drawn stands out from, by day and by night."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda level: level * (1 / 256)).convert("RGB")  # 16 bits a dot
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    from PIL import Image  # noqa: PLC0415

    clear = picture.convert("RGBA")
    plate = Image.new("RGBA", clear.size, (*(_DARK if _is_light(clear) else _LIGHT), 255))
    plate.alpha_composite(clear)
    return plate.convert("RGB")


def _is_light(picture: Image) -> bool:
    """Whether what can be seen of it would vanish on white."""
    small = picture.resize((64, 64))
    levels = small.convert("RGB").convert("L").tobytes()
    seen = [level for level, alpha in zip(levels, small.getchannel("A").tobytes(), strict=True) if alpha > 127]
    return bool(seen) and sum(seen) / len(seen) > 225


def _printed(picture: Image, *, drawn: bool) -> Print:
    from PIL import Image  # noqa: PLC0415

    picture.thumbnail((WIDEST, TALLEST), Image.Resampling.LANCZOS)
    bare = Image.new("RGB", picture.size)  # Pillow writes along what else it read: places, names, comments
    bare.paste(picture)
    tries = _tries(bare, drawn=drawn)
    made = next(tries)
    while made.picture.size > HEAVIEST and (smaller := next(tries, None)):
        made = smaller
    return made


def _tries(picture: Image, *, drawn: bool) -> Iterator[Print]:
    """The picture packed, each time smaller: as PNG where that may do, then with less detail, then with fewer dots."""
    if drawn:
        yield _packed(_in_few_colours(picture), "png", optimize=True)
    fine = 0 if drawn else 2  # JPEG's colours at full size keep letters sharp
    for share in (1.0, 0.75, 0.5):
        made = picture.resize([max(1, round(side * share)) for side in picture.size]) if share < 1 else picture
        for quality in (82, 72, 62):
            yield _packed(made, "jpeg", quality=quality, optimize=True, progressive=True, subsampling=fine)


def _in_few_colours(picture: Image) -> Image:
    """With a palette where that loses nothing: a diagram then weighs a third."""
    from PIL import Image  # noqa: PLC0415

    if picture.getcolors(256) is None:
        return picture
    few = picture.quantize(256, dither=Image.Dither.NONE)
    return few if few.convert("RGB").tobytes() == picture.tobytes() else picture


def _packed(picture: Image, kind: Literal["jpeg", "png"], **how: bool | int) -> Print:
    out = io.BytesIO()
    picture.save(out, kind, **how)
    data, (width, height) = out.getvalue(), picture.size
    digest = sha256(data).hexdigest()[:32]
    return Print(picture=Picture(digest=digest, kind=kind, width=width, height=height, size=len(data)), data=data)
