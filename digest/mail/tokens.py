"""Signed words that come back to us by mail or link and say whom they were given to. Nothing is stored and nothing
is drawn by chance: the same reader and purpose always get the same word, so that a letter tried again is the same letter.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum
from struct import Struct

from digest.errors import SettingsError

# A reader, and either an issue or how often they came back. 6 + 15 bytes make 34 letters of base32: with
# "+unsubscribe-" before them, 17 are left for the list's own name in the 64 of a local part (RFC 5321, 4.5.3.1.1).
_PAYLOAD = Struct(">IH")
_MAC_SIZE = 15
_BLOCK = 64  # of SHA-256
TOKEN_LENGTH = 34
_MESSAGE = "message"
# Base32 (RFC 4648, 6) two letters at a time: one token for each reader is too many for `base64.b32encode` (3 µs to 7).
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]
_PLACES = range(160, -1, -10)


class Purpose(StrEnum):
    """What a token is good for; a token for one purpose is nothing for another. The number beside the reader is:"""

    UNSUBSCRIBE = "unsubscribe"  # their epoch
    BOUNCE = "bounce"  # the issue; 0 for a letter that belongs to none
    CONFIRM = "confirm"  # how often we had asked them
    STOP = "stop"  # never ask me again: how often we had asked them
    MANAGE = "manage"  # their preferences: their epoch
    REJOIN = "rejoin"  # undo a leaving: their epoch
    ERASE = "erase"  # their epoch
    GOOD = "good"  # liked this pick: the issue
    BAD = "bad"  # did not: the issue
    PROOF = "proof"  # no reader but a proof, by its id, and 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a token says: whose it is, and the number that its purpose gives it."""

    purpose: Purpose
    subject: int
    number: int


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
        # It tells this secret from others, and nothing of it.
        self.seal = hmac.digest(secret, b"seal\0", "sha256").hex()[:16]
        inner, outer = _keyed(secret)
        self._inner = {word: _after(inner, word.encode() + b"\0") for word in (*Purpose, _MESSAGE)}
        self._outer = outer

    def mint(self, purpose: Purpose, *, subject: int, number: int) -> str:
        payload = _PAYLOAD.pack(subject, number)
        bits = int.from_bytes(payload + self._mac(purpose, payload), "big") << 2  # 168 of them, made 17 times 10
        return "".join([_PAIRS[bits >> place & 1023] for place in _PLACES])

    def read(self, purpose: Purpose, token: str) -> Stamp | None:
        if len(token) != TOKEN_LENGTH or not token.isascii():
            return None
        try:
            raw = base64.b32decode(token.upper() + "======")
        except binascii.Error:
            return None
        subject, number = _PAYLOAD.unpack_from(raw)
        # Minting it anew, instead of comparing the signatures, also refuses other spellings of the same bytes.
        same = hmac.compare_digest(self.mint(purpose, subject=subject, number=number), token.lower())
        return Stamp(purpose=purpose, subject=subject, number=number) if same else None

    def message(self, issue: int, subscriber_id: int) -> str:
        """30 hex digits that name one letter in its Message-ID and tell a stranger nothing; they cannot be read back."""
        return self._mac(_MESSAGE, _PAYLOAD.pack(subscriber_id, issue)).hex()

    def _mac(self, purpose: str, payload: bytes) -> bytes:
        """The HMAC in its two hashes (RFC 2104, 2), both begun before: Python's own objects take three times as long."""
        inner, outer = self._inner[purpose].copy(), self._outer.copy()
        inner.update(payload)
        outer.update(inner.digest())
        return outer.digest()[:_MAC_SIZE]


def _keyed(secret: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """The inner and the outer hash of HMAC-SHA256 after the key."""
    key = (secret if len(secret) <= _BLOCK else hashlib.sha256(secret).digest()).ljust(_BLOCK, b"\0")
    return hashlib.sha256(bytes(byte ^ 0x36 for byte in key)), hashlib.sha256(bytes(byte ^ 0x5C for byte in key))


def _after(state: hashlib._Hash, more: bytes) -> hashlib._Hash:
    state = state.copy()
    state.update(more)
    return state
