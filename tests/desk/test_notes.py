"""The letters to one person: the same in every language, an owner's own words, and no markup from a stranger's."""

from __future__ import annotations

import string
import tomllib
from pathlib import Path

import pytest

from digest.desk.notes import Row, Stationery
from digest.desk.templates import Templates, shipped
from digest.errors import RenderError

FOR_READERS = {
    "foot",
    "confirm",
    "already",
    "welcome",
    "welcome_first",
    "back",
    "goodbye",
    "leave",
    "paused",
    "resumed",
    "full",
    "summary",
    "text",
    "issue",
    "no_issue",
    "no_issue_yet",
    "why",
    "ask_export",
    "export",
    "ask_erase",
    "erased",
    "help",
    "unknown",
    "stranger",
    "nominated",
    "not_nominated",
    "events",
    "channels",
}
LANGUAGES = sorted(path.stem for path in (shipped() / "notes").glob("*.toml"))


def words(lang: str) -> dict[str, dict[str, object]]:
    return tomllib.loads((shipped() / "notes" / f"{lang}.toml").read_text(encoding="utf-8"))


def stationery(own: Path | None = None, *, lang: str = "en") -> Stationery:
    return Stationery(
        Templates(own), name="Bees", address="digest@example.org", postal_address="1 Hive Lane", lang=lang
    )


def places(value: object) -> set[str]:
    texts = [value] if isinstance(value, str) else value.values() if isinstance(value, dict) else value
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(str(text)) if name}  # type: ignore[attr-defined]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_says_to_readers_all_that_english_says(lang: str) -> None:
    """What is for the editor alone may be English."""
    ours, english = words(lang), words("en")
    assert ours.keys() >= FOR_READERS
    for kind, said in ours.items():
        assert said.keys() == english[kind].keys(), kind
        for part, value in said.items():
            assert places(value) <= places(english[kind][part]) | {"name", "address", "email"}, (kind, part)


def test_a_language_without_words_gets_english() -> None:
    paper = stationery(lang="ja-JP").paper("resumed", {"email": "a@b.test"}, foot="reader")
    assert paper.lang == "en"
    assert "It comes again" in paper.text


def test_a_strangers_words_are_text_and_no_markup() -> None:
    row = Row(label="<b>x</b>", text="<script>", link="https://example.org/?a=1&b=2")
    paper = stationery().paper(
        "not_nominated", {"email": "a@b.test", "reason": "<img src=x>{name}"}, foot="reader", rows=[row]
    )
    assert "<img src=x>" not in paper.html
    assert "<script>" not in paper.html
    assert "&lt;img" in paper.html
    assert "<img src=x>{name}" in paper.text


def test_an_owner_overrules_any_part(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/en.toml").write_text('[goodbye]\ntitle = "So long"\n', encoding="utf-8")
    paper = stationery(tmp_path).paper("goodbye", {"email": "a@b.test"}, foot="reader")
    assert "So long" in paper.html
    assert "Thank you for reading" in paper.html


def test_the_version_changes_with_the_words(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/en.toml").write_text('[confirm]\ntitle = "One more click"\n', encoding="utf-8")
    assert stationery(tmp_path).version("confirm") != stationery().version("confirm")
    assert stationery(tmp_path).version("goodbye") == stationery().version("goodbye")


@pytest.mark.parametrize("bad", ["{nothing}", "{", "{0}", "{name.x}"])
def test_a_place_that_is_nothing_is_named(tmp_path: Path, bad: str) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/en.toml").write_text(f'[goodbye]\ntitle = "{bad}"\n', encoding="utf-8")
    with pytest.raises(RenderError, match=r"notes/en.toml, \[goodbye\]"):
        stationery(tmp_path).paper("goodbye", {"email": "a@b.test"}, foot="reader")
