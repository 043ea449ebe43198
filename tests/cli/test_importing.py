"""`digest import` as a person meets it: many at once, choosing out of several, and a copy that is worse."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import pytest

ITEM = "<item><title>{0}</title><link>https://example.org/{0}</link><guid>https://example.org/{0}</guid><description>{1}</description></item>"
POSTS = ["A dry stone wall is a slow garden.", "It takes a season to settle.", "And a century to fall down again."]


def feed(*names: str) -> str:
    items = "".join(ITEM.format(name, "A wall. " * 20) for name in names)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Notes</title>{items}</channel></rss>'


def status(number: int, to: int | None = None) -> dict[str, Any]:
    return {"id": str(number), "in_reply_to_id": str(to) if to else None, "uri": f"https://example.social/{number}",
            "created_at": f"2026-03-01T10:0{number}:00Z", "content": f"<p>{POSTS[number - 1]}</p>", "visibility": "public",
            "account": {"id": "7", "acct": "ada", "display_name": "Ada", "url": "https://example.social/@ada"}}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "feed.xml").write_text(feed("walls", "bread"))
    (tmp_path / "a.md").write_text("\n\n---\n\n".join(POSTS))
    (tmp_path / "thread.json").write_text(json.dumps([status(1), status(2, 1), status(3, 2)]))
    return tmp_path


def test_of_several_threads_somebody_has_to_choose(digest, folder):
    said = digest("import", "feed.xml")
    assert said.code == 1
    assert [line.split()[0] for line in said.out.splitlines()[2:]] == ["walls", "bread"]
    assert "--only ID" in said.err
    (folder / ".env").write_text("DIGEST_NAME=Ours\n")
    assert digest("threads", "--json").json == []


def test_what_is_chosen_is_imported_and_nothing_else(digest, folder):
    assert [kept["title"] for kept in digest("import", "feed.xml", "--only", "bread", "--json").json] == ["bread"]
    assert digest("import", "feed.xml", "--only", "walls").code == 0
    assert len(digest("threads", "--json").json) == 2


def test_all_takes_all(digest, folder):
    said = digest("import", "feed.xml", "--all", "--json")
    assert (said.code, [kept["id"] for kept in said.json]) == (0, [1, 2])


def test_a_choice_that_is_not_there_is_wrong_usage_of_that_file(digest, folder):
    said = digest("import", "feed.xml", "--only", "cheese")
    assert said.code == 1
    assert "holds no thread cheese" in said.err


def test_choices_in_json_have_no_number_yet(digest, folder):
    said = digest("import", "feed.xml", "--json")
    assert said.code == 1
    assert [(kept["id"], kept["only"], kept["title"]) for kept in said.json] == [
        (None, "walls", "walls"),
        (None, "bread", "bread"),
    ]


def test_only_long_threads_are_taken_when_asked_so(digest, folder):
    (folder / "statuses.json").write_text(json.dumps([status(1), status(2, 1)]))
    assert [kept["posts"] for kept in digest("import", "feed.xml", "--all", "--at-least", "2", "--json").json] == []


def test_a_folder_gives_all_it_holds_past_what_fails(digest, folder):
    (folder / "cut.json").write_text('{"id": "1", "con')
    said = digest("import", ".")
    assert said.code == 1
    assert "cut.json: its JSON breaks off" in said.err
    assert said.err.splitlines()[-1] == "4 new, 1 failed."


def test_a_zip_gives_all_it_holds(digest, folder, tmp_path):
    with zipfile.ZipFile("threads.zip", "w") as archive:
        archive.writestr("a.md", "\n\n---\n\n".join(POSTS))
        archive.writestr("b/feed.xml", feed("walls"))
    said = digest("import", "threads.zip", "--json")
    assert (said.code, [kept["posts"] for kept in said.json]) == (0, [3, 1])


def test_two_clippings_in_one_file_are_noticed(digest, folder):
    clip = '---\ntitle: "{0}"\nsource: "https://example.org/{0}"\nauthor: "Ada"\n---\n\nA wall.\n\nA stone.\n\n'
    (folder / "clips.md").write_text(clip.format("one") + clip.format("two"))
    assert digest("import", "clips.md").code == 1
    assert [kept["title"] for kept in digest("import", "clips.md", "--all", "--json").json] == ["one", "two"]


def test_a_worse_copy_does_not_replace_a_better_one(digest, folder):
    digest("import", "thread.json")
    (folder / "thread.json").write_text(json.dumps([status(1), status(2, 1)]))
    said = digest("import", "thread.json")
    assert said.code == 0
    assert "this copy has 2 posts, the one on the shelf 3" in said.out
    assert digest("threads", "--json").json[0]["posts"] == 3


def test_a_worse_copy_is_taken_when_asked_so(digest, folder):
    digest("import", "thread.json")
    (folder / "thread.json").write_text(json.dumps([status(1), status(2, 1)]))
    digest("import", "thread.json", "--even-worse")
    assert digest("threads", "--json").json[0]["posts"] == 2


def test_a_better_copy_is(digest, folder):
    (folder / "thread.json").write_text(json.dumps([status(1), status(2, 1)]))
    digest("import", "thread.json")
    (folder / "thread.json").write_text(json.dumps([status(1), status(2, 1), status(3, 2)]))
    assert "(refreshed)" in digest("import", "thread.json").out
    assert digest("threads", "--json").json[0]["posts"] == 3


def test_this_machines_own_network_is_not_asked(digest, folder):
    said = digest("import", "http://127.0.0.1:9/@ada/1", "http://169.254.169.254/latest/meta-data")
    assert said.code == 1
    assert said.err.count("private network") == 2


def test_a_title_is_for_one_thread(digest, folder):
    assert digest("import", "feed.xml", "--title", "Walls").code == 1
    assert digest("import", "feed.xml", "--only", "walls", "--title", "Walls").out.splitlines()[0].endswith("Walls")
