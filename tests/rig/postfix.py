"""Postfix: takes every mail on loopback, hands ours to Dovecot, bounces the rest. Never speaks to the world."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rig.daemons import configure, end, run

TABLES = ["main.cf", "master.cf", "transport", "refused", "alias"]


def start(folder: Path, *, values: Mapping[str, str]) -> None:
    home = folder / "postfix"
    for part in ["etc", "spool", "data"]:
        (home / part).mkdir(parents=True)
    shutil.chown(home / "data", "postfix")
    for table in TABLES:
        configure(home / "etc" / table, values=values)
    run("/usr/sbin/postfix", "-c", home / "etc", "start")


def stop(folder: Path) -> None:
    end(folder / "postfix/spool/pid/master.pid")


@contextmanager
def routed(folder: Path, *, rule: str) -> Iterator[None]:
    """With one more line in front of the transport table."""
    table = folder / "postfix/etc/transport"
    before = table.read_text()
    try:
        table.write_text(f"{rule}\n{before}")
        run("/usr/sbin/postfix", "-c", folder / "postfix/etc", "reload")
        yield
    finally:
        table.write_text(before)
        run("/usr/sbin/postfix", "-c", folder / "postfix/etc", "reload")


def is_idle(folder: Path) -> bool:
    """Whether nothing is on its way. What waits for a later try is not on its way."""
    queue = folder / "postfix/spool"
    return not any(entry.is_file() for part in ["maildrop", "incoming", "active"] for entry in (queue / part).iterdir())
