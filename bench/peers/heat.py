"""What the Python peers share: their words on the command line, and letters that are ready but for the reader's own lines."""

from __future__ import annotations

import sys
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from pathlib import Path

from bench.material import SENDER, Material, read
from bench.racer import race

Send = Callable[[int, int, Material], object]


def enter(send: Send) -> None:
    """Run `send` with the port, the number of letters and the material."""
    port, letters, path = sys.argv[1:4]
    material = read(Path(path))
    race(lambda: send(int(port), int(letters), material))


def message(material: Material, n: int) -> EmailMessage:
    """The letter for reader n as most programs make it."""
    email, link, html, text = material.filled(n)
    made = EmailMessage(policy=policy.SMTP)
    made["From"], made["To"], made["Subject"] = SENDER, email, material.subject
    made["Message-ID"], made["List-Unsubscribe"] = f"<{n}@example.org>", f"<{link}>"
    made.set_content(text)
    made.add_alternative(html, subtype="html")
    return made


def shared(material: Material) -> bytes:
    """All but the reader's own lines, made once; its body is one reader's, the same for all."""
    made = message(material, 1)
    for name in ("To", "Message-ID", "List-Unsubscribe"):
        del made[name]
    return made.as_bytes()


def own(material: Material, n: int) -> tuple[str, bytes]:
    """Reader n's address, and the lines of the head that are theirs."""
    email, link, _, _ = material.filled(n)
    head = f"To: {email}\r\nMessage-ID: <{n}@example.org>\r\nList-Unsubscribe: <{link}>\r\n"
    return email, head.encode()
