"""What lies beside a digest and holds addresses or passwords does not become a thread."""

from __future__ import annotations

import pytest

from digest.errors import NotAThread
from digest.settings import example
from digest.sources import Raw, read

LISTS = [
    "email,name,source\nada@example.org,Ada,by mail\ngrace@example.org,Grace,form\n",
    "Name;E-Mail\nAda;ada@example.org\nGrace;grace@example.org\n",
    "ada@example.org\ngrace@example.org\n",
    '"Ada L." <ada@example.org>\nGrace <grace@example.org>\n',
]


@pytest.mark.parametrize("text", LISTS)
@pytest.mark.parametrize("ref", ["readers.csv", "readers.txt", "readers.md"])
def test_a_list_of_readers_is_refused_with_the_command_that_takes_it(text: str, ref: str) -> None:
    with pytest.raises(NotAThread, match=f"digest subscribers import {ref}"):
        read(Raw(ref=ref, text=text))


@pytest.mark.parametrize("values", [{}, {"SMTP_PASSWORD": "secret"}])
def test_our_own_settings_are_refused(values: dict[str, str]) -> None:
    with pytest.raises(NotAThread, match="settings"):
        read(Raw(ref="settings.txt", text=example(values or {"DIGEST_NAME": "The Digest"})))


@pytest.mark.parametrize(
    "text",
    [
        "Write to me at ada@example.org, I answer.\n\nOr do not.\n\nThe third post.",
        "@ada@example.social said it first.\n\n@grace@example.social agreed.",
        "Set PORT=80 and be done.\n\nPORT=81 does not work.",
        "DEBUG=1\n\nThat line cost us a week.",
    ],
)
def test_a_thread_that_speaks_of_addresses_or_settings_is_one(text: str) -> None:
    assert len(read(Raw(ref="thread.txt", text=text)).posts) >= 2
