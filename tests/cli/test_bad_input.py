"""Bad input gets one clear sentence, the right exit code, and nothing is lost."""

from __future__ import annotations

import sqlite3

import pytest

from digest.cli.main import answer


@pytest.fixture
def refs(tmp_path):
    """Files that are no thread, by what is wrong with them."""
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "blank.txt").write_bytes(b" \n \n")
    (tmp_path / "broken.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "huge.txt").write_bytes(b"A line of a thread.\n" * (50_000_000 // 20))
    (tmp_path / "menu.html").write_text("<html><body><nav>Home About</nav></body></html>")
    return tmp_path


@pytest.mark.parametrize(
    "ref",
    [
        "missing.txt",
        "binary",
        "empty.txt",
        "blank.txt",
        "broken.txt",
        "huge.txt",
        "menu.html",
        "http://127.0.0.1:9/t/1",
    ],
)
def test_what_is_no_thread_is_refused_in_one_sentence(digest, refs, ref):
    said = digest("import", ref)
    assert said.code == 1
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert ref in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("arguments", "help_"),
    [
        (["nonsense"], "See `digest --help`."),
        (["pin"], "See `digest pin --help`."),
        (["issues", "-o"], "See `digest issues --help`."),
        (["subscribers", "add", "ada@example.org", "bo@example.org"], "See `digest subscribers add --help`."),
    ],
)
def test_wrong_usage_names_the_help_of_that_command(digest, arguments, help_):
    said = digest(*arguments)
    assert said.code == 2
    assert said.err.rstrip().endswith(f". {help_}")


def test_an_address_of_another_kind_is_not_taken_for_a_path(digest):
    assert "Only http and https" in digest("import", "ftp://example.org/t").err


def test_a_bad_file_does_not_keep_the_good_ones_out(digest, refs):
    (refs / "good.md").write_text("One thought.\n\n---\n\nAnother thought.\n\n---\n\nA last one.\n")
    said = digest("import", "missing.txt", "good.md", "binary")
    assert said.code == 1
    assert [line.split(":")[0] for line in said.err.splitlines()] == ["digest", "digest", "1 new, 2 failed."]
    assert digest("threads", "--json").json[0]["posts"] == 3


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nonsense"], 2),
        (["pin"], 2),
        (["pin", "77"], 2),
        (["unroll", "77"], 2),
        (["report"], 2),
        (["report", "5"], 2),
        (["subscribers", "add", "nobody"], 1),
        (["subscribers", "remove", "ada@example.org"], 2),
        (["subscribers", "import", "nowhere.csv"], 1),
        (["test", "nobody"], 2),
        (["send", "--yes"], 2),
        (["schedule", "--count", "0"], 2),
        (["--env-file", "nowhere.env", "threads"], 2),
        (["import", "a.md", "b.md", "--title", "T"], 2),
    ],
)
def test_a_wrong_command_has_the_right_code_and_one_sentence(digest, arguments, code):
    said = digest(*arguments)
    assert said.code == code
    assert said.err.startswith("digest: ")
    assert "Traceback" not in said.err


def test_no_arguments_print_help(digest):
    said = digest()
    assert said.code == 0
    assert "import" in said.out


def test_an_unknown_setting_is_named_with_the_nearest(digest, tmp_path):
    (tmp_path / ".env").write_text("SMTP_HOTS=localhost\n")
    said = digest("threads")
    assert said.code == 2
    assert "SMTP_HOTS" in said.err
    assert "SMTP_HOST" in said.err


def test_half_a_login_is_named_when_something_is_to_be_sent(digest, tmp_path):
    (tmp_path / ".env").write_text("SMTP_HOST=localhost\nSMTP_USERNAME=ada\n")
    assert digest("threads").code == 0
    said = digest("send", "--yes")
    assert said.code == 2
    assert "SMTP_PASSWORD" in said.err


def test_a_store_that_is_no_database_is_left_as_it_is(digest, tmp_path):
    (tmp_path / "data").mkdir()
    store = tmp_path / "data/digest.sqlite3"
    store.write_text("my shopping list, not a database at all, but long enough to be looked at\n" * 20)
    before = store.read_bytes()
    said = digest("threads")
    assert said.code == 1
    assert "digest.sqlite3" in said.err
    assert store.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_named(digest, tmp_path):
    (tmp_path / ".env").write_text("DATABASE_URL=sqlite:////proc/nowhere/x.sqlite3\n")
    said = digest("threads")
    assert said.code == 1
    assert "/proc/nowhere" in said.err


def test_a_locked_store_is_waited_for_and_then_named(digest, tmp_path):
    digest("subscribers", "add", "ada@example.org")
    (tmp_path / "good.md").write_text("One thought.\n\n---\n\nAnother thought.\n\n---\n\nA last one.\n")
    holder = sqlite3.connect(tmp_path / "data/digest.sqlite3", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        said = digest("import", "good.md")
    finally:
        holder.close()
    assert said.code == 1
    assert "locked" in said.err
    assert len(said.err.splitlines()) == 1


def test_a_fault_of_our_own_shows_its_traceback_only_when_asked(digest, monkeypatch):
    digest("subscribers", "add", "ada@example.org")
    monkeypatch.setattr("digest.publishing.choose", lambda *_args, **_more: 1 / 0)
    assert "Traceback" not in digest("pick").err
    assert "ZeroDivisionError" in digest("pick", "--debug").err


def test_help_of_every_command_has_an_example(digest):
    for command in [
        "demo",
        "init",
        "import",
        "threads",
        "unroll",
        "summary",
        "pick",
        "pin",
        "hold",
        "release",
        "render",
        "check",
        "test",
        "send",
        "issues",
        "report",
        "doctor",
        "schedule",
    ]:
        said = digest(command, "--help")
        assert said.code == 0
        assert f"digest {command}" in said.out, command


def test_ctrl_c_ends_in_a_sentence(monkeypatch, capsys):
    def interrupted(*_args, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr("digest.cli.main.program", interrupted)
    assert answer(["threads"]) == 1
    assert "Nothing is lost" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        "threads",
        "pick",
        "issues",
        "report",
        "schedule",
        "resume",
        "follows",
        "archive public",
        "backup copy",
        "move --to postgresql://nowhere.example/digest",
        "subscribers list",
        "subscribers show ada@example.org",
        "subscribers export",
        "subscribers remove ada@example.org",
        "unroll 1",
        "pin 1",
        "remove 1 --yes",
        "refresh",
        "takedown @ada@example.social --yes",
        "inbox --quarantine",
        "send --dry-run",
    ],
)
def test_who_wants_what_is_there_in_a_wrong_folder_is_told_so_and_leaves_nothing_there(digest, tmp_path, command):
    said = digest(*command.split())
    assert (said.code, said.out) == (2, "")
    assert "no digest lives here" in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_digest_whose_settings_are_in_the_environment_needs_no_file(digest, monkeypatch):
    monkeypatch.setenv("DIGEST_FROM", "digest@example.org")
    assert digest("threads").code == 0


def test_a_backup_of_nothing_is_refused(digest, tmp_path):
    (tmp_path / ".env").write_text("DIGEST_NAME=Ours\n")
    said = digest("backup", "copy")
    assert (said.code, (tmp_path / "copy").exists()) == (2, False)
    assert "mounted" in said.err
    digest("subscribers", "add", "ada@example.org")
    assert digest("backup", "copy").code == 0


def test_the_folder_of_the_store_is_its_owners_alone(digest, tmp_path):
    digest("subscribers", "add", "ada@example.org")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("arguments", [("sned",), ("subscribers", "list", "--state", "gone")])
def test_what_the_parser_says_is_one_plain_sentence(digest, arguments):
    said = digest(*arguments)
    assert said.code == 2
    assert "?." not in said.err
    assert "Value error" not in said.err


def test_nobody_is_erased_by_a_script_that_does_not_say_yes(digest):
    digest("subscribers", "add", "ada@example.org")
    said = digest("subscribers", "erase", "ada@example.org")
    assert (said.code, "Add --yes" in said.err) == (2, True)
    assert "ada@example.org" in digest("subscribers", "list").out


def test_what_hangs_on_a_post_stays_under_it(digest, tmp_path):
    (tmp_path / "page.md").write_text(
        f"Read [the table](https://example.org/t).\n\n---\n\n![{'word ' * 30}](https://example.org/p.png)\n"
    )
    lines = digest("unroll", "page.md").out.splitlines()
    assert "     the table: https://example.org/t" in [line.rstrip() for line in lines]
    at = next(number for number, line in enumerate(lines) if "[image:" in line)
    assert lines[at + 1].startswith("     word")


def test_a_wrong_answer_to_init_is_asked_again_and_a_no_leaves_the_settings(digest, tmp_path, monkeypatch):
    import io

    for module in ("setup", "terminal"):
        monkeypatch.setattr(f"digest.cli.{module}.can_ask", lambda: True)
    answers = ["fastmial", "other", "nonsense", "digest@example.org", "smtp.example.org", "The Weekly", "1 Lane", "me"]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join([*answers, ""])))
    monkeypatch.setattr("digest.cli.setup._asked_secret", lambda _: "secret")
    said = digest("init")
    assert said.code == 0
    assert "no provider that I know" in said.err
    assert "“nonsense” is not an address" in said.err
    written = (tmp_path / ".env").read_text()
    assert "SMTP_HOST=smtp.example.org" in written
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert "Stopped before anything was done." in digest("init").err
    assert (tmp_path / ".env").read_text() == written


def test_init_refuses_a_sender_that_is_no_address(digest, tmp_path):
    assert digest("init", "--preset", "local", "--from", "nonsense").code == 2
    assert not (tmp_path / ".env").exists()


def test_a_bare_list_of_addresses_needs_no_heading(digest, tmp_path):
    (tmp_path / "bare.txt").write_text("ada@example.org\nno address\ngrace@example.org\n")
    said = digest("subscribers", "import", "bare.txt", "--json")
    assert (said.json["added"], [bad["line"] for bad in said.json["bad"]]) == (2, [2])


def test_columns_that_nobody_reads_are_named(digest, tmp_path):
    (tmp_path / "other.csv").write_text("Email Address,Company,MEMBER_RATING\nada@example.org,Looms,2\n")
    assert digest("subscribers", "import", "other.csv", "--json").json["unread"] == ["Company", "MEMBER_RATING"]
    assert "not read: Company, MEMBER_RATING" in digest("subscribers", "import", "other.csv").err
