"""One mail as different mail programs show it: by night, inverted, without pictures or style sheets, in Outlook's engine.
Rewrites a copy for looking at; what is sent never passes here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from digest.web.studio import outlook

Light = Literal["light", "dark", "inverted"]
Client = Literal["modern", "bare", "outlook"]
LIGHTS: dict[str, Light] = {"light": "light", "dark": "dark", "inverted": "inverted"}
CLIENTS: dict[str, Client] = {"modern": "modern", "bare": "bare", "outlook": "outlook"}

_STYLE = re.compile(r"(<style\b[^>]*>)(.*?)(</style>)", re.DOTALL | re.IGNORECASE)
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_MEDIA = re.compile(r"(\bmedia\s*=\s*)(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_SCHEME_META = re.compile(r"<meta\b[^>]*\bcolor-scheme\b[^>]*>", re.IGNORECASE)
_LINK = re.compile(r"<a\b(?=[^>]*?\shref\s*=\s*[\"'](?!#))", re.IGNORECASE)
_TRUE, _FALSE = "(min-width:0px)", "(max-width:0px)"
_SHEETS: dict[Light, str] = {
    "light": ":root{color-scheme:light!important}",
    "dark": ":root{color-scheme:dark!important}",
    # As Gmail for iOS does: every colour turned, the rules for the night unread, pictures left alone.
    "inverted": ":root{color-scheme:light!important;background:#fff;filter:invert(1) hue-rotate(180deg)}"
    "img,video,svg{filter:invert(1) hue-rotate(180deg)}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Whose eyes. `bare` is a client that reads no style sheets (a clipped Gmail, an old one), `outlook` Word's engine."""

    light: Light = "light"
    client: Client = "modern"
    images: bool = True


def seen(html: str, view: View) -> str:
    """The page as that reader sees it, its links opening beside the studio and never in it."""
    if view.client == "outlook":
        html = outlook.opened(html)
    elif view.client == "bare":
        html = _STYLE.sub("", html)
    if view.client != "outlook":
        html = _by(html, view.light)
    return _LINK.sub('<a target="_blank" rel="noopener noreferrer"', html)


def policy(view: View) -> str:
    """The Content-Security-Policy of that page: no script, no form, and pictures from where the mail says, or none."""
    pictures = "https: http: data:" if view.images else "'none'"
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src {pictures}; font-src https: data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    )


def _by(html: str, light: Light) -> str:
    """The questions for the colour scheme answered in the page, since a frame has that of the whole browser."""

    def answered(css: str) -> str:
        return _SCHEME.sub(lambda asked: _TRUE if (asked[1].lower() == "dark") == (light == "dark") else _FALSE, css)

    html = _STYLE.sub(lambda style: style[1] + answered(style[2]) + style[3], html)
    html = _MEDIA.sub(lambda attribute: attribute[1] + answered(attribute[2]), html)
    html = _SCHEME_META.sub("", html)
    sheet = _SHEETS[light]
    return html.replace("</head>", f"<style>{sheet}</style></head>", 1)
