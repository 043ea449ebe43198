"""The words that stand around a thread (In short, Unsubscribe …), in its reader's language. Never touches the thread."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

from digest.errors import RenderError

Words = Mapping[str, Any]  # str for most; for the plurals a pair (one, many); for `months` the twelve names
Languages = Mapping[str, Words]


def read(*sources: str) -> Languages:
    """Tables in TOML, one per language, the later sources adding to the earlier. RenderError when one is no TOML."""
    languages: dict[str, dict[str, Any]] = {}
    for source in sources:
        for language, words in _parsed(source).items():
            languages[language] = languages.get(language, {}) | words
    return languages


def _parsed(source: str) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise RenderError(str(error), where="words.toml", then="Mend that line of your templates folder.") from error


def words(languages: Languages, lang: str) -> Words:
    """The words for a BCP 47 tag, by its first part; what that language lacks comes from English."""
    return {**languages["en"], **languages.get(lang.lower().partition("-")[0], {})}


def many(forms: tuple[str, str], count: int) -> str:
    """ "1 post", "19 posts": of a pair of forms, the first is for one."""
    return forms[count != 1].format(count)


def day(when: date, words: Words) -> str:
    """A date as that language writes it: "22 November 2026"."""
    form: str = words["day"]
    return form.format(day=when.day, month=words["months"][when.month - 1], year=when.year)
