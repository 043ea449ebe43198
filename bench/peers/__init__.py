"""Who else sends mail: one small file each, and this table. A peer that is not installed is said, not missed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from bench.measure import Lap, Way, run

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """`personal` is what it puts into each letter of its own: all of it, the head alone, or nothing.

    `needs` is the part that may be missing, `get` how to get it. `fewest` letters make a lap of a second or so on a slow
    machine.
    """

    name: str
    file: str
    personal: str = "all"
    words: tuple[str, ...] = ()
    fewest: int = 32
    needs: str = ""
    get: str = ""

    @property
    def missing(self) -> str:
        """What to say when it cannot race; "" when it can."""
        return "" if not self.needs or _there(self.needs) else f"{self.needs} is not installed: {self.get}"

    def way(self, port: int, *, material: Path) -> Way:
        """This peer into the sink at `port`."""
        return Way(self.name, partial(self._lap, port=port, material=material), self.fewest)

    def _lap(self, letters: int, *, port: int, material: Path) -> Lap:
        words = (str(port), str(letters), str(material), *self.words)
        if self.file.endswith(".js"):
            return run(("node", str(HERE / self.file), *words), letters=letters)
        interpreter = _interpreter("mailman") if self.needs == "mailman" else sys.executable
        return run((interpreter, "-m", f"bench.peers.{self.file}", *words), letters=letters)


def _there(part: str) -> bool:
    match part:
        case "nodemailer":
            return bool(shutil.which("node")) and (HERE.parent / "node_modules" / part).is_dir()
        case "smtp-source":
            return bool(shutil.which(part, path=f"{os.environ.get('PATH', '')}:/usr/sbin"))
        case "mailman":
            return bool(shutil.which(part))
        case _:
            return importlib.util.find_spec(part) is not None


def _interpreter(program: str) -> str:
    """The Python that an installed program runs under, by its first line."""
    first = Path(shutil.which(program) or program).read_text().partition("\n")[0]
    return first.removeprefix("#!").strip()


_POSTFIX, _NPM = "apt-get install postfix", "npm ci --prefix bench"
SMTP_SOURCE = Peer(
    name="smtp-source -s 10 -d", file="smtp_source", personal="nothing", fewest=2048, needs="smtp-source", get=_POSTFIX
)
AIOSMTPLIB = Peer(
    name="aiosmtplib, 10 conns",
    file="aiosmtplib_ready",
    personal="head",
    needs="aiosmtplib",
    get="pip install aiosmtplib",
)
THREADS = Peer(name="smtplib, 10 threads", file="smtplib_threads", personal="head")
NODEMAILER = Peer(name="nodemailer pool 10, html", file="nodemailer.js", words=("html",), needs="nodemailer", get=_NPM)

PEERS = (
    SMTP_SOURCE,
    Peer(name="smtplib, ready bytes", file="smtplib_ready", personal="head", fewest=256),
    Peer(name="smtplib + EmailMessage", file="smtplib_message"),
    AIOSMTPLIB,
    Peer(
        name="Django send_mass_mail", file="django_mass", personal="text only", needs="django", get="pip install django"
    ),
    replace(NODEMAILER, name="nodemailer pool 10, raw", words=("raw",), personal="head"),
    NODEMAILER,
    replace(NODEMAILER, name="nodemailer, html + DKIM", words=("dkim",)),
    Peer(
        name="Mailman 3, Deliver", file="mailman_core", personal="head", needs="mailman", get="apt-get install mailman3"
    ),
)
