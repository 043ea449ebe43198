"""The standard library at its best: one connection, one body for all, only the reader's own header lines made anew.

With a fourth word, a file of certificates, it speaks TLS.
"""

from __future__ import annotations

import smtplib
import ssl
import sys

from bench.material import SENDER, Material
from bench.peers.heat import enter, own, shared


def send(port: int, letters: int, material: Material) -> None:
    rest = shared(material)
    with _client(port) as client:
        for n in range(letters):
            email, head = own(material, n)
            client.sendmail(SENDER, [email], head + rest)


def _client(port: int) -> smtplib.SMTP:
    if len(sys.argv) == 4:
        return smtplib.SMTP("127.0.0.1", port)
    return smtplib.SMTP_SSL("127.0.0.1", port, context=ssl.create_default_context(cafile=sys.argv[4]))


if __name__ == "__main__":
    enter(send)
