"""What is looked at: one mail, taken apart once for all rules. Reads a digest, a letter's bytes or a bare page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property

from lxml import etree
from lxml import html as markup

from digest.desk.checks import css
from digest.errors import InputError
from digest.model import Page
from digest.text import clean

_UNSEEN = {"script", "style", "head", "title", "template"}
_BLANK = re.compile(r"[\u00a0\u00ad\u034f\u200b-\u200f\u2007\ufeff]+")  # what fills up a preheader


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """One mail. `html` or `text` is "" where that part is missing; `headers` is empty for a page that is no mail.
    `way_out` is the address of the unsubscribe link, where it is known."""

    html: str = ""
    text: str = ""
    subject: str = ""
    preheader: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes = b""
    contents: frozenset[str] = frozenset()
    way_out: str = ""

    @cached_property
    def tree(self) -> markup.HtmlElement:
        parser = markup.HTMLParser(encoding="utf-8")
        try:
            return markup.document_fromstring(clean(self.html).encode(), parser=parser)
        except etree.ParserError:  # comments alone, or nothing at all
            return markup.document_fromstring(b"<html><body></body></html>", parser=parser)

    @cached_property
    def words(self) -> str:
        """What the page says, in one line: all that is not in its head."""
        body = self.tree.find("body")
        return spoken(body if body is not None else self.tree)

    @cached_property
    def sheets(self) -> tuple[css.Sheet, ...]:
        return tuple(css.sheet("".join(style.itertext())) for style in self.tree.iter("style"))

    @cached_property
    def day(self) -> css.Looks:
        return css.Looks(self.tree, self.sheets, night=False)

    @cached_property
    def night(self) -> css.Looks:
        return css.Looks(self.tree, self.sheets, night=True)

    def header(self, name: str) -> str:
        return next((value for known, value in self.headers if known.lower() == name.lower()), "")


def of_page(page: Page) -> Exhibit:
    """A digest as some reader would get it: its marks filled in."""
    html, text, way_out = page.html, page.text, "https://digest.example.org/unsubscribe"
    for mark, value in (
        (page.marks.email, "reader@example.org"),
        (page.marks.unsubscribe, way_out),
        (page.marks.web, "https://digest.example.org/issue"),
        (page.marks.good, "mailto:digest@example.org?subject=good"),
        (page.marks.bad, "mailto:digest@example.org?subject=bad"),
    ):
        html, text = html.replace(mark, value), text.replace(mark, value)
    return Exhibit(
        html=html, text=text, subject=page.headline.subject, preheader=page.headline.preheader, way_out=way_out
    )


def of_html(data: bytes, *, where: str) -> Exhibit:
    """A bare page, as a template tool or a browser saves it."""
    html = _decoded(data)
    if "<" not in html:
        raise InputError("it holds no HTML", where=where, then="Give an .html page or an .eml mail.")
    return Exhibit(html=html, preheader=None)


def of_letter(data: bytes) -> Exhibit:
    """A whole mail (RFC 5322), as a mail program saves it or as it goes to the server."""
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - the policy makes it one; mypy cannot know
    html, text = _part(message, "html"), _part(message, "plain")
    named = frozenset(str(part.get("Content-ID", "")).strip("<> ") for part in message.walk())
    headers = tuple((name, " ".join(str(value).split())) for name, value in message.raw_items())
    subject = " ".join(str(message.get("Subject", "")).split())
    return Exhibit(html=html, text=text, subject=subject, headers=headers, raw=data, contents=named)


def _part(message: EmailMessage, kind: str) -> str:
    for part in message.walk():
        if part.get_content_type() == f"text/{kind}" and not part.is_attachment():
            payload = part.get_payload(decode=True)
            return _decoded(payload, part.get_content_charset()) if isinstance(payload, bytes) else ""
    return ""


def _decoded(data: bytes, charset: str | None = None) -> str:
    try:
        return data.decode(charset or "utf-8-sig")
    except (UnicodeDecodeError, LookupError):
        return data.decode("latin-1")


def spoken(element: markup.HtmlElement) -> str:
    """The words in an element, in one line, its blocks apart; without styles, scripts and comments."""
    parts = [
        text
        for text in element.xpath(".//text()[not(ancestor::style or ancestor::script or ancestor::head)]")
        if text.strip()
    ]
    return " ".join(" ".join(parts).split())


def place(element: markup.HtmlElement, *, of: Exhibit | None = None) -> str:
    """Where an element stands, so that a person finds it: its line where there are several, its tag, its words."""
    words = " ".join(_BLANK.sub(" ", element.text_content()[:400]).split()) if element.tag not in _UNSEEN else ""
    name = f"<{element.tag!s}>" + (f" “{words[:40]}{'…' * (len(words) > 40)}”" if words else "")
    lined = of is not None and of.html.count("\n") > 5 and element.sourceline
    return f"line {element.sourceline}, {name}" if lined else name
