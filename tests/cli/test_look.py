"""The owner's look, by settings: refused in plain words where it cannot be shown or read."""

from __future__ import annotations

import os
import socket

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.cli.doctor import spf_senders
from digest.samples import samples

PEM = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
    Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
)


@pytest.fixture
def owner(digest, tmp_path):
    def set_(**settings):
        lines = {"DIGEST_POSTAL_ADDRESS": "1 Lane, Town"} | settings
        (tmp_path / ".env").write_text("".join(f"{name}='{value}'\n" for name, value in lines.items()))
        return digest

    return set_


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DIGEST_TEMPLATES", "nowhere", "is no folder"),
        ("DIGEST_LANG", "english", "is no language"),
        ("DIGEST_SCHEDULE", "every tuesday", "is no schedule"),
        ("DIGEST_THEME", "postcard", "should be 'card', 'letter' or 'bulletin'"),
        ("DIGEST_ACCENT", "blue", "is no colour"),
        ("DIGEST_ACCENT", "#ffcc00", "words need 4.5 : 1"),
        ("DIGEST_ACCENT_DARK", "#222222", "words need 4.5 : 1"),
        ("DIGEST_LOGO", "https://example.org/logo.png", "120x32"),
        ("DIGEST_LOGO", "http://example.org/logo.png 120x32", "https"),
        ("DIGEST_SUPPORT_LINKS", "Tip jar", "words and an address"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_its_name(owner, name, value, said):
    settings = {name: value} | ({"DIGEST_SUPPORT": "Help us"} if name == "DIGEST_SUPPORT_LINKS" else {})
    answer = owner(**settings)("render", samples()[0], "-o", "out")
    assert answer.code == 2
    assert name in answer.err
    assert said in answer.err


def test_a_wrong_setting_is_told_once_by_the_doctor(owner):
    answer = owner(DIGEST_TEMPLATES="nowhere")("doctor")
    assert answer.code == 1
    assert " ".join((answer.out + answer.err).split()).count("is no folder") == 1


@pytest.mark.parametrize(
    ("settings", "name", "said"),
    [
        ({"DIGEST_APPROVE": "yes"}, "DIGEST_APPROVE", "or off"),
        ({"DIGEST_ADDRESS": "the digest"}, "DIGEST_ADDRESS", "is not an address"),
        ({"LLM_URL": "http://127.0.0.1:9/v1"}, "LLM_MODEL", "is missing"),
    ],
)
def test_what_would_fail_only_at_the_slot_is_refused_before(owner, settings, name, said):
    answer = owner(**settings)("threads")
    assert answer.code == 2
    assert name in answer.err
    assert said in answer.err


def test_the_doctor_says_who_writes_the_summaries(owner):
    answer = owner(LLM_URL="http://127.0.0.1:9/v1", LLM_MODEL="scribe")("doctor")
    assert "scribe at http://127.0.0.1:9/v1 writes the summaries" in " ".join(answer.out.split())


def test_the_doctor_asks_nobody_to_take_readers_off_by_hand_whose_mail_is_read(owner):
    by_hand = {
        listen: "subscribers remove" in owner(DIGEST_FROM="digest@example.org", LMTP_LISTEN=listen)("doctor").out
        for listen in ("", "127.0.0.1:2424")
    }
    assert by_hand == {"": True, "127.0.0.1:2424": False}


def test_the_doctor_keeps_its_left_edge_straight(owner):
    lines = owner(LLM_URL="http://127.0.0.1:9/v1", LLM_MODEL="scribe")("doctor").out.splitlines()
    lines = [line for line in lines if not line.startswith('"v=')]  # to be copied, so never broken
    assert all(line[0] in "✓·✗" or line.startswith(" " * 12) for line in lines)
    assert max(map(len, lines)) <= 80


def test_the_doctor_hands_out_the_key_in_one_piece(owner, tmp_path):
    (tmp_path / "key.pem").write_bytes(PEM)
    dkim = {"DKIM_DOMAIN": "example.org", "DKIM_SELECTOR": "s1", "DKIM_KEY_FILE": "key.pem"}
    lines = owner(DIGEST_FROM="digest@example.org", **dkim)("doctor").out.splitlines()
    (record,) = [line for line in lines if line.startswith("s1._domainkey.example.org. IN TXT")]
    assert record.endswith('" )')


@pytest.mark.skipif(os.name != "posix", reason="the mode of a file says who may read it on POSIX alone")
def test_the_doctor_says_which_secrets_others_can_read_and_how_to_close_them(owner, tmp_path):
    dkim = {"DKIM_DOMAIN": "example.org", "DKIM_SELECTOR": "s1,s2", "DKIM_KEY_FILE": "my key.pem,shut.pem"}
    for name, mode in {"my key.pem": 0o640, "shut.pem": 0o600, ".env": 0o644}.items():
        (tmp_path / name).write_bytes(PEM)
        (tmp_path / name).chmod(mode)
    said = [
        (line["part"], line["what"], line["then"])
        for line in owner(DIGEST_FROM="digest@example.org", **dkim)("doctor", "--json").json
        if "open to others" in line["what"]
    ]
    assert said == [
        ("settings", ".env is open to others on this machine (mode 644)", "`chmod 600 .env`"),
        ("dkim", "my key.pem is open to others on this machine (mode 640)", "`chmod 600 'my key.pem'`"),
    ]


@pytest.mark.parametrize(
    ("hosts", "senders"),
    [
        ([], "mx a:your.smtp.server"),
        (["mail.example.org"], "mx a:mail.example.org"),
        (["mx1.example.org", "localhost", "mx1.example.org"], "mx a:mx1.example.org a"),
        (["127.0.0.1"], "mx a"),
        (["localhost"], "mx a"),
        (["8.8.8.8"], "mx ip4:8.8.8.8"),
        (["2001:4860::1"], "mx ip6:2001:4860::1"),
    ],
)
def test_the_doctor_names_who_may_send(hosts, senders):
    assert spf_senders(hosts) == senders


def test_the_doctor_names_relays_without_their_ports_and_weights(owner):
    answer = owner(DIGEST_FROM="digest@example.org", SMTP_HOST="localhost:1*3, 127.0.0.1:1")("doctor", "--json")
    assert '"v=spf1 mx a -all"' in [line["copy"] for line in answer.json]


def test_the_doctor_tries_the_address_of_the_pages(owner):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        place = f"127.0.0.1:{busy.getsockname()[1]}"
        taken = {line["part"]: line for line in owner(WEB_LISTEN=place)("doctor", "--json").json}["web"]
    wrong = {line["part"]: line for line in owner(WEB_LISTEN="192.0.2.1:8080")("doctor", "--json").json}["web"]
    assert (taken["state"], wrong["state"]) == ("note", "ill")


def test_all_of_it_reaches_the_page(owner, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/words.toml").write_text('[en]\nunsubscribe = "Farewell"\n')
    answer = owner(
        DIGEST_THEME="bulletin",
        DIGEST_TEMPLATES="mine",
        DIGEST_ACCENT="#00594f",
        DIGEST_LOGO="https://example.org/logo.png 120x32",
        DIGEST_SUPPORT="This digest lives from its readers.",
        DIGEST_SUPPORT_LINKS="Tip jar https://example.org/tip",
    )("render", samples()[0], "-o", "out")
    assert answer.code == 0, answer.err
    html = (tmp_path / "out/digest.html").read_text()
    for wanted in (
        "Farewell",
        "#00594f",
        "logo.png",
        "lives from its readers",
        "https://example.org/tip",
        'class="bar"',
    ):
        assert wanted in html
