"""A mail as other programs show it, as rewriting of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.web.studio import outlook
from digest.web.studio.clients import View, policy, seen

NIGHT = "<style>@media (prefers-color-scheme:dark){p{color:red}}</style>"


def page(head: str = "", body: str = "") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


def test_by_night_the_rules_for_the_night_hold() -> None:
    assert "@media (min-width:0px){p{color:red}}" in seen(page(NIGHT), View(light="dark"))


@pytest.mark.parametrize("light", ["light", "inverted"])
def test_by_day_and_inverted_they_do_not(light: str) -> None:
    assert "@media (max-width:0px){p{color:red}}" in seen(page(NIGHT), View(light=light))


def test_a_source_for_the_night_is_chosen_by_night() -> None:
    body = '<source media="(prefers-color-scheme: dark)">'
    assert 'media="(min-width:0px)"' in seen(page(body=body), View(light="dark"))


def test_a_post_about_colour_schemes_stays_as_it_is() -> None:
    assert "(prefers-color-scheme: dark)" in seen(page(body="(prefers-color-scheme: dark)"), View(light="dark"))


def test_style_sheets_are_stripped_and_styles_of_elements_stay() -> None:
    shown = seen(page(NIGHT, '<p style="color:blue">'), View(client="bare"))
    assert "color:red" not in shown
    assert 'style="color:blue"' in shown


def test_links_open_beside_the_studio_and_jumps_stay_inside() -> None:
    shown = seen(page(body='<a class="x" href="https://example.org">1</a><a href="#p1">2</a>'), View())
    assert '<a target="_blank" rel="noopener noreferrer" class="x"' in shown
    assert '<a href="#p1">' in shown


def test_no_picture_is_fetched_when_they_are_off() -> None:
    assert "img-src 'none'" in policy(View(images=False))
    assert "img-src https:" in policy(View())


@pytest.mark.parametrize("view", [View(), View(client="outlook"), View(images=False)])
def test_no_script_of_a_mail_ever_runs(view: View) -> None:
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy(view).split("; ")}
    assert rules["default-src"] == ["'none'"]
    assert "script-src" not in rules
    assert not {"allow-scripts", "allow-forms", "allow-top-navigation"} & set(rules["sandbox"])


@pytest.mark.parametrize(
    ("condition", "true"),
    [
        ("mso", True),
        ("mso | IE", True),
        ("!mso", False),
        ("IE", False),
        ("gte mso 9", True),
        ("lt mso 12", False),
        ("lte mso 16", True),
        ("gt mso 16", False),
        ("mso 16", True),
        ("(gte mso 9)|(IE)", True),
        ("(gte mso 9)&(lt mso 12)", False),
        ("!(IE)", True),
        ("(gt mso 14)&(lte mso 16)&(!IE)", True),
        ("vml", True),
    ],
)
def test_outlook_decides_its_conditions(condition: str, *, true: bool) -> None:
    assert outlook.holds(condition) is true


@given(st.text(alphabet="()|&! msoIEgtle0123456789", max_size=40))
def test_no_condition_stops_the_studio(condition: str) -> None:
    assert outlook.holds(condition) in (True, False)


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("a<!--[if mso | IE]><table><![endif]-->b", "a<table>b"),
        ("a<!--[if !mso]><!--><div><!--<![endif]-->b", "ab"),
        ("a<!--[if !mso]> --><div><!-- <![endif]-->b", "ab"),
        ("a<!--[if gte mso 9]><xml><o:P>96</o:P></xml><![endif]-->b", "ab"),
        ("a<![if !mso]><div><![endif]>b", "ab"),
        ("a<!-- a plain comment -->b", "a<!-- a plain comment -->b"),
    ],
)
def test_outlooks_branches_are_opened_and_the_others_dropped(source: str, left: str) -> None:
    assert outlook.opened(source) == left


def test_outlook_knows_no_media_queries() -> None:
    assert "@media not all{p{color:red}}" in seen(page(NIGHT), View(light="dark", client="outlook"))
