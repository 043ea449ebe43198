"""The markup itself: what no mail may hold, what is not closed, what a mail program would take away."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser

from digest.desk.checks.exhibit import Exhibit, place
from digest.desk.checks.rules import found
from digest.model import Finding

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Their end may be left out (HTML Living Standard, 13.1.2.4), so nothing is wrong with one that stays open.
_OPTIONAL = {"html", "head", "body", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option"}
_OPTIONAL |= {"optgroup", "colgroup", "caption", "rt", "rp"}
_CONDITIONAL = re.compile(r"<!--\[if.*?<!\[endif\]-->", re.DOTALL)


def look(mail: Exhibit) -> Iterator[Finding]:
    if not mail.html.lstrip("\ufeff \t\r\n").lower().startswith("<!doctype html"):
        yield found("doctype", where="page")
    yield from _unclosed(mail.html)
    names = Counter(str(name) for name in mail.tree.xpath("//@id"))
    for name, count in names.items():
        if count > 1:
            yield found("duplicate-id", f"“{name}”, {count} times", where=f"id={name}")
    yield from _active(mail)
    yield from _styles(mail)


def _active(mail: Exhibit) -> Iterator[Finding]:
    tree = mail.tree
    for element in tree.xpath("//script[not(contains(@type, 'json'))]"):
        yield found("script", where=place(element, of=mail))
    for element in tree.iter("*"):
        for name in (name for name in element.attrib if name.lower().startswith("on")):
            yield found("script", f"{name}=", where=place(element, of=mail))
    for element in tree.xpath("//iframe | //object | //embed | //applet | //frameset"):
        yield found("active-content", f"<{element.tag}>", where=place(element, of=mail))
    for element in tree.xpath("//form | //input[not(ancestor::form)] | //textarea[not(ancestor::form)]"):
        yield found("form", f"<{element.tag}>", where=place(element, of=mail))
    for element in tree.xpath("//link[contains(@rel, 'stylesheet')]"):
        yield found("outer-style", element.get("href", "")[:80], where=place(element, of=mail))
    for element in tree.xpath("//meta[translate(@http-equiv, 'REFSH', 'refsh') = 'refresh']"):
        yield found("refresh", element.get("content", ""), where=place(element, of=mail))


def _styles(mail: Exhibit) -> Iterator[Finding]:
    for number, sheet in enumerate(mail.sheets, 1):
        where = f"style sheet {number}"
        if sheet.broken:
            yield found("style-broken", where=where)
        if sheet.nested:
            yield found("style-nested", where=where)
        for at in (at for at in sheet.ats if at.startswith("@import")):
            yield found("outer-style", at[:80], where=where)
    phones = any(at.startswith("@media") and "width" in at for sheet in mail.sheets for at in sheet.ats)
    if phones and not mail.tree.xpath("//meta[@name = 'viewport']"):
        yield found("viewport", where="<head>")


class _Tags(HTMLParser):
    """Which tags stay open, and which ends have no beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, int]] = []
        self.faults: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.open.append((tag, self.getpos()[0]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """<br/>, and <v:rect/> as Outlook's markup has it: nothing stays open."""

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _ in self.open]
        if tag in _VOID:
            return
        if tag not in names:
            if tag not in _OPTIONAL:
                self.faults.append((f"</{tag}> ends nothing", self.getpos()[0]))
            return
        while (last := self.open.pop())[0] != tag:
            self._left(*last)

    def _left(self, tag: str, line: int) -> None:
        if tag not in _OPTIONAL:
            self.faults.append((f"<{tag}> is not closed", line))

    def close(self) -> None:
        super().close()
        for tag, line in self.open:
            self._left(tag, line)


def _unclosed(html: str) -> Iterator[Finding]:
    tags = _Tags()
    tags.feed(_CONDITIONAL.sub("", html))
    tags.close()
    for fault, line in tags.faults[:5]:
        yield found("unclosed", fault, where=f"line {line}")
