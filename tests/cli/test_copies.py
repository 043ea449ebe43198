"""A copy to keep, made by a real Chromium and read back by another program."""

from __future__ import annotations

import io

import pypdf
import pytest
from PIL import Image

from digest.cli import copies
from digest.errors import DigestError

PAGE = """<!DOCTYPE html><html lang="en"><head><title>t</title></head><body>
<p>Fog is <a href="https://example.org/fog">written down</a>.</p><p class="mine">only for ada@example.org</p>
<div style="height:3000px"></div><p>The last line.</p></body></html>"""
THREAD = "---\nauthor: Ada\nurl: https://example.org/thread\n---\n\n" + "\n\n---\n\n".join(
    f"Post {n} says what the fog did. " + "It came and went, and somebody wrote it down. " * 6 for n in range(1, 31)
)


@pytest.fixture(autouse=True)
def chromium():
    if not copies._chromium():
        pytest.skip("No Chromium: apt install chromium")


def read(pdf):
    return pypdf.PdfReader(io.BytesIO(pdf))


def links(pdf):
    marked = [note.get_object() for page in read(pdf).pages for note in page.get("/Annots", [])]
    return {note["/A"]["/URI"] for note in marked if "/URI" in note.get("/A", {})}


def test_a_pdf_says_its_title_and_the_number_of_each_page():
    pages = read(copies.to_pdf(PAGE, title='The "Fog" \\ <3')).pages
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        assert 'The "Fog" \\ <3' in page.extract_text()
        assert f"{number} / {len(pages)}" in page.extract_text()


def test_a_pdf_keeps_its_links():
    assert links(copies.to_pdf(PAGE, title="Fog")) == {"https://example.org/fog"}


def test_a_pdf_leaves_out_what_concerns_one_reader():
    assert "ada@example.org" not in read(copies.to_pdf(PAGE, title="Fog")).pages[0].extract_text()


def test_a_picture_shows_the_whole_page_at_twice_its_width():
    picture = Image.open(io.BytesIO(copies.to_png(PAGE, width=400)))
    assert picture.width == 800
    assert picture.height > 6000


def test_a_very_long_page_is_a_picture_too():
    picture = Image.open(io.BytesIO(copies.to_png(PAGE.replace("3000px", "40000px"), width=400)))
    assert picture.size == (400, 16_000)


def test_no_post_of_a_long_thread_is_lost_on_the_way_to_paper(digest, tmp_path):
    (tmp_path / "fog.md").write_text(THREAD)
    said = digest("render", "fog.md", "-o", "out", "--pdf", "--png")
    assert said.code == 0, said.err
    pages = [page.extract_text() for page in read((tmp_path / "out/digest.pdf").read_bytes()).pages]
    assert "Post 1 says" in pages[0]  # a box that cannot break would begin on a page of its own
    text = " ".join(pages)
    assert [n for n in range(1, 31) if f"Post {n} says" not in text] == []
    assert "reader@example.org" not in text
    assert links((tmp_path / "out/digest.pdf").read_bytes()) >= {"https://example.org/thread"}
    assert (tmp_path / "out/digest.png").read_bytes().startswith(b"\x89PNG")


def test_without_chromium_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DigestError, match="needs Chromium") as refused:
        copies.to_png(PAGE, width=400)
    assert "apt install chromium" in refused.value.then


def test_a_chromium_that_cannot_start_is_a_sentence_too(monkeypatch, tmp_path):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho no display >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(DigestError, match="no display"):
        copies.to_pdf(PAGE, title="Fog")
