"""What every page for the web is set with: the digest's own look, its words in each language, and what it says of itself."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from markupsafe import Markup

from digest.desk import furniture
from digest.desk.palette import CARD, Look
from digest.desk.templates import Templates
from digest.text import direction

Link = Callable[[str], str]  # from a page's name ("", "issues/12", "feed.xml") to what an href of this page says
_RIGHT_TO_LEFT = {"ar", "fa", "he", "ur", "yi"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the public pages say of the digest. `base_url` is "" or has no slash at its end; `address` is where readers
    write to, or "". `listed` lets search engines in; `archive` says that there is one; `form` that somebody answers the
    sign-up form; `domain` names the feed for ever."""

    name: str
    lang: str
    domain: str
    base_url: str = ""
    address: str = ""
    listed: bool = False
    archive: bool = True
    form: bool = True

    def url(self, name: str) -> str:
        """The full address of a page, "" while the site has none."""
        return f"{self.base_url}/{name}" if self.base_url else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page for the web: `html`, and the Content-Security-Policy that goes with it."""

    html: str
    policy: str


class Typesetter:
    """Holds the templates and words of the public pages. `own` is the owner's folder of templates."""

    def __init__(self, own: Path | None = None, *, look: Look = CARD) -> None:
        self._templates = Templates(own, look=look)
        sources = (*self._templates.sources("words.toml"), *self._templates.sources("public/words.toml"))
        self._languages = furniture.read(*sources)
        self._css = self._templates.markup("public/site.css.j2", {})
        digest = base64.b64encode(sha256(self._css.encode()).digest()).decode()
        self._own_style = f"'sha256-{digest}'"

    def words(self, lang: str) -> furniture.Words:
        return furniture.words(self._languages, lang)

    def speaks(self, lang: str) -> str:
        """`lang` when the forms are written in it, else English."""
        return lang if "pages" in self._languages.get(lang.lower().partition("-")[0], {}) else "en"

    def set(self, template: str, values: Mapping[str, Any], *, site: Site, lang: str, link: Link) -> Sheet:
        """A page by `templates/public/<template>.html.j2`. Its policy lets it show its own style, and send its own form.

        `css` among the values is a mailed page's style sheet; with it come style attributes and pictures, ours and those at
        `origins`. `nowhere` keeps search engines out, whatever the site lets in.
        """
        policy = self._policy(mailed=bool(values.get("css")), origins=values.get("origins", ()), site=site)
        first = lang.lower().partition("-")[0]
        furnished = {
            "site": site,
            "w": self.words(lang),
            "lang": lang,
            "dir": "rtl" if first in _RIGHT_TO_LEFT else "ltr",
            "link": link,
            "style": Markup(self._css),  # noqa: S704 - our own template
            "css": "",
            "nowhere": False,
            "policy": policy,
            "way": direction,
            "day": furniture.day,
        }
        html = self._templates.markup(f"public/{template}.html.j2", furnished | dict(values))
        return Sheet(html=html, policy=f"{policy}; frame-ancestors 'none'")

    def _policy(self, *, mailed: bool, origins: Sequence[str], site: Site) -> str:
        """A mailed page has its style in hundreds of attributes, which only 'unsafe-inline' lets through; no script is
        let through anywhere."""
        style = "'unsafe-inline'" if mailed else self._own_style
        pictures = " ".join(("'self'", "data:", *origins)) if mailed else "data:"
        forms = (
            "'self'" if not site.base_url else " ".join(("'self'", site.base_url.split("://")[0] + "://" + _host(site)))
        )
        return f"default-src 'none'; style-src {style}; img-src {pictures}; form-action {forms}; base-uri 'none'"


def _host(site: Site) -> str:
    return site.base_url.split("://")[1].partition("/")[0]
