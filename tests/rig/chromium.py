"""A real Chromium, the system's own, driven by playwright; it calls home to nobody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_QUIET = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
_QUIETER = "--disable-component-update --disable-sync"


def missing() -> str:
    """How to get it; "" when it is there."""
    return "" if shutil.which("chromium") else "Chromium is missing: apt-get install chromium"


@contextmanager
def running(*options: str) -> Iterator[Browser]:
    """While the block runs, an event loop runs in this thread, in which no other test could start its own: so one for a
    module, not for the whole run."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*_QUIET.split(), *_QUIETER.split(), *options]
        )
        yield browser
        browser.close()
