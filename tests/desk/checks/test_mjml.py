"""What MJML does not know is found, and what only looks like MJML inside HTML is passed over."""

from __future__ import annotations

import pytest

from digest.desk.checks.mjml import faults

WHOLE = """<mjml lang="en"><mj-head><mj-attributes><mj-all color="#111111" /></mj-attributes></mj-head>
<mj-body><mj-section><mj-column><mj-text color="#111111"><p odd="x">a<br>b</p></mj-text></mj-column></mj-section></mj-body></mjml>"""


def said(mjml):
    return [(fault.what, fault.line) for fault in faults(mjml)]


def test_what_is_whole_has_no_fault():
    assert said(WHOLE) == []


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("mj-section>", "mj-sektion>", "there is no <mj-sektion>; did you mean mj-section?"),
        ("<mj-text color", "<mj-text colour", "<mj-text> knows no colour=; did you mean color?"),
        ("<mj-column>", "", "<mj-text> has no place in <mj-section>"),
        ("<mj-section>", "<mj-section odd='1'>", "<mj-section> knows no odd="),
    ],
)
def test_what_mjml_does_not_know_is_found_on_its_line(old, new, what):
    assert old in WHOLE
    assert (what, 2) in said(WHOLE.replace(old, new))
