"""Mails that want to break the reader: each ends as a value, soon, in little memory."""

from __future__ import annotations

import random
import subprocess
import sys
import textwrap
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.mail import bounces, incoming
from digest.mail.intents import Asked, Ignore, Speak, Subscribe, Unreadable
from digest.mail.tokens import Tokens

from .conftest import OURS, Read, mail

TOKENS = Tokens(b"a secret of tests only")
FUZZ_SECONDS = 600


def nested(depth: int) -> bytes:
    head = "From: a@example.com\n" + "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth)
    )
    return head.encode()


def rfc822(depth: int) -> bytes:
    return b"From: a@example.com\n" + b"Content-Type: message/rfc822\n\n" * depth


HOSTILE = {
    "nothing": b"",
    "a newline": b"\r\n",
    "NULs": b"\0" * 10_000,
    "noise": bytes(random.Random(1).randbytes(300_000)),
    "1,000 multiparts in each other": nested(1000),
    "1,000 mails in each other": rfc822(1000),
    "5,000 parts": b"From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 5000,
    "200,000 headers": b"From: a@example.com\n" + b"X: y\n" * 200_000,
    "one header of a megabyte": b"From: a@example.com\nSubject: " + b"x" * 1_000_000 + b"\n\nhi",
    "20,000 quotes in From": b"From: " + b'"' * 20_000 + b" <a@example.com>\n\nhi",
    "100 KB of From, folded": b"From: " + b'"a\n ' * 25_000 + b"<a@example.com>\n\nhi",
    "20,000 groups in From": b"From: " + b"a@b.c," * 20_000 + b"\n\nhi",
    "50,000 dots in From": b"From: a" + b"." * 50_000 + b"@example.com\n\nhi",
    "5,000 brackets in From": b"From: " + b"(" * 5000 + b"a@example.com\n\nhi",
    "5,000 closed brackets in From": b"From: " + b"(" * 2000 + b")" * 2000 + b"a@example.com\n\nhi",
    "a broken Message-ID": b"From: a@example.com\nMessage-ID: <a@[\n\nhi",
    "encoded words without end": b"From: a@example.com\nSubject: " + b"=?utf-8?b?" * 3000 + b"\n\nhi",
    "many encoded words": b"From: a@example.com\nSubject: " + b"=?utf-8?b?aGk=?= " * 3000 + b"\n\nhi",
    "unknown character sets": b"From: a@example.com\nSubject: =?rot13?q?hi?=\nContent-Type: text/plain; charset=zlib_codec\n\nhi",
    "a NUL in a character set": b'From: a@example.com\nContent-Type: text/plain; charset="utf-8\0"\n\nhi',
    "an undefined character set": b"From: a@example.com\nContent-Type: text/plain; charset=undefined\n\n\xff",
    "idna as a character set": b"From: a@example.com\nContent-Type: text/plain; charset=idna\n\nxn--\xff",
    "base64 cut off": b"From: a@example.com\nContent-Transfer-Encoding: base64\n\naGVscA",
    "base64 that is none": b"From: a@example.com\nContent-Transfer-Encoding: base64\n\n=a=b=!",
    "quotes without end in a boundary": b'From: a@example.com\nContent-Type: multipart/mixed; boundary="' + b"b" * 5000,
    "tags without end": b"From: a@example.com\nContent-Type: text/html\n\n" + b"<" * 100_000,
    "heads without end": b"From: a@example.com\nContent-Type: text/html\n\n" + b"<head>" * 20_000,
    "divs without end": b"From: a@example.com\nContent-Type: text/html\n\n" + b"<div " * 20_000,
    "comments without end": b"From: a@example.com\nContent-Type: text/html\n\n" + b"<!--" * 20_000,
    "lines that end in wrote:": b"From: a@example.com\n\n"
    + b"On 1 wrote wrote wrote wrote wrote wrote wrote:\n" * 3000,
    "one line of wrote": b"From: a@example.com\n\nOn 1 " + b"wrote " * 20_000 + b":\n",
    "quoted lines of 64 KB": b"From: a@example.com\n\n" + b">" * 64_000 + b"\n",
    "a tokenish mail": b"From: a@example.com\nTo: "
    b"digest+confirm-" + b"a" * 34 + b"@example.org, " * 2000 + b"\n\n" + (b"a" * 34 + b" ") * 3000,
    "a report of 10,000 recipients": b"From: MAILER-DAEMON@x\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
    + b"\nFinal-Recipient: rfc822; a@b.c\nAction: failed\nStatus: 5.1.1\n" * 10_000,
    "a notice of long words": b"From: MAILER-DAEMON@x\nSubject: failure notice\n\n"
    + b"user mailbox recipient account " * 4000,
    "a charset that is a puzzle": b"From: a@example.com\nContent-Type: text/plain; charset=punycode\n\n"
    + b"b" * 200_000,
    "a notice of addresses": b"From: MAILER-DAEMON@x\nSubject: failure notice\n\n" + b"a@b" * 20_000,
    "a notice of dots": b"From: MAILER-DAEMON@x\nSubject: failure notice\n\n" + b"a." * 30_000 + b"@" + b"a." * 30_000,
    "a diagnosis without end": b"From: MAILER-DAEMON@x\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
    b"\nFinal-Recipient: rfc822; a@b.c\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; "
    + b"mailbox user unknown or "
    * 4000,
    "200 long diagnoses under a long story": b"From: MAILER-DAEMON@x\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
    + b"user account recipient no longer >>> data rcpt mailbox " * 200
    + b"\n--b\nContent-Type: message/delivery-status\n\n"
    + (
        b"\nFinal-Recipient: rfc822; a@b.c\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; "
        + b"user account recipient who >>> data " * 25
    )
    * 200,
    "200 diagnoses that say nothing known, each in other words": b"From: MAILER-DAEMON@x\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
    + b"nothing new in an early domain of its own must be said here; " * 130
    + b"\n--b\nContent-Type: message/delivery-status\n\n"
    + b"".join(
        b"\nFinal-Recipient: rfc822; a@b.c\nAction: failed\nDiagnostic-Code: smtp; %d\n" % n for n in range(200)
    ),
    "a story of half words": b"From: MAILER-DAEMON@x\nSubject: failure notice\n\n"
    + b"not listed in no recipients were found " * 2000,
    "Amazon's notice, nested": b"From: no-reply@sns.amazonaws.com\n\n" + b'{"bounce":' * 10_000,
    "Amazon's notice of 20,000 recipients": b"From: no-reply@sns.amazonaws.com\n\n"
    b'{"bounce":{"bouncedRecipients":[' + b'{"status":"5.0.0","diagnosticCode":"who is user"},' * 20_000 + b"0]}}",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_mail_is_a_value_and_costs_little(raw: bytes) -> None:
    began = time.process_time()
    assert isinstance(incoming.read(raw, ours=OURS, tokens=TOKENS), Asked)
    bounces.classify(raw)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "there is no mail"),
        (b"Subject: help\n\n", "no sender"),
        (b"From: a@example.com\nFrom: b@example.com\nSubject: help\n\n", "two senders"),
        (b"From: a@example.com, b@example.com\nSubject: help\n\n", "no sender"),
        (b"From: friends: a@example.com;\nSubject: help\n\n", "no sender"),
        (b"From: undisclosed-recipients:;\nSubject: help\n\n", "no sender"),
        (b"From: <>\nSubject: help\n\n", "no sender"),
        (b"From: alice@example.org)bob@example.org\nSubject: help\n\n", "no sender"),
        (b"From: alice@example.org <bob@example.org>\nSubject: help\n\n", "no sender"),
        (b"From: <a@example.com> <b@example.com>\nSubject: help\n\n", "no sender"),
        (b"From: a@[192.0.2.1]\nSubject: help\n\n", "no sender"),
        (b'From: "a b"@example.com\nSubject: help\n\n', "no sender"),
    ],
)
def test_who_cannot_be_answered_is_set_aside(read: Read, raw: bytes, why: str) -> None:
    intent = read(raw).intent
    assert isinstance(intent, Unreadable)
    assert why in intent.why


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        (b"a@example.com", "a@example.com"),
        (b"Ada <a@EXAMPLE.com>", "a@example.com"),
        (b'"Byron, Ada" <a@example.com>', "a@example.com"),
        (b"Byron, Ada <a@example.com>", "a@example.com"),
        (b"=?utf-8?q?Byron=2C_Ada?= <a@example.com>", "a@example.com"),
        (b"a@example.com (Ada (the Countess))", "a@example.com"),
        ("Jürgen <jürgen@bücher.test>".encode(), "jürgen@xn--bcher-kva.test"),
        (b'"<b@example.org>" <a@example.com>', "a@example.com"),
    ],
)
def test_one_sender_is_found_in_any_dress(read: Read, header: bytes, sender: str) -> None:
    asked = read(b"From: " + header + b"\nSubject: subscribe\n\n")
    assert (asked.sender, asked.intent) == (sender, Subscribe())


def test_the_null_sender_is_a_machine(read: Read) -> None:
    asked = read(mail(subject="subscribe"), envelope_sender="")
    assert (asked.intent, asked.machine) == (Ignore(why=asked.machine), "it came with an empty return address")


def test_no_line_of_a_value_can_begin_another(read: Read) -> None:
    asked = read(b"From: a@example.com\nMessage-ID: <x@y>\nSubject: =?utf-8?q?a=0D=0ABcc=3A_b=40c=1B=5B31m=00?=\n\nhi")
    assert asked.subject == "a Bcc: b@c[31m"


def test_a_bare_line_end_hides_no_command(read: Read) -> None:
    assert read(b"From: a@example.com\r\nSubject: hi\rX: y\r\n\r\nthe weather").intent == Speak()


def test_a_command_beyond_the_first_64_kilobytes_is_not_read(read: Read) -> None:
    assert read(mail(f"{'> quoted' * 10_000}\nunsubscribe")).intent == Speak()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc (Linux), to measure memory")
def test_a_command_in_a_mail_of_30_megabytes_is_read_in_little_memory() -> None:
    """In a process of its own, held to 200 MB. Not by `ru_maxrss`: a new process inherits there what its parent, the
    whole run of the tests, ever held."""
    script = """
        import re, time
        from digest.mail import bounces, incoming
        from digest.mail.incoming import Ours
        from digest.mail.tokens import Tokens
        raw = (b"From: a@example.com\\nContent-Type: multipart/mixed; boundary=b\\n\\n--b\\n\\nunsubscribe\\n--b\\n"
               b"Content-Type: text/html; name=x.html\\nContent-Disposition: attachment; filename=x.html\\n"
               b"Content-Transfer-Encoding: base64\\n\\n" + b"QUFB" * 7_500_000)
        began = time.process_time()
        for data in (raw, raw.replace(b"unsubscribe", b"unroll"), raw[:16_000_000].replace(b"unsubscribe", b"unroll")):
            asked = incoming.read(data, ours=Ours(list_address="digest@example.org", from_address="digest@example.org"), tokens=Tokens(b"x" * 16))
            print(type(asked.intent).__name__)
        print(time.process_time() - began, int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1024)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60)
    *intents, figures = done.stdout.splitlines()
    seconds, megabytes = map(float, figures.split())
    assert intents == ["Unsubscribe", "Help", "Nominate"], done.stderr
    assert seconds < 6
    assert megabytes < 200


# ── fuzz ──────────────────────────────────────────────────────────────────────────────────────────

_NAMES = st.sampled_from(
    [
        "From",
        "To",
        "Cc",
        "Subject",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Content-Disposition",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Auto-Submitted",
        "Precedence",
        "Return-Path",
        "Received",
        "Authentication-Results",
        "List-Unsubscribe",
        "X-Failed-Recipients",
        "Date",
    ]
)
_VALUES = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        [
            "a@example.com",
            "MAILER-DAEMON <>",
            "digest+confirm-" + "a" * 34 + "@example.org",
            "multipart/mixed; boundary=b",
            "multipart/report; report-type=delivery-status; boundary=b",
            "message/rfc822",
            "message/delivery-status",
            "message/feedback-report",
            "text/html; charset=utf-8",
            "text/plain; charset=utf-16",
            "base64",
            "quoted-printable",
            "attachment; filename=x.html",
            "Undelivered Mail Returned to Sender",
            "pause 3 weeks",
            "unroll",
            "<i3." + "0" * 30 + "@example.org>",
            "=?utf-8?q?=FF?=",
            "mx.example.org; dmarc=pass header.from=example.com",
            "from x ([192.0.2.1]) by y; now",
        ]
    ),
)
_LINES = st.one_of(
    st.text(max_size=100),
    st.binary(max_size=100).map(lambda data: data.decode("latin-1")),
    st.sampled_from(
        [
            "--b",
            "--b--",
            "",
            "> quoted",
            "On Tuesday Ada wrote:",
            "-- ",
            "Final-Recipient: rfc822; a@b.c",
            "Action: failed",
            "Status: 5.1.1",
            "Diagnostic-Code: smtp; 550 user unknown",
            "Content-Type: text/html",
            "Content-Type: message/rfc822",
            "<html><blockquote>",
            "unsubscribe",
            "aGVscA==",
            "From: x@y.z",
            "Subject: help",
            "Feedback-Type: abuse",
            "1/ one",
            "🧵",
        ]
    ),
)
MAILS = st.builds(
    lambda fields, lines, end: (end.join([f"{name}: {value}" for name, value in fields] + ["", *lines])).encode(
        "utf-8", errors="surrogatepass"
    ),
    st.lists(st.tuples(_NAMES, _VALUES), max_size=12),
    st.lists(_LINES, max_size=40),
    st.sampled_from(["\r\n", "\n", "\r"]),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=2000, max_examples=60)
@given(st.one_of(MAILS, st.binary(max_size=2000)))
def test_no_mail_raises_or_takes_two_seconds(raw: bytes) -> None:
    assert isinstance(incoming.read(raw, ours=OURS, tokens=TOKENS), Asked)
    bounces.classify(raw)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_ten_minutes_of_mails_raise_nothing() -> None:
    """Whatever is generated in ten minutes, and the hostile ones above with some of their bytes changed."""
    until, count, slowest = time.monotonic() + FUZZ_SECONDS, 0, 0.0
    rng = random.Random(time.time_ns())

    @settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=500, database=None)
    @given(st.one_of(MAILS, st.binary(max_size=5000)))
    def generated(raw: bytes) -> None:
        nonlocal count, slowest
        count, slowest = count + 1, max(slowest, _cost(raw))

    while time.monotonic() < until:
        generated()
        for raw in HOSTILE.values():
            count, slowest = count + 1, max(slowest, _cost(_changed(raw, rng)))
    print(f"{count} mails, the slowest in {slowest:.2f} s")
    assert slowest < 2


def _cost(raw: bytes) -> float:
    began = time.process_time()
    incoming.read(raw, ours=OURS, tokens=TOKENS)
    bounces.classify(raw)
    return time.process_time() - began


def _changed(raw: bytes, rng: random.Random) -> bytes:
    """The mail with some bytes changed, a piece cut out and another one doubled."""
    data = bytearray(raw)
    for _ in range(rng.randrange(20)):
        if data:
            data[rng.randrange(len(data))] = rng.choice(b'\0\r\n \t:;,<>@"()=?-b\xff')
    cut, doubled = sorted(rng.choices(range(len(data) + 1), k=2)), sorted(rng.choices(range(len(data) + 1), k=2))
    return bytes(data[: cut[0]] + data[doubled[0] : doubled[1]] + data[cut[1] :])
