"""Remakes the pictures of a digest in this folder: `python docs/pictures/make.py [FOLDER]`. Needs Chromium."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Route, sync_playwright

from digest.desk.headline import headline
from digest.desk.palette import CARD, LOOKS, Look
from digest.desk.render import Masthead, Printer
from digest.desk.summary import summarise
from digest.model import Author, Card, Link, Media, Page, Post, Quote, Related, Thread

CHROMIUM = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
HEIGHT = 1_500

# What stands in for the photograph, since a picture of a mail must not need the network.
STREET = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 640"><defs><linearGradient id="s" x2="0" y2="1">
<stop stop-color="#f6d9b8"/><stop offset="1" stop-color="#f0a58f"/></linearGradient></defs><rect width="1200" height="640"
fill="url(#s)"/><circle cx="905" cy="210" r="74" fill="#fff3df"/><path d="M0 470 180 330 330 430 520 250 720 430 880 350 1200
520V640H0Z" fill="#a8647c"/><path d="M0 540 240 440 470 530 700 420 960 540 1200 470V640H0Z" fill="#5c4270"/><path d="M0 610
300 540 620 600 900 560 1200 610V640H0Z" fill="#32284f"/></svg>"""


def main(folder: Path) -> None:
    """One picture for each width and time of day, and one for each theme."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM.split())
        for width in (375, 700):
            for light in ("light", "dark"):
                take(browser, printed(CARD), width=width, light=light, path=folder / f"digest-{width}-{light}.png")
        for name, look in LOOKS.items():
            path = folder / f"theme-{name}.png"
            take(browser, printed(look), width=375, light="light", path=path)
            Image.open(path).crop((0, 0, 375, 820)).convert("RGB").save(path, optimize=True)
        browser.close()


def printed(look: Look) -> Page:
    found = thread()
    short = summarise(found)
    called = headline(found, summary=short)
    return Printer(look=look).print(
        found, summary=short, headline=called, masthead=masthead(), nonce="0123456789abcdef"
    )


def take(browser: Browser, page: Page, *, width: int, light: str, path: Path) -> None:
    """The top of the page as a reader sees it at that width (CSS pixels) by that light."""
    view = browser.new_page(
        viewport={"width": width, "height": HEIGHT}, color_scheme="dark" if light == "dark" else "light"
    )
    view.route("https://example.org/**", show_the_picture)
    view.set_content(addressed(page))
    view.screenshot(path=path)
    view.close()


def show_the_picture(route: Route) -> None:
    route.fulfill(body=STREET, content_type="image/svg+xml")


def addressed(page: Page) -> str:
    """The page as it reaches one reader."""
    html = page.html.replace(page.marks.email, "reader@example.org")
    return html.replace(page.marks.unsubscribe, "https://example.org/u").replace(
        page.marks.web, "https://example.org/w"
    )


def masthead() -> Masthead:
    return Masthead(
        name="The Long Way Round",
        postal_address="The Long Way Round, 12 Harbour Lane, Bristol BS1, United Kingdom",
        issued_on=date(2026, 11, 24),
        why="Waited 6 weeks, a new topic, 1 minute to read.",
        web=True,
    )


def thread() -> Thread:
    listed = "I keep a list of one new thing a day. Forty mornings, forty things: "
    source = "https://example.org/slow-streets"
    return Thread(
        key="pictures",
        title="What forty mornings of walking to work taught me",
        source="text",
        author=Author(name="Ines Marlowe", handle="@inesmarlowe", url="https://example.org/@inesmarlowe"),
        url="https://mastodon.example/@inesmarlowe/1",
        created_at=datetime(2026, 10, 6, tzinfo=UTC),
        lang="en",
        posts=(
            Post(
                number=1,
                text="My bus line was closed for the autumn, so I have now walked to work forty times. It takes "
                "fifty minutes. I expected to hate it. Here is what I found out instead.",
            ),
            Post(
                number=2,
                text="First: leave twenty minutes early. Hurry is what makes a street invisible. When I was late I "
                "saw traffic lights. When I was early I saw a woman teaching her parrot to whistle.",
            ),
            Post(
                number=3,
                text="Second: never the same way twice, but never a wholly new way either. Change one corner a day. "
                "You only notice what is new when the rest stays put.",
                media=(
                    Media(
                        kind="image",
                        url="https://example.org/ridge.jpg",
                        alt="The hills behind the harbour at half past six, the sun just up",
                        width=1200,
                        height=640,
                    ),
                ),
            ),
            Post(
                number=4,
                text="A retired postman told me the rule he worked by, and I have not been able to improve on it:",
                quotes=(
                    Quote(
                        text="Walk on the side where the doors are. Shops will tell you what is for sale. Doors will "
                        "tell you how people are.",
                        author=Author(name="Walter Quill", handle="@quill"),
                        url="https://example.org/@quill/77",
                    ),
                ),
            ),
            Post(
                number=5,
                text=listed + source,
                links=(Link(url=source, start=len(listed), end=len(listed + source)),),
                card=Card(
                    url=source,
                    title="Slow streets: forty things I had walked past for nine years",
                    site="example.org",
                ),
            ),
            Post(
                number=6,
                text="Third: no headphones. I tried both. With music the city is a film about me. Without it the "
                "city is about itself, and I am an extra who gets the good seat.",
            ),
            Post(
                number=7,
                text="In the end the best map of a city is the list of people in it who greet you. Mine had two "
                "names in September. It has nineteen now, and one parrot.",
            ),
        ),
        related=(
            Related(
                text="How to read a tide table, for people who are afraid of numbers and only want to swim.",
                date="12 May 2026",
                posts=9,
                url="https://example.org/tides",
            ),
            Related(text="Seven benches, ranked by what you can overhear on them.", date="3 March 2026", posts=7),
        ),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
