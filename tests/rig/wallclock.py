"""A wall clock that a test can set, for one program and while it runs; its other clocks go on as they do."""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

SOURCE = Path(__file__).with_name("wallclock.c")


def missing() -> str:
    """Why there can be none here, "" when there can."""
    return "" if shutil.which("gcc") else "A C compiler is missing: apt-get install gcc libc6-dev"


def build(folder: Path) -> Path:
    library = folder / "wallclock.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE], check=True)
    return library


@dataclass(frozen=True, kw_only=True)
class Wallclock:
    """What a program is started with to go by this clock, and the hand that sets it."""

    library: Path
    file: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.library), "WALLCLOCK": str(self.file)}

    def set(self, at: datetime) -> None:
        """It is now `at`. Written beside and moved over, so that nobody reads half of it."""
        new = self.file.with_suffix(".new")
        new.write_text(str(round(at.timestamp() - time.time())))
        new.rename(self.file)
