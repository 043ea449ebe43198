"""`digest follow`, `follows` and `unfollow`, as they are typed, and the daemon that looks by itself."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.cli.daemon import Daemon
from digest.cli.house import House
from digest.cli.logs import begin
from digest.cli.parts import Part
from digest.store.policy import Policy
from follows.author import HOUR, Ada
from sources import site as sites
from sources.site import Reply, Site

ENV = "DIGEST_FROM=digest@example.org\nDIGEST_POSTAL_ADDRESS='1 Hive Lane'\nDIGEST_REPLY_TO=editor@example.org\n"


@pytest.fixture
def site(monkeypatch, tmp_path):
    """A server on this machine, which no setting would let us ask."""
    monkeypatch.setattr("digest.sources.route.is_public", lambda _: True)
    (tmp_path / ".env").write_text(ENV, encoding="utf-8")
    with sites.running() as server:
        yield server


@pytest.fixture
def ada(site: Site) -> Ada:
    return Ada(site)


def now() -> datetime:
    return datetime.now(UTC)


def days_ago(count: int) -> str:
    return f"{now() - timedelta(days=count):%Y-%m-%d}"


def make_due(tmp_path: Path) -> None:
    import sqlite3

    connection = sqlite3.connect(tmp_path / "data/digest.sqlite3")
    connection.execute("UPDATE follow SET due_at = 0")
    connection.commit()
    connection.close()


def test_whoever_is_followed_is_named_and_what_came_is_told(digest, ada) -> None:
    ada.threads(now() - timedelta(days=3), 5)
    said = digest("follow", ada.address, "--since", days_ago(5))
    assert said.code == 0
    assert said.out.splitlines()[0] == "   1  Ada L. (@ada@127.0.0.1)"
    assert "5 posts (new)" in said.out
    assert [one["state"] for one in digest("threads", "--json").json] == ["waiting"]


def test_from_now_on_brings_nothing_old(digest, ada) -> None:
    ada.threads(now() - timedelta(days=3), 5)
    assert "from now on" in digest("follow", ada.address).out
    assert "empty" in digest("threads").err


def test_the_list_fits_eighty_columns_and_holds_all_that_matters(digest, ada, tmp_path) -> None:
    digest("follow", ada.address)
    ada.site["/api/v1/accounts/lookup"] = Reply(status=410)
    make_due(tmp_path)
    digest("follows", "--due")
    said = digest("follows")
    assert max(map(len, said.out.splitlines())) <= 80
    head, row, *rest = said.out.splitlines()
    assert head.split() == ["no", "author", "posts", "since", "last", "look", "threads"]
    assert row.split()[:2] == ["1", "@ada@127.0.0.1"]
    assert "(410)" in " ".join(rest)
    assert re.search(r"Next look in [12] h", " ".join(" ".join(rest).split()))


def test_as_json_it_says_the_same(digest, ada) -> None:
    ada.threads(now() - timedelta(days=3), 5)
    told = digest("follow", ada.address, "--since", days_ago(5), "--json").json
    assert (told["new"], [came["posts"] for came in told["came"]]) == (True, [5])
    (only,) = digest("follows", "--json").json
    assert only.keys() == {
        *("id", "kind", "address", "author", "at_least", "since", "looked_at", "due_at", "trouble", "threads"),
    }
    assert (only["kind"], only["address"], only["threads"]) == ("mastodon", ada.address, 1)


def test_cron_hears_what_came_and_of_trouble_once(digest, ada, tmp_path) -> None:
    digest("follow", ada.address, "--since", days_ago(5))
    ada.threads(now() - timedelta(days=3), 5)
    make_due(tmp_path)
    came = digest("follows", "--due")
    assert (came.code, "5 posts (new)" in came.out, came.err) == (0, True, "")
    assert (quiet := digest("follows", "--due")).code == 0
    assert quiet.out + quiet.err == "", "nobody is due"
    ada.site["/api/v1/accounts/lookup"] = Reply(status=410)
    heard = []
    for _ in range(4):
        make_due(tmp_path)
        heard.append(digest("follows", "--due"))
    assert [one.code for one in heard] == [1, 1, 1, 1]
    assert ["(410)" in one.err for one in heard] == [False, True, False, False]


def test_the_editor_gets_one_mail_about_it(digest, ada, tmp_path) -> None:
    digest("follow", ada.address)
    ada.site["/api/v1/accounts/lookup"] = Reply(status=404)
    for _ in range(4):
        make_due(tmp_path)
        digest("follows", "--due")
    house = House(env_file=tmp_path / ".env")
    held = house.store.letterbox.take(now=now(), policy=Policy())
    assert held
    assert held.letter.recipient == "editor@example.org"
    assert b"cannot be looked at" in held.letter.data
    assert house.store.letterbox.take(now=now(), policy=Policy()) is None
    house.close()


def test_unfollow_says_whom_and_an_unknown_name_is_refused(digest, ada) -> None:
    digest("follow", ada.address)
    assert digest("unfollow", "@ada@127.0.0.1").out == "Ada L. (@ada@127.0.0.1) is not followed any more.\n"
    assert digest("follows").out == ""
    refused = digest("unfollow", "@ada@127.0.0.1")
    assert (refused.code, "digest follows" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("ref", "words"), [("the white rabbit", "names no author"), ("https://x.com/ada", "X shows threads only")]
)
def test_who_cannot_be_followed_is_told_in_one_sentence(digest, ref: str, words: str) -> None:
    said = digest("follow", ref)
    assert (said.code, words in " ".join(said.err.split()), said.out) == (1, True, "")


def test_the_daemon_brings_a_new_thread_by_itself_once(digest, ada, tmp_path) -> None:
    digest("follow", ada.address, "--since", days_ago(5))
    ada.threads(now() - timedelta(days=2), 5)
    ada.threads(now() - HOUR, 5)
    make_due(tmp_path)
    house = House(env_file=tmp_path / ".env")
    daemon = Daemon(house, log=begin("json"), alone=True)
    (part,) = (one for one in daemon.parts if one.name == "follows")
    asyncio.run(looking(part, until=house.store.library.shelf))
    make_due(tmp_path)
    asyncio.run(looking(part, until=lambda: house.store.follows.all()[0].due_at > now()))
    assert [len(one.thread.posts) for one in house.store.library.shelf()] == [5]
    assert part.able
    house.close()


async def looking(part: Part, *, until) -> None:
    """The part at work, until something is seen, and told to stop then."""
    stop = asyncio.Event()
    task = asyncio.create_task(part.run(part, stop))
    for _ in range(600):
        await asyncio.sleep(0.05)
        if until():
            break
    stop.set()
    await asyncio.wait_for(task, 30)
