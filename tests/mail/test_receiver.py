"""The demo's receiver, spoken to by the standard library's client and by our own."""

from __future__ import annotations

import asyncio
import smtplib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.errors import InputError, MailError
from digest.mail.receiver import Receiver, file_name
from digest.mail.sending.outbox import Relay, SmtpOutbox
from digest.model import Letter

DATA = b"Subject: hi\r\n\r\n.a dot\r\n..two\r\nend\r\n"


def letter(recipient: str) -> Letter:
    return Letter(sender="digest@example.org", recipient=recipient, message_id="<1@x>", parts=(DATA[:15], DATA[15:]))


def receive(folder: Path, recipients: list[str]) -> list[tuple[str, Path]]:
    async def run() -> list[tuple[str, Path]]:
        async with Receiver(folder) as receiver:
            outbox = SmtpOutbox(Relay(host=receiver.host, port=receiver.port, tls="none"))
            outcomes = await asyncio.gather(*(outbox.send(letter(recipient)) for recipient in recipients))
            await outbox.close()
            assert {outcome.verdict for outcome in outcomes} == {"accepted"}
            return [(mail.recipient, mail.path) for mail in receiver.received]

    return asyncio.run(run())


def test_each_mail_lies_byte_for_byte_under_its_reader_s_name(tmp_path: Path) -> None:
    recipients = [f"reader{n}@example.test" for n in range(20)]
    found = dict(receive(tmp_path / "new", recipients))
    assert sorted(found) == sorted(recipients)
    for recipient, path in found.items():
        assert path.name == f"{recipient}.eml"
        assert path.read_bytes() == DATA


def test_a_second_mail_does_not_replace_the_first(tmp_path: Path) -> None:
    receive(tmp_path, ["a@example.test"] * 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a@example.test-2.eml",
        "a@example.test-3.eml",
        "a@example.test.eml",
    ]


def test_an_address_beyond_ascii_is_taken(tmp_path: Path) -> None:
    assert [path.name for _, path in receive(tmp_path, ["bücher@example.test"])] == ["bücher@example.test.eml"]


def test_another_client_gets_through_too(tmp_path: Path) -> None:
    async def run() -> None:
        async with Receiver(tmp_path) as receiver:
            await asyncio.to_thread(by_smtplib, receiver.port)

    def by_smtplib(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail("a@example.test", ["b@example.test", "c@example.test"], DATA)

    asyncio.run(run())
    assert (tmp_path / "b@example.test.eml").read_bytes() == (tmp_path / "c@example.test.eml").read_bytes() == DATA


def test_a_folder_that_went_away_is_a_temporary_refusal(tmp_path: Path) -> None:
    async def run() -> str:
        async with Receiver(tmp_path / "gone") as receiver:
            (tmp_path / "gone").rmdir()
            outbox = SmtpOutbox(Relay(host=receiver.host, port=receiver.port, tls="none"))
            outcome = await outbox.send(letter("a@example.test"))
            await outbox.close()
            return outcome.verdict

    assert asyncio.run(run()) == "temporary"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match="file"):
        receive(tmp_path / "file", [])


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    async def run() -> None:
        async with Receiver(tmp_path) as first:
            with pytest.raises(MailError, match=f"127.0.0.1:{first.port}: cannot listen here"):
                await Receiver(tmp_path, port=first.port).__aenter__()

    asyncio.run(run())


@given(st.text())
@example("../../etc/passwd")
@example("-rf@example.test")
def test_no_address_leads_out_of_the_folder(address: str) -> None:
    name = file_name(address)
    assert name
    assert not set(name) & set("/\\\0:\r\n")
    assert name[0] not in ".-"
    assert len(f"{name}-1000.eml".encode()) <= 255
