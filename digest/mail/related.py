"""Pictures inside a letter: a page with those that it shows beside it, as multipart/related (RFC 2387), each under the name
that the page calls it by (RFC 2392)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from digest.mail.segments import base64_lines
from digest.model import Shown

Data = Mapping[str, bytes]
"""The bytes of pictures, by their digests."""


def around(pictures: Sequence[Shown], *, data: Data, boundary: str) -> tuple[bytes, bytes]:
    """What stands before the headers of the page's own part, and what comes after its last line; both empty where no
    picture goes along. One whose bytes are not in `data` is left out: its words stand in its place."""
    enclosed = [shown for shown in pictures if shown.enclosed and shown.picture.digest in data]
    if not enclosed:
        return b"", b""
    head = f'Content-Type: multipart/related; boundary="{boundary}"; type="text/html"\r\n\r\n--{boundary}\r\n'
    parts = (_part(shown, data[shown.picture.digest], boundary=boundary) for shown in enclosed)
    return head.encode(), b"".join((*parts, f"\r\n--{boundary}--\r\n".encode()))


def _part(shown: Shown, data: bytes, *, boundary: str) -> bytes:
    picture = shown.picture
    head = (
        f"\r\n--{boundary}\r\n"
        f'Content-Type: image/{picture.kind}; name="{picture.name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        f"Content-ID: <{shown.src.removeprefix('cid:')}>\r\n"
        f'Content-Disposition: inline; filename="{picture.name}"\r\n\r\n'
    )
    return head.encode() + base64_lines(data).removesuffix(b"\r\n")
