"""The test host itself: if one of these fails, look here before you look at the program."""

from __future__ import annotations

import base64
import smtplib
import ssl
import tempfile
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from rig import mailhost as rig
from rig.mailhost import Mailhost


def mail(to: str, *, sender: str = "rig@example.test", subject: str = "Hello") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = f"<{subject.lower()}@example.test>"
    message.set_content("A mail of the test host itself.")
    return message


def send(message: EmailMessage, *, port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as smtp:
        smtp.send_message(message)


def test_a_mail_by_smtp_is_read_by_imap(mailhost: Mailhost) -> None:
    send(mail("arrives+today@example.org"), port=mailhost.ports.smtp)
    [arrived] = mailhost.await_mail("arrives@example.org")
    assert b"X-Original-To: arrives+today@example.org" in arrived
    assert b"Authentication-Results: mx.example.test" in arrived


def test_opendkim_judges_by_the_published_key(mailhost: Mailhost) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    mailhost.publish_key("rig", domain="example.test", record=f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}")
    message = mail("dkim@example.org").as_bytes(policy=SMTP)
    signed = dkim.sign(message, b"rig", b"example.test", private) + message
    with smtplib.SMTP("127.0.0.1", mailhost.ports.smtp, timeout=30) as smtp:
        smtp.sendmail("rig@example.test", ["dkim@example.org"], signed)
        smtp.sendmail("rig@example.test", ["dkim@example.org"], signed.replace(b"Hello", b"Changed"))
    genuine, changed = mailhost.await_mail("dkim@example.org", count=2)
    assert b"dkim=pass" in genuine
    assert b"dkim=fail" in changed


def test_an_empty_mailbox_is_an_empty_list(mailhost: Mailhost) -> None:
    assert mailhost.mailbox("never-written-to@example.org") == []


def test_the_submission_port_wants_a_login_behind_starttls(mailhost: Mailhost) -> None:
    trust = ssl.create_default_context(cafile=mailhost.ca_file)
    with smtplib.SMTP("localhost", mailhost.ports.submission, timeout=30) as smtp:
        smtp.starttls(context=trust)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.send_message(mail("login@example.org"))
        smtp.login("rig@example.test", "secret")
        smtp.send_message(mail("login@example.org"))
    assert mailhost.await_mail("login@example.org")


def test_the_tls_port_refuses_a_wrong_password(mailhost: Mailhost) -> None:
    trust = ssl.create_default_context(cafile=mailhost.ca_file)
    with (
        smtplib.SMTP_SSL("localhost", mailhost.ports.submissions, timeout=30, context=trust) as smtp,
        pytest.raises(smtplib.SMTPAuthenticationError),
    ):
        smtp.login("rig@example.test", "wrong")


def test_the_wrong_name_is_noticed(mailhost: Mailhost) -> None:
    trust = ssl.create_default_context(cafile=mailhost.ca_file)
    with (
        smtplib.SMTP("localhost", mailhost.ports.wrong_name, timeout=30) as smtp,
        pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"),
    ):
        smtp.starttls(context=trust)


@pytest.mark.parametrize(("recipient", "status"), [("nobody-1", "5.1.1"), ("full-1", "5.2.2"), ("policy-1", "5.7.1")])
def test_a_bounce_comes_back_to_the_envelope_sender(mailhost: Mailhost, recipient: str, status: str) -> None:
    send(mail(f"{recipient}@example.org", sender=f"bounces-{recipient}@example.test"), port=mailhost.ports.fast)
    [notice] = mailhost.await_mail(f"bounces-{recipient}@example.test")
    assert f"Status: {status}".encode() in notice


def test_another_domain_is_bounced_so_nothing_leaves_the_machine(mailhost: Mailhost) -> None:
    send(mail("ada@example.net", sender="stay@example.test"), port=mailhost.ports.fast)
    [notice] = mailhost.await_mail("stay@example.test")
    assert b"no such domain on this test host" in notice


@pytest.mark.parametrize("code", [550, 552, 451, 421])
def test_a_refusal_comes_at_rcpt(mailhost: Mailhost, code: int) -> None:
    recipient = f"sync{code}-1@example.org"
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(mail(recipient), port=mailhost.ports.fast)
    assert refused.value.recipients[recipient][0] == code


def test_a_vacation_answers_by_itself(mailhost: Mailhost) -> None:
    send(mail("vacation-1@example.org", sender="asker@example.test"), port=mailhost.ports.fast)
    [answer] = mailhost.await_mail("asker@example.test")
    assert b"Auto-Submitted: auto-replied" in answer


def test_the_sink_knows_who_was_written_to(mailhost: Mailhost) -> None:
    for number in [1, 2, 2]:
        send(mail(f"sink-{number}@example.com"), port=mailhost.ports.fast)
    mailhost.settle()
    assert mailhost.original_recipients("sink@example.com") == {"sink-1@example.com": 1, "sink-2@example.com": 2}


def test_an_international_address_is_delivered(mailhost: Mailhost) -> None:
    with smtplib.SMTP("127.0.0.1", mailhost.ports.fast, timeout=30) as smtp:
        smtp.sendmail("rig@example.test", ["jürgen@bücher.test"], b"Subject: hello\r\n\r\nhello", ["SMTPUTF8"])
    mailhost.settle()
    assert mailhost.original_recipients("international@example.test") == {"jürgen@bücher.test": 1}


def test_a_second_host_ends_without_a_trace(mailhost: Mailhost) -> None:
    with tempfile.TemporaryDirectory(prefix="mailhost-", dir="/tmp") as folder:
        second = rig.start(Path(folder))
        try:
            send(mail("second@example.org"), port=second.ports.smtp)
            assert second.await_mail("second@example.org")
            assert mailhost.mailbox("second@example.org") == []
            assert processes_in(folder)
        finally:
            second.stop()
        assert processes_in(folder) == []


def processes_in(folder: str) -> list[str]:
    """The processes whose working folder or command line lies in this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if folder in str((process / "cwd").readlink()) + (process / "cmdline").read_text():
                found.append(process.name)
    return found
