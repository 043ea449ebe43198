"""The letters to one person (is it you? welcome, goodbye …), in the very look of the digest, from words that an owner may
overrule. It knows what a letter says, and never who gets it or why."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from html import escape
from typing import Literal

from digest.desk import furniture
from digest.desk.furniture import Words
from digest.desk.templates import Templates
from digest.errors import RenderError
from digest.model import Page, Shown
from digest.text import one_line

_RIGHT_TO_LEFT = {"ar", "fa", "he", "ur", "yi"}
_BODY = re.compile(r"<body\b[^>]*>")
Foot = Literal["asked", "reader", "editor", "none"]  # why they get it; none where an issue below says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a list: what it is called, what it says, where it leads ("" for nowhere)."""

    text: str
    label: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A letter's words, set. `version` tells the wording from an earlier or later one: it is part of the evidence.
    `pictures` are those of an issue below."""

    subject: str
    html: str
    text: str
    lang: str
    version: str
    pictures: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the templates may set. `go` is where the button leads, `aside` the quiet link, `leave` the way out."""

    name: str
    postal_address: str
    lang: str
    dir: Literal["ltr", "rtl"]
    words: Words
    title: str
    lines: tuple[str, ...]
    rows: tuple[Row, ...]
    button: str
    go: str
    after: tuple[str, ...]
    other: str
    aside: str
    foot: str
    leave: str


class Stationery:
    """The digest's own paper: its name, the address that readers write to, and its words in one language.

    A BCP 47 tag without words of its own gets English. RenderError when the words of a template folder are no TOML.
    """

    def __init__(self, templates: Templates, *, name: str, address: str, postal_address: str, lang: str) -> None:
        self._templates = templates
        self._always = {"name": name, "address": address}
        self._postal_address = postal_address
        self.lang = _spoken(templates, lang)
        self._letters = furniture.read(*templates.sources("notes/en.toml"))
        if self.lang != "en":
            own = furniture.read(*templates.sources(f"notes/{self.lang}.toml"))
            self._letters = {kind: {**self._letters.get(kind, {}), **own.get(kind, {})} for kind in self._letters}
        self._words = furniture.words(furniture.read(*templates.sources("words.toml")), self.lang)

    def paper(
        self,
        kind: str,
        values: Mapping[str, str],
        *,
        foot: Foot,
        rows: Sequence[Row] = (),
        go: str = "",
        aside: str = "",
        leave: str = "",
    ) -> Paper:
        """The letter of this kind. `values` fill the places in its words and are text, whoever wrote them."""
        said, told = self._letters[kind], {**self._always, **values}
        sheet = Sheet(
            name=self._always["name"],
            postal_address=self._postal_address,
            lang=self.lang,
            dir="rtl" if self.lang in _RIGHT_TO_LEFT else "ltr",
            words=self._words,
            title=self._filled(said["title"], told, kind),
            lines=self._lines(said, "lines", told, kind),
            rows=tuple(rows),
            button=self._filled(said.get("button", ""), told, kind) if go else "",
            go=go,
            after=self._lines(said, "after", told, kind),
            other=self._filled(said.get("other", ""), told, kind) if aside else "",
            aside=aside,
            foot="" if foot == "none" else self._filled(self._letters["foot"][foot], told, "foot"),
            leave=leave,
        )
        subject = one_line(self._filled(said["subject"], told, kind))[:200]
        return Paper(
            subject=subject, html=self._html(sheet), text=self._text(sheet), lang=self.lang, version=self.version(kind)
        )

    def version(self, kind: str) -> str:
        """12 hex digits that change with any word of this letter."""
        return sha256(json.dumps(self._letters[kind], sort_keys=True).encode()).hexdigest()[:12]

    def say(self, group: str, word: str, values: Mapping[str, str]) -> str:
        """A single phrase, such as what an event is called; the word itself where we have no phrase for it."""
        phrase = self._letters[group].get(word, word)
        return self._filled(phrase, {**self._always, **values}, group)

    def commands(self) -> Sequence[Row]:
        """What can be asked, for the help."""
        phrases: dict[str, str] = self._letters["help"]["rows"]
        return [Row(label=word, text=self._filled(text, self._always, "help")) for word, text in phrases.items()]

    def day(self, when: date) -> str:
        return furniture.day(when, self._words)

    def _lines(self, said: Words, part: str, told: Mapping[str, str], kind: str) -> tuple[str, ...]:
        return tuple(self._filled(line, told, kind) for line in said.get(part, ()))

    def _filled(self, words: str, values: Mapping[str, str], kind: str) -> str:
        try:
            return words.format_map(values)
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise RenderError(
                f"{{{error}}} is nothing that this letter knows",
                where=f"notes/{self.lang}.toml, [{kind}]",
                then=f"It knows {', '.join(f'{{{name}}}' for name in values)}.",
            ) from error

    def _html(self, sheet: Sheet) -> str:
        from digest.desk import inline  # noqa: PLC0415 - premailer takes 0.3 s to load

        mjml = self._templates.markup("notes/note.mjml.j2", {"sheet": sheet})
        return inline.page(mjml, css=self._templates.markup("inline.css.j2", {"sheet": sheet}))

    def _text(self, sheet: Sheet) -> str:
        return self._templates.text("notes/note.txt.j2", {"sheet": sheet})


def filled(page: Page, values: Mapping[str, str]) -> tuple[str, str]:
    """An issue's page as one reader sees it, HTML and text, with these values in the places of its marks."""
    html, text = page.html, page.text
    for mark, value in values.items():
        html, text = html.replace(mark, escape(value)), text.replace(mark, value)
    return html, text


def before(paper: Paper, issue: tuple[str, str], *, pictures: tuple[Shown, ...]) -> Paper:
    """The letter with an issue below it, as one page and one text: both are set in the same styles. `pictures` are the
    issue's."""
    html, text = issue
    inner = paper.html[_end_of(_BODY, paper.html) : paper.html.rindex("</body>")]
    at = _end_of(_BODY, html)
    rule = "=" * 72
    return Paper(
        subject=paper.subject,
        html=html[:at] + inner + html[at:],
        text=f"{paper.text.rstrip()}\n\n{rule}\n\n{text}",
        lang=paper.lang,
        version=paper.version,
        pictures=pictures,
    )


def _end_of(mark: re.Pattern[str], page: str) -> int:
    found = mark.search(page)
    if found is None:
        raise RenderError("the finished page has no body", where="notes/note.mjml.j2", then="Mend that template.")
    return found.end()


def _spoken(templates: Templates, lang: str) -> str:
    primary = lang.lower().partition("-")[0]
    return primary if templates.has(f"notes/{primary}.toml") else "en"
