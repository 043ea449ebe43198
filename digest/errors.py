"""Everything that can go wrong, as one family.

    DigestError                     exit 1   something did not work; the sentence says what to do next
    ├── SettingsError               exit 2   a setting is unknown, wrong or missing
    ├── UsageError                  exit 2   the command was asked for something that makes no sense
    │   └── NotFound                exit 2   no such thread, issue or subscriber
    ├── NothingToSend               exit 1   no thread on the shelf may go out
    ├── CheckFailed                 exit 3   a check found errors, so nothing was sent
    ├── InputError                  exit 1   a file, page or list cannot be read as what it should be
    │   ├── NotAThread              exit 1   it was read, and it is something else (an author page, a bare menu)
    │   ├── Unwilling               exit 1   its author does not wish to be in it
    │   ├── Moved                   exit 1   an author who writes somewhere else now
    │   ├── Gone                    exit 1   it was there, and its author took it back
    │   └── Several                 exit 1   it holds more threads than one, and nobody said which
    ├── WebError        temporary?  exit 1   a page or an API on the web could not be had
    ├── RenderError                 exit 1   a thread could not be made into a page
    ├── StoreError      temporary?  exit 1   the database is locked, unwritable, missing or too new
    └── MailError       temporary?  exit 1   the conversation with a mail server failed as a whole
        ├── Unreachable             temporary
        ├── CertificateRefused      permanent
        └── LoginRefused            permanent

One recipient's failure is no exception: it is an `Outcome` (see `digest.model`).
"""

from __future__ import annotations

from datetime import datetime


class DigestError(Exception):
    """What happened, to what, and what to do next.

    `what` is the fact, `where` its subject (a path, a host, an address) and `then` the next step.
    `str()` joins them into the sentence that a person reads.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", then: str = "") -> None:
        self.what, self.where, self.then = what, where, then
        super().__init__(what, where, then)

    def __str__(self) -> str:
        fact = f"{self.where}: {self.what}" if self.where else self.what
        return f"{fact.rstrip('.')}. {self.then}".strip() if self.then else f"{fact.rstrip('.')}."


class SettingsError(DigestError):
    """A setting is unknown, wrong or missing; `where` is its name."""

    exit_code = 2


class UsageError(DigestError):
    """The command was asked for something that makes no sense here."""

    exit_code = 2


class NotFound(UsageError):
    """No such thread, issue or subscriber; `where` is what was asked for."""


class NothingToSend(DigestError):
    """No thread on the shelf may go out."""


class CheckFailed(DigestError):
    """A check found errors that stand in the way of sending."""

    exit_code = 3


class InputError(DigestError):
    """A file, page or list cannot be read as what it should be; `where` is the REF."""


class NotAThread(InputError):
    """It could be read, and it holds no thread: an author page, a menu, a log-in wall."""


class Unwilling(InputError):
    """Its author does not wish to be in the digest: nobody goes round that by another way."""


class Moved(InputError):
    """An author writes somewhere else now, as `then` says."""


class Gone(InputError):
    """It was there once, and its author took it back: said only where that is certain."""


class Several(InputError):
    """It holds several threads, and one was asked for."""


class RenderError(DigestError):
    """A thread could not be made into a page; `where` is the template and line when known."""


class Passing(DigestError):
    """A failure that knows whether trying again later can help."""

    def __init__(self, what: str, *, where: str = "", then: str = "", temporary: bool = False) -> None:
        super().__init__(what, where=where, then=then)
        self.temporary = temporary


class WebError(Passing):
    """A page or an API could not be had; `where` is its address without anything secret.

    `status` is the server's answer (404, 429 …), 0 when none came, `words` how that began, as the server put it; `again` when
    the server wants to be asked next, None where it did not say.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        then: str = "",
        temporary: bool = False,
        status: int = 0,
        again: datetime | None = None,
        words: str = "",
    ) -> None:
        super().__init__(what, where=where, then=then, temporary=temporary)
        self.status, self.again, self.words = status, again, words


class StoreError(Passing):
    """The database is locked, unwritable, missing, damaged or newer than this program."""


class MailError(Passing):
    """The conversation with a mail server failed as a whole; `where` is host:port."""


class Unreachable(MailError):
    """Nobody answered, or the answer stopped."""


class CertificateRefused(MailError):
    """The server's certificate is not one that we may trust with a password."""


class LoginRefused(MailError):
    """The server did not take the name and password."""
