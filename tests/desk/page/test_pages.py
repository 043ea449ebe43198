"""The forms of the public pages say the same in every language that they are written in."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from digest.desk.furniture import read
from digest.desk.site import Typesetter

LANGUAGES = read((Path(__file__).parents[3] / "templates/public/words.toml").read_text(encoding="utf-8"))
FORMS = [lang for lang, words in LANGUAGES.items() if "pages" in words]


def said(words: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, int]]:
    """Each thing said, by its place, and how many gaps it has to fill."""
    for key, value in words.items():
        if isinstance(value, dict):
            yield from said(value, f"{above}{key}.")
        else:
            parts = value if isinstance(value, list) else [str(value)]
            yield (
                f"{above}{key}",
                sum(gap is not None for part in parts for _, gap, _, _ in string.Formatter().parse(part)),
            )


@pytest.mark.parametrize("lang", FORMS)
def test_a_language_says_all_that_english_says_with_the_same_gaps(lang):
    assert dict(said(LANGUAGES[lang])) == dict(said(LANGUAGES["en"]))


def test_the_forms_speak_the_languages_of_the_letters():
    letters = {path.stem for path in (Path(__file__).parents[3] / "templates/notes").glob("*.toml")}
    assert set(FORMS) == letters


@pytest.mark.parametrize(("wanted", "spoken"), [("fr-CA", "fr-CA"), ("nl", "nl"), ("ja", "en"), ("tlh", "en")])
def test_a_form_is_in_the_readers_language_or_in_english(wanted, spoken):
    assert Typesetter().speaks(wanted) == spoken
