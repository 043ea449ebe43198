"""What a screen reader goes by: the language, the title, the headings, which tables only lay out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from digest.desk.checks.exhibit import Exhibit, place
from digest.desk.checks.rules import found
from digest.model import Finding


def look(mail: Exhibit) -> Iterator[Finding]:
    tree = mail.tree
    if tree.get("lang", "") in {"", "und"}:
        yield found("language", where="<html>")
    if not "".join(tree.xpath("//head/title//text()")).strip():
        yield found("title", where="<head>")
    yield from _headings(mail)
    bare = [table for table in tree.iter("table") if table.get("role") is None and table.find(".//th") is None]
    if bare:
        yield found("layout-table", f"{len(bare)} of them", where=place(bare[0], of=mail))


def _headings(mail: Exhibit) -> Iterator[Finding]:
    levels = [int(heading.tag[1]) for heading in mail.tree.xpath("//h1 | //h2 | //h3 | //h4 | //h5 | //h6")]
    if levels.count(1) != 1 or levels[0] != 1:
        what = f"{levels.count(1)} headings of the first level, where one should open the page"
        yield found("headings", what, where="headings")
    for above, below in pairwise(levels):
        if below > above + 1:
            yield found("headings", f"from <h{above}> straight to <h{below}>", where="headings")
