"""Serves a web app inside a process that has other things to do: its signals are not taken, and a busy port is an error."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from digest.errors import SettingsError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

PATIENCE = 5  # seconds that a request under way has to finish


async def serve(app: ASGIApp, *, at: str, stop: asyncio.Event) -> None:
    """Serve `app` at `host:port` until `stop` is set. Raises SettingsError when nobody can listen there."""
    await serve_on(listener(at), app=app, stop=stop)


async def serve_on(door: socket.socket, *, app: ASGIApp, stop: asyncio.Event) -> None:
    """Serve `app` to whoever comes to this socket, and close it when `stop` is set."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # the addresses of our pages hold tokens
        proxy_headers=False,  # the pages know for themselves which proxies to believe: WEB_PROXIES
        server_header=False,
        timeout_graceful_shutdown=PATIENCE,
    )
    server = _Server(config)
    serving, stopping = asyncio.create_task(server.serve(sockets=[door])), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
    finally:
        serving.cancel()
        stopping.cancel()
        door.close()


def listener(at: str) -> socket.socket:
    """A socket that listens at `host:port`. Raises SettingsError, from the system's own error, when nobody can."""
    host, _, port = at.rpartition(":")
    if not host or not port.isdecimal():
        raise SettingsError(f"“{at}” is no host:port", where="WEB_LISTEN", then="Write 127.0.0.1:8080, or the like.")
    try:
        return socket.create_server(
            (host.strip("[]"), int(port)), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except (OSError, OverflowError) as trouble:
        reason = getattr(trouble, "strerror", None) or trouble
        raise SettingsError(
            f"nobody can listen at {at} ({reason})", where="WEB_LISTEN", then="Choose another port."
        ) from trouble


class _Server(uvicorn.Server):
    """Leaves SIGTERM and Ctrl-C to the program around it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
