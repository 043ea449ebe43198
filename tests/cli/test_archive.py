"""`digest archive`, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def settings(tmp_path):
    (tmp_path / ".env").write_text("DIGEST_NAME='Bees'\n")


def test_an_archive_of_nothing_is_a_first_page_and_a_feed(digest):
    said = digest("archive", "out", "--json")
    assert said.code == 0
    assert said.json == {"files": 2, "changed": 2, "removed": [], "left": []}
    assert "<form" not in Path("out/index.html").read_text(encoding="utf-8")
    assert digest("archive", "out").out.startswith("2 files in out, 0 of them new or changed.")


def test_an_archive_that_is_off_is_not_written(digest, monkeypatch):
    monkeypatch.setenv("DIGEST_ARCHIVE", "off")
    said = digest("archive", "out")
    assert said.code == 2
    assert "DIGEST_ARCHIVE" in said.err
    assert not Path("out").exists()


def test_a_form_needs_somewhere_to_lead(digest, monkeypatch):
    assert digest("archive", "out", "--form").code == 2
    monkeypatch.setenv("DIGEST_BASE_URL", "https://example.org/letter")
    assert digest("archive", "out", "--form").code == 0
    assert 'action="https://example.org/letter/subscribe"' in Path("out/index.html").read_text(encoding="utf-8")


def test_a_proxy_that_is_no_address_is_said(digest, monkeypatch):
    monkeypatch.setenv("WEB_PROXIES", "localhost")
    said = digest("archive", "out")
    assert said.code == 2
    assert "WEB_PROXIES" in said.err
    assert "10.0.0.0/8" in said.err
