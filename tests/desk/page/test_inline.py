"""What premailer and the translator would do to a mail if they were left alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from digest.desk.inline import page
from digest.errors import RenderError

MJML = """<mjml><mj-head><mj-style>@media (max-width:479px){{.a{{color:#ff0000!important}}}}
[data-ogsc] .a{{color:#00ff00}}{style}</mj-style></mj-head>
<mj-body><mj-section><mj-column><mj-text font-family="Ubuntu">{text}</mj-text></mj-column></mj-section></mj-body></mjml>"""


def printed(text="<p class='a'>Hello</p>", *, style="", css=".a{color:#123456}"):
    return page(MJML.format(text=text, style=style), css=css)


def test_the_doctype_lives():
    assert printed().startswith("<!DOCTYPE html>")


def test_styles_are_moved_into_the_elements():
    assert '<p class="a" style="color:#123456">' in printed()


def test_rules_for_phones_keep_their_force():
    assert "color:#ff0000!important" in printed()


def test_rules_that_premailer_does_not_know_are_kept():
    assert "[data-ogsc] .a{color:#00ff00}" in printed()


def test_no_font_is_fetched_from_the_web():
    assert "fonts.googleapis.com" not in printed()


def test_conditions_for_outlook_are_kept_and_ordinary_comments_are_not():
    html = printed("<!-- gone --><!--[if mso]><b>x</b><![endif]-->")
    assert "gone" not in html
    assert "<!--[if mso]><b>x</b><![endif]-->" in html


def test_an_imported_style_sheet_is_never_read(tmp_path):
    (tmp_path / "other.css").write_text(".a{font-size:99px}")
    assert "99px" not in printed(css=f"@import url(file://{tmp_path}/other.css);.a{{color:#123456}}")


def test_a_mark_in_a_link_is_left_as_it_is():
    assert 'href="T0123_UNSUBSCRIBE"' in printed('<a href="T0123_UNSUBSCRIBE">x</a>')


def test_a_width_for_outlook_is_left_as_it_is():
    assert 'width="10"' in printed('<img class="a" alt="" width="10">', css=".a{width:100%}")


def test_mjml_that_does_not_parse_is_shown_by_its_line():
    with pytest.raises(RenderError, match=r"line 3: <mj-bödy>"):
        page("<mjml>\n<mj-body>é</mj-body>\n<mj-bödy></mj-bödy></mjml>", css="")


def test_mjml_that_breaks_off_is_said_so_even_without_a_line():
    with pytest.raises(RenderError, match="does not parse"):
        page("<mjml>\n<mj-body>", css="")


def test_premailer_is_not_loaded_before_something_is_printed():
    code = "import sys, digest.desk.render; sys.exit('premailer' in sys.modules or 'mjml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
