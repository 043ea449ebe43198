"""A letter: what a reader's mail program makes of it, what its headers promise, and that it never differs from itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.errors import InputError, RenderError
from digest.mail.dkim import Signer
from digest.mail.letter import READER, Press
from digest.mail.segments import quoted
from digest.mail.tokens import Purpose, Tokens
from digest.model import Issue, Letter, Letterhead, Recipient

MakeIssue = Callable[..., Issue]
ADA = Recipient(id=7, email="ada@example.net")


def read(letter: Letter) -> EmailMessage:
    message = message_from_bytes(letter.data, policy=policy.default)
    assert not message.defects
    return message


def part(letter: Letter, subtype: str) -> str:
    found = read(letter).get_body((subtype,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def raw_header(letter: Letter, name: str) -> bytes:
    head, _, _ = letter.data.partition(b"\r\n\r\n")
    (found,) = re.findall(rb"^%b: ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)" % name.encode(), head, re.MULTILINE)
    return bytes(found)


# ── the page ──────────────────────────────────────────────────────────────────────────────────────


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(["MAIL", "LEAVE", ".", "\nFrom "])),
    st.sampled_from(["ada@example.net", "o'hara&co@example.net", "dörte@example.net"]),
)
def test_both_parts_read_back_as_the_page_with_the_values_in_it(
    make_issue: MakeIssue, tokens: Tokens, words: list[str], email: str
) -> None:
    marks = make_issue().page.marks
    page = "".join({"MAIL": marks.email, "LEAVE": marks.unsubscribe}.get(word, word) for word in words)
    letter = Press(make_issue(html=page, text=page), tokens=tokens).address(Recipient(id=7, email=email))
    link = f"https://news.example.org/u/{tokens.mint(Purpose.UNSUBSCRIBE, subject=7, number=0)}"
    lines = re.sub("\r\n?", "\n", page)
    assert part(letter, "plain") == lines.replace(marks.email, email).replace(marks.unsubscribe, link)
    assert part(letter, "html") == lines.replace(marks.email, escape(email)).replace(marks.unsubscribe, link)


def test_a_letter_in_another_script_is_filled_in_too(make_issue: MakeIssue, tokens: Tokens) -> None:
    marks = make_issue().page.marks
    page = "週刊スレッド" * 50 + f"{marks.email}、{marks.unsubscribe}。" + "さようなら" * 50
    letter = Press(make_issue(html=page, text=page), tokens=tokens).address(ADA)
    assert b"base64" in letter.data
    assert f"{ADA.email}、https://news.example.org/u/" in part(letter, "html")


def test_the_page_leads_to_its_web_copy(make_issue: MakeIssue, tokens: Tokens) -> None:
    letter = Press(make_issue(), tokens=tokens).address(ADA)
    assert "On the web: https://news.example.org/issues/42\n" in part(letter, "plain")
    assert '<a href="https://news.example.org/issues/42">' in part(letter, "html")


def test_a_page_that_leads_to_a_web_copy_that_is_not_there_is_refused(
    make_issue: MakeIssue, tokens: Tokens, head: Letterhead
) -> None:
    with pytest.raises(RenderError, match="DIGEST_BASE_URL"):
        Press(make_issue(head=replace(head, base_url="")), tokens=tokens)


def test_no_line_needs_the_transport_to_change_it(make_issue: MakeIssue, tokens: Tokens) -> None:
    page = ".\n.dot\nFrom me\n" + "x" * 3000 + "\n \t\n" + "ü" * 400
    letter = Press(make_issue(html=page, text=page, subject="ü" * 300), tokens=tokens).address(ADA)
    for line in letter.data.split(b"\r\n"):
        assert len(line) <= 998
        assert not line.startswith((b".", b"From "))
        assert not re.search(rb"[\r\n\x00]", line)


# ── the head ──────────────────────────────────────────────────────────────────────────────────────


def test_the_head_says_whose_letter_it_is(make_issue: MakeIssue, tokens: Tokens, head: Letterhead) -> None:
    head = replace(head, name="Wöchentlicher Faden", reply_to="editor@example.org")
    message = read(Press(make_issue(head=head, subject="Warum Brücken singen 🎵"), tokens=tokens).address(ADA))
    assert message["From"] == "Wöchentlicher Faden <digest@example.org>"
    assert message["To"] == "ada@example.net"
    assert message["Reply-To"] == "editor@example.org"
    assert message["Subject"] == "Warum Brücken singen 🎵"
    assert message["Date"] == "Tue, 18 Nov 2025 09:00:00 +0000"
    assert message["Content-Language"] == "en"


def test_the_head_names_the_list_and_that_a_machine_wrote(make_issue: MakeIssue, tokens: Tokens) -> None:
    message = read(Press(make_issue(), tokens=tokens).address(ADA))
    assert message["List-Id"] == "The Weekly Thread <threads.example.org>"
    assert message["List-Post"] == "NO"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert all(len(message.get_all(name, [])) == 1 for name in set(message.keys()))


def test_one_click_is_a_literal_link(make_issue: MakeIssue, tokens: Tokens, head: Letterhead) -> None:
    head = replace(head, base_url="https://a-rather-long-name-of-a-host-for-threads.example.org/and/a/path/before/it")
    letter = Press(make_issue(head=head), tokens=tokens).address(ADA)
    token = tokens.mint(Purpose.UNSUBSCRIBE, subject=7, number=0)
    assert (
        raw_header(letter, "List-Unsubscribe")
        == (
            f"<{head.base_url}/u/{token}>,\r\n"
            f" <mailto:threads+unsubscribe-{token}@lists.example.org?subject=unsubscribe>"
        ).encode()
    )
    assert raw_header(letter, "List-Unsubscribe-Post") == b"List-Unsubscribe=One-Click"


@pytest.mark.parametrize("base_url", ["", "http://news.example.org"])
def test_without_https_leaving_goes_by_mail_alone(
    make_issue: MakeIssue, tokens: Tokens, head: Letterhead, base_url: str
) -> None:
    marks = make_issue().page.marks
    issue = make_issue(head=replace(head, base_url=base_url), text=f"Leave: {marks.unsubscribe}\n", html="<p>")
    letter = Press(issue, tokens=tokens).address(ADA)
    mailto = f"mailto:threads+unsubscribe-{tokens.mint(Purpose.UNSUBSCRIBE, subject=7, number=0)}@lists.example.org?subject=unsubscribe"
    assert raw_header(letter, "List-Unsubscribe") == f"<{mailto}>".encode()
    assert b"List-Unsubscribe-Post" not in letter.data
    assert part(letter, "plain") == f"Leave: {mailto}\n"


def test_a_long_address_of_ours_takes_the_token_in_the_subject(
    make_issue: MakeIssue, tokens: Tokens, head: Letterhead
) -> None:
    ours = "the-very-best-threads-of-the-week@lists.example.org"
    issue = make_issue(head=replace(head, base_url="", list_address=ours, verp=True), text="\n", html="<p>")
    letter = Press(issue, tokens=tokens).address(ADA)
    token = tokens.mint(Purpose.UNSUBSCRIBE, subject=7, number=0)
    assert raw_header(letter, "List-Unsubscribe") == f"<mailto:{ours}?subject=unsubscribe%20{token}>".encode()
    assert letter.sender == head.from_address


@given(st.from_regex(READER, fullmatch=True))
@example("a" * 30 + "@" + "b" * 43)
@example("a" * 31 + "@" + "b" * 42)
@example(".a@example.org")
@example("a=b@example.org")
@example("a&b@example.org")
def test_an_address_of_the_usual_kind_stands_for_itself_everywhere(email: str) -> None:
    found = READER.fullmatch(email)
    assert found
    if found.lastindex:
        assert quoted(email) == escape(email).encode() == email.encode()


def test_nothing_that_people_write_can_add_a_header(make_issue: MakeIssue, tokens: Tokens, head: Letterhead) -> None:
    evil = "x\r\nBcc: eve@example.com\r\n\r\nbody\x00\x1b[0m\u2028Bcc: eve@example.com"
    issue = make_issue(head=replace(head, name=evil), subject=evil, lang="en\r\nBcc: eve@example.com")
    message = read(Press(issue, tokens=tokens).address(ADA))
    assert "Bcc" not in message
    assert message["Content-Language"] is None


def test_a_reader_beyond_ascii_is_written_as_utf8(make_issue: MakeIssue, tokens: Tokens) -> None:
    letter = Press(make_issue(), tokens=tokens).address(Recipient(id=8, email="dörte@example.net"))
    assert "\r\nTo: dörte@example.net\r\n".encode() in letter.data


# ── the envelope ──────────────────────────────────────────────────────────────────────────────────


def test_bounces_come_back_to_an_address_of_their_own(make_issue: MakeIssue, tokens: Tokens, head: Letterhead) -> None:
    letter = Press(make_issue(head=replace(head, verp=True)), tokens=tokens).address(ADA)
    assert letter.sender == f"threads+bounce-{tokens.mint(Purpose.BOUNCE, subject=7, number=42)}@lists.example.org"
    assert Press(make_issue(), tokens=tokens).address(ADA).sender == "digest@example.org"


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "a@b@example.net",
        "a@x>\r\nBcc: eve@example.com",
        "a b@example.net",
        "a\x00@example.net",
        "a\ud800@x.org",
        "a@ü.org",
    ],
)
def test_an_address_that_would_break_the_envelope_stops_one_letter_only(
    make_issue: MakeIssue, tokens: Tokens, email: str
) -> None:
    press = Press(make_issue(), tokens=tokens)
    with pytest.raises(InputError):
        press.address(Recipient(id=8, email=email))
    assert press.address(ADA).recipient == ADA.email


@pytest.mark.parametrize(
    "wrong",
    [
        {"list_address": "a/b?c@example.org"},
        {"from_address": "dörte@example.org"},
        {"reply_to": "a@example.org\r\nBcc: eve@example.com"},
        {"domain": "example.org>"},
        {"base_url": "https://example.org/>, <https://example.com"},
        {"base_url": "ftp://example.org"},
    ],
)
def test_a_letterhead_that_would_spoil_every_letter_is_refused(
    make_issue: MakeIssue, tokens: Tokens, head: Letterhead, wrong: dict[str, str]
) -> None:
    with pytest.raises(InputError):
        Press(make_issue(head=replace(head, **wrong)), tokens=tokens)


# ── the same again ────────────────────────────────────────────────────────────────────────────────


def test_a_letter_made_again_is_the_same_bytes(
    make_issue: MakeIssue, tokens: Tokens, rsa_pem: bytes, ed25519_pem: bytes
) -> None:
    signers = [Signer("example.org", "rsa", rsa_pem), Signer("example.org", "ed", ed25519_pem)]
    first, again = (Press(make_issue(), tokens=tokens, signers=signers).address(ADA) for _ in range(2))
    assert first == again
    assert first.data == again.data


def test_two_readers_share_no_secret(make_issue: MakeIssue, tokens: Tokens, head: Letterhead) -> None:
    press = Press(make_issue(head=replace(head, verp=True)), tokens=tokens)
    ada, bob = press.address(ADA), press.address(Recipient(id=8, email="bob@example.net"))
    assert len({ada.message_id, bob.message_id, ada.sender, bob.sender}) == 4
    assert tokens.mint(Purpose.UNSUBSCRIBE, subject=7, number=0).encode() not in bob.data
    assert b"ada@" not in bob.data


def test_threads_may_share_a_press(make_issue: MakeIssue, tokens: Tokens, ed25519_pem: bytes) -> None:
    press = Press(make_issue(), tokens=tokens, signers=[Signer("example.org", "ed", ed25519_pem)])
    readers = [Recipient(id=n, email=f"reader-{n}@example.net") for n in range(64)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(press.address, readers)) == [press.address(reader) for reader in readers]
