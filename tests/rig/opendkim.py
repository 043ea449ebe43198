"""OpenDKIM: judges the signatures of arriving mail by keys that the test publishes. It signs nothing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from rig.daemons import configure, end, run


def start(folder: Path, *, values: Mapping[str, str]) -> None:
    home = folder / "opendkim"
    home.mkdir(exist_ok=True)
    shutil.chown(home, "opendkim")
    (home / "dns").touch()
    configure(home / "opendkim.conf", values=values)
    run("/usr/sbin/opendkim", "-x", home / "opendkim.conf")


def stop(folder: Path) -> None:
    """By force: it has nothing to lose, and takes five seconds to notice a polite signal."""
    end(folder / "opendkim/pid", patience=0)


def publish(folder: Path, *, selector: str, domain: str, record: str) -> None:
    """Put a key record ("v=DKIM1; k=rsa; p=…") where OpenDKIM looks when it starts."""
    with (folder / "opendkim/dns").open("a") as dns:
        dns.write(f"{selector}._domainkey.{domain} {record}\n")
