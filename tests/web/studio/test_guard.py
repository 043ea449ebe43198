"""The door of the studio: who may ask, and from where."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

import pytest

from digest.web.studio.guard import refused
from rig import chromium

HERE = "http://127.0.0.1:8025"
OWN = {"host": "127.0.0.1:8025", "origin": HERE, "sec-fetch-site": "same-origin", "content-type": "application/json"}


def asked(method: str = "POST", **changed: str | None) -> str:
    headers = {
        name: value for name, value in (OWN | {k.replace("_", "-"): v for k, v in changed.items()}).items() if value
    }
    return refused(method, headers, port=8025)


def test_its_own_page_may_look_and_change() -> None:
    assert (asked("GET"), asked("POST")) == ("", "")


@pytest.mark.parametrize("host", ["localhost:8025", "[::1]:8025"])
def test_it_answers_to_every_name_of_the_loopback(host: str) -> None:
    assert asked(host=host, origin=f"http://{host}") == ""


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8025", "127.0.0.1", "127.0.0.1:80", None])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_name_that_was_bound_to_this_machine_is_refused(method: str, host: str | None) -> None:
    assert "127.0.0.1:8025 only" in asked(method, host=host)


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8025"},
        {"origin": "null"},
        {"origin": None},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"content_type": "text/plain"},
        {"content_type": None},
    ],
)
def test_another_page_changes_nothing(changed: dict[str, str | None]) -> None:
    assert asked(**changed)


def test_a_link_from_elsewhere_may_lead_here() -> None:
    assert not asked("GET", sec_fetch_site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="document")


@pytest.mark.parametrize("kind", ["iframe", "image", "script", "empty"])
def test_no_other_page_may_build_the_studio_into_itself(kind: str) -> None:
    assert asked("GET", sec_fetch_site="cross-site", sec_fetch_mode="no-cors", sec_fetch_dest=kind)


@pytest.fixture
def ask(standing):
    """A request by hand, as no browser would make it: `ask("POST", "/api/order", {"Host": …})`."""

    def sent(method, path, headers=(), body=None):
        connection = http.client.HTTPConnection(urlsplit(standing.url).netloc, timeout=20)
        connection.request(method, path, body and json.dumps(body), dict(headers))
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()

    return sent


@pytest.mark.parametrize("path", ["/", "/api/shelf", "/frame/1", "/live", "/copies/1.eml", "/studio/main.js"])
def test_nothing_at_all_is_said_to_a_foreign_name(ask, path: str) -> None:
    assert ask("GET", path, {"Host": "evil.example"})[0] == 403


@pytest.mark.parametrize(
    "path", ["/api/threads/1/standing", "/api/threads/1/words", "/api/order", "/api/proofs/1/test"]
)
def test_a_change_without_an_origin_is_refused(ask, path: str) -> None:
    assert ask("POST", path, {"Content-Type": "application/json"}, {})[0] == 403


@pytest.mark.parametrize("path", ["/api/threads/1/standing", "/api/order"])
def test_a_look_changes_nothing(ask, path: str) -> None:
    assert ask("GET", path)[0] == 405


def test_the_pages_run_no_foreign_script_and_stand_in_no_foreign_frame(ask) -> None:
    _, headers, _ = ask("GET", "/")
    rules = headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'" in rules
    assert "frame-ancestors 'none'" in rules
    assert "unsafe" not in rules


def test_the_mail_itself_is_confined_wherever_it_is_opened(ask) -> None:
    assert "sandbox allow-same-origin" in ask("GET", "/frame/1")[1]["content-security-policy"]
    _, headers, _ = ask("GET", "/copies/1.html")
    assert headers["content-disposition"].startswith("attachment")
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    "path", ["/studio/..%2fdigest.mjml.j2", "/studio/%2e%2e%2f%2e%2e%2fpyproject.toml", "/studio/nothing.js"]
)
def test_only_the_studios_own_files_are_given(ask, path: str) -> None:
    assert ask("GET", path)[0] == 404


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/api/threads/1/standing", {"standing": "published"}, "pinned, held or waiting"),
        ("/api/threads/99/standing", {"standing": "held"}, "no such thread"),
        ("/api/order", {"threads": ["1; drop"]}, "a list of numbers"),
        ("/api/order", [1], "not an object"),
        ("/api/proofs/1/test", {"to": "nobody"}, ""),
    ],
)
def test_nonsense_is_refused_with_a_sentence(ask, standing, path: str, body: object, said: str) -> None:
    headers = {"Origin": standing.url, "Content-Type": "application/json"}
    status, _, answer = ask("POST", path, headers, body)
    assert status in {404, 422}
    assert said in json.loads(answer)["what"]


def test_a_page_under_a_name_that_was_bound_to_this_machine_gets_nothing(standing) -> None:
    """DNS rebinding, in a real browser: evil.example.com first was a foreign site, and now is this machine."""
    if reason := chromium.missing():
        pytest.skip(reason)
    port = urlsplit(standing.url).port
    with chromium.running("--host-resolver-rules=MAP evil.example.com 127.0.0.1") as browser:
        page = browser.new_page()
        came = page.goto(f"http://evil.example.com:{port}/")
        assert came.status == 403
        asked = "fetch('/api/threads/1/standing', {method: 'POST', body: '{}'}).then((answer) => answer.status)"
        assert page.evaluate(asked) == 403
