"""What letters are made with and leave by, as the settings say: their head, the press, the keys, the relays."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import SettingsError
from digest.model import Letterhead

if TYPE_CHECKING:
    from digest.cli.gallery import Gallery
    from digest.mail.dkim import Signer
    from digest.mail.letter import Press
    from digest.mail.sending.outbox import Relay
    from digest.mail.sending.relay import Timeouts
    from digest.mail.tokens import Tokens
    from digest.model import Issue, Outbox, Page
    from digest.settings import Settings
    from digest.store import Store

PORTS = {"starttls": 587, "tls": 465, "none": 25}
NOBODY = "digest@example.org"  # stands where a setting is still missing, on drafts that go nowhere


class Postroom:
    """`home` is the folder that paths to keys start at. Store and gallery are opened when a letter first needs them."""

    def __init__(
        self, settings: Settings, *, home: Path, store: Callable[[], Store], gallery: Callable[[], Gallery]
    ) -> None:
        self._settings, self._home, self._store, self._gallery = settings, home, store, gallery

    def letterhead(self) -> Letterhead:
        """For letters that leave: a sender and a postal address are not optional (RFC 5322; CAN-SPAM 5(a)(5))."""
        for name in ("digest_from", "digest_postal_address"):
            if not getattr(self._settings, name):
                raise SettingsError(
                    "is not set, and no issue goes out without it",
                    where=name.upper(),
                    then="Set it in .env; `digest init` helps.",
                )
        return replace(self._letterhead(self._settings.digest_from), seal=self.tokens().seal)

    def draft_letterhead(self) -> Letterhead:
        """For pages that stay here: what is not set yet has a stand-in."""
        return self._letterhead(self._settings.digest_from or NOBODY)

    def _letterhead(self, sender: str) -> Letterhead:
        from digest.mail import addresses

        s = self._settings
        name, address = parseaddr(sender)
        address = addresses.parse(address)
        return Letterhead(
            name=name or s.digest_name,
            list_name=s.digest_name,
            from_address=address,
            reply_to=addresses.parse(s.digest_reply_to) if s.digest_reply_to else "",
            list_address=addresses.parse(s.digest_address) if s.digest_address else address,
            domain=address.rpartition("@")[2],
            date=datetime.now(UTC).replace(microsecond=0),
            base_url=s.digest_base_url,
            verp=bool(s.imap_host or s.lmtp_listen),
        )

    def press(self, issue: Issue) -> Press:
        """Refuses a secret that is not the issue's: two readers' letters, or one reader's two, would not be alike."""
        from digest.mail.letter import Press

        tokens = self.tokens()
        if issue.letterhead.seal not in ("", tokens.seal):
            raise SettingsError(
                f"is not the secret that issue {issue.number} was begun with",
                where="DIGEST_SECRET",
                then="Set the one that it had then, the same on each machine.",
            )
        return Press(issue, tokens=tokens, signers=self.signers(), data=self._gallery().data(issue.page))

    def draft_press(self, issue: Issue) -> Press:
        """For a letter that goes nowhere: needs no store, its links work nowhere."""
        from digest.mail.letter import Press
        from digest.mail.tokens import Tokens

        tokens = Tokens(secrets.token_bytes(32))
        return Press(issue, tokens=tokens, signers=self.signers(), data=self._gallery().data(issue.page))

    def addressed(self, page: Page) -> Page:
        """The page as `reader@example.org` would get it."""
        site = self._settings.digest_base_url or "https://example.org"
        values = {
            page.marks.email: "reader@example.org",
            page.marks.unsubscribe: f"{site}/u/example",
            page.marks.web: f"{site}/issues/0",
            page.marks.good: f"mailto:{NOBODY}?subject=good",
            page.marks.bad: f"mailto:{NOBODY}?subject=bad",
        }
        html, text = page.html, page.text
        for mark, value in values.items():
            html, text = html.replace(mark, value), text.replace(mark, value)
        return replace(page, html=html, text=text)

    def tokens(self) -> Tokens:
        from digest.mail.tokens import Tokens

        chosen = self._settings.digest_secret.get_secret_value().encode()
        return Tokens(chosen or self._store().secret())

    def signers(self) -> tuple[Signer, ...]:
        from digest.mail.dkim import Signer

        s = self._settings
        return tuple(
            Signer.load(self._home / path, domain=s.dkim_domain, selector=selector) for selector, path in s.dkim_keys
        )

    def relays(self) -> tuple[Relay, ...]:
        from digest.mail.sending import relays
        from digest.mail.sending.relay import Relay

        s = self._settings
        if not s.smtp_host:
            raise SettingsError(
                "is not set, so nothing can leave this machine",
                where="SMTP_HOST",
                then="Set it (`digest init` helps), or try `digest demo`, which brings its own receiver.",
            )
        password = s.smtp_password.get_secret_value()
        if bool(s.smtp_username) != bool(password):
            missing = "SMTP_PASSWORD" if s.smtp_username else "SMTP_USERNAME"
            raise SettingsError(
                "is missing, though the other half of the login is set", where=missing, then="Set both or none."
            )
        shared = Relay(
            host="",
            port=s.smtp_port or PORTS[s.smtp_tls],
            tls=s.smtp_tls,
            username=s.smtp_username,
            password=password,
            connections=s.smtp_connections,
            per_connection=s.smtp_per_connection,
            window=s.smtp_window,
            rate=s.smtp_rate,
            ca_file=str(self._home / s.smtp_ca_file) if s.smtp_ca_file else "",
        )
        return relays.named(s.smtp_host, like=shared)

    def outbox(self, *, timeouts: Timeouts | None = None) -> Outbox:
        """The way out, as patient as RFC 5321 wants it unless `timeouts` say otherwise: a letter is at stake."""
        from digest.mail.sending.breaker import Breaker
        from digest.mail.sending.outbox import SmtpOutbox
        from digest.mail.sending.relays import Relays

        several = [replace(relay, timeouts=timeouts or relay.timeouts) for relay in self.relays()]
        return Breaker(Relays(several) if len(several) > 1 else SmtpOutbox(several[0]))
