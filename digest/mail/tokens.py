"""Signed words that come back to us by mail or link and say whom they were given to. Nothing is stored and nothing
is drawn by chance: the same reader and purpose always get the same word, so that a letter tried again is the same letter.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from struct import Struct

from digest.errors import SettingsError

# A reader, and either an issue or how often they came back. 6 + 15 bytes make 34 letters of base32: with
# "+unsubscribe-" before them, 17 are left for the list's own name in the 64 of a local part (RFC 5321, 4.5.3.1.1).
_PAYLOAD = Struct(">IH")
_MAC_SIZE = 15
TOKEN_LENGTH = 34
# Base32 (RFC 4648, 6) of all bytes at once: three empty ones after every five make room for eight letters, and then the
# bits are moved apart. What is 40 bits long, then 20, then 10, has its upper halves here; the last five are but one.
_FIVES = Struct("5s5s5s5s1s")
_UPPER_20, _UPPER_10, _UPPER_5 = (
    int.from_bytes(bytes.fromhex(half) * (80 // len(half))) >> 32 for half in ("000000fffff00000", "000ffc00", "03e0")
)
_LETTERS = b"abcdefghijklmnopqrstuvwxyz234567".ljust(256)


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
    its numbers in the clear and 120 bits of BLAKE2s over them (RFC 7693), under a key for its purpose. Subscriber ids are below 2**32,
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
        self._mints = {purpose: _mint(_keyed(secret, purpose)) for purpose in Purpose}
        self._names = _keyed(secret, "message")

    def mint(self, purpose: Purpose, *, subject: int, number: int) -> str:
        return self._mints[purpose](subject, number)

    def minter(self, purpose: Purpose) -> Callable[[int, int], str]:
        """What mints for this purpose, from a subject and a number, for who needs a token for each reader."""
        return self._mints[purpose]

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
        return self.namer(issue)(subscriber_id)

    def namer(self, issue: int) -> Callable[[int], str]:
        """What gives the `message` of each reader's letter of an issue, by their id."""
        begun = self._names.copy()
        begun.update(issue.to_bytes(2))

        def name(subscriber_id: int) -> str:
            state = begun.copy()
            state.update(subscriber_id.to_bytes(4))
            return state.hexdigest()

        return name


def _keyed(secret: bytes, use: str) -> hashlib.blake2s:
    """A hash that is begun under a key for this one use. A MAC by itself, it takes half the time of an HMAC's two hashes."""
    return hashlib.blake2s(key=hmac.digest(secret, use.encode() + b"\0", "sha256"), digest_size=_MAC_SIZE)


def _mint(begun: hashlib.blake2s) -> Callable[[int, int], str]:
    def mint(subject: int, number: int) -> str:
        payload = _PAYLOAD.pack(subject, number)
        mac = begun.copy()
        mac.update(payload)
        return _base32(payload + mac.digest())

    return mint


def _base32(token: bytes) -> str:
    """The 34 letters of 21 bytes. One token for each reader is too many for `base64.b32encode`, which takes four times as long."""
    bits = int.from_bytes(b"\0\0\0".join(_FIVES.unpack(token)))
    # To add a part of it times 2**n - 1 is to move that part up by n bits.
    bits += (bits & _UPPER_20) * 0xFFF
    bits += (bits & _UPPER_10) * 0x3F
    bits += (bits & _UPPER_5) * 0x7
    return bits.to_bytes(36)[:TOKEN_LENGTH].translate(_LETTERS).decode()
