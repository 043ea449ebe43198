"""What Gmail, Outlook, Apple Mail and Yahoo make of the page, by the tables of caniemail.com (vendored beside this file,
with its licence and date). A feature that degrades is a note; only what carries layout or content is a warning."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from lxml import etree
from lxml import html as markup

from digest.desk.checks.exhibit import Exhibit, place
from digest.desk.checks.rules import found
from digest.model import Finding

# Where these fail, columns fall apart or something is not shown at all.
_CARRYING = {
    "css-display-flex", "css-display-grid", "css-flex-direction", "css-grid-template", "css-position", "css-float",
    "css-variables", "css-modern-color", "css-function-light-dark", "css-function-clamp", "css-function-min",
    "css-function-max", "css-unit-calc", "css-unit-vw", "css-unit-vh", "css-unit-rem", "css-background-image",
    "css-linear-gradient", "css-radial-gradient", "css-conic-gradient", "css-object-fit", "css-transform",
    "css-inset", "css-left-right-top-bottom", "css-gap", "css-animation", "css-filter", "css-mask-image",
    "css-clip-path", "css-writing-mode", "css-hsl", "html-audio", "html-video", "html-svg", "html-picture",
    "html-dialog", "html-marquee", "html-meter", "html-progress", "html-ruby", "html-base", "html-select",
    "html-background", "image-webp", "image-avif", "image-svg", "image-heif", "image-tiff", "image-apng",
    "image-bmp", "image-ico", "image-hdr", "image-mp4",
}  # fmt: skip
# Said by rules of their own.
_ELSEWHERE = {"html-form", "html-object", "html-link", "css-at-import", "image-base64"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """Something that a mail may use: what it looks like there, and a letter for each client (y, a, n, u)."""

    slug: str
    title: str
    support: str
    kind: str
    looks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """caniemail.com on one day. `shares` are percent of opens by family of clients, as `shares_source` counted them."""

    date: str
    clients: tuple[str, ...]
    shares: dict[str, float]
    features: tuple[Feature, ...]


@lru_cache(maxsize=1)
def table() -> Table:
    read = json.loads((files("digest.desk.checks") / "caniemail.json").read_text(encoding="utf-8"))
    features = [dict(zip(("slug", "title", "support", "kind", "looks"), row, strict=True)) for row in read["features"]]
    # Missing there: hsl() fails in Outlook for Windows, whose engine is Word's (react-email issue 2947).
    windows = "".join("n" if client == "Outlook (Windows)" else "y" for client in read["clients"])
    hsl = Feature(slug="css-hsl", title="hsl()", support=windows, kind="value", looks=r":.*\bhsla?\(")
    return Table(
        date=read["date"],
        clients=tuple(read["clients"]),
        shares=read["shares"],
        features=(*(Feature(**row) for row in features), hsl),
    )


def look(mail: Exhibit) -> Iterator[Finding]:
    used = _Used(mail)
    for feature in table().features:
        if "n" in feature.support and feature.slug not in _ELSEWHERE and (where := used.at(feature)):
            rule = "support-layout" if feature.slug in _CARRYING else "support"
            yield found(rule, f"{feature.title} (not in {_missing(feature)})", where=where)


def _missing(feature: Feature) -> str:
    """ "Gmail, Outlook (Windows); up to 31 % of readers": whole families by their name, others by client."""
    clients = table().clients
    lacking = [client for client, letter in zip(clients, feature.support, strict=True) if letter == "n"]
    names: dict[str, None] = {}
    for client in lacking:
        family = client.partition(" (")[0]
        whole = all(each in lacking for each in clients if each.startswith(f"{family} ("))
        names[family if whole else client] = None
    share = sum(part for name, part in table().shares.items() if any(client.startswith(name) for client in lacking))
    return ", ".join(names) + (f"; up to {share:.0f} % of readers" if share >= 1 else "")


class _Used:
    """What a mail uses, gathered once."""

    def __init__(self, mail: Exhibit) -> None:
        self._mail = mail
        self._values: dict[str, markup.HtmlElement | str] = {}  # "property:value" → where it stands first
        self._ats = [at for sheet in mail.sheets for at in sheet.ats]
        self._selectors: list[str] = []
        for element in mail.tree.iter("*"):
            if style := element.get("style"):
                for declaration in style.split(";"):
                    self._values.setdefault(_even(declaration), element)
        for rule in (rule for sheet in mail.sheets for rule in sheet.rules):
            self._selectors.append(rule.selector)
            for name, value in rule.style:
                self._values.setdefault(
                    _even(f"{name}:{value}"), rule.selector or next(reversed(rule.within), "<style>")
                )

    def at(self, feature: Feature) -> str:
        """Where a feature stands first, or "" where it does not."""
        match feature.kind:
            case "html":
                hits = etree.XPath(feature.looks)(self._mail.tree)
                return place(hits[0], of=self._mail) if hits else ""
            case "image":
                pictures = self._mail.tree.xpath("//img/@src | //source/@src")
                return next((source[:60] for source in pictures if re.search(feature.looks, source.lower())), "")
            case "at":
                return next((at for at in self._ats if re.search(feature.looks, at)), "")
            case "selector":
                return next((each for each in self._selectors if re.search(feature.looks, each)), "")
        where = next((where for value, where in self._values.items() if re.search(feature.looks, value)), "")
        return where if isinstance(where, str) else place(where, of=self._mail)


def _even(declaration: str) -> str:
    """ "display:flex", however it was written."""
    name, _, value = declaration.partition(":")
    return f"{name.strip().lower()}:{' '.join(value.lower().split())}"
