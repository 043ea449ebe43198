"""`digest refresh` as a person meets it, and what the shelf then shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import Said
from originals.town import POSTS, Town
from sources.site import Reply

Digest = Callable[..., Said]


@pytest.fixture
def ready(digest: Digest, town: Town) -> Digest:
    """Two threads of the town on the shelf, and one from a file."""
    Path("notes.md").write_text("\n\n---\n\n".join(POSTS[:4]))
    digest("import", town.thread(), town.thread(*(f"{text} Again." for text in POSTS), first=11), "notes.md")
    return digest


def test_of_many_only_what_changed_is_told(ready: Digest, town: Town) -> None:
    town.edit(2, "It had four screens. The bakers used two of them, and shouted the rest across the room.")
    said = ready("refresh")
    assert said.code == 0
    assert [line.strip() for line in said.out.splitlines()][1:] == ["Post 2 was edited (words)."]
    assert said.err.splitlines()[-1] == "2 threads: 1 unchanged, 1 edited."


def test_one_that_is_named_is_told_in_any_case(ready: Digest) -> None:
    assert ready("refresh", "1").out.splitlines()[1].strip() == "Unchanged"
    assert "It came from a file (notes.md)" in ready("refresh", "3").out


def test_a_deleted_thread_is_held_and_the_shelf_says_why(ready: Digest, town: Town) -> None:
    town.delete(1)
    said = ready("refresh")
    assert said.code == 0
    assert "Its author deleted it" in said.out
    assert "`digest release 1`" in said.out
    assert ready("threads").out.splitlines()[1].endswith("held, deleted")
    listed = ready("threads", "--json").json[0]
    assert (listed["state"], listed["deleted"], listed["original"]["sight"]) == ("held", True, "deleted")


def test_what_was_not_seen_is_told_and_the_run_was_only_done_in_part(ready: Digest, town: Town) -> None:
    town.fail(Reply(status=503))
    said = ready("refresh", "--json")
    assert said.code == 1
    assert [one["sight"] for one in said.json] == ["unknown", "unknown"]
    assert "in trouble" in said.json[0]["said"]


def test_a_thread_tells_what_changed_and_how_it_read_before(ready: Digest, town: Town) -> None:
    town.edit(2, "It had four screens. The bakers used two of them, and shouted the rest across the room.")
    town.delete(6)
    ready("refresh")
    told = ready("unroll", "1", "--json").json
    (change,) = told["changes"]
    assert change["what"][0] == "Post 2 was edited (words)."
    assert (len(told["posts"]), told["original"]["address"]) == (5, town.address(1))
    assert [post["text"] for post in ready("unroll", "1", "--before", "--json").json["posts"]] == list(POSTS)
    assert "--before" in ready("unroll", "1").out


def test_before_the_first_change_there_is_no_before(ready: Digest) -> None:
    said = ready("unroll", "1", "--before")
    assert (said.code, "has not changed since it came" in said.err) == (2, True)


def test_a_thread_is_read_again_from_what_was_kept_and_nobody_is_asked(ready: Digest, town: Town) -> None:
    asked = len(town.site.asked)
    said = ready("refresh", "--from-raw")
    assert said.err.splitlines()[-1] == "3 threads: 3 unchanged."
    assert len(town.site.asked) == asked


def test_an_import_notes_what_it_changed(ready: Digest, town: Town) -> None:
    town.edit(2, "It had four screens. The bakers used two of them, and shouted the rest across the room.")
    said = ready("import", town.address(1))
    assert "Post 2 was edited (words)." in said.out


def test_an_empty_shelf_has_nothing_to_look_at(digest: Digest) -> None:
    said = digest("refresh")
    assert (said.code, said.out) == (0, "")
    assert "nothing to look at" in said.err


def test_a_takedown_leaves_nothing_of_what_was_read(ready: Digest, town: Town) -> None:
    town.edit(6, "Write down what people already shout, put it where they already look, and stop there.")
    ready("refresh")
    ready("takedown", "@ada@127.0.0.1", "--yes")
    stored = b"".join(file.read_bytes() for file in Path("data").iterdir())
    assert b"has lasted" not in stored
