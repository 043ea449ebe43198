"""The archive as an Atom feed (RFC 4287), each issue whole. A feed reader has its own style, so its markup is plain."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import nh3
from lxml import etree
from lxml import html as markup

from digest.desk.archive.leaf import body_of, proven
from digest.desk.site import Link, Site
from digest.model import BackIssue, Page
from digest.text import clean

LENGTH = 30  # issues
_ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"
_NAMES = "a b blockquote br code details div em h2 h3 hr i img li ol p pre s strong summary ul"
_TAGS = set(_NAMES.split())
_ATTRIBUTES = {"a": {"href"}, "img": {"alt", "src", "width", "height"}, "div": {"dir"}, "blockquote": {"dir"}}
# What the feed says by its own means, and what only makes sense on a page.
_APART = "display:none"
_FURNITURE = ("brand", "when", "flag", "initials", "foot")
_BLOCKS = ("div", "p", "table", "tr", "blockquote", "h1", "h2", "h3", "ul", "ol", "details", "hr")


def feed(
    issues: Sequence[BackIssue], *, site: Site, page: Callable[[int], Page | None], link: Callable[[str], str]
) -> str:
    """The newest 30 of `issues` (newest first), as a document. `page` gives an issue's page, `link` its address."""
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    root.set(f"{{{_XML}}}lang", site.lang)
    _add(root, "title", site.name)
    _add(root, "id", _name(site.domain, issues[-1].date if issues else _NEVER, "archive"))
    _add(root, "updated", _instant(max((issue.date for issue in issues), default=_NEVER)))
    _add(root, "link", rel="self", type="application/atom+xml", href=link("feed.xml"))
    _add(root, "link", rel="alternate", type="text/html", href=link(""))
    _add(_add(root, "author"), "name", site.name)
    for issue in issues[:LENGTH]:
        if found := page(issue.number):
            root.append(_entry(issue, found, url=link(f"issues/{issue.number}"), link=link))
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True).decode()


_NEVER = datetime(2026, 1, 1, tzinfo=UTC)  # an empty feed must bear some date, and always the same


def _entry(issue: BackIssue, page: Page, *, url: str, link: Link) -> etree._Element:
    entry = etree.Element(f"{{{_ATOM}}}entry")
    entry.set(f"{{{_XML}}}lang", issue.lang)
    _add(entry, "title", issue.title)
    _add(entry, "id", _name(issue.domain, issue.date, f"issue-{issue.number}"))
    _add(entry, "updated", _instant(issue.date))
    _add(entry, "published", _instant(issue.date))
    _add(entry, "link", rel="alternate", type="text/html", href=url)
    if who := issue.author.name or issue.author.handle:
        _add(_add(entry, "author"), "name", who)
    if issue.preheader:
        _add(entry, "summary", issue.preheader)
    _add(entry, "content", content(page, url=url, link=link), type="html")
    return entry


def _add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{_ATOM}}}{tag}", attrib=attributes)
    child.text = clean(text) or None
    return child


def _name(domain: str, at: datetime, what: str) -> str:
    """A name that outlives every move of the pages (RFC 4151)."""
    return f"tag:{domain},{at:%Y-%m-%d}:{what}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def content(page: Page, *, url: str, link: Link = str) -> str:
    """The digest in plain, safe markup: a row of the mail's layout becomes a block, citations lead to the page at `url`."""
    body = body_of(page, web=url, link=link)
    for title in body.xpath("(.//h1)[1]"):
        title.drop_tree()  # the entry has it as its title
    for part in list(body.iter("*")):
        classes = set((part.get("class") or "").split())
        if classes & set(_FURNITURE) or _APART in (part.get("style") or "").replace(" ", ""):
            part.drop_tree()
    for citation in body.xpath(".//a[starts-with(@href, '#')]"):
        citation.set("href", url + citation.get("href"))
    _flatten(body)
    inner = (body.text or "") + "".join(markup.tostring(child, encoding="unicode") for child in body)
    text = nh3.clean(inner, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel=None)
    return proven(re.sub(r"\n\s*\n+", "\n", text).strip(), page.marks)


def _flatten(body: markup.HtmlElement) -> None:
    """Rows that say something become <div>; every table and box around them goes, and what is empty with them."""
    for part in reversed(list(body.iter("table", "tbody", "thead", "tr", "td", "th", "div"))):
        if not part.text_content().strip() and part.find(".//img") is None:
            part.drop_tree()
        elif part.tag in ("tr", "div") and (_speaks(part) or next(part.iterdescendants(*_BLOCKS), None) is None):
            part.tag = "div"
        else:
            part.drop_tag()


def _speaks(row: markup.HtmlElement) -> bool:
    """Whether words stand in it directly, and not only in blocks of their own."""
    return bool(row.xpath("text()[normalize-space()] | self::tr/td/text()[normalize-space()]"))
