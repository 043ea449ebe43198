"""A copy of a page to keep: a PDF with its links and page numbers, or a picture. Drives a Chromium that is already on
the machine (or WeasyPrint, which knows PDF only); brings none along, and runs no script of the page."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from digest.errors import DigestError

_CHROMIUMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_PATIENCE = 60.0  # seconds for one answer of Chromium, on a machine that has other things to do
_PICTURES = 10.0  # seconds that the pictures of a page may take to arrive; the copy is made without the rest
_TALLEST = 16_000  # device pixels; Chromium paints nothing beyond 2 ** 14
# Paper has no grey around the card and no lines about one reader. Its pages break between posts, which they cannot do
# inside an inline block or a box that clips: both would lose what does not fit on their first page.
_PAPER = """
@page { size: A4; margin: 20mm 33mm 22mm; @bottom-left { content: "TITLE"; font: 8pt sans-serif; color: #666666 }
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #666666 } }
@media print {
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact }
  html, body, .bg { background: #ffffff !important }
  body { zoom: .9 }
  .card, .card > table { overflow: visible !important; border-radius: 0 !important }
  .px > table, [class*="mj-outlook"] { display: block !important; max-width: none !important }
  .px > table > tbody, .px > table > tbody > tr, .px > table > tbody > tr > td { display: block !important }
  .px > table > tbody > tr > td { padding-left: 0 !important; padding-right: 0 !important }
  tr:has(> .n), tr:has(> .teaser), .dense, .box, .page, blockquote, img { break-inside: avoid }
  h1, h2, h3 { break-after: avoid }
  .mine { display: none !important }
}
"""


def to_pdf(html: str, *, title: str) -> bytes:
    """The page on A4, its links live, `title` and the page's number at the foot of each.

    DigestError when neither Chromium nor WeasyPrint is installed, or when they fail.
    """
    quoted = "".join(f"\\{ord(c):x} " if c in '"\\<\n' else c for c in title)
    page = html.replace("</head>", f"<style>{_PAPER.replace('TITLE', quoted)}</style></head>", 1)
    if not _chromium() and shutil.which("weasyprint"):
        return _by_weasyprint(page)
    with _opened(page, width=700) as tab:
        printed = tab.ask("Page.printToPDF", printBackground=True, preferCSSPageSize=True, generateTaggedPDF=True)
        return b64decode(printed["data"])


def to_png(html: str, *, width: int) -> bytes:
    """The whole page as a picture, `width` CSS pixels wide, at twice that many dots unless it is too long for it.

    DigestError when Chromium is not installed, or when it fails.
    """
    with _opened(html, width=width) as tab:
        height = min(round(tab.ask("Page.getLayoutMetrics")["cssContentSize"]["height"]), _TALLEST)
        size = {"width": width, "height": height}
        scale = 2 if height * 2 <= _TALLEST else 1
        tab.ask("Emulation.setDeviceMetricsOverride", **size, deviceScaleFactor=scale, mobile=False)
        taken = tab.ask("Page.captureScreenshot", captureBeyondViewport=True, clip={"x": 0, "y": 0, **size, "scale": 1})
        return b64decode(taken["data"])


def _chromium() -> str:
    return next(filter(None, map(shutil.which, _CHROMIUMS)), "")


def _by_weasyprint(page: str) -> bytes:
    """With the widths and alignments that stand in attributes: by itself it goes by style sheets alone."""
    command = ["weasyprint", "--presentational-hints", "-", "-"]
    done = subprocess.run(command, input=page.encode(), capture_output=True, check=False)  # noqa: S603 - fixed words
    if done.returncode:
        raise DigestError(
            f"it could not make the PDF: {_last(done.stderr)}", where="weasyprint", then="Install Chromium instead."
        )
    return done.stdout


def _last(said: bytes) -> str:
    """The last line of what a program said."""
    return (said.decode(errors="replace").strip().splitlines() or ["it gave no reason"])[-1][:200]


class _Tab:
    """One page in a Chromium, over the DevTools protocol: JSON on its pipes, each message ended by a zero byte."""

    def __init__(self, *, commands: BinaryIO, answers: int, log: Path) -> None:
        self._commands, self._answers, self._log = commands, answers, log
        self._count, self._session, self._rest, self._events = 0, "", b"", set[str]()

    def attach(self) -> None:
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def ask(self, method: str, /, **parameters: object) -> Mapping[str, Any]:
        """The answer to one request; DigestError when it is an error or none comes."""
        self._count += 1
        request = {"id": self._count, "method": method, "params": parameters}
        self._write(request | ({"sessionId": self._session} if self._session else {}))
        until = time.monotonic() + _PATIENCE
        while message := self._read(until):
            if message.get("id") != self._count:
                self._events.add(str(message.get("method")))
            elif "error" in message:
                raise _failed(str(message["error"]["message"]))
            else:
                answer: Mapping[str, Any] = message["result"]
                return answer
        raise _failed("it does not answer")

    def await_load(self) -> None:
        """Until the page and its pictures are there, or have taken too long."""
        until = time.monotonic() + _PICTURES
        while "Page.loadEventFired" not in self._events and (message := self._read(until)):
            self._events.add(str(message.get("method")))

    def _write(self, request: Mapping[str, object]) -> None:
        try:
            self._commands.write(json.dumps(request).encode() + b"\0")
            self._commands.flush()
        except BrokenPipeError as gone:
            raise _failed(_last(self._log.read_bytes())) from gone

    def _read(self, until: float) -> dict[str, Any] | None:
        """The next message, or None when there is none in time."""
        while b"\0" not in self._rest:
            if not select.select([self._answers], [], [], max(0, until - time.monotonic()))[0]:
                return None
            more = os.read(self._answers, 1 << 16)
            if not more:
                raise _failed(_last(self._log.read_bytes()))
            self._rest += more
        head, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(head)
        return message


def _failed(reason: str) -> DigestError:
    return DigestError(f"Chromium could not make the copy: {reason}", then="Try `chromium --headless --version`.")


@contextmanager
def _opened(html: str, *, width: int) -> Iterator[_Tab]:
    """A tab that shows the page."""
    with tempfile.TemporaryDirectory(prefix="digest-", ignore_cleanup_errors=True) as folder:
        file = Path(folder, "page.html")
        file.write_text(html, encoding="utf-8")
        with _started(Path(folder)) as tab:
            tab.attach()
            tab.ask("Page.enable")
            tab.ask("Emulation.setScriptExecutionDisabled", value=True)
            tab.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
            tab.ask("Page.navigate", url=file.as_uri())
            tab.await_load()
            yield tab


@contextmanager
def _started(folder: Path) -> Iterator[_Tab]:
    """A Chromium with all that it keeps in `folder`, ended in the end."""
    listens, commands = os.pipe()
    answers, speaks = os.pipe()
    with (
        os.fdopen(commands, "wb", buffering=0) as writing,
        os.fdopen(answers, "rb") as reading,
        Path(folder, "log").open("wb") as log,
    ):
        try:
            browser = subprocess.Popen(_command(folder), stdin=listens, stdout=speaks, stderr=log)  # noqa: S603 - fixed words
        finally:
            os.close(listens)
            os.close(speaks)
        try:
            yield _Tab(commands=writing, answers=reading.fileno(), log=Path(log.name))
        finally:
            browser.kill()
            browser.wait()


def _command(folder: Path) -> list[str]:
    chromium = _chromium()
    if not chromium:
        raise DigestError(
            "needs Chromium, and there is none on this machine",
            where="a copy to keep",
            then="Install it (Debian: apt install chromium); for a PDF alone WeasyPrint will do (pip install weasyprint).",
        )
    options = ["--headless", "--remote-debugging-pipe", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")  # Chromium refuses to put root into its sandbox
    # Chromium listens on file 3 and speaks on 4, which Python cannot hand to a child by number; a shell can.
    shell = ["/bin/sh", "-c", 'exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null']
    return [*shell, chromium, *options, f"--user-data-dir={folder}/profile"]
