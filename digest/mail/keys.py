"""Private keys that sign mail: RSA (RFC 6376) and Ed25519 (RFC 8463). Loaded when a key is: `cryptography` takes 6 MB,
and who does not sign needs none of them.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from digest.errors import InputError

_PADDING, _HASH = PKCS1v15(), Prehashed(SHA256())


class Key(Protocol):
    """A key as DKIM sees it. `algorithm` is the tag a=, `public` what DNS publishes (RFC 6376, 3.6.1)."""

    @property
    def algorithm(self) -> str: ...

    @property
    def bits(self) -> int: ...

    @property
    def public(self) -> str: ...

    def sign(self, digest: bytes) -> bytes:
        """The signature over a SHA-256 digest."""
        ...


def load(pem: bytes, *, where: str) -> Key:
    """The key in an unencrypted PEM. `where` says in an `InputError` where it came from."""
    advice = "Make one with: openssl genrsa -out dkim.pem 2048."
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError as error:
        raise InputError(
            "the key is encrypted with a passphrase",
            where=where,
            then="Write it without one (openssl pkey -in KEY -out NEW) and keep the file readable by its owner only.",
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError("this is not a private key in PEM form", where=where, then=advice) from error
    if isinstance(key, Ed25519PrivateKey):
        return _Ed25519(key)
    if not isinstance(key, RSAPrivateKey):
        raise InputError("the key is neither RSA nor Ed25519", where=where, then=advice)
    if key.key_size < 1024:
        raise InputError(f"an RSA key of {key.key_size} bits is not accepted anywhere", where=where, then=advice)
    return _Rsa(key)


class _Rsa:
    algorithm = "rsa-sha256"

    def __init__(self, key: RSAPrivateKey) -> None:
        self._key = key
        self.bits = key.key_size

    @property
    def public(self) -> str:
        """As SubjectPublicKeyInfo."""
        raw = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={b64encode(raw).decode('ascii')}"

    def sign(self, digest: bytes) -> bytes:
        return self._key.sign(digest, _PADDING, _HASH)


class _Ed25519:
    algorithm = "ed25519-sha256"
    bits = 256

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public(self) -> str:
        """As 32 bytes."""
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={b64encode(raw).decode('ascii')}"

    def sign(self, digest: bytes) -> bytes:
        """It signs the digest as its message (RFC 8463, 3)."""
        return self._key.sign(digest)
