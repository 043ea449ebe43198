"""Following an author on Mastodon: what comes to the shelf, when, and what never does."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest

from digest import consent, following, shelving
from digest.errors import Moved, NotFound, Unwilling, UsageError
from digest.model import Standing
from digest.sources import Web, fetch
from follows.author import HOUR, NOW, Ada, Editor
from sources.site import Reply


def test_a_new_thread_comes_once_it_is_quiet(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    ada.threads(NOW + HOUR, 3)
    early = editor.later(hours=2)
    assert early
    assert (early.growing, editor.shelf()) == (1, [])
    editor.later(hours=6)
    assert (len(editor.only().thread.posts), editor.only().standing) == (3, Standing.WAITING)


def test_it_comes_once_however_often_one_looks(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    ada.threads(NOW + HOUR, 3)
    looks = [editor.later(hours=8) for _ in range(5)]
    assert [len(one.brought) for one in looks if one] == [1, 0, 0, 0, 0]
    assert len(editor.shelf()) == 1


def test_what_was_written_before_the_follow_stays_there(ada: Ada, editor: Editor) -> None:
    ada.threads(NOW - 30 * HOUR, 5)
    editor.follow(ada.address)
    editor.later(hours=8)
    assert editor.shelf() == []


def test_since_a_day_brings_what_is_newer_than_that(ada: Ada, editor: Editor) -> None:
    ada.threads(NOW - timedelta(days=30), 3)
    wanted = ada.threads(NOW - timedelta(days=10), 3)
    editor.follow(ada.address, since=NOW - timedelta(days=20))
    assert editor.only().thread.url.endswith(f"/{wanted}")


def test_a_longer_list_is_read_page_by_page(ada: Ada, editor: Editor) -> None:
    ada.threads(NOW - timedelta(days=10), 3)
    for number in range(100):
        ada.writes(NOW - timedelta(days=9) + number * HOUR)
    editor.follow(ada.address, since=NOW - timedelta(days=20))
    assert len(editor.only().thread.posts) == 3


def test_a_thread_of_too_few_posts_stays_there(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address, at_least=4)
    ada.threads(NOW + HOUR, 3)
    editor.later(hours=8)
    assert editor.shelf() == []


def test_a_short_thread_that_goes_on_days_later_comes_whole(ada: Ada, editor: Editor) -> None:
    """By then its beginning is so far down the list that nobody reads it there."""
    editor.follow(ada.address, at_least=4)
    first = ada.threads(NOW + HOUR, 3)
    editor.later(hours=8)
    for number in range(60):
        ada.writes(editor.now + number * timedelta(minutes=1))
    editor.later(hours=8)
    ada.goes_on(first, editor.now + HOUR)
    editor.later(hours=8)
    assert [post.text[:2] for post in editor.only().thread.posts] == ["1:", "2:", "3:", "64"]


def test_a_thread_that_grows_on_the_shelf_is_refreshed_there(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    first = ada.threads(NOW + HOUR, 3)
    editor.later(hours=8)
    ada.goes_on(first, editor.now + HOUR)
    grown = editor.later(hours=8)
    assert grown
    assert (len(grown.brought), len(grown.refreshed)) == (0, 1)
    assert len(editor.only().thread.posts) == 4


def test_a_thread_that_was_sent_stays_as_it_was_sent(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    first = ada.threads(NOW + HOUR, 3)
    editor.later(hours=8)
    editor.store.library.set_standing(editor.only().id, Standing.PUBLISHED)
    ada.goes_on(first, editor.now + HOUR)
    editor.later(hours=8)
    assert len(editor.only().thread.posts) == 3


def test_a_thread_that_never_rests_comes_after_three_days(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    first = ada.threads(NOW + HOUR, 3)
    for _ in range(20):
        ada.goes_on(first, editor.now + timedelta(hours=4))
        editor.later(hours=4)
    assert len(editor.only().thread.posts) > 15


def test_a_thread_that_left_the_shelf_does_not_come_back(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    first = ada.threads(NOW + HOUR, 3)
    editor.later(hours=8)
    editor.store.library.remove([editor.only().id])
    ada.goes_on(first, editor.now + HOUR)
    editor.later(hours=8)
    assert editor.shelf() == []


def test_following_again_brings_nothing_again(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    ada.threads(NOW + HOUR, 3)
    editor.later(hours=8)
    brought = editor.only()
    following.unfollow(ada.address, store=editor.store)
    editor.follow(ada.address, since=NOW)
    looked = editor.later(hours=8)
    assert looked
    assert (looked.brought, looked.refreshed, editor.only()) == ((), (), brought)


def test_what_was_imported_by_hand_is_left_as_it_is(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    first = ada.threads(NOW + HOUR, 3)
    raw = fetch(f"{ada.address}/{first}", web=editor.watch.web)
    shelving.bring_in(raw, store=editor.store, now=NOW + 2 * HOUR, title="My own title")
    looked = editor.later(hours=8)
    assert looked
    assert (looked.brought, looked.refreshed, editor.only().title) == ((), (), "My own title")


def test_an_answer_to_somebody_begins_no_thread(ada: Ada, editor: Editor) -> None:
    """Nor do the author's own answers below it, also where the list does not hold its beginning any more."""
    editor.follow(ada.address)
    talk = ada.writes(NOW + HOUR, to=99, by="8")
    for _ in range(4):
        talk = ada.writes(NOW + HOUR, to=talk)
    for number in range(50):
        ada.writes(NOW + HOUR + number * timedelta(seconds=1))
    editor.later(hours=8)
    assert not [asked for asked in editor.site.asked if asked.path.endswith("/context")], "the list says enough"
    last = ada.writes(editor.now + HOUR, to=talk)
    editor.later(hours=8)
    assert [asked for asked in editor.site.asked if asked.path == f"/api/v1/statuses/{last}/context"]
    assert editor.shelf() == []


def test_a_talkative_author_is_not_read_back_to_the_beginning_each_time(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    for number in range(100):
        ada.writes(NOW + number * timedelta(minutes=1), to=99, by="8")
    editor.later(hours=8)
    editor.site.asked.clear()
    editor.later(hours=8)
    assert len(editor.site.asked) == 2, "who it is, and one page"


def test_a_post_that_is_not_for_everybody_is_no_part_of_it(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    first = ada.threads(NOW + HOUR, 2)
    ada.writes(NOW + HOUR, to=first, visibility="private")
    editor.later(hours=8)
    assert editor.shelf() == []


def test_an_unchanged_list_is_asked_for_by_its_tag(ada: Ada, editor: Editor) -> None:
    ada.etag = '"one"'
    editor.follow(ada.address)
    editor.later(hours=8)
    last = [asked for asked in editor.site.asked if asked.path.endswith("/statuses")][-1]
    assert last.headers["if-none-match"] == '"one"'


def test_while_a_thread_is_waited_for_the_whole_list_is_wanted(ada: Ada, editor: Editor) -> None:
    """Else the thread would not come: the list does not change when a thread falls quiet."""
    editor.follow(ada.address)
    ada.etag = '"one"'
    ada.threads(NOW + HOUR, 3)
    editor.later(hours=2)
    editor.later(hours=8)
    assert len(editor.shelf()) == 1


def test_a_name_that_was_changed_is_known_from_the_next_look_on(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    ada.account["display_name"] = "Countess"
    editor.later(hours=2)
    assert editor.store.follows.all()[0].author.name == "Countess"


def test_a_deleted_thread_is_passed_over_and_asked_for_once(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    gone = ada.threads(NOW + HOUR, 3)
    for path in (f"/api/v1/statuses/{gone}", f"/@ada/{gone}"):
        editor.site[path] = Reply(status=404)
    looked = editor.later(hours=9)
    assert looked
    assert (len(looked.passed), looked.follow.trouble) == (1, "")
    editor.site.asked.clear()
    for _ in range(3):
        editor.later(hours=3)
    assert not [asked for asked in editor.site.asked if asked.path.endswith(f"/{gone}")]


def test_pictures_are_fetched_with_the_thread(ada: Ada, editor: Editor) -> None:
    """Later they may be gone."""
    with closing(Web(allow_private=True)) as pictures:
        editor.with_watch(pictures=pictures).follow(ada.address)
        first = ada.threads(NOW + HOUR, 3)
        medium = {"type": "image", "url": f"{ada.site.url}/picture.png", "description": "A lighthouse."}
        ada.posts[first - 1]["media_attachments"] = [medium]
        editor.later(hours=9)
    assert [asked.path for asked in editor.site.asked].count("/picture.png") == 1


# ── wishes ────────────────────────────────────────────────────────────────────────────────────────


def test_who_wants_no_programs_is_not_followed(ada: Ada, editor: Editor) -> None:
    ada.account["note"] = "<p>#nobot please</p>"
    with pytest.raises(Unwilling, match="#nobot"):
        editor.follow(ada.address)
    assert editor.store.follows.all() == []


def test_who_asks_to_be_left_alone_later_is_left_alone(ada: Ada, editor: Editor) -> None:
    """And what they wrote meanwhile does not come when the wish is taken back."""
    editor.follow(ada.address)
    ada.threads(NOW + HOUR, 3)
    ada.account["note"] = "<p>#noarchive</p>"
    told = editor.later(hours=8)
    assert told
    assert "#noarchive" in told.follow.trouble
    ada.account["note"] = ""
    editor.later(hours=8)
    assert editor.shelf() == []


def test_after_a_takedown_nothing_comes_and_nobody_is_asked(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    ada.threads(NOW + HOUR, 3)
    editor.later(hours=8)
    consent.take_down(f"{ada.address}", store=editor.store, now=editor.now)
    ada.threads(editor.now + HOUR, 3)
    editor.site.asked.clear()
    editor.later(hours=9)
    assert (editor.shelf(), editor.site.asked) == ([], [])


def test_a_takedown_that_is_undone_brings_nothing_back(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    ada.threads(NOW + HOUR, 3)
    editor.later(hours=8)
    consent.take_down(ada.address, store=editor.store, now=editor.now)
    ada.threads(editor.now + HOUR, 3)
    editor.later(hours=8)
    consent.undo(ada.address, store=editor.store)
    for _ in range(3):
        editor.later(days=2)
    assert editor.shelf() == []


def test_an_author_who_was_taken_down_cannot_be_followed(ada: Ada, editor: Editor) -> None:
    consent.take_down(ada.address, store=editor.store, now=NOW)
    with pytest.raises(Unwilling):
        editor.follow(ada.address)


# ── who is followed ───────────────────────────────────────────────────────────────────────────────


def test_following_twice_is_following_once(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    editor.follow(f"{ada.site.url}/users/ada", at_least=9)
    (only,) = editor.store.follows.all()
    assert (only.address, only.at_least, only.since) == (ada.address, 9, NOW)


def test_whoever_is_unfollowed_is_not_looked_at(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    ended = following.unfollow(ada.address, store=editor.store)
    assert ended.author.name == "Ada L."
    assert editor.later(hours=8) is None


def test_unfollowing_nobody_is_told(editor: Editor) -> None:
    with pytest.raises(NotFound, match="nobody is followed"):
        following.unfollow("@nobody@example.org", store=editor.store)


def test_of_two_with_one_name_the_number_decides(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    for url in ("https://example.org/1", "https://example.org/2"):
        editor.store.follows.add(
            kind="feed",
            address=url,
            author=editor.store.follows.all()[0].author,
            at_least=1,
            since=NOW,
            now=NOW,
        )
    with pytest.raises(UsageError, match="Give the number: 1, 2, 3"):
        following.unfollow("Ada L.", store=editor.store)
    assert following.unfollow("2", store=editor.store).address == "https://example.org/1"


def test_a_moved_account_is_told_with_its_new_name(ada: Ada, editor: Editor) -> None:
    ada.account["moved"] = {"id": "1", "username": "ada", "acct": "ada@example.org", "url": "https://example.org/@ada"}
    with pytest.raises(Moved, match="`digest follow @ada@example"):
        editor.follow(ada.address)


# ── trouble ───────────────────────────────────────────────────────────────────────────────────────


def test_an_account_that_is_gone_is_looked_at_ever_more_seldom(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    editor.site["/api/v1/accounts/lookup"] = Reply(status=410)
    waits = []
    for _ in range(9):
        looked = editor.look()
        while looked is None:
            looked = editor.later(hours=0.5)
        waits.append((looked.follow.due_at - editor.now) / HOUR)
    assert waits == [2, 4, 8, 16, 32, 48, 48, 48, 48]
    assert len(editor.store.follows.all()) == 1, "nobody is unfollowed in silence"


def test_the_editor_hears_of_it_once(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    editor.site["/api/v1/accounts/lookup"] = Reply(status=404)
    heard = 0
    for _ in range(100):
        looked = editor.later(hours=3)
        if looked and looked.tell:
            heard += 1
            editor.store.follows.told(looked.follow.id, now=editor.now)
    assert heard == 1


def test_a_server_that_is_away_for_an_hour_is_no_news(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    editor.site["/api/v1/accounts/lookup"] = Reply(status=502)
    away = [editor.later(hours=2), editor.later(hours=4)]
    editor.site["/api/v1/accounts/lookup"] = Reply(body=ada.account)
    well = editor.later(hours=8)
    assert [one.tell for one in away if one] == [False, False]
    assert well
    assert (well.follow.trouble, well.follow.failures, well.tell) == ("", 0, False)


def test_a_server_that_is_away_for_a_day_is_news(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    editor.site["/api/v1/accounts/lookup"] = Reply(status=502)
    told = [looked.tell for looked in (editor.later(hours=16) for _ in range(3)) if looked]
    assert told == [False, False, True]


def test_a_pause_that_the_server_asks_for_is_kept(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    editor.site["/api/v1/accounts/7/statuses"] = Reply(status=429, headers={"Retry-After": str(5 * 3600)})
    looked = editor.later(hours=2)
    assert looked
    assert looked.follow.due_at == editor.now + 5 * HOUR


def test_nothing_is_missed_while_a_server_is_away(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    ada.threads(NOW + HOUR, 3)
    lookup = editor.site.routes["/api/v1/accounts/lookup"]
    editor.site["/api/v1/accounts/lookup"] = Reply(status=503)
    for _ in range(4):
        editor.later(days=3)
    editor.site["/api/v1/accounts/lookup"] = lookup
    editor.later(days=3)
    assert len(editor.shelf()) == 1


def test_one_thread_that_cannot_be_had_holds_no_other_up(ada: Ada, editor: Editor) -> None:
    editor.follow(ada.address)
    broken, good = ada.threads(NOW + HOUR, 3), ada.threads(NOW + 2 * HOUR, 3)
    way = editor.site.routes[f"/api/v1/statuses/{broken}"]
    editor.site[f"/api/v1/statuses/{broken}"] = Reply(status=500)
    looked = editor.later(hours=9)
    assert looked
    assert [one.thread.url.rpartition("/")[2] for one in looked.brought] == [str(good)]
    editor.site[f"/api/v1/statuses/{broken}"] = way
    editor.later(hours=9)
    assert len(editor.shelf()) == 2


def test_a_look_takes_twenty_threads_and_leaves_the_others_to_the_next(ada: Ada, editor: Editor) -> None:
    for number in range(25):
        ada.threads(NOW - timedelta(days=5) + number * HOUR, 3)
    editor.follow(ada.address, since=NOW - timedelta(days=9))
    first = len(editor.shelf())
    editor.later(hours=2)
    assert (first, len(editor.shelf())) == (20, 25)
