"""What came back, what it says of the reader, and that nobody can say it without a token of ours."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from digest.mail import bounces
from digest.mail.intents import Bounced, Complained, Ignore, Speak
from digest.mail.tokens import Purpose, Stamp, Tokens

from .conftest import Read, mail


def report(
    *groups: str,
    told: str = "Your letter came back.",
    letter: str = "From: weekly@example.org\nSubject: Lighthouses",
    to: str = "weekly@example.org",
) -> bytes:
    """A delivery status notification, as RFC 3464 has it."""
    recipients = "\n\n".join(groups)
    return (
        f"Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.net>\nTo: {to}\n"
        "Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain\n\n{told}\n\n--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.example.net\n\n{recipients}\n\n--b\nContent-Type: message/rfc822\n\n{letter}\n\nhi\n--b--\n"
    ).encode()


def failed(status: str, said: str = "", *, action: str = "failed", who: str = "eve@example.net") -> str:
    words = f"\nDiagnostic-Code: smtp; {said}" if said else ""
    return f"Final-Recipient: rfc822; {who}\nAction: {action}\nStatus: {status}{words}"


VERDICTS = [
    ("5.1.1", "550 5.1.1 <eve@example.net>: Recipient address rejected: User unknown in virtual mailbox table", "hard"),
    ("5.1.1", "", "hard"),
    ("5.1.2", "Host or domain name not found. Name service error for name=example.net type=A: Host not found", "hard"),
    ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "hard"),
    ("5.2.1", "", "soft"),
    ("5.4.4", "Unable to route: no mail hosts for domain", "hard"),
    ("5.0.0", "550 No such user here (in reply to RCPT TO command)", "hard"),
    ("5.0.0", "550-Mailbox unknown. Either there is no mailbox associated with this name [RCPT_TO]", "hard"),
    ("5.5.0", "550 Requested action not taken: mailbox unavailable (in reply to RCPT TO command)", "hard"),
    ("5.5.0", "550 Requested action not taken: mailbox unavailable (-1234:567:-890)", "hard"),
    (
        "5.7.1",
        "550 5.7.1 <eve@example.net>: Recipient address rejected: User unknown (in reply to RCPT TO command)",
        "hard",
    ),
    ("5.0.0", "550 No such user here", "soft"),
    ("5.5.0", "550 Requested action not taken: mailbox unavailable", "soft"),
    (
        "5.7.1",
        "550 5.7.1 <eve@example.net>: Recipient address rejected: User unknown (in reply to end of DATA command)",
        "soft",
    ),
    ("5.1.351", "550 5.1.351 Remote server returned unknown recipient or mailbox unavailable", "hard"),
    ("5.0.0", "550 550 eve@example.net: User unknown (state 14).", "hard"),
    ("5.0.0", "550 550 eve@example.net: User unknown (state 18).", "soft"),
    ("5.1.6", "551 5.1.6 eve@example.net has been replaced by eve@example.com", "hard"),
    ("5.0.0", "554 delivery error: dd This user doesn't have a example.net account (eve@example.net) [0]", "hard"),
    ("5.3.2", "521 5.3.2 System not accepting network messages", "hard"),
    ("5.0.0", "556 5.0.0 example.net does not accept mail (nullMX)", "hard"),
    ("4.3.2", "421 4.3.2 System not accepting network messages", "soft"),
    ("4.1.1", "450 4.1.1 <eve@example.net>: Recipient address rejected: User unknown in local recipient table", "hard"),
    ("5.1.1", "550 5.1.1 This account is disabled, no such user for you", "soft"),
    ("5.1.3", "553 sorry, your envelope recipient is in my badrcptto list (#5.7.1)", "soft"),
    ("5.7.13", "525 5.7.13 Disabled recipient address", "soft"),
    ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. [AM.prod.protection.outlook.com]", "hard"),
    ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", "hard"),
    ("5.7.1", "554 5.7.1 <eve@example.net>: Recipient address rejected: Access denied", "soft"),
    ("5.0.0", "550 eve@example.net...User account is unavailable (in reply to RCPT TO command)", "hard"),
    ("5.2.1", "550 5.2.1 This mailbox has been blocked due to inactivity (in reply to RCPT TO command)", "soft"),
    ("5.1.1", "552 5.1.1 mailbox full", "soft"),
    ("5.2.2", "552 5.2.2 The email account that you tried to reach is over quota", "soft"),
    ("5.2.1", "550 5.2.1 This account has been temporarily suspended", "soft"),
    ("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled", "soft"),
    ("5.0.0", "554 delivery error: This account has been disabled or discontinued [#102]", "soft"),
    ("5.0.0", "550 Unknown user eve@example.net (in reply to end of DATA command)", "soft"),
    ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound (in reply to end of DATA command)", "hard"),
    ("4.4.1", "connect to mx.example.net[192.0.2.1]:25: Connection timed out", "soft"),
    ("4.1.1", "450 4.1.1 <eve@example.net>: Recipient address rejected: unverified address", "soft"),
    ("5.4.7", "Delivery expired (message too old)", "soft"),
    ("5.7.1", "550 5.7.1 Message rejected as spam by content filtering", "ours"),
    ("5.7.26", "550-5.7.26 This mail is unauthenticated, which poses a security risk to the sender", "ours"),
    ("5.1.1", "550 5.1.1 Blocked: your IP address is listed at zen.spamhaus.org", "ours"),
    ("5.3.4", "552 5.3.4 Message size exceeds fixed limit", "ours"),
    ("5.7.1", "554 5.7.1 <eve@example.net>: Relay access denied", "ours"),
    ("5.1.8", "553 5.1.8 Domain of sender address weekly@example.org does not exist", "ours"),
    ("5.6.0", "", "ours"),
    (
        "5.1.1",
        "510 5.1.1 Your address, weekly@example.org, is not subscribed to the choir. See http://example.net",
        "ours",
    ),
    ("5.0.0", "550 5.1.1 eve@example.net is not subscribed to anything here: no such user", "hard"),
    ("5.7.1", "550 5.7.1 SPF record wasn't found at example.org", "ours"),
    ("5.7.515", "550 5.7.515 Access denied, sending domain does not meet the required authentication level", "ours"),
    ("4.7.0", "421 4.7.0 Our system has detected an unusual rate of mail", "ours"),
    ("5.0.0", "SMTP error, RCPT TO: Host mx.example.net(192.0.2.1) RCPT TO said 550 No such user here", "hard"),
    ("5.0.0", "550 rcpt <eve@example.net> doesn't exist", "hard"),
    ("5.0.0", "550 mailbox eve@example.net unavailable (in reply to RCPT TO command)", "hard"),
    ("5.0.0", "553 no mail-box here by that name (in reply to RCPT TO command)", "hard"),
    ("5.0.0", "550 No such recipient (Remote SMTP server has rejected address)", "hard"),
    ("5.0.0", "550 5.7.1 No such recipient (Remote SMTP server has rejected address)", "soft"),
    (
        "5.0.0",
        "550 Local mailbox eve@example.net is unavailable: user not found (in reply to end of DATA command)",
        "hard",
    ),
    ("5.0.0", "550 eve@example.net...User unknown (in reply to RCPT TO command)", "hard"),
    ("5.1.6", "551 not our user", "hard"),
    ("5.1.3", "550 Esta casilla ha expirado", "soft"),
    ("5.0.0", "DNS Error: Domain name not found", "hard"),
    ("4.0.0", "DNS Error: Domain name not found", "soft"),
    ("5.4.4", "Name service error for name=example.net type=MX: Malformed name server reply", "soft"),
    ("5.1.1", "550 maximum message size exceeded (bad destination mailbox address)", "ours"),
    ("5.1.1", "554 A problem occurred, ask the postmaster", "soft"),
    ("5.1.1", "550 5.1.1 A problem occurred, ask the postmaster", "hard"),
]


@pytest.mark.parametrize(("status", "said", "kind"), VERDICTS)
def test_a_report_is_judged_by_code_and_words(status: str, said: str, kind: str) -> None:
    reading = bounces.classify(report(failed(status, said)))
    assert (reading.kind, reading.failed) == (kind, ("eve@example.net",))


ABOUT_US = [
    "501 5.5.2 <mx>: Helo command rejected: Invalid name",
    "550 5.7.1 <mx.example.org>: Helo command rejected: Host not found",
    "550 Access denied - Invalid HELO name",
    "550-Verification failed for <weekly@example.org> 550-No such user here 550 Sender verify failed",
    "550 Callout failed: user unknown",
    "553 sorry, your envelope sender domain must exist (#5.7.1)",
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    "511 sorry, can't find a valid MX for sender domain (#5.1.1)",
    "550 5.1.7 Invalid address",
    "550 5.7.1 Unknown sender",
    "550 Your domain does not exist",
    "550 Host not found in reverse DNS",
    "550 5.7.1 Invalid DKIM signature from unknown domain example.org",
    "550 Too many unknown users, you are blocked",
    "550 Requested action not taken: mailbox unavailable. Reject due to policy",
    "550 SPF check failed: domain not found",
    "550 URL in message points to a domain that does not exist",
    "552 Invalid structure",
    "503 Unknown command",
]
TOLD_BY = {
    "postfix": "This is the mail system.\n\n<eve@example.net>: host mx.example.net[192.0.2.1] said:\n    {} (in reply to RCPT TO command)\n",
    "exim": "The following address(es) failed:\n\n  eve@example.net\n    SMTP error from remote mail server after RCPT TO:<eve@example.net>:\n    host mx.example.net [192.0.2.1]: {}\n",
    "qmail": "<eve@example.net>:\n192.0.2.1 does not like recipient.\nRemote host said: {}\nGiving up on 192.0.2.1.\n",
    "sendmail": (
        "----- The following addresses had permanent fatal errors -----\n<eve@example.net>\n    (reason: {0})\n\n"
        "----- Transcript of session follows -----\n>>> RCPT To:<eve@example.net>\n<<< {0}\n550 5.1.1 <eve@example.net>... User unknown\n"
    ),
}


@pytest.mark.parametrize("program", TOLD_BY)
@pytest.mark.parametrize("said", ABOUT_US)
def test_what_is_unknown_or_invalid_of_ours_is_no_dead_reader(said: str, program: str) -> None:
    """Servers refuse us at RCPT too, and in words that a dead mailbox gets: the name in HELO, our domain, our address."""
    told = TOLD_BY[program].format(said)
    raw = f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.org\nSubject: failure notice\n\n{told}".encode()
    assert bounces.classify(raw).kind != "hard"
    assert bounces.classify(report(failed("5.1.1", said), told=told)).kind != "hard"


def test_a_report_whose_text_speaks_of_a_full_mailbox_is_not_believed_to_mean_a_dead_one() -> None:
    raw = report(failed("5.1.1", "550 5.1.1 User unknown"), told="Your letter was rejected: mailbox is full")
    assert bounces.classify(raw).kind == "soft"


def test_a_full_mailbox_and_a_dead_one_in_one_report_are_both_seen() -> None:
    told = "<ada@example.net>: mailbox is full\n<eve@example.net>: user unknown"
    full = failed("5.2.2", "552 mailbox is full", who="ada@example.net")
    assert bounces.classify(report(full, failed("5.1.1", "550 5.1.1 User unknown"), told=told)).kind == "hard"


@pytest.mark.parametrize(
    ("told", "more", "kind"),
    [
        ("eve@example.net\n    Unknown user", "", "hard"),
        ("eve@example.net\n    Unknown user", "\nRemote-MTA: dns; mail.example.net", "soft"),
        ("eve@example.net\n    Unknown user, said the remote server after end of data", "", "soft"),
        ("eve@example.net\n    550 Unknown user", "", "soft"),
    ],
)
def test_who_reports_without_another_server_decided_it_alone(told: str, more: str, kind: str) -> None:
    assert bounces.classify(report(failed("5.0.0") + more, told=told)).kind == kind


def test_domino_breaks_words_where_the_line_ends() -> None:
    raw = report(
        "Final-Recipient: rfc822; eve@example.net\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: X-Notes; User eve (eve@example.net) not l\n isted in Domino Directory"
    )
    reading = bounces.classify(raw)
    assert (reading.kind, "not listed in" in reading.said) == ("hard", True)


@pytest.mark.parametrize(
    ("action", "kind"), [("delayed", "delayed"), ("relayed", "other"), ("delivered", "other"), ("expanded", "other")]
)
def test_only_failed_is_a_failure(action: str, kind: str) -> None:
    assert bounces.classify(report(failed("5.1.1", action=action))).kind == kind


def test_the_address_that_we_wrote_to_comes_first() -> None:
    group = "Original-Recipient: rfc822; old@example.net\n" + failed("5.1.1")
    assert bounces.classify(report(group)).failed == ("old@example.net", "eve@example.net")


TORN = f"My letter came back:\n\nReporting-MTA: dns; mx.example.net\n\n{failed('5.1.1', '550 5.1.1 no such user')}\n"


def test_a_report_in_no_part_of_its_own_is_read() -> None:
    raw = f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nSubject: Returned mail\n\n{TORN}"
    assert bounces.classify(raw.encode()).kind == "hard"


def test_a_report_from_nobody_is_read() -> None:
    assert bounces.classify(f"From: example.net\nSubject: Returned mail\n\n{TORN}".encode()).kind == "hard"


def test_a_bounce_that_a_person_passes_on_is_none() -> None:
    assert (
        bounces.classify(mail(TORN, subject="Fw: Returned mail: see transcript for details").encode()).kind == "other"
    )


def notification(disposition: str) -> bytes:
    """What a mail program says of a letter that it got, as RFC 8098 has it."""
    return (
        "Return-Path: <>\nFrom: Eve <eve@example.net>\nTo: weekly@example.org\nSubject: Read: Lighthouses\n"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nYour letter was seen.\n\n--b\nContent-Type: message/disposition-notification\n\n"
        f"Final-Recipient: rfc822; eve@example.net\nDisposition: {disposition}\n\n--b--\n"
    ).encode()


@pytest.mark.parametrize(
    "disposition",
    [
        "manual-action/MDN-sent-manually; displayed",
        "automatic-action/MDN-sent-automatically; displayed",
        "manual-action/MDN-sent-automatically; deleted",
    ],
)
def test_a_receipt_is_no_bounce(disposition: str) -> None:
    assert bounces.classify(notification(disposition)).kind == "autoreply"


def test_a_server_that_refuses_by_a_receipt_is_heard() -> None:
    reading = bounces.classify(notification("automatic-action/MDN-sent-automatically; deleted"))
    assert (reading.kind, reading.failed) == ("ours", ("eve@example.net",))


def test_one_dead_recipient_among_several_is_found() -> None:
    reading = bounces.classify(
        report(failed("4.4.1"), failed("5.1.1", who="ada@example.net"), failed("2.0.0", action="relayed"))
    )
    assert reading.kind == "hard"
    assert "ada@example.net" in reading.failed


NOTICES = {
    "qmail": (
        "hard",
        (
            "Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.\n\n<eve@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
            "--- Below this line is a copy of the message.\n\nSubject: the mailbox is full of spam\n"
        ),
    ),
    "exim": (
        "hard",
        (
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\n"
            "recipients. This is a permanent error. The following address(es) failed:\n\n  eve@example.net\n    SMTP error from remote mail server after RCPT TO:<eve@example.net>:\n"
            "    host mx.example.net [192.0.2.1]: 550 unknown user\n\n------ This is a copy of the message, including all the headers. ------\n\nReturn-path: <weekly@example.org>\n"
        ),
    ),
    "exim, about us": (
        "ours",
        (
            "This message was created automatically by mail delivery software.\nThe following address(es) failed:\n\n  eve@example.net\n"
            "    SMTP error from remote mail server after MAIL FROM:<weekly@example.org>:\n    550 unknown user\n"
        ),
    ),
    "exchange 5.5": (
        "hard",
        (
            "Your message\n\n  To: eve@example.net\n  Subject: Lighthouses\n\ndid not reach the following recipient(s):\n\neve@example.net on Tue, 3 Nov 2026\n"
            "    The recipient name is not recognized\n    MSEXCH:IMS:EXAMPLE:POST:MX 0 (000C05A6) Unknown Recipient\n"
        ),
    ),
    "sendmail, at the name": (
        "hard",
        (
            "   ----- The following addresses had permanent fatal errors -----\n<eve@example.net>\n\n   ----- Transcript of session follows -----\n"
            "... while talking to mx.example.net.:\n>>> RCPT To:<eve@example.net>\n<<< 550 <eve@example.net>... User unknown\n"
        ),
    ),
    "sendmail, after the letter": (
        "soft",
        (
            "   ----- The following addresses had permanent fatal errors -----\n<eve@example.net>\n\n   ----- Transcript of session follows -----\n"
            "... while talking to mx.example.net.:\n>>> DATA\n<<< 550 <eve@example.net>... User unknown\n"
        ),
    ),
    "postfix, set in": (
        "soft",
        (
            "<eve@example.net>: host mx.example.net[192.0.2.1] said: 554\n    Sorry, your message cannot be delivered. This mailbox is\n"
            "    disabled. (in reply to end of DATA command)\n"
        ),
    ),
    "sendmail, short": (
        "ours",
        (
            "   ----- The following addresses had permanent fatal errors -----\n<eve@example.net>\n    (reason: 553 SPF fail)\n\n"
            "   ----- Transcript of session follows -----\n>>> DATA\n<<< 553 SPF fail\n550 5.1.1 <eve@example.net>... User unknown\n"
        ),
    ),
    "sendmail, then out of time": (
        "hard",
        (
            "   ----- Transcript of session follows -----\n>>> RCPT To:<eve@example.net>\n<<< 550 <eve@example.net>, User unknown\n"
            "421 example.net (smtp)... Deferred: Connection timed out\n"
        ),
    ),
    "gmail, about the name": (
        "hard",
        (
            "Technical details of permanent failure:\nGoogle tried to deliver your message, but it was rejected by the server for\n"
            "example.net.\n\nThe error that the other server returned was:\n550 5.1.0 Recipient rejected: <eve@example.net>\n"
        ),
    ),
    "mail.ru": (
        "hard",
        "eve@example.net\n  550 invalid mailbox. Local mailbox eve@example.net is unavailable:\n  user not found\n",
    ),
    "domino, japanese": ("hard", "ディレクトリのリストにありません eve@example.net\n"),
    "qmail, smtp": (
        "hard",
        (
            "Hi. This is the qmail-send program at mx.example.net.\n\n<eve@example.net>:\n192.0.2.1 does not like recipient.\n"
            "Remote host said: 550 no such user\nGiving up on 192.0.2.1.\n"
        ),
    ),
    "gateway": (
        "soft",
        "Unable to deliver to <eve@example.net>. Server mx.example.net failed with: 550 no such user here\n",
    ),
    "qmail, closed": (
        "hard",
        "Hi. This is the qmail-send program at mx.example.net.\n\n<eve@example.net>:\nThis address no longer accepts mail.\n",
    ),
    "sendmail, of 1995": (
        "hard",
        (
            "   ----- Transcript of session follows -----\n"
            "550 <eve@example.net>... Host unknown (Name server: mx.example.net: host not found)\n"
        ),
    ),
    "full": ("soft", "Your message could not be delivered to <eve@example.net>: the mailbox is full.\n"),
    "exchange, german": (
        "hard",
        "Fehler bei der Nachrichtenzustellung an folgende Empfänger:\neve@example.net\nDer Empfänger ist unbekannt.\n",
    ),
    "exchange, of its own users": (
        "hard",
        "Your message to eve@example.net couldn’t be delivered.\n\neve wasn’t found at example.net.\n\nweekly\tOffice\teve\n",
    ),
    "exchange, of another's": (
        "hard",
        (
            "mx.example.net rejected your message to the following email addresses:\n\neve@example.net\n"
            "The address that you wrote to wasn't found at the destination domain. Look for a slip of the pen.\n"
        ),
    ),
    "exchange, of something else": (
        "ours",
        "Your message to eve@example.net couldn't be delivered.\n\nA certificate for our server wasn't found at example.org.\n",
    ),
    "french": ("hard", "Échec de la remise à : eve@example.net. L'adresse n'existe pas.\n"),
    "spanish": ("hard", "No se pudo entregar el mensaje a eve@example.net: no existe el usuario.\n"),
    "japanese": ("hard", "配信不能: eve@example.net このアドレスは存在しません\n"),
    "chinese": ("hard", "退信: eve@example.net 用户不存在\n"),
    "groupwise": ("hard", "The message that you sent was undeliverable to the following:\n\teve (user not found)\n"),
    "postfix, old": (
        "soft",
        "This is the Postfix program at host mx.example.net.\n\n<eve@example.net>: connect to mx.example.net: Connection refused\n",
    ),
}


@pytest.mark.parametrize(("kind", "told"), NOTICES.values(), ids=NOTICES)
def test_a_notice_in_no_standard_form_is_judged_by_its_own_words(kind: str, told: str) -> None:
    raw = f"Return-Path: <>\nFrom: Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>\nSubject: failure notice\n\n{told}".encode()
    assert bounces.classify(raw).kind == kind


# Who says it without a sign that the name alone was refused, and what makes a witness of the same words.
WITNESSES = {
    "sendmail, of its own user": ("hard", "   ----- Transcript of session follows -----\n550 eve... User unknown\n"),
    "sendmail, with a talk": (
        "soft",
        "   ----- Transcript of session follows -----\nWhile talking to mx.example.net:\n550 eve... User unknown\n",
    ),
    "a copy of sendmail without the talk": (
        "soft",
        "The original message was received at noon.\n\n-- Delivery failed for --\neve@example.net [User unknown]\n",
    ),
    "no other server": ("hard", "Your letter could not be brought to a local user.\n\neve: user not known here\n"),
    "another server's code": ("soft", "Your letter could not be delivered.\n\neve@example.net: 550 no such user\n"),
    "another server's words": ("soft", "Delivery failed. The host mx.example.net said: no such user\n"),
    "exchange's connector": (
        "soft",
        "Could not be reached:\n\neve@example.net\n  Recipient not found\n  MSEXCH:IMC:A:B\n",
    ),
    "a sentence before the quote": (
        "hard",
        "The address eve@example.net does not exist, so your letter came back.\n\n550 No such user\n",
    ),
    "a sentence after the letter was read": (
        "soft",
        "The address eve@example.net does not exist, it says.\n\n550 No such user (in reply to end of DATA command)\n",
    ),
    "a heading before the quote": ("soft", "Wrong address, it seems.\n\n550 No such user\n"),
    "the talk of a gateway": ("hard", "Sent <<< RCPT TO:<eve@example.net>\nReceived >>> 550 unknown user\n"),
    "the talk of another": ("hard", "--> RCPT TO:<eve@example.net>\n<-- 550 No such user\n"),
    "a list of the envelope": (
        "soft",
        "550 no such user here\nMAIL FROM: weekly@example.org\nRCPT TO: eve@example.net\n",
    ),
    "a word on the recipients": (
        "hard",
        "Each of these recipients was rejected by a remote mail server.\n\nRecipient: <eve@example.net>\nReason: User unknown\n",
    ),
    "the keeper's module": (
        "hard",
        "Failed to deliver to 'eve@example.net'\nLOCAL module(account eve) reports:\n account is unknown\n",
    ),
    "yahoo, that looked": (
        "hard",
        "<eve@example.net>:\nThis user doesn't have a example.net account (eve@example.net) [0]\n",
    ),
    "yahoo, that could not": (
        "soft",
        "<eve@example.net>:\nThis user doesn't have a example.net account (eve@example.net) [-9]\n",
    ),
    "who looked for the mailbox": ("hard", "eve@example.net: the other server answered 550 mailbox not found\n"),
    "who looked in the list": (
        "hard",
        "eve@example.net: the other server answered 550 user not listed in LDAP directory\n",
    ),
    "who looked, and read": ("soft", "eve@example.net: 550 mailbox not found (in reply to end of DATA command)\n"),
    "who borrows the words": ("soft", "eve@example.net: the other server answered 550 unknown user\n"),
    "the words of google's server": (
        "soft",
        "eve@example.net: 550 The email account that you tried to reach does not exist.\n",
    ),
    "a router that found no domain": (
        "hard",
        "eve@example.net\n The account or domain may not exist, they may be blacklisted, or missing the proper dns entries.\n",
    ),
    "a disk that is broken": (
        "soft",
        "<eve@example.net>:\nuser does not exist, but will deliver to /var/mail/eve/\ncan not open new email file\n",
    ),
}


@pytest.mark.parametrize(("kind", "told"), WITNESSES.values(), ids=WITNESSES)
def test_no_such_user_needs_a_witness(kind: str, told: str) -> None:
    raw = f"Return-Path: <>\nFrom: Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>\nSubject: failure notice\n\n{told}".encode()
    assert bounces.classify(raw).kind == kind


@pytest.mark.parametrize(
    ("told", "said", "kind"),
    [
        (
            "Your letter was not delivered because the address couldn't be found.",
            "smtp; 550 5.7.1 Recipient not found",
            "hard",
        ),
        ("Your letter was blocked.", "smtp; 550 5.7.1 Recipient not found", "soft"),
        ("", "x-unix; 550 5.2.1 Address unknown", "hard"),
        ("", "smtp; 550 5.2.1 Address unknown", "soft"),
    ],
)
def test_who_reports_may_bear_witness_too(told: str, said: str, kind: str) -> None:
    group = f"Final-Recipient: rfc822; eve@example.net\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: {said}"
    assert bounces.classify(report(group, told=told)).kind == kind


NOBODY = [
    "No E-mail address is configured by that name",
    "Unable to find user eve",
    "could not locate the mailbox eve",
    "The destination addresses were unknown",
    "we have no mailbox by this name",
    "sorry, no mailbox",
    "mailbox invalid",
    "wrong recipients",
    "no such id",
    "RCPT (eve@example.net) dosn't exist",
    "eve@example.net was not found in LDAP server",
    "mail drop unknown",
    "user missing home directory",
    "Nie ma takiego konta",
    "Nessun utente simile in questo indirizzo",
    "Destinatario errato",
    "Adresse invalide, aucun utilisateur de ce nom",
    "Der Empfänger ist hier nicht vorhanden",
    "Conta não encontrada",
    "Такого пользователя нет",
    "Użytkownik nie istnieje",
    "无效的用户",
    "존재하지 않는 사용자",
    "宛先が登録されていません",
]


@pytest.mark.parametrize("said", NOBODY)
def test_there_are_many_ways_to_say_that_nobody_is_there(said: str) -> None:
    assert bounces.classify(report(failed("5.0.0", f"550 {said} (in reply to RCPT TO command)"))).kind == "hard"


SOMEBODY = [
    "Your user name or password is invalid",
    "unknown error 17 in mailbox processing",
    "could not find the DKIM record for the address",
    "unable to find your address in the list of customers",
    "Sender email is not in my domain",
    "the user exists, and wants no mail from here",
    "invalid character in address header",
    "user mailbox exceeds allowed size",
    "Domain may not exist, or its names could not be looked up",
    "usuario no se encuentra disponible",
    "unbekannter Fehler",
    "expéditeur inconnu",
    "no account of yours pays for this, mail administratively denied",
]


@pytest.mark.parametrize("said", SOMEBODY)
def test_an_unknown_thing_is_not_an_unknown_reader(said: str) -> None:
    assert bounces.classify(report(failed("5.0.0", f"550 {said} (in reply to RCPT TO command)"))).kind != "hard"


@pytest.mark.parametrize(
    ("said", "written_in"),
    [
        ("用户不存在", "gb2312"),
        ("收件人不存在，请检查", "gb18030"),
        ("使用者不存在，查無此人", "big5"),
        ("宛先のユーザーが見つかりません", "shift_jis"),
        ("宛先のユーザーが見つかりません", "euc-jp"),
        ("宛先のユーザーが見つかりません", "iso-2022-jp"),
        ("사용자가 존재하지 않습니다", "euc-kr"),
        ("Адресат не существует", "koi8-r"),
        ("Адресат не существует", "windows-1251"),
        ("Utilisateur désinscrit, adresse inexistante: inconnu à cette adresse", "latin-1"),
        ("Usuário não existe", "latin-1"),
        ("Usuário não existe", "utf-8"),
    ],
)
@pytest.mark.parametrize("named", ["", "us-ascii", "iso-8859-1", "x-unknown"])
def test_letters_are_read_whatever_set_is_named(said: str, written_in: str, named: str) -> None:
    kind = f"Content-Type: text/plain; charset={named}\n" if named else ""
    head = f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nSubject: failure notice\n{kind}\n<eve@example.net>:\n"
    reading = bounces.classify(head.encode() + said.encode(written_in))
    assert (reading.kind, said in reading.said) == ("hard", True)


GATEWAY = "Your letter went no further.\n\nRCPT TO: <eve@example.net>\n550 unknown user\n"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("Subject: Mail could not be delivered", "hard"),
        ("Subject: Fwd: Mail could not be delivered", "other"),
        ("Subject: Mail could not be delivered\nIn-Reply-To: <1@example.org>", "other"),
        ("Subject: How SMTP works", "other"),
    ],
)
def test_a_gateway_of_any_name_is_known_by_the_talk_that_it_shows(head: str, kind: str) -> None:
    raw = f"Return-Path: <wall@example.net>\nFrom: Wall <wall@example.net>\n{head}\n\n{GATEWAY}"
    assert bounces.classify(raw.encode()).kind == kind


@pytest.mark.parametrize(
    ("subject", "told", "kind"),
    [
        ("Undeliverable: Lighthouses", "It could not be delivered to eve@example.net: user unknown.", "hard"),
        ("Undeliverable: Lighthouses", "I wonder what this word means. Do you know a user?", "other"),
        ("Trouble with delivery", "Your letter could not be delivered to my new address. User unknown?", "other"),
        ("Re: Undeliverable: Lighthouses", "It could not be delivered to eve@example.net: user unknown.", "other"),
    ],
)
def test_a_notice_under_any_name_has_the_title_and_the_words(subject: str, told: str, kind: str) -> None:
    raw = f"Return-Path: <wall@example.net>\nFrom: Wall <wall@example.net>\nSubject: {subject}\n\n{told}\n"
    assert bounces.classify(raw.encode()).kind == kind


RETURNED = (
    "Your letter could not be delivered to eve@example.net:\n\nRCPT TO: <eve@example.net>\n550 5.1.1 user unknown\n"
)
DEAD_EVE = f"{failed('5.1.1', '550 5.1.1 user unknown')}\n"


@pytest.mark.parametrize(
    "subject",
    [
        "Returned mail: User unknown (fwd)",
        "[Fwd: Returned mail: User unknown]",
        "[fwd] Undeliverable: Lighthouses",
        "(Fwd) Returned mail",
        "WG: Unzustellbar: Lighthouses",
        "AW: Unzustellbar: Lighthouses",
        "[lamps] Re: failure notice",
        "转发: Undeliverable: Lighthouses",
    ],
)
@pytest.mark.parametrize("sender", ["Ada <ada@example.com>", "Ada <postmaster@example.com>"])
def test_a_bounce_that_is_passed_on_or_answered_is_somebody_s_letter(subject: str, sender: str) -> None:
    assert bounces.classify(f"From: {sender}\nSubject: {subject}\n\n{RETURNED}".encode()).kind not in {"hard", "soft"}


def test_a_server_takes_the_title_of_the_letter_that_it_returns() -> None:
    for who, subject in [("postmaster", "Re: Lighthouses"), ("MAILER-DAEMON", "Re: failure notice")]:
        raw = f"From: {who}@example.net\nSubject: {subject}\n\n{RETURNED}"
        assert bounces.classify(raw.encode()).kind == "hard"


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("Mailer <mailer@example.net>", "hard"),
        ("bounces+17@example.net", "hard"),
        ("daemon@example.net", "hard"),
        ("Eve Mailer <eve@example.net>", "other"),
        ("Eve <trampolinebounce@example.net>", "other"),
        ("bug-daemon@example.net", "other"),
    ],
)
def test_people_and_programs_have_names_like_a_mail_server_s(sender: str, kind: str) -> None:
    raw = (
        f"From: {sender}\nSubject: Lost letters\n\nYour message could not be delivered: eve@example.net, user unknown\n"
    )
    assert bounces.classify(raw.encode()).kind == kind


def test_a_reply_with_an_empty_return_address_and_our_title_is_a_program_of_the_reader_s() -> None:
    told = "This mailbox does not exist any more. Write to bea@example.net.\n"
    for subject, kind in [("Re: Message delivery by pigeon", "autoreply"), ("Message delivery failed", "hard")]:
        raw = f"Return-Path: <>\nFrom: Eve <eve@example.net>\nSubject: {subject}\n\n{told}"
        assert bounces.classify(raw.encode()).kind == kind


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("The following destination addresses were unknown:\n\nSMTP <eve@example.net>", "hard"),
        ("This message cannot be delivered. Our mailing system does not recognize this email address.", "hard"),
        (
            "This message cannot be delivered. We do not say so: it does not recognize the address of the sender.",
            "ours",
        ),
        ("The letter was undeliverable to the following:\n\n  eve@example.net (550 No such recipient)", "hard"),
        ("The letter was undeliverable to the following:\n\n  eve@example.net (550 No such user)", "soft"),
        ("The letter is being returned because the addressee does not exist at destination <example.net>.", "hard"),
        ("host mx.example.net said: 550 No such recipient (in reply to end of DATA command)", "soft"),
        ("eve@example.net\n\nhost mx.example.net says:\n550 unknown user account", "hard"),
        ('host mx.example.net said: 552 Job 7 failed, remote said "550 User does not exist" (end of data)', "hard"),
        ("host mx.example.net said: 552 Job 7 failed, user does not exist (end of data)", "soft"),
    ],
)
def test_gateways_have_sentences_of_their_own(told: str, kind: str) -> None:
    raw = f"Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nSubject: Undeliverable\n\n{told}\n"
    assert bounces.classify(raw.encode()).kind == kind


@pytest.mark.parametrize(
    "before",
    [
        "Hello Ada,\n\n",
        "What does this mean?\n\n",
        "I got this today.\n\n",
        "This came when my letter went out:\n\n",
        "---------- Forwarded message ----------\n",
        "From: MAILER-DAEMON@mx.example.net\nTo: ada@example.com\n\n",
        "> You will laugh.\n> ",
    ],
)
def test_words_before_a_notice_are_a_person_s(before: str) -> None:
    head = "From: Ada <ada@example.com>\nSubject: Undeliverable: Lighthouses\n\n"
    assert bounces.classify(f"{head}{RETURNED}".encode()).kind == "hard"
    assert bounces.classify(f"{head}{before}{RETURNED}".encode()).kind == "other"


def test_what_was_typed_in_a_mail_program_is_a_person_s() -> None:
    for program in ["User-Agent: Mozilla Thunderbird", "X-Mailer: Apple Mail (2.3731)"]:
        raw = f"From: Ada <ada@example.com>\nSubject: Undeliverable: Lighthouses\n{program}\n\n{RETURNED}"
        assert bounces.classify(raw.encode()).kind == "other"


def test_a_postmaster_who_answers_a_question_is_a_person() -> None:
    told = "I think that it was a bounce, as its head says:\n\nNot-Delivered-To: eve due to 01 Invalid address\n"
    head = "From: Bea <postmaster@example.com>\nSubject: Lost letters\nIn-Reply-To: <1@example.org>\n"
    assert bounces.classify(f"{head}\n{told}".encode()).kind == "autoreply"
    assert bounces.classify(f"{head}\nThe server says 550 5.1.1 user unknown\n".encode()).kind == "hard"


def test_a_mail_that_is_another_in_a_new_head_is_passed_on() -> None:
    inside = f"From: MAILER-DAEMON@mx.example.net\nSubject: Returned mail: User unknown\n\n{RETURNED}"
    head = "From: Ada <ada@example.com>\nSubject: Returned mail\nContent-Type: message/rfc822\n"
    assert bounces.classify(f"{head}\n{inside}".encode()).kind == "other"


def test_a_report_beside_somebody_s_words_proves_nothing() -> None:
    told = (
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nWhat is this?\n\n'
        f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n{DEAD_EVE}--b--\n"
    )
    assert bounces.classify(f"From: Ada <ada@example.com>\nSubject: Strange\n{told}".encode()).kind == "other"
    assert bounces.classify(f"From: MAILER-DAEMON@example.net\nSubject: failure notice\n{told}".encode()).kind == "hard"


@pytest.mark.parametrize(
    ("name", "kind"), [("letter.zip", "autoreply"), ("readme.PIF", "autoreply"), ("letter.eml", "hard"), ("", "hard")]
)
def test_a_worm_in_the_dress_of_a_notice_is_none(name: str, kind: str) -> None:
    raw = (
        "From: Mail Delivery Subsystem <MAILER-DAEMON@example.net>\nSubject: Returned mail: see transcript\n"
        f'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\n{RETURNED}\n--b\n'
        f'Content-Type: application/octet-stream; name="{name}"\n\nUEsDBA\n--b--\n'
    )
    assert bounces.classify(raw.encode()).kind == kind


@pytest.mark.parametrize(
    ("host", "kind"), [("[192.0.2.7]", "hard"), ("mx.example.net.", "hard"), ("192.0.2.7", "other")]
)
def test_a_transcript_that_sendmail_would_not_write_is_a_forgery(host: str, kind: str) -> None:
    told = f"... while talking to {host}:\n>>> RCPT To:<eve@example.net>\n<<< 550 5.1.1 user unknown\n"
    raw = f"From: MAILER-DAEMON@example.net\nSubject: Returned mail: Data format error\n\n{told}"
    assert bounces.classify(raw.encode()).kind == kind


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("A message that you sent contained no recipient addresses, so nothing was tried.", "ours"),
        ("A message that you sent contained a recipient address that was incorrectly constructed:\n\n  Eve", "ours"),
        ("sh: /home/users/eve/bin/sort: not found\n554 eve... unknown mailer error 1", "soft"),
    ],
)
def test_what_is_wrong_with_our_letter_or_a_reader_s_program_kills_nobody(said: str, kind: str) -> None:
    raw = f"Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nSubject: Mail failure\n\n{said}\n"
    assert bounces.classify(raw.encode()).kind == kind


def test_the_sentence_that_a_letter_was_not_delivered_does_not_begin_the_letter() -> None:
    told = "This is about your letter.\n\nYour message was not delivered to:\n\neve@example.net (user unknown)\n"
    raw = f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nSubject: failure notice\n\n{told}"
    assert bounces.classify(raw.encode()).kind == "hard"


def test_domino_says_why_in_the_subject_only() -> None:
    raw = (
        b"Return-Path: <MAILER-DAEMON@mx.example.net>\nFrom: Postmaster@example.net\n"
        b"Subject: DELIVERY FAILURE: User eve (eve@example.net) not\n listed in Domino Directory\n\n"
        b"Your message\n\n  Subject: Lighthouses\n\nwas not delivered to:\n\n  eve@example.net\n"
    )
    assert bounces.classify(raw).kind == "hard"


def test_a_report_inside_the_letter_that_came_back_proves_nothing() -> None:
    inner = (
        report(failed("5.1.1", "550 5.1.1 user unknown", who="ada@example.net"))
        .decode()
        .replace('"b"', "c")
        .replace("--b", "--c")
    )
    reading = bounces.classify(report(failed("5.7.1", "550 5.7.1 message content rejected"), letter=inner))
    assert (reading.kind, reading.failed) == ("ours", ("eve@example.net",))


def amazon(notice: object, *, line: int = 900) -> bytes:
    """As SNS mails it; some roads break its long line."""
    told = json.dumps(notice)
    lines = "\n ".join(told[at : at + line] for at in range(0, len(told), line))
    return (
        "Return-Path: <0101@us-west-2.amazonses.example.com>\nFrom: SES <no-reply@sns.amazonaws.example.com>\nSubject: AWS Notification Message\n"
        f"x-amz-sns-message-id: ad6bdf42\nContent-Type: text/plain; charset=UTF-8\n\n{lines}\n\n--\nTo stop these, follow {{this}} link.\n"
    ).encode()


BOUNCED = {
    "emailAddress": "eve@example.net",
    "action": "failed",
    "status": "5.1.1",
    "diagnosticCode": "smtp; 550 5.1.1 user unknown",
}


@pytest.mark.parametrize(
    ("kind", "bounce"),
    [
        ("hard", {"bounceType": "Permanent", "bouncedRecipients": [BOUNCED]}),
        (
            "soft",
            {
                "bounceType": "Permanent",
                "bouncedRecipients": [BOUNCED | {"status": "5.2.2", "diagnosticCode": "smtp; 552 5.2.2 full"}],
            },
        ),
        ("soft", {"bounceType": "Transient", "bouncedRecipients": [{"emailAddress": "eve@example.net"}]}),
        ("ours", {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "eve@example.net"}]}),
    ],
)
def test_amazon_s_notice_is_read(kind: str, bounce: object) -> None:
    reading = bounces.classify(amazon({"notificationType": "Bounce", "bounce": bounce, "mail": {"x": "y " * 900}}))
    assert (reading.kind, reading.failed) == (kind, ("eve@example.net",))


def test_amazon_s_notice_of_a_complaint_is_one() -> None:
    told = {
        "notificationType": "Complaint",
        "complaint": {"complainedRecipients": [{"emailAddress": "eve@example.net"}]},
    }
    assert bounces.classify(amazon(told)) == bounces.Reading(kind="complaint", failed=("eve@example.net",))


@pytest.mark.parametrize(
    "told", [[], 7, {"bounce": 1}, {"bounce": {"bouncedRecipients": [1, None]}}, {"complaint": []}]
)
def test_nonsense_in_amazon_s_form_is_nothing(told: object) -> None:
    assert bounces.classify(amazon(told)).kind in {"other", "autoreply"}


def test_a_notice_of_amazon_nested_without_end_is_nothing() -> None:
    assert bounces.classify(amazon({}).replace(b"{}", b'{"bounce":' + b"[" * 60_000)).kind in {"other", "autoreply"}


def test_amazon_s_notice_names_our_letter(read: Read, letter: str) -> None:
    headers = [dict(zip(("name", "value"), line.split(": ", 1), strict=True)) for line in letter.splitlines()]
    told = {
        "notificationType": "Bounce",
        "bounce": {"bounceType": "Permanent", "bouncedRecipients": [BOUNCED]},
        "mail": {"headers": headers},
    }
    intent = read(amazon(told)).intent
    assert isinstance(intent, Bounced)
    assert (intent.stamp, intent.kind) == (STAMP, "hard")


def test_a_warning_is_no_failure() -> None:
    told = "THIS IS A WARNING MESSAGE ONLY.\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\n450 eve@example.net... user unknown for now"
    raw = f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nSubject: Warning: could not send message for past 4 hours\n\n{told}".encode()
    assert bounces.classify(raw).kind == "delayed"


def test_an_automatic_reply_is_no_bounce() -> None:
    assert (
        bounces.classify(
            mail("user unknown to me", subject="Out of office", more="Auto-Submitted: auto-replied\r\n").encode()
        ).kind
        == "autoreply"
    )


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("Automatic reply: Lighthouses", "Eve is no longer with the company. This mailbox is no longer in use."),
        ("Re: Lighthouses", "This address does not exist any more, write to 500 other people."),
        ("Abwesenheitsnotiz", "Die Mailbox von Eve existiert nicht mehr."),
        ("Out of office", "My mailbox is full; user unknown to myself. 550 mails wait."),
        ("Ticket 550 received", "No such user could be happier."),
    ],
)
@pytest.mark.parametrize("more", ["Return-Path: <>\r\n", "Auto-Submitted: auto-replied\r\n", "Precedence: junk\r\n"])
def test_an_automatic_reply_never_kills_an_address(subject: str, said: str, more: str) -> None:
    assert bounces.classify(mail(said, subject=subject, more=more).encode()).kind == "autoreply"


def test_a_person_who_writes_of_bounces_is_none() -> None:
    assert (
        bounces.classify(mail("550 5.1.1 user unknown, says my server. Why?", subject="Undelivered mail").encode()).kind
        == "other"
    )


# ── whose letter ──────────────────────────────────────────────────────────────────────────────────

STAMP = Stamp(purpose=Purpose.BOUNCE, subject=7, number=42)
DEAD = failed("5.1.1", "550 5.1.1 user unknown")


@pytest.fixture
def verp(token: Callable[..., str]) -> str:
    return f"digest+bounce-{token(Purpose.BOUNCE, 7, 42)}@example.org"


@pytest.fixture
def letter(tokens: Tokens, token: Callable[..., str]) -> str:
    return (
        f"From: weekly@example.org\nMessage-ID: <i42.{tokens.message(42, 7)}@example.org>\n"
        f"List-Unsubscribe: <mailto:digest+unsubscribe-{token(Purpose.UNSUBSCRIBE, 7, 1)}@example.org?subject=unsubscribe>"
    )


def test_the_return_address_says_whose_letter_came_back(read: Read, verp: str) -> None:
    said = "smtp; 550 5.1.1 user unknown".removeprefix("smtp; ")
    expected = Bounced(stamp=STAMP, kind="hard", status="5.1.1", said=f"smtp; {said}")
    assert read(report(DEAD), recipient=verp).intent == expected
    assert read(report(DEAD, to=verp)).intent == expected
    assert read(b"X-Original-To: " + verp.upper().encode() + b"\n" + report(DEAD)).intent == expected


def test_the_returned_letter_says_whose_it_was(read: Read, letter: str) -> None:
    intent = read(report(DEAD, letter=letter)).intent
    assert isinstance(intent, Bounced)
    assert intent.stamp == STAMP


def test_a_returned_letter_within_the_text_counts_too(read: Read, letter: str) -> None:
    raw = f"Return-Path: <>\nFrom: MAILER-DAEMON@mx\nSubject: failure notice\n\n<eve@example.net>:\nNo such user. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n{letter}\n"
    intent = read(raw).intent
    assert isinstance(intent, Bounced)
    assert (intent.stamp, intent.kind) == (STAMP, "hard")


@pytest.mark.parametrize("forged", ["no token", "other issue", "other reader", "other secret"])
def test_a_forged_bounce_is_nobody_s(
    read: Read, tokens: Tokens, token: Callable[..., str], letter: str, forged: str
) -> None:
    spoiled = {
        "no token": "From: weekly@example.org\nTo: ada@example.com",
        "other issue": letter.replace("<i42.", "<i43."),
        "other reader": letter.replace(token(Purpose.UNSUBSCRIBE, 7, 1), token(Purpose.UNSUBSCRIBE, 8, 1)),
        "other secret": letter.replace(tokens.message(42, 7), Tokens(b"another secret, not ours").message(42, 7)),
    }[forged]
    assert isinstance(read(report(DEAD, letter=spoiled)).intent, Ignore)


def test_a_token_for_something_else_vouches_for_no_bounce(read: Read, token: Callable[..., str]) -> None:
    assert isinstance(
        read(report(DEAD), recipient=f"digest+bounce-{token(Purpose.UNSUBSCRIBE, 7, 42)}@example.org").intent, Ignore
    )


def test_a_delay_changes_nothing(read: Read, verp: str) -> None:
    assert isinstance(read(report(failed("4.4.1", action="delayed")), recipient=verp).intent, Ignore)


def test_a_person_who_writes_to_a_return_address_is_heard(read: Read, verp: str) -> None:
    assert isinstance(read(mail("Lovely thread!", to=verp)).intent, Speak)


# ── complaints ────────────────────────────────────────────────────────────────────────────────────


def complaint(letter: str, *, kind: str = "abuse", more: str = "") -> bytes:
    return (
        "From: feedback@isp.example.net\nSubject: FW: Lighthouses\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
        f"--b\nContent-Type: text/plain\n\nThis is a complaint.\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nUser-Agent: x\nVersion: 1\n{more}"
        f"\n--b\nContent-Type: message/rfc822\n\n{letter}\n\nhi\n--b--\n"
    ).encode()


def test_a_complaint_names_the_letter_though_the_reader_is_blotted_out(read: Read, letter: str) -> None:
    assert read(complaint(letter)).intent == Complained(stamp=STAMP)


def test_a_complaint_may_name_only_our_return_address(read: Read, verp: str) -> None:
    assert read(complaint("From: weekly@example.org", more=f"Original-Mail-From: <{verp}>\n")).intent == Complained(
        stamp=STAMP
    )


def test_a_forged_complaint_is_nobody_s(read: Read) -> None:
    assert isinstance(read(complaint("From: weekly@example.org\nTo: ada@example.com")).intent, Ignore)


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", "virus"])
def test_other_feedback_is_no_complaint(read: Read, letter: str, kind: str) -> None:
    assert isinstance(read(complaint(letter, kind=kind)).intent, Ignore)
