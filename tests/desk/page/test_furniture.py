"""The words around a thread are there in every language, with the same gaps to fill."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from digest.desk.furniture import day, many, read, words
from digest.errors import RenderError

LANGUAGES = read((Path(__file__).parents[3] / "templates" / "words.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("lang", ["en", "de", "fr", "es", "it", "pt", "nl", "ar", "he", "ja"])
def test_a_language_has_every_word_but_the_way_of_writing_a_date(lang):
    assert set(LANGUAGES["en"]) - set(LANGUAGES[lang]) <= {"day"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_has_the_gap_that_english_has(lang):
    for key in ("post", "minutes", "read_on", "more_from", "reason"):
        assert LANGUAGES[lang][key].count("{}") == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_language_has_twelve_months_and_a_form_for_many(lang):
    assert len(LANGUAGES[lang]["months"]) == 12
    assert "19" in many(LANGUAGES[lang]["posts"], 19)


@pytest.mark.parametrize(
    ("lang", "written"),
    [("en-GB", "3 March 2026"), ("de", "3. März 2026"), ("ja", "2026年3月3日"), ("es", "3 de marzo de 2026")],
)
def test_a_date_is_written_as_its_readers_write_it(lang, written):
    assert day(date(2026, 3, 3), words(LANGUAGES, lang)) == written


def test_what_a_language_lacks_comes_from_english():
    assert words(read("[en]\na = 'A'\nb = 'B'", "[xx]\na = 'X'"), "xx") == {"a": "X", "b": "B"}


def test_a_broken_table_is_named():
    with pytest.raises(RenderError, match=r"words\.toml"):
        read("[en")
