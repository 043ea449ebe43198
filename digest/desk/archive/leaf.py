"""A digest as it was mailed → the same digest for everybody: no reader's address or link is left in it, and nothing in it
can run or load more than pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import nh3
from lxml import etree
from lxml import html as markup
from markupsafe import Markup

from digest.desk.site import Link
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
_HOST = re.compile(r"[a-z0-9.-]+(?::\d+)?", re.IGNORECASE)
# Written for mail programs that a browser is not.
_FOR_MAIL = ("[data-ogsc]", "#outlook", ".moz-text-html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """What of a mailed page everybody may see: `body` is safe markup, `css` a safe style sheet, `image` the full address of
    its first picture or "", `origins` where else than here its pictures lie: the owner's logo, say."""

    body: Markup
    css: Markup
    image: str = ""
    origins: tuple[str, ...] = ()


def leaf(page: Page, *, web: str, link: Link = str) -> Leaf:
    """The public part of `page`. `web` stands where the mail linked to its page on the web, `link` gives the addresses of
    its pictures ("pictures/…").

    Raises RenderError when a place for a reader's address or link is still in it afterwards.
    """
    tree = body_of(page, web=web, link=link)
    for preheader in tree.xpath("./div[contains(translate(@style,' ',''),'display:none')]"):
        preheader.drop_tree()
    for frame in tree.xpath(".//*[@role='article']"):
        frame.attrib.pop("role")  # the page around it has its own landmarks
    for picture in tree.iter("img"):
        picture.set("loading", "lazy")
    elsewhere = [urlsplit(source) for source in tree.xpath(".//img/@src") if source.startswith("https://")]
    origins = tuple(dict.fromkeys(f"https://{parts.netloc}" for parts in elsewhere if _HOST.fullmatch(parts.netloc)))
    body = nh3.clean(_inner(tree), tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None)
    css = proven(_css(page.html), page.marks)
    return Leaf(body=Markup(proven(body, page.marks)), css=Markup(css), origins=origins)  # noqa: S704 - cleaned


def body_of(page: Page, *, web: str, link: Link = str) -> markup.HtmlElement:
    """The body of the page without comments and without the sentences that were for one reader, its pictures from here."""
    tree = markup.document_fromstring(page.html)
    etree.strip_tags(tree, etree.Comment)
    body: markup.HtmlElement = tree.xpath("/html/body")[0]
    for mark in (page.marks.email, page.marks.unsubscribe, page.marks.good, page.marks.bad):
        for place in body.xpath(".//*[text()[contains(.,$mark)] or @*[contains(.,$mark)]]", mark=mark):
            _paragraph(place).drop_tree()
    for away in body.xpath(".//*[@href=$mark]", mark=page.marks.web):
        away.set("href", web)
    _hang(body, {shown.src: link(f"pictures/{shown.picture.name}") for shown in page.pictures})
    return body


def _hang(body: markup.HtmlElement, ours: Mapping[str, str]) -> None:
    """Our pictures at their addresses here. A post's picture that is not ours, as in issues from before there were any,
    becomes a link: who reads here is seen by nobody else."""
    for image in list(body.iter("img")):
        source = image.get("src", "")
        if source in ours:
            image.set("src", ours[source])
        elif image.xpath("ancestor::*[contains(concat(' ', @class, ' '), ' picture ')]"):
            image.tag, image.text = "a", image.get("alt") or source
            image.set("href", source)


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
