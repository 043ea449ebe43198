"""Pictures that go along: any parser finds them beside the page, byte for byte, and the signature holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import dkim
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from digest.mail.dkim import Signer
from digest.mail.letter import Press
from digest.mail.note import Enclosure, Note, write
from digest.mail.tokens import Tokens
from digest.model import Issue, Kind, Letter, Letterhead, Picture, Recipient, Shown

ADA = Recipient(id=7, email="ada@example.net")
MakeIssue = Callable[..., Issue]


def shown(name: str, data: bytes, kind: str = "png") -> Shown:
    picture = Picture(digest=name, kind=kind, width=64, height=48, size=len(data))
    return Shown(src=f"cid:{name}@example.org", picture=picture)


def illustrated(issue: Issue, *pictures: Shown) -> Issue:
    images = "".join(f'<p><img src="{one.src}" alt="" width="64" height="48"></p>' for one in pictures)
    html = issue.page.html.replace("</body>", f"{images}</body>")
    return replace(issue, page=replace(issue.page, html=html, pictures=pictures))


def parsed(letter: Letter) -> EmailMessage:
    message = message_from_bytes(letter.data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert [part.defects for part in message.walk() if part.defects] == []
    return message


def shape(message: EmailMessage) -> object:
    kind = message.get_content_type()
    return (kind, [shape(part) for part in message.iter_parts()]) if message.is_multipart() else kind


bits = some.binary(max_size=3_000)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(datas=some.lists(bits, min_size=1, max_size=4), text=some.text(max_size=300))
def test_any_parser_finds_the_very_bytes(make_issue: MakeIssue, tokens: Tokens, datas: list[bytes], text: str) -> None:
    pictures = [shown(f"p{number}", data) for number, data in enumerate(datas)]
    data = {one.picture.digest: part for one, part in zip(pictures, datas, strict=True)}
    issue = illustrated(make_issue(), *pictures)
    issue = replace(
        issue, page=replace(issue.page, text=f"{text.encode('utf-8', 'replace').decode()}{issue.page.text}")
    )
    letter = Press(issue, tokens=tokens, data=data).address(ADA)
    message = parsed(letter)
    related = ("multipart/related", ["text/html", *["image/png"] * len(datas)])
    assert shape(message) == ("multipart/alternative", ["text/plain", related])
    page, *images = next(part for part in message.iter_parts() if part.is_multipart()).iter_parts()
    assert [image.get_content() for image in images] == datas
    assert [image["Content-ID"] for image in images] == [f"<{one.src[4:]}>" for one in pictures]
    assert {image.get_content_disposition() for image in images} == {"inline"}
    assert all(f'src="cid:{image["Content-ID"][1:-1]}"' in page.get_content() for image in images)
    assert max(map(len, letter.data.split(b"\r\n"))) <= 998
    assert not [line for line in letter.data.split(b"\r\n") if line.startswith(b".")]


def test_a_letter_with_pictures_is_signed_whole(make_issue: MakeIssue, tokens: Tokens, rsa_pem: bytes) -> None:
    signer = Signer("example.org", "s1", rsa_pem)
    issue = illustrated(make_issue(), shown("p1", b"\x89PNG" * 999))
    data = Press(issue, tokens=tokens, signers=[signer], data={"p1": b"\x89PNG" * 999}).address(ADA).data
    assert dkim.verify(data, dnsfunc=lambda *_, **__: signer.dns_value.encode())
    assert not dkim.verify(data.replace(b"iVBO", b"iVBP", 1), dnsfunc=lambda *_, **__: signer.dns_value.encode())


@pytest.mark.parametrize("kind", ["summary", "text"])
def test_who_wants_less_gets_no_pictures(make_issue: MakeIssue, tokens: Tokens, kind: Kind) -> None:
    issue = illustrated(make_issue(), shown("p1", b"sea"))
    issue = replace(issue, short=make_issue().page)
    letter = Press(issue, tokens=tokens, data={"p1": b"sea"}).address(ADA._replace(kind=kind))
    assert b"Content-ID" not in letter.data


def test_a_picture_that_was_taken_down_is_left_out(make_issue: MakeIssue, tokens: Tokens) -> None:
    issue = illustrated(make_issue(), shown("p1", b"sea"), shown("p2", b"ice"))
    assert b"<p1@" not in (data := Press(issue, tokens=tokens, data={"p2": b"ice"}).address(ADA).data)
    assert b"<p2@example.org>" in data
    assert b"Content-ID" not in Press(issue, tokens=tokens).address(ADA).data


def test_all_readers_share_the_bytes_of_the_pictures(make_issue: MakeIssue, tokens: Tokens) -> None:
    press = Press(illustrated(make_issue(), shown("p1", bytes(9_000))), tokens=tokens, data={"p1": bytes(9_000)})
    one, other = press.address(ADA), press.address(ADA._replace(id=8, email="ben@example.net"))
    assert one.parts[-1] is other.parts[-1]
    assert len(one.parts[-1]) > 12_000


def test_a_single_letter_carries_the_pictures_of_the_issue_below(head: Letterhead, tokens: Tokens) -> None:
    told = {
        "to": "ada@example.net",
        "subject": "s",
        "text": "t",
        "html": '<img src="cid:p1@example.org">',
        "lang": "en",
    }
    note = Note(**told, pictures=(shown("p1", b"sea"),), data={"p1": b"sea"})
    related = ("multipart/related", ["text/html", "image/png"])
    assert shape(parsed(write(note, head=head, tokens=tokens))) == ("multipart/alternative", ["text/plain", related])
    more = replace(note, enclosures=(Enclosure(name="a.json", media_type="application/json", data=b"{}"),))
    inner = ("multipart/alternative", ["text/plain", related])
    assert shape(parsed(write(more, head=head, tokens=tokens))) == ("multipart/mixed", [inner, "application/json"])
