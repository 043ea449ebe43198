"""The pictures of a thread: fetched once, whatever a server does; kept once; and gone with it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from digest import consent
from digest.illustrating import MOST, REST, Illustrated, album, illustrate
from digest.model import Author, Media, Post, Shelved, Thread
from digest.sources import Web
from digest.store import Store
from pictures.drawn import bomb, drawing, packed
from sources.site import Reply, Site

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SUN = packed(drawing())


def shelved(store: Store, *urls: str, key: str = "k1", author: str = "@ada") -> Shelved:
    media = tuple(Media(kind="image", url=url, alt="The sea") for url in urls)
    posts = (Post(number=1, text="Look.", media=media), Post(number=2, text="And think."))
    thread = Thread(key=key, source="text", posts=posts, author=Author(name="Ada", handle=author))
    return store.library.add(thread, raw=b"", now=NOW).shelved


def told(found: Illustrated) -> tuple[int, int]:
    return found.named, found.kept


def test_a_picture_is_fetched_once_and_kept(store: Store, web: Web, site: Site) -> None:
    site["/a.png"] = SUN
    one = shelved(store, f"{site.url}/a.png")
    for again in (False, True):
        assert told(illustrate(one, store=store, web=web, now=NOW, again=again)) == (1, 1)
    (picture,) = album(one, store=store).values()
    assert (picture.width, picture.height) == (640, 400)
    assert store.pictures.data(picture.digest)[1].startswith(b"\x89PNG")
    assert len(site.asked) == 1


FAULTS = {
    "/gone.png": (Reply(status=404), "there is nothing there any more"),
    "/login.png": (Reply(body="<!doctype html><h1>Log in</h1>", headers={"Content-Type": "image/png"}), "a page"),
    "/huge.png": (Reply(body=SUN + bytes(1_000_000)), "sends more than"),
    "/endless.png": (Reply(endless=True), "sends more than"),
    "/bomb.png": (Reply(body=bomb()), "too many"),
    "/gzip.png": (Reply(body=bytes(4_000_000), packed=True), "sends more than"),
    "/vector.svg": (Reply(body="<svg/>", headers={"Content-Type": "image/svg+xml"}), "SVG"),
    "/empty.png": (Reply(body=b""), "no picture"),
    "/trouble.png": (Reply(status=500), "in trouble"),
}


@pytest.mark.parametrize("path", FAULTS)
def test_what_cannot_be_had_is_said_and_harms_nothing(store: Store, web: Web, site: Site, path: str) -> None:
    site[path], why = FAULTS[path]
    site["/good.png"] = SUN
    one = shelved(store, f"{site.url}/good.png", f"{site.url}{path}")
    found = illustrate(one, store=store, web=web, now=NOW)
    assert told(found) == (2, 1)
    assert why in found.missing[0]


def test_no_picture_leads_into_the_house(store: Store, site: Site) -> None:
    site["/a.png"] = SUN
    with closing(Web()) as strict:
        found = illustrate(shelved(store, f"{site.url}/a.png"), store=store, web=strict, now=NOW)
    assert told(found) == (1, 0)
    assert "private network" in found.missing[0]
    assert site.asked == []


def test_what_is_gone_for_good_is_asked_for_only_when_a_person_wants_it(store: Store, web: Web, site: Site) -> None:
    one = shelved(store, f"{site.url}/gone.png")
    illustrate(one, store=store, web=web, now=NOW)
    illustrate(one, store=store, web=web, now=NOW + timedelta(days=9))
    assert len(site.asked) == 1
    site["/gone.png"] = SUN
    assert told(illustrate(one, store=store, web=web, now=NOW, again=True)) == (1, 1)


def test_a_server_in_trouble_is_asked_again_by_and_by(store: Store, web: Web, site: Site) -> None:
    site["/a.png"] = Reply(status=500)
    one = shelved(store, f"{site.url}/a.png")
    illustrate(one, store=store, web=web, now=NOW)
    illustrate(one, store=store, web=web, now=NOW + REST / 2)
    assert len(site.asked) == 1
    site["/a.png"] = SUN
    assert told(illustrate(one, store=store, web=web, now=NOW + REST)) == (1, 1)


def test_a_silent_server_is_waited_for_once(store: Store, hasty: Web, site: Site) -> None:
    for path in "abc":
        site[f"/{path}.png"] = Reply(body=SUN, drip=0.05)
    one = shelved(store, *(f"{site.url}/{path}.png" for path in "abc"))
    found = illustrate(one, store=store, web=hasty, now=NOW)
    assert told(found) == (3, 0)
    assert found.missing == ("it did not answer in time", "its server does not answer")
    assert len(site.asked) == 1


def test_trouble_with_one_picture_spares_the_others_of_that_server(store: Store, web: Web, site: Site) -> None:
    site["/a.png"], site["/b.png"] = Reply(status=500), SUN
    one = shelved(store, f"{site.url}/a.png", f"{site.url}/b.png")
    assert told(illustrate(one, store=store, web=web, now=NOW)) == (2, 1)


def test_offline_nothing_is_asked_and_nothing_is_given_up(store: Store, web: Web, site: Site) -> None:
    site["/a.png"] = SUN
    one = shelved(store, f"{site.url}/a.png")
    assert illustrate(one, store=store, web=None, now=NOW) == Illustrated(named=1, kept=0)
    assert told(illustrate(one, store=store, web=web, now=NOW)) == (1, 1)


def test_a_thread_has_only_so_many_pictures(store: Store, web: Web, site: Site) -> None:
    one = shelved(store, *(f"{site.url}/{number}.png" for number in range(MOST + 5)))
    assert illustrate(one, store=store, web=web, now=NOW).named == MOST


def test_two_threads_share_a_picture_and_the_last_takes_it_along(store: Store, web: Web, site: Site) -> None:
    site["/a.png"] = site["/b.png"] = SUN
    one, other = shelved(store, f"{site.url}/a.png"), shelved(store, f"{site.url}/b.png", key="k2")
    for each in (one, other):
        illustrate(each, store=store, web=web, now=NOW)
    assert store.pictures.weight()[0] == 1
    store.pictures.forget([one.id])
    assert store.pictures.weight()[0] == 1
    assert album(one, store=store) == {}
    store.pictures.forget([other.id])
    assert store.pictures.weight() == (0, 0)


def test_a_picture_that_a_new_copy_no_longer_names_is_let_go(store: Store, web: Web, site: Site) -> None:
    site["/a.png"], site["/b.png"] = SUN, packed(drawing(300, 200))
    illustrate(shelved(store, f"{site.url}/a.png"), store=store, web=web, now=NOW)
    one = shelved(store, f"{site.url}/b.png")
    illustrate(one, store=store, web=web, now=NOW)
    assert [picture.width for picture in album(one, store=store).values()] == [300]
    assert store.pictures.weight()[0] == 1


def test_a_takedown_takes_the_pictures_along(store: Store, web: Web, site: Site) -> None:
    site["/a.png"], site["/b.png"] = SUN, packed(drawing(300, 200))
    illustrate(shelved(store, f"{site.url}/a.png"), store=store, web=web, now=NOW)
    ben = shelved(store, f"{site.url}/b.png", key="k2", author="@ben")
    illustrate(ben, store=store, web=web, now=NOW)
    consent.take_down("@ada", store=store, now=NOW)
    assert store.pictures.weight()[0] == 1
    assert len(album(ben, store=store)) == 1
