"""Carries the single letters that wait in the letterbox: taken one at a time, written down as under way, settled after
the answer. A crash loses none and doubles at most the one in each hand. It writes none itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from digest.errors import DigestError, MailError, StoreError
from digest.model import Outbox, Outcome, State
from digest.store.letterbox import Held, Letterbox
from digest.store.policy import Policy

HANDS = 4  # notes under way at once; there are never many


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """What `post` needs: where notes lie, who carries them, what time it is. It leaves the outbox open."""

    letterbox: Letterbox
    outbox: Outbox
    policy: Policy
    now: Callable[[], datetime]
    stop: asyncio.Event


async def post(rounds: Rounds) -> Counter[State]:
    """Carry until nothing is due or `stop` is set; says how many came to stand where.

    Raises MailError when the server as a whole cannot be spoken to, StoreError when the store cannot be written. Either
    way nothing is lost: what did not go is still due.
    """
    # An answer that is in doubt is never held for a person: a second copy of it does no harm, and none at all does.
    rounds = replace(rounds, policy=replace(rounds.policy, doubt="retry"))
    came, troubles = Counter[State](), list[MailError]()
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(HANDS, rounds.outbox.capacity)):
                group.create_task(_hand(rounds, came, troubles))
    except* DigestError as several:
        raise several.exceptions[0] from None
    if troubles:
        raise troubles[0]
    return came


async def _hand(rounds: Rounds, came: Counter[State], troubles: list[MailError]) -> None:
    while not (troubles or rounds.stop.is_set()):
        held = await asyncio.to_thread(rounds.letterbox.take, now=rounds.now(), policy=rounds.policy)
        if held is None:
            return
        came[await _carried(rounds, held, troubles)] += 1


async def _carried(rounds: Rounds, held: Held, troubles: list[MailError]) -> State:
    keeping = asyncio.create_task(_keep(rounds, held))
    try:
        async with rounds.outbox.carry(held.letter) as outcome:
            return await _settled(rounds, held, _forgiving(outcome))
    except MailError as trouble:  # the server's, not this note's
        troubles.append(trouble)
        return await _settled(rounds, held, Outcome(verdict="temporary", phase="connect", reply=str(trouble)))
    finally:
        keeping.cancel()


def _forgiving(outcome: Outcome) -> Outcome:
    """A "never" to MAIL is said to our sender or our login, so this note is not lost for it."""
    ours = outcome.phase == "mail" and outcome.verdict == "permanent" and outcome.code
    return outcome._replace(verdict="temporary") if ours else outcome


async def _settled(rounds: Rounds, held: Held, outcome: Outcome) -> State:
    return await asyncio.to_thread(rounds.letterbox.settle, held, outcome, now=rounds.now(), policy=rounds.policy)


async def _keep(rounds: Rounds, held: Held) -> None:
    """Three times in a lease, say that we are alive: however slow the server, nobody takes this note over."""
    while True:
        await asyncio.sleep(rounds.policy.lease.total_seconds() / 3)
        with suppress(StoreError):  # settling meets the same trouble, and says so
            await asyncio.to_thread(rounds.letterbox.keep, held, now=rounds.now(), policy=rounds.policy)
