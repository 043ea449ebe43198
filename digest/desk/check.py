"""The checks that stand before every send: is this page fit to be read, by everyone, and lawful to send?
Judges what was made and never changes it; the proof of the press itself is in `proof`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, pairwise

from lxml import html as markup

from digest.desk.rich import pieces, web
from digest.model import Finding, Headline, Marks, Page, Post, Thread

CLIPPED = 102_000  # decoded bytes; past about this Gmail shows "[Message clipped]" instead of the footer
HEAVY = 90_000
_LEFTOVER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|%%\w+%%|\*\|\w+\|\*")
_HIDDEN = re.compile(r"display:\s*none|visibility:\s*hidden")
_REPLY = re.compile(r"(?i)(re|fwd?|aw|wg)\s*:")


def check(page: Page, *, thread: Thread, postal_address: str) -> tuple[Finding, ...]:
    """Everything that is wrong with `page`, the rendering of `thread`, in reading order; empty when nothing is."""
    tree = markup.document_fromstring(page.html)
    return tuple(
        chain(
            _subject(page.headline),
            _preheader(page.headline),
            _weight(page),
            _language(tree),
            _headings(tree),
            _pictures(tree, thread),
            _links(tree, page.marks),
            _leftovers(tree, thread),
            _content(tree, page, thread.posts[: len(thread.posts) - page.cut]),
            _way_out(tree, page),
            _postal_address(tree, page, postal_address),
        )
    )


def _subject(headline: Headline) -> Iterator[Finding]:
    subject, rule, where = headline.subject, "subject", "subject"
    if not subject.strip():
        yield Finding(
            rule=rule, level="error", what="the subject is empty", where=where, fix="Give the thread a title."
        )
    if len(subject) > 78:
        why, fix = "Phones show about 40 characters of it, a desk about 70.", "Set a shorter title by hand."
        yield Finding(rule=rule, level="warning", what=f"{len(subject)} characters long", where=where, why=why, fix=fix)
    if subject.isupper() and sum(map(str.isalpha, subject)) > 8:
        yield Finding(rule=rule, level="warning", what="all in capitals", where=where, why="Spam filters count it.")
    if re.search(r"[!?]{3}|\${2}", subject) or _REPLY.match(subject):
        why = "Readers and spam filters know this from mail that nobody asked for."
        yield Finding(rule=rule, level="warning", what=f"reads like an advertisement: {subject}", where=where, why=why)


def _preheader(headline: Headline) -> Iterator[Finding]:
    rule, where, line = "preheader", "preheader", headline.preheader
    if not line.strip():
        why = "Mail programs then show the page's first words beside the subject."
        yield Finding(rule=rule, level="note", what="there is none", where=where, why=why)
    elif line.casefold() == headline.subject.casefold():
        why = "The inbox says the same thing twice."
        yield Finding(rule=rule, level="warning", what="it repeats the subject", where=where, why=why)


def _weight(page: Page) -> Iterator[Finding]:
    size, rule, where = len(page.html.encode()), "size", "page"
    why = f"Gmail clips a page past about {CLIPPED:,} bytes, footer and unsubscribe link first."
    if size > CLIPPED:
        yield Finding(
            rule=rule, level="error", what=f"{size:,} bytes", where=where, why=why, fix="Lighten the template."
        )
    elif size > HEAVY:
        yield Finding(rule=rule, level="warning", what=f"{size:,} bytes", where=where, why=why)
    if page.cut:
        fix = "Nothing, if the link to the original works; or choose a shorter thread."
        yield Finding(rule=rule, level="note", what=f"{page.cut} posts were left out for size", where=where, fix=fix)


def _language(tree: markup.HtmlElement) -> Iterator[Finding]:
    if tree.get("lang", "") in {"", "und"}:
        why = "A screen reader then reads it in the voice of the reader's own language."
        yield Finding(rule="language", level="error", what="the page names no language", where="<html>", why=why)


def _headings(tree: markup.HtmlElement) -> Iterator[Finding]:
    why = "A screen reader walks a page from heading to heading."
    levels = [int(heading.tag[1]) for heading in tree.xpath("//h1 | //h2 | //h3 | //h4 | //h5 | //h6")]
    if levels.count(1) != 1 or levels[0] != 1:
        what = f"{levels.count(1)} headings of the first level, where one should open the page"
        yield Finding(rule="headings", level="warning", what=what, where="headings", why=why)
    for above, below in pairwise(levels):
        if below > above + 1:
            what = f"from <h{above}> straight to <h{below}>"
            yield Finding(rule="headings", level="warning", what=what, where="headings", why=why)


def _pictures(tree: markup.HtmlElement, thread: Thread) -> Iterator[Finding]:
    for image in tree.iter("img"):
        source = image.get("src", "")
        if image.get("alt") is None:
            why = "Who cannot see it, or has pictures turned off, is told nothing."
            yield Finding(rule="pictures", level="error", what="no alt text", where=source[:80], why=why)
        if not source.startswith("https://"):
            why = "Mail programs do not show pictures from elsewhere than https."
            yield Finding(rule="pictures", level="error", what="not from an https address", where=source[:80], why=why)
    for post in thread.posts:
        if any(medium.kind == "image" and not medium.alt for medium in post.media):
            what, fix = "a picture came without a description", "Describe it in the source, and import again."
            yield Finding(rule="pictures", level="note", what=what, where=f"post {post.number}", fix=fix)


def _links(tree: markup.HtmlElement, marks: Marks) -> Iterator[Finding]:
    for link in tree.xpath("//a[@href]"):
        href = link.get("href")
        fault = "" if href in {marks.unsubscribe, marks.web} else _fault_of_link(tree, href)
        if fault:
            fix = "Look for it in the template or in the thread."
            yield Finding(rule="links", level="error", what=fault, where=href[:80] or "(empty)", fix=fix)
        if not (link.text_content().strip() or link.get("aria-label") or link.xpath(".//img[@alt != '']")):
            what, why = "a link without words", "A screen reader can only spell out its address."
            yield Finding(rule="links", level="warning", what=what, where=href[:80], why=why)


def _fault_of_link(tree: markup.HtmlElement, href: str) -> str:
    if _LEFTOVER.search(href):
        return "a placeholder stands in a link"
    if href.startswith("#"):
        return "" if tree.xpath("//*[@id = $id]", id=href[1:]) else "a link to a place that is not in the page"
    return "" if href.startswith("mailto:") or web(href) else "not an address that a reader can go to"


def _leftovers(tree: markup.HtmlElement, thread: Thread) -> Iterator[Finding]:
    said = _squeezed(repr(thread))  # all that the thread says, wherever it says it: a post may talk about templates
    for found in _LEFTOVER.findall(tree.text_content()):
        if _squeezed(found) not in said:
            why = "A template printed a placeholder instead of filling it."
            yield Finding(rule="leftovers", level="error", what=f"{found} stands in the page", where="page", why=why)


def _content(tree: markup.HtmlElement, page: Page, posts: tuple[Post, ...]) -> Iterator[Finding]:
    """Both parts hold every word of every post. Links are passed over: each part shows them in its own way."""
    parts = {"page": _squeezed(tree.text_content()), "text part": _squeezed(page.text)}
    for post in posts:
        words = [_squeezed(piece.text) for piece in pieces(post.text, post.links) if not piece.url]
        for part, body in parts.items():
            if any(stretch not in body for stretch in words):
                what, why = f"post {post.number} is not in it", "Both parts of a mail must say the same."
                yield Finding(rule="content", level="error", what=what, where=part, why=why)


def _way_out(tree: markup.HtmlElement, page: Page) -> Iterator[Finding]:
    links = tree.xpath("//a[@href = $mark]", mark=page.marks.unsubscribe)
    why = 'Who cannot find the way out presses "spam" instead; the law asks for it too (15 U.S.C. 7704(a)(3)).'
    if not any(link.text_content().strip() and not _is_hidden(link) for link in links):
        yield Finding(rule="unsubscribe", level="error", what="no visible link to unsubscribe", where="page", why=why)
    if page.marks.unsubscribe not in page.text:
        yield Finding(rule="unsubscribe", level="error", what="no link to unsubscribe", where="text part", why=why)


def _is_hidden(element: markup.HtmlElement) -> bool:
    return any(_HIDDEN.search(each.get("style", "")) for each in (element, *element.iterancestors()))


def _postal_address(tree: markup.HtmlElement, page: Page, postal_address: str) -> Iterator[Finding]:
    why = "The law asks for it in every issue (15 U.S.C. 7704(a)(5))."
    if not postal_address.strip():
        fix = "Set DIGEST_POSTAL_ADDRESS."
        yield Finding(rule="postal-address", level="error", what="there is none", where="settings", why=why, fix=fix)
    for part, body in (("page", tree.text_content()), ("text part", page.text)):
        if _squeezed(postal_address) not in _squeezed(body):
            yield Finding(rule="postal-address", level="error", what="it is missing", where=part, why=why)


def _squeezed(text: str) -> str:
    """`text` without its blanks, which each part sets in its own way."""
    return "".join(text.split())
