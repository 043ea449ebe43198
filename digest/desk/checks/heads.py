"""The head of a mail: who it is from, whether its signature speaks for them, and the way out for mail programs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from email.utils import parseaddr, parsedate_to_datetime

from digest.desk.checks.exhibit import Exhibit
from digest.desk.checks.rules import found
from digest.model import Finding

ONCE = ("From", "Sender", "Reply-To", "To", "Cc", "Message-ID", "Date", "Subject", "List-Unsubscribe")


def look(mail: Exhibit) -> Iterator[Finding]:
    if not mail.headers:
        return
    address = parseaddr(mail.header("From"))[1]
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address):
        yield found("from", mail.header("From")[:80], where="From")
    if not _is_date(mail.header("Date")):
        yield found("date", mail.header("Date")[:80], where="Date")
    if not re.fullmatch(r"<[^<>\s]+@[^<>\s]+>", mail.header("Message-ID")):
        yield found("message-id", mail.header("Message-ID")[:80], where="Message-ID")
    counts = Counter(name.lower() for name, _ in mail.headers)
    for name in (name for name in ONCE if counts[name.lower()] > 1):
        yield found("header-twice", f"{counts[name.lower()]} of them", where=name)
    yield from _signed(mail, address.rpartition("@")[2].lower())
    yield from _way_out(mail)


def _is_date(value: str) -> bool:
    try:
        return bool(parsedate_to_datetime(value))
    except ValueError:
        return False


def _signed(mail: Exhibit, domain: str) -> Iterator[Finding]:
    signatures = [value for name, value in mail.headers if name.lower() == "dkim-signature"]
    domains = [match[1].lower() for value in signatures if (match := re.search(r"(?:^|;)\s*d\s*=\s*([^;\s]+)", value))]
    if not domains:
        yield found("dkim", where="DKIM-Signature")
    elif not any(_aligned(each, domain) for each in domains):
        yield found("dkim-alignment", f"it is {', '.join(domains)}'s, and From is {domain}'s", where="DKIM-Signature")


def _aligned(signer: str, sender: str) -> bool:
    """Relaxed alignment, as near as it can be told without a list of public suffixes."""
    return signer == sender or sender.endswith(f".{signer}") or signer.endswith(f".{sender}")


def _way_out(mail: Exhibit) -> Iterator[Finding]:
    header = mail.header("List-Unsubscribe")
    if not re.search(r"<(mailto:|https?://)[^>\s]+>", header):
        yield found("unsubscribe-header", header[:80], where="List-Unsubscribe")
    elif "List-Unsubscribe=One-Click" not in mail.header("List-Unsubscribe-Post") or "<https://" not in header:
        yield found("unsubscribe-one-click", where="List-Unsubscribe")
