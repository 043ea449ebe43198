"""A PostgreSQL of our own: a private cluster on a socket in a temporary folder, which tests may stop and start."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

_names = count(1)


def missing() -> str:
    """Why there can be no cluster here, "" when there can."""
    return "" if _programs() else "PostgreSQL is missing: apt-get install postgresql"


def _programs() -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A running cluster. `folder` holds its data, its log and its socket."""

    folder: Path
    durable: bool

    def start(self) -> None:
        options = (
            f"-c listen_addresses= -c max_connections=60 -c fsync={'on' if self.durable else 'off'} -k {self.folder}"
        )
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-o", options, "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        """`fast` throws everybody out, `immediate` is a crash."""
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", mode, "-w", "stop")

    def database(self) -> str:
        """The URL of a new and empty database."""
        import psycopg

        name = f"digest{next(_names)}"
        with psycopg.connect(f"host={self.folder} user=digest dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql://digest@/{name}?host={self.folder}"

    def found(self) -> None:
        owner = ["-U", "digest", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._run("initdb", "-D", f"{self.folder}/data", *owner)

    def _run(self, program: str, *arguments: str) -> None:
        """The server refuses to run as root."""
        as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command: list[str | Path] = [*as_owner, _programs()[-1] / program, *arguments]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL)


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """A new cluster for as long as the block runs. `durable` waits for the disk, as a real one does."""
    folder = Path(tempfile.mkdtemp(prefix="digest-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    made = Cluster(folder=folder, durable=durable)
    made.found()
    made.start()
    try:
        yield made
    finally:
        made.stop("immediate")
        shutil.rmtree(folder)
