"""Remakes the pictures of the studio in this folder: `python docs/pictures/studio.py [FOLDER]`. Needs Chromium."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from digest import shelving, sources
from digest.model import Headline, Letterhead, Marks, Page, Standing
from digest.samples import samples
from digest.store import open_store

CHROMIUM = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
SETTINGS = """\
DIGEST_NAME='The Long Way Round'
DIGEST_FROM='The Long Way Round <digest@example.org>'
DIGEST_POSTAL_ADDRESS='12 Harbour Lane, Bristol BS1, United Kingdom'
"""
NOW = datetime.now(UTC)
VIEWS = {
    "1440-light": (1440, 900, "light", "/"),
    "1440-dark": (1440, 900, "dark", "/?light=dark"),
    "360-light": (360, 740, "light", "/"),
    "360-dark": (360, 740, "dark", "/?light=dark"),
}


def main(folder: Path) -> None:
    """One picture for each width and time of day."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        furnish(Path(home))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM.split())
        with opened(Path(home)) as url:
            for name in VIEWS:
                take(browser, url, name=name, path=folder / f"studio-{name}.png")
        browser.close()


def furnish(home: Path) -> None:
    """The samples on a shelf: one sent, three pinned, one held, and the rest waiting."""
    (home / ".env").write_text(SETTINGS)
    store = open_store(f"sqlite:///{home}/data/digest.sqlite3")
    for weeks, path in enumerate(samples(), start=3):
        shelving.bring_in(sources.fetch(str(path)), store=store, now=NOW - timedelta(weeks=weeks))
    for id, standing in ((2, Standing.PINNED), (5, Standing.PINNED), (6, Standing.PINNED), (4, Standing.HELD)):
        store.library.set_standing(id, standing)
    headline = Headline(title="", subject="", preheader="")
    page = Page(headline=headline, html="", text="", mjml="", marks=Marks(nonce="0" * 16), lang="es")
    head = Letterhead(name="", from_address="", list_address="", domain="", date=NOW)
    store.issues.create(thread_id=7, page=page, letterhead=head, reason="", now=NOW - timedelta(weeks=1))
    store.close()


@contextmanager
def opened(home: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "digest", "preview", "--no-open"]
    with subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own words
        said = process.stdout.readline() if process.stdout else ""
        yield re.findall(r"http://[\w.:]+", said)[0]
        process.send_signal(signal.SIGINT)


def take(browser: Browser, url: str, *, name: str, path: Path) -> None:
    width, height, light, view = VIEWS[name]
    page = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme="dark" if light == "dark" else "light"
    )
    page.goto(url + view)
    page.wait_for_selector("#sheet[data-shown]")
    page.wait_for_timeout(500)
    taken = Image.open(BytesIO(page.screenshot())).convert("RGB")
    few = taken.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)  # half the size, looks alike
    few.save(path, optimize=True)
    page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
