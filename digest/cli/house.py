"""Puts the pieces together: the settings read once, the store opened when first asked for, each room's own options."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from digest.errors import InputError, UsageError

if TYPE_CHECKING:
    from digest.cli.gallery import Gallery
    from digest.cli.lookout import Lookout
    from digest.cli.postroom import Postroom
    from digest.correspondence import Nominated, Reception
    from digest.delivering import Heard, Round
    from digest.desk.notes import Stationery
    from digest.desk.picker import Weights
    from digest.desk.plates import Hanging
    from digest.desk.render import Printer
    from digest.drafting import Desk, Writer
    from digest.editing import Office
    from digest.mail.intents import Nominate
    from digest.model import Issue, Letterhead, Outbox, Page, State
    from digest.settings import Settings
    from digest.store import Store
    from digest.store.ledger import Policy

_RUNS_ON = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # on Linux the latter stands while a laptop sleeps
_LOOK = timedelta(seconds=20)  # for one answer; nobody waits for it, and it shall not keep the program from ending


def now() -> datetime:
    return datetime.now(UTC)


def nonce() -> str:
    """16 random hex digits: the part of a page's marks that no post can guess."""
    return secrets.token_hex(8)


def spoken(key: str) -> str:
    """A slot by its key, as people say it: "Tue 2026-11-24 09:00"."""
    return f"{datetime.fromisoformat(key):%a %Y-%m-%d %H:%M}"


class House:
    """What the commands stand on. Nothing is read, opened or even loaded before a command needs it."""

    def __init__(self, *, env_file: Path, settings: Settings | None = None) -> None:
        self.env_file = env_file
        if settings:
            self.settings = settings

    @cached_property
    def settings(self) -> Settings:
        """Read once; a schedule that nobody can keep is refused with them, by the clock, which they do not know."""
        from digest import clock
        from digest import settings as settings_file

        settings = settings_file.load(environ=os.environ, env_file=self.env_file)
        clock.trigger(settings.digest_schedule, zone=settings.digest_timezone)
        return settings

    @cached_property
    def store(self) -> Store:
        from digest.store import open_store

        return open_store(self.settings.database_url.get_secret_value())

    @property
    def kept(self) -> Store:
        """The store, for who only wants what is in it: in a wrong folder none is made, where all would seem to be gone
        and a backup would be one of nothing. Raises UsageError there."""
        from digest.store import is_made

        s = self.settings
        if not (self.env_file.exists() or s.digest_from or is_made(s.database_url.get_secret_value())):
            raise UsageError(
                "no digest lives here: there is neither a .env nor a store",
                where=str(self.env_file.absolute().parent),
                then="Go to its folder, or name its settings by --env-file; `digest init` begins a new one.",
            )
        return self.store

    @cached_property
    def printer(self) -> Printer:
        from digest.desk.render import Printer

        return Printer(self.settings.digest_templates, look=self.settings.look)

    @cached_property
    def lookout(self) -> Lookout:
        from digest.cli.lookout import Lookout

        return Lookout(self.settings, store=lambda: self.store)

    @cached_property
    def gallery(self) -> Gallery:
        from digest.cli.gallery import Gallery

        fetches = self.settings.digest_images != "link"
        return Gallery(store=lambda: self.store, web=lambda: self.lookout.pictures, now=now, fetches=fetches)

    def close(self) -> None:
        for part in ("store", "lookout"):
            if part in self.__dict__:
                getattr(self, part).close()

    # ── the desk ──────────────────────────────────────────────────────────────────────────────────

    def desk(self, *, why: str = "", marked: str = "", on: date | None = None, goes_out: bool = False) -> Desk:
        """What a page is made with, `on` this day of the issue or today. For one that `goes_out`, pictures that could not
        be had are asked for once more."""
        from digest.desk.render import Masthead
        from digest.drafting import Desk

        s = self.settings
        masthead = Masthead(
            name=s.digest_name,
            postal_address=s.digest_postal_address,
            issued_on=on or now().astimezone(ZoneInfo(s.digest_timezone)).date(),
            web=bool(s.digest_base_url) and s.digest_archive != "off",
            opinion=bool(s.imap_host or s.lmtp_listen),
            why=why,
            marked=marked,
            logo=s.logo,
            support=s.support,
        )
        return Desk(
            printer=self.printer,
            masthead=masthead,
            lang=s.digest_lang,
            writer=self._writer(),
            deleted=s.digest_deleted,
            illustrator=self.gallery.fresh_album if goes_out else self.gallery.album,
            hanging=self.hanging(),
        )

    def hanging(self) -> Hanging:
        """How pictures come to readers. From the archive only by https: mail programs leave out what comes by http."""
        from digest.desk.plates import Hanging

        s = self.settings
        served = s.digest_archive != "off" and s.digest_base_url.startswith("https://")
        return Hanging(
            way=s.digest_images,
            base_url=s.digest_base_url if served else "",
            domain=self.postroom.draft_letterhead().domain,
            budget=s.digest_images_budget * 1024,
        )

    def _writer(self) -> Writer | None:
        """The language model of the settings, None where nobody wants one."""
        s = self.settings
        if not s.llm_url:
            return None
        from digest.cli import writing
        from digest.llm import Server

        server = Server(url=s.llm_url, model=s.llm_model, key=s.llm_api_key.get_secret_value())
        return writing.writer(server, library=self.store.library, lang=s.digest_lang)

    def weights(self) -> Weights:
        """What each part of the pick's score counts for."""
        from digest.desk.picker import Weights

        return Weights(**self.settings.shares)

    # ── mail ──────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def postroom(self) -> Postroom:
        from digest.cli.postroom import Postroom

        home = self.env_file.parent
        return Postroom(self.settings, home=home, store=lambda: self.store, gallery=lambda: self.gallery)

    def filled(self, page: Page) -> Page:
        """The page as `reader@example.org` would see it, for looking at anywhere: its pictures are in it."""
        return self.gallery.hung(self.postroom.addressed(page))

    def round(self, issue: Issue, *, outbox: Outbox, heard: Heard, stop: asyncio.Event) -> Round:
        """One run of delivery for an issue."""
        from digest.delivering import Round

        return Round(
            issue=issue,
            ledger=self.store.ledger,
            press=self.postroom.press(issue),
            outbox=outbox,
            policy=self.policy(),
            now=self.clock(),
            heard=heard,
            stop=stop,
        )

    # ── readers ───────────────────────────────────────────────────────────────────────────────────

    def reception(self) -> Reception:
        """What answering readers needs, made once: each act dates its own letters. SettingsError where none could go out."""
        return self._reception

    @cached_property
    def _reception(self) -> Reception:
        from digest.correspondence import Reception
        from digest.mail import addresses

        head = self.postroom.letterhead()
        s = self.settings
        _, editor = parseaddr(s.digest_reply_to or s.digest_from)
        own = {addresses.key(head.list_address), addresses.key(head.from_address)}
        return Reception(
            store=self.store,
            tokens=self.postroom.tokens(),
            stationery=self._stationery(head),
            letterhead=head,
            fetch=self._nominated,
            signers=self.postroom.signers(),
            editor="" if addresses.key(editor) in own else addresses.parse(editor),
            approver=self.approver(),
        )

    def approver(self) -> str:
        """The editor to whom issues are shown before they go, "" where nobody is asked."""
        from digest.mail import addresses

        address = self.settings.digest_approve
        return "" if address == "off" else addresses.parse(parseaddr(address)[1])

    def office(self) -> Office:
        """What the editor's letters need: where she reads mail is who approves, else who answers, else who sends."""
        from digest.editing import Office

        s, head = self.settings, replace(self.postroom.letterhead(), date=self.time().replace(microsecond=0))
        return Office(
            store=self.store,
            editor=self.approver() or head.reply_to or head.from_address,
            silence=s.digest_silence,
            stationery=self._stationery(head),
            letterhead=head,
            tokens=self.postroom.tokens(),
            desk=lambda on: self.desk(on=on, goes_out=True),
            nonce=nonce,
            spoken=lambda key: f"{spoken(key)} ({s.digest_timezone})",
            weights=self.weights(),
            signers=self.postroom.signers(),
        )

    def _stationery(self, head: Letterhead) -> Stationery:
        from digest.desk.notes import Stationery
        from digest.desk.templates import Templates

        s = self.settings
        return Stationery(
            Templates(s.digest_templates, look=s.look),
            name=s.digest_name,
            address=head.list_address,
            postal_address=s.digest_postal_address,
            lang=s.digest_lang,
        )

    def _nominated(self, wish: Nominate) -> Nominated:
        """The thread that a reader's mail holds or links to. Only a web address is ever followed, never a path of ours."""
        from digest import drafting, shelving, sources
        from digest.correspondence import Nominated

        if wish.ref and not wish.ref.lower().startswith(("https://", "http://")):
            raise InputError("only a web address can be followed", where=wish.ref)
        raw = (
            sources.fetch(wish.ref, web=self.lookout.web)
            if wish.ref
            else sources.decode(wish.raw, ref=wish.name or "a mail")
        )
        shelved = drafting.unshelved(sources.read(raw), now=now())
        return Nominated(shelved=shelved, raw=raw.data, original=shelving.seen_now(raw, (), now=now()))

    async def post(self, *, outbox: Outbox, stop: asyncio.Event) -> Counter[State]:
        """Carry the single letters that wait. Errors: see `posting.post`."""
        from digest import posting

        return await posting.post(
            posting.Rounds(
                letterbox=self.store.letterbox, outbox=outbox, policy=self.policy(), now=self.clock(), stop=stop
            )
        )

    def policy(self) -> Policy:
        from digest.store.ledger import Policy

        s = self.settings
        return Policy(doubt=s.smtp_doubt, doubt_after=s.smtp_doubt_after, give_up=s.smtp_give_up, lease=s.digest_lease)

    def time(self) -> datetime:
        """The time that the store goes by."""
        return self.store.time(now())

    def clock(self) -> Callable[[], datetime]:
        """`time`, going on from now by itself: nobody who sets this machine's clock meanwhile can end a lease."""
        begun, since = self.time(), time.clock_gettime(_RUNS_ON)
        return lambda: begun + timedelta(seconds=time.clock_gettime(_RUNS_ON) - since)


def told_to_stop() -> asyncio.Event:
    """Set by Ctrl-C and SIGTERM from now on; the second one ends the running task at once. Call it in that task."""
    stop, task = asyncio.Event(), asyncio.current_task()

    def told() -> None:
        if not stop.is_set():
            from digest.cli.terminal import note

            note("Finishing the letters in flight. Once more leaves them in doubt and ends at once.")
            stop.set()
        elif task:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told)
    return stop


def marked(issue: Issue, *, as_: str) -> Issue:
    """The same issue with "[Test]" or the like before its subject."""
    called = replace(issue.page.headline, subject=f"[{as_}] {issue.page.headline.subject}")
    return replace(issue, page=replace(issue.page, headline=called))
