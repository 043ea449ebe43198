"""The two checks that leave the program: do links answer, and what does a spam filter say. Made only when asked."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import httpx

from digest.desk.checks.exhibit import Exhibit
from digest.desk.checks.rules import found
from digest.errors import UsageError
from digest.model import Finding

MOST = 100  # addresses asked of one mail
AT_ONCE = 8
HEAVY = 1_000_000  # bytes of a picture
_LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]]")
# These say "not you", not "not there": a site that shuts robots out, or wants a login.
_SHUT = {401, 402, 403, 405, 406, 407, 429, 451, 503, 999}


def reach(mail: Exhibit) -> tuple[Finding, ...]:
    """What became of each link and picture of a mail when it was asked for, those of its text part too."""
    found = [*mail.tree.xpath("//a/@href | //img/@src"), *_LINK.findall(mail.text)]
    wanted = dict.fromkeys(address for address in found if _is_web(address))
    return asyncio.run(_asked(list(wanted)[:MOST]))


def _is_web(address: str) -> bool:
    parts = urlsplit(address)
    own = (parts.hostname or "").endswith(("example.org", "example.com", "example.test"))  # nobody lives there
    return parts.scheme in {"http", "https"} and not own


async def _asked(addresses: list[str]) -> tuple[Finding, ...]:
    room = asyncio.Semaphore(AT_ONCE)
    headers = {"User-Agent": "digest-check"}
    async with httpx.AsyncClient(timeout=10, follow_redirects=False, headers=headers) as client:

        async def one(address: str) -> list[Finding]:
            async with room:
                return [finding async for finding in _answered(client, address)]

        answers = await asyncio.gather(*map(one, addresses))
    return tuple(finding for answer in answers for finding in answer)


async def _answered(client: httpx.AsyncClient, address: str) -> AsyncIterator[Finding]:
    try:
        answer, size = await client.head(address), 0
        if answer.status_code in {400, 404, 405, 501} or _is_unmeasured(answer):  # some servers know no HEAD
            async with client.stream("GET", address) as answer:
                size = await _measured(answer) if _is_unmeasured(answer) else 0
    except (httpx.HTTPError, httpx.InvalidURL) as trouble:
        yield found("link-dead", f"no answer ({type(trouble).__name__})", where=address[:80])
        return
    if answer.status_code in _SHUT:
        yield found("link-shut", f"it answers {answer.status_code}", where=address[:80])
    elif answer.status_code >= 400:
        yield found("link-dead", f"it answers {answer.status_code}", where=address[:80])
    elif answer.has_redirect_location:
        yield found("link-moved", f"to {answer.headers['location'][:60]}", where=address[:80])
    said = answer.headers.get("content-length", "")
    size = int(said) if said.isdecimal() else size
    if _is_picture(answer) and size > HEAVY:
        yield found("picture-huge", f"{size:,} bytes or more", where=address[:80])


def _is_picture(answer: httpx.Response) -> bool:
    return str(answer.headers.get("content-type", "")).startswith("image/")


def _is_unmeasured(answer: httpx.Response) -> bool:
    return _is_picture(answer) and "content-length" not in answer.headers


async def _measured(answer: httpx.Response) -> int:
    """How many bytes come, counted until they are too many."""
    size = 0
    async for chunk in answer.aiter_raw():
        size += len(chunk)
        if size > HEAVY:
            break
    return size


def spam(letter: bytes) -> Iterator[Finding]:
    """What SpamAssassin, or else rspamd, says of a mail. UsageError when neither is installed."""
    if not letter:
        raise UsageError("a spam filter wants a whole mail, and this is a bare page", then="Give an .eml file.")
    if shutil.which("spamassassin"):
        yield _by_spamassassin(letter)
    elif shutil.which("rspamc"):
        yield _by_rspamd(letter)
    else:
        raise UsageError(
            "--spam needs SpamAssassin or rspamd, and neither is on this machine",
            then="Debian: apt install spamassassin.",
        )


def _by_spamassassin(letter: bytes) -> Finding:
    """Its own rules alone (--local): the mail did not come over the network, so what that would tell is not known."""
    said = _ran(["spamassassin", "--local", "--test-mode"], letter)
    head = re.search(r"^X-Spam-Status: (?:Yes|No), score=(-?[\d.]+) required=(-?[\d.]+)", said, re.MULTILINE)
    rules = re.findall(r"^\s*(-?\d+\.\d+) ([A-Z][A-Z0-9_]+) ", said, re.MULTILINE)
    return _verdict(
        "SpamAssassin", head and (float(head[1]), float(head[2])), [(name, points) for points, name in rules]
    )


def _by_rspamd(letter: bytes) -> Finding:
    said = _ran(["rspamc", "--ip", "127.0.0.1", "symbols"], letter)
    head = re.search(r"^Score: (-?[\d.]+) / (-?[\d.]+)", said, re.MULTILINE)
    rules = re.findall(r"^Symbol: ([A-Z][A-Z0-9_]+) \((-?[\d.]+)\)", said, re.MULTILINE)
    return _verdict("rspamd", head and (float(head[1]), float(head[2])), rules)


def _ran(command: list[str], letter: bytes) -> str:
    done = subprocess.run(command, input=letter, capture_output=True, check=False, timeout=120)  # noqa: S603 - fixed words
    return done.stdout.decode(errors="replace")


def _verdict(who: str, scored: tuple[float, float] | None, rules: list[tuple[str, str]]) -> Finding:
    if scored is None:
        raise UsageError(f"{who} gave no score", then="Try it by hand on `digest render`'s digest.eml.")
    points, limit = scored
    counted = ", ".join(f"{name} {score}" for name, score in rules if float(score))
    rule = "spam-verdict" if points >= limit else "spam-score"
    return found(rule, f"{who}: {points:g} of {limit:g} points{f' ({counted})' if counted else ''}", where="mail")
