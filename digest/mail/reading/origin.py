"""Where a mail came from: the one address that wrote it, whether our own server vouches for it, which machine brought it.
It believes no header that a stranger can write, but for the sender's address, which is never believed alone."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from digest.errors import InputError
from digest.mail import addresses
from digest.mail.reading.opened import Part

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r"\([^()]*\)")
_ANGLES = re.compile(r"<([^<>]*)>")
_IP = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f.:]{3,45})\]")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")


def sender(mail: Part) -> str:
    """The address of the one person in the one From (RFC 5322, 3.6.2), or "" where there is none or more than one."""
    found = mail.all("from")
    return address(found[0]) if len(found) == 1 else ""


def address(value: str) -> str:
    """The only address in a header value, in the house's form; "" for none, several, a group, or what no mail can reach."""
    bare = _uncommented(_QUOTED.sub("", value))
    angles = _ANGLES.findall(bare)
    outside = _ANGLES.sub("", bare)
    if len(angles) > 1 or (angles and "@" in outside) or (not angles and re.search("[,;:]", bare)):
        return ""
    text = (angles[0] if angles else bare).strip()
    if not 3 <= len(text) <= 254:
        return ""
    try:
        return addresses.parse(text)
    except InputError:
        return ""


def _uncommented(value: str) -> str:
    for _ in range(3):  # comments may nest; who nests deeper has no address
        value = _COMMENT.sub(" ", value)
    return value


def aligned(mail: Part, *, sender: str, authservs: frozenset[str]) -> bool:
    """Whether our own mail server says that this sender's domain stands behind the mail.

    Only the topmost Authentication-Results counts, and only when it bears the name of a server that we trust (RFC 8601,
    5): everything below may have come with the mail. DMARC passed, or DKIM or SPF passed for the domain in From.
    """
    domain = sender.rpartition("@")[2].lower()
    server, _, results = _uncommented(_QUOTED.sub("", mail.get("authentication-results"))).partition(";")
    name = server.split()[0].lower() if server.split() else ""
    if not domain or name not in authservs:
        return False
    return any(_vouches(result.split(), domain) for result in results.split(";"))


def _vouches(words: list[str], domain: str) -> bool:
    method, *properties = [word.lower() for word in words] or [""]
    said = dict(word.partition("=")[::2] for word in properties)
    match method:
        case "dmarc=pass":
            return said.get("header.from", domain).rpartition("@")[2] == domain
        case "dkim=pass":
            return _covers(said.get("header.d") or said.get("header.i", ""), domain)
        case "spf=pass":
            return _covers(said.get("smtp.mailfrom", ""), domain)
    return False


def _covers(signed: str, domain: str) -> bool:
    """Whoever speaks for example.org speaks for news.example.org; the other way round they need not."""
    spoken = signed.rpartition("@")[2].rstrip(".")
    return "." in spoken and f".{domain}".endswith(f".{spoken}")


def network(mail: Part) -> str:
    """The address of the machine that handed the mail to our servers: the first public one from the top; "" if none."""
    return next((str(ip) for ip in _machines(mail) if ip.is_global), "")


def _machines(mail: Part) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    for line in mail.all("received")[:10]:
        for text in _IP.findall(line.partition(" by ")[0])[:3]:
            try:
                yield ipaddress.ip_address(text)
            except ValueError:
                continue


def message_ids(mail: Part, *names: str) -> list[str]:
    """The Message-IDs in these fields, newest last as they stand; at most 50."""
    return [found for name in names for value in mail.all(name)[:3] for found in _MESSAGE_ID.findall(value)][:50]
