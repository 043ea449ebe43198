"""The sink in Python, for TLS and for machines without a C compiler: takes every letter, keeps none. Not as fast as sink.c."""

from __future__ import annotations

import asyncio
import ssl
import sys
from typing import cast

ANSWERS = {b"EHLO": b"250-sink\r\n250-SIZE\r\n250 PIPELINING\r\n", b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}


class Sink(asyncio.Protocol):
    """As little work as Python can do and still answer each command."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.rest = b""
        self.in_body = False
        self.transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.rest += data
        answers: list[bytes] = []
        while self.step(answers):
            pass
        if answers:
            self.transport.write(b"".join(answers))

    def step(self, answers: list[bytes]) -> bool:
        """Deal with one command or the end of a body; False when more must come first."""
        end = b"\r\n.\r\n" if self.in_body else b"\r\n"
        at = self.rest.find(end)
        if at < 0:
            self.rest = self.rest[-4:] if self.in_body else self.rest
            return False
        verb, self.rest = self.rest[:4].upper(), self.rest[at + len(end) :]
        answers.append(b"250 ok\r\n" if self.in_body else ANSWERS.get(verb, b"250 ok\r\n"))
        self.in_body = not self.in_body and verb == b"DATA"
        return True


async def serve(certificate: str) -> None:
    """Say the port, and run until ended. `certificate`: a PEM file with the key in it, "" for none."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1] if len(sys.argv) > 1 else ""))
