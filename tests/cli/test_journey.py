"""The everyday path on the command line, with the demo's receiver as the server."""

from __future__ import annotations

import asyncio
import threading

import pytest

from digest.cli.house import House
from digest.cli.issues import close
from digest.mail.receiver import Receiver
from digest.model import State, Tally
from digest.store import open_store
from pictures.drawn import drawing, packed

POSTS = [
    "I rebuilt the bakery's ordering system on paper. A thread on why the whiteboard won.",
    "The old system had forty screens. The bakers used two of them, and shouted the rest across the room, which worked.",
    "So we wrote down what they shouted. Nine sentences covered a whole night, and every one of them fitted on a card that a floury hand can hold.",
    "A card on a nail is a queue. Two cards on a nail are a priority. Nobody had to be trained, and nobody had to remember a password at four in the morning.",
    "We lost reports, and nobody missed them. We gained a place where everybody looks, which turned out to be what the reports had been for.",
    "In short: write down what people already shout, put it where they already look, and stop there.",
]
SETTINGS = """\
DIGEST_NAME=Night Shift
DIGEST_FROM=digest@example.test
DIGEST_POSTAL_ADDRESS='Night Shift, 4 Oven Street, Graz'
SMTP_HOST=127.0.0.1
SMTP_TLS=none
"""


@pytest.fixture
def receiver(tmp_path):
    """A real SMTP server in a thread of its own; what it got lies in tmp_path/mail."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    held = {}

    async def serve():
        async with Receiver(tmp_path / "mail") as running:
            held["receiver"], held["stop"] = running, asyncio.Event()
            ready.set()
            await held["stop"].wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait()
    yield held["receiver"]
    loop.call_soon_threadsafe(held["stop"].set)
    thread.join()
    loop.close()


@pytest.fixture
def ready(digest, tmp_path, receiver):
    """A newsletter with one thread, two readers, and a server to send by."""
    (tmp_path / ".env").write_text(f"{SETTINGS}SMTP_PORT={receiver.port}\n")
    (tmp_path / "bakery.md").write_text("---\nauthor: Ilse Moor\nhandle: '@ilse'\n---\n\n" + "\n\n---\n\n".join(POSTS))
    digest("import", "bakery.md")
    for reader in ("ada@example.test", "grace@example.test"):
        digest("subscribers", "add", reader)
    return digest


def test_import_reports_what_it_kept_as_json(digest, tmp_path):
    (tmp_path / "bakery.md").write_text("\n\n---\n\n".join(POSTS))
    (kept,) = digest("import", "bakery.md", "--json").json
    assert kept["posts"] == len(POSTS)
    assert set(kept) == {"id", "title", "author", "posts", "related", "warnings"}


def test_a_thread_imported_twice_is_one_thread(ready):
    ready("import", "bakery.md")
    assert len(ready("threads", "--json").json) == 1


def test_a_title_by_hand_is_the_headline_and_stays(ready, tmp_path):
    ready("import", "bakery.md", "--title", "The whiteboard won")
    ready("import", "bakery.md")
    assert ready("threads", "--json").json[0]["title"] == "The whiteboard won"
    ready("render", "1", "-o", "out")
    assert "The whiteboard won</h1>" in (tmp_path / "out/digest.html").read_text()


def test_summary_cites_the_authors_own(ready):
    said = ready("summary", "1", "--json").json
    assert said["sentences"] == [{"text": POSTS[-1], "posts": [6]}]


def test_a_summary_of_so_many_words_is_an_extract_even_beside_the_authors_own(ready):
    said = ready("summary", "1", "--words", "30", "--json").json
    texts = [one["text"] for one in said["sentences"]]
    assert said["kind"] == "extract"
    assert 0 < len(" ".join(texts).split()) <= 30


def test_unroll_has_every_post(ready):
    said = ready("unroll", "1", "--json").json
    assert [post["text"] for post in said["posts"]] == POSTS
    assert [post["number"] for post in said["posts"]] == [1, 2, 3, 4, 5, 6]


def test_an_unrolled_thread_comes_back_as_it_was(ready, tmp_path):
    (tmp_path / "again.md").write_text(ready("unroll", "1", "--markdown").out)
    again, kept = ready("unroll", "again.md", "--json").json, ready("unroll", "1", "--json").json
    assert again == {name: kept[name] for name in again}
    assert set(again) == {"title", "author", "posts", "related"}


def test_render_writes_four_files_and_stores_nothing(digest, tmp_path):
    (tmp_path / "bakery.md").write_text("\n\n---\n\n".join(POSTS))
    assert digest("render", "bakery.md", "-o", "out").code == 0
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        "digest.html",
        "digest.txt",
        "digest.mjml",
        "digest.eml",
    }
    assert not (tmp_path / "data").exists()


def test_a_dry_run_lists_the_readers_and_keeps_nothing(ready, receiver):
    said = ready("send", "--dry-run", "--json").json
    assert said["recipients"] == ["ada@example.test", "grace@example.test"]
    assert ready("issues", "--json").json == []
    assert receiver.received == []


def test_send_reaches_each_reader_once_and_adds_up(ready, receiver):
    assert ready("send", "--yes").code == 0
    assert sorted(mail.recipient for mail in receiver.received) == ["ada@example.test", "grace@example.test"]
    report = ready("report", "--json").json
    assert (report["accepted"], report["total"]) == (2, 2)


def test_a_report_does_not_send_its_reader_to_itself(ready, tmp_path, capsys):
    ready("send", "--yes")
    house, refused = House(env_file=tmp_path / ".env"), Tally(counts={State.REFUSED: 2})
    issue, said = house.store.issues.get(1), {}
    for named in (False, True):
        close(house, issue, refused, named=named)
        said[named] = "`digest report 1` names each" in capsys.readouterr().out
    house.close()
    assert said == {False: True, True: False}


def test_a_thread_is_never_sent_twice(ready, receiver):
    ready("send", "--yes")
    again = ready("send", "--yes")
    assert again.code == 1
    assert "nothing on the shelf" in again.err
    assert len(receiver.received) == 2


def test_a_new_issue_without_a_terminal_needs_a_yes(ready, receiver):
    said = ready("send")
    assert said.code == 2
    assert "--yes" in said.err
    assert receiver.received == []


def test_who_left_gets_nothing_and_is_not_brought_back_by_a_list(ready, receiver, tmp_path):
    ready("subscribers", "remove", "ada@example.test")
    (tmp_path / "list.csv").write_text("email\nada@example.test\ngrace@example.test\n")
    assert ready("subscribers", "import", "list.csv", "--json").json == {
        "added": 0,
        "unconfirmed": 0,
        "already": 1,
        "taken_off": 0,
        "gone": 0,
        "kept_away": 1,
        "bad": [],
        "unread": [],
        "doubt": "",
    }
    ready("send", "--yes")
    assert [mail.recipient for mail in receiver.received] == ["grace@example.test"]


def test_a_held_thread_waits_and_a_pinned_one_goes_first(ready):
    ready("hold", "1")
    assert ready("send", "--yes").code == 1
    ready("pin", "1")
    assert ready("pick", "--json").json["best"]["id"] == 1


def test_a_thread_that_came_by_mistake_is_gone_with_all_that_came_with_it(digest, tmp_path):
    for name in ("bread", "bees"):
        (tmp_path / f"{name}.md").write_text(f"{name}: {POSTS[1]}\n\n![Seen](seen.png)\n\n---\n\n{POSTS[2]}")
    (tmp_path / "seen.png").write_bytes(packed(drawing()))
    digest("import", "bread.md", "bees.md")
    assert digest("remove", "1", "2", "--yes").code == 0
    assert digest("threads", "--json").json == []
    store = open_store("sqlite:///data/digest.sqlite3")
    try:
        assert (store.pictures.weight(), store.originals.raw(1), store.spines.count()) == ((0, 0), None, 0)
    finally:
        store.close()
    assert digest("import", "bread.md").code == 0


def test_nothing_is_removed_without_a_yes_or_when_one_of_them_is_not_there(ready):
    assert (ready("remove", "1").code, ready("remove", "1", "2", "--yes").code) == (2, 2)
    assert [one["id"] for one in ready("threads", "--json").json] == [1]


def test_a_thread_that_was_sent_is_not_removed_and_the_takedown_is_named(ready):
    ready("send", "--yes")
    said = ready("remove", "1", "--yes")
    assert said.code == 2
    assert "thread 1 is part of issue 1 and stays with it." in said.err
    assert "`digest takedown @ilse`" in said.err
    assert ready("report", "--json").json["issue"] == 1


def test_who_asks_why_a_short_thread_cannot_go_is_told_how_it_can(digest, tmp_path):
    (tmp_path / "short.md").write_text("One thought.\n\n---\n\nAnother.\n\n---\n\nA third.\n\n---\n\nThe last.\n")
    digest("import", "short.md")
    assert "`digest pick --explain` says why" in digest("pick").err.replace("\n", " ")
    said = digest("pick", "--explain")
    assert "too short: 7 of 120 words" in said.out
    assert "`digest pin 3` lets" in said.err
    digest("pin", "1")
    assert digest("pick", "--json").json["best"]["id"] == 1


def test_a_thread_that_is_too_short_to_be_picked_is_shown_as_that_wherever_it_is_shown(ready, tmp_path):
    (tmp_path / "short.md").write_text("One.\n\n---\n\nTwo.\n\n---\n\nThree.\n\n---\n\nFour.\n")
    (tmp_path / "one.md").write_text(" ".join(POSTS[1:]))
    short, one = "too short: 4 of 120 words", "too short: 1 of 4 posts"
    said = ready("import", "short.md", "one.md").out
    assert f"Not picked by itself ({short}); `digest pin 2` lets it go." in " ".join(said.split())
    warned = [" ".join(one["warnings"]) for one in ready("import", "short.md", "one.md", "--json").json]
    assert (short in warned[0], one in warned[1]) == (True, True)
    assert [(one["state"], one["unfit"]) for one in ready("threads", "--json").json] == [
        ("waiting", ""),
        ("waiting", short),
        ("waiting", one),
    ]
    shown = ready("threads")
    assert [line.rpartition("  ")[2] for line in shown.out.splitlines()] == [
        "state",
        "waiting",
        "too short",
        "too short",
    ]
    assert "“too short”: not picked by itself" in shown.err
    assert {line["reason"] for line in ready("pick", "--json").json["filtered"]} == {short, one}
    assert short in ready("release", "2").out
    ready("pin", "2")
    assert ready("threads", "--json").json[1]["unfit"] == ""


def test_a_test_mail_is_marked_and_not_counted(ready, receiver, tmp_path):
    assert ready("test", "me@example.test", "1").code == 0
    (mail,) = receiver.received
    assert b"Subject: [Test]" in mail.path.read_bytes()
    assert ready("issues", "--json").json == []


def test_an_error_that_a_check_finds_stands_in_the_way(ready, receiver, tmp_path):
    settings = (tmp_path / ".env").read_text()
    (tmp_path / ".env").write_text(settings.replace("'Night Shift, 4 Oven Street, Graz'", ""))
    assert ready("check", "1").code == 3
    assert ready("send", "--yes").code == 2
    assert receiver.received == []


def test_an_exported_list_is_safe_in_a_spreadsheet_and_reads_back(ready, tmp_path):
    ready("subscribers", "add", "=cmd@example.test", "--name", "=1+1")
    exported = ready("subscribers", "export").out
    assert "\n'=cmd@example.test,'=1+1,active," in exported
    (tmp_path / "all.csv").write_text(exported)
    assert ready("subscribers", "import", "all.csv", "--json").json["already"] == 3


def test_a_list_names_its_bad_lines_and_takes_the_good_ones(ready, tmp_path):
    (tmp_path / "list.csv").write_text(
        "\ufeffName;E-Mail;email\nEve;x;eve@example.test\nBob;x;bob@@example\n;;\nMax;x;max@example.test\n"
    )
    said = ready("subscribers", "import", "list.csv", "--json")
    assert said.code == 1
    assert said.json["added"] == 2
    assert [bad["line"] for bad in said.json["bad"]] == [3]


def test_a_quote_that_never_closes_spoils_its_own_line_alone(ready, tmp_path):
    good = "\n".join(f"reader{n}@example.test,Reader {n}" for n in range(50))
    (tmp_path / "list.csv").write_text(f'email,name\n"first@example.test,Broken\n{good}\n')
    said = ready("subscribers", "import", "list.csv", "--json").json
    assert said["added"] == 50
    assert [bad["line"] for bad in said["bad"]] == [2]


def test_a_list_that_says_who_left_takes_them_off(ready, receiver, tmp_path):
    (tmp_path / "gone.csv").write_text("E-Mail,State\nada@example.test,left\nnew@example.test,bounced\n")
    said = ready("subscribers", "import", "gone.csv", "--json").json
    assert (said["taken_off"], said["gone"], said["added"], said["already"]) == (1, 1, 0, 0)
    ready("send", "--yes")
    assert [mail.recipient for mail in receiver.received] == ["grace@example.test"]


def test_the_address_that_a_letter_says_to_write_to_takes_its_reader_off(ready, receiver):
    ready("send", "--yes")
    letter = next(mail for mail in receiver.received if mail.recipient == "ada@example.test").path.read_text()
    address = letter.partition("List-Unsubscribe: <mailto:")[2].partition("?")[0]
    assert ready("subscribers", "remove", address).out == "ada@example.test: left\n"
    assert ready("subscribers", "show", "grace@example.test", "--json").json["state"] == "active"


def test_a_table_in_a_pipe_is_not_cut(ready):
    ready("import", "bakery.md", "--title", "A very long headline " * 8)
    line = ready("threads").out.splitlines()[1]
    assert line.split()[0] == "1"
    assert line.endswith("waiting")
    assert "…" not in line


def test_an_erased_reader_leaves_no_address(ready, tmp_path):
    ready("send", "--yes")
    ready("subscribers", "erase", "ada@example.test", "--yes")
    stored = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
    assert b"ada@example.test" not in stored
    assert ready("report", "--json").json["total"] == 2


def test_doctor_finds_nothing_ill_when_all_is_set(ready):
    said = ready("doctor", "--json")
    assert said.code == 0
    assert {line["part"] for line in said.json} >= {
        "settings",
        "store",
        "sender",
        "page",
        "smtp",
        "dkim",
        "dns",
        "clock",
    }


def test_since_when_the_mailbox_cannot_be_read_is_told_by_report_and_doctor(ready, tmp_path):
    ready("send", "--yes")
    assert ready("report", "--json").json["mailbox_unread_since"] is None
    with (tmp_path / ".env").open("a") as env:
        env.write("IMAP_HOST=127.0.0.1\nIMAP_PORT=1\nIMAP_USERNAME=digest\nIMAP_PASSWORD=secret\n")
    assert ready("inbox").code == 1
    since = ready("report", "--json").json["mailbox_unread_since"]
    told = f"{since[:10]} {since[11:16]} UTC"
    assert f"Since {told} the mailbox that readers write to cannot be read: 127.0.0.1:1" in " ".join(
        ready("report").err.split()
    )
    lines = [line["what"] for line in ready("doctor", "--json").json if line["part"] == "inbox"]
    assert lines[0] == f"nothing could be fetched since {told}"
    assert lines[1].startswith("127.0.0.1:1: the mailbox cannot be read")


def test_init_writes_settings_that_load(digest, tmp_path):
    assert (
        digest("init", "--preset", "fastmail", "--from", "d@example.org", "--postal", "1 Road", "--name", "D").code == 0
    )
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert digest("init", "--preset", "fastmail").code == 2
    assert digest("schedule", "--json").code == 0


def test_the_demo_needs_no_settings(digest, tmp_path):
    said = digest("demo", "--no-open", "-o", "demo")
    assert said.code == 0
    assert "5 letters of 5 accepted" in said.out
    assert (tmp_path / "demo/digest.html").stat().st_size > 10_000
