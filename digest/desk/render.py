"""A thread becomes a page: Jinja2 → MJML → premailer, proved and held under the size that mailboxes show whole.
Knows no reader: what differs by reader is left as marks."""

from __future__ import annotations

import re
import traceback
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
)
from markupsafe import Markup

from digest.desk import furniture, plain, proof, rich
from digest.desk.sheet import Masthead, Sheet, laid, upto, weight
from digest.errors import RenderError
from digest.model import Headline, Marks, Page, Summary, Thread
from digest.text import clean, direction

__all__ = ["LIMIT", "Masthead", "Printer", "shipped"]

LIMIT = 90_000  # decoded bytes; Gmail cuts a page somewhere past 102,000 and takes its styles away with the rest
_STEP, _SLACK = 250, 1_500  # characters, bytes: a cut that comes so near to the limit is good enough
_NONCE = re.compile(r"[A-Za-z0-9]{8,64}")


class Printer:
    """Holds the templates, compiled. `templates` is the owner's folder: a file there stands in for the shipped one of
    the same name, and may build on it by `{% extends "shipped/…" %}`."""

    def __init__(self, templates: Path | None = None) -> None:
        self._shipped = FileSystemLoader(shipped())
        self._own = FileSystemLoader(templates) if templates else None
        loader = ChoiceLoader([*filter(None, [self._own]), self._shipped, PrefixLoader({"shipped": self._shipped})])
        self._page = _environment(loader, autoescape=True)
        self._text = _environment(loader, autoescape=False)
        self._languages = furniture.read(*self._sources("words.toml"))

    def print(
        self, thread: Thread, *, summary: Summary, headline: Headline, masthead: Masthead, nonce: str, lang: str = ""
    ) -> Page:
        """The page of this thread, at most 90,000 bytes in either part.

        `nonce` is 8 to 64 random letters and digits, fresh for each page; `lang` overrules the thread's own BCP 47
        tag. RenderError names the template and line that failed.
        """
        if not _NONCE.fullmatch(nonce):
            raise RenderError("the nonce must be 8 to 64 letters and digits", where=repr(nonce))
        sheet = laid(
            thread,
            summary=summary,
            headline=headline,
            masthead=masthead,
            marks=Marks(nonce=nonce),
            languages=self._languages,
            lang=lang,
        )
        return self._fitting(sheet)

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
        mjml = self._set(self._page, "digest.mjml.j2", sheet)
        page = Page(
            headline=sheet.headline,
            html=_inlined(mjml, css=self._set(self._page, "inline.css.j2", sheet)),
            text=self._set(self._text, "digest.txt.j2", sheet),
            mjml=mjml,
            marks=sheet.marks,
            lang=sheet.lang,
            cut=sheet.left + sheet.broken,
        )
        return proof.prove(page, sheet=sheet)

    def _set(self, environment: Environment, template: str, sheet: Sheet) -> str:
        try:
            return environment.get_template(template).render(sheet=sheet)
        except Exception as error:  # a template may raise anything; its author needs the line, whatever it was
            raise _misprint(error, template) from error

    def _sources(self, name: str) -> list[str]:
        """The shipped file of that name and, when there is one, the owner's after it."""
        sources = [self._shipped.get_source(self._page, name)[0]]
        if self._own and name in self._own.list_templates():
            sources.append(self._own.get_source(self._page, name)[0])
        return sources


def shipped() -> Path:
    """The templates that come along: beside the package in a checkout, inside it once installed."""
    checkout = Path(__file__).parents[2]
    if (checkout / "pyproject.toml").exists():
        return checkout / "templates"
    return Path(str(files("digest") / "templates"))


def _environment(loader: BaseLoader, *, autoescape: bool) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=autoescape,  # noqa: S701 - off for plain text only; select_autoescape would leave *.j2 unescaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_cleaned,
    )
    for name in ("web", "brief", "breaks", "rich", "still", "caption", "box"):
        environment.filters[name] = getattr(rich, name)
    environment.filters |= {"direction": direction, "many": furniture.many}
    environment.filters |= {"plain": plain.plain, "fill": plain.fill, "columns": plain.columns, "cites": plain.cites}
    return environment


def _inlined(mjml: str, *, css: str) -> str:
    from digest.desk import inline  # noqa: PLC0415 - premailer takes 0.3 s to load; who prints nothing need not wait

    return inline.page(mjml, css=css)


def _cleaned(value: object) -> object:
    """Whatever a template prints, without the characters that would stop the translator."""
    if isinstance(value, Markup):
        return Markup(clean(value))  # noqa: S704 - it was markup before, and only lost characters
    return clean(value) if isinstance(value, str) else value


def _size(page: Page) -> int:
    return max(len(page.html.encode()), len(page.text.encode()))


def _misprint(error: Exception, template: str) -> RenderError:
    """The error of a template, led back to the file, the line and what stands there."""
    if isinstance(error, TemplateNotFound):
        return RenderError(f"there is no template {error}", where=template, then="Check the name after the tag.")
    places = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).suffix == ".j2"]
    file, line = (places[-1].filename, places[-1].lineno or 1) if places else (template, 1)
    if isinstance(error, TemplateSyntaxError):
        file, line = error.filename or error.name or template, error.lineno
    excerpt = _line_of(Path(file), line)
    return RenderError(f"{error}{excerpt}", where=f"{file}:{line}", then="Mend that line of the template.")


def _line_of(file: Path, number: int) -> str:
    """ " (what stands there)", or "" when the file cannot be read."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return f" ({lines[number - 1].strip()[:160]})" if 0 < number <= len(lines) else ""
