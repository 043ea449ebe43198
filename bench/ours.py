"""Ours, as a racer: what `digest send` does with an issue that is owed, from the first claim to the last answer written."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, cast

from pydantic import SecretStr

from bench import newsletter
from bench.material import address
from bench.measure import python
from bench.racer import race
from digest import publishing
from digest.cli.house import House
from digest.model import Outcome, Recipient, State, Tally
from digest.settings import Settings
from digest.store.claims import Claim, Past
from digest.store.ledger import Ledger, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One run of ours. `shared` says that others send from the same store; `ledger` False counts in memory alone."""

    store: str = ""
    port: int = 0
    folder: str = ""
    letters: int = 0
    connections: int = 10
    window: int = 1
    tls: Literal["none", "tls"] = "none"
    certificate: str = ""
    keys: tuple[str, ...] = ()
    ledger: bool = True
    shared: bool = False

    @property
    def command(self) -> tuple[str, ...]:
        return python("bench.ours", json.dumps(asdict(self)))


PLAIN = Errand()


class Nothing:
    """A ledger that remembers nothing, to see what remembering costs."""

    local = True

    def __init__(self, letters: int) -> None:
        self._left = iter(range(1, letters + 1))
        self._counts = Counter[State]()

    def claim(self, number: int, *, limit: int, now: datetime, policy: Policy) -> Sequence[Claim]:
        return [_claim(number, n) for _, n in zip(range(limit), self._left, strict=False)]

    def turn(
        self,
        *,
        settled: Sequence[tuple[Claim, Outcome]],
        starting: Sequence[Claim],
        now: datetime,
        policy: Policy,
    ) -> frozenset[Claim]:
        return frozenset(starting)

    def note(self, heard: Sequence[tuple[Claim, Outcome]], *, now: datetime, policy: Policy) -> bool:
        self._counts.update(State.ACCEPTED for _, outcome in heard if outcome.verdict == "accepted")
        return True

    def turn_page(self) -> None:
        """There are no pages."""

    def ours(self, *, now: datetime) -> bool:
        return True

    def release(self, claims: Sequence[Claim], *, now: datetime) -> None:
        """There is nobody to give them back to."""

    def tally(self, number: int) -> Tally:
        return Tally(counts=dict(self._counts))


def _claim(number: int, n: int) -> Claim:
    reader = Recipient(id=n, email=address(n))
    return Claim(reader, Past(issue_id=number, state=0, version=1, attempts=0, doubts=0))


def main(errand: Errand) -> None:
    house = newsletter.house(_settings(errand), folder=Path(errand.folder))
    try:
        race(lambda: asyncio.run(_send(house, errand)))
    finally:
        house.close()


def _settings(errand: Errand) -> Settings:
    return newsletter.SETTINGS.model_copy(
        update={
            "database_url": SecretStr(errand.store),
            "smtp_host": "127.0.0.1",
            "smtp_port": errand.port,
            "smtp_tls": errand.tls,
            "smtp_ca_file": Path(errand.certificate) if errand.certificate else None,
            "smtp_connections": errand.connections,
            "smtp_window": errand.window,
            "dkim_domain": "example.org",
            "dkim_selector": ",".join(f"key{n}" for n, _ in enumerate(errand.keys)),
            "dkim_key_file": ",".join(errand.keys),
        }
    )


async def _send(house: House, errand: Errand) -> None:
    """A worker that comes last may find nothing owed any more."""
    for issue in publishing.owed(house.store):
        round_ = house.round(issue, outbox=house.postroom.outbox(), heard=lambda *_: None, stop=asyncio.Event())
        if not errand.ledger:
            round_ = replace(round_, ledger=cast(Ledger, Nothing(errand.letters)))
        tally = await publishing.deliver(round_)
        if not errand.shared and tally[State.ACCEPTED] != errand.letters:
            raise RuntimeError(f"{tally[State.ACCEPTED]} of {errand.letters} letters were accepted")


if __name__ == "__main__":
    main(Errand(**json.loads(sys.argv[1])))
