"""How a running `digest serve` is: `/healthz` for whoever restarts it, `/metrics` for Prometheus. No address, no name.

It counts and answers; it heals nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from digest.cli.parts import Part
from digest.model import Outcome

STALE = 180.0  # seconds without a heartbeat of the clock, which sweeps every half minute

Facts = Callable[[], dict[str, float]]  # from the store, asked at each scrape


class Watch:
    """Open as long as the process: what the parts did, and how they are."""

    def __init__(self, parts: Sequence[Part], *, facts: Facts) -> None:
        self.parts = parts
        self._begun = time.monotonic()
        self._registry = CollectorRegistry()
        self._letters = Counter(
            "digest_letters", "Letters by what became of them.", ["verdict"], registry=self._registry
        )
        self._issues = Counter("digest_issues", "Issues made at their slot.", registry=self._registry)
        self._registry.register(_Parts(parts, facts))
        ProcessCollector(registry=self._registry)

    def letter(self, outcome: Outcome) -> None:
        self._letters.labels(outcome.verdict).inc()

    def issue(self) -> None:
        self._issues.inc()

    def ills(self) -> list[str]:
        """What is wrong with us, for people; a server that is away is not."""
        now = time.monotonic()
        clock = next(part for part in self.parts if part.name == "clock")
        silent = now - max(clock.beaten, self._begun)
        stale = [f"clock: silent for {silent:.0f} s"] if silent > STALE else []
        return stale + [f"{part.name}: {part.trouble}" for part in self.parts if not part.able]

    def routes(self, *, metrics: bool) -> list[Route]:
        counted = [Route("/metrics", self._metrics)] if metrics else []
        return [Route("/healthz", self._healthz), *counted]

    async def _healthz(self, _request: Request) -> Response:
        """200 and how the parts are, or 503 and which are ill. Reasons stand in the log: they may hold a host's name."""
        ill = {line.partition(":")[0] for line in self.ills()}
        states = [f"{part.name}: {_state(part, ill)}" for part in self.parts]
        return PlainTextResponse("\n".join(states) + "\n", status_code=503 if ill else 200, headers=_FRESH)

    def _metrics(self, _request: Request) -> Response:
        return Response(generate_latest(self._registry), media_type="text/plain; version=0.0.4", headers=_FRESH)


_FRESH = {"Cache-Control": "no-store"}


def _state(part: Part, ill: set[str]) -> str:
    return "ill" if part.name in ill else "trying again" if part.trouble else "well"


class _Parts(Collector):
    """What is only known when somebody asks."""

    def __init__(self, parts: Sequence[Part], facts: Facts) -> None:
        self._parts, self._facts = parts, facts

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("digest_part_up", "Whether a part is at work.", labels=["part"])
        beat = GaugeMetricFamily("digest_part_beat_seconds", "Since a part's last heartbeat.", labels=["part"])
        for part in self._parts:
            up.add_metric([part.name], float(not part.trouble))
            if part.beaten:
                beat.add_metric([part.name], time.monotonic() - part.beaten)
        yield up
        yield beat
        for name, value in self._facts().items():
            yield GaugeMetricFamily(f"digest_{name}", name.replace("_", " ").capitalize() + ".", value=value)
