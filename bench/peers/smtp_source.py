"""Postfix's smtp-source: ten sessions in C, the same bytes each time, no pipelining. The limit that others are held to."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from bench.material import SENDER, Material
from bench.peers.heat import enter, own, shared

SESSIONS = 10
PROGRAM = shutil.which("smtp-source", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "smtp-source"


def send(port: int, letters: int, material: Material) -> None:
    with tempfile.NamedTemporaryFile(suffix=".eml") as file:
        _, head = own(material, 1)
        Path(file.name).write_bytes((head + shared(material)).replace(b"\r\n", b"\n"))
        envelope = ("-f", SENDER, "-t", "reader@example.net")
        count = ("-d", "-s", f"{SESSIONS}", "-m", f"{letters}")
        subprocess.run((PROGRAM, *count, *envelope, "-F", file.name, f"127.0.0.1:{port}"), check=True)


if __name__ == "__main__":
    enter(send)
