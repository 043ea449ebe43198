"""The links of our letters. A GET shows a page with one button, however often a scanner follows it; a POST does it, twice
as well as once (RFC 8058 asks this of leaving). The token in the path is all that proves anything: there is no cookie,
so no other site can make a browser do what its owner could not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from digest.errors import DigestError, StoreError
from digest.mail.intents import Asked, Confirm, Erase, Intent, Rate, Rejoin, Stop, Unsubscribe
from digest.mail.tokens import Purpose, Stamp
from digest.model import Membership, Subscriber
from digest.web.public import visitor
from digest.web.public.forms import body
from digest.web.public.speaking import Speaker, speaker

Standing = Literal["open", "done", "old"]
_HERE = (Membership.PENDING, Membership.ACTIVE, Membership.PAUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a link is for: where it leads, the page after it, the wish, and how the link stands before and after. The
    page that asks has the words of the purpose's name."""

    path: str
    purpose: Purpose
    done: str
    intent: Callable[[Stamp], Intent]
    standing: Callable[[Stamp, Subscriber | None], Standing]


def _of_leaving(stamp: Stamp, reader: Subscriber | None) -> Standing:
    """A link from before they came back is open, too: the story asks them back about it by mail."""
    return "open" if reader and reader.membership in _HERE else "done"


def _of_joining(stamp: Stamp, reader: Subscriber | None) -> Standing:
    if reader is None:
        return "old"
    if reader.membership in (Membership.ACTIVE, Membership.PAUSED):
        return "done"
    if stamp.purpose is Purpose.CONFIRM:
        return "open" if 1 <= stamp.number <= reader.asked else "old"  # how long it lives is the story's to say
    return "open" if stamp.number == reader.epoch else "old"


def _of_erasing(stamp: Stamp, reader: Subscriber | None) -> Standing:
    if reader is None:
        return "done"
    return "open" if stamp.number == reader.epoch else "old"


def _always(stamp: Stamp, reader: Subscriber | None) -> Standing:
    """It may be said again and again; nothing of the reader shows that it was."""
    return "open"


ACTS = (
    Act(
        path="u",
        purpose=Purpose.UNSUBSCRIBE,
        done="left",
        intent=lambda stamp: Unsubscribe(stamp=stamp),
        standing=_of_leaving,
    ),
    Act(
        path="confirm",
        purpose=Purpose.CONFIRM,
        done="confirmed",
        intent=lambda stamp: Confirm(stamp=stamp),
        standing=_of_joining,
    ),
    Act(
        path="rejoin",
        purpose=Purpose.REJOIN,
        done="back",
        intent=lambda stamp: Rejoin(stamp=stamp),
        standing=_of_joining,
    ),
    Act(
        path="erase",
        purpose=Purpose.ERASE,
        done="erased",
        intent=lambda stamp: Erase(stamp=stamp),
        standing=_of_erasing,
    ),
    Act(path="stop", purpose=Purpose.STOP, done="stopped", intent=lambda stamp: Stop(stamp=stamp), standing=_always),
    Act(path="good", purpose=Purpose.GOOD, done="rated", intent=lambda stamp: Rate(stamp=stamp), standing=_always),
    Act(path="bad", purpose=Purpose.BAD, done="rated", intent=lambda stamp: Rate(stamp=stamp), standing=_always),
)


async def page(request: Request, *, act: Act) -> Response:
    """The page of one link: `/u/TOKEN`, `/confirm/TOKEN` …"""
    say = speaker(request)
    stamp = say.pieces.tokens.read(act.purpose, request.path_params["token"])
    if stamp is None:
        return say.word("unknown", status=404, write=True)
    if request.method == "POST":
        one_click = b"One-Click" in await body(request)
        return await run_in_threadpool(_do, say, act, stamp, request, one_click=one_click)
    return await run_in_threadpool(_show, say, act, stamp)


def _show(say: Speaker, act: Act, stamp: Stamp) -> Response:
    reader = say.pieces.reader(stamp.subject)
    match act.standing(stamp, reader):
        case "old":
            return old(say)
        case "done":
            return _done(say, act, reader)
        case "open":
            other = say.link(f"manage/{managing(say, reader)}") if act.path == "u" and reader else ""
            return say.word(act.purpose, action=say.link(f"{act.path}/{_token(say, stamp)}"), other=other)


def _do(say: Speaker, act: Act, stamp: Stamp, request: Request, *, one_click: bool) -> Response:
    """Ask the story for it, unless it is done or out of date; then look where the reader stands."""
    reader = say.pieces.reader(stamp.subject)
    standing = act.standing(stamp, reader)
    if standing == "open":
        client = visitor.address(request, proxies=say.pieces.proxies)
        channel: Literal["web", "one-click"] = "one-click" if one_click else "web"
        taken = asked(say, Asked(intent=act.intent(stamp), channel=channel, network=client))
        reader = say.pieces.reader(stamp.subject)
        standing = act.standing(stamp, reader) if taken else "old"
    if standing == "done" or (standing == "open" and act.standing is _always):
        return _done(say, act, reader)
    return say.word("mailed") if standing == "open" and act.path == "u" else old(say)


def asked(say: Speaker, wish: Asked) -> bool:
    """Whether the story took it. A store that is away is no answer, and goes on as the error that it is."""
    try:
        say.pieces.answer(wish)
    except StoreError:
        raise
    except DigestError:
        return False
    return True


def _done(say: Speaker, act: Act, reader: Subscriber | None) -> Response:
    if act.done == "left" and reader and reader.membership is Membership.LEFT:
        token = say.pieces.tokens.mint(Purpose.REJOIN, subject=reader.id, number=reader.epoch)
        return say.word("left", action=say.link(f"rejoin/{token}"))
    other = say.link(f"manage/{managing(say, reader)}") if act.done == "confirmed" and reader else ""
    return say.word(act.done, other=other)


def old(say: Speaker) -> Response:
    return say.word("old", status=410, write=True, offer=True)


def managing(say: Speaker, reader: Subscriber) -> str:
    return say.pieces.tokens.mint(Purpose.MANAGE, subject=reader.id, number=reader.epoch)


def _token(say: Speaker, stamp: Stamp) -> str:
    return say.pieces.tokens.mint(stamp.purpose, subject=stamp.subject, number=stamp.number)
