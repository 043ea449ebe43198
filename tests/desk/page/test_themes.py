"""The three themes: each holds every odd thread, raises no alarm, is whole for the eye and the ear of a machine, and takes
an owner's colour, logo and request for help."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.desk import palette
from digest.desk.adornments import Logo, Support
from digest.desk.checks import check, check_page
from digest.desk.notes import Row, Stationery
from digest.desk.palette import LOOKS, contrast, dressed
from digest.desk.render import Printer
from digest.desk.templates import Templates

ADDRESS = "The Weekly Thread, 12 Harbour Lane, Bristol BS1"
COLOURS = st.builds("#{:06x}".format, st.integers(0, 0xFFFFFF))


@pytest.fixture(params=["letter", "bulletin"])
def theme(request):
    return Printer(look=LOOKS[request.param])


def alarms(page, thread):
    found = check(page, thread=thread, postal_address=ADDRESS)
    return [(finding.what, finding.where) for finding in found if finding.level != "note"]


def test_no_theme_raises_an_alarm(press, shape, theme):
    assert alarms(press(shape, by=theme), shape) == []


@pytest.mark.parametrize("lang", ["en", "de", "fr", "ja", "ar", "he", "ru"])
def test_no_language_raises_an_alarm(press, threads, theme, lang):
    assert alarms(press(threads["plain"], by=theme, lang=lang), threads["plain"]) == []


@pytest.mark.parametrize("name", LOOKS)
def test_every_ink_is_readable_on_its_ground(name):
    for colours in (LOOKS[name].day, LOOKS[name].night):
        pairs = [
            *(
                (ink, ground)
                for ink in (colours.ink, colours.accent)
                for ground in (colours.card, colours.tint, colours.chip)
            ),
            *((ink, ground) for ink in (colours.ink, colours.muted) for ground in (colours.page, colours.card)),
            (colours.flagink, colours.flag),
            (colours.bandink, colours.band),
        ]
        assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


@given(COLOURS)
def test_any_colour_is_readable_or_refused_with_one_that_is(colour):
    try:
        looks = dressed(LOOKS["card"], accent=colour)
    except ValueError as refused:
        near = str(refused).rpartition("; ")[2].split()[0]
        looks = dressed(LOOKS["card"], accent=near)
    for colours in (looks.day, looks.night):
        assert all(contrast(colours.accent, ground) >= 4.5 for ground in (colours.card, colours.tint, colours.chip))


def test_a_colour_by_night_is_looked_at_by_night():
    with pytest.raises(ValueError, match="only"):
        dressed(LOOKS["card"], accent="#006655", night="#003322")


@pytest.mark.parametrize("written", ["", "red", "#fff", "3a45c0", "#3a45cg"])
def test_what_is_no_colour_is_refused(written):
    with pytest.raises(ValueError, match="is no colour"):
        palette.contrast(written, "#ffffff")


def test_an_owners_colour_reaches_the_page_by_day_and_by_night(press, threads, theme):
    owned = Printer(look=dressed(LOOKS["card"], accent="#00594f", night="#7fe0d0"))
    html = press(threads["plain"], by=owned).html
    assert "#00594f" in html
    assert "#7fe0d0" in html
    assert "#3a45c0" not in html


def test_a_logo_stands_for_the_name_and_says_it(press, threads, masthead, theme):
    logo = Logo(url="https://example.org/logo.png", width=120, height=32)
    page = press(threads["plain"], by=theme, masthead=replace(masthead, logo=logo))
    assert 'alt="The Weekly Thread" width="120" height="32"' in page.html
    assert alarms(page, threads["plain"]) == []


def test_a_request_for_help_stands_in_both_parts(press, threads, masthead, theme):
    support = Support(line="This digest lives from its readers.", links=(("Tip jar", "https://example.org/tip"),))
    page = press(threads["plain"], by=theme, masthead=replace(masthead, support=support))
    for part in (page.html, page.text):
        assert "This digest lives from its readers." in part
        assert "https://example.org/tip" in part
    assert alarms(page, threads["plain"]) == []


def test_nobody_is_asked_for_help_unless_the_owner_says_so(press, threads):
    assert 'class="support' not in press(threads["plain"]).mjml


def test_an_owners_file_builds_on_the_theme(press, threads, tmp_path):
    (tmp_path / "digest.mjml.j2").write_text(
        '{% extends "shipped/digest.mjml.j2" %}{% block masthead %}<mj-text>Mine</mj-text>{% endblock %}'
    )
    html = press(threads["plain"], by=Printer(tmp_path, look=LOOKS["bulletin"])).html
    assert "Mine" in html
    assert 'class="bar"' in html


def test_an_owner_may_give_colours_alone(press, threads, tmp_path):
    day = LOOKS["card"].day
    table = {name: getattr(day, name) for name in day.__slots__} | {"accent": "#123456"}
    (tmp_path / "palette.j2").write_text(
        f"{{% set light = {table} %}}{{% set dark = light %}}{{% set face = 'Courier' %}}"
    )
    html = press(threads["plain"], by=Printer(tmp_path)).html
    assert "#123456" in html
    assert "Courier" in html


def test_arabic_is_never_slanted(press, threads):
    html = press(threads["arabic"], by=Printer(look=LOOKS["letter"])).html
    assert "font-style:italic" not in html


@pytest.mark.parametrize("name", LOOKS)
def test_the_letters_to_one_reader_wear_the_theme_and_can_be_read(name):
    paper = Stationery(
        Templates(look=LOOKS[name]), name="Tides", address="tides@example.org", postal_address=ADDRESS, lang="en"
    ).paper(
        "help",
        {"command": "help"} | dict.fromkeys(("home", "wish", "email"), "x"),
        foot="asked",
        rows=[Row(text="a", label="b")],
    )
    found = check_page(paper.html.encode(), where="note")
    assert [finding for finding in found if finding.rule in {"contrast", "invisible"}] == []
    assert LOOKS[name].day.card in paper.html
