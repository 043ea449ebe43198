"""Puts the public pages together: what they stand on, out of the settings and the store."""

from __future__ import annotations

import hmac

from digest import subscribing
from digest.cli.archive import press
from digest.cli.house import House
from digest.web.public import Public


def public(house: House) -> Public:
    """What is asked on a page is answered by the story of mail; its letters lie in the letterbox afterwards."""
    reception = house.reception()
    return Public(
        press=press(house, form=True),
        tokens=reception.tokens,
        reader=house.store.subscribers.get,
        follows=house.store.subscribers.favourites_of,
        answer=lambda asked: subscribing.answer(asked, reception=reception, now=house.time()),
        now=house.time,
        key=hmac.digest(house.store.secret(), b"form", "sha256"),
        proxies=house.settings.proxies,
    )
