"""The owner's look, by settings: refused in plain words where it cannot be shown or read."""

from __future__ import annotations

import pytest

from digest.samples import samples


@pytest.fixture
def owner(digest, tmp_path):
    def set_(**settings):
        lines = {"DIGEST_POSTAL_ADDRESS": "1 Lane, Town"} | settings
        (tmp_path / ".env").write_text("".join(f"{name}='{value}'\n" for name, value in lines.items()))
        return digest

    return set_


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DIGEST_TEMPLATES", "nowhere", "is no folder"),
        ("DIGEST_LANG", "english", "is no language"),
        ("DIGEST_SCHEDULE", "every tuesday", "is no schedule"),
        ("DIGEST_THEME", "postcard", "should be 'card', 'letter' or 'bulletin'"),
        ("DIGEST_ACCENT", "blue", "is no colour"),
        ("DIGEST_ACCENT", "#ffcc00", "words need 4.5 : 1"),
        ("DIGEST_ACCENT_DARK", "#222222", "words need 4.5 : 1"),
        ("DIGEST_LOGO", "https://example.org/logo.png", "120x32"),
        ("DIGEST_LOGO", "http://example.org/logo.png 120x32", "https"),
        ("DIGEST_SUPPORT_LINKS", "Tip jar", "words and an address"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_its_name(owner, name, value, said):
    settings = {name: value} | ({"DIGEST_SUPPORT": "Help us"} if name == "DIGEST_SUPPORT_LINKS" else {})
    answer = owner(**settings)("render", samples()[0], "-o", "out")
    assert answer.code == 2
    assert name in answer.err
    assert said in answer.err


def test_a_wrong_setting_is_told_once_by_the_doctor(owner):
    answer = owner(DIGEST_TEMPLATES="nowhere")("doctor")
    assert answer.code == 1
    assert " ".join((answer.out + answer.err).split()).count("is no folder") == 1


@pytest.mark.parametrize(
    ("settings", "name", "said"),
    [
        ({"DIGEST_APPROVE": "yes"}, "DIGEST_APPROVE", "or off"),
        ({"DIGEST_ADDRESS": "the digest"}, "DIGEST_ADDRESS", "is not an address"),
        ({"LLM_URL": "http://127.0.0.1:9/v1"}, "LLM_MODEL", "is missing"),
    ],
)
def test_what_would_fail_only_at_the_slot_is_refused_before(owner, settings, name, said):
    answer = owner(**settings)("threads")
    assert answer.code == 2
    assert name in answer.err
    assert said in answer.err


def test_the_doctor_says_who_writes_the_summaries(owner):
    answer = owner(LLM_URL="http://127.0.0.1:9/v1", LLM_MODEL="scribe")("doctor")
    assert "scribe at http://127.0.0.1:9/v1 writes the summaries" in " ".join(answer.out.split())


def test_the_doctor_keeps_its_left_edge_straight(owner):
    lines = owner(LLM_URL="http://127.0.0.1:9/v1", LLM_MODEL="scribe")("doctor").out.splitlines()
    assert all(line[0] in "✓·✗" or line.startswith(" " * 12) for line in lines)
    assert max(map(len, lines)) <= 80


def test_all_of_it_reaches_the_page(owner, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/words.toml").write_text('[en]\nunsubscribe = "Farewell"\n')
    answer = owner(
        DIGEST_THEME="bulletin",
        DIGEST_TEMPLATES="mine",
        DIGEST_ACCENT="#00594f",
        DIGEST_LOGO="https://example.org/logo.png 120x32",
        DIGEST_SUPPORT="This digest lives from its readers.",
        DIGEST_SUPPORT_LINKS="Tip jar https://example.org/tip",
    )("render", samples()[0], "-o", "out")
    assert answer.code == 0, answer.err
    html = (tmp_path / "out/digest.html").read_text()
    for wanted in (
        "Farewell",
        "#00594f",
        "logo.png",
        "lives from its readers",
        "https://example.org/tip",
        'class="bar"',
    ):
        assert wanted in html
