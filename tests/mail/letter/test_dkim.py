"""DKIM: an independent verifier takes the signatures, and takes no letter that was touched."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import dkim as verifier
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from digest.errors import InputError
from digest.mail.dkim import Signer, dns_record
from digest.mail.letter import Press
from digest.mail.tokens import Tokens
from digest.model import Issue, Recipient

MakeIssue = Callable[..., Issue]


class VerifyKey:
    """The one class of PyNaCl that dkimpy asks for, over the Ed25519 of `cryptography`, which we have already."""

    def __init__(self, key: bytes, *, encoder: object) -> None:
        self._key = ed25519.Ed25519PublicKey.from_public_bytes(b64decode(key))

    def verify(self, message: bytes, signature: bytes) -> None:
        self._key.verify(signature, message)


@pytest.fixture(autouse=True)
def _ed25519_for_dkimpy(monkeypatch: pytest.MonkeyPatch) -> None:
    nacl = SimpleNamespace(
        signing=SimpleNamespace(VerifyKey=VerifyKey),
        encoding=SimpleNamespace(Base64Encoder=None),
        exceptions=SimpleNamespace(ValueError=ValueError, BadSignatureError=InvalidSignature),
    )
    monkeypatch.setattr(verifier, "nacl", nacl, raising=False)


@pytest.fixture
def signers(rsa_pem: bytes, ed25519_pem: bytes) -> list[Signer]:
    return [Signer("Example.org", "rsa", rsa_pem), Signer("example.org", "ed", ed25519_pem)]


@pytest.fixture
def signed(make_issue: MakeIssue, tokens: Tokens, signers: list[Signer]) -> bytes:
    return Press(make_issue(), tokens=tokens, signers=signers).address(Recipient(id=7, email="ada@example.net")).data


def verdicts(data: bytes, signers: list[Signer]) -> list[bool]:
    """What dkimpy says of each signature, asking a DNS that knows the signers' records."""
    zone = {f"{signer.dns_name}.": signer.dns_value.encode() for signer in signers}
    message = verifier.DKIM(data, minkey=1024)

    def answer(name: bytes, timeout: int = 5) -> bytes | None:
        return zone.get(name.decode())

    return [message.verify(idx=at, dnsfunc=answer) for at in range(len(signers))]


def tampered(data: bytes, signers: list[Signer]) -> bool:
    """Whether no signature of it holds any more."""
    try:
        return not any(verdicts(data, signers))
    except verifier.ValidationError as error:
        return str(error).startswith("body hash mismatch")


def test_both_signatures_hold(signed: bytes, signers: list[Signer]) -> None:
    assert verdicts(signed, signers) == [True, True]
    assert re.findall(rb"a=([a-z0-9-]+);", signed[:3000]) == [b"rsa-sha256", b"ed25519-sha256"]


def test_opendkim_takes_both(signed: bytes, signers: list[Signer], tmp_path: Path) -> None:
    program = shutil.which("opendkim", path=f"{os.defpath}:/usr/sbin")
    if not program:
        pytest.skip("OpenDKIM is missing: apt-get install opendkim")
    letter, zone, settings = tmp_path / "letter", tmp_path / "zone", tmp_path / "settings"
    letter.write_bytes(signed)
    zone.write_text("".join(f"{signer.dns_name} {signer.dns_value}\n" for signer in signers))
    settings.write_text(
        f"Mode v\nSyslog no\nAuthservID mx.example.test\nAlwaysAddARHeader yes\nTestDNSData file:{zone}\n"
    )
    said = subprocess.run([program, "-f", "-vv", "-x", settings, "-t", letter], capture_output=True, text=True).stdout
    assert len(re.findall(r"dkim=pass .*header\.d=example\.org", said)) == 2


@pytest.mark.parametrize("script", ["plain", "週刊スレッド" * 40, "a  b \n.\nFrom me\n\t\n\n\n"])
@pytest.mark.parametrize("email", ["ada@example.net", "dörte@example.net"])
def test_they_hold_for_any_page_and_reader(
    make_issue: MakeIssue, tokens: Tokens, signers: list[Signer], script: str, email: str
) -> None:
    page = f"{script}{make_issue().page.marks.email}{script}{make_issue().page.marks.unsubscribe}"
    issue = make_issue(html=page, text=page, subject="Gaps  and   ünder%s " * 20)
    letter = Press(issue, tokens=tokens, signers=signers).address(Recipient(id=7, email=email))
    assert verdicts(letter.data, signers) == [True, True]


def test_they_hold_after_a_relay_refolds_and_respaces_the_head(signed: bytes, signers: list[Signer]) -> None:
    respaced = signed.replace(b"\r\nSubject: ", b"\r\nSUBJECT:\t  ").replace(b">,\r\n <mailto:", b">,  <mailto:")
    assert respaced != signed
    assert verdicts(respaced, signers) == [True, True]


@pytest.mark.parametrize(
    "added",
    [
        b"From: eve@example.com",
        b"To: eve@example.com",
        b"Cc: eve@example.com",
        b"Subject: Win",
        b"Reply-To: eve@example.com",
        b"Date: Tue, 18 Nov 2025 10:00:00 +0000",
        b"List-Unsubscribe: <https://example.com/>",
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        b"List-Id: <other.example.com>",
        b"List-Owner: <mailto:eve@example.com>",
        b"Content-Type: text/html",
        b"Content-Transfer-Encoding: base64",
        b"MIME-Version: 1.0",
        b"Auto-Submitted: no",
    ],
)
def test_no_header_can_be_added(signed: bytes, signers: list[Signer], added: bytes) -> None:
    assert tampered(added + b"\r\n" + signed, signers), "above"
    assert tampered(signed.replace(b"\r\nMIME-Version", b"\r\n" + added + b"\r\nMIME-Version", 1), signers), "within"


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"To: ada@", b"To: eve@"),
        (b"/u/", b"/v/"),
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Clicks"),
        (b"List-Post: NO\r\n", b""),
        (b"whistle", b"thistle"),
        (b"--=_issue-42--\r\n", b"--=_issue-42--\r\nmore\r\n"),
    ],
)
def test_nothing_signed_can_be_changed(signed: bytes, signers: list[Signer], was: bytes, now: bytes) -> None:
    assert was in signed
    assert tampered(signed.replace(was, now, 1), signers)


def test_the_whole_body_is_signed(signed: bytes) -> None:
    assert not re.search(rb"[; ]l=", signed[: signed.index(b"\r\nFrom:")])


def test_the_record_for_dns_is_cut_into_strings_that_fit(signers: list[Signer]) -> None:
    record = dns_record(signers[0])
    strings = re.findall('"([^"]*)"', record)
    assert record.startswith('rsa._domainkey.example.org. IN TXT ( "v=DKIM1; k=rsa; p=')
    assert "".join(strings) == signers[0].dns_value
    assert all(len(string) <= 255 for string in strings)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> bytes:
    lock = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)


def test_a_key_that_cannot_sign_is_refused_by_its_file_and_reason(rsa_pem: bytes) -> None:
    own = rsa.generate_private_key(65537, 1024)
    wrong = {
        "not a private key": b"hello",
        "in PEM form": own.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "passphrase": pem(own, b"secret"),
        "neither RSA nor Ed25519": pem(ec.generate_private_key(ec.SECP256R1())),
        "512 bits": SHORT_KEY,
    }
    for reason, key in wrong.items():
        with pytest.raises(InputError, match=f"^/etc/dkim.pem: .*{reason}"):
            Signer("example.org", "rsa", key, where="/etc/dkim.pem")


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path, rsa_pem: bytes) -> None:
    with pytest.raises(InputError, match=r"dkim\.pem: the DKIM key cannot be read: No such file"):
        Signer.load(tmp_path / "dkim.pem", domain="example.org", selector="rsa")
    (tmp_path / "dkim.pem").write_bytes(rsa_pem)
    assert Signer.load(tmp_path / "dkim.pem", domain="example.org", selector="rsa").bits == 2048


@pytest.mark.parametrize("name", ["", "a b", "example.org; d=other.example", "x\r\ny", "bücher.test"])
def test_a_domain_that_dns_cannot_hold_is_refused(rsa_pem: bytes, name: str) -> None:
    with pytest.raises(InputError):
        Signer(name, "rsa", rsa_pem)
    with pytest.raises(InputError):
        Signer("example.org", name, rsa_pem)


# `cryptography` makes none this short any more, so it lies here; it signs nothing.
SHORT_KEY = b"""\
-----BEGIN PRIVATE KEY-----
MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEAyX6QNJp8PD9niK96
pkJ7fSg7Pd6KQLq1CszMpWefJSblsiPLrRPfNgDCW2zoaG1QEvIeoaPVhLkgifP/
xyC9/QIDAQABAkBcs+YUzZ6q+WDg+hsrsxqtknzvEhv5e+0fcuoUj4AgztrCcZ04
R6pjiZ/dGNg5eXbQ9ZghFUb2KjmZXWKjl/nhAiEA+A1zQxb+jxw+CJP3zFaAXphr
fiB9Gsx5iFIui9oeqIcCIQDP8z0i0n4poRieas4cY9Nm5WYD0YaRU1+WjqcgGeH6
WwIhAKRtrhE0BexxyUFAbMu8L34FRYQnHycLkihmacp0/UuzAiEAgrznW+RAw4Vv
x/FYQgsU1uU0nQP2+ZkUSMDJG+qJ428CIEgDM0LkXUliet57QzO/996tMysH0Kss
kO0cjRQXES5e
-----END PRIVATE KEY-----
"""
