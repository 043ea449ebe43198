"""The colours of each theme by day and by night, and how an owner's own accent takes its place among them.
Every ink stands at 4.5 : 1 or better on what it is set on (WCAG 2.2, 1.4.3). Knows no markup."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

READABLE = 4.5
CHIP, TINT = 0.15, 0.06  # shares of the accent in the card
CLEAR = 7.0  # by night a colour of one's own is lightened until it stands out so far


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours as #rrggbb: Outlook reads no shorter form. `page` is the ground, `card` what the thread is set on, `tint`
    lies behind the summary and `chip` behind numbers and the button; `band` is the masthead's, where it has one."""

    page: str
    card: str
    ink: str
    muted: str
    line: str
    accent: str
    tint: str
    chip: str
    flag: str
    flagink: str
    band: str
    bandink: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A theme: its name, its type faces, its colours."""

    theme: str
    face: str
    day: Palette
    night: Palette


_SANS = "-apple-system,Segoe UI,Helvetica,Arial,sans-serif"
_GROTESQUE = "Helvetica Neue,Helvetica,Arial,sans-serif"
_SERIF = "Iowan Old Style,Palatino,Palatino Linotype,Book Antiqua,Georgia,serif"

CARD = Look(
    theme="card",
    face=_SANS,
    day=Palette(
        page="#f4f2ee", card="#ffffff", ink="#1b1e24", muted="#5c626d", line="#e2ded6", accent="#3a45c0",
        tint="#f3f4fd", chip="#e2e5fb", flag="#fdecc8", flagink="#6a4b00", band="#f4f2ee", bandink="#1b1e24",
    ),
    night=Palette(
        page="#0e1013", card="#171a20", ink="#e8eaee", muted="#9aa2ae", line="#2e323b", accent="#aab3ff",
        tint="#1e2233", chip="#2d3350", flag="#4a3a10", flagink="#ffdf9a", band="#0e1013", bandink="#e8eaee",
    ),
)  # fmt: skip
LETTER = Look(
    theme="letter",
    face=_SERIF,
    day=Palette(
        page="#f3ecdf", card="#fdf9f1", ink="#2a2420", muted="#6b5f52", line="#ddd0ba", accent="#8a2f1d",
        tint="#fdf9f1", chip="#f3e3d3", flag="#f3ddb0", flagink="#5f4300", band="#fdf9f1", bandink="#2a2420",
    ),
    night=Palette(
        page="#14110e", card="#1c1814", ink="#ebe3d6", muted="#a99c8b", line="#3a3128", accent="#f0a58c",
        tint="#1c1814", chip="#33261e", flag="#4a3a10", flagink="#ffdf9a", band="#1c1814", bandink="#ebe3d6",
    ),
)  # fmt: skip
BULLETIN = Look(
    theme="bulletin",
    face=_GROTESQUE,
    day=Palette(
        page="#e8eaed", card="#ffffff", ink="#10131a", muted="#565d69", line="#cfd4db", accent="#c2251b",
        tint="#f2f4f6", chip="#fbe4e2", flag="#ffd84d", flagink="#10131a", band="#10131a", bandink="#ffffff",
    ),
    night=Palette(
        page="#08090b", card="#12151a", ink="#eef0f3", muted="#9ca4b0", line="#2c323b", accent="#ff8a80",
        tint="#1a1e25", chip="#3a1f20", flag="#ffd84d", flagink="#10131a", band="#1f242d", bandink="#ffffff",
    ),
)  # fmt: skip
LOOKS = {look.theme: look for look in (CARD, LETTER, BULLETIN)}


def dressed(look: Look, *, accent: str, night: str = "") -> Look:
    """The theme in an owner's colour: tint and chip follow it, and by night it is lightened unless `night` is given.

    Raises ValueError with a sentence and the nearest colour that will do, when words in it could not be read.
    """
    day, by_night = _coloured(look.day, accent), _coloured(look.night, night or accent)
    if _worst(day) < READABLE:
        raise _unreadable(day, near=_mended(look.day, accent, towards="#000000", wanted=READABLE))
    if not night:
        by_night = _coloured(look.night, _mended(look.night, accent, towards="#ffffff", wanted=CLEAR))
    elif _worst(by_night) < READABLE:
        raise _unreadable(by_night, near=_mended(look.night, night, towards="#ffffff", wanted=READABLE))
    return replace(look, day=day, night=by_night)


def _unreadable(palette: Palette, *, near: str) -> ValueError:
    worst = f"{_worst(palette):.2f} : 1"
    return ValueError(f"stands out from its ground only {worst}, and words need {READABLE} : 1; {near} would do")


def _coloured(palette: Palette, accent: str) -> Palette:
    plain = palette.tint == palette.card  # a theme without a tint stays without one
    tint = palette.tint if plain else mixed(accent, palette.card, TINT)
    return replace(palette, accent=accent, chip=mixed(accent, palette.card, CHIP), tint=tint)


def _worst(palette: Palette) -> float:
    """How far the accent stands out from all that it is set on. White words on it stand out further than from its chip."""
    return min(contrast(palette.accent, ground) for ground in (palette.card, palette.tint, palette.chip))


def _mended(palette: Palette, colour: str, *, towards: str, wanted: float) -> str:
    """`colour`, moved towards black or white no further than it must be to stand out so far."""
    steps = (mixed(towards, colour, step / 50) for step in range(51))
    return next((each for each in steps if _worst(_coloured(palette, each)) >= wanted), towards)


def mixed(upper: str, lower: str, share: float) -> str:
    """That share of one colour in another."""
    parts = zip(_parts(upper), _parts(lower), strict=True)
    return "#" + "".join(f"{round(top * share + bottom * (1 - share)):02x}" for top, bottom in parts)


def contrast(ink: str, ground: str) -> float:
    """How far two colours stand apart, 1 to 21 (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    shares = (part / 255 for part in _parts(colour))
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parts(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of #rrggbb. ValueError for anything else."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError("is no colour; write it as #3a45c0")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
