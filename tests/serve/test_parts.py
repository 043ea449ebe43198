"""Parts of a daemon: one that fails is tried again ever more slowly, is seen to be ill or only unlucky, and takes none down."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Iterator

import httpx
import pytest
import structlog
from starlette.applications import Starlette

from digest.cli import logs, parts
from digest.cli.parts import Part, keep_up
from digest.cli.watch import STALE, Watch
from digest.errors import MailError, SettingsError
from digest.model import Outcome

AWAY = MailError("nobody answered", where="imap.example.org:993", temporary=True)
WRONG = SettingsError("is no host:port", where="WEB_LISTEN")


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A log that a test began would go on into a stream that pytest has closed."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


class Lines:
    """A log that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[dict[str, object]] = []

    def warning(self, event: str, **more: object) -> None:
        self.lines.append({"event": event, **more})


def live(run, *, until: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Part, Lines, list[float]]:
    """Keep one part up for so many pauses, which take no time; what it and the log say, and how long the pauses were."""
    part, log, pauses = Part(name="imap", run=run), Lines(), list[float]()

    async def whole() -> None:
        stop = asyncio.Event()

        async def rest(seconds: float, *_: asyncio.Event) -> None:
            pauses.append(seconds)
            if len(pauses) == until:
                stop.set()

        monkeypatch.setattr(parts, "rest", rest)
        await asyncio.wait_for(keep_up(part, stop=stop, log=log), 10)

    asyncio.run(whole())
    return part, log, pauses


async def _away(_part: Part, _stop: asyncio.Event) -> None:
    raise AWAY


async def _faulty(_part: Part, _stop: asyncio.Event) -> None:
    raise KeyError("oops")


async def _ends(_part: Part, _stop: asyncio.Event) -> None:
    return


def test_a_failed_part_is_tried_again_ever_more_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    _, log, pauses = live(_away, until=11, monkeypatch=monkeypatch)
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert log.lines[2] == {
        "event": "trouble",
        "part": "imap",
        "what": "imap.example.org:993: nobody answered.",
        "again_in": "4s",
        "exc_info": None,
    }


def test_a_server_that_is_away_makes_a_part_unlucky_and_a_fault_of_ours_ill(monkeypatch: pytest.MonkeyPatch) -> None:
    unlucky, _, _ = live(_away, until=1, monkeypatch=monkeypatch)
    ill, log, _ = live(_faulty, until=1, monkeypatch=monkeypatch)
    assert (unlucky.able, ill.able) == (True, False)
    assert isinstance(log.lines[0]["exc_info"], KeyError), "with a traceback for whoever mends it"


def test_a_part_that_ends_by_itself_is_ill(monkeypatch: pytest.MonkeyPatch) -> None:
    part, _, _ = live(_ends, until=1, monkeypatch=monkeypatch)
    assert not part.able


def test_a_part_that_failed_takes_no_other_down() -> None:
    """One cannot live, the other beats on."""

    async def whole() -> Part:
        stop = asyncio.Event()

        async def works(part: Part, stop: asyncio.Event) -> None:
            for _ in range(50):
                await asyncio.sleep(0.001)
                part.beat()
            stop.set()

        well, bad = Part(name="clock", run=works), Part(name="imap", run=_faulty)
        await asyncio.gather(*(keep_up(one, stop=stop, log=Lines()) for one in (well, bad)))
        return well

    assert asyncio.run(whole()).trouble == ""


# ── how it is ─────────────────────────────────────────────────────────────────────────────────────


class Client:
    """Asks the app itself, without a socket."""

    def __init__(self, app: Starlette) -> None:
        self._transport = httpx.ASGITransport(app=app)

    def get(self, path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://digest") as client:
                return await client.get(path)

        return asyncio.run(ask())


def watched(*, metrics: bool = True) -> tuple[Watch, Part, Part, Client]:
    clock, imap = Part(name="clock", run=_away), Part(name="imap", run=_away)
    watch = Watch([clock, imap], facts=lambda: {"letters_owed": 3.0})
    clock.beat()
    return watch, clock, imap, Client(Starlette(routes=watch.routes(metrics=metrics)))


def test_health_is_200_while_all_is_well() -> None:
    _, _, _, client = watched()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "clock: well\nimap: well\n")


def test_health_is_200_while_a_server_of_others_is_away() -> None:
    _, _, imap, client = watched()
    parts._note(imap, AWAY)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "clock: well\nimap: trying again\n")


def test_health_is_503_when_a_part_is_at_fault_and_well_when_it_came_back() -> None:
    _, _, imap, client = watched()
    parts._note(imap, WRONG)
    assert client.get("/healthz").status_code == 503
    imap.beat()
    assert client.get("/healthz").status_code == 200


def test_health_is_503_when_the_clock_is_silent() -> None:
    """Whatever killed it: nobody else would notice until readers ask."""
    watch, clock, _, client = watched()
    clock.beaten -= STALE + 1
    watch._begun -= STALE + 1
    assert client.get("/healthz").status_code == 503
    assert "silent" in watch.ills()[0]


def test_metrics_count_letters_and_tell_facts() -> None:
    watch, _, _, client = watched()
    for _ in range(2):
        watch.letter(Outcome(verdict="accepted", phase="dot", code=250))
    text = client.get("/metrics").text
    assert 'digest_letters_total{verdict="accepted"} 2.0' in text
    assert "digest_letters_owed 3.0" in text
    assert 'digest_part_up{part="imap"} 1.0' in text


def test_metrics_are_not_there_unless_they_are_wanted() -> None:
    _, _, _, client = watched(metrics=False)
    assert client.get("/metrics").status_code == 404


# ── the log ───────────────────────────────────────────────────────────────────────────────────────

HOSTILE = "550 no\r\nlevel=info event=\x1b[31mowned\u202e\u2028 x"


@pytest.mark.parametrize("form", ["logfmt", "json"])
def test_nobody_can_write_a_line_of_their_own_into_the_log(form, capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin(form).warning("trouble", what=HOSTILE)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.isprintable()


def test_json_lines_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin("json").info("carried", issue=3, accepted=12)
    assert json.loads(capsys.readouterr().err).items() >= {"event": "carried", "issue": 3, "accepted": 12}.items()


def test_other_libraries_log_into_the_same_lines(capsys: pytest.CaptureFixture[str]) -> None:
    import logging

    logs.begin("logfmt")
    logging.getLogger("uvicorn.error").error("went\nwrong")
    logging.getLogger("apscheduler").info("chatter")
    (line,) = capsys.readouterr().err.splitlines()
    assert "level=error" in line
    assert "part=uvicorn.error" in line


def test_the_alarm_is_set_for_the_next_slot_and_forgives_lateness() -> None:
    """`misfire_grace_time` 1, its default, would drop a ring that comes a second late."""
    from digest import clock

    async def whole() -> None:
        rung = threading.Event()
        alarm = clock.alarm("30 2 * * 0", zone="Europe/Berlin", ring=rung.set)
        alarm.start()
        (job,) = alarm.get_jobs()
        assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
        assert f"{job.next_run_time:%a %H:%M %Z}" in ("Sun 02:30 CET", "Sun 02:30 CEST")
        assert [type(store).__name__ for store in alarm._jobstores.values()] == ["MemoryJobStore"]
        job.func()
        assert rung.is_set()
        alarm.shutdown(wait=False)

    asyncio.run(whole())
