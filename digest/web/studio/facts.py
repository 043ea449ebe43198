"""What the studio says of a proof beside its picture, as plain values for JSON."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import SMTP
from hashlib import blake2b
from pathlib import Path

from digest.desk.render import LIMIT
from digest.errors import DigestError
from digest.model import Finding, Shelved, State, Tally
from digest.spine import Spine
from digest.web.studio.proofs import Proof

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_STYLE = re.compile(r"<style\b.*?</style>", re.DOTALL | re.IGNORECASE)
_INLINE = re.compile(r"\sstyle=(?:\"[^\"]*\"|'[^']*')")
_TAG = re.compile(r"<[^>]*>")
_PLACE = re.compile(r"(?P<file>.+):(?P<line>\d+)")
_AROUND = 4  # lines of a template before and after the one that failed


def proof(made: Proof) -> dict[str, object]:
    """What stands around the picture. The long texts are fetched when they are looked at."""
    headline, thread, head = made.page.headline, made.shelved.thread, made.issue.letterhead
    return {
        "key": made.key,
        "version": blake2b((made.page.html + made.page.text).encode(), digest_size=8).hexdigest(),
        "title": headline.title,
        "author": thread.author.name or thread.author.handle,
        "posts": len(thread.posts),
        "standing": "published" if made.issue.number else made.shelved.standing,
        "lang": made.page.lang,
        "cut": made.page.cut,
        "reason": made.reason,
        "inbox": {
            "sender": head.name,
            "address": head.from_address,
            "subject": headline.subject,
            "preheader": headline.preheader,
        },
        "words": words(made.shelved),
    }


def letter(made: Proof) -> dict[str, object]:
    """What needs the letter itself, which takes as long to make as its page."""
    headers = [[name, str(value)] for name, value in message_from_bytes(made.letter(), policy=SMTP).items()]
    return {"headers": headers, "size": size(made)}


def words(shelved: Shelved) -> dict[str, str]:
    """The editor's own words, "" where they left them to us."""
    title = shelved.thread.title if shelved.thread.title != shelved.headline else ""
    return {"title": title, "subject": shelved.subject, "preheader": shelved.preheader}


def finding(one: Finding) -> dict[str, str]:
    return {name: getattr(one, name) for name in ("rule", "level", "what", "where", "why", "fix")}


def size(made: Proof) -> dict[str, object]:
    """Bytes: of the parts, of the whole letter as it is carried, and what the page spends them on."""
    from digest.desk.checks.size import CLIPPED  # noqa: PLC0415 - the checks come after the picture

    html = made.page.html
    whole = len(html.encode())
    without = {"outlook": _COMMENT.sub("", html)}
    without["styles"] = _INLINE.sub("", _STYLE.sub("", without["outlook"]))
    without["markup"] = _TAG.sub("", without["styles"])
    spent, rest = {}, whole
    for name, left in without.items():
        spent[name], rest = rest - len(left.encode()), len(left.encode())
    return {
        "html": whole,
        "text": len(made.page.text.encode()),
        "letter": len(made.letter()),
        "budget": LIMIT,
        "clipped": CLIPPED,
        "spent": spent | {"text": rest},
    }


def row(one: Spine) -> dict[str, object]:
    """A thread in the list."""
    return {
        "id": one.id,
        "title": one.title,
        "author": one.author.name or one.author.handle,
        "handle": one.author.handle,
        "posts": one.girth.posts,
        "date": one.date,
        "standing": one.standing,
        "deleted": one.gone,
        "rank": one.rank,
    }


def delivered(tally: Tally) -> dict[str, int]:
    """An issue's letters: all, accepted, still owed."""
    return {"total": tally.total, "accepted": tally[State.ACCEPTED], "owed": tally.owed()}


def fault(error: DigestError) -> dict[str, object]:
    """Why there is no picture: the sentence, and the lines of the file around the place that it names."""
    said: dict[str, object] = {"what": error.what, "where": error.where, "then": error.then}
    place = _PLACE.fullmatch(error.where)
    path = Path(place["file"]) if place else None
    if not place or not path or path.suffix not in {".j2", ".css", ".toml"} or not path.is_file():
        return said
    line, lines = int(place["line"]), path.read_text(encoding="utf-8", errors="replace").splitlines()
    first = max(1, line - _AROUND)
    excerpt = [[number, text] for number, text in enumerate(lines[first - 1 : line + _AROUND], start=first)]
    here = lines[line - 1].strip() if line <= len(lines) else ""
    said["what"] = error.what.removesuffix(f" ({here[:160]})")  # shown below, with its neighbours
    return said | {"file": str(path), "line": line, "excerpt": excerpt}
