"""The way to the web: what it will not connect to, what it will not wait for, and what it never says."""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from digest.errors import InputError, WebError
from digest.sources import Web, route
from digest.sources.web import shown
from sources.site import Reply, Site

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.at, self.slept = NOW, []

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def patient(clock: Clock) -> Any:
    with closing(Web(allow_private=True, sleep=clock.sleep, now=clock.now)) as web:
        yield web


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
     "::1", "::", "fd00::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1",
     "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::1", "not an address"],
)  # fmt: skip
def test_no_address_of_a_private_network_is_public(address: str) -> None:
    assert not route.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert route.is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f000001", "2130706433", "127.1"]
)
def test_this_machine_is_not_connected_to(site: Site, host: str) -> None:
    port = site.url.rpartition(":")[2]
    with closing(Web()) as web, pytest.raises(WebError, match=r"private network|cannot be reached"):
        web.get(f"http://{host}:{port}/")
    assert site.asked == []


def test_a_redirect_to_the_inside_is_not_followed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first host counts as public here; the address that it sends to is checked all the same."""
    monkeypatch.setattr(route, "is_public", lambda address: address == "127.0.0.1")
    site["/"] = Reply(
        status=302, headers={"Location": f"http://[::ffff:10.0.0.1]:{site.url.rpartition(':')[2]}/secret"}
    )
    with closing(Web()) as web, pytest.raises(WebError, match="private network"):
        web.get(f"{site.url}/")
    assert [asked.path for asked in site.asked] == ["/"]


def test_the_address_that_was_checked_is_the_one_connected_to(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that means a public address when asked and this machine a moment later (DNS rebinding)."""
    asked = []
    connected = []
    real = socket.getaddrinfo

    def resolve(host: str, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1", *rest, **more) if host == "rebind.example.test" else real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    original = route.httpcore.SyncBackend.connect_tcp
    monkeypatch.setattr(
        route.httpcore.SyncBackend,
        "connect_tcp",
        lambda self, host, *a, **k: connected.append(host) or original(self, host, *a, **k),
    )
    site["/"] = "in"
    with closing(Web(allow_private=True)) as web:
        web.get(f"http://rebind.example.test:{site.url.rpartition(':')[2]}/")
    assert asked.count("rebind.example.test") == 1
    assert connected == ["127.0.0.1"]


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [(0, 0, 0, "", (address, 80)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    with closing(Web()) as web, pytest.raises(WebError, match="private network"):
        web.get("http://both.example.test/")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://example.org",
        "javascript:alert(1)",
        "http://",
        "http:///x",
        "//example.org",
    ],
)
def test_only_web_addresses_are_visited(web: Web, url: str) -> None:
    with pytest.raises(InputError, match=r"only http|no web address"):
        web.get(url)


def test_an_address_with_a_password_is_not_visited_nor_said(web: Web) -> None:
    with pytest.raises(InputError) as caught:
        web.get("https://ada:hunter2@example.org/feed?token=abc123")
    assert "hunter2" not in str(caught.value)
    assert "abc123" not in str(caught.value)


def test_no_error_says_a_secret(site: Site, web: Web) -> None:
    with pytest.raises(WebError) as caught:
        web.get(f"{site.url}/feed?api_key=abc123&page=2")
    assert str(caught.value).startswith(f"{site.url}/feed?api_key=…&page=2: there is nothing there")
    assert shown("https://example.org/a?p=1#access_token=x") == "https://example.org/a?p=1#access_token=…"


def test_a_redirect_is_followed(site: Site, web: Web) -> None:
    site["/old"] = Reply(status=301, headers={"Location": "/new"})
    site["/new"] = "here"
    answer = web.get(f"{site.url}/old")
    assert (answer.data, answer.url) == (b"here", f"{site.url}/new")


def test_redirects_without_end_are_left(site: Site, web: Web) -> None:
    site["/"] = Reply(status=302, headers={"Location": "/"})
    with pytest.raises(WebError, match="without end"):
        web.get(f"{site.url}/")


@pytest.mark.parametrize(
    "reply",
    [Reply(body=b"x" * 5_000), Reply(body=b"x" * 5_000, packed=True), Reply(endless=True)],
    ids=["large", "packed", "endless"],
)
def test_no_more_is_read_than_the_limit(site: Site, reply: Reply) -> None:
    site["/"] = reply
    with (
        closing(Web(allow_private=True, max_bytes=1_000)) as web,
        pytest.raises(WebError, match="more than 1,000 bytes"),
    ):
        web.get(f"{site.url}/")


@pytest.mark.parametrize(
    "reply", [Reply(body=b"x" * 10_000, drip=0.01), Reply(drip_head=True, drip=0.01)], ids=["body", "head"]
)
def test_who_drips_is_not_waited_for(site: Site, reply: Reply) -> None:
    site["/"] = reply
    with (
        closing(Web(allow_private=True, deadline=timedelta(seconds=0.3))) as web,
        pytest.raises(WebError, match="in time") as caught,
    ):
        web.get(f"{site.url}/")
    assert caught.value.temporary


def test_what_has_not_changed_is_not_sent_again(site: Site, web: Web) -> None:
    site["/"] = lambda asked: (
        Reply(status=304)
        if asked.headers.get("if-none-match") == '"1"'
        else Reply(body="new", headers={"ETag": '"1"', "Last-Modified": "Sun, 01 Mar 2026 12:00:00 GMT"})
    )
    first = web.get(f"{site.url}/")
    assert (first.etag, first.modified, first.unchanged) == ('"1"', "Sun, 01 Mar 2026 12:00:00 GMT", False)
    again = web.get(f"{site.url}/", etag=first.etag, modified=first.modified)
    assert (again.unchanged, again.data) == (True, b"")


@pytest.mark.parametrize("said", ["7", "Sun, 01 Mar 2026 12:00:07 GMT"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_short_pause_is_kept_and_then_it_asks_again(
    site: Site, patient: Web, clock: Clock, said: str, status: int
) -> None:
    site["/"] = [Reply(status=status, headers={"Retry-After": said}), Reply(body="here")]
    assert patient.get(f"{site.url}/").data == b"here"
    assert clock.slept == [7]


def test_a_long_pause_is_said_and_nobody_asks_before_it_ends(site: Site, patient: Web, clock: Clock) -> None:
    site["/"] = Reply(status=429, headers={"Retry-After": "3600"})
    for _ in range(2):
        with pytest.raises(WebError, match="after 13:00 UTC") as caught:
            patient.get(f"{site.url}/")
        assert (caught.value.temporary, caught.value.status) == (True, 429)
    assert (len(site.asked), clock.slept) == (1, [])


def test_an_instance_that_counts_is_not_asked_beyond_its_limit(site: Site, patient: Web, clock: Clock) -> None:
    """Mastodon says how many questions are left, and when there are new ones."""
    site["/"] = Reply(
        body="here", headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-03-01T12:00:20.000Z"}
    )
    patient.get(f"{site.url}/")
    patient.get(f"{site.url}/")
    assert clock.slept == [20]


def test_a_server_that_is_not_there_is_told(web: Web) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(WebError, match="cannot be reached"):
        web.get(f"http://127.0.0.1:{port}/")


def test_a_name_that_is_nobodys_is_told(web: Web) -> None:
    with pytest.raises(WebError, match="no such host"):
        web.get("http://nobody.invalid/")
