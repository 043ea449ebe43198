"""The MJML behind a page: tags, attributes and places that MJML does not know. The compiler that we ship takes any typing
mistake in silence, and drops what it does not know."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html.parser import HTMLParser
from importlib.resources import files
from typing import NamedTuple

from digest.desk.checks.rules import found
from digest.model import Finding

_EVERYWHERE = {"css-class", "mj-class"}


class Tag(NamedTuple):
    """What the reference (mjml 4.18) allows: attributes, children; a `leaf` holds HTML. "*" stands for any."""

    attributes: frozenset[str]
    leaf: bool
    children: frozenset[str]


class Fault(NamedTuple):
    """What is wrong, with which tag and attribute ("" for the tag itself), on which line of the MJML."""

    what: str
    tag: str
    attribute: str
    line: int


@lru_cache(maxsize=1)
def tags() -> Mapping[str, Tag]:
    read = json.loads((files("digest.desk.checks") / "mjml.json").read_text(encoding="utf-8"))
    return {
        name: Tag(frozenset(attributes.split()), leaf, frozenset(children.split()))
        for name, (attributes, leaf, children) in read.items()
    }


def look(mjml: str) -> Iterator[Finding]:
    for fault in faults(mjml):
        yield found("mjml", fault.what, where=f"line {fault.line} of digest.mjml")


def faults(mjml: str) -> list[Fault]:
    """Everything in `mjml` that MJML does not know, in order."""
    reader = _Reader()
    reader.feed(mjml)
    reader.close()
    return reader.faults


class _Reader(HTMLParser):
    """Walks the MJML tags, and passes over the HTML in those that hold some."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[Fault] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._in_html():
            self._judge(tag, [name for name, _ in attrs])
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._in_html():
            self._judge(tag, [name for name, _ in attrs])

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open and not (self._in_html() and self._open[-1] != tag):
            while self._open.pop() != tag:
                pass

    def _in_html(self) -> bool:
        return bool(self._open) and tags().get(self._open[-1], Tag(frozenset(), False, frozenset())).leaf

    def _judge(self, tag: str, attributes: list[str]) -> None:
        known, parent = tags().get(tag), self._open[-1] if self._open else ""
        if known is None:
            self._note(f"there is no <{tag}>{_near(tag, tags())}", tag)
            return
        above = tags().get(parent)
        if above and not above.children & {tag, "*"}:
            self._note(f"<{tag}> has no place in <{parent}>", tag)
        for name in attributes:
            if not ({name, "*"} & known.attributes or name in _EVERYWHERE):
                self._note(f"<{tag}> knows no {name}={_near(name, known.attributes)}", tag, name)

    def _note(self, what: str, tag: str, attribute: str = "") -> None:
        self.faults.append(Fault(what, tag, attribute, self.getpos()[0]))


def _near(name: str, known: Mapping[str, Tag] | frozenset[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
