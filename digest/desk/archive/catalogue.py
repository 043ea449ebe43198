"""The order of the archive: which issue stands beside which, and who wrote them. Knows no markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from digest.model import Author, BackIssue

_SLUG_LIMIT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """An author and all of their issues, newest first. `slug` names their page: lower-case ASCII letters, digits, "-"."""

    slug: str
    author: Author
    issues: tuple[BackIssue, ...]

    @property
    def name(self) -> str:
        return self.author.name or self.author.handle


class Catalogue:
    """The issues in order, and their writers; made anew whenever one comes or goes."""

    def __init__(self, issues: Sequence[BackIssue]) -> None:
        self.issues = tuple(sorted(issues, key=lambda issue: issue.number, reverse=True))
        self._at = {issue.number: at for at, issue in enumerate(self.issues)}
        self.writers = _writers(self.issues)
        self._writer = {issue.number: writer for writer in self.writers for issue in writer.issues}

    @property
    def newest(self) -> BackIssue | None:
        return self.issues[0] if self.issues else None

    def get(self, number: int) -> BackIssue | None:
        return self.issues[self._at[number]] if number in self._at else None

    def before(self, issue: BackIssue) -> BackIssue | None:
        at = self._at[issue.number] + 1
        return self.issues[at] if at < len(self.issues) else None

    def after(self, issue: BackIssue) -> BackIssue | None:
        at = self._at[issue.number] - 1
        return self.issues[at] if at >= 0 else None

    def writer_of(self, issue: BackIssue) -> Writer | None:
        """Who wrote it; None where the source named nobody."""
        return self._writer.get(issue.number)

    def writer(self, slug: str) -> Writer | None:
        return next((writer for writer in self.writers if writer.slug == slug), None)


def _writers(issues: Sequence[BackIssue]) -> tuple[Writer, ...]:
    """Who wrote the most comes first. A name is shown as its newest issue has it."""
    works: dict[str, list[BackIssue]] = {}
    for issue in issues:
        if key := _key(issue.author):
            works.setdefault(key, []).append(issue)
    slugs = _slugs(works)
    writers = (Writer(slug=slugs[key], author=own[0].author, issues=tuple(own)) for key, own in works.items())
    return tuple(sorted(writers, key=lambda writer: (-len(writer.issues), writer.name.casefold(), writer.slug)))


def _key(author: Author) -> str:
    """What tells two authors apart. A handle is nobody else's; a name may be."""
    return (author.handle or author.name).casefold()


def _slugs(works: dict[str, list[BackIssue]]) -> dict[str, str]:
    """A page name for each. Who came first keeps the plain one, so that a newcomer moves nobody's page."""
    slugs: dict[str, str] = {}
    for key in sorted(works, key=lambda key: works[key][-1].number):
        plain, tail = _slug(key), sha256(key.encode()).hexdigest()[:8]
        slugs[key] = plain if plain and plain not in slugs.values() else f"{plain or 'author'}-{tail}"
    return slugs


def _slug(key: str) -> str:
    """ "@Renée.O" → "renee-o"; "" where no letter is Latin."""
    ascii_ = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_.lower()).strip("-")[:_SLUG_LIMIT].strip("-")
