"""A real server with the public pages, over a real store with sent issues and readers; and a real browser to look at them.

What is asked goes to the real story; a test may listen at its door.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from digest import drafting, publishing, roster, shelving, sources, subscribing
from digest.archiving import Press
from digest.cli import listening
from digest.correspondence import Reception
from digest.desk.notes import Stationery
from digest.desk.render import Masthead, Printer
from digest.desk.site import Site, Typesetter
from digest.desk.templates import Templates
from digest.mail.intents import Asked
from digest.mail.tokens import Purpose, Tokens
from digest.model import Letterhead, Membership
from digest.samples import samples
from digest.store import Store, open_store
from digest.web.public import Public, app

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TOKENS = Tokens(b"a secret of the tests' own")


@dataclass
class Story:
    """The real story, with an ear at its door, and a fault when a test wants one."""

    reception: Reception
    now: Callable[[], datetime]
    heard: list[Asked] = field(default_factory=list)
    trouble: Exception | None = None

    def answer(self, asked: Asked) -> None:
        self.heard.append(asked)
        if self.trouble:
            raise self.trouble
        subscribing.answer(asked, reception=self.reception, now=self.now())


@dataclass
class Clock:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class House:
    """The pages, running at `url`, and what a test may look at behind them."""

    url: str
    story: Story
    store: Store
    clock: Clock
    pieces: Public

    def reader(self, email: str = "ada@example.org"):
        return self.store.subscribers.find(email)

    def link(self, path: str, purpose: Purpose, *, email: str = "ada@example.org", number: int | None = None) -> str:
        reader = self.reader(email)
        token = TOKENS.mint(purpose, subject=reader.id, number=reader.epoch if number is None else number)
        return f"{self.url}/{path}/{token}"


class Server:
    """`digest serve`'s own way of serving, in a thread."""

    def __init__(self, pages: ASGIApp) -> None:
        self._pages = pages
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def start(self) -> str:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._at = f"127.0.0.1:{free.getsockname()[1]}"
        self._thread.start()
        for _ in range(500):
            with suppress(httpx.TransportError):
                httpx.get(f"http://{self._at}/subscribe", trust_env=False)
                break
            time.sleep(0.02)
        return f"http://{self._at}"

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        await listening.serve(self._pages, at=self._at, stop=self._stop)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=10)


def letterhead() -> Letterhead:
    return Letterhead(
        name="The Long Way Round",
        from_address="digest@example.org",
        list_address="digest@example.org",
        domain="example.org",
        date=NOW,
        base_url="https://digest.example.org",
    )


def _reception(store: Store) -> Reception:
    paper = Stationery(
        Templates(), name="The Long Way Round", address="digest@example.org", postal_address="1 Harbour Lane", lang="en"
    )
    return Reception(
        store=store,
        tokens=TOKENS,
        stationery=paper,
        letterhead=letterhead(),
        fetch=lambda _wish: pytest.fail("the web fetches nothing"),
    )


@pytest.fixture(scope="session")
def filled(tmp_path_factory) -> Path:
    """A store with every sample sent, a week apart, to two readers."""
    path = tmp_path_factory.mktemp("archive") / "store.sqlite3"
    store = open_store(f"sqlite:///{path}")
    for email in ("ada@example.org", "ben@example.org"):
        roster.add(email, store=store, name="", source="test", now=NOW)
    printer = Printer()
    for week, file in enumerate(samples()):
        at = NOW + timedelta(weeks=week)
        arrival = shelving.bring_in(sources.fetch(str(file)), store=store, now=at)
        masthead = Masthead(
            name="The Long Way Round", postal_address="1 Harbour Lane", issued_on=date(2026, 11, 24), web=True
        )
        desk = drafting.Desk(printer=printer, masthead=masthead, lang="en")
        drafted = drafting.draft(arrival.shelved, desk=desk, nonce=f"{week:016x}")
        publishing.keep(drafted, store=store, letterhead=replace(letterhead(), date=at), reason="test", now=at)
    store.close()
    return path


@pytest.fixture
def store(tmp_path, filled) -> Iterator[Store]:
    shutil.copyfile(filled, tmp_path / "store.sqlite3")
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield store
    store.close()


@pytest.fixture(scope="session")
def typesetter() -> Typesetter:
    return Typesetter()


@pytest.fixture
def press(store, typesetter) -> Press:
    site = Site(name="The Long Way Round", lang="en", domain="example.org", address="digest@example.org")
    return Press(archive=store.archive, pictures=store.pictures, typesetter=typesetter, site=site)


@pytest.fixture
def serve(store, press) -> Iterator[Callable[..., House]]:
    """Starts the pages; keywords change what the site says of itself."""
    running: list[Server] = []

    def start(**site: object) -> House:
        clock = Clock()
        story = Story(_reception(store), clock)
        pieces = Public(
            press=replace(press, site=replace(press.site, **site)),
            tokens=TOKENS,
            reader=store.subscribers.get,
            follows=store.subscribers.favourites_of,
            answer=story.answer,
            now=clock,
            key=b"k" * 32,
            pace=0,
        )
        server = Server(app(pieces))
        running.append(server)
        url = server.start()
        return House(url=url, story=story, store=store, clock=clock, pieces=pieces)

    yield start
    for server in running:
        server.end()


@pytest.fixture
def house(serve) -> House:
    return serve()


@pytest.fixture
def http(house) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=house.url, follow_redirects=False, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """One Chromium for a module; see tests/desk/page/conftest.py for why."""
    path = shutil.which("chromium")
    if not path:
        pytest.skip("Chromium is missing: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    args = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=args.split())
        yield browser
        browser.close()


def left(house: House, email: str = "ada@example.org") -> bool:
    return house.reader(email).membership is Membership.LEFT
