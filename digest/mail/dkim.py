"""DKIM signatures (RFC 6376, RFC 8463) over letters whose fixed half is prepared once for a whole issue.

It signs and describes its public key; it never asks DNS and never looks at a body: that comes in as a hash.
"""

from __future__ import annotations

import re
import textwrap
from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from digest.errors import InputError

# Each is named once more than it stands in a letter, so that nobody can add another one (RFC 6376, 8.15).
# RFC 8058 wants both List-Unsubscribe fields in here.
SIGNED = (
    *("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
    *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Subscribe", "List-Help", "List-Owner"),
    *("List-Post", "List-Archive", "Auto-Submitted"),
    *("MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Language"),
)
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*", re.IGNORECASE)


class Signer:
    """A private key and the name under which DNS knows its public half.

    `sign` gives the signature over a SHA-256 digest; `algorithm` is the tag a=, `dns_value` the text to publish under
    `dns_name`. `key_pem` is an unencrypted PEM with an RSA key of at least 1024 bits (2048 is right) or an Ed25519 key;
    `where` says in an `InputError` where it came from. Signing releases the GIL: threads sign side by side.
    """

    def __init__(self, domain: str, selector: str, key_pem: bytes, *, where: str = "the DKIM key") -> None:
        from digest.mail import keys  # noqa: PLC0415  it loads `cryptography`, 6 MB that who does not sign can spare

        self.domain, self.selector = _dns_name(domain), _dns_name(selector)
        key = keys.load(key_pem, where=where)
        self.sign, self.bits, self.algorithm, self.dns_value = key.sign, key.bits, key.algorithm, key.public

    @classmethod
    def load(cls, path: Path, *, domain: str, selector: str) -> Signer:
        """The signer whose key lies in the file at `path`; one that cannot be read is an `InputError` too."""
        try:
            return cls(domain, selector, path.read_bytes(), where=str(path))
        except OSError as error:
            raise InputError(
                f"the DKIM key cannot be read: {error.strerror}", where=str(path), then="Check DKIM_KEY_FILE."
            ) from error

    @property
    def dns_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"


class Seal:
    """A signer made ready for one issue: all that is the same in each letter is already written and hashed.

    `fixed` are whole header fields, `varying` the names of those that come with each letter, in their order there;
    `signed_at` is in Unix seconds, the issue's own, so that a letter made again is the same.
    """

    def __init__(self, signer: Signer, fixed: Sequence[bytes], *, varying: Sequence[str], signed_at: int) -> None:
        kept = [line for line in fixed if _name(line) in SIGNED]
        names = [*map(_name, kept), *varying, *SIGNED]
        self._signer = signer
        self.slow = signer.algorithm == "rsa-sha256"
        self._state = sha256(b"".join(map(relaxed, kept)))
        self._tags = (
            f"DKIM-Signature: v=1; a={signer.algorithm}; c=relaxed/relaxed;\r\n"
            f" d={signer.domain}; s={signer.selector}; t={signed_at};\r\n h={_folded(names)};\r\n bh="
        ).encode()
        self._relaxed_tags = relaxed(self._tags).removesuffix(b"\r\n")

    def sign(self, varying: Iterable[bytes], *, body_hash: bytes) -> bytes:
        """The DKIM-Signature field, with its CRLF, of the letter with these header fields and this hashed body."""
        bh = b64encode(body_hash)
        state = self._state.copy()
        state.update(b"".join([*map(relaxed, varying), self._relaxed_tags, bh, b"; b="]))
        signature = b64encode(self._signer.sign(state.digest()))
        lines = b"\r\n ".join(signature[at : at + 72] for at in range(0, len(signature), 72))
        return b"".join((self._tags, bh, b";\r\n b=", lines, b"\r\n"))


def relaxed(line: bytes) -> bytes:
    """A whole header field in its relaxed form (RFC 6376, 3.4.2)."""
    name, _, value = line.partition(b":")
    return name.strip().lower() + b":" + b" ".join(value.split()) + b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """A body in its relaxed form (RFC 6376, 3.4.4). What `Body` writes is that already."""
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def dns_record(signer: Signer) -> str:
    """The line to put into a zone file, its text in strings of at most 255 characters."""
    strings = " ".join(f'"{part}"' for part in textwrap.wrap(signer.dns_value, 255, drop_whitespace=False))
    return f"{signer.dns_name}. IN TXT ( {strings} )"


def _name(line: bytes) -> str:
    return line.partition(b":")[0].decode("ascii")


def _folded(names: Iterable[str]) -> str:
    lines = textwrap.wrap(": ".join(names).lower(), 72, break_on_hyphens=False)
    return "\r\n  ".join(lines).replace(": ", ":")


def _dns_name(text: str) -> str:
    if len(text) > 253 or not _NAME.fullmatch(text):
        raise InputError("not a name that DNS can hold", where=text, then="Use letters, digits, hyphens and dots only.")
    return text.lower()
