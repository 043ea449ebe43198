"""The standard library as most programs use it: one connection, an EmailMessage for each reader."""

from __future__ import annotations

import smtplib

from bench.material import Material
from bench.peers.heat import enter, message


def send(port: int, letters: int, material: Material) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        for n in range(letters):
            client.send_message(message(material, n))


if __name__ == "__main__":
    enter(send)
