"""One issue, three kinds of letter: whole, the summary alone, the text alone; each signed, each with the way out."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage

import dkim as verifier
import pytest

from digest.mail.dkim import Signer
from digest.mail.letter import Press
from digest.mail.tokens import Tokens
from digest.model import Issue, Kind, Page, Recipient


@pytest.fixture
def issue(make_issue: Callable[..., Issue]) -> Issue:
    made = make_issue()
    short: Page = replace(made.page, html=made.page.html.replace("Wind", "Briefly"), text="Briefly. — é\n\n\n")
    return replace(made, short=short)


def letter(issue: Issue, tokens: Tokens, kind: Kind, *, signers: list[Signer] | None = None) -> bytes:
    press = Press(issue, tokens=tokens, signers=signers or [])
    return press.address(Recipient(id=7, email="ada@example.org", kind=kind)).data


def read(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_the_summary_alone_is_another_page_of_the_same_issue(issue: Issue, tokens: Tokens) -> None:
    whole, brief = (read(letter(issue, tokens, kind)) for kind in ("full", "summary"))
    assert "Wind finds" in str(whole.get_body(("html",)))
    assert "Briefly" in str(brief.get_body(("html",)))
    assert whole["Message-ID"] == brief["Message-ID"]


def test_without_a_short_page_the_whole_one_goes(issue: Issue, tokens: Tokens) -> None:
    bare = replace(issue, short=None)
    assert letter(bare, tokens, "summary") == letter(bare, tokens, "full")


def test_the_text_alone_is_one_part(issue: Issue, tokens: Tokens) -> None:
    message = read(letter(issue, tokens, "text"))
    assert message.get_content_type() == "text/plain"
    assert "Wind finds every gap — and a gap is a whistle." in message.get_content()
    assert "ada@example.org" in message.get_content()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("kind", ["full", "summary", "text"])
@pytest.mark.parametrize("ending", ["", "\n\n\n", "\n{email}", "\nné " * 300 + "{email}\n"])
def test_an_independent_verifier_takes_every_kind(
    issue: Issue, tokens: Tokens, rsa_pem: bytes, kind: Kind, ending: str
) -> None:
    ended = replace(issue, page=replace(issue.page, text=issue.page.text + ending.format(email=issue.page.marks.email)))
    signer = Signer("example.org", "rsa", rsa_pem)
    data = letter(ended, tokens, kind, signers=[signer])
    assert verifier.verify(data, dnsfunc=lambda *_, **__: signer.dns_value.encode())


def test_no_line_of_a_plain_letter_begins_with_a_dot(issue: Issue, tokens: Tokens) -> None:
    dotted = replace(issue, page=replace(issue.page, text="a\n.\n..b\nFrom here\n"))
    assert b"\n." not in letter(dotted, tokens, "text")
