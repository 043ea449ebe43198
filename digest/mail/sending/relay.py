"""The options of one relay: where it is, how to log in, how fast it may be used. It opens nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds of silence that are borne, by what is waited for: RFC 5321, 4.5.3.2, where it has a figure.

    A shorter `dot` makes doubles: the server may have taken the letter while we stop listening.
    """

    connect: float = 60
    tls: float = 60
    greeting: float = 300
    command: float = 300
    data: float = 120
    block: float = 180
    dot: float = 600
    pipeline: float = 30  # until a relay has shown that it can be pipelined to, see `experience.Experience`
    quit: float = 5
    reconnect: float = 30  # how long a relay that was there before is looked for before the run gives up

    @property
    def by_phase(self) -> Mapping[str, float]:
        """How long the answer in each phase of a letter may take."""
        commands = dict.fromkeys(("rset", "mail", "rcpt", "void"), self.command)
        return {**commands, "data": self.data, "dot": self.dot, "quit": self.quit}


BRISK = Timeouts(connect=10, tls=10, greeting=15, command=30, dot=60)  # a person waits, and nothing is lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where letters are handed over. `connections`, `per_connection` and `rate` are limits; 0 means none for the last two.

    `window` is how many whole letters may be under way on one connection where the relay takes CHUNKING
    (RFC 3030). Each of them is in doubt when the connection breaks, so more than one is the owner's choice.
    `hello` is the name we give; "" gives the address literal of our end (RFC 5321, 4.1.3).
    `mechanism` "auto" takes the first of PLAIN, LOGIN, CRAM-MD5, XOAUTH2 that is offered; for XOAUTH2 the
    password is the access token. `weight` is this relay's share where there are several.
    """

    host: str
    port: int = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    mechanism: Literal["auto", "PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"] = "auto"
    connections: int = 4
    per_connection: int = 0
    rate: float = 0
    window: int = 1
    pipelining: Literal["auto", "off"] = "auto"
    hello: str = ""
    ca_file: str = ""
    timeouts: Timeouts = Timeouts()
    weight: int = 1

    @property
    def where(self) -> str:
        """host:port, as errors name it."""
        return f"{self.host}:{self.port}"
