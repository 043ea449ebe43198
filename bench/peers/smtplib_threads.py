"""The standard library in ten threads, each with a connection of its own; one body for all. For lines that are long."""

from __future__ import annotations

import smtplib
from concurrent.futures import ThreadPoolExecutor

from bench.material import SENDER, Material
from bench.peers.heat import enter, own, shared

CONNECTIONS = 10


def send(port: int, letters: int, material: Material) -> None:
    rest = shared(material)

    def worker(first: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            for n in range(first, letters, CONNECTIONS):
                email, head = own(material, n)
                client.sendmail(SENDER, [email], head + rest)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(worker, range(CONNECTIONS)))


if __name__ == "__main__":
    enter(send)
