"""Folders, ZIP and tar files: what comes out, and what stays in."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from digest.errors import InputError, Several
from digest.sources import container, fetch, gather, read, split

NOTE = "A wall is a slow garden.\n\n---\n\nA stone is a slow animal.\n"


def zipped(path: Path, files: dict[str, bytes | str]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return str(path)


def tarred(path: Path, files: dict[str, bytes | str]) -> str:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            body = data if isinstance(data, bytes) else data.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
    return str(path)


def refs(ref: str) -> list[str]:
    return [found.ref.removeprefix(ref) for found in gather(ref) if not isinstance(found, InputError)]


def errors(ref: str) -> list[str]:
    return [str(found) for found in gather(ref) if isinstance(found, InputError)]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_everything_readable_comes_out_in_the_order_of_its_names(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    files = {
        "b/10.md": NOTE,
        "b/2.md": NOTE,
        "a.txt": NOTE,
        "photo.jpg": b"\xff\xd8",
        ".hidden.md": NOTE,
        "__MACOSX/a.txt": "x",
    }
    assert refs(pack(tmp_path / "notes.zip", files)) == ["/a.txt", "/b/2.md", "/b/10.md"]


def test_a_folder_gives_all_that_it_holds(tmp_path: Path) -> None:
    (tmp_path / "page_files").mkdir()
    (tmp_path / "page_files" / "app.js").write_text("var x = [1]")
    (tmp_path / "a.md").write_text(NOTE)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.txt").write_text(NOTE)
    assert refs(str(tmp_path)) == ["/a.md", "/b/c.txt"]


def test_no_link_is_followed(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.md").write_text(NOTE)
    (inside / "folder").symlink_to(outside)
    (inside / "file.md").symlink_to(outside / "secret.md")
    (inside / "loop").symlink_to(inside)
    assert refs(str(inside)) == []


def test_one_bad_file_does_not_end_the_rest(tmp_path: Path) -> None:
    ref = zipped(tmp_path / "n.zip", {"a.json": '{"cut": "of', "b.md": NOTE})
    assert refs(ref) == ["/b.md"]
    assert "breaks off" in errors(ref)[0]


@pytest.mark.parametrize("name", ["../../etc/cron.d/x.md", "/etc/x.md", "a/../../x.md", "..\\x.md"])
def test_a_name_that_leads_out_is_not_read(tmp_path: Path, name: str) -> None:
    ref = zipped(tmp_path / "n.zip", {name: NOTE})
    assert refs(ref) == []
    assert "leads out" in errors(ref)[0]


def test_a_tar_link_or_device_is_not_read(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "n.tar", "w") as archive:
        for name, kind in (("a.md", tarfile.SYMTYPE), ("b.md", tarfile.LNKTYPE), ("c.md", tarfile.CHRTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
    assert refs(str(tmp_path / "n.tar")) == []


def test_a_bomb_does_not_go_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The true limits are hundreds of megabytes; small ones go the same way."""
    monkeypatch.setattr(container, "MAX_BYTES", 2_000_000)
    monkeypatch.setattr(container, "MOST_BYTES", 3_000_000)
    ref = zipped(
        tmp_path / "n.zip", {"a.txt": b"x" * 50_000_000, **{f"b{n}.txt": b"A line.\n" * 200_000 for n in range(4)}}
    )
    said = errors(ref)
    assert "larger than" in said[0]
    assert "unpacks to more than" in said[-1]


def test_an_archive_in_an_archive_is_opened_but_not_without_end(tmp_path: Path) -> None:
    data = NOTE.encode()
    name = "a.md"
    for depth in range(4):
        path = tmp_path / f"{depth}.zip"
        zipped(path, {name: data})
        data, name = path.read_bytes(), "inner.zip"
    assert refs(str(tmp_path / "1.zip")) == ["/inner.zip/a.md"]
    assert "too deeply" in errors(str(tmp_path / "3.zip"))[0]


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MOST_FILES", 3)
    with pytest.raises(InputError, match="more than 3 files"):
        list(gather(zipped(tmp_path / "n.zip", {f"{n}.md": NOTE for n in range(5)})))


def test_a_broken_archive_is_told(tmp_path: Path) -> None:
    whole = Path(zipped(tmp_path / "n.zip", {"a.md": NOTE * 100})).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="broken"):
        list(gather(str(tmp_path / "cut.zip")))


def test_a_locked_file_is_told(tmp_path: Path) -> None:
    path = Path(zipped(tmp_path / "n.zip", {"a.md": NOTE}))
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flag "encrypted" of the file's own head
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "cannot be unpacked" in errors(str(path))[0]


def test_an_archive_of_the_fediverse_is_one_with_its_author(tmp_path: Path) -> None:
    actor = {"type": "Person", "id": "https://example.social/users/ada", "preferredUsername": "ada", "name": "Ada L."}
    notes = [
        {"type": "Create", "object": {"type": "Note", "id": f"https://example.social/users/ada/{n}", "attributedTo": actor["id"],
         "inReplyTo": f"https://example.social/users/ada/{n - 1}" if n > 1 else None, "published": f"2026-03-01T10:0{n}:00Z", "content": f"<p>{n} walls</p>"}}
        for n in (1, 2)
    ]  # fmt: skip
    files = {
        "outbox.json": json.dumps({"type": "OrderedCollection", "orderedItems": notes}),
        "actor.json": json.dumps(actor),
        "likes.json": "{}",
        "media_attachments/a.png": b"\x89PNG",
    }
    (found,) = gather(tarred(tmp_path / "archive.tar.gz", files))
    assert read(found).author.name == "Ada L."  # type: ignore[arg-type]


def test_an_archive_of_x_in_a_zip_is_one(tmp_path: Path) -> None:
    def tweet(number: int, to: int | None = None) -> dict[str, object]:
        return {"tweet": {"id_str": str(number), "full_text": f"Post {number}", "created_at": f"Sun Mar 01 10:00:0{number} +0000 2026",
                          "in_reply_to_status_id_str": str(to) if to else None, "in_reply_to_user_id_str": "7" if to else None}}  # fmt: skip

    files = {
        "data/tweets.js": "window.YTD.tweets.part0 = " + json.dumps([tweet(1), tweet(2, 1)]),
        "data/account.js": 'window.YTD.account.part0 = [{"account": {"accountId": "7", "username": "ada"}}]',
        "data/manifest.js": "window.__THAR_CONFIG = {}",
        "assets/js/app.js": "console.log(1)",
        "Your archive.html": "<html></html>",
    }
    (found,) = gather(zipped(tmp_path / "twitter-2026.zip", files))
    assert not isinstance(found, InputError)
    assert [read(raw).author.handle for raw in split(found).raws] == ["@ada"]


def test_where_one_is_asked_for_several_files_are_too_many(tmp_path: Path) -> None:
    with pytest.raises(Several, match="several files"):
        fetch(zipped(tmp_path / "n.zip", {"a.md": NOTE, "b.md": NOTE}))
