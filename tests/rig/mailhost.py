"""A real mail host for tests: Postfix, Dovecot and OpenDKIM on free loopback ports, all state in one folder.

    host = start(folder)      takes about three seconds; needs root and the packages in PARTS
    host.ports.smtp           open to loopback, adds OpenDKIM's verdict as Authentication-Results
    host.mailbox("ada@example.org")
    host.stop()               leaves no process

Every address at example.org, example.com and example.test has a mailbox with the password "secret". The local part
chooses the behaviour; mail to any other domain is bounced, so nothing can leave the machine:

    anything, digest+tag      delivered (X-Original-To keeps the full address)
    sink-1, sink-2, …         delivered to one mailbox, sink@ the same domain
    nobody-…  full-…  policy-…            taken, then bounced: 5.1.1, 5.2.2, 5.7.1
    later-…                   taken; a "delayed" notice after two seconds, "failed" after a minute
    sync550-…  sync552-…  sync451-…  sync421-…    refused at RCPT
    vacation-…                delivered, and answered by an automatic reply
    anyone@bücher.test, anyone@utf8.test  delivered to international@example.test, local part in UTF-8 allowed
"""

from __future__ import annotations

import os
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from imapclient import IMAPClient

from rig import certificates, dovecot, opendkim, postfix
from rig.daemons import free_ports, listens, wait_until

PASSWORD = "secret"
PARTS = {
    "postfix": "/usr/sbin/postfix",
    "dovecot-imapd": "/usr/lib/dovecot/imap",
    "dovecot-lmtpd": "/usr/lib/dovecot/lmtp",
    "dovecot-sieve": "/usr/lib/dovecot/modules/lib90_sieve_plugin.so",
    "opendkim": "/usr/sbin/opendkim",
}


@dataclass(frozen=True, slots=True)
class Ports:
    """On 127.0.0.1. `submission` is STARTTLS with log-in, `submissions` TLS with log-in, `wrong_name` STARTTLS for another host."""

    smtp: int
    fast: int
    submission: int
    submissions: int
    wrong_name: int
    imap: int
    imaps: int
    milter: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailhost:
    """The running host. `ca_file` is the authority behind its certificates, which are for "localhost" and 127.0.0.1."""

    folder: Path
    ports: Ports
    ca_file: Path

    def mailbox(self, address: str) -> list[bytes]:
        """The mails that lie in this address's mailbox now, oldest first, read by IMAP over TLS."""
        trust = ssl.create_default_context(cafile=self.ca_file)
        with IMAPClient("127.0.0.1", port=self.ports.imaps, ssl_context=trust) as client:
            client.login(address, PASSWORD)
            client.select_folder("INBOX", readonly=True)
            mails = client.fetch(client.search(), ["RFC822"])
        return [mails[uid][b"RFC822"] for uid in sorted(mails)]

    def await_mail(self, address: str, *, count: int = 1, within: float = 30) -> list[bytes]:
        """The mailbox, as soon as it holds so many mails; TimeoutError after `within` seconds."""
        wait_until(lambda: self.count(address) >= count, what=f"{count} mail(s) to {address}", within=within)
        return self.mailbox(address)

    def settle(self, *, within: float = 60) -> None:
        """Wait until every mail that was taken is delivered, bounced or put off."""
        wait_until(lambda: postfix.is_idle(self.folder), what="an empty queue", within=within)

    def count(self, address: str) -> int:
        """How many mails lie in the mailbox, by looking at the files: cheap, for tests with thousands."""
        return len(self._files(address))

    def original_recipients(self, address: str) -> Counter[str]:
        """How often each address that leads to this mailbox was written to (sink-7@… leads to sink@…)."""
        return Counter(_original_recipient(file) for file in self._files(address))

    def _files(self, address: str) -> list[Path]:
        home = dovecot.maildir(self.folder, address=address)
        return [*home.glob("new/*"), *home.glob("cur/*")]

    @contextmanager
    def handing_to(self, port: int, *, local: str) -> Iterator[None]:
        """Hand mail for addresses that begin with `local` to an LMTP listener at this port, several recipients at once."""
        with postfix.routed(self.folder, rule=f"/^{local}/ door:inet:127.0.0.1:{port}"):
            yield

    def publish_key(self, selector: str, *, domain: str, record: str) -> None:
        """Make OpenDKIM find this key record, as if it stood in the DNS."""
        opendkim.publish(self.folder, selector=selector, domain=domain, record=record)
        opendkim.stop(self.folder)
        opendkim.start(self.folder, values=_values(self.folder, ports=self.ports))
        wait_until(lambda: listens(self.ports.milter), what="OpenDKIM", within=10)

    def stop(self) -> None:
        """End all three, whatever happened to the test. The folder and its logs stay."""
        for part in [postfix, dovecot, opendkim]:
            part.stop(self.folder)


def start(folder: Path) -> Mailhost:
    """Start all three in an empty folder whose path is short (sockets!) and open to the daemons' users."""
    folder.chmod(0o755)
    ports = Ports(*free_ports(len(fields(Ports))))
    host = Mailhost(folder=folder, ports=ports, ca_file=folder / "tls/ca.pem")
    certificates.write_certificates(folder / "tls", names=["localhost", "wrong.example.test"])
    try:
        for part in [opendkim, postfix, dovecot]:
            part.start(folder, values=_values(folder, ports=ports))
        for name, port in asdict(ports).items():
            wait_until(lambda port=port: listens(port), what=f"the {name} port", within=10)
    except BaseException:
        host.stop()
        raise
    return host


def missing() -> str:
    """Why no host can be started here, with the way to change that; "" when it can."""
    absent = [package for package, file in PARTS.items() if not Path(file).exists()]
    if absent:
        return (
            f"{', '.join(absent)} missing: apt-get install --no-install-recommends {' '.join(absent)} (and run as root)"
        )
    if os.geteuid() != 0:
        return "Only root can start Postfix and Dovecot: run the tests as root"
    if not dovecot.version().startswith("2.3"):
        return f"Dovecot {dovecot.version()} reads another configuration than 2.3: run the tests on Debian 12"
    return ""


def _original_recipient(mail: Path) -> str:
    with mail.open("rb") as lines:
        return next(line for line in lines if line.startswith(b"X-Original-To: ")).split()[1].decode()


def _values(folder: Path, *, ports: Ports) -> dict[str, str]:
    return {"FOLDER": str(folder)} | {name.upper(): str(port) for name, port in asdict(ports).items()}
