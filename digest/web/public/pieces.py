"""What the public pages stand on, handed in by whoever starts them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network

from digest.archiving import Press
from digest.mail.intents import Asked
from digest.mail.tokens import Tokens
from digest.model import Subscriber

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """`answer` does what is asked, or raises a `DigestError`; what it returns is not looked at, for the pages then show
    where the reader stands: `reader` gives that, by id, and `follows` whose threads they want. `key` signs when a form was shown. `proxies` are believed when they name a client. `pace` is how many seconds an
    answer to the sign-up form takes at least, so that nobody can measure whom we know.
    """

    press: Press
    tokens: Tokens
    reader: Callable[[int], Subscriber | None]
    follows: Callable[[int], Sequence[str]]
    answer: Callable[[Asked], object]
    now: Callable[[], datetime]
    key: bytes
    proxies: tuple[IPv4Network | IPv6Network, ...] = LOOPBACK
    pace: float = 0.3
