"""docs/templates.md names all that a template may say, and nothing else."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import jinja2.defaults
import pytest

from digest.desk.palette import LOOKS, Look, Palette
from digest.desk.sheet import Masthead, Sheet
from digest.desk.templates import Templates
from digest.settings import KNOWN

DOCUMENT = (Path(__file__).parents[3] / "docs/templates.md").read_text()


def said(of):
    return set(re.findall(rf"`{of}\.(\w+)`", "\n".join(re.findall(r"^\| (.*?) \|", DOCUMENT, re.MULTILINE))))


def names(kind):
    properties = {name for name, value in vars(kind).items() if isinstance(value, property)}
    return {field.name for field in fields(kind)} | properties


@pytest.mark.parametrize(("name", "kind"), [("sheet", Sheet), ("masthead", Masthead), ("look", Look)])
def test_every_name_is_told(name, kind):
    assert said(name) == names(kind)


def test_every_colour_is_told():
    line = next(line for line in DOCUMENT.splitlines() if "`look.night`" in line)
    assert set(re.findall(r"`(\w+)`", line.partition(" | ")[2])) == names(Palette)


def test_every_filter_is_told():
    ours = set(Templates()._markup.filters) - set(jinja2.defaults.DEFAULT_FILTERS)
    table = DOCUMENT.partition("| filter |")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == ours


def test_every_setting_is_one_and_every_theme_is_told():
    assert set(re.findall(r"DIGEST_\w+", DOCUMENT)) <= set(KNOWN)
    assert all(f"`{name}`" in DOCUMENT for name in LOOKS)
