"""`digest check`: the checks of the desk for a thread on the shelf, or for any mail or page in a file. Two more that
the desk cannot make, since they leave this program: whether links answer, and what a spam filter says."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest import drafting
from digest.cli.drafts import next_thread
from digest.cli.house import House, nonce
from digest.cli.shelf import Json, read_thread
from digest.cli.terminal import hanging, note, one_of, print_json, say
from digest.errors import NotAThread, UsageError
from digest.model import Finding, Issue, Letterhead, Recipient, Shelved

if TYPE_CHECKING:
    from digest import sources
    from digest.desk.checks import Exhibit

STYLES = {"error": "red", "warning": "yellow", "note": "dim"}
READER = Recipient(id=1, email="reader@example.org")


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `digest check`, `digest check 3 --online`, `digest check some.eml`")(check)


def check(
    ctx: typer.Context,
    thread: Annotated[
        str | None,
        typer.Argument(
            metavar="THREAD", help="A number on the shelf, a file, or any .eml or .html; else the next pick."
        ),
    ] = None,
    online: Annotated[
        bool, typer.Option("--online", help="Also ask each link and picture whether it is there.")
    ] = False,
    spam: Annotated[bool, typer.Option("--spam", help="Also ask SpamAssassin or rspamd, where installed.")] = False,
    notes: Annotated[bool, typer.Option("--notes", help="Show each note in full.")] = False,
    json: Json = False,
) -> None:
    """The checks that also stand before every send. Exit code 3 when one finds an error."""
    from digest.cli import outside

    title, mail, letter, findings = _examined(ctx.obj, thread)
    if online:
        findings = (*findings, *outside.reach(mail))
    if spam:
        findings = (*findings, *outside.spam(letter))
    errors = [finding for finding in findings if finding.level == "error"]
    if json:
        print_json([as_json(finding) for finding in findings])
    else:
        say(title, style="bold")
        print_findings(findings, notes=notes)
        warnings = sum(finding.level == "warning" for finding in findings)
        rest = len(findings) - len(errors) - warnings
        say(f"{one_of(len(errors), 'error')}, {one_of(warnings, 'warning')}, {one_of(rest, 'note')}.")
    if errors:
        raise typer.Exit(3)


def _examined(house: House, ref: str | None) -> tuple[str, Exhibit, bytes, tuple[Finding, ...]]:
    """What it is called, what is in it, its bytes as a mail (b"" for a bare page), and the findings."""
    from digest.desk import checks

    foreign = _foreign(ref) if ref else None
    if ref and foreign is not None:
        if Path(ref).suffix.lower() in {".html", ".htm"}:
            return ref, checks.of_html(foreign, where=ref), b"", checks.check_page(foreign, where=ref)
        return ref, checks.of_letter(foreign), foreign, checks.check_letter(foreign)
    return _drafted(house, read_thread(house, ref) if ref else next_thread(house)[0])


def _drafted(house: House, found: Shelved) -> tuple[str, Exhibit, bytes, tuple[Finding, ...]]:
    from digest.desk import checks

    drafted = drafting.draft(found, desk=house.desk(), nonce=nonce())
    issue = Issue(number=0, thread_id=0, page=drafted.page, letterhead=house.postroom.draft_letterhead())
    letter = house.postroom.draft_press(issue).address(READER).data
    drafted = drafting.with_letter(drafted, letter=letter)
    mail = checks.of_page(house.postroom.addressed(drafted.page))
    return drafted.page.headline.title, mail, letter, drafted.findings


def with_letter(house: House, drafted: drafting.Draft, *, letterhead: Letterhead) -> drafting.Draft:
    """The draft with what the checks say of a letter of its issue, too. Refuses a secret that is not the issue's."""
    issue = Issue(number=0, thread_id=drafted.shelved.id, page=drafted.page, letterhead=letterhead)
    return drafting.with_letter(drafted, letter=house.postroom.press(issue).address(READER).data)


def _foreign(ref: str) -> bytes | None:
    """The bytes of a file that is a mail or a page and no thread; else None."""
    from digest import sources

    path = Path(ref)
    if path.suffix.lower() not in {".eml", ".html", ".htm"}:
        return None
    raw = sources.fetch(ref)
    if path.suffix.lower() != ".eml":
        if _is_thread(raw):
            return None
        note(f"{ref} is no saved thread, so it is checked as a mail's page.")
    return raw.data


def _is_thread(raw: sources.Raw) -> bool:
    """Whether it was saved from a place where threads are; any page with words could be imported as one."""
    from digest import sources
    from digest.sources import pages

    try:
        return sources.read(raw).source != pages.NAME
    except NotAThread:
        return False


def as_json(finding: Finding) -> dict[str, str]:
    return {name: getattr(finding, name) for name in ("rule", "level", "what", "where", "why", "fix")}


def print_findings(findings: Iterable[Finding], *, notes: bool) -> None:
    """Each with its reason and remedy; of the notes, unless asked, one line a rule."""
    ordered = list(findings)
    for finding in ordered:
        if finding.level != "note" or notes:
            print_finding(finding)
    if not notes:
        some = sorted((finding for finding in ordered if finding.level == "note"), key=lambda finding: finding.rule)
        for rule, group in groupby(some, key=lambda finding: finding.rule):
            _print_notes(rule, list(group))


def print_finding(finding: Finding) -> None:
    hanging(f"{finding.level:7}", f"{finding.what} [{finding.rule}]", style=STYLES[finding.level])
    if finding.where:
        hanging(" " * 7, f"in {finding.where}")
    hanging(" " * 7, f"{finding.why} {finding.fix}".strip(), style="dim")


def _print_notes(rule: str, found: Sequence[Finding]) -> None:
    from digest.desk.checks.rules import BY_NAME

    if len(found) == 1:
        print_finding(found[0])
    else:
        hanging("note   ", f"{BY_NAME[rule].what} {one_of(len(found), 'time')}; see --notes. [{rule}]", style="dim")


def refuse_unknown(despite: Sequence[str]) -> None:
    """UsageError for a rule that there is none of, with the nearest one."""
    from digest.desk.checks.rules import BY_NAME

    for name in despite:
        if name not in BY_NAME:
            near = difflib.get_close_matches(name, BY_NAME, n=1)
            then = f"Did you mean {near[0]}?" if near else "`digest check` shows each finding's rule in brackets."
            raise UsageError("there is no such rule", where=f"--despite {name}", then=then)
