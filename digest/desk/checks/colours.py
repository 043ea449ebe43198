"""Whether words stand out from their ground, by day and by night, as far as the styles say. Judges no word over a
picture or a gradient, and not what a mail program makes of the colours by itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from lxml import html as markup

from digest.desk.checks.css import Colour, Looks, colour, contrast, over
from digest.desk.checks.exhibit import Exhibit, place
from digest.desk.checks.rules import found
from digest.model import Finding

WHITE, BLACK, NIGHT = (255.0, 255.0, 255.0, 1.0), (0.0, 0.0, 0.0, 1.0), (18.0, 18.0, 18.0, 1.0)
LINK, LINK_BY_NIGHT = (0.0, 0.0, 238.0, 1.0), (158.0, 158.0, 255.0, 1.0)  # a browser's own
READABLE, LARGE, VISIBLE = 4.5, 3.0, 1.5
SMALLEST = 9.0  # CSS pixels
_SILENT = {"script", "style", "head", "title", "template", "noscript"}


def look(mail: Exhibit) -> Iterator[Finding]:
    times = [("by day", mail.day)] + ([("by night", mail.night)] if mail.night.dark or _has_night(mail) else [])
    for when, looks in times:
        seen: set[tuple[object, ...]] = set()
        for element in mail.tree.iter("*"):
            if element.tag not in _SILENT and _says(element) and not looks.hidden(element):
                yield from _judged(element, looks, when, mail, seen)


def _has_night(mail: Exhibit) -> bool:
    return any("prefers-color-scheme" in at for sheet in mail.sheets for at in sheet.ats)


def _says(element: markup.HtmlElement) -> bool:
    """Whether words stand in the element itself."""
    texts = [element.text or "", *(child.tail or "" for child in element)]
    return any(character.isalnum() for text in texts for character in text)


def _judged(
    element: markup.HtmlElement, looks: Looks, when: str, mail: Exhibit, seen: set[tuple[object, ...]]
) -> Iterator[Finding]:
    style = looks.style(element)
    size = float(style["font-size"].removesuffix("px"))
    if size < SMALLEST and when == "by day" and ("small", size) not in seen:
        seen.add(("small", size))
        yield found("small", f"{size:g} pixels", where=place(element, of=mail))
    ground, ink = _ground(element, looks), _ink(element, looks)
    if ground is None or ink is None or (ink, ground) in seen:
        return
    ratio = contrast(over(ink, ground), ground)
    bold = style.get("font-weight", "") in {"bold", "bolder", "600", "700", "800", "900"}
    wanted = LARGE if size >= 24 or (bold and size >= 18.6) else READABLE
    if ratio < wanted - 0.005:
        seen.add((ink, ground))
        rule = "invisible" if ratio < VISIBLE else "contrast"
        yield found(rule, f"{ratio:.1f} : 1 {when} ({_hex(ink)} on {_hex(ground)})", where=place(element, of=mail))


def _ground(element: markup.HtmlElement, looks: Looks) -> Colour | None:
    """The colour behind an element; None where a picture or a colour that we cannot read lies there."""
    layers: list[Colour] = []
    for each in (element, *element.iterancestors()):
        style = looks.style(each)
        if "background-image" in style and style["background-image"] != "none":
            return None
        written = style.get("background-color", "")
        if "background" in style and not written and style["background"] not in {"none", "unset", "initial"}:
            return None
        layer = colour(written) if written else None
        if written and layer is None and written not in {"inherit", "initial", "unset", "none"}:
            return None
        if layer and layer[3] > 0:
            layers.append(layer)
            if layer[3] == 1:
                break
    ground = NIGHT if looks.dark else WHITE
    for layer in reversed(layers):
        ground = over(layer, ground)
    return ground


def _ink(element: markup.HtmlElement, looks: Looks) -> Colour | None:
    written = looks.style(element).get("color", "")
    link = next((each for each in (element, *element.iterancestors()) if each.tag == "a" and each.get("href")), None)
    if (
        link is not None
        and "color" not in looks.own(link)
        and all("color" not in looks.own(each) for each in _upto(element, link))
    ):
        return LINK_BY_NIGHT if looks.dark else LINK
    if not written:
        return WHITE if looks.dark else BLACK
    return colour(written)


def _upto(element: markup.HtmlElement, ancestor: markup.HtmlElement) -> Iterator[markup.HtmlElement]:
    return takewhile(lambda each: each is not ancestor, (element, *element.iterancestors()))


def _hex(of: Colour) -> str:
    return "#" + "".join(f"{round(part):02x}" for part in of[:3])
