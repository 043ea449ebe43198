"""Django's send_mass_mail: one connection, text alone (it knows no HTML), the page's source standing in for the size."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.core.mail import send_mass_mail

from bench.material import SENDER, Material
from bench.peers.heat import enter


def send(port: int, letters: int, material: Material) -> None:
    settings.configure(EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, USE_I18N=False)
    send_mass_mail(tuple(_messages(letters, material)))


def _messages(letters: int, material: Material) -> Iterator[tuple[str, str, str, list[str]]]:
    for n in range(letters):
        email, _, html, text = material.filled(n)
        yield material.subject, html + text, SENDER, [email]


if __name__ == "__main__":
    enter(send)
