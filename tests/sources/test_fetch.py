"""Files and standard input on their way in: what is taken, and what is refused in plain words."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from digest.errors import InputError
from digest.sources import fetch
from digest.sources.raw import MAX_BYTES, decode


def test_standard_input_is_read() -> None:
    assert fetch("-", stdin=io.BytesIO(b"A wall.")).text == "A wall."


def test_a_file_is_read_with_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Größe".encode())
    raw = fetch(str(path))
    assert (raw.ref, raw.text, raw.data, raw.warnings) == (str(path), "Größe", "Größe".encode(), ())


@pytest.mark.parametrize("ref", ["https://example.org/thread", "HTTP://example.org", "at://ada/app.bsky.feed.post/1"])
def test_a_web_address_needs_a_way_to_the_web(ref: str) -> None:
    with pytest.raises(InputError, match="Save the page") as caught:
        fetch(ref)
    assert caught.value.where == ref


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        fetch(str(tmp_path / "none.txt"))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing in it"):
        fetch(str(tmp_path))


def test_a_path_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        fetch("a\0b")


@pytest.mark.parametrize("data", [b"", b" \n\t ", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="empty"):
        fetch("-", stdin=io.BytesIO(data))


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\x00\x00", b"PK\x03\x04\x00", b"\x01\x02\x03 abc"])
def test_a_binary_file_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="binary"):
        fetch("-", stdin=io.BytesIO(data))


def test_a_file_beyond_the_limit_is_refused() -> None:
    with pytest.raises(InputError, match="larger than 100 MB"):
        fetch("-", stdin=io.BytesIO(bytes(MAX_BYTES + 1)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"status": {"id": "1", "con', "breaks off after 27 characters"),
        ('{"id": 1,\n "content" "x", "account": {}}', "broken in line 2"),
        ("[" * 5_000 + "{}" + "]" * 5_000, "nested deeper"),
        ('window.YTD.tweets.part0 = [ {"tweet": {"id', "breaks off"),
    ],
)
def test_broken_data_is_told_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        decode(text.encode(), ref="a.json")


@pytest.mark.parametrize(
    "text", ["[1/3] A wall.\n\n[2/3] A stone.", "{A wall} is a slow garden.", "[A wall](https://example.org)"]
)
def test_prose_with_brackets_is_no_data(text: str) -> None:
    assert decode(text.encode(), ref="a.txt").document is None


def test_documents_one_a_line_are_a_list() -> None:
    assert decode(b'{"id": 1}\n{"id": 2}\n', ref="a.jsonl").document == [{"id": 1}, {"id": 2}]


def test_without_standard_input_a_dash_is_refused() -> None:
    with pytest.raises(InputError, match="no standard input"):
        fetch("-")


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_without_a_warning(charset: str) -> None:
    raw = decode("Größe – “ja” 🧵".encode(charset), ref="a.txt")
    assert (raw.text, raw.warnings) == ("Größe – “ja” 🧵", ())


def test_windows_text_is_read_with_a_warning() -> None:
    raw = decode("Größe “ja”".encode("cp1252"), ref="a.txt")
    assert (raw.text, raw.warnings) == ("Größe “ja”", ("The text is not UTF-8; it was read as cp1252.",))


def test_a_declared_character_set_is_believed() -> None:
    text = '<meta charset="windows-1251"><p>Стена — это медленный сад'
    assert decode(text.encode("windows-1251"), ref="a.html").text == text


def test_a_few_broken_bytes_do_not_turn_utf8_into_something_else() -> None:
    raw = decode("Größe ".encode() * 50 + b"\xf0\x9f", ref="a.txt")
    assert raw.text.startswith("Größe")
    assert "lost" in raw.warnings[0]


def test_bytes_in_no_known_encoding_are_refused() -> None:
    with pytest.raises(InputError, match="no encoding"):
        decode(b"\x81\x8d\x8f\x90\x9d abc", ref="a.txt")
