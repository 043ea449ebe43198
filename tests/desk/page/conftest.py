"""Threads of every shape that a page must survive, and the two readers of the result: a printer and a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from digest.desk.render import Masthead, Printer
from digest.model import (
    Author,
    Card,
    Headline,
    Link,
    Media,
    Page,
    Point,
    Post,
    Quote,
    Related,
    Summary,
    Thread,
)
from rig import chromium

NONCE = "0123456789abcdef"
ADDRESS = "The Weekly Thread, 12 Harbour Lane, Bristol BS1"
SENTENCE = (
    "A wall is only as dry as its worst stone, so we look for that one first and leave the pretty ones for later. "
)

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</td></tr></table><h1>Mine now</h1>",
    "</mj-table></mj-column></mj-section>",
    "<mj-raw><script>1</script></mj-raw>",
    "<mj-include path='/etc/passwd' />",
    "<!-- a comment that never ends",
    "-->",
    "<!--[if mso]><p>only Outlook</p><![endif]-->",
    "<![CDATA[ raw ]]>",
    "]]>",
    "<style>*{display:none}</style>",
    "@import url(https://example.test/x.css);",
    "{{ 7*7 }}",
    "{% for x in y %}",
    "{# gone? #}",
    "%%TOKEN%% *|EMAIL|* [[NAME]]",
    "T0000000000000000_EMAIL T0000000000000000_UNSUBSCRIBE",
    "&lt;b&gt; &amp;amp; &#60; &nbsp;x",
    "a < b && c > d, 1<2, \"quoted\" 'single' \\ back",
    "<?xml version='1.0'?><!DOCTYPE html>",
    "W" * 400,
    "https://example.test/" + "long/" * 80,
    "Z̷̢̧̛͖̗̺͕͍̟̼̓̃̈́̀͌̚͝ą̸̛̰̞̱͇̤̟͑̽̈́̏͋̕͝l̴̡̢̛͔͎̦̻̜̓̀̒͊̓͌͝g̵̨̛̞̟̬̫̱̈́̃̊͋̔̊͝ơ̶̧̡̬̖̙͎̺̐̂̽̄̃̕͝",
    "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇯🇵 1️⃣",
    "الجدار يقف لأن كل حجر يسند جاره",
    "הקיר עומד כי כל אבן נשענת על שכנתה",
    "mixed עברית and English, 123, and العربية again",
    "evil \u202egpj.exe\u202c name \u2066isolated\u2069",
    "nul \x00 bell \x07 escape \x1b[31m del \x7f nel \x85 end",
    "non-characters \ufffe \uffff \ufdd0 and a lone \ud800 surrogate",
    "tab\there   and    runs\n\n\n\n\nof newlines\r\nand\rreturns\u2028",
    "data:text/html,<b>x</b> javascript:alert(1) file:///etc/passwd",
)


def posts_of(*texts: str) -> tuple[Post, ...]:
    return tuple(Post(number=number, text=text) for number, text in enumerate(texts, 1))


def plain_thread(*texts: str) -> Thread:
    return Thread(
        key="wall",
        source="text",
        posts=posts_of(*texts),
        author=Author(name="Ines Marlowe", handle="@ines", url="https://example.org/@ines"),
        url="https://x.com/ines/status/1",
        created_at=datetime(2026, 10, 6, tzinfo=UTC),
        lang="en",
        related=tuple(
            Related(text=SENTENCE * 2, date="Aug 8, 2026", posts=count, url="https://example.org/other")
            for count in (8, 5, 9, 12, 13, 17)
        ),
    )


def rich_post() -> Post:
    """Everything that may hang on one post."""
    text = "Read the notes first: https://example.org/a/very/long/path/that/no/reader/wants/to/see?with=more\n\nThen #walls"
    start = text.index("https://")
    return Post(
        number=2,
        text=text,
        links=(
            Link(url=text[start : text.index("\n")], start=start, end=text.index("\n")),
            Link(url="https://example.org/tags/walls", start=text.index("#"), end=len(text)),
        ),
        media=(
            Media(kind="image", url="https://example.org/a.jpg", alt="A wall in rain", width=1600, height=900),
            Media(kind="image", url="https://example.org/b.jpg", width=120, height=80),
            Media(kind="image", url="http://example.org/c.jpg", alt="Only over http"),
            Media(kind="image", alt="A picture that the page had lost"),
            Media(kind="video", url="https://example.org/d.mp4", poster="https://example.org/d.jpg", alt="Building"),
            Media(kind="gif", url="https://example.org/e.gif"),
            Media(kind="audio", url="https://example.org/f.mp3", alt="The sound of a chisel"),
        ),
        quotes=(Quote(text="Two on one,\none on two.", author=Author(name="Walter Quill", handle="@quill")),),
        card=Card(url="https://example.org/walls", title="Walls of the north", site="example.org"),
        content_warning="heights",
    )


def hostile_post() -> Post:
    """The same ill will in everything that hangs on a post."""
    evil, url = "</td><script>alert(1)</script>\"'>{{ x }}", "https://example.org/a'onclick='x"
    return Post(
        number=1,
        text=HOSTILE[0],
        media=tuple(Media(kind=kind, url=url, poster=url, alt=evil) for kind in ("image", "video", "gif", "audio")),
        quotes=(Quote(text=evil, author=Author(name=evil, handle=evil, url=evil), url=url),),
        card=Card(url=url, title=evil, site=evil),
        content_warning=evil,
    )


def too_much() -> Thread:
    """Every part of it longer and more numerous than any mail could hold, in the character that grows most."""
    big, url = "& " * 2_000, "https://example.org/" + "x" * 979
    author = Author(name=big, handle=big, url=url)
    post = Post(
        number=1,
        text=big,
        links=tuple(Link(url=url, start=at, end=at + 1) for at in range(0, 4_000, 2)),
        media=tuple(Media(kind="video", url=url, poster=url, alt=big) for _ in range(40)),
        quotes=tuple(Quote(text=big, author=author, url=url) for _ in range(9)),
        card=Card(url=url, title=big, site=big),
        content_warning=big,
    )
    return Thread(
        key="too much",
        source="text",
        posts=tuple(replace(post, number=number) for number in range(1, 9)),
        author=author,
        url=url,
        date=big,
        related=tuple(Related(text=big, date=big, posts=10**9, url=url) for _ in range(60)),
    )


def shapes() -> dict[str, Thread]:
    """Threads by what is odd about them."""
    plain = plain_thread(*[SENTENCE * 2] * 6)
    return {
        "plain": plain,
        "everything": replace(plain, posts=(plain.posts[0], rich_post(), *plain.posts[2:])),
        "hostile": replace(
            plain_thread(*HOSTILE),
            posts=(hostile_post(), *posts_of(*HOSTILE)[1:]),
            author=Author(name='<b>"Bob"</b> & Co', handle="@<i>bob</i>", url="javascript:alert(1)"),
            related=(Related(text="</table><script>1</script>", date="<i>now</i>", url="javascript:alert(1)"),),
        ),
        "hebrew": replace(plain_thread(*["הקיר עומד כי כל אבן נשענת על שכנתה. " * 4] * 5), lang="he"),
        "arabic": replace(plain_thread(*["الجدار يقف لأن كل حجر يسند جاره. " * 4] * 5), lang=""),
        "japanese": replace(plain_thread(*["石垣は、となりの石に支えられて立っている。" * 6] * 5), lang="ja"),
        "emoji": plain_thread(*["🧱🏔️👩‍🔧🇯🇵" * 40] * 5),
        "words without end": plain_thread("W" * 400, "https://example.test/" + "x" * 900, "ب" * 300),
        "no author": replace(plain, author=Author()),
        "no address": replace(plain, url=""),
        "bare": Thread(key="bare", source="text", posts=posts_of("One line.")),
        "too much": too_much(),
        "150 posts": plain_thread(*[SENTENCE * 5] * 150),
        "one endless post": plain_thread("word " * 20_000),
        "endless after short": plain_thread("Short.", "字" * 60_000, "After."),
    }


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "shape" in metafunc.fixturenames:
        metafunc.parametrize("shape", shapes(), indirect=True)


@pytest.fixture
def shape(request: pytest.FixtureRequest) -> Thread:
    """Each of the odd threads in turn."""
    return shapes()[request.param]


@pytest.fixture
def threads() -> dict[str, Thread]:
    return shapes()


@pytest.fixture(scope="session")
def printer() -> Printer:
    return Printer()


@pytest.fixture
def masthead() -> Masthead:
    return Masthead(name="The Weekly Thread", postal_address=ADDRESS, issued_on=date(2026, 11, 24), web=True)


@pytest.fixture
def press(printer: Printer, masthead: Masthead) -> Callable[..., Page]:
    """Prints a thread with a summary and headline that suit most tests."""

    def printed(thread: Thread, *, by: Printer = printer, masthead: Masthead = masthead, **fields: str) -> Page:
        title = fields.pop("title", "What a dry stone wall teaches about patience")
        return by.print(
            thread,
            summary=Summary(
                kind="extract",
                points=(Point(text="Look for the worst stone first.", posts=(1,)), Point(text="Wait.", posts=(1, 3))),
            ),
            headline=Headline(title=title, subject=title, preheader="Look for the worst stone first."),
            masthead=masthead,
            nonce=NONCE,
            **fields,
        )

    return printed


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    if reason := chromium.missing():
        pytest.skip(reason)
    with chromium.running() as browser:
        yield browser
