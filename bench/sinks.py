"""Where the letters go: Debian's smtp-sink, a faster one of our own, one that speaks TLS, and a line that is long."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from bench.measure import python

HERE = Path(__file__).parent


@cache
def compiled(name: str, folder: Path) -> Path | None:
    """bench/`name`.c as a program; None without a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        return None
    program = folder / name
    subprocess.run([compiler, "-O2", "-o", program, HERE / f"{name}.c"], check=True)
    return program


@contextmanager
def fast(folder: Path, *, chunking: bool = True) -> Iterator[int]:
    """The port of the project's own sink: in C, or in Python where nothing compiles C."""
    program = compiled("sink", folder)
    words = () if chunking else ("plain",)
    with _running((str(program), *words) if program else python("bench.sink")) as port:
        yield port


@contextmanager
def encrypted(certificate: Path) -> Iterator[int]:
    """The port of a sink that speaks TLS from the first byte."""
    with _running(python("bench.sink", str(certificate))) as port:
        yield port


@contextmanager
def in_python() -> Iterator[int]:
    """The same sink in the clear, to see what TLS costs."""
    with _running(python("bench.sink")) as port:
        yield port


def smtp_sink_program() -> str | None:
    return shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def smtp_sink() -> Iterator[int]:
    """The port of Debian's smtp-sink (in the package postfix; nothing of the mail system is started)."""
    port = _free_port()
    as_nobody = ("-u", "nobody") if os.geteuid() == 0 else ()
    program = subprocess.Popen([smtp_sink_program() or "smtp-sink", *as_nobody, f"127.0.0.1:{port}", "200"])
    try:
        _await(port)
        yield port
    finally:
        program.terminate()
        program.wait()


@contextmanager
def far(port: int, *, milliseconds: int, folder: Path) -> Iterator[int]:
    """The port of a line to `port` with so long a round trip. It needs a C compiler."""
    with _running((str(compiled("delay", folder)), str(milliseconds), str(port))) as near:
        yield near


@contextmanager
def _running(command: Sequence[str]) -> Iterator[int]:
    """A program that says its port in its first line."""
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HERE.parent)
    try:
        assert program.stdout
        yield int(program.stdout.readline())
    finally:
        program.terminate()
        program.communicate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def _await(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit(f"smtp-sink does not answer on port {port}")
