"""Where a request comes from, as far as it can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import Request

Network = IPv4Network | IPv6Network


def address(request: Request, *, proxies: Sequence[Network]) -> str:
    """The visitor's IP address, "" where none can be known.

    Each proxy appends the address that it saw (RFC 7239, 7.4 has the same order), so X-Forwarded-For is read from its
    end, and only as far as the machines that said so are our own proxies. No client means a Unix socket: a proxy, too.
    """
    told = [part.strip() for line in request.headers.getlist("x-forwarded-for") for part in line.split(",")]
    seen = _parsed(request.client.host) if request.client else None
    while told and (seen is None or any(seen in network for network in proxies)):
        further = _parsed(told.pop())
        if further is None:
            break
        seen = further
    return str(seen) if seen else ""


def network(address: str) -> str:
    """What one visitor can have all of: an IPv4 address, or the /64 of an IPv6 one."""
    if ":" not in address:
        return address
    return str(ip_network((address, 64), strict=False))


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip("[]"))
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
