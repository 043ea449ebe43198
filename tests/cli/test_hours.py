"""`digest schedule`, `send --due`, `resume` and `backup`, as they are typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from digest.cli.house import now

ENV = """\
DIGEST_FROM=digest@example.org
DIGEST_POSTAL_ADDRESS='1 Hive Lane, Uppsala'
SMTP_HOST=127.0.0.1
SMTP_PORT=1
SMTP_TLS=none
"""


def settings(folder, line):
    (folder / ".env").write_text(f"{ENV}DIGEST_SCHEDULE='{line}'\n", encoding="utf-8")


def far_from_now() -> str:
    at = now() + timedelta(hours=12)
    return f"{at.minute} {at.hour} * * *"


def a_minute_ago() -> str:
    at = now() - timedelta(minutes=1)
    return f"{at.minute} {at.hour} * * *"


def test_schedule_shows_what_comes_with_zone_and_distance(digest, tmp_path) -> None:
    settings(tmp_path, far_from_now())
    said = digest("schedule", "--count", "2")
    assert said.code == 0
    assert "UTC" in said.out
    assert " 11 h 5" in said.out
    assert "1 d 11 h" in said.out
    assert max(map(len, said.out.splitlines())) <= 80


def test_schedule_as_json_holds_all_that_it_says(digest, tmp_path) -> None:
    settings(tmp_path, far_from_now())
    said = digest("schedule", "--count", "1", "--json").json
    assert said.keys() == {"zone", "next", "thread", "last", "stopped"}
    assert datetime.fromisoformat(said["next"][0]["at"]) > datetime.now(UTC)


def test_due_outside_a_slot_does_nothing_and_is_silent(digest, tmp_path) -> None:
    settings(tmp_path, far_from_now())
    said = digest("send", "--due")
    assert (said.code, said.out, said.err) == (0, "", ""), "cron mails each word"


def test_the_first_ring_at_a_slot_makes_its_issue(digest, tmp_path) -> None:
    """Cron rings at the slot and never before it: without a look back the first week would be lost."""
    settings(tmp_path, a_minute_ago())
    (tmp_path / "t.md").write_text("\n\n---\n\n".join(f"{n} " + "word " * 45 for n in range(6)), encoding="utf-8")
    digest("import", "t.md")
    digest("subscribers", "add", "ada@example.org")
    assert digest("send", "--due").code == 1, "nobody listens at this port"
    (came,) = digest("schedule", "--json").json["last"]
    assert came["state"] == "made"
    assert digest("report", "--json").json["waiting"] == 1


def test_due_with_an_empty_shelf_tells_the_editor_by_mail(digest, tmp_path) -> None:
    settings(tmp_path, a_minute_ago())
    said = digest("send", "--due")
    assert "no issue yet for" in said.err
    (came,) = digest("schedule", "--json").json["last"]
    assert (came["state"], came["issue"]) == ("due", None)
    assert "nothing on the shelf" in came["why"]


def test_a_restored_store_refuses_to_send_until_it_is_resumed(digest, tmp_path) -> None:
    settings(tmp_path, far_from_now())
    digest("send", "--due")
    digest("subscribers", "add", "ada@example.org")
    assert digest("backup", "kept").code == 0
    (tmp_path / "data/digest.sqlite3").write_bytes((tmp_path / "kept").read_bytes())
    for name in ("-wal", "-shm"):
        (tmp_path / f"data/digest.sqlite3{name}").unlink(missing_ok=True)
    refused = digest("send", "--yes")
    assert refused.code == 2
    assert "restored from a backup" in refused.err
    assert "`digest resume`" in refused.err
    assert "Nothing leaves by itself" in digest("schedule").err
    resumed = digest("resume")
    assert (resumed.code, "It goes on." in resumed.out) == (0, True)
    assert digest("send", "--due").code == 0
