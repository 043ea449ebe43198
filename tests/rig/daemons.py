"""Starting and stopping real daemons without systemd: free ports, filled-in configuration, waiting, and an end that is sure."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL

CONF = Path(__file__).parent / "conf"
# Below the ephemeral ports, so that no outgoing connection can take one between our look and the daemon's start.
PORTS = range(20000, 32000)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on. Postfix shares a taken port without a word (SO_REUSEPORT), so look before it starts."""
    candidates = random.SystemRandom().sample(PORTS, k=len(PORTS))
    free = (port for port in candidates if _is_free(port))
    return [next(free) for _ in range(count)]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def configure(target: Path, *, values: Mapping[str, str]) -> None:
    """Write the file of the same name from `conf/` to `target`, with every @NAME@ filled in."""
    text = (CONF / target.name).read_text()
    target.write_text(re.sub(r"@([A-Z_]+)@", lambda name: values[name[1]], text))


def run(*command: str | Path) -> None:
    """Run a command that starts a daemon. The daemon must not inherit our output: whoever reads it would wait for ever."""
    subprocess.run(command, check=True, timeout=60, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)


def wait_until(condition: Callable[[], bool], *, what: str, within: float) -> None:
    """Look again and again until the condition holds; a TimeoutError names `what` did not happen within so many seconds."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {within:g} s")
        time.sleep(0.02)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def end(pid_file: Path, *, patience: float = 5) -> None:
    """End the daemon of this pid file with all of its children: politely, and after so many seconds by force."""
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text())
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        with suppress(TimeoutError):
            wait_until(lambda: not is_alive(pid), what=f"the end of {pid}", within=patience)
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether it runs. A zombie does not: a container's first process may never reap it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
