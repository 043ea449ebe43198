"""Dovecot: a mailbox for every address, read by IMAP or as the files they are; checks passwords for Postfix."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from rig.daemons import configure, end, run

BINARY = "/usr/sbin/dovecot"
OWNER = 5000


def start(folder: Path, *, values: Mapping[str, str]) -> None:
    home = folder / "dovecot"
    for part in [home / "run", home / "sieve", folder / "mail"]:
        part.mkdir(parents=True)
        os.chown(part, OWNER, OWNER)
    configure(home / "dovecot.conf", values=values)
    configure(home / "sieve/vacation.sieve", values=values)
    run(BINARY, "-c", home / "dovecot.conf")


def stop(folder: Path) -> None:
    end(folder / "dovecot/run/master.pid")


def maildir(folder: Path, *, address: str) -> Path:
    """Where the mails to an address lie as files. What stands behind a + in the local part does not count."""
    local, _, domain = address.lower().rpartition("@")
    return folder / "mail" / domain / local.partition("+")[0] / "Maildir"


def version() -> str:
    return subprocess.run([BINARY, "--version"], check=True, capture_output=True, text=True).stdout.split()[0]
