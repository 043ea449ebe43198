"""The studio as its editor meets it, in a real Chromium: from the command to the first paint, from a save to the picture."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from bench import newsletter
from bench.table import Table
from digest.model import Standing
from digest.store import open_store

THREADS, POSTS, LONG, LAPS = 500, 15, 150, 5
TITLE = f"The studio: {THREADS} threads on the shelf, the one that is looked at of {LONG} posts"
TARGETS = {
    "the window, painted": 1000,
    "a template is saved": 500,
    "the settings are saved": 500,
    "a thread is changed": 500,
}
PICTURE = "document.querySelector('#window iframe:not(.coming)').contentDocument"
SEEN = """
globalThis.seen = {};
const look = () => {
  if (!seen.shelf && document.querySelector("#list a[data-key]")) seen.shelf = performance.timeOrigin + performance.now();
  if (!seen.picture && document.querySelector("#sheet[data-shown]")) seen.picture = performance.timeOrigin + performance.now();
};
new MutationObserver(look).observe(document, {subtree: true, childList: true, attributes: true});
"""


def run(folder: Path) -> Table:
    """Milliseconds by the clock, browser included, which is open already. Needs Chromium, driven by playwright."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - for this chapter alone

    _furnish(folder)
    found: dict[str, list[float]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--headless"])
        with _opened(folder) as address, browser.new_page() as page:
            _started(
                page, address
            )  # once for nothing: a program that was installed is compiled, and its files are near
        for _ in range(LAPS):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            began = time.time() * 1000
            with _opened(folder) as address:
                for what, at in _started(page, address).items():
                    found.setdefault(what, []).append(at - began)
            page.close()
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        with _opened(folder) as address:
            _started(page, address)
            for lap in range(LAPS):
                for what, save in _saves(folder, f"Lap {lap}").items():
                    found.setdefault(what, []).append(_seen(page, f"Lap {lap}", save))
        browser.close()
    rows = [(what, *_figures(what, laps)) for what, laps in found.items()]
    return Table(
        title=TITLE,
        columns=("until …", "ms", "lowest..highest", "of the target"),
        rows=rows,
        notes=(
            f"{LAPS} laps. The first three are counted from the command, the browser being open; the others from a save.",
        ),
        facts={f"{what}: ms": round(median(laps), 1) for what, laps in found.items()},
    )


def _figures(what: str, laps: list[float]) -> tuple[str, str, str]:
    target = next((ms for name, ms in TARGETS.items() if what.startswith(name)), 0)
    share = f"{median(laps) / target:.2f} ×" if target else ""
    return f"{median(laps):,.0f}", f"{min(laps):,.0f}..{max(laps):,.0f}", share


def _furnish(folder: Path) -> None:
    """A shelf whose oldest thread is the long one, and pinned: so it is the next, and what the studio opens with."""
    (folder / "own").mkdir()
    _write_settings(folder, "Lap")
    store = open_store(f"sqlite:///{folder / 'data/digest.sqlite3'}")
    for number in range(THREADS):
        thread = newsletter.thread(POSTS if number else LONG, first=number + 1)
        called = f"Span {number + 1}, and why it sings"
        store.library.add(thread, raw=b"", headline=called, now=newsletter.WRITTEN + timedelta(minutes=number))
    store.library.set_standing(1, Standing.PINNED)
    store.close()


def _write_settings(folder: Path, name: str) -> None:
    settings = {"DIGEST_NAME": name, "DIGEST_FROM": "digest@example.org", "DIGEST_TEMPLATES": "own"}
    settings["DIGEST_POSTAL_ADDRESS"] = "1 Example Street, 10115 Berlin"
    (folder / ".env").write_text("".join(f"{key}='{value}'\n" for key, value in settings.items()))


@contextmanager
def _opened(folder: Path) -> Iterator[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    command = [sys.executable, "-m", "digest", "preview", "--no-open"]
    studio = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert studio.stdout
        said = re.search(rb"http://\S+", studio.stdout.readline())
        assert said
        yield said[0].decode()
    finally:
        studio.send_signal(signal.SIGINT)
        studio.wait(30)


def _started(page: Any, address: str) -> dict[str, float]:
    """When each part was there, in ms of the clock."""
    page.add_init_script(SEEN)
    page.goto(address, wait_until="commit")
    page.wait_for_selector("#sheet[data-shown]")
    paint = "performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime"
    return {
        "the window, painted": page.evaluate(paint),
        "the shelf in it": page.evaluate("seen.shelf"),
        "the picture in it": page.evaluate("seen.picture"),
    }


def _saves(folder: Path, name: str) -> dict[str, Callable[[], None]]:
    def template() -> None:
        line = f"<mj-text>Template {name}</mj-text>"
        text = f'{{% extends "shipped/digest.mjml.j2" %}}{{% block button %}}{line}{{{{ super() }}}}{{% endblock %}}'
        new = folder / "own" / ".new"
        new.write_text(text)
        new.rename(folder / "own" / "digest.mjml.j2")

    def thread() -> None:
        store = open_store(f"sqlite:///{folder / 'data/digest.sqlite3'}")
        store.library.set_title(1, title=f"Thread {name}")
        store.close()

    return {
        "a template is saved": template,
        "the settings are saved": lambda: _write_settings(folder, f"Settings {name}"),
        "a thread is changed": thread,
    }


def _seen(page: Any, name: str, save: Callable[[], None]) -> float:
    """From the save to a picture that shows it: what is saved last says so in it, by the name of the lap."""
    word = {"template": "Template", "thread": "Thread"}.get(save.__name__, "Settings")
    page.wait_for_timeout(700)  # findings and all that follow the last picture
    save()
    began = time.time() * 1000
    wanted = f"{PICTURE}.body.textContent.includes('{word} {name}')"
    until = began + 30_000
    while not page.evaluate(f"{PICTURE}?.body && {wanted}"):
        assert time.time() * 1000 < until, f"{word} {name} is not seen"
        time.sleep(0.005)
    return time.time() * 1000 - began
