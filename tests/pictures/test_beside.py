"""Pictures that came along with a thread: found where archives and browsers put them, and nowhere else."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest import shelving, sources
from digest.illustrating import album, glance, illustrate
from digest.sources.beside import local, saved
from digest.store import Store
from pictures.drawn import drawing, packed

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SUN, MOON = packed(drawing(640, 400)), packed(drawing(300, 200))


def tweet(number: int, text: str, *, answers: str = "", picture: str = "") -> dict[str, object]:
    said = {"id_str": f"100{number}", "full_text": text, "created_at": f"Tue Mar 05 09:0{number}:00 +0000 2024"}
    media = {"media_url_https": f"https://pbs.twimg.com/media/{picture}", "type": "photo", "url": "https://t.co/x"}
    more = {"extended_entities": {"media": [media]}} if picture else {}
    above = {"in_reply_to_status_id_str": answers, "in_reply_to_user_id_str": "7"} if answers else {}
    return {"tweet": said | more | above}


def x_archive(folder: Path) -> None:
    tweets = [tweet(1, "The sun."), tweet(2, "And the moon.", answers="1001", picture="Fsun.png")]
    account = [{"account": {"accountId": "7", "username": "ada", "accountDisplayName": "Ada"}}]
    (folder / "data" / "tweets_media").mkdir(parents=True)
    (folder / "data" / "tweets.js").write_text(f"window.YTD.tweets.part0 = {json.dumps(tweets)}")
    (folder / "data" / "account.js").write_text(f"window.YTD.account.part0 = {json.dumps(account)}")
    (folder / "data" / "tweets_media" / "1002-Fsun.png").write_bytes(SUN)


def outbox(folder: Path) -> None:
    image = {"type": "Document", "mediaType": "image/png", "name": "The sun", "url": "/media_attachments/files/1/s.png"}
    note = {
        "type": "Note",
        "id": "https://example.social/users/ada/statuses/1",
        "attributedTo": "https://example.social/users/ada",
        "published": "2024-03-05T09:00:00Z",
        "to": ["https://www.w3.org/ns/activitystreams#Public"],
        "content": "<p>The sun.</p>",
        "attachment": [image],
    }
    document = {"type": "OrderedCollection", "orderedItems": [{"type": "Create", "object": note}]}
    (folder / "media_attachments" / "files" / "1").mkdir(parents=True)
    (folder / "outbox.json").write_text(json.dumps({"@context": "https://www.w3.org/ns/activitystreams", **document}))
    (folder / "media_attachments" / "files" / "1" / "s.png").write_bytes(SUN)


def clipping(folder: Path) -> None:
    text = "---\ntitle: Light\nauthor: Ada\n---\n\nThe sun rises.\n\n![The sun](drawn/sun.png)\n\n---\n\nAnd it sets.\n"
    (folder / "drawn").mkdir()
    (folder / "light.md").write_text(text)
    (folder / "drawn" / "sun.png").write_bytes(SUN)


def page(folder: Path) -> None:
    image = '<span class="entity-image"><img src="./page_files/Fsun" data-src="https://pbs.twimg.com/media/Fsun.png"></span>'
    posts = [
        f'<div id="tweet_{n}" class="content-tweet" data-tweet="100{n}">Post {n} {image * (n == 1)}</div>'
        for n in (1, 2)
    ]
    (folder / "page_files").mkdir()
    (folder / "page.html").write_text(f"<html><body>{''.join(posts)}<p>Keep Current with Ada</p></body></html>")
    (folder / "page_files" / "Fsun").write_bytes(SUN)


def zipped(folder: Path) -> Path:
    target = folder.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as packing:
        for path in sorted(folder.rglob("*")):
            packing.write(path, path.relative_to(folder))
    return target


@pytest.mark.parametrize("packing", ["folder", "zip"])
@pytest.mark.parametrize("lay", [x_archive, outbox, clipping, page])
def test_what_came_along_needs_no_web(tmp_path: Path, store: Store, lay, packing: str) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    lay(folder)
    ref = str(folder if packing == "folder" else zipped(folder))
    kept = []
    for raw in sources.gather(ref):
        assert not isinstance(raw, Exception)
        for part in sources.split(raw).raws:
            one = shelving.bring_in(part, store=store, now=NOW).shelved
            illustrate(one, store=store, web=None, beside=part.beside, now=NOW)
            kept += [picture.width for picture in album(one, store=store).values()]
            assert [warning for warning in one.thread.warnings if "words are kept" in warning] == []
    assert kept == [640]


def test_a_picture_that_is_broken_in_its_archive_is_only_missing(tmp_path: Path, store: Store) -> None:
    (folder := tmp_path / "all").mkdir()
    clipping(folder)
    packed_up = zipped(folder)
    packed_up.write_bytes(packed_up.read_bytes().replace(SUN[40:60], bytes(20)))
    (raw,) = sources.gather(str(packed_up))
    assert glance(sources.read(raw), beside=raw.beside, web=None) == {}
    with zipfile.ZipFile(packed_up) as opened, pytest.raises(zipfile.BadZipFile):
        opened.read("drawn/sun.png")


def test_what_did_not_come_along_is_said(tmp_path: Path, store: Store) -> None:
    outbox(tmp_path)
    (tmp_path / "media_attachments" / "files" / "1" / "s.png").unlink()
    raw = sources.fetch(str(tmp_path / "outbox.json"))
    one = shelving.bring_in(raw, store=store, now=NOW).shelved
    found = illustrate(one, store=store, web=None, beside=raw.beside, now=NOW)
    assert (found.named, found.kept, found.missing) == (1, 0, ("it did not come along",))


def test_a_file_alone_has_the_pictures_beside_it(tmp_path: Path) -> None:
    clipping(tmp_path)
    raw = sources.fetch(str(tmp_path / "light.md"))
    found = glance(sources.read(raw), beside=raw.beside, web=None)
    assert [print_.picture.width for print_ in found.values()] == [640]


@pytest.mark.parametrize(
    "path",
    ["../secret.png", "/etc/secret.png", "a/../../secret.png", "..\\secret.png", "file:///secret.png", "%2e%2e/s.png"],
)
def test_no_path_leads_out(tmp_path: Path, path: str) -> None:
    assert local(path) == ""
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "secret.png").write_bytes(MOON)
    (home / "a.md").write_text(f"---\ntitle: x\n---\n\nLook.\n\n![x](<{path}>)\n\n---\n\nMore.\n")
    raw = sources.fetch(str(home / "a.md"))
    assert glance(sources.read(raw), beside=raw.beside, web=None) == {}


def test_no_link_is_followed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "secret.png").write_bytes(MOON)
    (home / "sun.png").symlink_to(tmp_path / "secret.png")
    (home / "a.md").write_text("---\ntitle: x\n---\n\nLook.\n\n![x](sun.png)\n\n---\n\nMore.\n")
    raw = sources.fetch(str(home / "a.md"))
    assert glance(sources.read(raw), beside=raw.beside, web=None) == {}


def test_only_pictures_and_what_a_browser_saved_are_looked_for() -> None:
    assert local("./drawn/sun%20rise.png?x=1") == "drawn/sun rise.png"
    assert (local("notes.txt"), local("https://example.org/a.png"), local("data:image/png,x.png")) == ("", "", "")
    assert (saved("page_files/Fsun"), saved("logo.png"), saved("page_files")) == ("page_files/Fsun", "", "")
