"""Outlook's view: its conditional comments opened as Word's engine reads them, and what that engine ignores taken away.
An approximation in a browser; the real one has more faults than these."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator

_REVEALED = re.compile(r"<!--\[if ([^\]]+)\]>\s*(?:<!)?--+>(.*?)<!--+\s*<!\[endif\]--+>", re.DOTALL)
_HIDDEN = re.compile(r"<!--\[if ([^\]]+)\]>(.*?)<!\[endif\]--+>", re.DOTALL)
_BARE = re.compile(r"<!\[if ([^\]]+)\]>(.*?)<!\[endif\]>", re.DOTALL)
_OFFICE = re.compile(r"<xml\b.*?</xml>", re.DOTALL | re.IGNORECASE)
_MEDIA = re.compile(r"@media\b[^{]*\{")
_TERM = re.compile(r"\s*(?:([()|&!])|(?:(gte|gt|lte|lt)\s+)?(\w+)(?:\s+(\d+))?)")
_VERSION = {"mso": 16, "vml": 1}  # Outlook 2016 and later; Word's engine says that it is no IE
_COMPARE = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
_IGNORED = (
    "<style>*{border-radius:0!important;max-width:none!important;max-height:none!important;background-image:none"
    "!important;box-shadow:none!important;opacity:1!important;word-break:normal!important}"
    "img{max-width:100%!important}</style>"  # it takes a picture's width from its attribute
)


def opened(html: str) -> str:
    """The page with each condition decided, without media queries and what else Word does not know."""
    for form in (_REVEALED, _HIDDEN, _BARE):
        html = form.sub(lambda found: found[2] if holds(found[1]) else "", html)
    html = _MEDIA.sub("@media not all{", _OFFICE.sub("", html))
    return html.replace("</head>", f"{_IGNORED}</head>", 1)


def holds(expression: str) -> bool:
    """Whether a condition is true for Outlook: `mso | IE`, `!mso`, `(gte mso 9)&(lt mso 17)`."""
    terms = _terms(expression)
    return _either([*terms, ""])


def _terms(expression: str) -> Iterator[str]:
    """Signs as they are, and each comparison decided: "1" or "0"."""
    for sign, how, name, version in (found.groups() for found in _TERM.finditer(expression)):
        if sign:
            yield sign
        else:
            has = _VERSION.get(name.lower())
            wanted = int(version or 0)
            yield str(int(has is not None and (not version or _COMPARE.get(how, operator.eq)(has, wanted))))


def _either(terms: list[str]) -> bool:
    value = _both(terms)
    while terms[0] == "|":
        terms.pop(0)
        value = _both(terms) or value
    return value


def _both(terms: list[str]) -> bool:
    value = _single(terms)
    while terms[0] == "&":
        terms.pop(0)
        value = _single(terms) and value
    return value


def _single(terms: list[str]) -> bool:
    term = terms.pop(0) if len(terms) > 1 else ""
    if term == "!":
        return not _single(terms)
    if term == "(":
        value = _either(terms)
        if terms[0] == ")":
            terms.pop(0)
        return value
    return term == "1"
