"""Links: where they lead, as far as their address tells. Asks no server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import html as markup

from digest.desk.checks.exhibit import Exhibit, place, spoken
from digest.desk.checks.placeholders import LEFTOVER
from digest.desk.checks.rules import found
from digest.model import Finding

SHORTENERS = {"bit.ly", "tinyurl.com", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rebrand.ly", "cutt.ly", "shorturl.at"}
_WRAPPERS = {"t.co", "lnkd.in", "href.li"}  # a network wraps each link so; its words are the address that it stands for
_OTHERS = re.compile(r"(?i)(mailto|tel|sms|cid|xmpp|geo|webcal):\S")
_HOST = re.compile(r"(?i)(?:https?://)?((?:[\w-]+\.)+[a-z]{2,})(?:[/?#:]\S*)?")
_VAGUE = re.compile(r"(?i)(click )?here|click|read more|more|link|this link|hier( klicken)?|mehr|weiterlesen")
_BAD = re.compile(r"[\s<>\"\\^`{|}]")


def look(mail: Exhibit, *, said: str = "") -> Iterator[Finding]:
    """`said` is all that the author says: their links are theirs."""
    anchors = {*mail.tree.xpath("//@id"), *mail.tree.xpath("//a/@name"), "top"}
    for link in mail.tree.xpath("//a[@href] | //area[@href]"):
        href = link.get("href", "").strip()
        words = spoken(link)
        where = f"{place(link, of=mail)} {href[:60]}".strip()
        fault = _fault(href, anchors)
        if fault:
            yield found(*fault, where=where)
        else:
            yield from _dubious(href, words, where, theirs=href in said)
        yield from _words(link, words, where)


def _fault(href: str, anchors: set[str]) -> tuple[str, str] | None:
    """The rule that an address breaks, and how; None when a reader can go there."""
    if LEFTOVER.search(href):
        return "link-placeholder", "a placeholder stands in a link"
    if re.match(r"(?i)\s*(javascript|vbscript|data):", href):
        return "link-script", "it runs a script"
    if href.startswith("#") and len(href) > 1:
        return None if href[1:] in anchors else ("link-anchor", f"there is no {href} in the page")
    if _OTHERS.match(href):
        return None
    return None if _is_web(href) else ("link", "not an address that a reader can go to" if href else "it is empty")


def _is_web(href: str) -> bool:
    try:
        parts = urlsplit(href)
        return bool(
            parts.scheme.lower() in {"http", "https"} and parts.hostname and not _BAD.search(href) and parts.port != 0
        )
    except ValueError:
        return False


def _dubious(href: str, words: str, where: str, *, theirs: bool) -> Iterator[Finding]:
    host = (urlsplit(href).hostname or "").removeprefix("www.") if href.lower().startswith("http") else ""
    if href.lower().startswith("http://"):
        yield found("link-http-quoted" if theirs else "link-http", where=where)
    if host in SHORTENERS:
        yield found("link-shortened", host, where=where)
    if re.fullmatch(r"[\d.]+|0x[\da-f]+|[\da-f:]+:[\da-f:]*", host):
        yield found("link-number", host, where=where)
    shown = _HOST.fullmatch(words.rstrip("…"))
    if shown and host and host not in _WRAPPERS and not _same_site(shown[1].lower().removeprefix("www."), host):
        yield found("link-disguised", f"it shows {shown[1]}, and leads to {host}", where=where)


def _same_site(shown: str, host: str) -> bool:
    return host == shown or host.endswith(f".{shown}") or shown.endswith(f".{host}")


def _words(link: markup.HtmlElement, words: str, where: str) -> Iterator[Finding]:
    if not (
        words or link.get("aria-label") or link.get("title") or link.xpath(".//img[@alt != '']") or link.get("alt")
    ):
        yield found("link-words", where=where)
    elif _VAGUE.fullmatch(words.strip(" .…→»>")) and not link.get("aria-label"):
        yield found("link-vague", f"“{words}”", where=where)
