"""The last look at a page before it leaves the press: each way that MJML and premailer can spoil it in silence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import html as markup

from digest.desk.sheet import Sheet
from digest.errors import RenderError
from digest.model import Page

_POST = re.compile(r"p\d+")


def prove(page: Page, *, sheet: Sheet) -> Page:
    """`page`, when nothing of it was lost, added or left over; else RenderError that says what."""
    for fault in _faults(page, sheet):
        raise RenderError(
            f"the finished page is damaged: {fault}",
            where="digest.mjml.j2",
            then="If you changed a template, go back to the shipped one and change it step by step.",
        )
    return page


def _faults(page: Page, sheet: Sheet) -> Iterator[str]:
    if not page.html.startswith("<!DOCTYPE html>"):
        yield "it lost its doctype, so mail programs would use their rules of 1998"
    if page.html.count("<!--[if") != page.html.count("<![endif]"):
        yield "a conditional comment for Outlook is not closed"
    if "data-premailer" in page.html:
        yield "a note to premailer was left in"
    tree = markup.document_fromstring(page.html)
    yield from _missing_posts(tree, sheet)
    yield from _foreign_parts(tree)
    yield from _wrong_marks(page, sheet)


def _missing_posts(tree: markup.HtmlElement, sheet: Sheet) -> Iterator[str]:
    found = [name for name in tree.xpath("//@id") if _POST.fullmatch(name)]
    wanted = [f"p{post.number}" for post in sheet.posts]
    if found != wanted:
        yield f"{len(wanted)} posts went in and {len(found)} came out, or they changed places"


def _foreign_parts(tree: markup.HtmlElement) -> Iterator[str]:
    """What no mail may hold: it would be stripped at best, and could fetch or run something at worst."""
    for part in tree.xpath("//script | //link | //iframe | //form | //object | //embed | //base"):
        yield f"there is a <{part.tag}> in it"
    for name in {name for element in tree.iter("*") for name in element.attrib if name.lower().startswith("on")}:
        yield f"there is an attribute {name}= in it"
    if any("@import" in (style.text or "") for style in tree.iter("style")):
        yield "a style sheet of it imports another"


def _wrong_marks(page: Page, sheet: Sheet) -> Iterator[str]:
    """A mark too few and a reader cannot leave; a mark too many and a stranger's post shows a reader's address."""
    marks = sheet.marks
    web, opinion = int(sheet.masthead.web), int(sheet.masthead.opinion)
    wants = {marks.email: 1, marks.unsubscribe: 1, marks.web: web, marks.good: opinion, marks.bad: opinion}
    for mark, wanted in wants.items():
        for part, body in (("page", page.html), ("text part", page.text)):
            if body.count(mark) != wanted:
                yield f"the mark {mark} stands {body.count(mark)} times in the {part}, not {wanted}"
