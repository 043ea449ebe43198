"""From a saved thread to a real mailbox: through Postfix, judged by OpenDKIM and SpamAssassin, read back by IMAP."""

from __future__ import annotations

import email
import email.policy
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from digest.mail.dkim import Signer
from digest.sources.darkroom import develop
from pictures.drawn import drawing, packed
from rig.newsletter import THREAD, laid_out

HIVE = packed(drawing())
RECEIVED = (
    "Received: from relay.example.org (relay.example.org [203.0.113.9])\n"
    "\tby mx.example.test with ESMTPS id 4F00 for <ada@example.test>; {date}\n"
)


def private(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.fixture(scope="module")
def delivered(mailhost, tmp_path_factory):
    """The one digest in Ada's mailbox, as it came out of IMAP: sent with two DKIM keys from a public web address."""
    folder = tmp_path_factory.mktemp("delivered")
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for selector, key in {"rsa": rsa_key, "ed": ed25519.Ed25519PrivateKey.generate()}.items():
        (folder / f"{selector}.pem").write_bytes(private(key))
        signer = Signer("example.test", selector, private(key))
        mailhost.publish_key(selector, domain="example.test", record=signer.dns_value)
    made = laid_out(
        folder,
        {
            "DIGEST_IMAGES": "inline",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": mailhost.ports.smtp,
            "SMTP_TLS": "none",
            "DIGEST_BASE_URL": "https://bees.example.test",
            "DKIM_DOMAIN": "example.test",
            "DKIM_SELECTOR": "rsa,ed",
            "DKIM_KEY_FILE": "rsa.pem,ed.pem",
        },
    )
    (folder / "hive.png").write_bytes(HIVE)
    (folder / "bees.md").write_text(THREAD.replace("out in the rain.", "out in the rain.\n\n![A hive](hive.png)"))
    made.run("import", "bees.md")
    made.run("subscribers", "add", "ada-of-the-bees@example.test")
    made.run("send", "--yes")
    (raw,) = mailhost.await_mail("ada-of-the-bees@example.test")
    return raw


def test_the_digest_arrives_whole(delivered):
    message = email.message_from_bytes(delivered, policy=email.policy.default)
    assert message["From"] == "Bees & Bytes <digest@example.test>"
    assert "bees" in message["Subject"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["List-Id"].endswith("<digest.example.test>")
    text, html = (message.get_body(preferencelist=(kind,)).get_content() for kind in ("plain", "html"))
    for part in (text, html):
        assert "Bees never repair a comb" in part
        assert "keep the brood warm, leave some slack" in part
        assert "1 Hive Lane, Uppsala" in part
        assert "https://bees.example.test/u/" in part


def test_a_picture_arrives_byte_for_byte_beside_the_page_that_shows_it(delivered):
    message = email.message_from_bytes(delivered, policy=email.policy.default)
    (image,) = [part for part in message.walk() if part.get_content_maintype() == "image"]
    html = message.get_body(preferencelist=("html",)).get_content()
    assert image.get_content() == develop(HIVE).data
    assert image.get_content_disposition() == "inline"
    assert f'src="cid:{image["Content-ID"].strip("<>")}"' in html
    assert "[Picture: A hive]" in message.get_body(preferencelist=("plain",)).get_content()


def test_one_click_is_a_literal_url_that_the_body_links_too(delivered):
    head, _, _ = delivered.partition(b"\r\n\r\n")
    unfolded = head.replace(b"\r\n ", b" ").decode().splitlines()
    listed = next(line for line in unfolded if line.startswith("List-Unsubscribe: "))
    link = listed.partition("<")[2].partition(">")[0]
    html = email.message_from_bytes(delivered, policy=email.policy.default).get_body(preferencelist=("html",))
    assert link.startswith("https://bees.example.test/u/")
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in unfolded
    assert link in html.get_content()


def test_opendkim_verifies_both_signatures(delivered):
    message = email.message_from_bytes(delivered, policy=email.policy.default)
    verdicts = " ".join(message.get_all("Authentication-Results"))
    signatures = message.get_all("DKIM-Signature")
    assert verdicts.count("dkim=pass") == 2
    assert len(signatures) == 2
    for signature in signatures:
        signed = signature.lower().replace(" ", "")
        assert "list-unsubscribe:" in signed
        assert "list-unsubscribe-post" in signed


def test_spamassassin_finds_nothing_to_complain_of(delivered, tmp_path):
    if not shutil.which("spamassassin"):
        pytest.skip("SpamAssassin is missing: apt-get install spamassassin")
    date = email.message_from_bytes(delivered)["Date"]
    own = delivered[delivered.index(b"DKIM-Signature") :]
    mail = RECEIVED.format(date=date).encode() + own.replace(b"\r\n", b"\n")
    judged = subprocess.run(["spamassassin", "-L", "-t"], input=mail, capture_output=True, check=True)
    verdict = email.message_from_bytes(judged.stdout)["X-Spam-Status"]
    score = float(verdict.partition("score=")[2].split()[0])
    assert score < 1.5, verdict
    assert not {"MISSING", "MIME_HTML_ONLY", "SUBJ_ALL_CAPS", "HTML_IMAGE_ONLY"} & set(
        verdict.split("tests=")[1].split(",")
    )


def test_a_login_over_starttls_delivers_too(mailhost, newsletter):
    made = newsletter(
        {
            "SMTP_HOST": "localhost",
            "SMTP_PORT": mailhost.ports.submission,
            "SMTP_TLS": "starttls",
            "SMTP_USERNAME": "digest@example.test",
            "SMTP_PASSWORD": "secret",
            "SMTP_CA_FILE": mailhost.ca_file,
        }
    )
    made.run("subscribers", "add", "grace@example.test")
    before = mailhost.count("grace@example.test")
    made.run("send", "--yes")
    assert len(mailhost.await_mail("grace@example.test", count=before + 1)) == before + 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"SMTP_PORT": 1}, "127.0.0.1:1"),
        ({"SMTP_TLS": "starttls", "SMTP_PORT": "wrong_name"}, "certificate"),
        (
            {
                "SMTP_TLS": "starttls",
                "SMTP_PORT": "submission",
                "SMTP_USERNAME": "digest@example.test",
                "SMTP_PASSWORD": "wrong",
            },
            "password",
        ),
    ],
)
def test_a_server_that_cannot_be_used_fails_nobody(mailhost, newsletter, settings, said):
    ports = {"wrong_name": mailhost.ports.wrong_name, "submission": mailhost.ports.submission}
    chosen = {"SMTP_HOST": "127.0.0.1", "SMTP_TLS": "none", "SMTP_CA_FILE": mailhost.ca_file} | settings
    chosen["SMTP_PORT"] = ports.get(str(chosen["SMTP_PORT"]), chosen["SMTP_PORT"])
    made = newsletter(chosen)
    made.run("subscribers", "add", "ada@example.test")
    done = subprocess.run(made.command("send", "--yes"), cwd=made.folder, capture_output=True, text=True)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert made.json("report")["recipients"][0]["state"] == "waiting"
