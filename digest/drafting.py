"""A digest before it is anybody's: a thread with its summary, its page, and what the checks say. Sends and stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from digest.desk.plates import LINKS, Hanging, hung
from digest.model import Finding, Headline, Page, Picture, Shelved, Standing, Summary, Thread

if TYPE_CHECKING:
    from digest.desk.render import Masthead, Printer

Deleted = Literal["hold", "summary", "send"]


Writer = Callable[[Thread], Summary | None]
"""Writes a summary instead of our extract; None when it has none that may stand."""


Illustrator = Callable[[Shelved], Mapping[str, Picture]]
"""The pictures that a page of this thread may show, by what it calls them (`Media.still`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every page is made with. `deleted` is what becomes of a thread that its author took back."""

    printer: Printer
    masthead: Masthead
    lang: str
    writer: Writer | None = None
    illustrator: Illustrator | None = None
    hanging: Hanging = LINKS
    deleted: Deleted = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A digest before it is anybody's: the page, what and with what it was made, and what the checks say of it."""

    desk: Desk
    shelved: Shelved
    summary: Summary
    page: Page
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level == "error")


def unshelved(thread: Thread, *, now: datetime) -> Shelved:
    """A thread read where it lies, to be looked at and not kept: it has no number."""
    bare = Shelved(id=0, thread=thread, standing=Standing.WAITING, imported_at=now)
    return replace(bare, headline=name(bare)[1].title)


def name(shelved: Shelved, *, short: Summary | None = None) -> tuple[Summary, Headline]:
    """What a thread says in short, and what it is called; the editor's own words go first. `short`: when it is known."""
    from digest.desk import headline, summary

    short = short or summary.summarise(shelved.thread)
    called = headline.headline(shelved.thread, summary=short, subject=shelved.subject, preheader=shelved.preheader)
    return short, called


def draft(shelved: Shelved, *, desk: Desk, nonce: str) -> Draft:
    """Summary, headline, page and findings for a thread. `nonce`: 16 random hex digits, new for each draft."""
    short, called = name(shelved)
    if desk.writer and short.kind == "extract":  # an author's own words need no other's
        short = desk.writer(shelved.thread) or short
    return examined(proof(shelved, named=(short, called), desk=desk, nonce=nonce))


def proof(shelved: Shelved, *, named: tuple[Summary, Headline], desk: Desk, nonce: str) -> Draft:
    """A draft that nobody has checked: for who looks at it again and again, and has its name already."""
    from digest.tongue import language

    short, called = named
    lang = language.of(shelved.thread) or desk.lang
    if _is_short(shelved, desk):
        short, thread, print_ = _points(short, shelved.thread), shelved.thread, desk.printer.print_gone
    else:
        album = desk.illustrator(shelved) if desk.illustrator else {}
        thread = hung(shelved.thread, album=album, hanging=desk.hanging, summary=short)
        print_ = desk.printer.print
    page = print_(thread, summary=short, headline=called, masthead=desk.masthead, nonce=nonce, lang=lang)
    return Draft(desk=desk, shelved=shelved, summary=short, page=page, findings=())


def _is_short(shelved: Shelved, desk: Desk) -> bool:
    """Whether its summary is all that may go out."""
    return shelved.gone_at is not None and desk.deleted == "summary"


def _points(short: Summary, thread: Thread) -> Summary:
    """A summary with something in it, for a thread that would have none, too."""
    from digest.desk import summary

    return short if short.points else Summary(kind="extract", points=tuple(summary.extract(thread)))


def short_page(drafted: Draft) -> Page | None:
    """The page of those who want the summary alone; None where the page is one already, or has none for its shortness."""
    if not drafted.summary.points or _is_short(drafted.shelved, drafted.desk):
        return None
    return drafted.desk.printer.print_short(
        drafted.shelved.thread,
        summary=drafted.summary,
        headline=drafted.page.headline,
        masthead=drafted.desk.masthead,
        nonce=drafted.page.marks.nonce,
        lang=drafted.page.lang,
    )


def examined(drafted: Draft) -> Draft:
    """The draft, with what the checks say of its page."""
    from digest.desk.checks import check, check_pictures

    thread = drafted.shelved.thread
    desk = drafted.desk
    findings = check(drafted.page, thread=thread, postal_address=desk.masthead.postal_address)
    album = desk.illustrator(drafted.shelved) if desk.illustrator else {}
    kept = drafted.shelved.id and desk.hanging.way != "link"  # of a thread that is only looked at, nothing is kept
    unshown = check_pictures(drafted.page, thread=thread, album=album) if kept else ()
    return replace(drafted, findings=(*findings, *unshown, *_doubts(thread)))


def with_letter(drafted: Draft, *, letter: bytes) -> Draft:
    """The draft, with what the checks say of the head of one of its letters, whoever's."""
    from digest.desk.checks import check_head

    return replace(drafted, findings=(*drafted.findings, *check_head(letter)))


def _doubts(thread: Thread) -> Iterator[Finding]:
    """What looked wrong when the thread came in: it would go out like that."""
    from digest.desk.checks.rules import found

    for warning in thread.warnings:
        yield found("import", warning)
