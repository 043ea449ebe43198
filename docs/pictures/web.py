"""Remakes the pictures of the web pages in this folder: `python docs/pictures/web.py [FOLDER]`. Needs Chromium."""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from playwright.sync_api import sync_playwright

from digest import archiving, drafting, publishing, shelving, sources
from digest.desk.render import Masthead, Printer
from digest.desk.site import Site, Typesetter
from digest.model import Letterhead
from digest.samples import samples
from digest.store import Store, open_store

CHROMIUM = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
NAME = "The Long Way Round"
BEGUN = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        store = open_store(f"sqlite:///{home}/store.sqlite3")
        publish(store)
        site = Site(name=NAME, lang="en", domain="example.org", address="digest@example.org")
        press = archiving.Press(archive=store.archive, pictures=store.pictures, typesetter=Typesetter(), site=site)
        archiving.write(press, Path(home, "site"))
        store.close()
        take(Path(home, "site/index.html"), light="light", path=folder / "signup-375-light.png")
        take(Path(home, "site/issues/1/index.html"), light="dark", path=folder / "archive-375-dark.png")


def publish(store: Store) -> None:
    """The samples, a week apart."""
    printer = Printer()
    for week, file in enumerate(samples()):
        at = BEGUN + timedelta(weeks=week)
        shelved = shelving.bring_in(sources.fetch(str(file)), store=store, now=at).shelved
        masthead = Masthead(name=NAME, postal_address="12 Harbour Lane, Bristol", issued_on=date(2026, 9, 1), web=True)
        desk = drafting.Desk(printer=printer, masthead=masthead, lang="en")
        drafted = drafting.draft(shelved, desk=desk, nonce=f"{week:016x}")
        publishing.keep(drafted, store=store, letterhead=letterhead(at), reason="", now=at)


def letterhead(at: datetime) -> Letterhead:
    address = "digest@example.org"
    return Letterhead(name=NAME, from_address=address, list_address=address, domain="example.org", date=at)


def take(page: Path, *, light: str, path: Path) -> None:
    """The top of a page as a phone shows it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM.split())
        view = browser.new_page(
            viewport={"width": 375, "height": 1_000}, color_scheme="dark" if light == "dark" else "light"
        )
        view.goto(page.as_uri())
        view.screenshot(path=path)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
