"""`digest template` as an owner runs it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


@pytest.fixture
def owner(digest, tmp_path):
    (tmp_path / ".env").write_text("DIGEST_POSTAL_ADDRESS='1 Lane, Town'\nDIGEST_TEMPLATES=mine\n")
    (tmp_path / "mine").mkdir()
    return digest


def test_the_list_says_where_each_comes_from_and_its_blocks(owner, tmp_path):
    (tmp_path / "mine/palette.j2").write_text("x")
    listed = {row["name"]: row for row in owner("template", "list", "--json").json}
    assert listed["palette.j2"]["from"] == "yours"
    assert "footer" in listed["digest.mjml.j2"]["blocks"]


def test_a_theme_is_named_where_it_has_its_own(owner, tmp_path):
    with (tmp_path / ".env").open("a") as settings:
        settings.write("DIGEST_THEME=letter\n")
    listed = {row["name"]: row["from"] for row in owner("template", "list", "--json").json}
    assert (listed["digest.mjml.j2"], listed["digest.txt.j2"]) == ("letter", "default")


def test_a_template_is_shown_ours_or_shipped(owner, tmp_path):
    (tmp_path / "mine/page.css").write_text("h1{color:#123456}")
    assert owner("template", "show", "page.css").out == "h1{color:#123456}"
    assert "color-scheme" in owner("template", "show", "page.css", "--shipped").out


def test_what_there_is_not_is_refused(owner):
    said = owner("template", "show", "postcard.j2")
    assert said.code == 2
    assert "no such template" in said.err


@pytest.mark.parametrize(
    "name", ["digest.mjml.j2", "digest.txt.j2", "palette.j2", "words.toml", "inline.css.j2", "parts.j2"]
)
def test_what_is_begun_changes_nothing_yet(owner, tmp_path, name):
    from digest.samples import samples

    owner("render", samples()[0], "-o", "before")
    assert owner("template", "new", name).code == 0
    assert owner("render", samples()[0], "-o", "after").code == 0
    before, after = ((tmp_path / folder / "digest.html").read_text() for folder in ("before", "after"))
    assert "".join(after.split()) == "".join(before.split())


def test_nothing_is_overwritten(owner):
    owner("template", "new", "palette.j2")
    assert owner("template", "new", "palette.j2").code == 2


def test_without_a_folder_one_is_made_and_said(digest, tmp_path):
    said = digest("template", "new", "palette.j2")
    assert (tmp_path / "templates/palette.j2").exists()
    assert "DIGEST_TEMPLATES=templates" in said.err


def test_the_shipped_templates_have_no_fault(owner):
    said = owner("template", "check")
    assert (said.code, said.out) == (0, "0 faults in 7 samples.\n")


def test_what_mjml_does_not_know_is_found_in_the_owners_file(owner, tmp_path):
    (tmp_path / "mine/digest.mjml.j2").write_text(
        '{% extends "shipped/digest.mjml.j2" %}\n{% block more %}\n<mj-text colour="red">x</mj-text>\n{% endblock %}\n'
    )
    said = owner("template", "check", "--json")
    assert said.code == 3
    assert said.json[0]["what"].startswith("<mj-text> knows no colour=; did you mean color")
    assert said.json[0]["where"] == f"{tmp_path}/mine/digest.mjml.j2:3"


def test_a_colour_that_cannot_be_read_is_found(owner, tmp_path):
    owner("template", "new", "palette.j2")
    palette = tmp_path / "mine/palette.j2"
    palette.write_text(palette.read_text().replace("#5c626d", "#c5c9d0"))
    said = owner("template", "check")
    assert said.code == 3
    assert "[contrast]" in said.out


def test_an_error_in_a_template_names_its_line(owner, tmp_path):
    (tmp_path / "mine/parts.j2").write_text("{% macro brand() %}\n{{ sheet.nothing }}\n{% endmacro %}\n")
    said = owner("template", "check")
    assert said.code == 3
    assert "parts.j2:2:thereisnothingcalled“nothing”" in "".join(said.out.split()), "wherever a long path makes it wrap"


@pytest.mark.parametrize("theme", ["card", "letter"])
def test_a_block_that_is_never_printed_is_found(owner, tmp_path, theme):
    with (tmp_path / ".env").open("a") as settings:
        settings.write(f"DIGEST_THEME={theme}\n")
    page = '{% extends "shipped/digest.mjml.j2" %}\n\n{% block foooter %}x{% endblock %}\n'
    (tmp_path / "mine/digest.mjml.j2").write_text(page)
    said = owner("template", "check", "--json")
    assert said.code == 3
    assert said.json[0]["where"] == f"{tmp_path}/mine/digest.mjml.j2:3"
    assert said.json[0]["what"].startswith("there is no block “foooter”; there are ")
    assert " footer" in said.json[0]["what"]


def test_a_block_inside_a_block_is_the_owners_own_affair(owner, tmp_path):
    page = '{% extends "shipped/digest.mjml.j2" %}{% block footer %}{{ super() }}{% block mine %}{% endblock %}{% endblock %}'
    (tmp_path / "mine/digest.mjml.j2").write_text(page)
    assert owner("template", "check").code == 0


def test_the_documents_example_has_no_fault(owner, tmp_path):
    document = (Path(__file__).parents[2] / "docs/templates.md").read_text(encoding="utf-8")
    example = re.search(r"^```jinja\n(.+?)^```", document, re.DOTALL | re.MULTILINE)
    (tmp_path / "mine/digest.mjml.j2").write_text(example[1])
    assert owner("template", "check").out == "0 faults in 7 samples.\n"
