"""Pictures as a person meets them: what an import says, what the copies and the mail hold, what the checks find."""

from __future__ import annotations

from email import message_from_bytes, policy

from pictures.drawn import drawing, packed

THREAD = """---
title: Light over the harbour
author: Ada
---

The sun comes up behind the crane, and for a minute everything is one colour. Nobody on the quay looks at anything else.

![The sun over the sea](sun.png)

---

Then the gulls start, and it is an ordinary morning again. I have seen this four hundred times and would not miss one.

![Gone](gone.png)

---

That is all there is to it. Get up early once a week, go to where the light comes from, and leave the telephone at home.
"""


def laid(tmp_path, **settings: str) -> None:
    lines = {"DIGEST_FROM": "digest@example.org", "DIGEST_POSTAL_ADDRESS": "1 Example Street", **settings}
    (tmp_path / ".env").write_text("".join(f"{name}='{value}'\n" for name, value in lines.items()))
    (tmp_path / "light.md").write_text(THREAD)
    (tmp_path / "sun.png").write_bytes(packed(drawing()))


def letter(tmp_path):
    return message_from_bytes((tmp_path / "out/digest.eml").read_bytes(), policy=policy.default)


def test_an_import_says_what_it_kept_and_what_it_could_not_have(digest, tmp_path):
    laid(tmp_path)
    said = digest("import", "light.md").out
    assert "3 posts, 1 picture (new)" in said
    assert "1 picture could not be had, so a link stands for it: it did not come along." in " ".join(said.split())
    (told,) = digest("import", "light.md", "--json").json
    assert any("did not come along" in warning for warning in told["warnings"])


def test_a_mail_without_an_archive_brings_its_pictures(digest, tmp_path):
    laid(tmp_path)
    digest("import", "light.md")
    assert digest("render", "1", "-o", "out").code == 0
    images = [part for part in letter(tmp_path).walk() if part.get_content_maintype() == "image"]
    assert [image.get_content() for image in images] == [packed_again()]
    page = (tmp_path / "out/digest.html").read_text()
    assert 'src="data:image/png;base64,' in page
    assert "cid:" not in page
    assert "Picture: The sun over the sea" in (tmp_path / "out/digest.txt").read_text()


def packed_again() -> bytes:
    from digest.sources.darkroom import develop

    return develop(packed(drawing())).data


def test_with_an_archive_on_https_the_mail_stays_light(digest, tmp_path):
    laid(tmp_path, DIGEST_BASE_URL="https://letters.example.org")
    digest("import", "light.md")
    digest("render", "1", "-o", "out")
    mail = letter(tmp_path)
    assert "https://letters.example.org/pictures/" in mail.get_body(("html",)).get_content()
    assert not [part for part in mail.walk() if part.get_content_maintype() == "image"]


def test_who_wants_links_has_no_picture_fetched(digest, tmp_path):
    laid(tmp_path, DIGEST_IMAGES="link")
    said = digest("import", "light.md").out
    assert "picture" not in said
    digest("render", "1", "-o", "out")
    assert "<img" not in (tmp_path / "out/digest.html").read_text()


def test_a_thread_in_a_file_shows_its_pictures_too(digest, tmp_path):
    laid(tmp_path)
    assert digest("render", "light.md", "-o", "out").code == 0
    assert 'src="data:image/png;base64,' in (tmp_path / "out/digest.html").read_text()
    assert b"Content-ID: <" in (tmp_path / "out/digest.eml").read_bytes()


def test_the_checks_name_what_is_not_shown(digest, tmp_path):
    laid(tmp_path)
    digest("import", "light.md")
    rules = [finding["rule"] for finding in digest("check", "1", "--json").json]
    assert "picture-absent" in rules
    assert "picture-heavy" not in rules
    laid(tmp_path, DIGEST_IMAGES="inline", DIGEST_IMAGES_BUDGET="0")
    rules = [finding["rule"] for finding in digest("check", "1", "--json").json]
    assert "picture-heavy" in rules
