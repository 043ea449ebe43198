"""Certificates for the test host: an authority that tests trust, and the server certificates that it signed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

LIFE = timedelta(days=7)  # a test may set its clock ahead by some


def write_certificates(folder: Path, *, names: list[str]) -> None:
    """Write `ca.pem`, and `NAME.pem` with `NAME.key` for each name; all are also good for 127.0.0.1 under "localhost"."""
    folder.mkdir()
    authority = ec.generate_private_key(ec.SECP256R1())
    issuer = _name("Test authority")
    root = _draft(issuer, issuer=issuer, key=authority).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    (folder / "ca.pem").write_bytes(root.sign(authority, hashes.SHA256()).public_bytes(Encoding.PEM))
    for name in names:
        key = ec.generate_private_key(ec.SECP256R1())
        draft = _draft(_name(name), issuer=issuer, key=key).add_extension(_good_for(name), critical=False)
        (folder / f"{name}.pem").write_bytes(draft.sign(authority, hashes.SHA256()).public_bytes(Encoding.PEM))
        (folder / f"{name}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _draft(subject: x509.Name, *, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LIFE)
        .not_valid_after(now + LIFE)
    )


def _good_for(name: str) -> x509.SubjectAlternativeName:
    loopback = [x509.IPAddress(IPv4Address("127.0.0.1"))] if name == "localhost" else []
    return x509.SubjectAlternativeName([x509.DNSName(name), *loopback])


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])
