"""Which pictures a page shows and from where: ours alone, the telling ones first, and no more than a letter may weigh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from lxml import html as markup

from digest.desk.checks import check_pictures
from digest.desk.plates import Hanging, Plate, hung
from digest.model import Media, Page, Picture, Point, Post, Summary, Thread

NOTHING = Summary(kind="none")
INLINE = Hanging(way="inline", domain="example.org", budget=10_000)
ARCHIVE = Hanging(way="archive", base_url="https://example.org/letters", domain="example.org", budget=10_000)


def picture(name: str, size: int = 1_000) -> Picture:
    return Picture(digest=name, kind="jpeg", width=1004, height=502, size=size)


def thread(*stills: str, warned: str = "") -> Thread:
    posts = [
        Post(
            number=number,
            text="A look at the sea.",
            media=(Media(kind="image", url=still, alt=f"Picture {still[-1]}"),),
            content_warning="Storm" if still == warned else "",
        )
        for number, still in enumerate(stills, start=1)
    ]
    return Thread(key="k", source="text", posts=tuple(posts), lang="en")


def shown(made: Thread) -> list[str]:
    return [medium.shown.picture.digest for post in made.posts for medium in post.media if isinstance(medium, Plate)]


STILLS = [f"https://example.com/{letter}" for letter in "abcd"]
ALBUM = {still: picture(still[-1]) for still in STILLS}


def test_what_is_not_kept_is_not_shown() -> None:
    made = hung(thread(*STILLS), album={STILLS[1]: picture("b")}, hanging=ARCHIVE, summary=NOTHING)
    assert shown(made) == ["b"]


def test_the_letter_carries_no_more_than_it_may() -> None:
    two = Hanging(way="inline", domain="example.org", budget=3_300)
    assert shown(hung(thread(*STILLS), album=ALBUM, hanging=two, summary=NOTHING)) == ["a", "b"]


def test_pictures_of_cited_posts_go_before_others_and_a_light_one_fills_the_gap() -> None:
    cited = Summary(kind="extract", points=(Point(text="So it is.", posts=(3,)),))
    two = Hanging(way="inline", domain="example.org", budget=3_300)
    assert shown(hung(thread(*STILLS), album=ALBUM, hanging=two, summary=cited)) == ["a", "c"]
    heavy = {**ALBUM, STILLS[2]: picture("c", 9_000)}
    assert shown(hung(thread(*STILLS), album=heavy, hanging=two, summary=cited)) == ["a", "b"]


def test_the_same_picture_twice_weighs_once() -> None:
    same = dict.fromkeys(STILLS, picture("a"))
    one = Hanging(way="inline", domain="example.org", budget=3_300)
    assert shown(hung(thread(*STILLS), album=same | {STILLS[3]: picture("d")}, hanging=one, summary=NOTHING)) == [
        *["a"] * 3,
        "d",
    ]


def test_without_an_archive_on_https_pictures_go_along() -> None:
    nowhere = Hanging(way="archive", domain="example.org", budget=10_000)
    made = hung(thread(STILLS[0]), album=ALBUM, hanging=nowhere, summary=NOTHING)
    assert made.posts[0].media[0].shown.src == "cid:a@example.org"


def test_what_stands_behind_a_warning_stays_a_link() -> None:
    made = hung(thread(*STILLS[:2], warned=STILLS[0]), album=ALBUM, hanging=ARCHIVE, summary=NOTHING)
    assert shown(made) == ["b"]
    twice = replace(thread(STILLS[0]), posts=(*thread(STILLS[0]).posts, *thread(STILLS[0], warned=STILLS[0]).posts))
    made = hung(twice, album=ALBUM, hanging=ARCHIVE, summary=NOTHING)
    assert [isinstance(post.media[0], Plate) for post in made.posts] == [True, False]


@pytest.mark.parametrize("hanging", [INLINE, ARCHIVE, Hanging()])
def test_no_page_ever_loads_a_picture_from_somebody_elses_server(
    press: Callable[[Thread], Page], hanging: Hanging
) -> None:
    page = press(hung(thread(*STILLS), album={STILLS[0]: picture("a")}, hanging=hanging, summary=NOTHING))
    sources = markup.document_fromstring(page.html).xpath("//img/@src")
    assert [source for source in sources if "example.com" in source] == []
    assert len(sources) == (0 if hanging.way == "link" else 1)
    assert [one.src for one in page.pictures] == sources
    assert all(still in page.html and still in page.text for still in STILLS[1:])
    assert all(f"Picture {letter}" in page.text for letter in "abcd")


def test_a_picture_has_its_size_and_its_words_under_it(press: Callable[[Thread], Page]) -> None:
    page = press(hung(thread(STILLS[0]), album=ALBUM, hanging=ARCHIVE, summary=NOTHING))
    (image,) = markup.document_fromstring(page.html).xpath("//img")
    assert image.get("src") == "https://example.org/letters/pictures/a.jpg"
    assert (image.get("alt"), image.get("width"), image.get("height")) == ("", "502", "251")
    assert image.getparent().text_content() == "Picture a"


def test_a_post_that_did_not_fit_takes_its_picture_along(press: Callable[[Thread], Page]) -> None:
    long = thread(*STILLS)
    filler = [Post(number=number, text="The tide goes out, and comes in again. " * 60) for number in range(5, 80)]
    last = Post(number=80, text="Look.", media=(Media(kind="image", url="https://example.com/z"),))
    whole = Thread(key="k", source="text", posts=(*long.posts, *filler, last), lang="en")
    album = {**ALBUM, "https://example.com/z": picture("z")}
    page = press(hung(whole, album=album, hanging=INLINE, summary=NOTHING))
    assert page.cut
    assert [one.picture.digest for one in page.pictures] == ["a", "b", "c", "d"]


def rules(page: Page, made: Thread) -> list[str]:
    return [f"{one.rule} {one.where}" for one in check_pictures(page, thread=made, album=ALBUM)]


def test_the_editor_hears_of_pictures_that_stand_as_links(press: Callable[[Thread], Page]) -> None:
    lost = thread(*STILLS[:2], "https://example.com/lost")
    narrow = Hanging(way="inline", domain="example.org", budget=1_700)
    page = press(hung(lost, album=ALBUM, hanging=narrow, summary=NOTHING))
    assert rules(page, lost) == ["picture-absent post 3", "picture-heavy post 2"]


def test_a_picture_behind_a_warning_is_no_finding(press: Callable[[Thread], Page]) -> None:
    warned = thread(*STILLS[:2], warned=STILLS[1])
    assert rules(press(hung(warned, album=ALBUM, hanging=ARCHIVE, summary=NOTHING)), warned) == []
