"""Thread Reader pages saved as text: the shapes that they had from 2018 to 2026, and what must come out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.errors import InputError, NotAThread
from digest.model import Author, Media, Related, Thread
from digest.sources import Raw, read
from digest.sources.raw import decode

FOOT = "Missing some Tweet in this thread? You can try to force a refresh\n"
LONG = "It was a long sentence about moss and about the wall that it grew on for thirty years, "


def saved(text: str) -> Thread:
    return read(Raw(ref="page.txt", text=text))


def texts(thread: Thread) -> list[str]:
    return [post.text for post in thread.posts]


PAGE_2018 = f"""Ivo Brandl
@ivobrandl
, 3 tweets, 1 min read Read on Twitter
A wall is a slow garden.
Moss comes first, ferns later.
Then somebody cleans it.
{FOOT}"""

PAGE_2020 = f"""Share this page!
×
Tweet
Share
Email
Enter URL or ID to Unroll
Ivo Brandl Profile picture
Ivo Brandl
14 Feb, 3 tweets, 3 min read
A wall is a slow garden. 🧵👇

It begins with dust.
Moss comes first,👇Image
ImageImage
Then somebody cleans it.

• • •

{FOOT}
Keep Current with Ivo Brandl

This Thread may be Removed Anytime!

Twitter may remove this content at anytime, convert it as a PDF, save and print for later use!

1) Follow Thread Reader App on Twitter so you can easily mention us!
2) Go to a Twitter thread (series of Tweets by the same owner) and mention us with a keyword "unroll"

More from @ivobrandl
Aug 8, 2020
On gates.
And hinges.
Read 8 tweets
13 Feb
On hedges.
Read 5 tweets

Did Thread Reader help you today?
"""

PAGE_2026 = """Thread by @ivobrandl on Thread Reader App – Thread Reader App
18,904 views
twitter-profile#error" >
Ivo Brandl
Subscribe
@ivobrandl
Jun 22 •
2 tweets • 1 min read •
Read on X
Scrolly
Bookmark
Gift Link
Save as PDF
thread#showTweet" data-screenname="ivobrandl" data-tweet="2068861630327443966" dir="auto">
A wall is a slow garden.
It begins with dust.
thread#showTweet" data-screenname="ivobrandl" data-tweet="2068861630327443967" dir="auto">
Moss comes first.
• • •
Missing some Tweet in this thread? You can try to
force a refresh
Keep Current with
Ivo Brandl
"""


def test_a_page_of_2018_has_no_date_and_no_end_mark() -> None:
    thread = saved(PAGE_2018)
    assert texts(thread) == ["A wall is a slow garden.", "Moss comes first, ferns later.", "Then somebody cleans it."]
    assert (thread.author.name, thread.author.handle, thread.declared) == ("Ivo Brandl", "@ivobrandl", 3)
    assert thread.warnings == ("It does not say when it was written.",)


def test_a_page_of_2020_gives_paragraphs_pictures_and_author() -> None:
    thread = saved(PAGE_2020)
    assert texts(thread)[0] == "A wall is a slow garden. 🧵👇\n\nIt begins with dust."
    assert thread.posts[1].text == "Moss comes first,"
    assert thread.posts[1].media == (Media(kind="image"),) * 3
    assert thread.author == Author(name="Ivo Brandl", handle="@ivobrandl", url="https://x.com/ivobrandl")
    assert (thread.date, thread.created_at, len(thread.posts)) == ("14 Feb", None, 3)


def test_the_teasers_become_related_threads_with_date_and_length() -> None:
    assert saved(PAGE_2020).related == (
        Related(text="On gates.\nAnd hinges.", date="Aug 8, 2020", posts=8),
        Related(text="On hedges.", date="13 Feb", posts=5),
    )


def test_the_chrome_that_was_dropped_is_named() -> None:
    assert {"share buttons", "unroll form", "end mark", "refresh notice", "how-to"} <= set(saved(PAGE_2020).dropped)


def test_a_page_of_2026_is_split_at_its_leaked_attributes() -> None:
    thread = saved(PAGE_2026)
    assert texts(thread) == ["A wall is a slow garden.\nIt begins with dust.", "Moss comes first."]
    assert [post.id for post in thread.posts] == ["2068861630327443966", "2068861630327443967"]
    assert thread.posts[0].url == "https://x.com/ivobrandl/status/2068861630327443966"
    assert thread.key == "x:2068861630327443966"
    assert thread.created_at is not None
    assert thread.created_at.date().isoformat() == "2026-06-22"


@pytest.mark.parametrize(
    ("line", "date", "created_at", "declared"),
    [
        (", 2 tweets, 6 min read Read on Twitter", "", None, 2),
        ("Mar 9, 2018 2 tweets 15 min read", "Mar 9, 2018", datetime(2018, 3, 9, tzinfo=UTC), 2),
        ("14 Feb, 2 tweets, 3 min read", "14 Feb", None, 2),
        ("Feb 5, 2023 2 tweets 5 min read Read on X", "Feb 5, 2023", datetime(2023, 2, 5, tzinfo=UTC), 2),
        ("Jun 22 •\n2 tweets • 8 min read •\nRead on X\nScrolly", "Jun 22", None, 2),
        ("Jun 1, 2023, 2 tweets", "Jun 1, 2023", datetime(2023, 6, 1, tzinfo=UTC), 2),
    ],
)
def test_every_form_of_the_counts_line_is_read(
    line: str, date: str, created_at: datetime | None, declared: int
) -> None:
    thread = saved(f"Ivo Brandl\n@ivobrandl\n{line}\nA wall.\nA garden.\n{FOOT}")
    assert (thread.date, thread.created_at, thread.declared) == (date, created_at, declared)
    assert texts(thread) == ["A wall.", "A garden."]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("Hook\n1/ one\nmore\n2/ two\n3/ three", ["Hook", "one\nmore", "two", "three"]),
        ("one 1/3\ntwo 2/3\nthree 3/3", ["one", "two", "three"]),
        ("1/3\none\n2/3\ntwo\n3/3\nthree", ["one", "two", "three"]),
        ("one\n1/3\ntwo\n2/3\nthree\n3/3", ["one", "two", "three"]),
        ("(1 / 3) one\n(2 / 3) two\n(3 / 3) three", ["one", "two", "three"]),
        ("one\n@ada 2/ two\n@ada 3/ three\n@ada 4/ four", ["one", "two", "three", "four"]),
        ("one /1\ntwo /2\nthree /3", ["one", "two", "three"]),
        ("It was 9/11.\nWe are open 24/7.", ["It was 9/11.", "We are open 24/7."]),
    ],
)
def test_the_authors_counters_part_the_posts_and_are_taken_off(lines: str, expected: list[str]) -> None:
    assert texts(saved(f"{lines}\n{FOOT}")) == expected


def test_a_short_list_goes_back_to_its_post() -> None:
    assert texts(saved(f"Three things:\n1. dust\n2. moss\n3. ferns\nAnd rain.\n{FOOT}")) == [
        "Three things:\n1. dust\n2. moss\n3. ferns",
        "And rain.",
    ]


def test_a_list_that_fits_no_post_is_a_thread_of_list_posts() -> None:
    lines = [f"{number}. {LONG}" for number in range(1, 7)]
    assert len(saved("\n".join(["Six things:", *lines, FOOT])).posts) == 7


def test_the_declared_count_decides_between_two_readings() -> None:
    thread = saved(f", 4 tweets, 1 min read\nThree things:\n1. dust\n2. moss\n3. ferns\n{FOOT}")
    assert len(thread.posts) == 4


def test_no_two_lines_are_joined_beyond_280() -> None:
    assert texts(saved(f"{LONG * 2}\n\n{LONG * 2}\n{FOOT}")) == [(LONG * 2).strip()] * 2


def test_posts_longer_than_280_make_the_boundaries_uncertain() -> None:
    assert any("Boundaries uncertain" in warning for warning in saved(f"{LONG * 6}\nA wall.\n{FOOT}").warnings)


def test_a_count_that_does_not_match_is_a_warning() -> None:
    thread = saved(f", 9 tweets, 1 min read\nA wall.\nA garden.\n{FOOT}")
    assert "The page declares 9 posts, and 2 were found." in thread.warnings


def test_a_gap_in_the_authors_numbering_makes_it_truncated() -> None:
    thread = saved(f"1/5 one\n2/5 two\n4/5 four\n{FOOT}")
    assert thread.truncated
    assert "By the author's own numbering, posts are missing: 3, 5." in thread.warnings


def test_a_last_post_that_points_at_nothing_lost_its_links() -> None:
    thread = saved(f"A wall.\nHear more in these two episodes:\n{FOOT}")
    assert any("Post 2 lost its links" in warning for warning in thread.warnings)


def test_a_shortened_link_without_its_target_is_a_warning() -> None:
    assert any("example.org/wal…" in warning for warning in saved(f"See example.org/wal…\n{FOOT}").warnings)


def test_a_whole_url_in_the_text_is_a_link() -> None:
    post = saved(f"See https://example.org/a_(b). Yes.\n{FOOT}").posts[0]
    assert [(post.text[link.start : link.end], link.url) for link in post.links] == [("https://example.org/a_(b)",) * 2]


def test_the_request_to_unroll_is_removed_and_said() -> None:
    thread = saved(f"A wall.\nA garden.\n@threadreaderapp unroll\n{FOOT}")
    assert texts(thread) == ["A wall.", "A garden."]
    assert any("asked a robot" in warning for warning in thread.warnings)


def test_teasers_without_a_heading_are_found() -> None:
    assert saved(f"A wall.\n{FOOT}On gates.\nRead 8 tweets\n").related == (Related(text="On gates.", posts=8),)


@pytest.mark.parametrize(
    ("line", "text", "media"),
    [
        ("Look!ImageImage", "Look!", (Media(kind="image"),) * 2),
        ("I run a DockerImage", "I run a DockerImage", ()),
        ("A beautiful Image", "A beautiful Image", ()),
        ("Look.\nAs one can see, a wall wi...Image", "Look.", (Media(kind="image", alt="As one can see, a wall wi…"),)),
    ],
)
def test_placeholders_of_pictures_become_pictures(line: str, text: str, media: tuple[Media, ...]) -> None:
    post = saved(f"{line}\n{FOOT}").posts[0]
    assert (post.text, post.media) == (text, media)


def test_utf8_misread_as_thai_is_repaired() -> None:
    original = f"Don’t lean on it — it is “alive”. 🧵 Größe\nYes.\n• • •\n{FOOT}"
    broken = "".join(_as_cp874(byte) for byte in original.encode())
    thread = read(decode(broken.encode(), ref="page.txt"))
    assert texts(thread) == ["Don’t lean on it — it is “alive”. 🧵 Größe", "Yes."]
    assert any("misread as Thai" in warning for warning in thread.warnings)


def _as_cp874(byte: int) -> str:
    for charset in ("cp874", "cp1252"):
        try:
            return bytes([byte]).decode(charset)
        except UnicodeDecodeError:
            continue
    return chr(byte)


def test_an_authors_page_is_refused_with_the_reason() -> None:
    page = "Ivo Brandl\nMar 28 • 25 tweets • 7 min read\nOn gates.\nMar 20 • 5 tweets • 1 min read\nOn walls.\nRead 5 tweets"
    with pytest.raises(NotAThread, match="lists several threads"):
        saved(page)


def test_a_save_that_begins_at_the_footer_is_refused_with_the_reason() -> None:
    with pytest.raises(NotAThread, match="begins at the footer"):
        saved("This Thread may be Removed Anytime!\nMore from @ivobrandl\nAug 3\nOn gates.\nRead 3 tweets\n")


def test_more_text_than_any_thread_is_refused_quickly() -> None:
    with pytest.raises(InputError, match="more than any thread"):
        saved(FOOT + "x\n" * 10_000_000)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "unit", ["[a](", "<video>", "1/ a\n", "...Image", "a.b/c… ", "@a ", "- a\n", "http://a,", "![a](<"]
)
def test_hostile_repetition_does_not_hang(unit: str) -> None:
    assert saved(unit * (120_000 // len(unit)) + f"\nend\n{FOOT}").posts


def test_the_same_words_have_the_same_key_wherever_their_posts_are_parted() -> None:
    assert saved(f"A wall.\nA garden.\n{FOOT}").key == saved(f"A wall.\n\nA garden.\n{FOOT}").key
