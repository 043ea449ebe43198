"""A mailbox at a provider, looked into by IMAP (RFC 9051): what is unread is taken, and marked as read once it is kept.

It moves and deletes nothing. What is read or unread stands on the server, so a mailbox that was renumbered
(UIDVALIDITY) brings nothing back.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from imapclient import SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from digest.errors import CertificateRefused, DigestError, LoginRefused, Unreachable
from digest.mail.arrivals import AT_ONCE, SIZE_LIMIT, Arrival, Take

PORTS = {"tls": 993, "starttls": 143, "none": 143}
OLDEST = timedelta(days=30)  # what lies unread for longer is not answered any more: nobody waits for it
PAUSE = 60.0  # seconds between two looks where the server cannot call us (IDLE)
_IDLE = 9 * 60.0  # RFC 2177 wants it renewed within 29 minutes; many routers forget a silent connection after ten
_TICK = 1.0
_BYTES = 16 * 1024 * 1024  # of mails that are fetched together, unless one alone has more
_ASKED = 500  # mails whose sizes are asked for in one line
_BEGINNING = 1024 * 1024  # of a huge one

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Where it is and how to log in. `ca_file` is a PEM file of authorities to trust instead of the system's."""

    host: str
    username: str
    password: str
    tls: Literal["tls", "starttls", "none"] = "tls"
    port: int | None = None
    ca_file: str = ""
    folder: str = "INBOX"
    timeout: float = 60.0

    @property
    def where(self) -> str:
        return f"{self.host}:{self.port or PORTS[self.tls]}"


@contextmanager
def opened(mailbox: Mailbox) -> Iterator[IMAPClient]:
    """A connection, logged in, with the folder open. Raises MailError, as everything done with it inside the block."""
    try:
        with _connected(mailbox) as client:
            client.login(mailbox.username, mailbox.password)
            client.select_folder(mailbox.folder)
            yield client
    except ssl.SSLCertVerificationError as wrong:
        then = "Check IMAP_HOST, or set IMAP_CA_FILE for an authority of your own."
        raise CertificateRefused(
            f"its certificate is not to be trusted ({wrong.verify_message})", where=mailbox.where, then=then
        ) from wrong
    except LoginError as refused:
        then = "Check IMAP_USERNAME and IMAP_PASSWORD; many providers want an app password."
        raise LoginRefused("the login was refused", where=mailbox.where, then=then) from refused
    except (OSError, IMAPClientError) as trouble:
        reason = getattr(trouble, "strerror", None) or trouble
        raise Unreachable(f"the mailbox cannot be read ({reason})", where=mailbox.where, temporary=True) from trouble


def _connected(mailbox: Mailbox) -> IMAPClient:
    trust = ssl.create_default_context(cafile=mailbox.ca_file or None)
    client = IMAPClient(
        mailbox.host,
        port=mailbox.port or PORTS[mailbox.tls],
        ssl=mailbox.tls == "tls",
        ssl_context=trust if mailbox.tls == "tls" else None,
        timeout=mailbox.timeout,
    )
    if mailbox.tls == "starttls":
        client.starttls(trust)
    return client


def fetch(client: IMAPClient, *, take: Take, today: date, tell: Tell, left: frozenset[int] = frozenset()) -> Fetched:
    """Take what is unread, oldest first, some together, and mark as read what was kept.

    A DigestError for a mail ends it: that mail and those behind it stay unread. Any other exception is a fault of ours:
    it is told, that mail stays unread, and the others are taken. `left` are those that need not be tried again now.
    """
    taken, faults = 0, set(left)
    unread = sorted(client.search(["UNSEEN", "SINCE", today - OLDEST]))
    for group in _together(client, [uid for uid in unread if uid not in left]):
        raws = _raws(client, group)
        fates = dict(zip(raws, take([Arrival(raw=raw) for raw in raws.values()]), strict=True)) if raws else {}
        kept = [uid for uid, trouble in fates.items() if trouble is None]
        if kept:
            client.add_flags(kept, [SEEN])
        taken += len(kept)
        for uid, trouble in fates.items():
            if isinstance(trouble, DigestError):
                raise trouble
            if trouble is not None:
                tell(f"mail {uid} could not be taken ({type(trouble).__name__}: {trouble}); it stays unread")
                faults.add(uid)
    return Fetched(taken=taken, left=frozenset(faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """How many mails were taken, and which (by UID) could not be for a fault of ours."""

    taken: int
    left: frozenset[int] = frozenset()


def _together(client: IMAPClient, uids: Sequence[int]) -> Iterator[dict[int, int]]:
    """Mails, and their sizes, that are fetched and kept together: so many, of so many bytes; a huge one goes alone."""
    for start in range(0, len(uids), _ASKED):
        asked = client.fetch(uids[start : start + _ASKED], ["RFC822.SIZE"])
        group: dict[int, int] = {}
        for uid in uids[start : start + _ASKED]:
            size = asked.get(uid, {}).get(b"RFC822.SIZE", 0)
            if group and (len(group) == AT_ONCE or sum(group.values()) + size > _BYTES):
                yield group
                group = {}
            group[uid] = size
        if group:
            yield group


def _raws(client: IMAPClient, group: Mapping[int, int]) -> dict[int, bytes]:
    """The mails' bytes, of a huge one only the first megabyte; without those that are gone since we looked."""
    huge = len(group) == 1 and max(group.values()) > SIZE_LIMIT
    answers = client.fetch(list(group), [f"BODY.PEEK[]<0.{_BEGINNING}>" if huge else "BODY.PEEK[]"])
    bodies = {uid: _body(answers.get(uid, {})) for uid in group}
    return {uid: body for uid, body in bodies.items() if body is not None}


def _body(answer: Mapping[bytes, bytes]) -> bytes | None:
    return next((value for name, value in answer.items() if name.startswith(b"BODY[]")), None)


async def watch(
    mailbox: Mailbox,
    *,
    take: Take,
    stop: asyncio.Event,
    today: Callable[[], date],
    tell: Tell,
    beat: Callable[[], None],
) -> None:
    """Take what comes until `stop` is set; by IDLE where the server has it, else by a look each minute.

    `beat` is called after each look. Raises MailError when the mailbox cannot be reached, DigestError when a mail cannot
    be kept: whoever calls waits, and calls again; nothing is lost meanwhile.
    """
    halt = threading.Event()

    def look(client: IMAPClient, left: frozenset[int]) -> frozenset[int]:
        fetched = fetch(client, take=take, today=today(), tell=tell, left=left)
        beat()
        return fetched.left

    watching = asyncio.create_task(asyncio.to_thread(_watch, mailbox, look, halt))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([watching, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        halt.set()
        stopping.cancel()
        await asyncio.shield(watching)


def _watch(
    mailbox: Mailbox, look: Callable[[IMAPClient, frozenset[int]], frozenset[int]], halt: threading.Event
) -> None:
    left: frozenset[int] = frozenset()
    while not halt.is_set():
        with opened(mailbox) as client, suppress(_Dropped):
            while not halt.is_set():
                left = look(client, left)
                _wait(client, halt)


class _Dropped(Exception):
    """The server ended a connection on which nothing went on: no trouble, only a reason to connect again."""


def _wait(client: IMAPClient, halt: threading.Event) -> None:
    """Until something may have come."""
    if b"IDLE" not in client.capabilities():
        halt.wait(PAUSE)
        return
    try:
        client.idle()
        waited = 0.0
        while waited < _IDLE and not halt.is_set() and not client.idle_check(timeout=_TICK):
            waited += _TICK
        client.idle_done()
    except (OSError, IMAPClientError) as dropped:
        raise _Dropped from dropped
