"""Opens a session with a relay: connect, greeting, EHLO, TLS, login. Every failure here is one of the whole conversation."""

from __future__ import annotations

import asyncio
import binascii
import ipaddress
import socket
import ssl
from base64 import b64decode, b64encode
from dataclasses import dataclass

from digest.errors import CertificateRefused, LoginRefused, MailError, SettingsError, Unreachable
from digest.mail.sending import auth
from digest.mail.sending.line import Line
from digest.mail.sending.relay import Relay
from digest.mail.sending.wire import Garbled, Offer, Reply, offer_of, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An open line past its login, and what the server offers on it."""

    line: Line
    offer: Offer
    greeting: str


def trust(relay: Relay) -> ssl.SSLContext:
    """Certificates and host names are always checked; `ca_file` stands in for the system's authorities."""
    if relay.tls == "none":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody; reading the system's authorities takes 0.1 s
    try:
        return ssl.create_default_context(cafile=relay.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            "the certificates of the mail server's authority cannot be read",
            where=relay.ca_file,
            then="Give the path of a PEM file.",
        ) from error


async def open_session(relay: Relay, *, context: ssl.SSLContext) -> Session:
    """A session that is ready for MAIL FROM. Raises the `MailError` that says what stood in the way."""
    try:
        line = await _connect(relay, context=context)
        try:
            return await _introduce(line, relay, context=context)
        except BaseException:
            line.fail(ConnectionAbortedError("given up"))
            raise
    except (OSError, Garbled, UnicodeError) as error:
        raise _explained(error, relay) from error


async def _connect(relay: Relay, *, context: ssl.SSLContext) -> Line:
    """TCP, and TLS where it comes first. asyncio sets TCP_NODELAY itself."""
    implicit = relay.tls == "tls"
    try:
        async with asyncio.timeout(relay.timeouts.connect):
            _, line = await asyncio.get_running_loop().create_connection(
                Line,
                relay.host,
                relay.port,
                ssl=context if implicit else None,
                server_hostname=relay.host if implicit else None,
                happy_eyeballs_delay=0.25,
            )
    except TimeoutError as error:
        raise Unreachable(
            f"no connection within {relay.timeouts.connect:g} seconds",
            where=relay.where,
            then="Check SMTP_HOST and SMTP_PORT, and whether a firewall stands between.",
            temporary=True,
        ) from error
    return line


async def _introduce(line: Line, relay: Relay, *, context: ssl.SSLContext) -> Session:
    greeting = await _greeting(line, relay)
    offer = await _hello(line, relay)
    if relay.tls == "starttls":
        offer = await _starttls(line, relay, offer=offer, context=context)
    if relay.username:
        await _login(line, relay, offer=offer)
    return Session(line=line, offer=offer, greeting=said(" ".join(greeting.lines)))


async def _greeting(line: Line, relay: Relay) -> Reply:
    try:
        reply = await line.ask(b"", within=relay.timeouts.greeting, what="a greeting")
    except TimeoutError as error:
        raise Unreachable(
            f"no greeting within {relay.timeouts.greeting:g} seconds",
            where=relay.where,
            then="If the port speaks TLS from the first byte (465 does), set SMTP_TLS=tls; otherwise try again later.",
            temporary=True,
        ) from error
    if reply.code != 220:
        raise _turned_away(reply, relay)
    return reply


async def _hello(line: Line, relay: Relay) -> Offer:
    """EHLO; a server so old that it refuses it offers nothing."""
    name = relay.hello or _literal(line.own)
    reply = await line.ask(f"EHLO {name}\r\n".encode(), within=relay.timeouts.command, what="an answer to EHLO")
    if reply.positive:
        return offer_of(reply)
    if reply.code in (500, 502):
        reply = await line.ask(f"HELO {name}\r\n".encode(), within=relay.timeouts.command, what="an answer to HELO")
    if not reply.positive:
        raise _turned_away(reply, relay)
    return Offer()


def _literal(address: str) -> str:
    """An IP address as a name to say hello with (RFC 5321, 4.1.3)."""
    bare = address.partition("%")[0]
    return f"[IPv6:{bare}]" if ":" in bare else f"[{bare}]"


async def _starttls(line: Line, relay: Relay, *, offer: Offer, context: ssl.SSLContext) -> Offer:
    """RFC 3207. Never goes on in the clear; what was offered before the encryption is forgotten."""
    refusal = "" if offer.starttls else "it does not offer STARTTLS"
    if not refusal:
        reply = await line.ask(b"STARTTLS\r\n", within=relay.timeouts.command, what="an answer to STARTTLS")
        if reply.code == 220:
            await line.encrypt(context, host=relay.host, within=relay.timeouts.tls)
            return await _hello(line, relay)
        refusal = f"it refused STARTTLS ({_quoted(reply)})"
    raise MailError(
        f"{refusal}, and nothing is sent unencrypted",
        where=relay.where,
        then="Use its TLS port with SMTP_TLS=tls; SMTP_TLS=none is for a server on this machine.",
    )


async def _login(line: Line, relay: Relay, *, offer: Offer) -> None:
    """One try with one mechanism: a second could lock the account."""
    if not line.cipher and not ipaddress.ip_address(line.peer.partition("%")[0]).is_loopback:
        raise LoginRefused(
            "the password would travel unencrypted, so it was not sent",
            where=relay.where,
            then="Set SMTP_TLS=starttls or SMTP_TLS=tls.",
        )
    mechanism = auth.choose(offer.logins, wanted=relay.mechanism)
    if not mechanism:
        raise LoginRefused(
            f"it offers no login that can be used here (it has: {', '.join(offer.logins) or 'none'})",
            where=relay.where,
            then="Check the port and SMTP_TLS, or leave SMTP_USERNAME empty for a server without login.",
        )
    reply = await _converse(line, relay, mechanism=mechanism)
    if reply.code == 235:
        return
    if 400 <= reply.code < 500:
        raise _turned_away(reply, relay)
    raise LoginRefused(
        f"it refused the login of {relay.username} ({_quoted(reply)})",
        where=relay.where,
        then="Check SMTP_USERNAME and SMTP_PASSWORD; many providers want an app password here.",
    )


async def _converse(line: Line, relay: Relay, *, mechanism: str) -> Reply:
    """AUTH and its challenges (RFC 4954, 4), until the server has nothing more to ask."""
    steps = auth.exchange(mechanism, username=relay.username, password=relay.password)
    first = next(steps)
    command = f"AUTH {mechanism}".encode() + (b"" if first is None else b" " + (b64encode(first) or b"="))
    while True:
        reply = await line.ask(command + b"\r\n", within=relay.timeouts.command, what="an answer to the login")
        if reply.code != 334:
            return reply
        try:
            command = b64encode(steps.send(b64decode(reply.lines[0])) or b"")
        except (binascii.Error, StopIteration) as error:
            raise Garbled(f"a challenge that {mechanism} does not have") from error


# ── failures, in words ────────────────────────────────────────────────────────────────────────────


def _quoted(reply: Reply) -> str:
    return f"{reply.code} {said(' '.join(reply.lines))}".rstrip()


def _turned_away(reply: Reply, relay: Relay) -> Unreachable:
    then = "Try again later." if reply.code < 500 else "Ask the server's operator why it does not take mail from here."
    return Unreachable(
        f"it turned us away ({_quoted(reply)})", where=relay.where, then=then, temporary=reply.code < 500
    )


def _explained(error: OSError | Garbled | UnicodeError, relay: Relay) -> MailError:
    """What a person needs to hear about a failure of the network or of TLS."""
    if isinstance(error, Garbled):
        then = "Check SMTP_HOST and SMTP_PORT: something else may be listening there."
        return MailError(f"it does not speak SMTP as we know it ({error})", where=relay.where, then=then)
    if isinstance(error, ssl.SSLCertVerificationError):
        return _mistrusted(error, relay)
    if isinstance(error, ssl.SSLError):
        then = "Port 465 wants SMTP_TLS=tls, port 587 wants SMTP_TLS=starttls."
        return MailError(f"no TLS could be agreed on ({error.reason or error})", where=relay.where, then=then)
    if isinstance(error, socket.gaierror | UnicodeError):
        then = "Check SMTP_HOST for a typing error, and whether this machine is online."
        return Unreachable("no such host is known", where=relay.where, then=then, temporary=True)
    if isinstance(error, ConnectionRefusedError):
        then = "Check SMTP_PORT, and whether the mail server runs."
        return Unreachable("nobody listens there", where=relay.where, then=then, temporary=True)
    return Unreachable(
        f"no conversation came about ({error})", where=relay.where, then="Try again later.", temporary=True
    )


def _mistrusted(error: ssl.SSLCertVerificationError, relay: Relay) -> CertificateRefused:
    then = {
        10: "Its operator must renew it; the clock of this machine may also be wrong.",  # X509_V_ERR_CERT_HAS_EXPIRED
        62: f"Set SMTP_HOST to the name in the certificate, which is not {relay.host}.",  # X509_V_ERR_HOSTNAME_MISMATCH
        64: f"Set SMTP_HOST to the name in the certificate, which is not {relay.host}.",  # ..._IP_ADDRESS_MISMATCH
    }.get(error.verify_code, "If the server is your own, give the file of its authority.")
    return CertificateRefused(
        f"its certificate is not to be trusted ({error.verify_message})", where=relay.where, then=then
    )
