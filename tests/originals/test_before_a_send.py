"""Before an issue goes, the original of what it is made of is looked at: by a person's `send`, at the slot, for a proof."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from types import SimpleNamespace

import pytest

from cli.conftest import Said
from digest.mail.receiver import Receiver
from originals.town import POSTS, Town
from rig.postgres import Cluster
from sources.site import Reply

Digest = Callable[..., Said]
SETTINGS = """\
DIGEST_NAME=Night Shift
DIGEST_FROM=digest@example.test
DIGEST_REPLY_TO=editor@example.test
DIGEST_POSTAL_ADDRESS='Night Shift, 4 Oven Street, Graz'
DIGEST_REPORT={report}
SMTP_HOST=127.0.0.1
SMTP_TLS=none
SMTP_PORT={port}
"""
NEW = (
    "The old system had four screens. The bakers used two of them, and shouted the rest across the room, which worked."
)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """A real SMTP server in a thread of its own."""
    ready, loop, held = threading.Event(), asyncio.new_event_loop(), SimpleNamespace()

    async def serve() -> None:
        async with Receiver(tmp_path / "mail") as running:
            held.receiver, held.stop = running, asyncio.Event()
            ready.set()
            await held.stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait()
    yield held.receiver
    loop.call_soon_threadsafe(held.stop.set)
    thread.join()
    loop.close()


@pytest.fixture
def ready(digest: Digest, town: Town, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Digest:
    """A thread of the town on the shelf, pinned, another behind it, one reader; and every look counts, however soon."""
    from datetime import timedelta

    from digest import refreshing

    monkeypatch.setattr(refreshing, "FRESH", timedelta())
    settings(receiver)
    digest("import", town.thread(), town.thread(*(f"{text} So it went at the mill, too." for text in POSTS), first=11))
    digest("pin", "1")
    digest("subscribers", "add", "ada@example.test")
    town.site.asked.clear()
    return digest


def settings(receiver: Receiver, *more: str, report: str = "off") -> None:
    Path(".env").write_text(SETTINGS.format(port=receiver.port, report=report) + "".join(f"{line}\n" for line in more))


def letters(receiver: Receiver, to: str = "ada@example.test") -> list[str]:
    """The text parts of the letters that one address got."""
    mails = [
        message_from_bytes(mail.path.read_bytes(), policy=SMTP) for mail in receiver.received if mail.recipient == to
    ]
    return [mail.get_body(("plain",)).get_content().replace("\n", " ") for mail in mails]  # type: ignore[union-attr]


def in_one_line(text: str) -> str:
    return " ".join(text.split())


# ── by hand ───────────────────────────────────────────────────────────────────────────────────────


def test_an_edit_reaches_the_readers(ready: Digest, town: Town, receiver: Receiver) -> None:
    town.edit(2, NEW)
    said = ready("send", "--yes")
    assert said.code == 0
    assert "edited. Post 2 was edited (words)." in in_one_line(said.err)
    (letter,) = letters(receiver)
    assert "four screens" in in_one_line(letter)
    assert "forty screens" not in in_one_line(letter)


def test_a_deleted_thread_does_not_go_and_the_next_one_does(ready: Digest, town: Town, receiver: Receiver) -> None:
    town.delete(1)
    said = ready("send", "--yes")
    assert said.code == 0
    assert "It is held now" in in_one_line(said.err)
    (letter,) = letters(receiver)
    assert "at the mill" in in_one_line(letter)
    assert ready("threads").out.splitlines()[1].endswith("held, deleted")


def test_who_releases_it_sends_it(ready: Digest, town: Town, receiver: Receiver) -> None:
    town.delete(1)
    ready("refresh")
    ready("pin", "1")
    assert ready("send", "--yes").code == 0
    assert "floury hand" in in_one_line(letters(receiver)[0])


def test_of_a_deleted_thread_only_the_summary_may_go(ready: Digest, town: Town, receiver: Receiver) -> None:
    settings(receiver, "DIGEST_DELETED=summary")
    town.delete(1)
    assert ready("send", "--yes").code == 0
    (letter,) = letters(receiver)
    told = in_one_line(letter)
    assert "The author has deleted this thread since" in told
    assert "Ada" in told
    assert town.address(1) not in told
    assert sum(post in told for post in POSTS) < 4, "a summary quotes some, and the posts are not there"


def test_what_we_have_may_go_all_the_same(ready: Digest, town: Town, receiver: Receiver) -> None:
    settings(receiver, "DIGEST_DELETED=send")
    town.delete(1)
    assert ready("send", "--yes").code == 0
    assert all(post in in_one_line(letters(receiver)[0]) for post in POSTS)


@pytest.mark.parametrize("reply", [Reply(status=500), Reply(status=429, headers={"Retry-After": "900"})])
def test_an_outage_stops_nothing_and_is_told(ready: Digest, town: Town, receiver: Receiver, reply: Reply) -> None:
    settings(receiver, report="on")
    town.fail(reply)
    said = ready("send", "--yes")
    assert said.code == 0
    assert "It goes out as it was kept." in in_one_line(said.err)
    assert all(post in in_one_line(letters(receiver)[0]) for post in POSTS)
    (report,) = letters(receiver, to="editor@example.test")
    assert "It could not be seen" in in_one_line(report)


def test_a_dry_run_looks_and_changes_nothing(ready: Digest, town: Town, receiver: Receiver) -> None:
    before = ready("threads", "--json").json
    town.delete(1)
    said = ready("send", "--dry-run")
    assert "A send would hold it" in in_one_line(said.err)
    assert ready("threads", "--json").json == before
    assert receiver.received == []


def test_a_dry_run_shows_what_would_go_after_the_edit(ready: Digest, town: Town) -> None:
    town.edit(1, "We threw the bakery's ordering system away. Here is why the whiteboard won in the end.")
    assert "threw" in ready("send", "--dry-run", "--json").json["subject"]
    assert "rebuilt" in ready("threads", "--json").json[0]["title"]


def test_a_dry_run_of_an_issue_that_waits_looks_and_keeps_nothing_back(
    ready: Digest, town: Town, receiver: Receiver
) -> None:
    prepare(ready, receiver)
    town.delete(1)
    assert "Issue 1 would be kept back" in in_one_line(ready("send", "--dry-run").err)
    town.post(1, POSTS[0])
    assert ready("send", "--yes").code == 0
    assert len(letters(receiver)) == 1


def test_what_was_seen_a_moment_ago_is_not_looked_at_again(digest: Digest, town: Town, receiver: Receiver) -> None:
    settings(receiver)
    digest("import", town.thread())
    digest("subscribers", "add", "ada@example.test")
    town.site.asked.clear()
    assert digest("send", "--yes").code == 0
    assert town.site.asked == []


def test_an_issue_that_waits_is_kept_back_when_its_thread_is_deleted(
    ready: Digest, town: Town, receiver: Receiver
) -> None:
    prepare(ready, receiver)
    town.delete(1)
    ready("hold", "2")
    said = ready("send", "--yes")
    assert said.code == 1
    assert "Issue 1 is kept back" in in_one_line(said.err)
    assert ready("send", "--yes").code == 1
    assert letters(receiver) == []
    assert ready("release", "1").code == 0
    assert ready("send", "--yes").code == 0
    assert len(letters(receiver)) == 1


def test_an_issue_that_waits_goes_as_it_was_made_when_its_thread_is_edited(
    ready: Digest, town: Town, receiver: Receiver
) -> None:
    prepare(ready, receiver)
    town.edit(2, NEW)
    assert ready("send", "--yes").code == 0
    assert "forty screens" in in_one_line(letters(receiver)[0])


@pytest.fixture
def on_postgres(digest: Digest, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", cluster.database())


@pytest.mark.usefixtures("on_postgres")
def test_a_further_machine_leaves_an_issue_that_waits_to_who_looks(
    ready: Digest, town: Town, receiver: Receiver
) -> None:
    prepare(ready, receiver)
    town.delete(1)
    said = ready("work", "--once")
    assert "Issue 1 waits" in in_one_line(said.err)
    assert receiver.received == []
    ready("hold", "2")
    assert "Issue 1 is kept back" in in_one_line(ready("send", "--yes").err)


@pytest.mark.usefixtures("on_postgres")
def test_a_further_machine_begins_what_was_looked_at_a_moment_ago(
    digest: Digest, town: Town, receiver: Receiver
) -> None:
    settings(receiver)
    digest("import", town.thread())
    digest("subscribers", "add", "ada@example.test")
    prepare(digest, receiver)
    assert digest("work", "--once").code == 0
    assert len(letters(receiver)) == 1


def prepare(ready: Digest, receiver: Receiver) -> None:
    """The issue of thread 1, and a server that is not there when it should go."""
    Path(".env").write_text(SETTINGS.format(port=9, report="off"))
    assert ready("send", "--yes").code == 1
    settings(receiver)
