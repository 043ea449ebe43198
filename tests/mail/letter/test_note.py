"""A single letter: what stands on its head, that it reads back whole, and that an independent verifier takes it."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage

import dkim as verifier
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import InputError
from digest.mail.dkim import Signer, relaxed_body
from digest.mail.note import Enclosure, Note, write
from digest.mail.tokens import Purpose, Tokens
from digest.model import Letter, Letterhead

NOTE = Note(
    to="ada@example.org", subject="Is it you?", text="Hello  Ada.\n", html="<p>Hello  Ada.</p>", lang="en", reader=7
)


def read(letter: Letter) -> EmailMessage:
    message = email.message_from_bytes(letter.data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.fixture
def verp(head: Letterhead) -> Letterhead:
    return replace(head, verp=True)


def test_an_answer_says_that_it_is_one_and_to_what(verp: Letterhead, tokens: Tokens) -> None:
    message = read(write(replace(NOTE, answered=True, answers="<q1@example.com>"), head=verp, tokens=tokens))
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["In-Reply-To"] == message["References"] == "<q1@example.com>"
    assert message["Reply-To"] == "threads@lists.example.org"
    assert message["To"] == "ada@example.org"
    assert "Precedence" not in message


def test_a_note_that_answers_nothing_is_no_reply(verp: Letterhead, tokens: Tokens) -> None:
    message = read(write(NOTE, head=verp, tokens=tokens))
    assert message["Auto-Submitted"] == "auto-generated"
    assert "In-Reply-To" not in message


@pytest.mark.parametrize("forged", ["<a@b>\r\nBcc: eve@example.com", "<a b@c>", "no brackets", "<" + "x" * 300 + ">"])
def test_a_strange_message_id_is_not_repeated(verp: Letterhead, tokens: Tokens, forged: str) -> None:
    message = read(write(replace(NOTE, answered=True, answers=forged), head=verp, tokens=tokens))
    assert "In-Reply-To" not in message
    assert "Bcc" not in message
    assert message["Auto-Submitted"] == "auto-replied"


def test_a_note_that_comes_back_says_whose_it_was(verp: Letterhead, tokens: Tokens) -> None:
    local = write(NOTE, head=verp, tokens=tokens).sender.partition("@")[0]
    stamp = tokens.read(Purpose.BOUNCE, local.removeprefix("threads+bounce-"))
    assert stamp
    assert (stamp.subject, stamp.number) == (7, 0)


def test_only_who_can_leave_is_told_how(verp: Letterhead, tokens: Tokens) -> None:
    token = tokens.mint(Purpose.UNSUBSCRIBE, subject=7, number=0)
    leaving = read(write(replace(NOTE, unsubscribe=token), head=verp, tokens=tokens))
    assert f"https://news.example.org/u/{token}" in leaving["List-Unsubscribe"]
    assert leaving["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe" not in read(write(NOTE, head=verp, tokens=tokens))


def test_the_same_note_is_the_same_letter(verp: Letterhead, tokens: Tokens) -> None:
    assert write(NOTE, head=verp, tokens=tokens) == write(NOTE, head=verp, tokens=tokens)
    other = write(replace(NOTE, text="Hello Bob."), head=verp, tokens=tokens)
    assert other.message_id != write(NOTE, head=verp, tokens=tokens).message_id


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=400))
def test_any_text_reads_back(text: str) -> None:
    head_ = Letterhead(
        name="D", from_address="d@x.test", list_address="d@x.test", domain="x.test", date=email.utils.localtime()
    )
    letter = write(replace(NOTE, text=text, html=text), head=head_, tokens=Tokens(b"a secret for the tests"))
    plain = read(letter).get_body(("plain",))
    assert plain
    assert plain.get_content().rstrip("\n") == text.rstrip("\n")
    assert max(map(len, letter.data.split(b"\r\n"))) <= 998


def test_a_mail_is_passed_on_as_the_mail_that_it_was(verp: Letterhead, tokens: Tokens) -> None:
    mail = b"From: ada@example.org\nSubject: Thank you\n\nLovely  issue. \n.\n"
    passed = replace(NOTE, enclosures=(Enclosure(name="mail.eml", media_type="message/rfc822", data=mail),))
    (inner,) = list(read(write(passed, head=verp, tokens=tokens)).iter_attachments())
    assert inner.get_content_type() == "message/rfc822"
    assert inner.get_content()["Subject"] == "Thank you"


@pytest.mark.parametrize("mail", [b"Subject: x\n\nM\xfcsli", b"Subject: x\n\n" + b"x" * 2000, b"Subject: x\n\n\0"])
def test_a_mail_that_a_seven_bit_road_would_spoil_is_a_file(verp: Letterhead, tokens: Tokens, mail: bytes) -> None:
    passed = replace(NOTE, enclosures=(Enclosure(name="mail.eml", media_type="message/rfc822", data=mail),))
    (inner,) = list(read(write(passed, head=verp, tokens=tokens)).iter_attachments())
    assert inner.get_content_type() == "application/octet-stream"
    assert inner.get_content() == mail


@pytest.mark.parametrize("to", ["ada", "a@b\r\nBcc: c@d", "ada@example.org,eve@example.com", "<ada@example.org>"])
def test_what_would_break_the_envelope_is_refused(verp: Letterhead, tokens: Tokens, to: str) -> None:
    with pytest.raises(InputError):
        write(replace(NOTE, to=to), head=verp, tokens=tokens)


@pytest.mark.parametrize("enclosed", [b"", b"From: a@b.test\n\nwith  spaces \t \n\n\n"])
def test_an_independent_verifier_takes_the_signature(
    verp: Letterhead, tokens: Tokens, rsa_pem: bytes, enclosed: bytes
) -> None:
    signer = Signer("example.org", "rsa", rsa_pem)
    mail = (Enclosure(name="mail.eml", media_type="message/rfc822", data=enclosed),) if enclosed else ()
    letter = write(replace(NOTE, enclosures=mail), head=verp, tokens=tokens, signers=[signer])
    assert verifier.verify(letter.data, dnsfunc=lambda *_, **__: signer.dns_value.encode())
    touched = letter.data.replace(b"Subject: Is it you?", b"Subject: Is it me?")
    assert not verifier.verify(touched, dnsfunc=lambda *_, **__: signer.dns_value.encode())


@given(st.binary(max_size=200).map(lambda b: b.replace(b"\r", b"").replace(b"\n", b"\r\n")))
def test_relaxing_a_body_agrees_with_dkimpy(body: bytes) -> None:
    assert relaxed_body(body + b"\r\n") == verifier.canonicalization.Relaxed.canonicalize_body(body + b"\r\n")
