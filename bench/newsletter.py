"""The digest that the bench sends: a thread of its own writing, drafted as any issue is, about 61 KB as a letter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from pydantic import SecretStr

from bench.material import SECRET, SENDER, SITE, Material
from digest import drafting
from digest.cli.house import House
from digest.model import Author, Issue, Post, Thread
from digest.settings import Settings

POSTS = 56  # of the length below they make a letter of 61 KB
NONCE = "00112233aabbccdd"
WRITTEN = datetime(2025, 11, 18, 9, 0, tzinfo=UTC)
SETTINGS = Settings(
    digest_name="The Weekly Thread",
    digest_from=SENDER,
    digest_postal_address="The Weekly Thread, 1 Example Street, 10115 Berlin",
    digest_base_url=SITE,
    digest_secret=SecretStr(SECRET.decode()),
)
_SENTENCES = (
    "Wind finds every gap, and a gap is a whistle, says the keeper of the bridge.",
    "We counted the cables twice — once in daylight, once by the sound they made.",
    "Nobody had asked the river, which was there first and had its own opinion.",
    "In March the low note came back, an octave deeper than the year before.",
    "A strip of felt, four fingers wide, did what two reports had not managed.",
    "The old drawings call it a flaw; the children who cross it call it a song.",
    "What we learnt cost little: listen before you measure, and measure before you build.",
)


def house(settings: Settings = SETTINGS, *, folder: Path = Path()) -> House:
    """A house of the bench's own: no setting of this machine's owner is read."""
    return House(env_file=folder / ".env", settings=settings)


def thread(posts: int = POSTS, *, first: int = 1) -> Thread:
    """A thread of so many posts of about 260 characters, all different; another `first` makes another thread."""
    return Thread(
        key=f"bench-{posts}-{first}",
        source="bench",
        posts=tuple(Post(number=n, text=" ".join(_sentences(first + n - 1))) for n in range(1, posts + 1)),
        author=Author(name="Ada Example", handle="@ada"),
        title="Why bridges sing",
        url="https://example.org/threads/1",
        lang="en",
        created_at=WRITTEN,
    )


def _sentences(n: int) -> Iterator[str]:
    yield f"Span {n}, {n * 7 % 90 + 10} metres."
    for step in range(3):
        yield _SENTENCES[(n + step * step) % len(_SENTENCES)]


@cache
def issue() -> Issue:
    """Issue 1, as `digest send` would keep it."""
    at = house()
    drafted = drafting.draft(drafting.unshelved(thread(), now=WRITTEN), desk=at.desk(), nonce=NONCE)
    return Issue(number=1, thread_id=1, page=drafted.page, letterhead=at.postroom.letterhead())


def material() -> Material:
    """The same letter for the peers."""
    page = issue().page
    return Material(
        subject=page.headline.subject,
        html=page.html,
        text=page.text,
        email_mark=page.marks.email,
        unsubscribe_mark=page.marks.unsubscribe,
        web_mark=page.marks.web,
    )
