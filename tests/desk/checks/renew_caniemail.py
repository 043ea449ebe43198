"""Makes digest/desk/checks/caniemail.json from the data of caniemail.com, kept to the programs that most readers have.

python tests/desk/checks/renew_caniemail.py data.json > digest/desk/checks/caniemail.json

`data.json` is https://www.caniemail.com/api/data.json. What a feature looks like in a mail is written down here, since
the data says only what it is called.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

# family, platform, what a person calls it. Windows Mail is left out: Microsoft ended it in 2024.
CLIENTS = [
    ("apple-mail", "macos", "Apple Mail (Mac)"),
    ("apple-mail", "ios", "Apple Mail (iPhone)"),
    ("gmail", "desktop-webmail", "Gmail (web)"),
    ("gmail", "ios", "Gmail (iPhone)"),
    ("gmail", "android", "Gmail (Android)"),
    ("gmail", "mobile-webmail", "Gmail (phone web)"),
    ("outlook", "windows", "Outlook (Windows)"),
    ("outlook", "macos", "Outlook (Mac)"),
    ("outlook", "outlook-com", "Outlook.com"),
    ("outlook", "ios", "Outlook (iPhone)"),
    ("outlook", "android", "Outlook (Android)"),
    ("yahoo", "desktop-webmail", "Yahoo (web)"),
    ("yahoo", "ios", "Yahoo (iPhone)"),
    ("yahoo", "android", "Yahoo (Android)"),
]
SHARES = {"Apple Mail": 60.7, "Gmail": 26.5, "Outlook (Windows)": 4.1, "Outlook.com": 0.9, "Yahoo": 3.3}
SHARES_SOURCE = "Litmus, 1 billion opens in March 2022; opens by Apple's privacy proxy count as Apple Mail"
SKIPPED = {
    "css-comments",
    "css-inert-attribute",
    "css-nesting",
    "html-comments",
    "html-doctype",
    "html-body",
    "html-mailto-links",
}
PROPERTIES = {  # where neither the title nor the slug says which
    "css-block-inline-size": ["block-size"],
    "css-grid-template": ["grid-template", "grid-template-areas", "grid-template-columns", "grid-template-rows"],
    "css-left-right-top-bottom": ["left", "right", "top", "bottom"],
    "css-scroll-snap": ["scroll-snap-type", "scroll-snap-align"],
    "css-inset": ["inset", "inset-block", "inset-inline"],
    "css-column-count": ["column-count"],
    "css-gap": ["gap", "column-gap", "row-gap"],
    "css-border": ["border", *(f"border-{side}" for side in ("top", "right", "bottom", "left"))],
    "css-margin": ["margin", *(f"margin-{side}" for side in ("top", "right", "bottom", "left"))],
    "css-padding": ["padding", *(f"padding-{side}" for side in ("top", "right", "bottom", "left"))],
}
KEYWORDS_ARE_PROPERTIES = re.compile(r"css-(border-(inline|radius-log)|column-layout|margin-(in|bl)|padding-(in|bl))")
HTML = {
    "html-align": "//*[@align]",
    "html-anchor-links": "//a[starts-with(@href, '#') and string-length(@href) > 1]",
    "html-background": "//*[@background]",
    "html-h1-h6": "//h1 | //h2 | //h3 | //h4 | //h5 | //h6",
    "html-hidden": "//*[@hidden]",
    "html-image-maps": "//map | //img[@usemap]",
    "html-loading-attribute": "//*[@loading]",
    "html-lists": "//ul | //ol | //dl",
    "html-meta-color-scheme": "//meta[@name='color-scheme']",
    "html-object": "//object | //embed",
    "html-semantics": "//article | //aside | //details | //figcaption | //figure | //footer | //header | //main"
    " | //mark | //nav | //section | //summary | //time",
    "html-srcset": "//*[@srcset]",
}
SELECTORS = {
    "css-selector-adjacent-sibling": r"\+(?![^(]*\))",
    "css-selector-attribute": r"\[",
    "css-selector-child": ">",
    "css-selector-general-sibling": r"~(?!=)",
    "css-selector-universal": r"(^|[\s>+~,])\*",
}
VALUES = {  # a regular expression over "property:value"
    "css-display-flex": r"^display:(inline-)?flex",
    "css-display-grid": r"^display:(inline-)?grid",
    "css-display-none": r"^display:none",
    "css-flex-direction": r"^flex-direction:column",
    "css-flex-wrap": r"^flex-wrap:wrap",
    "css-important": r"!important",
    "css-intrinsic-size": r":.*\b(fit|min|max)-content\b",
    "css-modern-color": r":.*\b(ok)?(lch|lab)\(",
    "css-sytem-ui": r":.*\b(system-ui|ui-(serif|sans-serif|rounded|monospace))\b",
    "css-unit-calc": r":.*\bcalc\(",
    "css-unit-initial": r":.*\binitial\b",
    "css-unit-percent": r":.*\d%",
    "css-variables": r"^--|:.*\bvar\(",
}
IMAGES = {"image-base64": r"^data:image/", "image-jpg": r"\.jpe?g($|[?#])", "image-tiff": r"\.tiff?($|[?#])"}


def shape(slug: str, title: str, keywords: str) -> list[str]:  # noqa: C901, PLR0911 - a list of cases
    """What to look for: the kind of place, and what stands there."""
    kind, _, name = slug.partition("-")
    if kind == "image":
        return ["image", IMAGES.get(slug, rf"\.{name}($|[?#])")]
    if kind == "html":
        element = re.match(r"<(\w+)(?: type=\"(\w+)\")?>", title)
        if slug in HTML:
            return ["html", HTML[slug]]
        if element:
            return ["html", f"//{element[1]}" + (f"[@type='{element[2]}']" if element[2] else "")]
        return ["html", f"//*[@{name}]" if "attribute" in title else f"//{name}"]
    if slug in VALUES:
        return ["value", VALUES[slug]]
    if slug in SELECTORS or name.startswith("selector-"):
        return ["selector", SELECTORS.get(slug, "")]
    if name.startswith("pseudo-"):
        bare = name.removeprefix("pseudo-class-").removeprefix("pseudo-element-")
        return ["selector", rf":{bare}(?![\w-])"]
    if name.startswith("at-"):
        media = name.removeprefix("at-media-").removeprefix("at-")
        return ["at", rf"^@{media}(?![\w-])" if f"at-{media}" == name else rf"^@media.*{media}"]
    if name.startswith("unit-"):
        return ["value", rf":.*\d{name.removeprefix('unit-')}\b"]
    if title.endswith("()"):
        return ["value", rf":.*\b{re.escape(title)[:-2]}"]
    names = PROPERTIES.get(slug) or ([name] if not KEYWORDS_ARE_PROPERTIES.match(slug) else keywords.split(", "))
    return ["value", f"^({'|'.join(names)}):"]


def support(stats: dict[str, dict[str, dict[str, str]]]) -> str:
    """A letter for each client in its newest tested version: y(es), a(lmost), n(o), u(nknown)."""
    letters = []
    for family, platform, _ in CLIENTS:
        versions = stats.get(family, {}).get(platform, {})
        letters.append(list(versions.values())[-1][0] if versions else "u")
    return "".join(letters)


def compact(data: dict, licence: str) -> str:
    features = []
    for feature in data["data"]:
        slug = feature["slug"]
        looks = shape(slug, feature["title"], feature["keywords"] or "")
        if feature["category"] in {"html", "css", "image"} and slug not in SKIPPED and looks[1]:
            features.append([slug, feature["title"].strip(), support(feature["stats"]), *looks])
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features if set(feature[2]) & {"n", "a"})
    head = {
        "source": "https://www.caniemail.com/api/data.json",
        "date": data["last_update_date"][:10],
        "licence": licence,
        "shares": SHARES,
        "shares_source": SHARES_SOURCE,
        "clients": [name for _, _, name in CLIENTS],
    }
    return json.dumps(head, ensure_ascii=False, indent=1)[:-2] + f',\n "features": [\n{lines}\n]}}\n'


if __name__ == "__main__":
    here = Path(__file__).parents[3] / "digest/desk/checks/caniemail.json"
    kept = json.loads(here.read_text())["licence"] if here.exists() and here.stat().st_size else ""
    sys.stdout.write(compact(json.loads(Path(sys.argv[1]).read_text()), kept))
