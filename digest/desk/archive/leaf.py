"""A digest as it was mailed → the same digest for everybody: no reader's address or link is left in it, and nothing in it
can run or load more than pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass

import nh3
from lxml import etree
from lxml import html as markup
from markupsafe import Markup

from digest.errors import RenderError
from digest.model import Marks, Page

_NAMES = """
a abbr b blockquote br caption code div del details em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins li ol p pre q s
small span strong sub summary sup table tbody td tfoot th thead tr u ul
"""
_TAGS = set(_NAMES.split())
_EVERYWHERE = "align aria-hidden aria-label class dir height id lang role style title valign width"
_ATTRIBUTES = {
    "*": set(_EVERYWHERE.split()),
    "a": {"href"},
    "img": {"alt", "loading", "src"},
    "td": {"colspan", "rowspan"},
    "table": {"border", "cellpadding", "cellspacing"},
}
_SCHEMES = {"http", "https", "mailto"}
# Written for mail programs that a browser is not.
_FOR_MAIL = ("[data-ogsc]", "#outlook", ".moz-text-html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """What of a mailed page everybody may see: `body` is safe markup, `css` a safe style sheet, `image` its first
    picture or ""."""

    body: Markup
    css: Markup
    image: str


def leaf(page: Page, *, web: str) -> Leaf:
    """The public part of `page`. `web` stands where the mail linked to its page on the web.

    Raises RenderError when a place for a reader's address or link is still in it afterwards.
    """
    tree = body_of(page, web=web)
    for preheader in tree.xpath("./div[contains(translate(@style,' ',''),'display:none')]"):
        preheader.drop_tree()
    for frame in tree.xpath(".//*[@role='article']"):
        frame.attrib.pop("role")  # the page around it has its own landmarks
    for picture in tree.iter("img"):
        picture.set("loading", "lazy")
    images = [source for source in tree.xpath(".//img/@src") if source.startswith("https://")]
    body = nh3.clean(_inner(tree), tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None)
    css = proven(_css(page.html), page.marks)
    return Leaf(body=Markup(proven(body, page.marks)), css=Markup(css), image=(images or [""])[0])  # noqa: S704 - cleaned


def body_of(page: Page, *, web: str) -> markup.HtmlElement:
    """The body of the page without comments and without the sentences that were for one reader."""
    tree = markup.document_fromstring(page.html)
    etree.strip_tags(tree, etree.Comment)
    body: markup.HtmlElement = tree.xpath("/html/body")[0]
    for mark in (page.marks.email, page.marks.unsubscribe, page.marks.good, page.marks.bad):
        for place in body.xpath(".//*[text()[contains(.,$mark)] or @*[contains(.,$mark)]]", mark=mark):
            _paragraph(place).drop_tree()
    for link in body.xpath(".//*[@href=$mark]", mark=page.marks.web):
        link.set("href", web)
    return body


def _paragraph(place: markup.HtmlElement) -> markup.HtmlElement:
    """The whole sentence goes, where the template made it a paragraph of its own; else no more than its element."""
    around = place.xpath("ancestor-or-self::*[self::p or self::li]")
    return around[-1] if around else place


def _inner(tree: markup.HtmlElement) -> str:
    return (tree.text or "") + "".join(markup.tostring(child, encoding="unicode") for child in tree)


def _css(html: str) -> str:
    """The style sheets of the page's head. A template's author wrote them; yet none may end itself, or load anything."""
    tree = markup.document_fromstring(html)
    sheets = [sheet.text_content() for sheet in tree.xpath("//style[not(@media)]")]
    css = "\n".join(sheet for sheet in sheets if not sheet.lstrip().startswith(_FOR_MAIL))
    return re.sub(r"</|@import[^;]*;?", "", css)


def proven(text: str, marks: Marks) -> str:
    """`text`, when no reader has a place in it."""
    if f"T{marks.nonce}_" in text:
        raise RenderError(
            "the public page still has a place for a reader's own address or link",
            where="digest.mjml.j2",
            then="Set those in paragraphs of their own, as the shipped template does.",
        )
    return text
