"""A thread becomes a page: Jinja2 → MJML → premailer, proved and held under the size that mailboxes show whole.
Knows no reader: what differs by reader is left as marks."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from digest.desk import furniture, proof
from digest.desk.palette import CARD, Look
from digest.desk.plates import used
from digest.desk.sheet import Masthead, Sheet, laid, upto, weight
from digest.desk.shipped import shipped
from digest.desk.templates import Templates
from digest.errors import RenderError
from digest.model import Headline, Marks, Page, Summary, Thread

__all__ = ["LIMIT", "Masthead", "Printer", "shipped"]

LIMIT = 90_000  # decoded bytes; Gmail cuts a page somewhere past 102,000 and takes its styles away with the rest
_STEP, _SLACK = 250, 1_500  # characters, bytes: a cut that comes so near to the limit is good enough
_NONCE = re.compile(r"[A-Za-z0-9]{8,64}")


class Printer:
    """Holds the templates, compiled; `templates` is the owner's folder."""

    def __init__(self, templates: Path | None = None, *, look: Look = CARD) -> None:
        self._templates = Templates(templates, look=look)
        self._languages = furniture.read(*self._templates.sources("words.toml"))

    def print(
        self, thread: Thread, *, summary: Summary, headline: Headline, masthead: Masthead, nonce: str, lang: str = ""
    ) -> Page:
        """The page of this thread, at most 90,000 bytes in either part.

        `nonce` is 8 to 64 random letters and digits, fresh for each page; `lang` overrules the thread's own BCP 47
        tag. RenderError names the template and line that failed.
        """
        sheet = self._sheet(thread, summary=summary, headline=headline, masthead=masthead, nonce=nonce, lang=lang)
        return self._fitting(sheet)

    def print_short(
        self, thread: Thread, *, summary: Summary, headline: Headline, masthead: Masthead, nonce: str, lang: str = ""
    ) -> Page:
        """The same page without the posts: the summary, and the way to the thread."""
        sheet = self._sheet(thread, summary=summary, headline=headline, masthead=masthead, nonce=nonce, lang=lang)
        return self._struck(upto(sheet, 0))

    def print_gone(
        self, thread: Thread, *, summary: Summary, headline: Headline, masthead: Masthead, nonce: str, lang: str = ""
    ) -> Page:
        """The same for a thread that its author took back: the page says so, and leads nowhere."""
        bare = replace(thread, related=())
        sheet = self._sheet(bare, summary=summary, headline=headline, masthead=masthead, nonce=nonce, lang=lang)
        return self._struck(upto(replace(sheet, gone=True), 0))

    def _sheet(
        self, thread: Thread, *, summary: Summary, headline: Headline, masthead: Masthead, nonce: str, lang: str
    ) -> Sheet:
        if not _NONCE.fullmatch(nonce):
            raise RenderError("the nonce must be 8 to 64 letters and digits", where=repr(nonce))
        return laid(
            thread,
            summary=summary,
            headline=headline,
            masthead=masthead,
            marks=Marks(nonce=nonce),
            languages=self._languages,
            lang=lang,
        )

    def _fitting(self, sheet: Sheet) -> Page:
        """Whole when it fits, else whole but denser, else cut: close to the most that fits, found by halving."""
        fits, beyond = 0, weight(sheet.thread)
        for trial in (sheet, replace(sheet, dense=True)) if beyond <= LIMIT else ():
            page = self._struck(upto(trial, beyond))
            if _size(page) <= LIMIT:
                return page
        sheet, beyond = replace(sheet, dense=True), min(beyond, LIMIT)
        best = self._struck(upto(sheet, 0))
        while beyond - fits > _STEP and _size(best) < LIMIT - _SLACK:
            middle = (fits + beyond) // 2
            page = self._struck(upto(sheet, middle))
            if _size(page) <= LIMIT:
                fits, best = middle, page
            else:
                beyond = middle
        return best

    def _struck(self, sheet: Sheet) -> Page:
        mjml = self._templates.markup("digest.mjml.j2", {"sheet": sheet})
        html = _inlined(mjml, css=self._templates.markup("inline.css.j2", {"sheet": sheet}))
        page = Page(
            headline=sheet.headline,
            html=html,
            text=self._templates.text("digest.txt.j2", {"sheet": sheet}),
            mjml=mjml,
            marks=sheet.marks,
            lang=sheet.lang,
            cut=sheet.left + sheet.broken,
            pictures=used(sheet.posts, html=html),
        )
        return proof.prove(page, sheet=sheet)


def _inlined(mjml: str, *, css: str) -> str:
    from digest.desk import inline  # noqa: PLC0415 - premailer takes 0.3 s to load; who prints nothing need not wait

    return inline.page(mjml, css=css)


def _size(page: Page) -> int:
    return max(len(page.html.encode()), len(page.text.encode()))
