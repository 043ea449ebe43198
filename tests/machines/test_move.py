"""`digest move` and `digest work`, as a person calls them."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.store import open_store
from rig.newsletter import Newsletter, found
from rig.postgres import Cluster


@pytest.fixture
def small(tmp_path: Path) -> Newsletter:
    made = found(tmp_path, {"SMTP_HOST": "127.0.0.1", "SMTP_TLS": "none"})
    made.run("subscribers", "add", "ada@example.test")
    return made


def test_a_newsletter_moves_and_goes_on_from_there(small: Newsletter, cluster: Cluster) -> None:
    url = cluster.database()
    assert "All of it arrived" in small.run("move", "--to", url)
    small.run("threads", code=1)
    with (small.folder / ".env").open("a") as settings:
        settings.write(f"DATABASE_URL='{url}'\n")
    assert [reader["email"] for reader in small.json("subscribers", "list")] == ["ada@example.test"]
    assert len(small.json("threads")) == 1
    small.run("work", "--once")


def test_a_store_with_a_sender_at_work_stays(small: Newsletter, cluster: Cluster) -> None:
    store = open_store(f"sqlite:///{small.folder}/data/digest.sqlite3")
    with store.sole_sender():
        small.run("move", "--to", cluster.database(), code=1)
    store.close()
    small.run("threads")


def test_work_is_refused_where_there_can_be_one_sender_only(small: Newsletter) -> None:
    small.run("work", "--once", code=2)
