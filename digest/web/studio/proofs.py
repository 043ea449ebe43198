"""The proof of one mail: what a reader would get, made again only when something that it is made of has changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from threading import Lock

from digest import drafting, shelving
from digest.desk import picker, summary
from digest.errors import NotFound, UsageError
from digest.model import Finding, Headline, Issue, Page, Shelved, Summary, Thread
from digest.web.studio.handed import Handed

_KEPT = 12  # proofs, some hundred kilobytes each


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A mail to be looked at. `page` is filled for reader@example.org, `letter` makes the bytes that they would get, once;
    `reason` says why it is the next one. What was not sent has its `draft`, and an issue without a number."""

    key: str
    shelved: Shelved
    page: Page
    issue: Issue
    letter: Callable[[], bytes]
    reason: str
    draft: drafting.Draft | None = None


class Proofs:
    """The proofs by key: a thread's number, "i" and an issue's number, or "file" for what the command line named."""

    def __init__(self, handed: Handed) -> None:
        self._handed = handed
        self._lock = Lock()
        self._made: OrderedDict[str, tuple[object, Proof]] = OrderedDict()
        self._summed: tuple[Thread, Summary] | None = None
        self._chosen: tuple[object, picker.Pick] | None = None
        self._felt: tuple[object, object] | None = None

    def forget(self) -> None:
        """Templates or settings were saved: nothing that was made with them still holds."""
        with self._lock:
            self._made.clear()

    def stamp(self) -> object:
        """The shelf's, read again only after somebody wrote to the store."""
        pulse = self._handed.store.pulse()
        felt = self._felt
        if not felt or felt[0] != pulse:
            felt = self._felt = pulse, self._handed.store.spines.stamp()
        return felt[1]

    def choice(self) -> picker.Pick:
        """What is next; asked again when the shelf changes, what counts for it, or the day."""
        weights = self._handed.weights()
        moment = (self.stamp(), weights, self._handed.now().date())
        with self._lock:
            if not self._chosen or self._chosen[0] != moment:
                self._chosen = moment, self._handed.choose(weights)
            return self._chosen[1]

    def findings(self, made: Proof) -> tuple[Finding, ...]:
        """What the checks say of a draft. They take as long as all the rest, so the picture does not wait for them."""
        if made.draft is None:
            return ()
        return drafting.with_letter(drafting.examined(made.draft), letter=made.letter()).findings

    def of(self, key: str) -> Proof:
        """NotFound when there is no such thread or issue; any other DigestError when it cannot be made as things stand."""
        if key.startswith("i") and key[1:].isdecimal():
            found: Issue | Shelved = self._issue(int(key[1:]))
            reason = ""
        else:
            found, reason = self._shelved(key)
        with self._lock:
            kept, made_of = self._made.get(key), (found, reason, self._pictures(found))
            if not kept or kept[0] != made_of:
                proof = self._sent(key, found) if isinstance(found, Issue) else self._draft(key, found, reason)
                kept = self._made[key] = made_of, proof
            self._made.move_to_end(key)
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
            return kept[1]

    def _pictures(self, found: Issue | Shelved) -> object:
        """Which pictures are kept of it: one may have come since."""
        return self._handed.store.pictures.of(found.thread_id if isinstance(found, Issue) else found.id)

    def _issue(self, number: int) -> Issue:
        issue = self._handed.store.issues.get(number)
        if issue is None:
            raise NotFound("there is no such issue", where=str(number), then="See `digest issues` for the numbers.")
        return issue

    def _shelved(self, key: str) -> tuple[Shelved, str]:
        if key == "file":
            return self.given(), ""
        shelved = shelving.find(key, store=self._handed.store)
        choice = self.choice()
        next_ = choice.best is not None and choice.best.shelved.id == shelved.id
        return shelved, picker.reason(choice) if next_ else ""

    def given(self) -> Shelved:
        """The thread in the file that the command line named, as it lies there now."""
        if self._handed.given is None:
            raise UsageError("the studio was opened without a file", then="Run `digest preview FILE`.")
        return self._handed.given()

    def _draft(self, key: str, shelved: Shelved, reason: str) -> Proof:
        desk, nonce = self._handed.desk(reason), self._handed.nonce()
        draft = drafting.proof(shelved, named=self._name(shelved), desk=desk, nonce=nonce)
        issue = Issue(number=0, thread_id=shelved.id, page=draft.page, letterhead=self._handed.head())
        return replace(self._proof(key, shelved, issue, reason), draft=draft)

    def _name(self, shelved: Shelved) -> tuple[Summary, Headline]:
        """Its summary and headline, which no template changes, nor the editor's words the summary."""
        bare = replace(shelved.thread, title="")
        if not self._summed or self._summed[0] != bare:
            self._summed = bare, summary.summarise(bare)
        return drafting.name(shelved, short=self._summed[1])

    def _sent(self, key: str, issue: Issue) -> Proof:
        shelved = shelving.find(str(issue.thread_id), store=self._handed.store)
        return self._proof(key, shelved, issue, issue.reason)

    def _proof(self, key: str, shelved: Shelved, issue: Issue, reason: str) -> Proof:
        page, letter = self._handed.filled(issue.page), cache(lambda: self._handed.letter(issue))
        return Proof(key=key, shelved=shelved, page=page, issue=issue, letter=letter, reason=reason)
