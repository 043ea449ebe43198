"""`digest doctor`: looks at each part that an issue needs and says what to do where something is missing."""

from __future__ import annotations

import asyncio
import errno
import os
import shlex
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from digest import clock, drafting, sources
from digest.cli import inbox, listening, loop
from digest.cli.house import House, nonce, now
from digest.cli.terminal import one_of
from digest.errors import DigestError, SettingsError
from digest.mail import mailbox
from digest.mail.dkim import dns_record
from digest.mail.sending.outbox import Relay, SmtpOutbox
from digest.mail.sending.relay import BRISK
from digest.model import Membership
from digest.samples import samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One line of the doctor's: which part, how it is, what was seen, what to do next, and a line to copy as it is."""

    part: str
    state: Literal["well", "note", "ill"]
    what: str
    then: str = ""
    copy: str = ""


def examine(house: House) -> list[Examined]:
    """Every part in turn; one that fails does not keep the others from being looked at, but for the settings, without which
    all would say the same. So would the mail round the whole loop, which stands on most of them."""
    try:
        _ = house.settings
    except SettingsError:
        return [*_looked("settings", _settings, house)]
    parts = {
        "settings": _settings,
        "store": _store,
        "page": _page,
        "sender": _sender,
        "dkim": _dkim,
        "dns": _dns,
        "smtp": _smtp,
        "inbox": _inbox,
    }
    lines = [line for part, look in parts.items() for line in _looked(part, look, house)]
    ill = [line for line in lines if line.state == "ill"]
    if not any(line.part in ("smtp", "inbox") for line in ill):
        lines += [line for line in _looked("inbox", _loop, house) if line.what not in {said.what for said in ill}]
    return [*lines, *_looked("web", _web, house), *_looked("clock", _clock, house)]


def _looked(part: str, look: Callable[[House], Iterator[Examined]], house: House) -> Iterator[Examined]:
    """What was seen up to a failure, and the failure."""
    try:
        yield from look(house)
    except DigestError as error:
        what = f"{error.where}: {error.what}" if error.where else error.what
        yield Examined(part=part, state="ill", what=what, then=error.then)


def _settings(house: House) -> Iterator[Examined]:
    there = house.env_file.is_file()
    _ = house.settings
    yield Examined(
        part="settings",
        state="well" if there else "note",
        what=f"{house.env_file} is read" if there else f"{house.env_file} is not there; environment and defaults hold",
        then="" if there else "`digest init` writes one.",
    )
    if there:
        yield from _private("settings", house.env_file)
    if house.settings.llm_url:
        yield Examined(
            part="settings",
            state="note",
            what=f"{house.settings.llm_model or 'the model'} at {house.settings.llm_url} writes the summaries",
            then="Each is checked against its posts; where it does not hold, the thread's own sentences go out.",
        )


def _private(part: str, path: Path) -> Iterator[Examined]:
    """A file with secrets in it should be its owner's alone. Elsewhere than on POSIX its mode says nothing of that."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        what = f"{path} is open to others on this machine (mode {mode:o})"
        yield Examined(part=part, state="note", what=what, then=f"`chmod 600 {shlex.quote(str(path))}`")


def _store(house: House) -> Iterator[Examined]:
    waiting, readers = house.store.spines.count(), house.store.subscribers.count(Membership.ACTIVE)
    held = f"{one_of(waiting, 'thread')}, {one_of(readers, 'active reader')}"
    yield Examined(part="store", state="well", what=f"{house.store.place}: {held}")


def _sender(house: House) -> Iterator[Examined]:
    head = house.postroom.letterhead()
    yield Examined(
        part="sender", state="well", what=f"{head.name} <{head.from_address}>, readers write to {head.list_address}"
    )
    if not head.base_url.startswith("https://"):
        heard = house.settings.imap_host or house.settings.lmtp_listen
        by_hand = "If you read it yourself, take them off: `digest subscribers remove` and the address or token that they wrote to. "
        yield Examined(
            part="sender",
            state="note",
            what="readers leave by a mail; there is no one-click link without an https DIGEST_BASE_URL",
            then=f"{'' if heard else by_hand}Large providers ask senders of 5,000 mails a day for it (RFC 8058).",
        )


def _page(house: House) -> Iterator[Examined]:
    thread = sources.read(sources.fetch(str(samples()[0])))
    drafted = drafting.draft(drafting.unshelved(thread, now=now()), desk=house.desk(), nonce=nonce())
    size = len(drafted.page.html.encode())
    yield Examined(part="page", state="well", what=f"templates render a sample into {size:,} bytes")


def _smtp(house: House) -> Iterator[Examined]:
    for relay in house.postroom.relays():
        yield from _looked("smtp", partial(_relay, relay), house)


def _relay(relay: Relay, _house: House) -> Iterator[Examined]:
    probe = asyncio.run(SmtpOutbox(replace(relay, timeouts=BRISK)).probe())
    until = f" (certificate until {probe.certificate_until})" if probe.certificate_until else ""
    secrecy = f"over {probe.tls}{until}" if probe.tls else "in the clear"
    login = "login taken" if probe.login else "no login"
    yield Examined(part="smtp", state="well", what=f"{probe.where} answers {secrecy}, {login}")
    yield Examined(part="smtp", state="well", what=f"letters go {probe.pace}; it offers {' '.join(probe.offers)}")


def _inbox(house: House) -> Iterator[Examined]:
    s = house.settings
    if not (s.imap_host or s.lmtp_listen):
        yield Examined(
            part="inbox",
            state="note",
            what="no mailbox is read: who writes “unsubscribe” is heard only when your mail server pipes it in",
            then="Set IMAP_HOST or LMTP_LISTEN, or pipe to `digest receive`: see README.md.",
        )
    if s.lmtp_listen:
        yield Examined(part="inbox", state="well", what=f"`digest serve` takes mail by LMTP at {s.lmtp_listen}")
    if s.imap_host:
        where = inbox.box(house)
        missed = house.store.mailbox.unread()
        if missed:
            since = f"nothing could be fetched since {missed.since:%Y-%m-%d %H:%M} UTC"
            yield Examined(part="inbox", state="note", what=since)
        with mailbox.opened(where) as client:
            unread, called = len(client.search(["UNSEEN"])), b"IDLE" in client.capabilities()
        how = "calls when mail comes" if called else "is looked into each minute"
        yield Examined(
            part="inbox",
            state="well",
            what=f"{where.where} opens, {how}; {unread} unread",
            then="If `digest serve` runs, restart it: it has the settings from before." if missed else "",
        )


def _loop(house: House) -> Iterator[Examined]:
    if not house.settings.imap_host:
        return
    returned = loop.go_round(house)
    if returned is None:
        yield Examined(
            part="inbox",
            state="ill",
            what=f"a mail to the digest's own address with a + in it did not come within {loop.PATIENCE:.0f} seconds",
            then="See that your provider delivers digest+anything@ to this mailbox, and look into its spam folder.",
        )
        return
    yield Examined(part="inbox", state="well", what=f"a mail to {returned.address} came after {returned.seconds:.0f} s")
    trusted = house.settings.authserv_id
    if returned.authserv and not trusted:
        yield Examined(
            part="inbox",
            state="note",
            what=f"your mail server examines mail under the name {returned.authserv}",
            then=f"Set AUTHSERV_ID={returned.authserv}, so that a sender whom it vouches for need not be asked back.",
        )


def _dkim(house: House) -> Iterator[Examined]:
    signers = house.postroom.signers()
    if not signers:
        yield Examined(
            part="dkim",
            state="note",
            what="letters leave unsigned",
            then="Fine if your SMTP provider signs; else set DKIM_*.",
        )
    for path in dict.fromkeys(house.env_file.parent / path for _, path in house.settings.dkim_keys):
        yield from _private("dkim", path)
    for signer in signers:
        if signer.algorithm.startswith("rsa") and signer.bits < 2048:
            yield Examined(
                part="dkim",
                state="note",
                what=f"the key {signer.selector} has {signer.bits} bits",
                then="2048 are usual (RFC 8301).",
            )
        yield Examined(
            part="dkim",
            state="well",
            what=f"the key {signer.selector} of {signer.domain} can sign",
            then="Publish:",
            copy=dns_record(signer),
        )
        domain = house.postroom.draft_letterhead().domain
        if house.settings.digest_from and not f".{domain}".endswith(f".{signer.domain}"):
            yield Examined(
                part="dkim",
                state="ill",
                what=f"DKIM_DOMAIN is not the domain of DIGEST_FROM ({domain})",
                then="DMARC wants them aligned.",
            )


def _dns(house: House) -> Iterator[Examined]:
    if not house.settings.digest_from:
        return
    domain = house.postroom.draft_letterhead().domain
    try:
        hosts = [relay.host for relay in house.postroom.relays()]
    except SettingsError:  # told under smtp
        hosts = []
    yield Examined(
        part="dns",
        state="note",
        what=f"SPF, to publish as TXT at {domain} (or what your SMTP provider says):",
        copy=f'"v=spf1 {spf_senders(hosts)} -all"',
    )
    yield Examined(
        part="dns",
        state="note",
        what=f"DMARC, to publish as TXT at _dmarc.{domain}:",
        copy=f'"v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain}"',
    )


def spf_senders(hosts: Sequence[str]) -> str:
    """Who may send for the domain (RFC 7208, 5), each once; a stand-in for no host."""
    return " ".join(dict.fromkeys(["mx", *map(_spf_sender, hosts or ["your.smtp.server"])]))


def _spf_sender(host: str) -> str:
    """A mail server on this machine is named by the domain's own A and MX."""
    try:
        address = ip_address(host)
    except ValueError:
        return f"a:{host}" if host != "localhost" else "a"
    return f"ip{address.version}:{address}" if address.is_global else "a"


def _web(house: House) -> Iterator[Examined]:
    listen = house.settings.web_listen
    try:
        listening.listener(listen).close()
    except SettingsError as error:
        if getattr(error.__cause__, "errno", None) != errno.EADDRINUSE:
            raise
        yield Examined(
            part="web",
            state="note",
            what=f"WEB_LISTEN: somebody listens at {listen} already",
            then="All is well if that is `digest serve`; else choose another port.",
        )
    else:
        yield Examined(part="web", state="well", what=f"`digest serve` can listen at {listen}")


def _clock(house: House) -> Iterator[Examined]:
    s, at = house.settings, now()
    coming = next(clock.slots(s.digest_schedule, zone=s.digest_timezone, after=at, until=at + timedelta(days=366 * 5)))
    yield Examined(
        part="clock",
        state="well",
        what=f"it is {at:%Y-%m-%d %H:%M} UTC; next slot {coming.key.replace('T', ' ')} {s.digest_timezone}",
    )
