"""What the law and decency ask of a newsletter: a visible way out, and an address that one could write to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.desk.checks.exhibit import Exhibit
from digest.desk.checks.rules import found
from digest.model import Finding

_LEAVING = re.compile(
    r"(?i)unsubscri|opt.?out|abmeld|abbestell|désabonn|desinscri|désinscri|darse de baja|cancelar|disiscri|uitschrijv"
    r"|отпис|配信停止|取消订阅|退订|إلغاء الاشتراك|הסרה|odsubskryb|wypis|preferences"
)


def way_out(mail: Exhibit) -> Iterator[Finding]:
    """A link whose words a reader sees, in each part that there is."""
    if mail.html and not any(_leads_out(link, mail) for link in mail.tree.xpath("//a[@href]")):
        yield found("unsubscribe", where="page")
    if mail.text and not (mail.way_out in mail.text if mail.way_out else _LEAVING.search(mail.text)):
        yield found("unsubscribe", where="text part")


def _leads_out(link: object, mail: Exhibit) -> bool:
    href, words = link.get("href", ""), link.text_content().strip()  # type: ignore[attr-defined]
    known = href == mail.way_out if mail.way_out else _LEAVING.search(f"{href} {words}")
    return bool(known and words and not mail.day.hidden(link))  # type: ignore[arg-type]


def postal_address(mail: Exhibit, address: str) -> Iterator[Finding]:
    """`address` stands in both parts."""
    if not address.strip():
        yield found("postal-address", where="settings")
    for part, body in (("page", mail.tree.text_content()), ("text part", mail.text)):
        if "".join(address.split()) not in "".join(body.split()):
            yield found("postal-address", where=part, fix="Look at the footer of that template.")
