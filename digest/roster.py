"""The editor's hand on the list, one reader at a time: add, bring back, take off, look, forget. No letter goes out for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from digest.errors import NotFound
from digest.mail import addresses
from digest.mail.tokens import TOKEN_LENGTH, Purpose, Tokens
from digest.model import Subscriber
from digest.store import Store
from digest.store.people import Event, Newcomer, Returned
from digest.store.subscribers import Answer
from digest.text import one_line


def add(address: str, *, store: Store, name: str, source: str, now: datetime) -> Answer:
    """Add who asked for it. Says what happened: "added", "already" there, or "left" before (and stays away)."""
    email = addresses.parse(address)
    newcomer = Newcomer(email=email, key=addresses.key(email), name=one_line(name), source=source, consented_at=now)
    return store.subscribers.add(newcomer, now=now)[1]


def rejoin(address: str, *, store: Store, now: datetime, how: str) -> Subscriber:
    """Bring back who asked for it, whatever stood before; links in their older letters stop working."""
    email = addresses.parse(address)
    return store.subscribers.rejoin(Newcomer(email=email, key=addresses.key(email), source=how), now=now, how=how)


def remove(address: str, *, store: Store, tokens: Tokens, now: datetime) -> Subscriber:
    """Take off a reader, by address or by the token (or the whole address) that their letter told them to write to."""
    token = re.search(rf"[a-z2-7]{{{TOKEN_LENGTH}}}", address.lower())
    leaving = tokens.read(Purpose.UNSUBSCRIBE, token[0]) if token else None
    reader = store.subscribers.get(leaving.subject) if leaving else _known(address, store=store)
    if reader is None or (leaving and reader.epoch != leaving.number):
        raise NotFound("this token is nobody's any more", where=address, then="Use the reader's address.")
    return store.subscribers.remove(addresses.key(reader.email), now=now, how="by token" if leaving else "by hand")


def suppress(address: str, *, store: Store, now: datetime, how: str) -> Subscriber:
    """Never write to this address, whoever gives it to us; `rejoin` undoes it."""
    email = addresses.parse(address)
    newcomer = Newcomer(email=email, key=addresses.key(email), source=how)
    return store.subscribers.suppress(newcomer, now=now, how=how)


def show(address: str, *, store: Store) -> tuple[Subscriber, Sequence[Event], Sequence[Returned]]:
    """A reader, what happened to them, and what came back from them."""
    reader = _known(address, store=store)
    return reader, store.subscribers.history(reader.id), store.subscribers.bounces(reader.id)


def erase(address: str, *, store: Store) -> None:
    store.subscribers.erase(addresses.key(_known(address, store=store).email))


def _known(address: str, *, store: Store) -> Subscriber:
    reader = store.subscribers.find(addresses.key(addresses.parse(address)))
    if reader is None:
        raise NotFound("is not on the list", where=address, then="`digest subscribers list` shows who is.")
    return reader
