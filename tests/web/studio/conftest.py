"""A newsletter in a folder, `digest preview` running on it as a person would run it, and a real browser in front."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest import drafting
from digest.model import Author, Link, Media, Post, Thread
from digest.sources.darkroom import develop
from digest.store import Store, open_store
from pictures.drawn import drawing, packed
from rig import chromium

NOW = datetime.now(UTC)
FIRST, SECOND, THIRD, FOURTH = (
    "What forty mornings of walking to work taught me",
    "How a choir of nineteen learned to breathe in turns",
    "The bakery that put its orders on a nail",
    "Nine ways to mend a dry stone wall",
)
RIDGE = "https://example.org/ridge.png"
HILLS = develop(packed(drawing()))
SENTENCE = "Leave twenty minutes early, since hurry is what makes a street invisible to the person who walks in it. "
SETTINGS = {
    "DIGEST_NAME": "The Long Way Round",
    "DIGEST_FROM": "The Long Way Round <digest@example.test>",
    "DIGEST_POSTAL_ADDRESS": "12 Harbour Lane, Bristol",
    "DIGEST_TEMPLATES": "own",
}
OURS = ("DIGEST_", "SMTP_", "IMAP_", "DKIM_", "LMTP_", "LLM_", "DATABASE_", "WEB_")


def a_thread(title: str, *, author: str = "Ines Marlowe", posts: int = 12) -> Thread:
    source = "https://example.org/slow-streets"
    made = [Post(number=number, text=SENTENCE * 2) for number in range(1, posts + 1)]
    made[1] = replace(made[1], media=(Media(kind="image", url=RIDGE, alt="The hills at half past six"),))
    made[2] = replace(made[2], text=f"Read {source}", links=(Link(url=source, start=5, end=5 + len(source)),))
    return Thread(
        key=title,
        source="text",
        title=title,
        author=Author(name=author, handle=f"@{author.split(maxsplit=1)[0].lower()}"),
        posts=tuple(made),
        created_at=NOW - timedelta(days=30),
        lang="en",
    )


@dataclass(frozen=True)
class House:
    """The folder of a newsletter, and its store beside the one that the studio has open."""

    folder: Path
    settings: dict[str, object] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return open_store(f"sqlite:///{self.folder / 'data/digest.sqlite3'}")

    def write(self, **changed: object) -> None:
        """The settings, with some of them changed."""
        lines = [f"{name}='{value}'" for name, value in (SETTINGS | self.settings | changed).items()]
        (self.folder / ".env").write_text("\n".join(lines) + "\n")

    def override(self, name: str, text: str) -> None:
        """A template of the owner's, saved as an editor saves: a new file in the old one's place."""
        new = self.folder / "own" / f".{name}.new"
        new.write_text(text)
        new.rename(self.folder / "own" / name)


@dataclass(frozen=True)
class Studio:
    """A running studio: where it answers, its house, and what it said."""

    url: str
    house: House
    said: str
    process: subprocess.Popen[str]


def founded(folder: Path, titles: Sequence[str] = (FIRST, SECOND, THIRD, FOURTH), **settings: object) -> House:
    (folder / "own").mkdir(parents=True)
    house = House(folder, settings)
    house.write()
    store = house.store
    for number, title in enumerate(titles):
        thread = a_thread(title, author=["Ines Marlowe", "Walter Quill"][number % 2])
        called = drafting.unshelved(thread, now=NOW).headline
        came = NOW - timedelta(weeks=len(titles) - number)
        shelved = store.library.add(thread, raw=b"", headline=called, now=came).shelved
        store.pictures.keep(shelved.id, RIDGE, HILLS.picture, HILLS.data, now=came)
    store.close()
    return house


@contextmanager
def opened(house: House, *arguments: str) -> Iterator[Studio]:
    """`digest preview` in the house's folder, at a port of its own choice unless the arguments say one."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "-m", "digest", "preview", "--no-open", *arguments]
    process = subprocess.Popen(
        command, cwd=house.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        said = process.stdout.readline()
        url = re.search(r"http://[^/\s]+", said)
        assert url, process.communicate(timeout=20)
        yield Studio(url[0], house, said, process)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def wait(page, condition: str) -> None:
    """Until a condition in JavaScript holds. Playwright's own way of waiting is forbidden by the studio's policy: eval."""
    until = time.monotonic() + 20
    while not page.evaluate(condition):
        assert time.monotonic() < until, condition
        page.wait_for_timeout(25)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    if reason := chromium.missing():
        pytest.skip(reason)
    with chromium.running() as browser:
        yield browser


@pytest.fixture(scope="module")
def standing(tmp_path_factory) -> Iterator[Studio]:
    """One studio for all tests of a module that only look."""
    with opened(founded(tmp_path_factory.mktemp("house"))) as studio:
        yield studio


@pytest.fixture
def house(tmp_path) -> House:
    return founded(tmp_path / "house")


@pytest.fixture
def studio(house) -> Iterator[Studio]:
    """A studio for one test, which may change what it likes."""
    with opened(house) as studio:
        yield studio


@pytest.fixture
def visit(browser) -> Iterator[Callable[..., object]]:
    """`visit(studio, "/threads/1", width=360, light="dark")`: a page of its own, once its mail is shown. What it asked
    of others than the studio is in `page.foreign`; example.org answers with a picture."""
    pages = []

    def visited(studio, path="/", *, width=1440, height=900, light="light", wait="#sheet[data-shown]"):
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=light)
        page.set_default_timeout(20_000)
        pages.append(page)
        page.foreign, page.faults = [], []
        page.on("pageerror", lambda error: page.faults.append(str(error)))

        def elsewhere(route):
            page.foreign.append(route.request.url)
            svg = '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="300"/>'
            route.fulfill(body=svg, content_type="image/svg+xml")

        page.route(lambda url: not url.startswith((studio.url, "data:", "blob:")), elsewhere)
        page.goto(studio.url + path)
        page.wait_for_selector(wait)
        return page

    yield visited
    faults = [fault for page in pages for fault in page.faults]
    for page in pages:
        page.close()
    assert faults == []
