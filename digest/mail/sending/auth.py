"""How to log in (RFC 4954): each mechanism as a generator of answers to the server's challenges. Sends nothing itself."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Generator, Sequence

# Yields the answers, is sent the decoded challenges. A first answer of None means that the server speaks first.
Exchange = Generator[bytes | None, bytes, None]


def _plain(username: str, password: str) -> Exchange:
    """RFC 4616."""
    yield f"\0{username}\0{password}".encode()


def _login(username: str, password: str) -> Exchange:
    """Never a standard, offered everywhere: the name, then the password, whatever the prompts say."""
    yield None
    yield username.encode()
    yield password.encode()


def _cram_md5(username: str, password: str) -> Exchange:
    """RFC 2195."""
    challenge = yield None
    yield f"{username} {hmac.new(password.encode(), challenge, 'md5').hexdigest()}".encode()


def _xoauth2(username: str, password: str) -> Exchange:
    """Google's and Microsoft's bearer token; a refusal comes as a challenge and wants an empty answer."""
    yield f"user={username}\x01auth=Bearer {password}\x01\x01".encode()
    yield b""


_MECHANISMS: dict[str, Callable[[str, str], Exchange]] = {
    "PLAIN": _plain,
    "LOGIN": _login,
    "CRAM-MD5": _cram_md5,
    "XOAUTH2": _xoauth2,
}


def choose(offered: Sequence[str], *, wanted: str = "auto") -> str:
    """The mechanism to use, or "" when the server offers none that we know (or not the `wanted` one).

    PLAIN stands first: we only log in over TLS or to our own machine, where a challenge protects nothing more.
    """
    known = list(_MECHANISMS) if wanted == "auto" else [wanted]
    return next((name for name in known if name in offered), "")


def exchange(mechanism: str, *, username: str, password: str) -> Exchange:
    """The answers of `mechanism`, as a generator: `next()` gives the initial response, `send(challenge)` the others."""
    return _MECHANISMS[mechanism](username, password)
