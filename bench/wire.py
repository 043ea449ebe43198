"""Letters a second over real SMTP into a fast sink in another process: ours beside the standard library's client."""

from __future__ import annotations

import asyncio
import multiprocessing
import smtplib
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from statistics import median
from typing import cast

from digest.mail.outbox import Relay, SmtpOutbox
from digest.model import Letter

ROUNDS = 5
LETTERS = 3000
LINE = b'<p style=3D"margin:0">A line of a digest, quoted-printable, about as long.</p>=\r\n'
BODY = LINE * (61_000 // len(LINE))


ANSWERS = {b"EHLO": b"250-sink\r\n250 PIPELINING\r\n", b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}


class Sink(asyncio.Protocol):
    """Takes everything and keeps nothing: as little work as Python can do and still answer each command."""

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


def serve(ready: Connection) -> None:
    """The sink's process: says its port and runs until it is ended."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def letters(count: int) -> Iterator[Letter]:
    """As the letter room makes them: a head of their own, a body that all share."""
    for n in range(count):
        head = b"To: reader%d@example.test\r\nMessage-ID: <%d@example.org>\r\nSubject: Bench\r\n\r\n" % (n, n)
        yield Letter(
            sender="digest@example.org",
            recipient=f"reader{n}@example.test",
            message_id=f"<{n}@example.org>",
            parts=(head, BODY, b"For reader%d\r\n" % n),
        )


def ours(port: int, *, count: int) -> None:
    async def worker(outbox: SmtpOutbox, bag: Iterator[Letter]) -> None:
        for letter in bag:
            outcome = await outbox.send(letter)
            assert outcome.verdict == "accepted", outcome

    async def run() -> None:
        outbox = SmtpOutbox(Relay(host="127.0.0.1", port=port, tls="none"))
        bag = letters(count)
        await asyncio.gather(*(worker(outbox, bag) for _ in range(outbox.capacity)))
        await outbox.close()

    asyncio.run(run())


def stdlib(port: int, *, count: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        for letter in letters(count):
            client.sendmail(letter.sender, [letter.recipient], letter.data)


def rate(send: Callable[..., None], port: int, *, count: int) -> tuple[float, float]:
    """Letters a second, and CPU seconds for a thousand letters."""
    wall, cpu = time.perf_counter(), time.process_time()
    send(port, count=count)
    return count / (time.perf_counter() - wall), (time.process_time() - cpu) / count * 1000


def run() -> Iterator[str]:
    """Interleaved rounds, so that a busy machine is busy for both; the ratio of each round, then the median."""
    ours_end, sink_end = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(sink_end,), daemon=True)
    process.start()
    port = ours_end.recv()
    try:
        pairs = [(rate(ours, port, count=LETTERS), rate(stdlib, port, count=LETTERS // 10)) for _ in range(ROUNDS)]
    finally:
        process.terminate()
        process.join()
    mine, theirs = ([pair[side] for pair in pairs] for side in (0, 1))
    yield f"wire, 61 KB letters into a fast sink, medians of {ROUNDS}:"
    for name, found in (("ours", mine), ("smtplib", theirs)):
        yield f"  {name:8} {median(r for r, _ in found):8.0f} letters/s  {median(c for _, c in found):.3f} CPU s/1000"
    yield f"  ratio    {median(a / b for (a, _), (b, _) in pairs):8.1f}"


if __name__ == "__main__":
    print(*run(), sep="\n")
