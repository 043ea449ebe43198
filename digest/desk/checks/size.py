"""How much a mail weighs, and what mailboxes do to heavy ones."""

from __future__ import annotations

from collections.abc import Iterator

from digest.desk.checks.exhibit import Exhibit
from digest.desk.checks.rules import found
from digest.model import Finding

CLIPPED = 102_000  # decoded bytes; past about this Gmail shows "[Message clipped]" instead of the footer
HEAVY = 90_000
STYLES = 16_000  # characters; what comes after them in <style> Gmail drops (hteumeuleu/email-bugs 90)
WHOLE = 1_000_000  # bytes, as they travel
LONGEST = 998  # bytes of a line (RFC 5322, 2.1.1)


def look(mail: Exhibit) -> Iterator[Finding]:
    size = len(mail.html.encode())
    if size > CLIPPED:
        yield found("size-clipped", f"{size:,} bytes", where="page")
    elif size > HEAVY:
        yield found("size-heavy", f"{size:,} bytes", where="page")
    styles = sum(sheet.size for sheet in mail.sheets) if mail.html else 0
    if styles > STYLES:
        yield found("style-heavy", f"{styles:,} characters", where="<style>")
    yield from lines(mail)
    yield from whole(mail)


def whole(mail: Exhibit) -> Iterator[Finding]:
    """What the mail weighs with all that goes along."""
    if len(mail.raw) > WHOLE:
        yield found("mail-heavy", f"{len(mail.raw):,} bytes", where="the mail")


def lines(mail: Exhibit) -> Iterator[Finding]:
    """The first line of a mail that is too long to travel."""
    for number, line in enumerate(mail.raw.splitlines(), 1):
        if len(line) > LONGEST:
            yield found("line-long", f"{len(line):,} bytes", where=f"line {number} of the mail")
            return
