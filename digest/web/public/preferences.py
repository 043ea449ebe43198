"""A reader's own page: which kind comes, whose threads they want, a pause, a copy of their data, the way out. It shows no address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from digest.desk.furniture import day
from digest.mail.intents import Asked, Choose, Erase, Export, Follow, Intent, Pause, Resume, Unsubscribe
from digest.mail.tokens import Purpose, Stamp
from digest.model import Membership, Subscriber
from digest.web.public import visitor
from digest.web.public.forms import fields
from digest.web.public.limits import Limit
from digest.web.public.links import asked, old
from digest.web.public.speaking import Speaker, speaker

_MAILED = {"export": "mailed", "erase": "ask_erase"}
_BARE: Mapping[str, Intent] = {"resume": Resume(), "export": Export(), "erase": Erase()}
_OFFERED = 50  # authors of issues, the most frequent first, whom the form knows by name
_READING = (Membership.ACTIVE, Membership.PAUSED)


class Preferences:
    """Holds how often who asked for a letter."""

    def __init__(self) -> None:
        self._letters = Limit(3, span=timedelta(days=1))

    async def page(self, request: Request) -> Response:
        say = speaker(request)
        stamp = say.pieces.tokens.read(Purpose.MANAGE, request.path_params["token"])
        if stamp is None:
            return say.word("unknown", status=404, write=True)
        wish = await fields(request) if request.method == "POST" else None
        return await run_in_threadpool(self._answered, say, stamp, request, wish)

    def _answered(self, say: Speaker, stamp: Stamp, request: Request, wish: Mapping[str, str] | None) -> Response:
        reader = _reader(say, stamp)
        if reader is None:
            return old(say)
        if wish is None:
            return _page(say, reader)
        intent, done = _intent(wish, stamp), wish.get("do", "")
        if intent is None:
            return _page(say, reader, status=422)
        if done in _MAILED and not self._letters.allows(str(reader.id), now=say.pieces.now()):
            return say.word(_MAILED[done])  # enough of them are on their way already
        client = visitor.address(request, proxies=say.pieces.proxies)
        before = say.pieces.follows(reader.id)
        if not asked(say, Asked(intent=intent, channel="web", network=client, bearer=stamp)):
            return old(say)
        if done == "follow" and say.pieces.follows(reader.id) == before:
            done = "nobody"  # or somebody whom they follow already
        return self._after(say, stamp, done)

    def _after(self, say: Speaker, stamp: Stamp, done: str) -> Response:
        if done in _MAILED:
            return say.word(_MAILED[done])
        if done == "leave":
            token = say.pieces.tokens.mint(Purpose.REJOIN, subject=stamp.subject, number=stamp.number)
            return say.word("left", action=say.link(f"rejoin/{token}"))
        reader = _reader(say, stamp)
        return _page(say, reader, said=done) if reader else old(say)


def _reader(say: Speaker, stamp: Stamp) -> Subscriber | None:
    """Whose page it is; None when they left, or came back since and have a newer link."""
    reader = say.pieces.reader(stamp.subject)
    return reader if reader and reader.epoch == stamp.number and reader.membership in _READING else None


def _intent(wish: Mapping[str, str], stamp: Stamp) -> Intent | None:
    """What a form asks for; None for what no form of ours can."""
    match wish:
        case {"do": "choose", "kind": ("full" | "summary" | "text") as kind}:
            return Choose(kind=kind)
        case {"do": "pause", "weeks": weeks} if weeks.isascii() and weeks.isdecimal() and 1 <= int(weeks[:4]) <= 52:
            return Pause(weeks=int(weeks[:4]))
        case {"do": ("follow" | "unfollow") as word, "author": author} if author.strip():
            return Follow(author=author, on=word == "follow")
        case {"do": "leave"}:
            return Unsubscribe(stamp=Stamp(purpose=Purpose.UNSUBSCRIBE, subject=stamp.subject, number=stamp.number))
        case {"do": ("resume" | "export" | "erase") as word}:
            return _BARE[word]
        case _:
            return None


def _page(say: Speaker, reader: Subscriber, *, said: str = "", status: int = 200) -> Response:
    press = say.pieces.press
    words = press.typesetter.words(press.typesetter.speaks(press.site.lang))
    until = day(reader.paused_until, words) if reader.paused_until else True
    paused = until if reader.membership is Membership.PAUSED else None
    follows = say.pieces.follows(reader.id)
    known = [writer.author.handle for writer in say.catalogue().writers if writer.author.handle][:_OFFERED]
    shown = {"chosen": reader.kind, "paused": paused, "said": said, "follows": follows}
    return say.form("manage", {**shown, "known": [one for one in known if one not in follows]}, status=status)
