"""The checks that stand before every send: is this mail fit to be read, by everyone, and lawful to send?
Judges what was made and never changes it, asks no network, and looks at any mail. A file for each family of rules;
`rules` has the table. The proof of the press itself is in `proof`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from digest.desk.checks import (
    colours,
    heads,
    inbox,
    law,
    links,
    mjml,
    order,
    parts,
    pictures,
    placeholders,
    size,
    spam,
    structure,
    support,
)
from digest.desk.checks.exhibit import Exhibit, of_html, of_letter, of_page
from digest.desk.checks.rules import RULES, found
from digest.model import Finding, Page, Picture, Thread

__all__ = ["RULES", "Exhibit", "check", "check_head", "check_letter", "check_page", "check_pictures"]
__all__ += ["of_html", "of_letter", "of_page"]

_LEVELS = ("error", "warning", "note")


def check(page: Page, *, thread: Thread, postal_address: str) -> tuple[Finding, ...]:
    """Everything that is wrong with `page`, the rendering of `thread`, the worst first; empty when nothing is."""
    mail = of_page(page)
    return _sorted(
        chain(
            _body(mail, said=repr(thread)),
            mjml.look(page.mjml),
            _cut(page),
            parts.whole(mail, thread.posts[: len(thread.posts) - page.cut]),
            pictures.undescribed(thread),
            law.way_out(mail),
            law.postal_address(mail, postal_address),
        )
    )


def check_pictures(page: Page, *, thread: Thread, album: Mapping[str, Picture]) -> tuple[Finding, ...]:
    """The pictures of the printed posts that the page does not show, though it should: `album` has those that are kept."""
    return _sorted(pictures.unshown(page, thread.posts[: len(thread.posts) - page.cut], album=album))


def check_head(letter: bytes) -> tuple[Finding, ...]:
    """What is wrong with the head of a letter of ours, whose page was checked before."""
    mail = of_letter(letter)
    return _sorted(chain(heads.look(mail), size.lines(mail), size.whole(mail)))


def check_letter(data: bytes) -> tuple[Finding, ...]:
    """Everything that is wrong with a whole mail, whoever made it (RFC 5322)."""
    mail = of_letter(data)
    return _sorted(chain(_body(mail), heads.look(mail), parts.look(mail), law.way_out(mail)))


def check_page(data: bytes, *, where: str) -> tuple[Finding, ...]:
    """Everything that is wrong with a bare HTML page. InputError when it is none."""
    mail = of_html(data, where=where)
    return _sorted(chain(_body(mail), law.way_out(mail)))


def _body(mail: Exhibit, *, said: str = "") -> Iterator[Finding]:
    yield from inbox.look(mail)
    yield from size.look(mail)
    yield from placeholders.look(mail, said=said)
    if not mail.html:
        return
    yield from links.look(mail, said=said)
    for family in (structure, order, pictures, colours, spam, support):
        yield from family.look(mail)


def _cut(page: Page) -> Iterator[Finding]:
    if page.cut:
        yield found("size-cut", f"{page.cut} of them", where="page")


def _sorted(findings: Iterator[Finding]) -> tuple[Finding, ...]:
    """The worst first, each said once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: _LEVELS.index(finding.level)))
