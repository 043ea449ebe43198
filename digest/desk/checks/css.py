"""As much of CSS as a check needs: which rules there are, and what colour, size and ground an element ends up with.
No layout, and no value that only a browser could compute; what is not understood is left unjudged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from cssselect import GenericTranslator, SelectorError, parse
from lxml import etree
from lxml import html as markup

_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_DECLARATION = re.compile(r"""\s*([-\w]+)\s*:((?:[^;"'(]|"[^"]*"|'[^']*'|\([^()]*(?:\([^()]*\)[^()]*)*\))*)(?:;|$)""")
_OPAQUE = re.compile(r"""url\([^)]*\)|"[^"\n]*"|'[^'\n]*'""")
_PIECE = re.compile(r"([^{};]*)([{};]|$)")
_NIGHT = re.compile(r"prefers-color-scheme\s*:\s*dark")
_WIDE = re.compile(r"@media[^{]*(max-width|max-device-width|print|prefers|hover|orientation|resolution|pixel-ratio)")

Style = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a sheet. `within` holds the @ rules around it, outermost first."""

    selector: str
    style: tuple[tuple[str, str], ...]
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One <style>. `broken` says that its braces do not match; `ats` are its @ rules, each as "@media (…)"."""

    rules: tuple[Rule, ...]
    ats: tuple[str, ...]
    size: int
    broken: bool
    nested: bool


@lru_cache(maxsize=64)
def sheet(text: str) -> Sheet:
    """A style sheet read, however ill it is written."""
    bare = _OPAQUE.sub(_shaded, _COMMENT.sub("", text))
    rules: list[Rule] = []
    ats: list[str] = []
    around: list[tuple[str, list[str]]] = []  # what is open: its head, and the declarations in it so far
    balanced, nested = True, False
    for piece, mark in _PIECE.findall(bare):
        head = " ".join(piece.split())
        if head.startswith("@"):
            ats.append(head)
        if mark == "{":
            around.append((head, []))
            nested = nested or sum(each.startswith("@") for each, _ in around) > 1
        elif around and head:
            around[-1][1].append(head)
        balanced = balanced and (mark != "}" or bool(around))
        if mark == "}" and around:
            rules += _closed(around)
    return Sheet(rules=tuple(rules), ats=tuple(ats), size=len(text), broken=not balanced or bool(around), nested=nested)


def _closed(around: list[tuple[str, list[str]]]) -> Iterator[Rule]:
    """The rule that a } ends, if it says anything."""
    head, body = around.pop()
    if body:
        within = tuple(each for each, _ in around if each.startswith("@"))
        within, selector = ((*within, head), "") if head.startswith("@") else (within, head)
        yield Rule(selector=selector, style=declared(";".join(body)), within=within)


def _shaded(opaque: re.Match[str]) -> str:
    """A string or an address whose braces and semicolons count for nothing."""
    return re.sub(r"[{};]", " ", opaque[0])


@lru_cache(maxsize=4096)
def declared(text: str) -> tuple[tuple[str, str], ...]:
    """The declarations of a style="" or of a rule's body, in order, names in lower case."""
    return tuple((name.lower(), value.strip()) for name, value in _DECLARATION.findall(text) if value.strip())


class Looks:
    """What each element of a page looks like, by day or by night. Worked out once, since every element asks its parents."""

    def __init__(self, tree: markup.HtmlElement, sheets: tuple[Sheet, ...], *, night: bool) -> None:
        self._tree = tree
        self._won: dict[markup.HtmlElement, dict[str, str]] = {}
        weights: dict[tuple[markup.HtmlElement, str], tuple[int, ...]] = {}
        for order, (element, rank, style) in enumerate(_claims(tree, sheets, night=night)):
            for name, value in style:
                plain = value.removesuffix("!important").strip().removesuffix("!").strip()
                weight = (int("!important" in value.replace(" ", "")), *rank, order)
                called = "background-color" if name == "background" and colour(plain) else name
                if weight >= weights.get((element, called), (0,)):
                    weights[element, called] = weight
                    self._won.setdefault(element, {})[called] = plain.lower()
        self.dark = night and _takes_dark(tree, self.own(tree))
        self._styles: dict[markup.HtmlElement, dict[str, str]] = {}
        self._away: dict[markup.HtmlElement, bool] = {}

    def own(self, element: markup.HtmlElement) -> dict[str, str]:
        return self._won.get(element, {})

    def style(self, element: markup.HtmlElement) -> Style:
        """What was declared for the element itself, and what it inherits of colour, size, weight and visibility."""
        if element not in self._styles:
            parent = element.getparent()
            above = self.style(parent) if parent is not None else {"font-size": "16px"}
            own = {**_given(element), **self.own(element)}
            inherited = {
                name: above[name] for name in ("color", "font-size", "font-weight", "visibility") if name in above
            }
            whole = {**inherited, **own}
            whole["font-size"] = f"{_pixels(own.get('font-size', ''), above)}px"
            if own.get("color") in {"inherit", "unset", "currentcolor"}:
                whole["color"] = above.get("color", "")
            self._styles[element] = whole
        return self._styles[element]

    def hidden(self, element: markup.HtmlElement) -> bool:
        """Whether a reader sees nothing of it, as of a preheader."""
        return self.style(element)["font-size"] == "0.0px" or self._gone(element)

    def _gone(self, element: markup.HtmlElement) -> bool:
        if element not in self._away:
            parent = element.getparent()
            above = parent is not None and self._gone(parent)
            self._away[element] = above or _conceals(self.style(element))
        return self._away[element]


def _claims(
    tree: markup.HtmlElement, sheets: tuple[Sheet, ...], *, night: bool
) -> Iterator[tuple[markup.HtmlElement, tuple[int, ...], tuple[tuple[str, str], ...]]]:
    """Each (element, specificity, declarations) that holds on a wide screen at that time of day."""
    for rule in (rule for each in sheets for rule in each.rules):
        if all(_holds(at, night=night) for at in rule.within):
            for rank, find in _selected(rule.selector):
                for element in find(tree):
                    yield element, (0, *rank), rule.style
    for element in tree.iter("*"):
        if style := element.get("style"):
            yield element, (1, 0, 0, 0), declared(style)


def _holds(at: str, *, night: bool) -> bool:
    if _NIGHT.search(at):
        return night
    return at.startswith("@media") and not _WIDE.search(at)


@lru_cache(maxsize=512)
def _selected(selector: str) -> tuple[tuple[tuple[int, int, int], etree.XPath], ...]:
    """For each part of a selector its specificity and how to find what it means; nothing for one that no page here has."""
    translator = GenericTranslator()
    try:
        return tuple(
            (each.specificity(), etree.XPath(translator.selector_to_xpath(each)))
            for each in parse(selector)
            if each.pseudo_element is None
        )
    except (SelectorError, etree.XPathError):
        return ()


def _takes_dark(tree: markup.HtmlElement, root: Style) -> bool:
    """Whether the page says that it can be shown dark, so that its canvas and default ink turn over."""
    said = " ".join(tree.xpath("//meta[@name='color-scheme']/@content")) + root.get("color-scheme", "")
    return "dark" in said


def _given(element: markup.HtmlElement) -> dict[str, str]:
    """What attributes of 1998 say."""
    given = {"background-color": element.get("bgcolor", ""), "color": element.get("color", "")}
    if element.get("background"):
        given["background-image"] = "url"
    if element.tag in {"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"}:
        given["font-weight"] = "700"
    if element.tag in {"h1", "h2", "h3"}:
        given["font-size"] = {"h1": "2em", "h2": "1.5em", "h3": "1.17em"}[element.tag]
    return {name: value.lower() for name, value in given.items() if value}


def _conceals(style: Style) -> bool:
    off = {("display", "none"), ("visibility", "hidden"), ("mso-hide", "all"), ("opacity", "0")}
    gone = any(style.get(name) == value for name, value in off)
    flat = {style.get(name, "") for name in ("max-height", "height", "max-width", "width", "line-height")} & {
        "0",
        "0px",
    }
    return gone or (bool(flat) and style.get("overflow") == "hidden")


def _pixels(value: str, above: Style) -> float:
    base = float(above["font-size"].removesuffix("px"))
    match = re.match(r"([\d.]+)(px|pt|em|rem|%)?", value)
    if not match or not match[1].strip("."):
        return base
    scale = {"px": 1.0, "pt": 4 / 3, "em": base, "rem": 16.0, "%": base / 100}
    return float(match[1]) * scale[match[2] or "px"]


# ── colours ───────────────────────────────────────────────────────────────────────────────────────

Colour = tuple[float, float, float, float]  # red, green, blue 0–255, alpha 0–1
NAMES = {
    "black": "000000", "silver": "c0c0c0", "gray": "808080", "grey": "808080", "white": "ffffff", "maroon": "800000",
    "red": "ff0000", "purple": "800080", "fuchsia": "ff00ff", "green": "008000", "lime": "00ff00", "olive": "808000",
    "yellow": "ffff00", "navy": "000080", "blue": "0000ff", "teal": "008080", "aqua": "00ffff", "orange": "ffa500",
    "pink": "ffc0cb", "lightgray": "d3d3d3", "lightgrey": "d3d3d3", "darkgray": "a9a9a9", "darkgrey": "a9a9a9",
    "whitesmoke": "f5f5f5", "gainsboro": "dcdcdc", "lightyellow": "ffffe0", "ivory": "fffff0", "beige": "f5f5dc",
    "tomato": "ff6347", "gold": "ffd700", "coral": "ff7f50", "salmon": "fa8072", "crimson": "dc143c", "brown": "a52a2a",
    "darkblue": "00008b", "darkgreen": "006400", "darkred": "8b0000", "dimgray": "696969", "indigo": "4b0082",
}  # fmt: skip


@lru_cache(maxsize=1024)
def colour(value: str) -> Colour | None:
    """A colour as CSS writes it, or None for one that is not written out (inherit, var(), a gradient, a rare name)."""
    value = value.strip().lower()
    if value == "transparent":
        return (0, 0, 0, 0)
    digits = NAMES.get(value) or (value[1:] if re.fullmatch(r"#[0-9a-f]{3,8}", value) else "")
    if len(digits) in {3, 4}:
        digits = "".join(2 * digit for digit in digits)
    if len(digits) in {6, 8}:
        red, green, blue, *alpha = (int(digits[at : at + 2], 16) for at in range(0, len(digits), 2))
        return (red, green, blue, alpha[0] / 255 if alpha else 1)
    return _rgb(value)


def _rgb(value: str) -> Colour | None:
    match = re.fullmatch(r"rgba?\(\s*([^)]*)\)", value)
    numbers = re.findall(r"([\d.]+)(%?)", match[1]) if match else []
    if len(numbers) not in {3, 4}:
        return None
    red, green, blue = (float(number) * (2.55 if percent else 1) for number, percent in numbers[:3])
    alpha = float(numbers[3][0]) / (100 if numbers[3][1] else 1) if len(numbers) > 3 else 1
    return (red, green, blue, alpha)


def over(upper: Colour, lower: Colour) -> Colour:
    """One colour laid over another."""
    share = upper[3]
    red, green, blue = (top * share + bottom * (1 - share) for top, bottom in zip(upper[:3], lower[:3], strict=True))
    return (red, green, blue, 1)


def contrast(ink: Colour, ground: Colour) -> float:
    """How far two colours stand apart, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour[:3])
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
