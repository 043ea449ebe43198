"""A web server of our own on this machine: pages and APIs by their path, with the faults that real ones have."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(kw_only=True)
class Reply:
    """What is answered. `drip` sends byte by byte with that pause; `endless` never stops; `packed` is gzipped."""

    body: bytes | str | object = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0
    endless: bool = False
    packed: bool = False
    drip_head: bool = False

    @property
    def data(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@dataclass
class Asked:
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    every: dict[str, list[str]] = field(default_factory=dict)  # where a name stands more than once


@dataclass
class Site:
    """`site["/path"] = Reply(...)`, a plain value, or a function of what was asked; `asked` is what came in."""

    url: str
    routes: dict[str, object] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __setitem__(self, path: str, reply: object) -> None:
        self.routes[path] = reply

    def reply(self, asked: Asked) -> Reply:
        found = self.routes.get(asked.path)
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, Callable):
            found = found(asked)
        if found is None:
            return Reply(body={"error": "Record not found"}, status=404)
        return found if isinstance(found, Reply) else Reply(body=found)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        every = parse_qs(parts.query)
        query = {name: values[0] for name, values in every.items()}
        asked = Asked(parts.path, query, {name.lower(): value for name, value in self.headers.items()}, every)
        self.site.asked.append(asked)
        with suppress(OSError):
            self._send(self.site.reply(asked))

    def _send(self, reply: Reply) -> None:
        if reply.drip_head:
            self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000, reply.drip)
            return
        data = gzip.compress(reply.data) if reply.packed else reply.data
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.packed:
            self.send_header("Content-Encoding", "gzip")
        if reply.endless:
            self.send_header("Connection", "close")
            self.end_headers()
            while True:
                self.wfile.write(b"x" * 65536)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if reply.drip:
            self._drip(data, reply.drip)
        else:
            self.wfile.write(data)

    def _drip(self, data: bytes, pause: float) -> None:
        for byte in data:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(pause)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is no news."""


@contextmanager
def running() -> Iterator[Site]:
    handler = type("OurHandler", (Handler,), {})
    server = Server(("127.0.0.1", 0), handler)
    handler.site = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield handler.site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
