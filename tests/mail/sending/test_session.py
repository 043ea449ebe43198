"""Opening a session: every failure of the whole conversation is named, with host, port and the next step."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from digest.errors import CertificateRefused, LoginRefused, MailError, SettingsError, Unreachable
from digest.mail.sending import session
from digest.mail.sending.outbox import Probe, Relay, SmtpOutbox, Timeouts
from digest.model import Letter, Outcome

from .faulty import OFFERS, Faulty

SHORT = Timeouts(connect=2, tls=2, greeting=0.3, command=0.5, quit=0.3)
LETTER = Letter(
    sender="a@example.test", recipient="ok@example.test", message_id="<1@x>", parts=(b"Subject: x\r\n\r\nx\r\n",)
)
STARTTLS = (*OFFERS, "STARTTLS", "AUTH PLAIN LOGIN")
NOW = datetime.now(UTC)

# ── certificates ──────────────────────────────────────────────────────────────────────────────────


def certify(
    name: str, *, until: datetime, issuer: x509.Name | None = None, by: ec.EllipticCurvePrivateKey | None = None
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A certificate for `name`, signed by an authority or, without one, by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer or subject).public_key(key.public_key())
    )
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(NOW - timedelta(days=30)).not_valid_after(until)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    return builder.sign(by or key, hashes.SHA256()), key


Serve = Callable[[str], ssl.SSLContext]


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Serve]:
    """The file of an authority, and server contexts: "good", "wrong name", "expired", "self-signed"."""
    folder = tmp_path_factory.mktemp("pki")
    later = NOW + timedelta(days=30)
    authority, key = certify("An authority", until=later)
    (folder / "ca.pem").write_bytes(authority.public_bytes(Encoding.PEM))
    made = {
        "good": certify("localhost", until=later, issuer=authority.subject, by=key),
        "wrong name": certify("mail.example.test", until=later, issuer=authority.subject, by=key),
        "expired": certify("localhost", until=NOW - timedelta(days=1), issuer=authority.subject, by=key),
        "self-signed": certify("localhost", until=later),
    }

    def serve(kind: str) -> ssl.SSLContext:
        certificate, private = made[kind]
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path = folder / f"{kind}.pem"
        path.write_bytes(certificate.public_bytes(Encoding.PEM) + pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    return folder / "ca.pem", serve


# ── how each test speaks ──────────────────────────────────────────────────────────────────────────


def send(server: Faulty, *, letters: int = 1, **options: object) -> list[Outcome | BaseException]:
    """Send some letters through one outbox; what became of each."""

    async def run() -> list[Outcome | BaseException]:
        async with server:
            outbox = SmtpOutbox(relay(server, **options))
            found = await asyncio.gather(*(outbox.send(LETTER) for _ in range(letters)), return_exceptions=True)
            await outbox.close()
            return found

    return asyncio.run(run())


def relay(server: Faulty, **options: object) -> Relay:
    base = Relay(host="localhost", port=server.port, tls="none", timeouts=SHORT)
    return replace(base, **options)  # type: ignore[arg-type]


def fail(server: Faulty, **options: object) -> MailError:
    """The error that sending ends in; that it is a full sentence; that no letter and no password went out."""
    (error,) = send(server, **options)
    assert isinstance(error, MailError), error
    assert str(error).startswith(f"localhost:{server.port}: ")
    assert error.then.endswith(".")
    assert not server.accepted
    return error


def accepted(outcomes: list[Outcome | BaseException]) -> bool:
    return all(isinstance(outcome, Outcome) and outcome.verdict == "accepted" for outcome in outcomes)


# ── TLS ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_good_certificate_is_trusted(pki: tuple[Path, Serve], tls: str) -> None:
    authority, serve = pki
    server = Faulty(offers=STARTTLS, tls=serve("good"), implicit=tls == "tls")
    assert accepted(send(server, letters=5, tls=tls, ca_file=str(authority)))


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("kind", "what", "then"),
    [
        ("wrong name", "not valid for 'localhost'", "the name in the certificate"),
        ("expired", "expired", "renew it"),
        ("self-signed", "self-signed", "its authority"),
    ],
)
def test_a_bad_certificate_gets_no_password(pki: tuple[Path, Serve], tls: str, kind: str, what: str, then: str) -> None:
    authority, serve = pki
    server = Faulty(offers=STARTTLS, tls=serve(kind), implicit=tls == "tls", users={"me": "secret"})
    error = fail(server, tls=tls, ca_file=str(authority), username="me", password="secret")
    assert isinstance(error, CertificateRefused)
    assert not error.temporary
    assert what.replace("-", " ") in str(error).replace("-", " ")
    assert then in str(error)
    assert server.said("AUTH") == 0


def test_a_stripped_starttls_is_not_followed_by_a_word_in_the_clear() -> None:
    server = Faulty(offers=(*OFFERS, "AUTH PLAIN"), users={"me": "secret"})
    error = fail(server, tls="starttls", username="me", password="secret")
    assert "does not offer STARTTLS" in str(error)
    assert [command.split()[0] for command in server.commands] == ["EHLO"]


def test_words_slipped_in_before_the_encryption_end_the_session(pki: tuple[Path, Serve]) -> None:
    authority, serve = pki
    server = Faulty(offers=STARTTLS, tls=serve("good"), injected=b"250 AUTH PLAIN\r\n")
    assert "before the encryption" in str(fail(server, tls="starttls", ca_file=str(authority)))


def test_half_a_line_slipped_in_counts_too(pki: tuple[Path, Serve]) -> None:
    authority, serve = pki
    server = Faulty(offers=STARTTLS, tls=serve("good"), injected=b"250 AU")
    assert "before the encryption" in str(fail(server, tls="starttls", ca_file=str(authority)))


def test_tls_on_a_port_without_it_is_explained() -> None:
    error = fail(Faulty(offers=STARTTLS), tls="tls")
    assert "no TLS could be agreed on" in str(error)
    assert "port 587 wants SMTP_TLS=starttls" in str(error)


def test_plain_words_on_a_tls_port_are_explained(pki: tuple[Path, Serve]) -> None:
    _, serve = pki
    error = fail(Faulty(tls=serve("good"), implicit=True), tls="starttls")
    assert isinstance(error, Unreachable)
    assert "set SMTP_TLS=tls" in str(error)


def test_a_missing_file_of_the_authority_is_named() -> None:
    with pytest.raises(SettingsError, match="nowhere"):
        SmtpOutbox(Relay(host="localhost", tls="tls", ca_file="/nowhere.pem"))


# ── greetings ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("greeting", "kind", "temporary", "what"),
    [
        (b"", Unreachable, True, "no greeting within 0.3 seconds"),
        (b"421 4.3.2 too busy\r\n", Unreachable, True, "turned us away (421 4.3.2 too busy). Try again later"),
        (b"554 5.7.1 not you\r\n", Unreachable, False, "turned us away (554 5.7.1 not you)"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", MailError, False, "does not speak SMTP as we know it"),
        (b"220 " + b"x" * 100_000, MailError, False, "too long"),
    ],
    ids=["silence", "busy", "refusal", "garbage", "endless"],
)
def test_a_greeting_that_is_none_is_explained(
    greeting: bytes, kind: type[MailError], temporary: bool, what: str
) -> None:
    error = fail(Faulty(greeting=greeting))
    assert type(error) is kind
    assert error.temporary is temporary
    assert what in str(error)


def test_an_unknown_host_is_explained() -> None:
    async def run() -> None:
        await SmtpOutbox(Relay(host="no-such-host.invalid", timeouts=SHORT)).send(LETTER)

    with pytest.raises(Unreachable, match=r"no-such-host.invalid:587: no such host is known. Check SMTP_HOST"):
        asyncio.run(run())


# ── logging in ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"])
def test_each_mechanism_logs_in(mechanism: str) -> None:
    server = Faulty(offers=(*OFFERS, f"AUTH GSSAPI {mechanism}"), users={"me": "ge heim"})
    assert accepted(send(server, letters=3, username="me", password="ge heim", connections=1))
    assert server.said(f"AUTH {mechanism}") == 1


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"])
def test_a_wrong_password_is_tried_once_however_many_letters_wait(mechanism: str) -> None:
    server = Faulty(offers=(*OFFERS, f"AUTH {mechanism}"), users={"me": "right"})
    errors = send(server, letters=20, username="me", password="wrong")
    assert all(isinstance(error, LoginRefused) and not error.temporary for error in errors)
    assert "refused the login of me (535 5.7.8 wrong)" in str(errors[0])
    assert server.said("AUTH") == 1


def test_a_wrong_password_is_tried_once_though_letters_come_while_it_is() -> None:
    server = Faulty(offers=(*OFFERS, "AUTH PLAIN"), users={"me": "right"}, pause=0.05)

    async def run() -> list[object]:
        async with server:
            outbox = SmtpOutbox(relay(server, username="me", password="wrong"))
            sending = []
            for _ in range(5):
                sending.append(asyncio.create_task(outbox.send(LETTER)))
                await asyncio.sleep(0.005)
            found = await asyncio.gather(*sending, return_exceptions=True)
            await outbox.close()
            return found

    assert all(isinstance(end, LoginRefused) for end in asyncio.run(run()))
    assert server.said("AUTH") == 1


def test_a_refused_login_is_not_tried_again_later() -> None:
    server = Faulty(offers=(*OFFERS, "AUTH PLAIN"))

    async def run() -> None:
        async with server:
            outbox = SmtpOutbox(relay(server, username="me", password="wrong"))
            for _ in range(3):
                with pytest.raises(LoginRefused):
                    await outbox.send(LETTER)
                await asyncio.sleep(0.3)  # as long as the door stays closed after any failure
            await outbox.close()

    asyncio.run(run())
    assert server.said("AUTH") == 1


def test_a_login_that_is_refused_while_others_work_ends_it_too() -> None:
    """The password is changed in mid-send: to go on trying would lock the account."""
    server = Faulty(offers=(*OFFERS, "AUTH PLAIN"), users={"me": "right"}, pause=0.02)

    async def run() -> list[object]:
        async with server:
            outbox = SmtpOutbox(relay(server, username="me", password="right", connections=3))
            await outbox.send(LETTER)
            server.users.clear()
            found = await asyncio.gather(*(outbox.send(LETTER) for _ in range(20)), return_exceptions=True)
            await outbox.close()
            return found

    assert any(isinstance(end, LoginRefused) for end in asyncio.run(run()))
    assert server.said("AUTH") <= 3


def test_a_login_that_cannot_be_checked_just_now_is_temporary() -> None:
    server = Faulty(offers=(*OFFERS, "AUTH PLAIN"), login_code=b"454 4.7.0 try later")
    error = fail(server, username="me", password="x")
    assert isinstance(error, Unreachable)
    assert error.temporary


def test_a_server_without_login_is_explained() -> None:
    error = fail(Faulty(), username="me", password="x")
    assert isinstance(error, LoginRefused)
    assert "it has: none" in str(error)


def test_a_password_never_crosses_the_network_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the peer's address is changed: to us the server is then another machine."""
    monkeypatch.setattr(session.Line, "peer", "192.0.2.1")
    server = Faulty(offers=(*OFFERS, "AUTH PLAIN CRAM-MD5"), users={"me": "secret"})
    error = fail(server, username="me", password="secret")
    assert isinstance(error, LoginRefused)
    assert "unencrypted" in str(error)
    assert server.said("AUTH") == 0


def test_the_password_shows_in_no_representation() -> None:
    assert "geheim" not in repr(Relay(host="localhost", password="geheim"))


# ── the probe ─────────────────────────────────────────────────────────────────────────────────────


def probe(server: Faulty, **options: object) -> Probe:
    async def run() -> Probe:
        async with server:
            return await SmtpOutbox(relay(server, **options)).probe()

    return asyncio.run(run())


def test_a_probe_says_what_was_offered(pki: tuple[Path, Serve]) -> None:
    authority, serve = pki
    server = Faulty(offers=STARTTLS, tls=serve("good"), users={"me": "secret"})
    found = probe(server, tls="starttls", ca_file=str(authority), username="me", password="secret")
    assert (found.tls, found.login, found.pace, found.size) == ("TLSv1.3", True, "pipelined", 30_000_000)
    assert found.logins == ("PLAIN", "LOGIN")
    assert found.greeting == "faulty.test ESMTP"
    assert found.certificate_until.endswith("GMT")
    assert server.said("QUIT") == 1


def test_a_probe_fails_as_sending_would() -> None:
    with pytest.raises(LoginRefused):
        probe(Faulty(), username="me", password="x")
