import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.desk import sentences

CASES = {
    "short ones": ("It's not. It's hard.", ["It's not.", "It's hard."]),
    "enumerator": ("1. Ship early. Ship often.", ["1. Ship early.", "Ship often."]),
    "lines": ("A line without a stop\nAnd another one", ["A line without a stop", "And another one"]),
    "abbreviations": ("Use a tool, e.g. Make. Dr. Osei agrees.", ["Use a tool, e.g. Make.", "Dr. Osei agrees."]),
    "initials": ("By J. K. Okafor in the U.S. Senate.", ["By J. K. Okafor in the U.S. Senate."]),
    "the word I": ("So do I. Then we left.", ["So do I.", "Then we left."]),
    "links": ("See https://example.org/a.b?c=d.html. Then go.", ["See https://example.org/a.b?c=d.html.", "Then go."]),
    "handles": (
        "@ada.example.org wrote Node.js v2.0.1 alone. Wow!",
        ["@ada.example.org wrote Node.js v2.0.1 alone.", "Wow!"],
    ),
    "quotes": ('He said "go." Then he left.', ['He said "go."', "Then he left."]),
    "ellipsis": ("Left... and came back. Why?!", ["Left... and came back.", "Why?!"]),
    "numbers": ("It grew 3.5 times in No. 4. 12 people left.", ["It grew 3.5 times in No. 4.", "12 people left."]),
    "cjk": ("これは本です。次の文！最後？", ["これは本です。", "次の文！", "最後？"]),
    "arabic": ("كيف حالك؟ أنا بخير. شكرا", ["كيف حالك؟", "أنا بخير.", "شكرا"]),
    "hindi": ("हाँ। नहीं। शायद", ["हाँ।", "नहीं।", "शायद"]),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_a_text_falls_into_its_sentences(text: str, expected: list[str]) -> None:
    assert sentences.split(text) == expected


@given(st.text(alphabet=st.sampled_from("aB1.!?…。\n \"')(e.g:/@"), max_size=80))
def test_nothing_is_lost_but_white_space(text: str) -> None:
    assert "".join("".join(sentences.split(text)).split()) == "".join(text.split())
