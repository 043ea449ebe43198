"""What comes out of the darkroom: small, upright, plain pictures with nothing else in them; and what is turned away."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image, ImageCms

from digest.errors import InputError
from digest.sources.darkroom import HEAVIEST, MOST_DOTS, TALLEST, WIDEST, develop
from pictures.drawn import bomb, drawing, packed, photo


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(develop(data).data)).convert("RGB")


def test_a_small_drawing_keeps_its_dots() -> None:
    made = opened(packed(drawing(), "PNG"))
    assert made.size == (640, 400)
    assert made.tobytes() == drawing().tobytes()


def test_a_photograph_is_made_as_small_as_a_mail_wants_it() -> None:
    print_ = develop(photo(3000, 4500))
    assert (print_.picture.kind, print_.picture.size) == ("jpeg", len(print_.data))
    assert print_.picture.size <= HEAVIEST
    assert print_.picture.width <= WIDEST
    assert print_.picture.height <= TALLEST
    assert print_.picture.width / print_.picture.height == pytest.approx(2 / 3, abs=0.01)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "AVIF"])
def test_every_kind_that_people_post_is_read(kind: str) -> None:
    assert opened(packed(drawing(), kind)).size == (640, 400)


def test_a_diagram_of_few_colours_weighs_little_and_loses_nothing() -> None:
    many = drawing().resize((1004, 628))
    assert len(develop(packed(many)).data) < len(packed(many)) / 2
    assert opened(packed(many)).tobytes() == many.tobytes()


def test_nothing_is_left_in_it_but_its_dots() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCam"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 0.0)  # GPS latitude
    found = develop(packed(drawing(), "JPEG", exif=exif, comment=b"for my mother", quality=95))
    made = Image.open(io.BytesIO(found.data))
    assert not made.getexif()
    assert not {"exif", "comment", "icc_profile", "xmp", "dpi"} & set(made.info)
    assert b"SecretCam" not in found.data
    assert b"mother" not in found.data


def test_a_picture_stands_as_its_camera_was_held() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it right by a quarter
    made = opened(packed(drawing(), "JPEG", exif=exif, quality=95))
    assert made.size == (400, 640)
    red, green, _ = made.convert("RGB").getpixel((390, 10))
    assert red > 150 > green  # the corner that was upper left is upper right now


def test_the_colours_of_a_phone_are_those_of_the_web() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert opened(packed(drawing(), "PNG", icc_profile=lab)).getpixel((300, 300)) == pytest.approx(
        (20, 110, 120), abs=2
    )
    assert opened(packed(drawing(), "PNG", icc_profile=b"no profile at all")).getpixel((300, 300)) == (20, 110, 120)


def test_what_shows_through_lies_on_a_plate_that_it_stands_out_from() -> None:
    ink = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    ink.paste((20, 20, 20, 255), (40, 40, 60, 60))
    chalk = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    chalk.paste((255, 255, 255, 255), (40, 40, 60, 60))
    assert opened(packed(ink)).getpixel((5, 5)) == (255, 255, 255)
    assert opened(packed(chalk)).getpixel((5, 5)) == (30, 33, 39)


def test_of_a_moving_picture_the_first_moment_is_kept() -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "WEBP"):
        red, _, blue = opened(packed(frames[0], kind, save_all=True, append_images=frames[1:])).getpixel((9, 9))
        assert red > 200
        assert blue < 50


def test_palettes_greys_and_deep_greys_are_read_too() -> None:
    assert opened(packed(drawing(mode="P"))).getpixel((300, 300)) == pytest.approx((20, 110, 120), abs=40)
    assert opened(packed(drawing(mode="LA"))).size == (640, 400)
    assert opened(packed(Image.new("I;16", (32, 32), 40_000))).getpixel((9, 9)) == (156, 156, 156)
    assert opened(packed(drawing(mode="CMYK"), "JPEG")).size == (640, 400)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<!DOCTYPE html><title>Log in</title>", "a page, not a picture"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
        (b'<?xml version="1.0"?><svg/>', "SVG"),
        (b"", "no picture"),
        (b"GIF89a", "no picture"),
        (bomb(), "too many"),
        (packed(Image.new("1", (MOST_DOTS // 4000 + 1, 4000))), "too many"),
        (packed(Image.new("RGB", (1, 1))), "mere dot"),
        (packed(Image.new("RGB", (900, 3))), "mere dot"),
        (photo(200, 200)[:2000], "damaged"),
        (photo(64, 64) + b"\xff\xda" * 200, "busy"),
        (packed(drawing(), "TIFF"), "no picture of a kind"),
    ],
)
def test_what_is_no_picture_for_a_mail_is_turned_away(data: bytes, why: str) -> None:
    with pytest.raises(InputError, match=why):
        develop(data)


SEEDS = [packed(drawing(40, 30), kind) for kind in ("PNG", "GIF", "JPEG", "WEBP", "BMP")]


@settings(max_examples=150, deadline=None)
@given(some.sampled_from(SEEDS), some.lists(some.tuples(some.integers(0, 2**16), some.integers(0, 255)), max_size=12))
def test_no_bytes_bring_the_darkroom_down(seed: bytes, hits: list[tuple[int, int]]) -> None:
    spoilt = bytearray(seed)
    for at, value in hits:
        spoilt[at % len(spoilt)] = value
    with suppress(InputError):
        assert develop(bytes(spoilt)).picture.size <= HEAVIEST


def test_the_same_picture_has_the_same_name() -> None:
    assert develop(packed(drawing())).picture == develop(packed(drawing())).picture
