"""Signed words that come back to us by mail or link and say whom they were given to. Nothing is stored and nothing
is drawn by chance: the same reader and purpose always get the same word, so that a letter tried again is the same letter.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from struct import Struct

from digest.errors import SettingsError

# A reader, and either an issue or how often they came back. 6 + 15 bytes make 34 letters of base32: with
# "+unsubscribe-" before them, 17 are left for the list's own name in the 64 of a local part (RFC 5321, 4.5.3.1.1).
_PAYLOAD = Struct(">IH")
_MAC_SIZE = 15
TOKEN_LENGTH = 34
_PURPOSES = (b"unsubscribe", b"bounce", b"message")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribeToken:
    """Who wants to leave. It counts only while the subscriber's `epoch` is still this one."""

    subscriber_id: int
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceToken:
    """Whose letter came back, and of which issue."""

    subscriber_id: int
    issue: int


class Tokens:
    """Makes and reads tokens under one secret of at least 16 bytes; a shorter one is a `SettingsError`.

    A token is 34 letters out of a–z and 2–7, read without regard to case, since mail servers may change it. It holds
    its numbers in the clear and 120 bits of HMAC-SHA256 over them and its purpose. Subscriber ids are below 2**32,
    issues and epochs below 2**16. Whatever is not a token of the asked purpose reads as None.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise SettingsError(
                f"the secret has {len(secret)} bytes, which is too easy to guess",
                where="DIGEST_SECRET",
                then="Set it to at least 16 random characters, and never change it: old unsubscribe links depend on it.",
            )
        self.seal = hmac.digest(secret, b"seal\0", "sha256").hex()[
            :16
        ]  # tells this secret from others, and nothing of it
        self._keyed = {purpose: hmac.new(secret, purpose + b"\0", "sha256") for purpose in _PURPOSES}

    def unsubscribe(self, subscriber_id: int, epoch: int) -> str:
        return self._mint(b"unsubscribe", subscriber_id, epoch)

    def read_unsubscribe(self, token: str) -> UnsubscribeToken | None:
        numbers = self._read(b"unsubscribe", token)
        return UnsubscribeToken(subscriber_id=numbers[0], epoch=numbers[1]) if numbers else None

    def bounce(self, issue: int, subscriber_id: int) -> str:
        return self._mint(b"bounce", subscriber_id, issue)

    def read_bounce(self, token: str) -> BounceToken | None:
        numbers = self._read(b"bounce", token)
        return BounceToken(subscriber_id=numbers[0], issue=numbers[1]) if numbers else None

    def message(self, issue: int, subscriber_id: int) -> str:
        """30 hex digits that name one letter in its Message-ID and tell a stranger nothing; they cannot be read back."""
        return self._mac(b"message", _PAYLOAD.pack(subscriber_id, issue)).hex()

    def _mac(self, purpose: bytes, payload: bytes) -> bytes:
        state = self._keyed[purpose].copy()
        state.update(payload)
        return state.digest()[:_MAC_SIZE]

    def _mint(self, purpose: bytes, *numbers: int) -> str:
        payload = _PAYLOAD.pack(*numbers)
        return base64.b32encode(payload + self._mac(purpose, payload)).rstrip(b"=").lower().decode("ascii")

    def _read(self, purpose: bytes, token: str) -> tuple[int, ...] | None:
        if len(token) != TOKEN_LENGTH or not token.isascii():
            return None
        try:
            raw = base64.b32decode(token.upper() + "======")
        except binascii.Error:
            return None
        numbers: tuple[int, ...] = _PAYLOAD.unpack_from(raw)
        # Minting it anew, instead of comparing the signatures, also refuses other spellings of the same bytes.
        return numbers if hmac.compare_digest(self._mint(purpose, *numbers), token.lower()) else None
