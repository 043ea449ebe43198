"""Mails that are broken in one way each, and the rule that finds it. What react-email's linter and Mailpit's checks flag
is here, and what they do not. The whole mail itself raises no alarm."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from digest.desk import checks
from digest.desk.checks.rules import BY_NAME

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<title>Tides</title>
<meta name="viewport" content="width=device-width">
<style>.a{color:#333333} @media (max-width:480px){.a{font-size:18px}}</style>
</head>
<body style="background-color:#ffffff">
<h1>What the tide table leaves out</h1>
<p class="a">The table says when the water turns. It does not say that the wind may hold it back for an hour, nor that
the harbour mouth has silted up since it was printed.</p>
<img src="https://example.org/tide.png" alt="A tide gauge" width="600" height="300">
<p>Read <a href="https://example.org/tides">all about the tides</a>.</p>
<p>You get this as you subscribed. <a href="https://example.org/u/1">Unsubscribe</a></p>
</body>
</html>
"""
TEXT = """What the tide table leaves out

The table says when the water turns. It does not say that the wind may hold it back for an hour, nor that the
harbour mouth has silted up since it was printed. Read all about the tides: https://example.org/tides

You get this as you subscribed. Unsubscribe: https://example.org/u/1
"""


def mail(*, page=PAGE, text=TEXT, **headers):
    """The whole mail as bytes; a header given as "" is left out."""
    message = EmailMessage()
    given = {
        "From": "Tides <tides@example.org>",
        "To": "ada@example.org",
        "Subject": "What the tide table leaves out",
        "Date": "Tue, 24 Nov 2026 09:00:00 +0000",
        "Message-ID": "<1@example.org>",
        "List-Unsubscribe": "<https://example.org/u/1>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "DKIM-Signature": "v=1; a=rsa-sha256; d=example.org; s=a; h=from; bh=x; b=x",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in given.items():
        if value:
            message[name] = value
    if text:
        message.set_content(text)
    if page:
        (message.add_alternative if text else message.set_content)(page, subtype="html")
    return message.as_bytes()


def alarms(findings):
    return {(finding.rule, finding.what) for finding in findings if finding.level != "note"}


def of_page(page):
    return {finding.rule for finding in checks.check_page(page.encode(), where="x.html")}


def of_letter(data):
    return {finding.rule for finding in checks.check_letter(data)}


def test_a_whole_mail_raises_no_alarm():
    assert alarms(checks.check_letter(mail())) == set()
    assert alarms(checks.check_page(PAGE.encode(), where="x.html")) == set()


BROKEN = [
    # what react-email's linter looks for: pictures and links
    (' alt="A tide gauge"', "", "picture-alt"),
    ("https://example.org/tide.png", "http://example.org/tide.png", "picture-http"),
    ("https://example.org/tide.png", "/static/tide.png", "picture-source"),
    ("https://example.org/tide.png", "", "picture-source"),
    ("https://example.org/tide.png", "file:///home/me/tide.png", "picture-source"),
    ("https://example.org/tides", "http://example.org/tides", "link-http"),
    ("https://example.org/tides", "htp:/example.org", "link"),
    ("https://example.org/tides", "https://", "link"),
    ("https://example.org/tides", "#", "link"),
    ("https://example.org/tides", "", "link"),
    ("https://example.org/tides", "https://exa mple.org", "link"),
    # what Mailpit's HTML check flags, by the tables of caniemail.com
    ('class="a"', 'style="display:flex"', "support-layout"),
    ('class="a"', 'style="display: grid"', "support-layout"),
    ('class="a"', 'style="position:absolute;top:0"', "support-layout"),
    ('class="a"', 'style="width:calc(100% - 20px)"', "support-layout"),
    ('class="a"', 'style="color:hsl(200, 50%, 20%)"', "support-layout"),
    ('class="a"', 'style="color:oklch(0.2 0.1 20)"', "support-layout"),
    ('class="a"', 'style="color:var(--ink)"', "support-layout"),
    ('class="a"', 'style="padding:2vw"', "support-layout"),
    ('class="a"', 'style="border-radius:8px"', "support"),
    ('class="a"', 'style="box-shadow:0 0 4px #000000"', "support"),
    (".a{color", ".a:hover{color", "support"),
    (".a{color", "@keyframes x{from{color:#333333}} .a{color", "support"),
    ("tide.png", "tide.webp", "support-layout"),
    ("tide.png", "tide.svg", "support-layout"),
    ("https://example.org/tide.png", "data:image/png;base64,AAAA", "picture-inline"),
    ("</h1>", "</h1><video src='https://example.org/a.mp4'></video>", "support-layout"),
    ("</h1>", "</h1><svg></svg>", "support-layout"),
    ("</h1>", "</h1><picture></picture>", "support-layout"),
    ("</h1>", "</h1><script>alert(1)</script>", "script"),
    ("</h1>", "</h1><form><input type='text'></form>", "form"),
    ("</h1>", "</h1><iframe src='https://example.org'></iframe>", "active-content"),
    ("</h1>", "</h1><object data='a.pdf'></object>", "active-content"),
    ("</title>", "</title><link rel='stylesheet' href='https://example.org/a.css'>", "outer-style"),
    ("<style>", "<style>@import url(https://example.org/a.css);", "outer-style"),
    # what neither looks for
    ("<!DOCTYPE html>\n", "", "doctype"),
    (' lang="en"', "", "language"),
    ("<title>Tides</title>", "", "title"),
    ("<h1>", "<h2>", "headings"),
    ("</h1>", "</h1><h4>Deep</h4>", "headings"),
    ("</h1>", "</h1><p id=a>one</p><p id=a>two</p>", "duplicate-id"),
    ("</h1>", "</h1><div><b>never closed</div>", "unclosed"),
    ("</h1>", "</h1></span>", "unclosed"),
    ("</h1>", "</h1><table><tr><td>laid out</td></tr></table>", "layout-table"),
    ("<h1>", "<h1 onclick='x()'>", "script"),
    ("</title>", "</title><meta http-equiv='refresh' content='0;url=https://example.org'>", "refresh"),
    ('<meta name="viewport" content="width=device-width">', "", "viewport"),
    (".a{color:#333333}", ".a{color:#333333", "style-broken"),
    ("<style>", "<style>@supports (a:b){@media print{.a{color:#333333}}}", "style-nested"),
    ("<style>", "<style>" + ".b{color:#333333}" * 1_000, "style-heavy"),
    ("</h1>", "</h1>" + "x" * 91_000, "size-heavy"),
    ("</h1>", "</h1>" + "x" * 103_000, "size-clipped"),
    (' width="600" height="300"', "", "picture-size"),
    ('width="600"', 'width="2400"', "picture-huge"),
    (' width="600" height="300"', ' width="1" height="1"', "tracking"),
    ("https://example.org/tides", "javascript:alert(1)", "link-script"),
    ("https://example.org/tides", "#nowhere", "link-anchor"),
    ("https://example.org/tides", "https://example.org/{{ url }}", "link-placeholder"),
    ("https://example.org/tides", "https://example.org/*|UNIQID|*", "link-placeholder"),
    ("https://example.org/tides", "https://bit.ly/3abc", "link-shortened"),
    ("https://example.org/tides", "http://192.0.2.7/a", "link-number"),
    ("all about the tides", "www.bank.example.com", "link-disguised"),
    ("all about the tides", "", "link-words"),
    ("all about the tides", "click here", "link-vague"),
    ("What the tide table", "Dear {{ first_name }}, what the tide table", "placeholder"),
    ("What the tide table", "Dear [[NAME]], what the tide table", "placeholder"),
    ("What the tide table", "{% if x %}What the tide table", "placeholder"),
    ("What the tide table", "*|FNAME|*, what the tide table", "placeholder"),
    ("The table says", "Lorem ipsum dolor. The table says", "filler"),
    ("The table says", "Hello undefined, the table says", "filler"),
    ('class="a"', 'style="color:#aaaaaa"', "contrast"),
    ('class="a"', 'style="color:#fdfdfd"', "invisible"),
    ("<style>", "<style>@media (prefers-color-scheme:dark){body{background-color:#111111!important}}", "invisible"),
    ('class="a"', 'style="font-size:6px"', "small"),
    ("Unsubscribe", "Farewell", "unsubscribe"),
    ('<a href="https://example.org/u/1"', '<a style="display:none" href="https://example.org/u/1"', "unsubscribe"),
    ("The table says", "Act now! You have been selected: 100% free, risk-free. The table says", "spam-words"),
    ("The table says", "THE TABLE SAYS ALL THAT THERE IS TO SAY OF WATER AND WIND. " * 6, "spam-capitals"),
]


@pytest.mark.parametrize(("old", "new", "rule"), BROKEN, ids=[f"{rule}-{n}" for n, (_, _, rule) in enumerate(BROKEN)])
def test_a_page_that_is_broken_in_one_way_is_found(old, new, rule):
    assert old in PAGE
    assert rule in of_page(PAGE.replace(old, new))


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"Subject": ""}, "subject"),
        ({"Subject": "x" * 90}, "subject-long"),
        ({"From": ""}, "from"),
        ({"From": "Tides"}, "from"),
        ({"Date": ""}, "date"),
        ({"Date": "yesterday"}, "date"),
        ({"Message_ID": ""}, "message-id"),
        ({"DKIM_Signature": ""}, "dkim"),
        ({"DKIM_Signature": "v=1; d=bulk.example.com; s=a"}, "dkim-alignment"),
        ({"List_Unsubscribe": ""}, "unsubscribe-header"),
        ({"List_Unsubscribe_Post": ""}, "unsubscribe-one-click"),
        ({"text": ""}, "text-part"),
        ({"page": ""}, "page-part"),
        ({"text": "Your mail program cannot show this. Unsubscribe: https://example.org/u/1"}, "text-differs"),
        ({"text": TEXT.replace("Unsubscribe", "Farewell")}, "unsubscribe"),
        ({"page": PAGE.replace("https://example.org/tide.png", "cid:tide")}, "picture-source"),
    ],
)
def test_a_mail_that_is_broken_in_one_way_is_found(changed, rule):
    assert rule in of_letter(mail(**changed))


def test_a_header_that_stands_twice_is_found():
    assert "header-twice" in of_letter(b"From: a@example.org\r\n" + mail())


def test_a_line_that_is_too_long_to_travel_is_found():
    assert "line-long" in of_letter(mail() + b"x" * 1_200)


def test_a_subdomain_may_sign_for_its_domain():
    assert "dkim-alignment" not in of_letter(mail(DKIM_Signature="v=1; d=mail.example.org; s=a"))


def test_a_page_of_pictures_alone_is_found():
    page = "<!DOCTYPE html><html lang=en><title>x</title><img src='https://example.org/a.png' alt='Sale' width=600>"
    assert "picture-only" in of_page(page)


def test_the_words_of_an_author_are_no_placeholders():
    from digest.desk.checks import placeholders
    from digest.desk.checks.exhibit import Exhibit

    mail = Exhibit(text="Write {{ name }} there.")
    assert list(placeholders.look(mail)) != []
    assert list(placeholders.look(mail, said="Write {{name}} there.")) == []


def test_what_outlook_alone_reads_is_no_fault():
    mso = "<!--[if mso]><table><tr><td width='600'><![endif]-->"
    assert of_page(PAGE.replace("<h1>", f"{mso}<h1>")) <= {"support"}


def test_words_on_a_picture_are_not_judged():
    drawn = 'style="color:#ffffff;background-image:url(https://example.org/a.png)"'
    assert "invisible" not in of_page(PAGE.replace('class="a"', drawn))


def test_a_preheader_is_hidden_and_no_fault():
    hidden = '<div style="display:none;font-size:1px;color:#ffffff">The wind may hold it</div>'
    assert not of_page(PAGE.replace("<h1>", f"{hidden}<h1>")) & {"small", "invisible", "contrast"}


def test_a_network_that_wraps_its_links_is_no_phisher():
    wrapped = PAGE.replace("https://example.org/tides", "https://t.co/abc").replace(
        "all about the tides", "example.org/tides"
    )
    assert "link-disguised" not in of_page(wrapped)


def test_what_is_missing_is_said_with_the_programs_and_their_readers():
    found = checks.check_page(PAGE.replace('class="a"', 'style="display:flex"').encode(), where="x")
    (what,) = [finding.what for finding in found if finding.rule == "support-layout"]
    assert what.endswith(": display:flex (not in Outlook (Windows); up to 4 % of readers)")


def test_each_finding_says_where_why_and_mostly_how_to_mend_it():
    page = PAGE.replace(' alt="A tide gauge"', "")
    (finding,) = [each for each in checks.check_page(page.encode(), where="x") if each.rule == "picture-alt"]
    assert finding.where == "line 12, <img> https://example.org/tide.png"
    assert finding.why
    assert finding.fix


def test_every_rule_is_named_once_and_says_why():
    assert len(BY_NAME) == len(checks.RULES)
    assert all(rule.what and rule.why for rule in checks.RULES)
