"""An author leaves shelf, archive and queue, and is not let in again."""

from __future__ import annotations

from digest.model import State
from digest.store import Store, open_store

POSTS = "\n\n---\n\n".join(
    f"Post {n} says what the night shift has learned of bread, and says it whole." for n in range(12)
)
SETTINGS = """\
DIGEST_FROM=digest@example.test
DIGEST_POSTAL_ADDRESS='Night Shift, 4 Oven Street, Graz'
SMTP_HOST=127.0.0.1
SMTP_PORT=1
SMTP_TLS=none
"""


def page(tmp_path, name: str, *, author: str, handle: str) -> str:
    path = tmp_path / f"{name}.md"
    path.write_text(f"---\nauthor: {author}\nhandle: '{handle}'\n---\n\n{name}. {POSTS}")
    return str(path)


def opened() -> Store:
    return open_store("sqlite:///data/digest.sqlite3")


def test_the_threads_go_and_nobody_elses_do(digest, tmp_path):
    digest("import", page(tmp_path, "bread", author="Ada Moor", handle="@ada"))
    digest("import", page(tmp_path, "bees", author="Bo", handle="@bo"))
    went = digest("takedown", "@ADA", "--yes", "--json").json
    assert [one["author"]["handle"] for one in went["threads"]] == ["@ada"]
    assert [one["author"]["handle"] for one in digest("threads", "--json").json] == ["@bo"]


def test_a_name_that_nobody_here_has_is_doubted_aloud(digest, tmp_path):
    digest("import", page(tmp_path, "bread", author="Ada Moor", handle="@ada"))
    assert "A slip in the name?" in digest("takedown", "@adda", "--yes").err
    assert digest("takedown", "@ada", "--yes").err == ""


def test_who_was_taken_down_is_not_imported_until_let_in_again(digest, tmp_path):
    (tmp_path / ".env").write_text(SETTINGS)
    bread = page(tmp_path, "bread", author="Ada Moor", handle="@ada")
    digest("takedown", "ada moor", "--yes")
    refused = digest("import", bread)
    assert (refused.code, "does not wish" in refused.err) == (1, True)
    assert [one["author"] for one in digest("takedown", "--list", "--json").json] == ["ada moor"]
    assert digest("takedown", "ada moor", "--undo").code == 0
    assert digest("import", bread).code == 0


def test_an_unfinished_issue_is_not_sent_any_more(digest, tmp_path):
    (tmp_path / ".env").write_text(SETTINGS)
    digest("import", page(tmp_path, "bread", author="Ada", handle="@ada"))
    digest("subscribers", "add", "grace@example.test")
    said = digest("send", "--yes")
    assert said.code == 1  # nobody answers at that port, so the letter waits
    store = opened()
    try:
        (issue,) = store.issues.unfinished()
        went = digest("takedown", "@ada", "--yes", "--json").json
        assert (went["issues"], went["letters"]) == ([1], 1)
        assert store.issues.unfinished() == []
        assert store.ledger.tally(issue.number)[State.EXPIRED] == 1
        assert store.archive.list() == []
    finally:
        store.close()
    assert "withdrawn" in digest("resend", "1", "--yes").err


def test_without_a_yes_nothing_happens(digest, tmp_path):
    digest("import", page(tmp_path, "bread", author="Ada", handle="@ada"))
    assert digest("takedown", "@ada").code == 2
    assert len(digest("threads", "--json").json) == 1


def test_what_lies_on_the_shelf_of_a_blocked_author_is_not_picked(digest, tmp_path):
    digest("import", page(tmp_path, "bread", author="Ada", handle="@ada"))
    store = opened()
    try:
        store.authors.block("@ada", now=store.library.shelf()[0].imported_at)
    finally:
        store.close()
    assert digest("pick", "--json").json["best"] is None
