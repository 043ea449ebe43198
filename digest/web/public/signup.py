"""The sign-up form. Whoever asks gets the same page, whether we know the address or not: only its mailbox learns more."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from digest.errors import InputError
from digest.mail import addresses
from digest.mail.intents import Asked, Subscribe
from digest.web.public import visitor
from digest.web.public.forms import fields, stamp, was_filled_by_hand
from digest.web.public.limits import Limit
from digest.web.public.speaking import Speaker, speaker

_PER_NETWORK, _PER_ADDRESS = 30, 3


class Signup:
    """Holds how often who asked."""

    def __init__(self) -> None:
        self._networks = Limit(_PER_NETWORK, span=timedelta(hours=1))
        self._addresses = Limit(_PER_ADDRESS, span=timedelta(days=1))

    async def page(self, request: Request) -> Response:
        say = speaker(request)
        return await self._sent(say, request) if request.method == "POST" else _form(say)

    async def _sent(self, say: Speaker, request: Request) -> Response:
        now, pieces = say.pieces.now(), say.pieces
        client = visitor.address(request, proxies=pieces.proxies)
        if not self._networks.allows(visitor.network(client), now=now):
            return _busy(say)
        sent = await fields(request)
        if sent.get("website"):  # nobody sees this field, so whoever fills it in is a program
            return await self._answered(say, None)
        given = sent.get("email", "")
        try:
            email = addresses.parse(given)
        except InputError:
            return _form(say, fault="wrong", email=given[:254], status=422)
        # A form on another site bears no time, and a program needs none: either has to press once more, on our page.
        if not was_filled_by_hand(sent.get("stamp", ""), key=pieces.key, now=now):
            return _form(say, fault="again", email=email)
        asked = Asked(intent=Subscribe(), channel="web", sender=email, network=client)
        return await self._answered(say, asked if self._addresses.allows(email.casefold(), now=now) else None)

    async def _answered(self, say: Speaker, asked: Asked | None) -> Response:
        """The same page after the same time, whatever was done."""
        slow = asyncio.create_task(asyncio.sleep(say.pieces.pace))
        try:
            if asked:
                await run_in_threadpool(say.pieces.answer, asked)
        finally:
            await slow
        return say.word("sent")


def _form(say: Speaker, *, fault: str = "", email: str = "", status: int = 200) -> Response:
    shown = stamp(say.pieces.key, now=say.pieces.now())
    return say.form("signup", {"stamp": shown, "fault": fault, "email": email}, status=status)


def _busy(say: Speaker) -> Response:
    response = say.word("busy", status=429, write=True)
    response.headers["Retry-After"] = "3600"
    return response
