"""Mail that a program wrote is neither answered nor obeyed; and whom our own mail server vouches for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from digest.mail.intents import Ignore, Speak, Subscribe, Unsubscribe
from digest.mail.tokens import Purpose, Stamp

from .conftest import Read, mail

MARKS = [
    "Auto-Submitted: auto-replied (vacation)",
    "Auto-Submitted: auto-generated; owner-email=x@example.com",
    "Precedence: bulk",
    "Precedence: junk",
    "Precedence: auto_reply",
    "X-Auto-Response-Suppress: All",
    "X-Autoreply: yes",
    "X-Autorespond: gone",
    "X-Vacation: yes",
    "X-Loop: somebody",
    "X-FC-MachineGenerated: true",
    "List-Id: <other.example.net>",
    "List-Unsubscribe: <mailto:leave@example.net>",
    "Return-Path: <>",
    "Feedback-ID: 1:2:3:sender",
    "X-POST-MessageClass: 9; Autoresponder",
]


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_of_a_machine_is_heeded(read: Read, mark: str) -> None:
    asked = read(mail("subscribe", more=f"{mark}\r\n"))
    assert asked.machine
    assert asked.intent == Ignore(why=asked.machine)


@pytest.mark.parametrize("mark", ["Auto-Submitted: no", "Precedence: first-class", "X-Auto-Response-Suppress: None"])
def test_a_mark_that_says_no_is_none(read: Read, mark: str) -> None:
    assert read(mail("subscribe", more=f"{mark}\r\n")).intent == Subscribe()


SUBJECTS = [
    "Out of Office: Lighthouses",
    "Out of office re: Lighthouses",
    "Automatic reply: Lighthouses",
    "Auto: Lighthouses",
    "[Auto-Reply] Lighthouses",
    "AutoReply: away",
    "I am away until Monday",
    "On vacation",
    "Automatische Antwort: Leuchttürme",
    "Abwesenheitsnotiz: Leuchttürme",
    "Réponse automatique : Phares",
    "Respuesta automática: Faros",
    "Risposta automatica: Fari",
    "Resposta automática: Faróis",
    "Automatisch antwoord: Vuurtorens",
    "Automatiskt svar: Fyrar",
    "Autosvar: Fyrtårn",
    "Automaattinen vastaus: Majakat",
    "Automatyczna odpowiedź: Latarnie",
    "Automatická odpověď: Majáky",
    "Автоответ: Маяки",
    "自動応答: 灯台",
    "自动回复: 灯塔",
    "자동 회신: 등대",
    "Read: Lighthouses",
    "Gelesen: Leuchttürme",
]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_an_automatic_reply_is_known_by_its_subject(read: Read, subject: str) -> None:
    assert isinstance(read(mail("subscribe", subject=subject)).intent, Ignore)


@pytest.mark.parametrize(
    "subject", ["Re: Out of office culture is a lovely thread", "My office is a lighthouse", "Automatic doors"]
)
def test_a_subject_about_offices_is_a_person_s(read: Read, subject: str) -> None:
    assert read(mail("What a thread!", subject=subject)).intent == Speak()


@pytest.mark.parametrize(
    "local",
    [
        "MAILER-DAEMON",
        "postmaster",
        "noreply",
        "no-reply",
        "do_not_reply",
        "news-noreply",
        "bounces",
        "bounce-123=x",
        "owner-list",
        "list-request",
        "list-bounces",
        "listserv",
        "majordomo",
        "autoresponder",
        "nobody",
        "cron",
    ],
)
def test_nobody_is_no_person(read: Read, local: str) -> None:
    assert isinstance(read(mail("subscribe").replace("ada@", f"{local}@", 1)).intent, Ignore)


@pytest.mark.parametrize("own", ["digest@example.org", "weekly@example.org", "Digest+help@Example.org"])
def test_our_own_mail_is_not_answered(read: Read, own: str) -> None:
    assert isinstance(read(mail("subscribe").replace("ada@example.com", own, 1)).intent, Ignore)


def test_an_automatic_reply_to_is_it_you_confirms_nothing(read: Read, token: Callable[..., str]) -> None:
    to = f"digest+confirm-{token(Purpose.CONFIRM)}@example.org"
    asked = read(
        mail("I am away", subject="Automatic reply: Is it you?", to=to, more="Auto-Submitted: auto-replied\r\n")
    )
    assert isinstance(asked.intent, Ignore)


def test_a_program_may_press_unsubscribe_and_is_known_for_one(read: Read, token: Callable[..., str]) -> None:
    to = f"digest+unsubscribe-{token(Purpose.UNSUBSCRIBE)}@example.org"
    asked = read(mail(to=to, more="Auto-Submitted: auto-generated\r\n"), envelope_sender="")
    assert asked.intent == Unsubscribe(stamp=Stamp(purpose=Purpose.UNSUBSCRIBE, subject=7, number=3))
    assert asked.machine


# ── who is vouched for ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("results", "vouched"),
    [
        ("mx.example.org; dmarc=pass (p=reject) header.from=example.com", True),
        ("mx.example.org 1; dkim=pass (2048-bit key) header.d=example.com header.s=x", True),
        ("MX.example.org; dkim=fail header.d=example.com; spf=pass smtp.mailfrom=ada@example.com", True),
        ("mx.example.org; dkim=pass header.i=@example.com", True),
        ("mx.example.org; none", False),
        ("mx.example.org; dmarc=fail header.from=example.com", False),
        ("mx.example.org; dkim=pass header.d=example.net", False),
        ("mx.example.org; dkim=pass header.d=com", False),
        ("mx.example.org; dkim=pass header.d=mail.example.com", False),
        ("mx.example.org; dmarc=pass header.from=example.net", False),
        ("mx.example.org; spf=pass smtp.mailfrom=example.net", False),
        ("mx.example.org; dkim=fail (x; dmarc=pass header.from=example.com)", False),
        ("mx.elsewhere.org; dmarc=pass header.from=example.com", False),
        ("", False),
    ],
)
def test_only_our_own_server_vouches(read: Read, results: str, vouched: bool) -> None:
    assert read(mail("help", more=f"Authentication-Results: {results}\r\n")).aligned is vouched


def test_only_the_topmost_results_count(read: Read) -> None:
    ours, forged = "mx.example.org; dkim=none", "mx.example.org; dmarc=pass header.from=example.com"
    more = f"Authentication-Results: {ours}\r\nAuthentication-Results: {forged}\r\n"
    assert not read(mail("help", more=more)).aligned


def test_a_subdomain_is_covered_by_its_domain(read: Read) -> None:
    raw = mail("help", more="Authentication-Results: mx.example.org; dkim=pass header.d=example.com\r\n")
    assert read(raw.replace("ada@example.com", "ada@news.example.com", 1)).aligned


def test_the_machine_that_handed_it_in_is_the_first_public_one(read: Read) -> None:
    more = (
        "Received: from mx.example.org (mx.example.org [127.0.0.1]) by imap; now\r\n"
        "Received: from out.example.com (x [IPv6:2a00:1450:4864:20::34]) by mx.example.org; now\r\n"
        "Received: from liar (x [8.8.8.8]) by out.example.com; now\r\n"
    )
    assert read(mail("help", more=more)).network == "2a00:1450:4864:20::34"
