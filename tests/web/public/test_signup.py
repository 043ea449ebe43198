"""The sign-up form: who gets asked back, who does not, and that nobody can tell the two apart."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.errors import StoreError
from digest.mail.intents import Subscribe
from digest.web.public.forms import stamp, was_filled_by_hand

KEY = b"k" * 32
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def fill(house, http):
    """Shows the form, waits, and sends it."""

    def filled(email, *, seconds=5, **more):
        shown = re.search(r'name="stamp" value="([^"]+)"', http.get("/subscribe").text)[1]
        house.clock.forward(seconds)
        return http.post("/subscribe", data={"email": email, "website": "", "stamp": shown, **more})

    return filled


def test_whoever_asks_is_handed_to_the_story(house, fill):
    assert "Look into your mailbox" in fill("eve@Example.ORG").text
    (asked,) = house.story.heard
    assert asked.intent == Subscribe()
    assert (asked.sender, asked.channel, asked.aligned) == ("eve@example.org", "web", False)


def test_known_unknown_and_departed_get_the_same_answer(house, fill):
    house.store.subscribers.remove("ben@example.org", now=house.clock())
    answers = [fill(email) for email in ("ada@example.org", "eve@example.org", "ben@example.org")]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1


def test_the_field_that_nobody_sees_catches_programs(house, fill):
    assert "Look into your mailbox" in fill("eve@example.org", website="http://spam.example").text
    assert house.story.heard == []


@pytest.mark.parametrize("seconds", [0, 1, 90_000])
def test_a_form_filled_too_fast_or_left_too_long_asks_for_one_press_more(house, fill, seconds):
    answer = fill("eve@example.org", seconds=seconds)
    assert "One press more" in answer.text
    assert 'value="eve@example.org"' in answer.text
    assert house.story.heard == []


def test_a_form_on_another_site_asks_for_one_press_more(house, http):
    headers = {"origin": "https://blog.example.net", "referer": "https://blog.example.net/"}
    answer = http.post("/subscribe", data={"email": "eve@example.org"}, headers=headers)
    assert answer.status_code == 200
    assert "One press more" in answer.text
    assert house.story.heard == []
    shown = re.search(r'name="stamp" value="([^"]+)"', answer.text)[1]
    house.clock.forward(3)
    http.post("/subscribe", data={"email": "eve@example.org", "stamp": shown})
    assert [asked.sender for asked in house.story.heard] == ["eve@example.org"]


@pytest.mark.parametrize(
    "email", ["", "ada", "a@b", "Ada <ada@example.org>", "a@example.org\r\nBcc: b@example.org", "<b>"]
)
def test_what_is_no_address_is_said_and_kept_in_the_field(house, fill, email):
    answer = fill(email)
    assert answer.status_code == 422
    assert "It looks like" in answer.text
    assert "<b>" not in answer.text
    assert house.story.heard == []


def test_a_form_may_come_as_multipart(house, http):
    shown = stamp(KEY, now=house.clock())
    house.clock.forward(5)
    http.post("/subscribe", files={"email": (None, "eve@example.org"), "stamp": (None, shown)})
    assert len(house.story.heard) == 1


def test_a_form_of_64_kib_is_too_much(http):
    assert http.post("/subscribe", data={"email": "x" * 70_000}).status_code == 413


def test_one_address_is_asked_back_three_times_a_day_and_the_fourth_looks_the_same(house, fill):
    texts = {fill("eve@example.org").text for _ in range(5)}
    assert len(texts) == 1
    assert len(house.story.heard) == 3
    house.clock.forward(86_400)
    fill("Eve@example.org")
    assert len(house.story.heard) == 4


def test_a_network_that_floods_is_told_to_come_back_later(house, http):
    for n in range(30):
        assert http.post("/subscribe", data={"email": f"e{n}@example.org"}).status_code == 200
    answer = http.post("/subscribe", data={"email": "e@example.org"})
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "3600"
    assert "digest@example.org" in answer.text


def test_neighbours_in_an_ipv6_network_count_as_one(house, http):
    for n in range(31):
        headers = {"x-forwarded-for": f"2001:db8:1:2::{n:x}"}
        last = http.post("/subscribe", data={"email": "e@example.org"}, headers=headers)
    assert last.status_code == 429
    other = http.post("/subscribe", data={"email": "e@example.org"}, headers={"x-forwarded-for": "2001:db8:1:3::1"})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("10.9.9.9, 192.0.2.7", "192.0.2.7"),  # what a visitor says of himself stands before what the proxy saw
        ("192.0.2.7, 127.0.0.1", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("no address", "127.0.0.1"),
        ("192.0.2.7, no address", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_a_proxy_on_this_machine_is_believed(house, http, told, believed):
    headers = {"x-forwarded-for": told}
    shown = stamp(KEY, now=house.clock())
    house.clock.forward(5)
    http.post("/subscribe", data={"email": "eve@example.org", "stamp": shown}, headers=headers)
    assert house.story.heard[0].network == believed


def test_a_store_that_is_away_is_said(house, fill):
    house.story.trouble = StoreError("locked", temporary=True)
    assert fill("eve@example.org").status_code == 503


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=400),
    kind=st.sampled_from(["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "x/y"]),
)
def test_no_form_is_a_fault(house, http, body, kind):
    assert http.post("/subscribe", content=body, headers={"content-type": kind}).status_code < 500
    assert house.story.heard == []


@given(forged=st.text(max_size=60))
def test_nobody_else_can_say_when_a_form_was_shown(forged):
    assert not was_filled_by_hand(forged, key=KEY, now=NOW)
    assert not was_filled_by_hand(stamp(b"another", now=NOW - timedelta(seconds=9)), key=KEY, now=NOW)
    assert was_filled_by_hand(stamp(KEY, now=NOW - timedelta(seconds=9)), key=KEY, now=NOW)
