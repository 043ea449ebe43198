"""A newsletter in a folder of its own, driven from outside as a person would: by its command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

THREAD = """\
---
title: What a year of keeping bees taught me about software
author: Mara Lindqvist
handle: "@maralindqvist"
url: https://social.example.org/@maralindqvist/1001
---

A year ago I set up two hives behind the office. They have taught me more about running systems than most books did.
A thread on what bees know about software.

---

A hive has no manager. Each bee acts on what she meets: an empty cell, a hungry larva, a hot corner. Order comes out of
many small local rules, and it holds when half of the bees are out in the rain.

---

Bees never repair a comb in the middle of the night of a swarm. They keep the brood warm first. Know what must not fail,
and let the rest wait until the morning.

---

I open the hive once a week, not once an hour. Every look costs the bees a day of warmth. Monitoring is not free, and a
system that is always being watched is a system that never settles.

---

A colony that is too tidy is dying. The strong ones look messy from outside, with wax in odd places and spare cells that
nobody uses yet. Slack is not waste; it is where the next summer comes from.

---

In summary: keep the brood warm, leave some slack, look rarely and look well. Trust small rules over big plans, and write
down what you saw before you close the lid.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """A folder with its `.env`; `run("send", "--yes")` is the command line in it."""

    folder: Path

    def settings(self, values: dict[str, object]) -> None:
        lines = [f"{name}='{value}'" for name, value in values.items()]
        (self.folder / ".env").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def command(self, *arguments: str) -> Sequence[str]:
        return [sys.executable, "-m", "digest", *arguments]

    def run(self, *arguments: str, code: int = 0, stdin: str = "") -> str:
        """stdout of a command that must end with this exit code."""
        done = subprocess.run(
            self.command(*arguments), cwd=self.folder, input=stdin, capture_output=True, text=True, env=_environment()
        )
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, *arguments: str, code: int = 0) -> object:
        return json.loads(self.run(*arguments, "--json", code=code))

    def start(self, *arguments: str, environment: Mapping[str, str] = {}) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_environment() | dict(environment),
        )


def _environment() -> dict[str, str]:
    """Ours without any setting of digest, so that a developer's own do not leak in."""
    ours = ("DIGEST_", "SMTP_", "IMAP_", "DKIM_", "LMTP_", "LLM_", "DATABASE_", "WEB_", "PICK_", "LOG_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {"NO_COLOR": "1"}


def found(folder: Path, settings: Mapping[str, object]) -> Newsletter:
    """A newsletter with these settings over sensible ones, and one thread on its shelf."""
    made = laid_out(folder, settings)
    made.run("import", "bees.md")
    return made


def laid_out(folder: Path, settings: Mapping[str, object]) -> Newsletter:
    """The same with nothing on its shelf yet; the thread lies beside it as `bees.md`."""
    made = Newsletter(folder=folder)
    made.settings(
        {
            "DIGEST_NAME": "Bees & Bytes",
            "DIGEST_FROM": "digest@example.test",
            "DIGEST_POSTAL_ADDRESS": "Bees & Bytes, 1 Hive Lane, Uppsala",
        }
        | dict(settings)
    )
    (folder / "bees.md").write_text(THREAD, encoding="utf-8")
    return made
