"""The law of the links in our letters: who may do what with which request, and what a scanner may not."""

from __future__ import annotations

import logging
import re

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.errors import StoreError
from digest.mail.intents import Confirm, Rate, Rejoin, Stop, Unsubscribe
from digest.mail.tokens import TOKEN_LENGTH, Purpose
from digest.model import Membership

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
LINKS = {
    "u": Purpose.UNSUBSCRIBE,
    "confirm": Purpose.CONFIRM,
    "rejoin": Purpose.REJOIN,
    "erase": Purpose.ERASE,
    "stop": Purpose.STOP,
    "good": Purpose.GOOD,
    "bad": Purpose.BAD,
    "manage": Purpose.MANAGE,
}
SCANNERS = (
    "Mozilla/5.0 (compatible; Microsoft SafeLinks)",
    "Barracuda Sentinel",
    "Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537.36",
    "Slackbot-LinkExpanding 1.0",
    "facebookexternalhit/1.1",
)


def standing(house) -> Membership:
    return house.reader().membership


@pytest.fixture
def leave(house) -> str:
    return house.link("u", Purpose.UNSUBSCRIBE)


# ── leaving ───────────────────────────────────────────────────────────────────────────────────────


def test_one_click_leaves_at_once_without_cookie_or_redirect(house, http, leave):
    answer = http.post(leave, data=ONE_CLICK)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert standing(house) is Membership.LEFT
    (asked,) = house.story.heard
    assert asked.channel == "one-click"
    assert asked.network == "127.0.0.1"
    assert isinstance(asked.intent, Unsubscribe)


def test_one_click_may_come_as_multipart(house, http, leave):
    assert http.post(leave, files={"List-Unsubscribe": (None, "One-Click")}).status_code == 200
    assert standing(house) is Membership.LEFT
    assert house.story.heard[0].channel == "one-click"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", ""),
        (b"List-Unsubscribe=One-Click", "text/plain"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=y"),
        (b"--x\r\n", "multipart/form-data"),
        (b"a=" * 300_000, "application/x-www-form-urlencoded"),
        (b'{"a": 1}', "application/json"),
    ],
)
def test_whatever_body_a_post_has_it_leaves(house, http, leave, content, kind):
    answer = http.post(leave, content=content, headers={"content-type": kind} if kind else {})
    assert answer.status_code == 200
    assert standing(house) is Membership.LEFT


def test_a_post_without_a_length_leaves(house, http, leave):
    assert http.post(leave, content=iter([b"List-Unsubscribe=", b"One-Click"])).status_code == 200
    assert standing(house) is Membership.LEFT


def test_leaving_twice_says_the_same_and_asks_the_story_once(house, http, leave):
    first, second = http.post(leave, data=ONE_CLICK), http.post(leave, data=ONE_CLICK)
    assert (first.status_code, first.text) == (second.status_code, second.text)
    assert len(house.story.heard) == 1


def test_a_token_in_capitals_leaves(house, http, leave):
    place, _, token = leave.rpartition("/")
    assert http.post(f"{place}/{token.upper()}").status_code == 200
    assert standing(house) is Membership.LEFT


def test_an_erased_reader_has_left(house, http, leave):
    house.store.subscribers.erase("ada@example.org")
    assert http.post(leave, data=ONE_CLICK).status_code == 200


def test_an_old_link_does_not_undo_a_later_wish_without_asking(house, http, leave):
    house.store.subscribers.remove("ada@example.org", now=house.clock())
    http.post(house.link("rejoin", Purpose.REJOIN))
    house.story.trouble = None
    answer = http.get(leave)
    assert answer.status_code == 200
    assert standing(house) is Membership.ACTIVE


def test_who_left_can_undo_it_with_one_button(house, http, leave):
    page = http.post(leave).text
    action = re.search(r'<form action="([^"]+)" method="post">', page)[1]
    assert action.startswith("/rejoin/")
    assert http.post(action).status_code == 200
    assert standing(house) is Membership.ACTIVE
    assert isinstance(house.story.heard[-1].intent, Rejoin)


# ── looking changes nothing ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", LINKS)
def test_no_scanner_changes_anything_by_looking(house, http, path):
    url, before = house.link(path, LINKS[path]), house.reader()
    for agent in SCANNERS:
        for method in ("GET", "HEAD", "OPTIONS"):
            for address in (url, f"{url}?", f"{url}?utm_source=x"):
                assert http.request(method, address, headers={"user-agent": agent}).status_code < 500
    assert house.reader() == before
    assert house.story.heard == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_other_methods_change_nothing_and_are_told_what_is_allowed(house, http, leave, method):
    answer = http.request(method, leave)
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["allow"].replace(" ", "").split(","))
    assert house.story.heard == []


def test_options_says_what_is_allowed(http, leave):
    answer = http.options(leave)
    assert answer.status_code == 204
    assert "POST" in answer.headers["allow"]


def test_head_has_the_headers_of_get_and_no_body(http, leave):
    seen, told = http.get(leave), http.head(leave)
    assert told.content == b""
    assert told.headers["content-security-policy"] == seen.headers["content-security-policy"]


# ── the other links ───────────────────────────────────────────────────────────────────────────────


def test_pressing_the_button_confirms(house, http):
    reader = house.reader()
    answer = http.get(house.link("confirm", Purpose.CONFIRM, number=1))
    assert reader.membership is Membership.ACTIVE
    assert "You are in" in answer.text


@pytest.mark.parametrize(("path", "wish"), [("stop", Stop), ("good", Rate), ("bad", Rate)])
def test_a_word_is_asked_for_on_get_and_said_on_post(house, http, path, wish):
    url = house.link(path, LINKS[path], number=1)
    assert "<button" in http.get(url).text
    assert http.post(url).status_code == 200
    assert isinstance(house.story.heard[0].intent, wish)


def test_erasing_forgets_and_says_so_twice(house, http):
    url = house.link("erase", Purpose.ERASE)
    assert "cannot be undone" in http.get(url).text
    assert [http.post(url).status_code for _ in range(2)] == [200, 200]
    assert house.reader() is None


def test_a_confirmation_that_the_story_refuses_offers_to_begin_again(house, http):
    house.store.subscribers.remove("ada@example.org", now=house.clock())
    answer = http.post(house.link("confirm", Purpose.CONFIRM, number=7))
    assert answer.status_code == 410
    assert 'action="/subscribe"' in answer.text
    assert not any(isinstance(asked.intent, Confirm) for asked in house.story.heard)


# ── tokens that are none ──────────────────────────────────────────────────────────────────────────


def test_a_token_for_one_purpose_is_nothing_for_another(house, http):
    for path, own in LINKS.items():
        for purpose in set(Purpose) - {own}:
            url = house.link(path, purpose)
            assert (http.get(url).status_code, http.post(url).status_code) == (404, 404), (path, purpose)
    assert house.story.heard == []


TOKEN = st.one_of(
    st.text(max_size=80),
    st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=TOKEN_LENGTH, max_size=TOKEN_LENGTH),
    st.binary(max_size=60).map(lambda raw: raw.hex()),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(sorted(LINKS)), token=TOKEN, method=st.sampled_from(["GET", "POST", "HEAD"]))
def test_a_forged_token_never_does_anything_and_is_never_a_fault(house, http, path, token, method):
    answer = http.request(method, httpx.URL(house.url).copy_with(raw_path=_path(path, token)))
    assert answer.status_code < 500
    assert house.story.heard == []


def _path(*parts: str) -> bytes:
    return b"/" + b"".join(b"%%%02x" % byte for byte in "/".join(parts).encode("utf-8", "surrogatepass"))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=40))
def test_no_path_is_a_fault(house, http, raw):
    path = _path(raw.decode("latin-1"))
    assert http.get(httpx.URL(house.url).copy_with(raw_path=path)).status_code < 500
    assert house.story.heard == []


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999999", "1e9", "１"])
def test_no_number_of_an_issue_is_a_fault(http, number):
    assert http.get(f"/issues/{number}").status_code == 404


# ── what a page gives away ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", LINKS)
def test_a_token_page_is_private(house, http, path):
    answer = http.get(house.link(path, LINKS[path]))
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in answer.headers
    assert "ada@example.org" not in answer.text
    assert "<script" not in answer.text


class Heard(logging.Handler):
    """What a log that takes everything would hold. Not `caplog`: that one listens where nothing is written to."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(("httpx", "httpcore", "asyncio")):
            self.lines.append(self.format(record))


def test_no_address_and_no_token_in_a_log_line(house, http, leave):
    heard, root = Heard(), logging.getLogger()
    root.addHandler(heard)
    before, root.level = root.level, logging.DEBUG
    try:
        house.story.trouble = StoreError("the disk is full", where="store", temporary=True)
        http.post(leave, data=ONE_CLICK)
        http.post("/subscribe", data={"email": "eve@example.org"})
    finally:
        root.removeHandler(heard)
        root.level = before
    said = "\n".join(heard.lines)
    assert "disk is full" in said
    assert leave.rpartition("/")[2] not in said
    assert "example.org" not in said


def test_a_store_that_is_away_is_said_with_a_time_to_come_back(house, http, leave):
    house.story.trouble = StoreError("locked", temporary=True)
    answer = http.post(leave, data=ONE_CLICK)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    house.story.trouble = None
    assert http.post(leave, data=ONE_CLICK).status_code == 200
    assert standing(house) is Membership.LEFT
