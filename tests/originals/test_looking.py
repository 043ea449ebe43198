"""What a look at an original brings: an edit, a deletion, a post that went, and all that is none of these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.model import Shelved, Sight, Standing
from digest.refreshing import Eyes, Seen, refresh
from digest.store import Store
from originals.conftest import NOW
from originals.town import LOST, POSTS, WALL, Town
from sources.site import Reply, Site

Take = Callable[[str], Shelved]


def look(shelved: Shelved, eyes: Eyes, *, days: int = 0, even_worse: bool = False) -> Seen:
    known = eyes.store.library.get(shelved.id)
    assert known
    return refresh(known, eyes=eyes, now=NOW + timedelta(days=days), even_worse=even_worse)


def texts(shelved: Shelved) -> list[str]:
    return [post.text for post in shelved.thread.posts]


# ── what is there ─────────────────────────────────────────────────────────────────────────────────


def test_what_nobody_touched_is_unchanged(town: Town, take: Take, eyes: Eyes, store: Store) -> None:
    kept = take(town.thread())
    town.statuses[1]["favourites_count"] = 900
    seen = look(kept, eyes)
    assert (seen.sight, seen.said, seen.changes, seen.news) == (Sight.SAME, "unchanged", (), False)
    assert store.originals.revisions(kept.id) == []
    assert seen.shelved.thread.engagement == 900
    assert store.originals.get(kept.id).looked_at == NOW


def test_an_edited_post_is_edited_here_and_the_old_words_are_kept(
    town: Town, take: Take, eyes: Eyes, store: Store
) -> None:
    kept = take(town.thread())
    town.edit(3, "So we wrote down what they shouted, all ten sentences of it.")
    seen = look(kept, eyes)
    assert (seen.sight, seen.changes) == (Sight.EDITED, ("Post 3 was edited (words).",))
    now = store.library.get(kept.id)
    assert now
    assert texts(now)[2].endswith("all ten sentences of it.")
    (before,) = store.originals.revisions(kept.id)
    assert (before.thread.posts[2].text, before.until) == (POSTS[2], NOW)
    assert b"all ten sentences" in (store.originals.raw(kept.id) or b"")


def test_a_post_that_was_added_comes_along(town: Town, take: Take, eyes: Eyes) -> None:
    kept = take(town.thread())
    town.post(7, "One more thing: the nails were the expensive part.", to=6)
    assert look(kept, eyes).changes == ("Post 7 was added.",)


@pytest.mark.parametrize("number", [2, 3, 6])
def test_a_deleted_post_is_left_out_and_what_hung_on_it_stays(
    town: Town, take: Take, eyes: Eyes, store: Store, number: int
) -> None:
    kept = take(town.thread())
    town.delete(number)
    seen = look(kept, eyes)
    assert seen.sight is Sight.EDITED
    assert seen.changes[0].startswith(f"The former post {number} is gone: “{POSTS[number - 1][:20]}")
    left = [text for text in POSTS if text != POSTS[number - 1]]
    now = store.library.get(kept.id)
    assert now
    assert texts(now) == left
    assert now.standing is Standing.WAITING
    assert not [doubt for doubt in now.thread.warnings if "more than once" in doubt]


def test_a_thread_with_a_hole_stays_as_it_is_when_nothing_else_happens(town: Town, take: Take, eyes: Eyes) -> None:
    kept = take(town.thread())
    town.delete(3)
    look(kept, eyes)
    assert look(kept, eyes, days=1).sight is Sight.SAME


def test_a_post_that_went_private_is_left_out(town: Town, take: Take, eyes: Eyes) -> None:
    kept = take(town.thread())
    town.statuses[6]["visibility"] = "private"
    assert len(look(kept, eyes).shelved.thread.posts) == 5


def test_it_is_the_thread_that_is_looked_at_whichever_post_was_named(town: Town, take: Take, eyes: Eyes) -> None:
    town.thread()
    kept = take(town.address(4))
    town.delete(4)
    assert look(kept, eyes).changes[0].startswith("The former post 4 is gone")


def test_an_editors_own_title_is_no_change(town: Town, take: Take, eyes: Eyes, store: Store) -> None:
    kept = take(town.thread())
    store.library.set_title(kept.id, title="The whiteboard won")
    assert look(kept, eyes).sight is Sight.SAME
    town.edit(2, "It had four screens. The bakers used two of them, and shouted the rest across the room.")
    assert look(kept, eyes).shelved.title == "The whiteboard won"


# ── gone, for certain ─────────────────────────────────────────────────────────────────────────────


def test_a_deleted_thread_is_held_and_kept(town: Town, take: Take, eyes: Eyes, store: Store) -> None:
    kept = take(town.thread())
    town.delete(1)
    seen = look(kept, eyes)
    assert (seen.sight, seen.said, seen.news, seen.barred) == (Sight.DELETED, "its author deleted it", True, True)
    now = store.library.get(kept.id)
    assert now
    assert (now.standing, now.gone_at, texts(now)) == (Standing.HELD, NOW, list(POSTS))


def test_who_releases_a_deleted_thread_has_decided(town: Town, take: Take, eyes: Eyes, store: Store) -> None:
    kept = take(town.thread())
    town.delete(1)
    look(kept, eyes)
    store.library.set_standing(kept.id, Standing.WAITING)
    seen = look(kept, eyes, days=1)
    assert (seen.sight, seen.news, seen.barred, seen.shelved.standing) == (
        Sight.DELETED, False, False, Standing.WAITING)  # fmt: skip


@pytest.mark.parametrize("policy", ["summary", "send"])
def test_other_policies_hold_nothing(town: Town, take: Take, eyes: Eyes, store: Store, policy: str) -> None:
    kept = take(town.thread())
    town.delete(1)
    seen = look(kept, replace(eyes, deleted=policy))  # type: ignore[arg-type]
    assert (seen.sight, seen.barred) == (Sight.DELETED, False)
    now = store.library.get(kept.id)
    assert now
    assert (now.standing, now.gone_at) == (Standing.WAITING, NOW)


def test_what_comes_back_is_not_gone(town: Town, take: Take, eyes: Eyes, store: Store) -> None:
    kept = take(town.thread())
    first = town.statuses[1]
    town.faults["/api/v1/statuses/1"] = Reply(body={"error": "Record not found"}, status=404)
    assert look(kept, eyes).sight is Sight.DELETED
    town.faults.clear()
    town.statuses[1] = first
    seen = look(kept, eyes, days=1)
    assert (seen.sight, seen.shelved.gone_at) == (Sight.SAME, None)
    assert seen.shelved.standing is Standing.HELD, "the editor was told so, and releases it"


def test_an_author_who_asks_to_be_left_alone_is(town: Town, take: Take, eyes: Eyes, store: Store) -> None:
    kept = take(town.thread())
    town.note = "Baker. #noarchive"
    seen = look(kept, replace(eyes, deleted="send"))
    assert (seen.sight, seen.barred) == (Sight.REFUSED, True)
    assert store.library.get(kept.id).standing is Standing.HELD  # type: ignore[union-attr]


# ── not certain ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "case",
    [
        (Reply(status=500), "in trouble"),
        (Reply(status=503), "in trouble"),
        (Reply(status=429, headers={"Retry-After": "3600"}), "asks for a pause"),
        (WALL, "logged in"),
        (Reply(status=403), "logged in"),
        (LOST, "nothing there"),
        (Reply(body="<h1>Log in</h1>"), ""),
        (Reply(body='{"id": "1", "con'), ""),
        (Reply(status=302, headers={"Location": "http://localhost:1/"}), "cannot be reached"),
        (Reply(body="x" * 100, drip=1), "in time"),
        (Reply(status=451), "451"),
    ],
)
def test_trouble_is_no_deletion(town: Town, take: Take, eyes: Eyes, store: Store, case: tuple[Reply, str]) -> None:
    kept, (reply, said) = take(town.thread()), case
    town.fail(reply)
    seen = look(kept, eyes)
    assert seen.sight is Sight.UNKNOWN
    assert said in seen.said
    now = store.library.get(kept.id)
    assert now
    assert (texts(now), now.standing, now.gone_at) == (list(POSTS), Standing.WAITING, None)
    assert store.originals.get(kept.id).sight is Sight.UNKNOWN


def test_a_server_that_is_away_is_no_deletion(town: Town, take: Take, eyes: Eyes, store: Store) -> None:
    kept = take(town.thread())
    original = store.originals.get(kept.id)
    assert original.address == town.address(1)
    elsewhere = replace(kept.thread, url="http://127.0.0.1:9/@ada/1")
    store.library.add(elsewhere, raw=b"", now=NOW, original=replace(original, address=elsewhere.url))
    assert look(kept, eyes).sight is Sight.UNKNOWN


def test_trouble_with_one_post_changes_nothing(town: Town, take: Take, eyes: Eyes, store: Store) -> None:
    kept = take(town.thread())
    town.delete(3)
    town.faults["/api/v1/statuses/5"] = Reply(status=502)
    assert look(kept, eyes).sight is Sight.UNKNOWN
    assert texts(store.library.get(kept.id)) == list(POSTS)  # type: ignore[arg-type]


def test_the_editor_hears_of_an_outage_once(town: Town, take: Take, eyes: Eyes) -> None:
    kept = take(town.thread())
    town.fail(Reply(status=500))
    assert [look(kept, eyes, days=day).news for day in range(3)] == [True, False, False]


def test_another_thread_in_its_place_is_not_taken_for_it(town: Town, take: Take, eyes: Eyes, store: Store) -> None:
    kept = take(town.thread())
    town.statuses.clear()
    town.thread("A talk about sails.", "And masts.", "And knots.")
    for status in town.statuses.values():
        status["uri"] += "-new"
    assert look(kept, eyes).said == "nobody can say: something else lies there now"


def test_a_thread_from_a_file_has_nothing_to_look_at(eyes: Eyes, store: Store, town: Town, tmp_path: object) -> None:
    from digest import sources
    from digest.shelving import bring_in

    raw = sources.decode("\n\n---\n\n".join(POSTS).encode(), ref="bakery.md")
    kept = bring_in(raw, store=store, now=NOW).shelved
    seen = look(kept, eyes)
    assert (seen.sight, seen.said) == (Sight.NONE, "it came from a file (bakery.md): there is nothing to look at")


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────


def page(*paragraphs: str) -> str:
    told = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<html><head><title>Bakery</title></head><body><article><h1>Bakery</h1>{told}</article></body></html>"


@pytest.fixture
def article(site: Site) -> str:
    site["/bakery"] = Reply(body=page(*POSTS), headers={"ETag": '"1"', "Content-Type": "text/html"})
    site["/"] = "<h1>A paper</h1>"
    return f"{site.url}/bakery"


def test_a_page_is_asked_for_only_if_it_changed(site: Site, article: str, take: Take, eyes: Eyes) -> None:
    kept = take(article)
    site["/bakery"] = lambda asked: Reply(status=304 if asked.headers.get("if-none-match") == '"1"' else 500)
    assert look(kept, eyes).sight is Sight.SAME


def test_a_page_that_was_edited_is_still_the_same_thread(site: Site, article: str, take: Take, eyes: Eyes) -> None:
    kept = take(article)
    site["/bakery"] = page(*POSTS[:2], "Ten sentences covered the night.", *POSTS[3:])
    seen = look(kept, eyes)
    assert seen.sight is Sight.EDITED
    assert seen.shelved.id == kept.id


def test_a_page_behind_a_wall_takes_nothing_away(
    site: Site, article: str, take: Take, eyes: Eyes, store: Store
) -> None:
    kept = take(article)
    site["/bakery"] = page(*POSTS[:2], "To read on, subscribe.")
    seen = look(kept, eyes)
    assert seen.sight in (Sight.LESS, Sight.UNKNOWN)
    assert store.library.get(kept.id) == kept
    if seen.sight is Sight.LESS:
        assert look(kept, eyes, even_worse=True).sight is Sight.EDITED


@pytest.mark.parametrize(
    "case",
    [(410, 500, Sight.DELETED), (404, 200, Sight.DELETED), (404, 404, Sight.UNKNOWN), (403, 200, Sight.UNKNOWN)],
)
def test_a_page_is_gone_when_the_rest_of_its_server_is_well(
    site: Site, article: str, take: Take, eyes: Eyes, case: tuple[int, int, Sight]
) -> None:
    kept, (status, front, sight) = take(article), case
    site["/bakery"], site["/"] = Reply(status=status), Reply(status=front)
    assert look(kept, eyes).sight is sight


def test_a_page_that_moved_is_followed(site: Site, article: str, take: Take, eyes: Eyes) -> None:
    kept = take(article)
    site["/bread/bakery"] = page(*POSTS, "Updated: it still stands.")
    site["/bakery"] = Reply(status=301, headers={"Location": "/bread/bakery"})
    seen = look(kept, eyes)
    assert (seen.sight, seen.shelved.id) == (Sight.EDITED, kept.id)


# ── what was kept ─────────────────────────────────────────────────────────────────────────────────


def test_what_was_kept_reads_as_it_did(store: Store, town: Town, take: Take) -> None:
    from digest import sources
    from digest.refreshing import reread
    from digest.samples import samples
    from digest.shelving import bring_in

    kept = [bring_in(sources.fetch(str(one)), store=store, now=NOW).shelved for one in samples()]
    for shelved in (*kept, take(town.thread())):
        assert reread(shelved, store=store, now=NOW).sight is Sight.SAME


def test_a_better_reader_mends_what_was_read_badly(store: Store, town: Town, take: Take) -> None:
    from digest.refreshing import reread

    kept = take(town.thread())
    cut = replace(kept.thread, posts=kept.thread.posts[:4])
    raw = store.originals.raw(kept.id)
    assert raw
    store.library.add(cut, raw=raw, now=NOW, original=store.originals.get(kept.id))
    seen = reread(store.library.get(kept.id) or kept, store=store, now=NOW)
    assert (seen.changes, texts(seen.shelved)) == (("Posts 5 and 6 were added.",), list(POSTS))
