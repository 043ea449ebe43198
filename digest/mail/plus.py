"""The digest's own address with a word and a token after a plus: where a reader's next mail goes. Knows no letter."""

from __future__ import annotations

_LOCAL_LIMIT = 64  # octets before the @ (RFC 5321, 4.5.3.1.1); some servers refuse more


def tagged(address: str, tag: str) -> str:
    """`address` with `tag` after its local part, "" when that makes it too long."""
    local, _, host = address.partition("@")
    tagged_local = f"{local}+{tag}"
    return f"{tagged_local}@{host}" if len(tagged_local) <= _LOCAL_LIMIT else ""


def mailto(address: str, word: str, token: str = "") -> str:
    """A link that writes the mail that asks for `word`: to a plus-address that holds the token, or with the token in
    the subject where the address has no room for it."""
    to = tagged(address, f"{word}-{token}") if token else address
    if to:
        return f"mailto:{to}?subject={word}"
    return f"mailto:{address}?subject={word}%20{token}"
