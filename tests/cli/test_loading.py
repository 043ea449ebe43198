"""What a command loads: as little as it needs, since somebody waits for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from digest.store import open_store

HEAVY = {
    "sqlalchemy",
    "alembic",
    "jinja2",
    "lxml",
    "mjml",
    "premailer",
    "httpx",
    "feedparser",
    "yaml",
    "email_validator",
    "starlette",
    "uvicorn",
    "watchfiles",
    "imapclient",
    "structlog",
    "digest.settings",
    "digest.sources",
    "digest.store",
}
SHELF = {"sqlalchemy", "digest.settings", "digest.store"}

ASK = """
import sys
from digest.cli.main import answer
answer(sys.argv[1:])
sys.stderr.write("\\nloaded:" + " ".join(sys.modules))
"""


def loaded_by(*arguments: str, cwd) -> set[str]:
    done = subprocess.run([sys.executable, "-c", ASK, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    return set(done.stderr.rpartition("loaded:")[2].split()) & HEAVY


@pytest.mark.parametrize(
    ("command", "needs"),
    [
        ("--version", set()),
        ("threads", SHELF),
        ("pin 1", SHELF),
        ("subscribers list", SHELF),
        ("send --help", set()),
        ("pick", SHELF),
    ],
)
def test_a_command_loads_no_more_than_it_needs(command, needs, tmp_path):
    open_store(f"sqlite:///{tmp_path}/data/digest.sqlite3").close()  # a new one is made by migrations, once
    assert loaded_by(*command.split(), cwd=tmp_path) == needs


def test_the_list_of_commands_opens_no_room(tmp_path):
    assert loaded_by("--help", cwd=tmp_path) <= {"digest.settings", "jinja2"}


def test_the_window_of_the_studio_waits_for_no_room_and_no_framework():
    ask = "import sys, digest.cli.main, digest.cli.studio, digest.cli.window; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=120, check=True)
    assert set(done.stdout.split()) & (HEAVY | {"rich", "pydantic"}) <= {
        "uvicorn",
        "watchfiles",
    }  # which uvicorn brings


def test_who_sets_a_page_loads_nothing_that_could_fetch():
    """premailer would load `requests`, which takes longer than premailer."""
    ask = "import sys, digest.desk.inline; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=120, check=True)
    assert not set(done.stdout.split()) & {"requests", "urllib3", "httpx"}
