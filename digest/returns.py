"""Letters that come back, and readers who call one spam. A reader's place is taken issue by issue, never by the day, and
never for what is said of us."""

from __future__ import annotations

from digest.correspondence import Correspondence
from digest.mail.intents import Bounced, Complained
from digest.model import Membership
from digest.text import one_line

ALARM = 5  # readers of one domain that an issue came back from for what we are, before the editor is told


def bounced(desk: Correspondence, wish: Bounced) -> str:
    """Noted once for each reader, issue and kind. Only a hard one counts against the reader."""
    reader, issue = desk.act.get(wish.stamp.subject), wish.stamp.number
    if reader is None:
        return "a bounce of nobody's letter"
    domain = reader.email.rpartition("@")[2]
    said = one_line(wish.said)
    new = desk.act.returned(reader, issue=issue, kind=wish.kind, status=wish.status, said=said)
    if new and wish.kind == "hard" and issue:
        desk.act.strike(reader, issue=issue, how=f"issue {issue}: {wish.status} {said}".strip())
    if new and wish.kind == "ours":
        _alarm(desk, domain, issue=issue)
    return f"{wish.kind} bounce" if new else f"{wish.kind} bounce, known already"


def _alarm(desk: Correspondence, domain: str, *, issue: int) -> None:
    """Tell the editor, once for each issue and domain."""
    count = desk.act.returned_by(domain, issue=issue, kind="ours")
    if count == ALARM and desk.act.once(f"alarm {issue} {domain}"):
        told = {"domain": domain, "number": str(issue), "count": str(count)}
        desk.tell_editor("alarm", told)


def complained(desk: Correspondence, wish: Complained) -> str:
    """Out at once, and not a word about it."""
    reader = desk.act.get(wish.stamp.subject)
    if reader is None:
        return "a complaint about nobody's letter"
    desk.act.returned(reader, issue=wish.stamp.number, kind="complaint", status="", said="")
    if reader.membership not in (Membership.COMPLAINED, Membership.SUPPRESSED):
        desk.act.witness(reader, "complained", how=f"issue {wish.stamp.number}", evidence=desk.evidence())
        desk.act.change(reader, {"membership": Membership.COMPLAINED})
    return "complained"
