"""aiosmtplib: ten connections in one process, one body for all, only the reader's own header lines made anew."""

from __future__ import annotations

import asyncio

import aiosmtplib

from bench.material import SENDER, Material
from bench.peers.heat import enter, own, shared

CONNECTIONS = 10


def send(port: int, letters: int, material: Material) -> None:
    asyncio.run(_send(port, letters, material))


async def _send(port: int, letters: int, material: Material) -> None:
    readers, rest = iter(range(letters)), shared(material)

    async def worker() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False) as client:
            for n in readers:
                email, head = own(material, n)
                await client.sendmail(SENDER, [email], head + rest)

    await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))


if __name__ == "__main__":
    enter(send)
