"""`digest check` as a person runs it: on threads, on foreign mails, and before a send."""

from __future__ import annotations

import http.server
import shutil
import threading
from contextlib import suppress

import pytest

from digest.samples import samples

PAGE = """<!DOCTYPE html><html lang="en"><head><title>x</title></head><body><h1>Tides</h1>
<p>What the tide table leaves out, said at some length, so that it is a mail and no postcard, with words enough.</p>
<p><a href="{link}">tides</a> <a href="https://example.org/u">Unsubscribe</a></p></body></html>"""


@pytest.fixture
def owner(digest, tmp_path):
    (tmp_path / ".env").write_text(
        "DIGEST_FROM=digest@example.test\nDIGEST_POSTAL_ADDRESS='Night Shift, 4 Oven Street, Graz'\nSMTP_HOST=127.0.0.1\n"
    )
    return digest


@pytest.mark.parametrize("sample", samples(), ids=lambda path: path.stem)
def test_no_sample_raises_an_alarm(owner, sample):
    said = owner("check", sample, "--json")
    assert said.code == 0
    assert {finding["level"] for finding in said.json} == {"note"}


def test_a_mail_of_anybody_can_be_checked(owner, tmp_path):
    owner("render", samples()[0], "-o", "out")
    said = owner("check", "out/digest.eml")
    assert said.code == 0, said.out
    assert "0 errors, 0 warnings" in said.out


def test_a_page_that_is_no_thread_is_checked_as_a_page(owner, tmp_path):
    (tmp_path / "page.html").write_text(PAGE.format(link=""))
    said = owner("check", "page.html", "--json")
    assert said.code == 3
    assert [finding["rule"] for finding in said.json if finding["level"] == "error"] == ["link"]
    assert "no saved thread" in said.err


def test_notes_are_counted_unless_asked_for(owner):
    short, long = owner("check", samples()[0]), owner("check", samples()[0], "--notes")
    assert "times; see --notes" in " ".join(short.out.split())
    assert len(long.out) > 3 * len(short.out)


def test_a_rule_that_there_is_none_of_cannot_be_sent_despite(owner):
    said = owner("send", "--yes", "--despite", "picture-alts")
    assert said.code == 2
    assert "Did you mean picture-alt?" in said.err


def test_a_key_of_another_domain_stands_in_the_way_of_a_send(owner, tmp_path):
    import subprocess

    subprocess.run(["openssl", "genrsa", "-out", tmp_path / "key.pem", "2048"], check=True, capture_output=True)
    with (tmp_path / ".env").open("a") as settings:
        settings.write("DKIM_DOMAIN=other.example.com\nDKIM_SELECTOR=a\nDKIM_KEY_FILE=key.pem\n")
    owner("import", samples()[0])
    owner("subscribers", "add", "ada@example.test")
    said = owner("send", "--yes")
    assert said.code == 3
    assert "--despite dkim-alignment" in said.err


@pytest.fixture
def site():
    """A web server on this machine: /there, /moved, /shut, /heavy (a picture whose size it does not say), and nothing else."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response({"/there": 200, "/heavy": 200, "/moved": 301, "/shut": 403}.get(self.path, 404))
            self.send_header("location", "/there")
            if self.path == "/heavy":
                self.send_header("content-type", "image/png")
            self.end_headers()

        def do_GET(self):
            self.do_HEAD()
            if self.path == "/heavy":
                with suppress(ConnectionError):  # who has seen enough hangs up
                    self.wfile.write(b"\0" * 1_200_000)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/there", None),
        ("/shut", "link-shut"),
        ("/gone", "link-dead"),
        ("/moved", "link-moved"),
        ("/heavy", "picture-huge"),
    ],
)
def test_links_are_asked_when_online(owner, tmp_path, site, path, rule):
    (tmp_path / "page.html").write_text(PAGE.format(link=site + path))
    found = {finding["rule"] for finding in owner("check", "page.html", "--online", "--json").json}
    assert found & {"link-dead", "link-moved", "link-shut", "picture-huge"} == ({rule} if rule else set())


def test_links_of_the_text_part_are_asked_too(owner, tmp_path, site):
    (tmp_path / "mail.eml").write_text(f"From: ada@example.org\n\nRead on ({site}/gone).\n")
    found = [each for each in owner("check", "mail.eml", "--online", "--json").json if each["rule"] == "link-dead"]
    assert [each["where"] for each in found] == [f"{site}/gone"]


def test_nobody_is_asked_unless_online(owner, tmp_path, site):
    (tmp_path / "page.html").write_text(PAGE.format(link=f"{site}/gone"))
    assert "link-dead" not in {finding["rule"] for finding in owner("check", "page.html", "--json").json}


def test_spamassassin_takes_a_digest_for_no_spam(owner):
    if not shutil.which("spamassassin"):
        pytest.skip("No SpamAssassin: apt install spamassassin")
    said = owner("check", samples()[0], "--spam", "--json")
    (finding,) = [each for each in said.json if each["rule"].startswith("spam-")]
    assert finding["rule"] == "spam-score"
    assert "SpamAssassin" in finding["what"]


def test_without_a_spam_filter_a_sentence_says_what_to_install(owner, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    said = owner("check", samples()[0], "--spam")
    assert said.code == 2
    assert "apt install spamassassin" in said.err


RSPAMC = """#!/bin/sh
cat > /dev/null
cat <<END
Results for file: stdin (0.188 seconds)
[Metric: default]
Action: no action
Spam: false
Score: -0.20 / 15.00
Symbol: ARC_NA (0.00)
Symbol: HAS_LIST_UNSUB (-0.01)
Symbol: MAILLIST (-0.14)[generic]
Message-ID: i0.91d934d4856b25e8819fbfcb79694e@example.org
END
"""


def test_rspamd_is_asked_where_there_is_no_spamassassin(owner, tmp_path, monkeypatch):
    """What rspamd 3.4 said of a digest, by a stand-in for its client."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/rspamc").write_text(RSPAMC)
    (tmp_path / "bin/rspamc").chmod(0o755)
    for name in ("sh", "cat"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    said = owner("check", samples()[0], "--spam", "--json")
    (finding,) = [each for each in said.json if each["rule"].startswith("spam-")]
    assert (finding["rule"], finding["what"].partition("rspamd: ")[2]) == (
        "spam-score",
        "-0.2 of 15 points (HAS_LIST_UNSUB -0.01, MAILLIST -0.14)",
    )
