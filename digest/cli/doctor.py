"""`digest doctor`: looks at each part that an issue needs and says what to do where something is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from digest import clock, publishing, sources
from digest.cli.house import BRISK, House, nonce, now
from digest.errors import DigestError, SettingsError
from digest.mail.dkim import dns_record
from digest.mail.outbox import SmtpOutbox
from digest.model import Membership
from digest.samples import samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One line of the doctor's: which part, how it is, what was seen, what to do next."""

    part: str
    state: Literal["well", "note", "ill"]
    what: str
    then: str = ""


def examine(house: House) -> list[Examined]:
    """Every part in turn; one that fails does not keep the others from being looked at, but for the settings: without
    them every part would say the same."""
    try:
        _ = house.settings
    except SettingsError:
        return _looked("settings", _settings, house)
    parts: dict[str, Callable[[House], Iterator[Examined]]] = {
        "settings": _settings,
        "store": _store,
        "sender": _sender,
        "page": _page,
        "smtp": _smtp,
        "dkim": _dkim,
        "dns": _dns,
        "clock": _clock,
    }
    return [line for part, look in parts.items() for line in _looked(part, look, house)]


def _looked(part: str, look: Callable[[House], Iterator[Examined]], house: House) -> list[Examined]:
    try:
        return list(look(house))
    except DigestError as error:
        what = f"{error.where}: {error.what}" if error.where else error.what
        return [Examined(part=part, state="ill", what=what, then=error.then)]


def _settings(house: House) -> Iterator[Examined]:
    there = house.env_file.is_file()
    _ = house.settings
    yield Examined(
        part="settings",
        state="well" if there else "note",
        what=f"{house.env_file} is read" if there else f"{house.env_file} is not there; environment and defaults hold",
        then="" if there else "`digest init` writes one.",
    )
    for name in ("IMAP_HOST", "LMTP_LISTEN", "LLM_URL"):
        if getattr(house.settings, name.lower()):
            yield Examined(part="settings", state="note", what=f"{name} is set, but this version does not use it yet")


def _store(house: House) -> Iterator[Examined]:
    waiting, readers = len(house.store.library.shelf()), house.store.subscribers.count(Membership.ACTIVE)
    yield Examined(part="store", state="well", what=f"{house.store.place}: {waiting} threads, {readers} active readers")


def _sender(house: House) -> Iterator[Examined]:
    head = house.letterhead()
    yield Examined(
        part="sender", state="well", what=f"{head.name} <{head.from_address}>, readers write to {head.list_address}"
    )
    if not head.base_url.startswith("https://"):
        yield Examined(
            part="sender",
            state="note",
            what="readers leave by a mail to you; there is no one-click link without an https DIGEST_BASE_URL",
            then="Take them off: `digest subscribers remove` and the address or token that they wrote to. Large providers ask senders of 5,000 mails a day for it (RFC 8058).",
        )


def _page(house: House) -> Iterator[Examined]:
    thread = sources.read(sources.fetch(str(samples()[0])))
    drafted = publishing.draft(publishing.unshelved(thread, now=now()), desk=house.desk(), nonce=nonce())
    size = len(drafted.page.html.encode())
    yield Examined(part="page", state="well", what=f"templates render a sample into {size:,} bytes")


def _smtp(house: House) -> Iterator[Examined]:
    for relay in house.relays():
        probe = asyncio.run(SmtpOutbox(replace(relay, timeouts=BRISK)).probe())
        until = f" (certificate until {probe.certificate_until})" if probe.certificate_until else ""
        secrecy = f"over {probe.tls}{until}" if probe.tls else "in the clear"
        login = "login taken" if probe.login else "no login"
        yield Examined(part="smtp", state="well", what=f"{probe.where} answers {secrecy}, {login}, speaks {probe.pace}")
        yield Examined(part="smtp", state="well", what=f"it offers {' '.join(probe.offers)}")


def _dkim(house: House) -> Iterator[Examined]:
    signers = house.signers()
    if not signers:
        yield Examined(
            part="dkim",
            state="note",
            what="letters leave unsigned",
            then="Fine if your SMTP provider signs; else set DKIM_*.",
        )
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
            then=f"Publish: {dns_record(signer)}",
        )
        if not f".{house.letterhead().domain}".endswith(f".{signer.domain}"):
            yield Examined(
                part="dkim",
                state="ill",
                what=f"DKIM_DOMAIN is not the domain of DIGEST_FROM ({house.letterhead().domain})",
                then="DMARC wants them aligned.",
            )


def _dns(house: House) -> Iterator[Examined]:
    domain, host = house.letterhead().domain, house.settings.smtp_host
    yield Examined(
        part="dns",
        state="note",
        what=f"SPF, published at {domain}:",
        then=f'"v=spf1 mx a:{host or "your.smtp.server"} -all" (or what your SMTP provider says)',
    )
    yield Examined(
        part="dns",
        state="note",
        what=f"DMARC, published at _dmarc.{domain}:",
        then='"v=DMARC1; p=quarantine; rua=mailto:postmaster@' + domain + '"',
    )


def _clock(house: House) -> Iterator[Examined]:
    s, at = house.settings, now()
    coming = next(clock.slots(s.digest_schedule, zone=s.digest_timezone, after=at, until=at + timedelta(days=366 * 5)))
    yield Examined(
        part="clock",
        state="well",
        what=f"it is {at:%Y-%m-%d %H:%M} UTC; next slot {coming.key.replace('T', ' ')} {s.digest_timezone}",
    )
