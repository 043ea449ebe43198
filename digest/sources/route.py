"""Decides which machines may be connected to, and for how long. It is asked by `web` alone and knows no HTTP."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import httpcore

_STEP = 15.0  # seconds for one connect or one read, within the deadline
_NAT64 = bytes.fromhex("0064ff9b0000000000000000")  # 64:ff9b::/96 (RFC 6052)


class Blocked(Exception):
    """The name leads to an address that is not for us."""


class Overdue(Exception):
    """The time for this page is used up."""


class Route(httpcore.NetworkBackend):
    """Connects to the very address that was checked, so that a name cannot mean another machine a moment later."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._end = 0.0

    def begin(self, deadline: timedelta) -> None:
        """From now on, everything has to be over within `deadline`."""
        self._end = time.monotonic() + deadline.total_seconds()

    def left(self, timeout: float | None = None) -> float:
        """Seconds for the next step. Raises Overdue when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Overdue
        return min(left, _STEP if timeout is None else timeout)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the addresses of `host`; one that is not public forbids them all."""
        trouble: Exception = httpcore.ConnectError("the name has no address")
        for address in list(self._addresses(host, port)):
            try:
                stream = httpcore.SyncBackend().connect_tcp(
                    address, port, self.left(timeout), local_address, socket_options
                )
                return _Timed(stream, route=self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble

    def _addresses(self, host: str, port: int) -> Iterator[str]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("there is no such host") from error
        for entry in found:
            address = str(entry[4][0])
            if not (self._allow_private or is_public(address)):
                raise Blocked(address)
            yield address


class _Timed(httpcore.NetworkStream):
    """A connection on which no step may outlive the page's deadline: neither a slow head nor a dripping body."""

    def __init__(self, stream: httpcore.NetworkStream, *, route: Route) -> None:
        self._stream, self._route = stream, route

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=self._route.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=self._route.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, timeout=self._route.left(timeout))
        return _Timed(secured, route=self._route)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def is_public(address: str) -> bool:
    """Whether `address` is one of the open internet, also after looking into IPv6 addresses that carry an IPv4 one."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(inner.is_global and not inner.is_multicast for inner in _meant(parsed))


def _meant(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    if isinstance(address, IPv4Address):
        yield address
        return
    inside = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
    if address.packed[:12] in (_NAT64, bytes(12)):
        inside = IPv4Address(address.packed[12:])
    if inside:
        yield inside
    if not address.ipv4_mapped:
        yield address
    if address.is_site_local:
        yield IPv4Address("10.0.0.0")
