"""The command line in a folder of its own, in this process: quick, and its own exit code and streams."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from digest.cli.main import answer

OURS = ("DIGEST_", "SMTP_", "IMAP_", "DKIM_", "LMTP_", "LLM_", "DATABASE_", "WEB_", "PICK_", "LOG_")


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> object:
        return json.loads(self.out)


@pytest.fixture
def digest(tmp_path, monkeypatch, capsys) -> Callable[..., Said]:
    """`digest("import", "page.txt")` in an empty folder, without the developer's own settings."""
    import os

    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: str) -> Said:
        code = answer([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run
