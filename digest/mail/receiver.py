"""A real SMTP server on the loopback that lays each mail in a folder: for the demo, and for trying things out.
It delivers nothing anywhere and takes whatever it is given."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from digest.errors import InputError, MailError

_NAME_LIMIT = 100  # octets; file systems allow 255, the number and ".eml" come after


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One mail that arrived, and the file that holds its bytes."""

    recipient: str
    path: Path


class Receiver:
    """`async with Receiver(folder) as receiver:` listens at 127.0.0.1, `receiver.port`; `port` 0 takes a free one.

    `received` grows in the order of arrival. Raises `InputError` when the folder cannot be made, `MailError` when
    the port is taken.
    """

    host = "127.0.0.1"

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        self.port = port
        self.received: list[Received] = []
        self._folder = folder

    async def __aenter__(self) -> Receiver:
        _make(self._folder)
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._talk, self.host, self.port)
        except OSError as error:
            where, then = f"{self.host}:{self.port}", "Choose another port, or 0 for any that is free."
            raise MailError(f"cannot listen here ({error.strerror})", where=where, then=then) from error
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    def _talk(self) -> SMTP:
        return SMTP(self, hostname="localhost", ident="thread-digest receiver", enable_SMTPUTF8=True)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Answer 250 only when the bytes lie in the folder."""
        content = envelope.original_content or b""
        try:
            for recipient in envelope.rcpt_tos:
                path = _lay_down(content, folder=self._folder, recipient=recipient)
                self.received.append(Received(recipient=recipient, path=path))
        except OSError as error:
            return f"452 4.3.1 cannot write here: {error.strerror}"
        return "250 2.0.0 laid in the folder"


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        then = "Choose a folder that can be written to."
        raise InputError(f"cannot be made ({error.strerror})", where=str(folder), then=then) from error


def _lay_down(content: bytes, *, folder: Path, recipient: str) -> Path:
    """Write to `<recipient>.eml`, or the first of `-2`, `-3` … that is free; never over another mail."""
    name, number = file_name(recipient), 1
    while True:
        path = folder / (f"{name}.eml" if number == 1 else f"{name}-{number}.eml")
        try:
            with path.open("xb") as file:
                file.write(content)
            return path
        except FileExistsError:
            number += 1


def file_name(recipient: str) -> str:
    """An address as a name that no file system stumbles over: nothing hidden, no way out of the folder."""
    safe = "".join(c if c.isalnum() or c in "@.+-_=" else "_" for c in recipient).lstrip(".-")
    return safe.encode()[:_NAME_LIMIT].decode(errors="ignore") or "nobody"
